/** What a storm is pointed at: an address where the service fails in one way. */

/** As JSON, since it crosses a process boundary. */
export interface Endpoint {
  readonly name: string
  /** `http:` or `https:`. */
  readonly url: string
  /** What becomes of the question for credentials. */
  readonly credentials: 'found' | 'error' | 'never'
  /** How many share one signal. */
  readonly callers: number
}

/** Environment variable with the address where all is well. */
export const HEALTHY = 'STORM_HEALTHY'

/** Environment variable with the list of endpoints. */
export const ENDPOINTS = 'STORM_ENDPOINTS'

/** Whether something that was read is a list of endpoints. */
export function isEndpoints(given: unknown): given is readonly Endpoint[] {
  return Array.isArray(given) && given.every((one) => typeof one === 'object' && one !== null && 'url' in one)
}
