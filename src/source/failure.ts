/**
 * Names what a failure of a source means, in one of our codes and our own words.
 *
 * Classified by the error's *name*, never by `instanceof` (copies of the SDK differ) and by HTTP status only
 * where the name says nothing. Pure. A foreign message is looked at and never passed on: SDK errors quote
 * bodies, and bodies hold secrets.
 *
 * @module
 */

import { SecretsError, type SecretsErrorCode, isSecretsError } from '../errors.js'
import type { Reference } from '../reference/reference.js'
import { memberOf } from '../stored-value.js'
import { type Fields, isFields, optional, requestIdOf, stringIn } from './answer.js'
import { isUnsent } from './credentials.js'
import { hintFor } from './hint.js'
import { retryAfterMsOf } from './retry-after.js'

/** A code with what happened in words, and whether it may pass where the code alone does not tell. */
interface Meaning {
  readonly code: SecretsErrorCode
  readonly what: string
  readonly retryable: boolean | undefined
}

const meaning = (code: SecretsErrorCode, what: string, retryable?: boolean): Meaning => ({
  code,
  what,
  retryable,
})

const NOT_FOUND = meaning('ERR_NOT_FOUND', 'there is no such secret, parameter or version')
const DELETED = meaning('ERR_NOT_FOUND', 'the secret is scheduled for deletion')
const DENIED = meaning('ERR_ACCESS_DENIED', 'access was denied')
const DECRYPT = meaning(
  'ERR_DECRYPT',
  'the value could not be decrypted: KMS refused, or the key is unusable',
)
const CREDENTIALS = meaning('ERR_CREDENTIALS', 'the AWS credentials are missing, expired or not accepted')
const UNRENEWED = meaning('ERR_CREDENTIALS', CREDENTIALS.what, true)
const THROTTLED = meaning('ERR_THROTTLED', 'the service is throttling requests')
const UNAVAILABLE = meaning('ERR_UNAVAILABLE', 'the service could not be reached or could not answer')
const UNIMPLEMENTED = meaning('ERR_UNAVAILABLE', 'what answered does not know the operation', false)
const INSECURE = meaning('ERR_UNAVAILABLE', 'no secure connection could be made', false)
const WRONG_AGENT = meaning(
  'ERR_UNAVAILABLE',
  'the agent for sockets is for another protocol than the endpoint',
  false,
)
const GARBLED = meaning('ERR_UNAVAILABLE', 'the answer of the service could not be read')
const UNFORESEEN = meaning('ERR_UNAVAILABLE', 'the source failed in an unforeseen way')
const REFUSED = meaning('ERR_REQUEST_REFUSED', 'the service refused the request')

// Names are those of the service models and of the SDK; see "Common Errors" of both API references.
const BY_NAME: ReadonlyMap<string, Meaning> = new Map([
  ...each(NOT_FOUND, 'ResourceNotFoundException ParameterNotFound ParameterVersionNotFound'),
  ...each(DENIED, 'AccessDeniedException AccessDenied NotAuthorized UnauthorizedOperation'),
  ...each(DECRYPT, 'DecryptionFailure InvalidKeyId KMSAccessDeniedException KMSDisabledException'),
  ...each(DECRYPT, 'KMSInvalidStateException KMSNotFoundException'),
  // What a provider, a renewal or a corrected clock may mend, and what it cannot.
  ...each(UNRENEWED, 'CredentialsProviderError TokenProviderError ProviderError ExpiredToken'),
  ...each(UNRENEWED, 'ExpiredTokenException RequestExpired RequestInTheFuture RequestTimeTooSkewed'),
  ...each(CREDENTIALS, 'UnrecognizedClientException InvalidClientTokenId MissingAuthenticationToken'),
  ...each(CREDENTIALS, 'MissingAuthenticationTokenException IncompleteSignature OptInRequired'),
  ...each(CREDENTIALS, 'IncompleteSignatureException InvalidSignatureException SignatureDoesNotMatch'),
  ...each(CREDENTIALS, 'AuthFailure InvalidAccessKeyId'),
  // As in @smithy/core's service-error-classification, less LimitExceededException: for these services it
  // reports a quota that waiting does not cure.
  ...each(THROTTLED, 'ThrottlingException Throttling ThrottledException RequestThrottled SlowDown'),
  ...each(THROTTLED, 'RequestThrottledException TooManyRequestsException RequestLimitExceeded'),
  ...each(THROTTLED, 'BandwidthLimitExceeded EC2ThrottledException PriorRequestNotComplete'),
  ...each(THROTTLED, 'ProvisionedThroughputExceededException TransactionInProgressException'),
  ...each(UNAVAILABLE, 'InternalServiceError InternalServerError InternalFailure ServiceUnavailable'),
  ...each(UNAVAILABLE, 'ServiceUnavailableException TimeoutError RequestTimeout RequestTimeoutException'),
  ...each(GARBLED, 'SyntaxError'),
  ...each(REFUSED, 'InvalidParameterException InvalidRequestException ValidationException'),
  ...each(REFUSED, 'LimitExceededException UnknownOperationException EndpointError'),
])

