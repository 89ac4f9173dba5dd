/**
 * How many may try a version at the same time, before it is known whether the version is accepted.
 *
 * As TCP does with a line that it does not know (RFC 5681): one goes first, and each that gets through lets more
 * follow. So a dead password is tried a handful of times, however many want to.
 *
 * @module
 */

import type { Clock } from '../../clock.js'
import type { Outcome } from './trial.js'

/** With a version that was accepted before, so many may start at once. */
const PROVEN_LIMIT = 4

/** Who was not turned away for so many milliseconds is taken to be in: work may go on for hours. */
export const PATIENCE_MS = 250

/** One that tries. */
export interface Entrant {
  /** When it began, on the monotonic clock. */
  readonly since: number
  /** With whom. */
  readonly group: ReadonlySet<Entrant>
}

/** Counts those who try one version. */
export class SlowStart {
  readonly #clock: Clock
  /** In the order in which they began; another set for each version. */
  #undecided = new Set<Entrant>()
  #limit = 1
  #running = 0
  #isProven = false
  #doubledAt = -Infinity

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Begins anew, with another version: those who are inside say nothing about it. */
  restart(isProven: boolean): void {
    this.#undecided = new Set()
    this.#running = 0
    this.#isProven = isProven
    this.settle()
  }

  /** One more, if there is room. */
  enter(): Entrant | undefined {
    this.#admitPatient(this.#clock.monotonic())
    return this.#undecided.size < this.#limit ? this.force() : undefined
  }

  /** One more, whether or not there is room. */
  force(): Entrant {
    const entrant = { since: this.#clock.monotonic(), group: this.#undecided }
    this.#undecided.add(entrant)
    this.#running += 1
    return entrant
  }

  /** One that is through. */
  leave(entrant: Entrant, { is }: Outcome): void {
    if (entrant.group !== this.#undecided) return
    this.#undecided.delete(entrant)
    this.#running -= 1
    // Work that failed for another reason was not turned away either.
    if (is !== 'rejected') this.#limit += 1
    if (is !== 'accepted') return
    this.#isProven = true
    this.#limit = Math.max(this.#limit, PROVEN_LIMIT)
  }

  /** Nobody waits: where nobody is inside either, what was true of the last crowd says little about the next one. */
  settle(): void {
    if (this.#running === 0) this.#limit = this.#isProven ? PROVEN_LIMIT : 1
  }

  /** Milliseconds until there is room, if nobody gets through before. */
  get roomInMs(): number {
    const [oldest] = this.#undecided
    if (oldest === undefined || this.#undecided.size < this.#limit) return 0
    return Math.max(0, oldest.since + PATIENCE_MS - this.#clock.monotonic())
  }

  #admitPatient(now: number): void {
    const before = this.#undecided.size
    for (const entrant of this.#undecided) {
      if (now - entrant.since < PATIENCE_MS) break
      this.#undecided.delete(entrant)
    }
    if (this.#undecided.size === before || now - this.#doubledAt < PATIENCE_MS) return
    this.#limit *= 2
    this.#doubledAt = now
  }
}
