/**
 * Failures in the shape in which the AWS SDK raises them, so that the client's own classification, hints and retries run
 * for real.
 *
 * @module
 */

import { type Service, type SecretsErrorCode, SecretsError } from 'aws-secrets-client'
import { describe } from './checks.js'

/** The codes that a source can be the cause of. */
export type FakeFailureCode = Extract<
  SecretsErrorCode,
  | 'ERR_NOT_FOUND'
  | 'ERR_ACCESS_DENIED'
  | 'ERR_DECRYPT'
  | 'ERR_CREDENTIALS'
  | 'ERR_THROTTLED'
  | 'ERR_TIMEOUT'
  | 'ERR_UNAVAILABLE'
  | 'ERR_REQUEST_REFUSED'
  | 'ERR_RESPONSE_MISMATCH'
>

/**
 * How something fails: with the code that the client is to reject with; as AWS calls it, such as
 * `'InternalServiceError'`; or as Node.js calls a broken connection, such as `'ECONNRESET'`.
 */
export type FakeFailure = FakeFailureCode | (string & Record<never, never>)

/** Never an answer: the client gives up by its own deadline. */
export const SILENT = 'silent'

/** A failure that may be raised any number of times. */
export type Failure = typeof SILENT | ((asked: Asked) => Error)

/** What an error tells of the request. */
interface Asked {
  readonly service: Service
  readonly operation: string
  readonly requestId: string
  /** Name or ARN that was asked for. */
  readonly id: string
  readonly retryAfterMs?: number | undefined
}

/** Names by service, Secrets Manager first. */
const NAMES: Readonly<Record<string, readonly [string, string]>> = {
  ERR_NOT_FOUND: ['ResourceNotFoundException', 'ParameterNotFound'],
  ERR_ACCESS_DENIED: ['AccessDeniedException', 'AccessDeniedException'],
  ERR_DECRYPT: ['DecryptionFailure', 'InvalidKeyId'],
  ERR_CREDENTIALS: ['ExpiredTokenException', 'ExpiredTokenException'],
  ERR_THROTTLED: ['ThrottlingException', 'ThrottlingException'],
  ERR_UNAVAILABLE: ['InternalServiceError', 'InternalServerError'],
  ERR_REQUEST_REFUSED: ['InvalidParameterException', 'ValidationException'],
}

const TEXTS: Readonly<Record<string, string>> = {
  ResourceNotFoundException: "Secrets Manager can't find the specified secret.",
  DecryptionFailure: "Secrets Manager can't decrypt the protected secret text using the provided KMS key.",
  ExpiredTokenException: 'The security token included in the request is expired',
  InternalServiceError: 'An error occurred on the server side.',
  InternalServerError: 'An error occurred on the server side.',
  ThrottlingException: 'Rate exceeded',
}

/** An error that a service answers with, as the SDK throws it. */
class ServiceError extends Error {
  readonly $fault: 'client' | 'server'
  readonly $metadata: {
    readonly httpStatusCode: number
    readonly requestId: string
    readonly attempts: 1
    readonly totalRetryDelay: 0
  }
  declare readonly $response?: { readonly statusCode: number; readonly headers: Record<string, string> }

  constructor(name: string, { service, operation, requestId, id, retryAfterMs }: Asked) {
    super(name === 'AccessDeniedException' ? denial(service, operation, id) : (TEXTS[name] ?? ''))
    Object.defineProperty(this, 'name', { value: name })
    const status = statusOf(name)
    this.$fault = status < 500 ? 'client' : 'server'
    this.$metadata = { httpStatusCode: status, requestId, attempts: 1, totalRetryDelay: 0 }
    if (retryAfterMs === undefined) return
    const headers = { 'x-amz-retry-after': String(retryAfterMs) }
    this.$response = { statusCode: status, headers }
  }
}

/** A connection that broke, as Node.js raises it and the SDK passes it on. */
class ConnectionError extends Error {
  readonly code: string
  readonly $metadata = { attempts: 1, totalRetryDelay: 0 }

  constructor(code: string) {
    super(`connect ${code} 127.0.0.1:443`)
    this.code = code
  }
}

/** The failure of a service that has nothing under a reference. */
export function absence(name: string): Failure {
  return (asked) => new ServiceError(name, asked)
}

/** No connection at all. */
export const refusedConnection: Failure = () => new ConnectionError('ECONNREFUSED')

/**
 * The failure that a test names.
 *
 * @throws TypeError for a name that is none, and for a code that no source is the cause of.
 */
export function failureNamed(where: string, failure: FakeFailure): Failure {
  if (typeof failure !== 'string') {
    throw new TypeError(`${where}: expected the name of a failure, got ${describe(failure)}`)
  }
  if (failure === 'ERR_TIMEOUT') return SILENT
  if (failure === 'ERR_RESPONSE_MISMATCH') return ({ id }) => mismatch(id)
  const names = Object.hasOwn(NAMES, failure) ? NAMES[failure] : undefined
  if (names !== undefined) {
    return (asked) => new ServiceError(names[asked.service === 'ssm' ? 1 : 0], asked)
  }
  if (/^E[A-Z]{2,20}(?:_[A-Z]+)?$/.test(failure) && !failure.startsWith('ERR_')) {
    return () => new ConnectionError(failure)
  }
  if (/^[A-Z][A-Za-z0-9]{2,63}$/.test(failure)) return absence(failure)
  const codes = [...Object.keys(NAMES), 'ERR_TIMEOUT', 'ERR_RESPONSE_MISMATCH'].join(', ')
  const expected = `one of ${codes}, a name such as 'ThrottlingException', or 'ECONNRESET'`
  throw new TypeError(`${where}: expected ${expected}. For a value of the wrong kind: vault.set()`)
}

/** What the log calls it. */
export function nameOf(failure: Error): string {
  return failure instanceof ConnectionError || failure instanceof SecretsError ? failure.code : failure.name
}

function mismatch(ref: string): SecretsError {
  const what = 'the answer is for another version than was asked for'
  return new SecretsError('ERR_RESPONSE_MISMATCH', { ref, what, attempts: 1 })
}

function statusOf(name: string): number {
  if (name.startsWith('Internal')) return 500
  return name.startsWith('ServiceUnavailable') ? 503 : 400
}

function denial(service: Service, operation: string, id: string): string {
  const caller = 'arn:aws:sts::123456789012:assumed-role/app/session'
  const why = `because no identity-based policy allows the ${service}:${operation} action`
  return `User: ${caller} is not authorized to perform: ${service}:${operation} on resource: ${id} ${why}`
}
