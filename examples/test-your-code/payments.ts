/** Code of yours, which is handed its client and knows nothing of tests. */

import { type SecretsClient, isSecretsError } from 'aws-secrets-client'

/** What the payment service answers to a key that it does not know. */
export class Unauthorized extends Error {}

/** Charges a card through `post`, with the key of the payment service. */
export async function charge(
  secrets: SecretsClient,
  post: (apiKey: string) => Promise<string>,
): Promise<string> {
  const isRejected = (error: unknown) => error instanceof Unauthorized
  try {
    return await secrets.withSecret('prod/payments', { isRejected }, (apiKey) => post(apiKey))
  } catch (error) {
    if (isSecretsError(error) && error.retryable) return 'please try again later'
    throw error
  }
}