const SOCKET_CODES: ReadonlySet<string> = new Set(
  (
    'ECONNRESET ECONNREFUSED ECONNABORTED EPIPE ETIMEDOUT EHOSTUNREACH EHOSTDOWN ENETUNREACH ENETDOWN ENOTFOUND ' +
    'EAI_AGAIN EADDRNOTAVAIL ERR_STREAM_PREMATURE_CLOSE ERR_SOCKET_CONNECTION_TIMEOUT'
  ).split(' '),
)

/** Codes of Node.js and of OpenSSL; see "X509 certificate error codes" in the documentation of `node:tls`. */
const INSECURE_CODE =
  /^(?:EPROTO$|ERR_TLS_|ERR_SSL_|CERT_|CRL_|ERROR_IN_C|SELF_SIGNED_|DEPTH_ZERO_|UNABLE_TO_|INVALID_CA$|INVALID_PURPOSE$|PATH_LENGTH_EXCEEDED$|HOSTNAME_MISMATCH$)/

/** How far a chain of `cause` is followed; it may be a circle. */
const CAUSE_DEPTH = 10

/**
 * Wraps whatever a source threw for `reference`. A {@link SecretsError} passes through as it is. Never throws.
 *
 * @param region - the one that was asked, for the hint
 */
export function failureOf(
  thrown: unknown,
  reference: Reference,
  region: string | undefined = reference.region,
): SecretsError {
  try {
    return isSecretsError(thrown) ? thrown : wrap(thrown, reference, region)
  } catch {
    // A getter or a proxy threw while it was looked at; what it threw is as foreign as the rest.
    return wrap(undefined, reference, region)
  }
}

/** Whether what answered does not know the operation at all, as a proxy or a local stand-in for AWS may. Never throws. */
export function isUnimplemented(thrown: unknown): boolean {
  try {
    return !isSecretsError(thrown) && meaningOf(chainOf(thrown)) === UNIMPLEMENTED
  } catch {
    return false
  }
}

function wrap(thrown: unknown, reference: Reference, region: string | undefined): SecretsError {
  const chain = chainOf(thrown)
  const { code, what, retryable } = meaningOf(chain)
  const error = chain[0] ?? {}
  const name = nameOf(error)
  return new SecretsError(code, {
    ref: reference.ref,
    what: name === undefined ? what : `${what} (${name})`,
    attempts: attemptsOf(error),
    ...optional('retryable', retryable),
    ...optional('retryAfterMs', retryAfterMsOf(error)),
    ...optional(
      'hint',
      hintFor(code, reference, {
        isDeleted: what === DELETED.what,
        isInsecure: what === INSECURE.what,
        isUnforeseen: what === UNFORESEEN.what,
        isWrongAgent: what === WRONG_AGENT.what,
        credentialsTrouble: stringIn(error, 'trouble'),
        region,
      }),
    ),
    ...optional('requestId', requestIdOf(error)),
  })
}

