/** Code of yours, which knows nothing of tests. */

import { getSecret, isSecretsError } from 'aws-secrets-client'

export async function authorization(): Promise<string> {
  try {
    return `Bearer ${await getSecret('prod/mail#token')}`
  } catch (error) {
    if (isSecretsError(error, 'ERR_ACCESS_DENIED')) throw new Error('mail is not set up for this role')
    throw error
  }
}
