/**
 * What requests cost at list price. Pure.
 *
 * @module
 */

/**
 * Requests to Secrets Manager for one US dollar: 0.05 USD for 10 000 API calls.
 *
 * Source: "AWS Secrets Manager pricing", list for the United States, 2026.
 */
const SECRETS_MANAGER_REQUESTS_PER_USD = 200_000

/**
 * Operations that are charged, each request as one call however many secrets it reads. Those of Parameter Store
 * are free at standard throughput.
 */
const CHARGED_OPERATIONS = ['GetSecretValue', 'BatchGetSecretValue']

/**
 * US dollars for requests at list price, failed ones included.
 *
 * Left out is what requests do not tell: the monthly price of a secret, KMS, higher throughput and advanced
 * parameters in Parameter Store.
 *
 * @param requests - number of requests by operation
 */
export function costUsd(requests: ReadonlyMap<string, number>): number {
  const charged = CHARGED_OPERATIONS.reduce((sum, operation) => sum + (requests.get(operation) ?? 0), 0)
  return charged / SECRETS_MANAGER_REQUESTS_PER_USD
}
