/**
 * Knows which services are down, by the loads that failed last: one value that cannot be had tells about the others.
 *
 * @module
 */

import { type Clock, type Stamp, ageMs, stampOf } from '../clock.js'
import type { SecretsError, SecretsErrorCode } from '../errors.js'

/** How outages are known. */
export interface OutagesOptions {
  readonly clock: Clock
  /** How long a failure counts that no other confirms, in milliseconds. */
  readonly maxNegativeTtlMs: number
  /** What fails together: keys of one service and region have the same. */
  readonly serviceOf: (key: string) => string
}

interface Outage {
  readonly since: Stamp
  readonly code: SecretsErrorCode
}

/** The service did not answer. */
const DOWN: ReadonlySet<SecretsErrorCode> = new Set(['ERR_TIMEOUT', 'ERR_UNAVAILABLE'])

/** The service answered, if with a refusal. */
const ANSWERED: ReadonlySet<SecretsErrorCode> = new Set([
  'ERR_ACCESS_DENIED',
  'ERR_DECRYPT',
  'ERR_NOT_FOUND',
  'ERR_REQUEST_REFUSED',
])

/** The outages that one cache has seen. */
export class Outages {
  readonly #options: OutagesOptions
  readonly #outages = new Map<string, Outage>()

  constructor(options: OutagesOptions) {
    this.#options = options
  }

  /** A load of a key has failed. */
  failed(key: string, { code, retryable }: SecretsError): void {
    const { clock, serviceOf } = this.#options
    if (retryable && DOWN.has(code)) this.#outages.set(serviceOf(key), { since: stampOf(clock), code })
    if (ANSWERED.has(code)) this.answered(key)
  }

  /** A key was answered: the service is there. */
  answered(key: string): void {
    if (this.#outages.size > 0) this.#outages.delete(this.#options.serviceOf(key))
  }

  /** Why the service of a key is taken to be down; `undefined` where it is not. */
  of(key: string): SecretsErrorCode | undefined {
    if (this.#outages.size === 0) return undefined
    const { clock, maxNegativeTtlMs, serviceOf } = this.#options
    const outage = this.#outages.get(serviceOf(key))
    return outage === undefined || ageMs(outage.since, clock) > maxNegativeTtlMs ? undefined : outage.code
  }
}
