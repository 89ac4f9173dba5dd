/**
 * What the emulator remembers of the requests that reached it: never a value.
 *
 * @module
 */
import type { Input } from './input.js'

/** One request that arrived over HTTP. */
export interface RequestRecord {
  /** When it arrived, in milliseconds since the Unix epoch by the emulator's clock. */
  readonly at: number
  /** `x-amzn-requestid` of the answer. */
  readonly requestId: string
  /** The service it was for. */
  readonly service: 'secretsmanager' | 'ssm'
  /** For example `GetSecretValue`. */
  readonly operation: string
  /** Secret ids, parameter names or paths as they were asked for; empty for operations without. */
  readonly ids: readonly string[]
  /** Region that it was signed for. */
  readonly region: string
  /** Which try of the SDK this was, from `amz-sdk-request: attempt=1; max=3`; absent without that header. */
  readonly attempt?: number
  /** HTTP status of the answer; absent if none was sent. */
  readonly status?: number
  /** AWS's name of the error that was answered; absent for successes and raw bodies. */
  readonly error?: string
}

/** The oldest records are forgotten beyond this many; the counts go on. */
const MAX_RECORDS = 10_000

/** The log of one emulator. */
export class RequestLog {
  readonly #counts = new Map<string, number>()
  #records: RequestRecord[] = []
  #total = 0

  /** Adds a record at the end. */
  add(record: RequestRecord): void {
    if (this.#records.length >= MAX_RECORDS) this.#records.shift()
    this.#records.push(Object.freeze(record))
    this.#total += 1
    this.#counts.set(record.operation, this.count(record.operation) + 1)
  }

  /** All records that are kept, oldest first; a copy. */
  records(): readonly RequestRecord[] {
    return [...this.#records]
  }

  /** How many requests came, for one operation or in all. */
  count(operation?: string): number {
    return operation === undefined ? this.#total : (this.#counts.get(operation) ?? 0)
  }

  /** Forgets everything. */
  clear(): void {
    this.#records = []
    this.#total = 0
    this.#counts.clear()
  }
}

const ID_MEMBERS = ['SecretId', 'Name', 'Path', 'SecretIdList', 'Names']

/** The secrets, parameters or paths that a request names, under whatever member. Never throws. */
export function idsIn(input: Input): readonly string[] {
  return ID_MEMBERS.flatMap((key) => input.anyTexts(key))
}
