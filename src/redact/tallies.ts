/**
 * Counts by which {@link Fingerprints} are found, so that each can be taken out again.
 *
 * @module
 */

import { type Power, WINDOW } from './rolling-hash.js'

/** A set in which a number stays until it was removed as often as added. */
export class Counted {
  readonly #counts = new Map<number, number>()

  /** Whether it is in. */
  has(number: number): boolean {
    return this.#counts.has(number)
  }

  /** Adds it once. */
  add(number: number): void {
    this.#counts.set(number, (this.#counts.get(number) ?? 0) + 1)
  }

  /** Removes it once. */
  remove(number: number): void {
    const rest = (this.#counts.get(number) ?? 1) - 1
    if (rest > 0) this.#counts.set(number, rest)
    else this.#counts.delete(number)
  }
}

/** The lengths of the texts that begin with one window. */
export class PowersInUse {
  readonly #uses = new Map<number, number>()
  #sorted: readonly Power[] = []

  /** Each length once, the longest first. */
  get sorted(): readonly Power[] {
    return this.#sorted
  }

  /** Adds a length once. */
  add(power: Power): void {
    const uses = this.#uses.get(power.length) ?? 0
    this.#uses.set(power.length, uses + 1)
    if (uses === 0) this.#sorted = [...this.#sorted, power].sort((a, b) => b.length - a.length)
  }

  /** Removes a length once. */
  remove({ length }: Power): void {
    const rest = (this.#uses.get(length) ?? 1) - 1
    if (rest > 0) {
      this.#uses.set(length, rest)
      return
    }
    this.#uses.delete(length)
    this.#sorted = this.#sorted.filter((power) => power.length !== length)
  }
}

const FIRST_FILTER_BITS = 12

/** Slots for each window, so that few windows of a text meet one that is taken. */
const SLOTS_PER_WINDOW = 16

/** Tells at once that a window is none of those known. What was removed may still be taken for known. */
export class WindowFilter {
  #bits = FIRST_FILTER_BITS
  #slots = new Uint8Array(2 ** FIRST_FILTER_BITS)
  #removed = 0

  /** Not 0 where a known window may be; the slot of a hash is `hash >>> shift`. */
  get slots(): Uint8Array {
    return this.#slots
  }

  /** See {@link WindowFilter.slots}. */
  get shift(): number {
    return 32 - this.#bits
  }

  /**
   * Adds a window.
   *
   * @param windows - all that are known, by their hashes, that one included
   */
  add(hash: number, windows: ReadonlyMap<number, unknown>): void {
    const most = this.#slots.length / SLOTS_PER_WINDOW
    if (windows.size > most) this.#bits += 1
    if (windows.size > most || this.#removed > most) this.#fill(windows)
    else this.#slots[hash >>> this.shift] = 1
  }

  /** Notes that a window is not known any more. Its slot is freed later. */
  remove(): void {
    this.#removed += 1
  }

  #fill(windows: ReadonlyMap<number, unknown>): void {
    this.#removed = 0
    this.#slots = new Uint8Array(2 ** this.#bits)
    for (const hash of windows.keys()) this.#slots[hash >>> this.shift] = 1
  }
}

/** Tells which characters a few units at the beginning of a text may be; nothing is ever taken out. */
export class PrefixUnits {
  /** A bit for each place before the end of the window; a slot for each ASCII unit, and for 128 classes of others. */
  readonly #places = new Uint8Array(256)

  /** Adds the beginning of a text. */
  add(text: string): void {
    for (let place = 0; place < WINDOW - 1; place += 1) {
      const slot = slotOf(text.charCodeAt(place))
      this.#places[slot] = (this.#places[slot] ?? 0) | (1 << place)
    }
  }

  /** Whether one of the texts may begin with `text` from `start` on. */
  mayBegin(text: string, start: number): boolean {
    for (let at = start; at < text.length; at += 1) {
      const places = this.#places[slotOf(text.charCodeAt(at))] ?? 0
      if ((places & (1 << (at - start))) === 0) return false
    }
    return true
  }
}

function slotOf(unit: number): number {
  return unit < 128 ? unit : 128 + (unit & 127)
}
