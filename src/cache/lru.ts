/**
 * Keeps entries in the order of their use, within two bounds: how many and how many bytes.
 *
 * `lru-cache` publishes on `diagnostics_channel` what it stores, so it is given opaque entries only: whatever
 * a subscriber prints, clones or serialises of them, nothing comes out.
 *
 * @module
 */

import { LRUCache } from 'lru-cache'
import type { Stamp } from './freshness.js'

/**
 * A cached value with its stamp and lifetime. It has no member at all: it is read by static methods, so that
 * inspection, with getters too, JSON, cloning and serialisation find nothing.
 */
export class Entry<Value> {
  readonly #value: Value
  readonly #stamp: Stamp
  readonly #ttlMs: number

  constructor(value: Value, stamp: Stamp, ttlMs: number) {
    this.#value = value
    this.#stamp = stamp
    this.#ttlMs = ttlMs
  }

  /** What is cached. */
  static value<Value>(entry: Entry<Value>): Value {
    return entry.#value
  }

  /** When the request for the value started. */
  static stamp(entry: Entry<unknown>): Stamp {
    return entry.#stamp
  }

  /** How long the entry is fresh, in milliseconds; `Infinity` for a pinned version. */
  static ttlMs(entry: Entry<unknown>): number {
    return entry.#ttlMs
  }
}

/** The bounds of an {@link Lru}; both are enforced. */
export interface LruBounds {
  readonly maxEntries: number
  readonly maxBytes: number
}

/** A map of entries that forgets the least recently read ones first. */
export class Lru<Value> {
  readonly #cache: LRUCache<string, Entry<Value>>

  constructor({ maxEntries, maxBytes }: LruBounds) {
    this.#cache = new LRUCache({ max: maxEntries, maxSize: maxBytes })
  }

  /** The entry under `key`, which is thereby the most recently used. */
  get(key: string): Entry<Value> | undefined {
    return this.#cache.get(key)
  }

  /** The entry under `key`, without counting as a use. */
  peek(key: string): Entry<Value> | undefined {
    return this.#cache.peek(key)
  }

  /** Stores an entry; one that alone exceeds `maxBytes` is not kept, and neither is what it replaces. */
  set(key: string, entry: Entry<Value>, bytes: number): void {
    this.#cache.set(key, entry, { size: Math.max(1, bytes) })
  }

  /** Forgets one entry. */
  delete(key: string): void {
    this.#cache.delete(key)
  }

  /** Forgets every entry. */
  clear(): void {
    this.#cache.clear()
  }

  /** Entries held. */
  get entries(): number {
    return this.#cache.size
  }

  /** Bytes held. */
  get bytes(): number {
    return this.#cache.calculatedSize
  }
}
