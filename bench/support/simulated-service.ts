/**
 * Secrets Manager in a simulation: answers after a while, is down at times, and allows so many requests per second.
 *
 * @module
 */

import type { Clock, LoadContext, LoadResult, Reference, Source } from 'aws-secrets-client'
import { LATENCY_MS, secretText } from './emulated.js'

/** What an outage is like. */
export type Outage = 'refuses' | 'hangs'

/** How the service fails. */
export interface ServiceOptions {
  readonly clock: Clock
  /** Whether it is down now. */
  readonly isDown: () => boolean
  /** Whether requests are refused while it is down, or never answered. */
  readonly outage: Outage
  /** Requests per second that it allows, and that it allows at once after a pause. */
  readonly ratePerSecond: number
}

/** One for all clients of a simulation. */
export class SimulatedService implements Source {
  readonly service = 'secretsmanager'
  readonly maxBatch = 1
  /** When each request arrived. */
  readonly arrivals: number[] = []
  readonly #options: ServiceOptions
  #tokens: number
  #filledAt = 0

  constructor(options: ServiceOptions) {
    this.#options = options
    this.#tokens = options.ratePerSecond
  }

  async load([reference]: readonly Reference[], { signal }: LoadContext): Promise<readonly LoadResult[]> {
    const { clock, isDown, outage } = this.#options
    this.arrivals.push(clock.monotonic())
    const [wasDown, isAdmitted] = [isDown(), this.#admits()]
    await clock.sleep(wasDown && outage === 'hangs' ? Infinity : LATENCY_MS, { signal })
    if (wasDown) return [{ error: failure('ServiceUnavailableException') }]
    if (!isAdmitted) return [{ error: failure('ThrottlingException') }]
    return [{ value: storedValue(reference) }]
  }

  #admits(): boolean {
    const { clock, isDown, ratePerSecond } = this.#options
    const now = clock.monotonic()
    this.#tokens = Math.min(ratePerSecond, this.#tokens + ((now - this.#filledAt) / 1000) * ratePerSecond)
    this.#filledAt = now
    if (isDown() || this.#tokens < 1) return false
    this.#tokens -= 1
    return true
  }
}

function failure(name: string): Error {
  return Object.assign(new Error(name), { name })
}

function storedValue(reference: Reference | undefined) {
  const name = reference?.name ?? ''
  return { text: secretText(0), name, versionId: 'EXAMPLE1-90ab-cdef-fedc-ba987EXAMPLE' }
}
