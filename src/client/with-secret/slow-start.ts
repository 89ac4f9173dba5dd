/**
 * How many may try a version at the same time, before it is known whether the version is accepted.
 *
 * As TCP does with a line that it does not know (RFC 5681): one goes first, and each that gets through lets more
 * follow. So a dead password is tried a handful of times, however many want to.
 *
 * @module
 */

import type { Clock } from '../../clock.js'

/** With a version that was accepted before, so many may start at once. */
const PROVEN_LIMIT = 4

/** Who was not turned away for so many milliseconds is taken to be in: work may go on for hours. */
export const PATIENCE_MS = 250

/** One that tries. */
export interface Entrant {
  /** When it began, on the monotonic clock. */
  readonly since: number
}

/** Counts those who try one version. */
export class SlowStart {
  readonly #clock: Clock
  /** In the order in which they began. */
  readonly #undecided = new Set<Entrant>()
  #limit = 1
  #running = 0
  #isProven = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Begins anew, with another version. Those who are inside do not count any more. */
  restart(isProven: boolean): void {
    this.#undecided.clear()
    this.#limit = isProven ? PROVEN_LIMIT : 1
    this.#isProven = isProven
  }

  /** One more, if there is room. */
  enter(): Entrant | undefined {
    const since = this.#clock.monotonic()
    this.#admitPatient(since)
    if (this.#undecided.size >= this.#limit) return undefined
    const entrant = { since }
    this.#undecided.add(entrant)
    this.#running += 1
    return entrant
  }

  /** One that is through, let in by the version or in vain. */
  leave(entrant: Entrant, isAccepted: boolean): void {
    this.#undecided.delete(entrant)
    this.#running -= 1
    if (isAccepted) {
      this.#isProven = true
      this.#limit = Math.max(this.#limit + 1, PROVEN_LIMIT)
    }
    // What was true of a crowd says little about the next one.
    if (this.#running === 0) this.#limit = this.#isProven ? PROVEN_LIMIT : 1
  }

  /** Milliseconds until there is room, if nobody gets through before. */
  get roomInMs(): number {
    const [oldest] = this.#undecided
    if (oldest === undefined || this.#undecided.size < this.#limit) return 0
    return Math.max(0, oldest.since + PATIENCE_MS - this.#clock.monotonic())
  }

  #admitPatient(now: number): void {
    for (const entrant of this.#undecided) {
      if (now - entrant.since < PATIENCE_MS) return
      this.#undecided.delete(entrant)
      this.#limit *= 2
    }
  }
}
