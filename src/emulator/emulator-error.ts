/**
 * The refusals that the emulator answers with, in AWS's own names.
 *
 * @module
 */

/** What an {@link EmulatorError} is made of beside its code. */
export interface EmulatorErrorInit {
  /** AWS's text; some errors of Parameter Store have none, and then none is sent. */
  readonly message?: string
  /**
   * HTTP status.
   *
   * @defaultValue 500 for `Internal…`, 503 for `ServiceUnavailable…`, 400 for all others
   */
  readonly status?: number
  /** Extra response headers, such as `retry-after`. */
  readonly headers?: Readonly<Record<string, string>>
}

/**
 * An operation refused as AWS would refuse it; what `emulator.call` throws.
 *
 * Over HTTP the same refusal is the response `{"__type": code, "Message": message}` with {@link EmulatorError.status}.
 * No member ever holds a secret's or a parameter's value.
 */
export class EmulatorError extends Error {
  /** AWS's name for the error, for example `ResourceNotFoundException` or `ParameterNotFound`. */
  readonly code: string
  /** HTTP status of the response. */
  readonly status: number
  /** Extra response headers. */
  readonly headers: Readonly<Record<string, string>>
  /** AWS's text, absent for errors that AWS sends without one. */
  readonly wireMessage?: string

  /** Takes AWS's name for the error, and its text if it has one. */
  constructor(code: string, init: EmulatorErrorInit = {}) {
    super(init.message === undefined ? code : `${code}: ${init.message}`)
    this.code = code
    this.status = init.status ?? defaultStatus(code)
    this.headers = init.headers ?? {}
    if (init.message !== undefined) this.wireMessage = init.message
  }
}

Object.defineProperty(EmulatorError.prototype, 'name', { value: 'EmulatorError', configurable: true })

/** Shorthand for the common case of a code and AWS's text. */
export function refusal(code: string, message?: string): EmulatorError {
  return new EmulatorError(code, message === undefined ? {} : { message })
}

/** Source: the service models, where no error carries an `httpError` trait: Smithy's defaults apply. */
function defaultStatus(code: string): number {
  if (code.startsWith('Internal')) return 500
  return code.startsWith('ServiceUnavailable') ? 503 : 400
}
