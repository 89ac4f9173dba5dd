/**
 * Remembers where batches do not work, so that the detour over a batch is not taken again and again: the call
 * itself is denied, or one item makes it fail for all.
 *
 * @module
 */

import { type Clock, type Stamp, ageMs, stampOf } from '../clock.js'

/** How long it is remembered: a policy may have been mended since. */
const REMEMBERED_MS = 600_000

/** More than anybody has that cannot be batched; above it the oldest is forgotten. */
const MAX_REMEMBERED = 10_000

/** Groups and keys that are asked for one by one. */
export class BatchMemory {
  readonly #clock: Clock
  readonly #since = new Map<string, Stamp>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Whether the group, or the item in any group, is to be asked for one by one. */
  isSingle(name: string): boolean {
    const since = this.#since.get(name)
    if (since === undefined) return false
    if (ageMs(since, this.#clock) < REMEMBERED_MS) return true
    this.#since.delete(name)
    return false
  }

  /** From now on, for ten minutes, a group or an item is asked for one by one. */
  setSingle(name: string): void {
    this.#since.delete(name)
    if (this.#since.size >= MAX_REMEMBERED) {
      const [oldest] = this.#since.keys()
      if (oldest !== undefined) this.#since.delete(oldest)
    }
    this.#since.set(name, stampOf(this.#clock))
  }
}