function meaningOf(chain: readonly Fields[]): Meaning {
  for (const error of chain) {
    const known = BY_NAME.get(stringIn(error, 'name') ?? '') ?? byCode(error)
    if (known !== undefined) return refine(known, error)
  }
  const status = Math.max(...chain.map(statusOf), 0)
  if (status === 429 || chain.some(isThrottle)) return THROTTLED
  if (status === 501) return UNIMPLEMENTED
  if (status >= 400 && status < 500) return REFUSED
  return status > 0 ? UNAVAILABLE : UNFORESEEN
}

/**
 * How KMS's refusal reads behind either service. Not just "KMS": names of roles and secrets are in the text too.
 */
const KMS_REFUSAL = /not authorized to perform: kms:|^Access to KMS is not allowed|^The ciphertext refers to/i

const DELETION = /mark(?:ed)?[\w ]{0,20}delet|scheduled for deletion/i
const OTHER_TIME = /Signature expired|not yet current/

/** The few words of a service's message that decide what its name means; empty where none do. */
export function tellingWordsIn(message: string): string {
  return [KMS_REFUSAL, DELETION, OTHER_TIME].map((words) => words.exec(message)?.[0]).find(Boolean) ?? ''
}

/** Some names mean two things, which only their message tells apart. */
function refine(known: Meaning, error: Fields): Meaning {
  const message = stringIn(error, 'message') ?? ''
  if (known === DENIED && KMS_REFUSAL.test(message)) return DECRYPT
  if (known === CREDENTIALS && isSkewed(error, message)) return UNRENEWED
  if (known.code === 'ERR_UNAVAILABLE' && statusOf(error) === 501) return UNIMPLEMENTED
  if (known === REFUSED && DELETION.test(message)) return DELETED
  return known
}

/** The signature was right at another time: the SDK has corrected its clock, or signs anew. */
function isSkewed(error: Fields, message: string): boolean {
  if (OTHER_TIME.test(message)) return true
  const metadata = memberOf(error, '$metadata')
  return isFields(metadata) && memberOf(metadata, 'clockSkewCorrected') === true
}

/** How the models of the SDK mark a throttle whose name is not known here. */
function isThrottle(error: Fields): boolean {
  const retryable = memberOf(error, '$retryable')
  return isFields(retryable) && memberOf(retryable, 'throttling') === true
}

function byCode(error: Fields): Meaning | undefined {
  const code = stringIn(error, 'code') ?? ''
  if (INSECURE_CODE.test(code)) return INSECURE
  if (code === 'ERR_INVALID_PROTOCOL') return WRONG_AGENT
  // A body that breaks off: Node.js says just this, not always with a code.
  const isAborted = error instanceof Error && error.message === 'aborted'
  return isAborted || SOCKET_CODES.has(code) || /^(?:HPE_|UND_ERR_)/.test(code) ? UNAVAILABLE : undefined
}

function statusOf(error: Fields): number {
  const metadata = memberOf(error, '$metadata')
  const status = isFields(metadata) ? memberOf(metadata, 'httpStatusCode') : undefined
  return typeof status === 'number' ? status : 0
}

/** Requests that were made: what the SDK counted, and none where it found no credentials to sign with. */
function attemptsOf(error: Fields): number {
  const metadata = memberOf(error, '$metadata')
  const counted = isFields(metadata) ? memberOf(metadata, 'attempts') : undefined
  if (typeof counted === 'number' && Number.isSafeInteger(counted)) return counted
  return isUnsent(error) ? 0 : 1
}

/** A foreign name is shown only if it looks like the name of a class or an error code. */
function nameOf(error: Fields): string | undefined {
  const name = stringIn(error, 'name')
  return name !== undefined && /^[A-Z][A-Za-z0-9]{1,63}$/.test(name) && name !== 'Error' ? name : undefined
}

function chainOf(thrown: unknown): readonly Fields[] {
  const chain: Fields[] = []
  let next: unknown = thrown
  while (isFields(next) && chain.length < CAUSE_DEPTH) {
    chain.push(next)
    next = memberOf(next, 'cause')
  }
  return chain
}

function each(what: Meaning, names: string): [string, Meaning][] {
  return names.split(' ').map((name) => [name, what])
}
