/**
 * The one error class of the library. It carries facts that a program can act on and never a secret:
 * no value, no foreign error as `cause`, no foreign message copied whole.
 *
 * @module
 */

/**
 * What went wrong; the part of an error to switch on.
 *
 * - `ERR_REFERENCE_INVALID`: a reference that cannot be; found before anything is sent.
 * - `ERR_NOT_FOUND`: no such secret, parameter, version, stage or label, or a secret scheduled for deletion.
 * - `ERR_FIELD_NOT_FOUND`: the value is there, the `#field` is not.
 * - `ERR_ACCESS_DENIED`: IAM or a resource policy refused.
 * - `ERR_DECRYPT`: KMS refused or cannot: key denied, disabled or deleted.
 * - `ERR_CREDENTIALS`: no, expired or unrecognised AWS credentials, or a refused signature.
 * - `ERR_THROTTLED`: still over the rate limit when attempts or time ran out.
 * - `ERR_TIMEOUT`: the client's own deadline passed.
 * - `ERR_UNAVAILABLE`: network failure, 5xx, or a malformed or empty answer.
 * - `ERR_REQUEST_REFUSED`: any other answer by which the service calls the request invalid.
 * - `ERR_RESPONSE_MISMATCH`: the answer names another secret, region or version than was asked for.
 * - `ERR_DECODE`: not JSON, not UTF-8, or JSON with keys that could poison a prototype.
 * - `ERR_SCHEMA`: decoded, but refused by the schema, or the schema itself threw.
 * - `ERR_LOAD`: several references were read together and some failed.
 * - `ERR_CLOSED`: used after `close()`.
 * - `ERR_MISSING_PEER`: an optional peer dependency is not installed.
 * - `ERR_ROTATION`: a step of a rotation cannot be done; only `aws-secrets-client/rotation` has it.
 */
export type SecretsErrorCode =
  | 'ERR_REFERENCE_INVALID'
  | 'ERR_NOT_FOUND'
  | 'ERR_FIELD_NOT_FOUND'
  | 'ERR_ACCESS_DENIED'
  | 'ERR_DECRYPT'
  | 'ERR_CREDENTIALS'
  | 'ERR_THROTTLED'
  | 'ERR_TIMEOUT'
  | 'ERR_UNAVAILABLE'
  | 'ERR_REQUEST_REFUSED'
  | 'ERR_RESPONSE_MISMATCH'
  | 'ERR_DECODE'
  | 'ERR_SCHEMA'
  | 'ERR_LOAD'
  | 'ERR_CLOSED'
  | 'ERR_MISSING_PEER'
  | 'ERR_ROTATION'

/** The facts that a {@link SecretsError} is made of. */
export interface SecretsErrorInit {
  /** What happened, one sentence without the reference and without a final full stop. */
  readonly what: string
  /** The canonical reference that the error is about. */
  readonly ref?: string
  /** What to do next, one sentence. */
  readonly hint?: string
  /** Requests made for the read that failed. */
  readonly attempts?: number
  /** AWS request id of the last answer. */
  readonly requestId?: string
  /** Whether the failure may pass by itself, where the code alone does not tell. */
  readonly retryable?: boolean
  /** Milliseconds that the service asked to wait for. */
  readonly retryAfterMs?: number
  /** Failures of the single references, where several were read together. */
  readonly errors?: Readonly<Record<string, SecretsError>>
  /** Secrets Manager: id of the version that the error is about. */
  readonly versionId?: string
  /** Parameter Store: number of the version that the error is about. */
  readonly version?: number
}

/** Codes of failures that may pass by themselves. */
const RETRYABLE: ReadonlySet<SecretsErrorCode> = new Set(['ERR_THROTTLED', 'ERR_TIMEOUT', 'ERR_UNAVAILABLE'])

/** The frames above a call, for errors that come to be long after those frames are gone. */
export interface CallSite {
  /** Formatted by V8 when it is read: `Error` and a line for each frame. */
  readonly stack?: unknown
}

/** Remembers from where the function that calls this was called; cheap, nothing is formatted. */
export function callSite(): CallSite {
  const site: CallSite = {}
  Error.captureStackTrace(site, callSite)
  return site
}

const BRAND = Symbol.for('aws-secrets-client.SecretsError')

/**
 * A read that failed: a `code` to switch on, what happened, and a `hint` at what to do next.
 *
 * The message reads `<ref>: <what happened>. <hint>`. No member ever holds a secret's value.
 */
export class SecretsError extends Error {
  /** What went wrong; the part to switch on. */
  readonly code: SecretsErrorCode
  /** The canonical reference that was read, where one was. */
  declare readonly ref?: string
  /** Whether the same read may succeed later without anybody changing anything. */
  readonly retryable: boolean
  /** Requests made to AWS for this read; 0 when it was refused before anything was sent. */
  readonly attempts: number
  /** AWS request id of the answer that failed, for support cases and CloudTrail. */
  declare readonly requestId?: string
  /** Milliseconds that the service asked to wait for before the next request, where it did. */
  declare readonly retryAfterMs?: number
  /** Secrets Manager: id of the version that could not be decoded. */
  declare readonly versionId?: string
  /** Parameter Store: number of the version that could not be decoded. */
  declare readonly version?: number
  /** `ERR_LOAD` only: what failed: by alias for a load, by reference for a prefetch. */
  declare readonly errors?: Readonly<Record<string, SecretsError>>
  /** What happened, the part of the message between reference and hint. */
  declare readonly what: string
  /** What to do next, also at the end of the message. */
  declare readonly hint?: string

