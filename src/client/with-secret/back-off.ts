/**
 * When what was refused may be tried again.
 *
 * @module
 */

import { type Clock, type Stamp, ageMs, stampOf } from '../../clock.js'

/** The first wait is drawn from all of [0, this), the next from twice as much. */
const BASE_MS = 250

/** No wait is longer. */
const CAP_MS = 5_000

/** What a {@link BackOff} works with. */
export interface BackOffOptions {
  readonly clock: Clock
  /** A number from [0, 1). */
  readonly random: () => number
}

/** One wait after another, each of which is over at once where the process was frozen meanwhile. */
export class BackOff {
  readonly #options: BackOffOptions
  #round = 0
  #since: Stamp | undefined
  #ms = 0

  constructor(options: BackOffOptions) {
    this.#options = options
  }

  /** Begins the next wait. */
  putOff(): void {
    const { clock, random } = this.#options
    this.#since = stampOf(clock)
    this.#ms = random() * Math.min(CAP_MS, BASE_MS * 2 ** this.#round)
    this.#round += 1
  }

  /** Begins the same wait anew. */
  restart(): void {
    this.#since = stampOf(this.#options.clock)
  }

  /** Has the next wait be a short one. */
  reset(): void {
    this.#round = 0
  }

  /** Milliseconds that are left of the wait. */
  get leftMs(): number {
    return this.#since === undefined ? 0 : Math.max(0, this.#ms - ageMs(this.#since, this.#options.clock))
  }

  /** Whether nothing is left of it. */
  get isOver(): boolean {
    return this.leftMs === 0
  }
}
