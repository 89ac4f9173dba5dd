/**
 * The time to sign with: that of this machine, unless the service tells that it is wrong.
 *
 * @module
 */

import type { Clock } from '../../clock.js'

/** Services accept signatures for five minutes; a clock that is out by almost that is corrected. */
const TOLERATED_MS = 240_000

/** The clock of one service, as far as it is known. */
export class ServiceClock {
  readonly #clock: Clock
  #offsetMs = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Milliseconds since the epoch by the clock of the service. */
  now(): number {
    return this.#clock.now() + this.#offsetMs
  }

  /**
   * Takes the time of an answer for the right one where it is far from that of the request.
   *
   * @param date - the header of that name
   * @param signedAt - when the request was signed, by {@link now}
   * @returns whether the signature was made at a wrong time
   */
  learn(date: string | undefined, signedAt: number): boolean {
    const serverMs = Date.parse(date ?? '')
    if (Number.isNaN(serverMs) || Math.abs(serverMs - signedAt) < TOLERATED_MS) return false
    this.#offsetMs = serverMs - this.#clock.now()
    return true
  }
}
