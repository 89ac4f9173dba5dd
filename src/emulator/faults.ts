/**
 * Failures that a test scripts: which request they hit, how often, and in what form.
 *
 * @module
 */
import { EmulatorError } from './emulator-error.js'
import type { KnownOperation } from './operations.js'

/** AWS's error of a certain name. */
export interface ErrorFault {
  /** For example `ThrottlingException`, `InternalServiceError`, `ExpiredTokenException`. */
  readonly error: string
  /**
   * Text of the error.
   *
   * @defaultValue what AWS sends with it, where that is known
   */
  readonly message?: string
  /**
   * HTTP status, 200 to 599.
   *
   * @defaultValue 500 for `Internal…`, 503 for `ServiceUnavailable…`, 400 for all others
   */
  readonly status?: number
  /** Extra response headers, for example `{ 'retry-after': '3' }`. */
  readonly headers?: Readonly<Record<string, string>>
}

/** Exactly the body that is given, as a broken proxy may send it. */
export interface BodyFault {
  /** For example `''`, `'{}'`, `'not json'` or an HTML page. */
  readonly body: string
  /**
   * HTTP status, 200 to 599.
   *
   * @defaultValue 200
   */
  readonly status?: number
  /** Extra response headers. */
  readonly headers?: Readonly<Record<string, string>>
}

/** No complete answer. */
export interface DropFault {
  /**
   * `'reset'` cuts the connection at once, `'never-answer'` holds it until the client gives up, `'truncate'` cuts it in
   * the middle of the real answer's body.
   */
  readonly drop: 'reset' | 'never-answer' | 'truncate'
}

/** What happens to a request instead of its answer. */
export type Fault = ErrorFault | BodyFault | DropFault

/** Which requests a fault hits. */
export interface FaultOptions {
  /**
   * How many requests it hits before it is used up; a whole number of at least 1, or `Infinity`.
   *
   * @defaultValue `Infinity`
   */
  readonly times?: number
  /**
   * Only requests for a certain secret or parameter: a pattern with `*` and `?` for its name or ARN, or a function of
   * each id as it was asked for.
   */
  readonly match?: string | ((id: string) => boolean)
}

/** A request as faults see it. */
export interface FaultTarget {
  readonly operation: KnownOperation
  /** Ids as asked for. */
  readonly ids: readonly string[]
  /** Tells whether a pattern fits one of the ids, under any name that its resource is known by. */
  readonly fits: (pattern: string) => boolean
}

interface ScriptedFault {
  readonly operation: string
  readonly fault: Fault
  readonly match: FaultOptions['match']
  left: number
}

/** The faults of one emulator, in the order in which they were scripted. */
export class Faults {
  readonly #scripted = new Set<ScriptedFault>()

  /** Adds a fault for an operation, or for `*`; the function that comes back removes it. */
  add(operation: string, fault: Fault, { times = Infinity, match }: FaultOptions): () => void {
    const scripted: ScriptedFault = { operation, fault, match, left: times }
    this.#scripted.add(scripted)
    return () => void this.#scripted.delete(scripted)
  }

  /** The oldest fault that hits the request, one use of which is now spent. */
  take(target: FaultTarget): Fault | undefined {
    for (const scripted of this.#scripted) {
      if (!hits(scripted, target)) continue
      scripted.left -= 1
      if (scripted.left < 1) this.#scripted.delete(scripted)
      return scripted.fault
    }
    return undefined
  }

  /** Removes all faults. */
  clear(): void {
    this.#scripted.clear()
  }
}

function hits({ operation, match }: ScriptedFault, target: FaultTarget): boolean {
  if (operation !== '*' && operation !== target.operation.name) return false
  if (match === undefined) return true
  return typeof match === 'string' ? target.fits(match) : target.ids.some((id) => match(id))
}

/** Source: messages seen in the field; the documentation of InternalServiceError, Secrets Manager API Reference. */
const MESSAGES: Readonly<Record<string, string>> = {
  ExpiredTokenException: 'The security token included in the request is expired',
  InternalServerError: 'An error occurred on the server side.',
  InternalServiceError: 'An error occurred on the server side.',
  ThrottlingException: 'Rate exceeded',
  UnrecognizedClientException: 'The security token included in the request is invalid.',
}

/** The refusal that an error fault stands for. */
export function errorOfFault({ error, message, status, headers }: ErrorFault): EmulatorError {
  const text = message ?? MESSAGES[error]
  return new EmulatorError(error, {
    ...(text !== undefined && { message: text }),
    ...(status !== undefined && { status }),
    ...(headers !== undefined && { headers }),
  })
}
