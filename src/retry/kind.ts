/**
 * Names what a failure means for a retry, so that the rest of this room acts on one word.
 *
 * @module
 */

import { isSecretsError } from '../errors.js'

/**
 * Why a load is tried again; a failure of no such kind is final.
 *
 * - `transient`: the network or the service failed, and may work again at once.
 * - `throttled`: over a rate limit, which only waiting cures.
 * - `credentials`: the credentials may have been renewed meanwhile.
 */
export type RetryKind = 'transient' | 'throttled' | 'credentials'

/** The kind of anything thrown; `undefined` where a retry cannot help, and for whatever is no `SecretsError`. */
export function retryKindOf(thrown: unknown): RetryKind | undefined {
  if (!isSecretsError(thrown)) return undefined
  if (thrown.code === 'ERR_THROTTLED') return 'throttled'
  if (!thrown.retryable) return undefined
  if (thrown.code === 'ERR_CREDENTIALS') return 'credentials'
  return thrown.code === 'ERR_UNAVAILABLE' || thrown.code === 'ERR_TIMEOUT' ? 'transient' : undefined
}
