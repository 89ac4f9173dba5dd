/** What a program can do about each failure of a read. */

import { type SecretsClient, isSecretsError } from 'aws-secrets-client'

export type Outcome =
  | { readonly status: 'enabled'; readonly apiKey: string }
  /** Nobody configured the feature: go on without it. */
  | { readonly status: 'disabled' }
  /** May pass by itself, and did not within the attempts of the client: answer 503 and let the caller come back. */
  | { readonly status: 'later' }
  /** Passes only when somebody acts: page that somebody. */
  | { readonly status: 'broken'; readonly advice: string }

/** Reads the key of an optional feature. Rejects only for a bug of ours. */
export async function readFeatureKey(secrets: SecretsClient, ref: string): Promise<Outcome> {
  try {
    return { status: 'enabled', apiKey: await secrets.get(ref) }
  } catch (error) {
    if (!isSecretsError(error)) throw error
    // Safe to log as it is: no error of the library holds a value. It tells how many requests were made; for a moment
    // after a failure it is none, since the same read then fails at once.
    console.warn(error)
    switch (error.code) {
      case 'ERR_NOT_FOUND':
      case 'ERR_FIELD_NOT_FOUND':
        return { status: 'disabled' }
      case 'ERR_REFERENCE_INVALID':
      case 'ERR_CLOSED':
        throw error
      default:
        return error.retryable
          ? { status: 'later' }
          : { status: 'broken', advice: error.hint ?? error.message }
    }
  }
}
