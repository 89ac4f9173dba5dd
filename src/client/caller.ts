/**
 * Gives each caller errors of their own.
 *
 * @module
 */

import {
  type CallSite,
  SecretsError,
  type SecretsErrorCode,
  errorForCaller,
  isSecretsError,
} from '../errors.js'

/** Who asked, for an error of their own. */
export interface Caller {
  readonly ref: string
  /** Absent where many ask at once: it costs as much as the rest of their reads. */
  readonly site: CallSite | undefined
  readonly signal: AbortSignal | undefined
  /** Whether a request had to be made, or was under way. */
  readonly isMiss: boolean
}

/** Gives a caller an error object of its own, with its own frames. What else was thrown stays what it is. */
export function forCaller<T>(promise: Promise<T>, { ref, site, signal, isMiss }: Caller): Promise<T> {
  return promise.catch((error: unknown) => {
    const isAbort = signal?.aborted === true && error === signal.reason
    if (isAbort || !isSecretsError(error)) throw error
    const attempts = isMiss && AFTER_THE_ANSWER.has(error.code) ? 1 : error.attempts
    throw errorForCaller(error, { ref, attempts, site })
  })
}

/** Failures of decoding, which knows nothing of the request that went before it. */
const AFTER_THE_ANSWER: ReadonlySet<SecretsErrorCode> = new Set([
  'ERR_DECODE',
  'ERR_FIELD_NOT_FOUND',
  'ERR_SCHEMA',
])

/** The error of whoever uses a client that is closed. */
export function closedError(): SecretsError {
  return new SecretsError('ERR_CLOSED', {
    what: 'the client is closed',
    hint: 'Make a new client, or close this one later.',
  })
}
