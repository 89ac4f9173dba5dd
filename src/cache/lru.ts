/**
 * Keeps entries in the order of their use, within two bounds: how many and how many bytes.
 *
 * `lru-cache` publishes on `diagnostics_channel` what it stores, so it is given opaque entries only: whatever
 * a subscriber prints, clones or serialises of them, nothing comes out. Nor is it told their sizes, which say how
 * long a secret is.
 *
 * @module
 */

import { LRUCache } from 'lru-cache'
import type { Stamp } from '../clock.js'
import type { Lifetime } from './freshness.js'

/**
 * A cached value with its stamp and lifetime. It has no member at all: it is read by static methods, so that
 * inspection, with getters too, JSON, cloning and serialisation find nothing.
 */
export class Entry<Value> {
  #value: Value | undefined
  readonly #stamp: Stamp
  #lifetime: Lifetime
  #key = ''
  #bytes = 0

  constructor(value: Value, stamp: Stamp, lifetime: Lifetime) {
    this.#value = value
    this.#stamp = stamp
    this.#lifetime = lifetime
  }

  /**
   * What is cached.
   *
   * @throws Error where the entry is not kept any more.
   */
  static value<Value>(entry: Entry<Value>): Value {
    if (entry.#value === undefined) throw new Error('the entry was let go of')
    return entry.#value
  }

  /** Whether the cache still keeps it. */
  static isKept(entry: Entry<unknown>): boolean {
    return entry.#value !== undefined
  }

  /** When the request for the value started. */
  static stamp(entry: Entry<unknown>): Stamp {
    return entry.#stamp
  }

  /** What its age is judged by. */
  static lifetime(entry: Entry<unknown>): Lifetime {
    return entry.#lifetime
  }

  /** How long it is fresh, in milliseconds. */
  static ttlMs(entry: Entry<unknown>): number {
    return entry.#lifetime.ttlMs
  }

  /** What it is kept under. */
  static key(entry: Entry<unknown>): string {
    return entry.#key
  }

  /** What it counts for among the bytes of its cache. */
  static bytes(entry: Entry<unknown>): number {
    return entry.#bytes
  }

  /** Sets what it is kept under, and what it counts for. */
  static place(entry: Entry<unknown>, key: string, bytes: number): void {
    entry.#key = key
    entry.#bytes = bytes
  }

  /** Lets go of the value, whoever may still hold the entry. */
  static empty(entry: Entry<unknown>): void {
    entry.#value = undefined
  }

  /** From now on it may not be served past its lifetime. */
  static refuse(entry: Entry<unknown>): void {
    entry.#lifetime = { ...entry.#lifetime, isRefused: true }
  }
}

/**
 * Options for a call of `lru-cache`, all left to their defaults: nothing is inherited from `Object.prototype`. A class,
 * since to change the prototype of each object would take longer than the call.
 */
class NoOptions<Value> {
  /** Set by `lru-cache` where its channel has subscribers. */
  declare readonly status?: LRUCache.Status<string, Entry<Value>>
}
Object.setPrototypeOf(NoOptions.prototype, null)

/** The bounds of an {@link Lru}; both are enforced. */
export interface LruBounds {
  readonly maxEntries: number
  readonly maxBytes: number
}

/** A map of entries that forgets the least recently read ones first. */
export class Lru<Value> {
  readonly #cache: LRUCache<string, Entry<Value>>
  readonly #maxBytes: number
  #bytes = 0
  /** The entry that was used last. */
  #latest: Entry<Value> | undefined
  /** One for every call, so that none costs an object. */
  #noOptions = new NoOptions<Value>()

  /**
   * @param onLeave - called with the key and the value of an entry that is not kept any more, and whether it had to
   *   make room; after it did
   */
  constructor(
    { maxEntries, maxBytes }: LruBounds,
    onLeave: (key: string, value: Value, isEvicted: boolean) => void = () => undefined,
  ) {
    const options: LRUCache.Options<string, Entry<Value>, unknown> = {
      max: maxEntries,
      disposeAfter: (entry, key, reason) => {
        const value = Entry.value(entry)
        this.#bytes -= Entry.bytes(entry)
        Entry.empty(entry)
        onLeave(key, value, reason === 'evict')
      },
    }
    // It reads many options more, which a polluted `Object.prototype` must not set.
    Object.setPrototypeOf(options, null)
    this.#cache = new LRUCache(options)
    this.#maxBytes = maxBytes
  }

  /** The entry under `key`, which is thereby the most recently used. */
  get(key: string): Entry<Value> | undefined {
    const entry = this.#cache.get(key, this.#none())
    this.#latest = entry
    return entry
  }

  /** Makes an entry that is kept the most recently used. */
  touch(entry: Entry<Value>): void {
    if (entry !== this.#latest) this.get(Entry.key(entry))
  }

  /** The entry under `key`, without counting as a use. */
  peek(key: string): Entry<Value> | undefined {
    return this.#cache.peek(key, this.#none())
  }

  /**
   * Stores an entry, and tells whether it is kept: one that alone exceeds `maxBytes` is not, and neither is what it
   * replaces.
   */
  set(key: string, entry: Entry<Value>, bytes: number): boolean {
    Entry.place(entry, key, Math.max(1, bytes))
    if (Entry.bytes(entry) > this.#maxBytes) {
      this.#cache.delete(key)
      return false
    }
    this.#bytes += Entry.bytes(entry)
    // Before: whoever hears of those that make room may read others.
    this.#latest = entry
    this.#cache.set(key, entry, this.#none())
    while (this.#bytes > this.#maxBytes) this.#cache.pop()
    return this.peek(key) === entry
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
    return this.#bytes
  }

  #none(): NoOptions<Value> {
    if (this.#noOptions.status !== undefined) this.#noOptions = new NoOptions()
    return this.#noOptions
  }
}
