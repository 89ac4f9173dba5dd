/**
 * Answers the requests of the fake's sources, as its shelf and its script have it.
 *
 * @module
 */

import type {
  LoadContext,
  LoadResult,
  ParameterPage,
  ParameterReference,
  Reference,
} from 'aws-secrets-client'
import { type Failure, SILENT, absence, nameOf } from './raised.js'
import type { FakeOperation, RequestLog } from './request-log.js'
import { type Script, type Target, idsOf } from './script.js'
import { type Shelf, partialArnOf } from './shelf.js'

/** Where ARNs of the fake are, for the hints of errors. */
const REGION = 'eu-west-1'

/** As many as AWS gives at most. */
const PAGE_SIZE = 10

/** What a service of the fake needs. */
export interface FakeServiceTools {
  readonly shelf: Shelf
  readonly script: Script
  readonly log: RequestLog
  readonly now: () => number
  /** Sleeps, for ever where it is `Infinity`; rejects when the signal aborts. */
  readonly pause: (ms: number, signal: AbortSignal) => Promise<void>
}

/** What is thrown, or that there is no answer. */
type Raised = Error | typeof SILENT

/** A request as it came. */
interface Arrived {
  readonly whole: Raised | undefined
  readonly each: ReadonlyMap<Reference, Raised>
  readonly delayMs: number
}

/** Both services of one fake. */
export class FakeService {
  readonly #tools: FakeServiceTools
  #numbered = 0

  constructor(tools: FakeServiceTools) {
    this.#tools = tools
  }

  /** One result for each reference, in order. Rejects where the request fails as a whole. */
  async load(
    operation: FakeOperation,
    references: readonly Reference[],
    context: LoadContext,
  ): Promise<readonly LoadResult[]> {
    const arrived = this.#arrive(operation, references, context)
    // Read as the request arrives, as AWS does: what changes while the answer is on its way is not in it.
    const results = references.map((reference) => this.#resultOf(reference, arrived))
    await this.#answer(arrived, context)
    return results
  }

  /** A page of the parameters below a path. Rejects where the request fails. */
  async loadPage(
    path: ParameterReference,
    nextToken: string | undefined,
    context: LoadContext,
  ): Promise<ParameterPage> {
    const arrived = this.#arrive('GetParametersByPath', [path], context)
    const [failure] = arrived.each.values()
    const found = this.#tools.shelf.below(path.name ?? '')
    await this.#answer({ ...arrived, whole: arrived.whole ?? failure }, context)
    const start = Number(nextToken ?? 0)
    const end = start + PAGE_SIZE
    const parameters = found.slice(start, end)
    return end < found.length ? { parameters, nextToken: String(end) } : { parameters }
  }

  #arrive(operation: FakeOperation, references: readonly Reference[], context: LoadContext): Arrived {
    context.signal.throwIfAborted()
    context.onRequest?.(operation)
    const { script } = this.#tools
    const targets = references.map((reference) => this.#targetOf(reference))
    const { whole, each, retryAfterMs } = script.take(targets)
    const requestId = this.#nextRequestId()
    const raise = (reference: Reference, failure: Failure): Raised => {
      const { service, arn, name } = reference
      const id = arn ?? name ?? ''
      return failure === SILENT ? SILENT : failure({ service, operation, requestId, id, retryAfterMs })
    }
    const failed = new Map<Reference, Raised>()
    for (const target of targets) {
      const failure = each.get(target) ?? this.#absenceOf(target.reference, operation)
      if (failure !== undefined) failed.set(target.reference, raise(target.reference, failure))
    }
    const [first] = references
    const raised = first === undefined || whole === undefined ? undefined : raise(first, whole)
    this.#record(operation, references, raised ?? [...failed.values()][0])
    return { whole: raised, each: failed, delayMs: script.delayMs(targets) }
  }

  #record(operation: FakeOperation, references: readonly Reference[], error: Raised | undefined): void {
    const { log, now } = this.#tools
    log.add({
      at: now(),
      service: references[0]?.service ?? 'secretsmanager',
      operation,
      refs: Object.freeze(references.map(({ key }) => key)),
      ...(error !== undefined && { error: error === SILENT ? 'no answer' : nameOf(error) }),
    })
  }

  async #answer({ whole, each, delayMs }: Arrived, { signal }: LoadContext): Promise<void> {
    const isSilent = whole === SILENT || [...each.values()].includes(SILENT)
    if (isSilent || delayMs > 0) await this.#tools.pause(isSilent ? Infinity : delayMs, signal)
    signal.throwIfAborted()
    if (whole instanceof Error) throw whole
  }

  #resultOf(reference: Reference, { each }: Arrived): LoadResult {
    const error = each.get(reference)
    if (error !== undefined) return { error, region: REGION }
    const value = this.#tools.shelf.read(reference)
    return value === undefined ? { isUnanswered: true } : { value }
  }

  #absenceOf(reference: Reference, operation: FakeOperation): Failure | undefined {
    const { shelf } = this.#tools
    // AWS answers an empty page where there is nothing below a path.
    if (operation === 'GetParametersByPath' || shelf.read(reference) !== undefined) return undefined
    if (reference.service === 'secretsmanager') return absence('ResourceNotFoundException')
    const hasOthers = operation === 'GetParameter' && shelf.item(reference) !== undefined
    return absence(hasOthers ? 'ParameterVersionNotFound' : 'ParameterNotFound')
  }

  #targetOf(reference: Reference): Target {
    const item = this.#tools.shelf.item(reference)
    const known =
      item === undefined
        ? []
        : [item.arn, partialArnOf(item)].flatMap((arn) => idsOf({ ...reference, name: item.name, arn }))
    return { reference, ids: [...new Set([...idsOf(reference), ...known])] }
  }

  #nextRequestId(): string {
    this.#numbered += 1
    return `00000000-0000-4000-8000-${String(this.#numbered).padStart(12, '0')}`
  }
}
