/**
 * What a refused request to Secrets Manager means.
 *
 * @module
 */

import type { SecretsErrorCode } from 'aws-secrets-client'
import { memberOf, nameOf, RotationError } from './rotation-error.js'

/** Source: "Common Error Types" and the errors of each operation, Secrets Manager API Reference. */
const CODES: ReadonlyMap<string, SecretsErrorCode> = new Map<string, SecretsErrorCode>([
  ['ResourceNotFoundException', 'ERR_NOT_FOUND'],
  ['AccessDeniedException', 'ERR_ACCESS_DENIED'],
  ['DecryptionFailure', 'ERR_DECRYPT'],
  ['EncryptionFailure', 'ERR_DECRYPT'],
  ['CredentialsProviderError', 'ERR_CREDENTIALS'],
  ['ExpiredTokenException', 'ERR_CREDENTIALS'],
  ['UnrecognizedClientException', 'ERR_CREDENTIALS'],
  ['InvalidSignatureException', 'ERR_CREDENTIALS'],
  ['ThrottlingException', 'ERR_THROTTLED'],
])

/** The error of a request that failed, by the name of AWS's error; the message may quote what was sent. */
export function requestFailure(operation: string, thrown: unknown): RotationError {
  const name = nameOf(thrown)
  const isRefused = memberOf(thrown, '$fault') === 'client'
  const code = CODES.get(name) ?? (isRefused ? 'ERR_REQUEST_REFUSED' : 'ERR_UNAVAILABLE')
  const requestId = memberOf(memberOf(thrown, '$metadata'), 'requestId')
  const isDenied = code === 'ERR_ACCESS_DENIED'
  return new RotationError({
    what: `${operation} failed with ${name}`,
    reason: 'request',
    code,
    ...(isDenied && { hint: `Allow secretsmanager:${operation} in the policy of the function's role.` }),
    ...(typeof requestId === 'string' && { requestId }),
  })
}