  /** Builds the message from the parts; `code` decides `retryable` where the facts do not. */
  constructor(code: SecretsErrorCode, given: SecretsErrorInit) {
    // Without a prototype: a polluted one would give the error facts of its own.
    const init: SecretsErrorInit = { ...given }
    Object.setPrototypeOf(init, null)
    const subject = init.ref === undefined ? '' : `${init.ref}: `
    const hint = init.hint === undefined ? '' : ` ${init.hint}`
    super(`${subject}${init.what}.${hint}`)
    this.code = code
    if (init.ref !== undefined) this.ref = init.ref
    this.retryable = init.retryable ?? RETRYABLE.has(code)
    this.attempts = init.attempts ?? 0
    if (init.requestId !== undefined) this.requestId = init.requestId
    if (init.retryAfterMs !== undefined) this.retryAfterMs = init.retryAfterMs
    if (init.versionId !== undefined) this.versionId = init.versionId
    if (init.version !== undefined) this.version = init.version
    // The message has both already: an inspection should not print them twice.
    Object.defineProperty(this, 'what', { value: init.what })
    if (init.hint !== undefined) Object.defineProperty(this, 'hint', { value: init.hint })
    if (init.errors !== undefined) Object.defineProperty(this, 'errors', { value: init.errors })
    Object.defineProperty(this, BRAND, { value: true })
  }

  /** The same facts as plain data, for structured logs. */
  toJSON(): Record<string, unknown> {
    const { name, code, message, ref, versionId, version, retryable, attempts, requestId, retryAfterMs } =
      this
    const { hint, errors } = this
    const facts = { name, code, message, ref, versionId, version, retryable, attempts, requestId }
    return { ...facts, retryAfterMs, hint, errors }
  }
}

Object.defineProperty(SecretsError.prototype, 'name', { value: 'SecretsError', configurable: true })

// Facts that an error does not have are not looked for on a polluted `Object.prototype`.
for (const fact of ['ref', 'requestId', 'retryAfterMs', 'versionId', 'version', 'errors', 'hint']) {
  Object.defineProperty(SecretsError.prototype, fact, {
    value: undefined,
    writable: true,
    configurable: true,
  })
}

/** What is the caller's own of an error that several callers get. */
export interface CallerInit {
  /** The reference as this caller wrote it, canonically. */
  readonly ref: string
  /** Requests that were made for it. */
  readonly attempts: number
  /** From where it was asked for; without it the frames are those of whoever awaits it, as V8 finds them. */
  readonly site: CallSite | undefined
}

/** The same error for one of several callers: an object of its own. */
export function errorForCaller(error: SecretsError, { ref, attempts, site }: CallerInit): SecretsError {
  const own = errorWith(error, { ref, attempts })
  if (site === undefined) return own
  const { stack } = site
  // Only as V8 formats it: `Error.prepareStackTrace` may have made anything of it.
  const frames = typeof stack === 'string' && stack.includes('\n') ? stack.slice(stack.indexOf('\n')) : ''
  own.stack = `${own.name}: ${own.message}${frames}`
  return own
}

/** The same error about another reference, where it is about one, with another number of requests, and other facts. */
export function errorWith(
  error: SecretsError,
  {
    ref,
    attempts,
    ...changed
  }: { readonly ref: string; readonly attempts: number } & Partial<SecretsErrorInit>,
): SecretsError {
  const { code, what, hint, requestId, retryable, retryAfterMs, errors, versionId, version } = error
  return new SecretsError(code, {
    what,
    attempts,
    retryable,
    ...(error.ref !== undefined && { ref }),
    ...(versionId !== undefined && { versionId }),
    ...(version !== undefined && { version }),
    ...(hint !== undefined && { hint }),
    ...(requestId !== undefined && { requestId }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    ...(errors !== undefined && { errors }),
    ...changed,
  })
}

/**
 * Tells whether something thrown is a {@link SecretsError}, of the given code if one is given.
 *
 * Works across duplicate copies of the library (ESM beside CJS, two versions), where `instanceof` does not.
 *
 * @example
 * ```ts
 * try {
 *   await secrets.get('prod/db')
 * } catch (error) {
 *   if (isSecretsError(error, 'ERR_NOT_FOUND')) return undefined
 *   throw error
 * }
 * ```
 */
export function isSecretsError(error: unknown, code?: SecretsErrorCode): error is SecretsError {
  if (typeof error !== 'object' || error === null) return false
  try {
    return BRAND in error && (code === undefined || Reflect.get(error, 'code') === code)
  } catch {
    // A proxy that throws when it is looked at is none of ours.
    return false
  }
}
