/**
 * What is cached: the latest answer for each home, whatever the order in which answers come.
 *
 * @module
 */

import { randomInt } from 'node:crypto'
import type { Stamp } from '../clock.js'
import { type Lifetime, jitteredTtlMs } from './freshness.js'
import { Entry, Lru, type LruBounds } from './lru.js'
import { RequestOrder } from './request-order.js'
import type { Begin } from './single-flight.js'

/** How a {@link Store} keeps values. */
export interface StoreOptions<Value> extends LruBounds {
  /** How long an entry is fresh, in milliseconds; `0` stores nothing. */
  readonly ttlMs: number
  /** The key that the entry of a key is kept under. */
  readonly homeOf: (key: string) => string
  /** Payload of a value in bytes, for the byte bound. */
  readonly sizeOf: (value: Value) => number
  /** What to keep when `loaded` replaces `cached`: lets work done on an unchanged version survive. */
  readonly merge: (key: string, cached: Cached<Value>, loaded: Value, isPinned: boolean) => Value
  /** Draws from [0, 1). */
  readonly random: () => number
  /** Hears of entries that had to make room. */
  readonly onEvict: (key: string) => void
  /** Hears of each value that is kept from now on. */
  readonly onHeld?: ((value: Value) => void) | undefined
  /** Hears of each value that is not kept in one of its places any more. */
  readonly onReleased?: ((value: Value) => void) | undefined
}

/** A value with the request that it comes from. */
export interface Cached<Value> {
  readonly value: Value
  /** When the request for the value started. */
  readonly stamp: Stamp
  /** Place of the request among all: of two values the one with the higher number is newer. */
  readonly sequence: number
  /** Whether it is served past its lifetime. */
  readonly isStale: boolean
}

/** What was loaded for a key. */
export interface Loaded<Value> {
  readonly value: Value
  /**
   * Called at the moment of storing with the number of the request: takes note of the key that the value belongs
   * under, which is another where keys turn out to be one, and returns it.
   */
  readonly bind: (sequence: number) => string
}

const RANDOM_STEPS = 2 ** 32

/** Not `Math.random`: a Lambda SnapStart clone inherits its state and would jitter like its siblings. */
export function randomFraction(): number {
  return randomInt(RANDOM_STEPS) / RANDOM_STEPS
}

/** A bounded map of answers. */
export class Store<Value> {
  readonly #options: StoreOptions<Value>
  readonly #lru: Lru<Cached<Value>>
  readonly #order = new RequestOrder()

  constructor(options: StoreOptions<Value>) {
    this.#options = options
    this.#lru = new Lru(options, (key, { value }, isEvicted) => {
      options.onReleased?.(value)
      if (isEvicted) options.onEvict(key)
    })
  }

  /** The entry of a key, which is thereby the most recently used. */
  get(key: string): Entry<Cached<Value>> | undefined {
    return this.#lru.get(this.#options.homeOf(key))
  }

  /** The entry of a key, without counting as a use. */
  peek(key: string): Entry<Cached<Value>> | undefined {
    return this.#lru.peek(this.#options.homeOf(key))
  }

  /** Makes an entry that is held the most recently used. */
  touch(entry: Entry<Cached<Value>>): void {
    this.#lru.touch(entry)
  }

  /** Whether an entry is held under a home. */
  has(home: string): boolean {
    return this.#lru.peek(home) !== undefined
  }

  /** The number of a request that begins now. */
  next(): number {
    return this.#order.next()
  }

  /** Stores a value unless it is outrun: by an invalidation, or by the answer to a later request. */
  put(key: string, { value: loaded, bind }: Loaded<Value>, begun: Begin, isPinned: boolean): Cached<Value> {
    const home = bind(begun.sequence)
    const stored = this.#lru.peek(home)
    const cached = stored && Entry.value(stored)
    const value = cached === undefined ? loaded : this.#options.merge(key, cached, loaded, isPinned)
    const result = { value, stamp: begun, sequence: begun.sequence, isStale: false }
    // It was invalidated under a key that was not yet known to be this one.
    if (cached !== undefined && this.#order.isInvalidated(key, home, cached.sequence)) this.#lru.delete(home)
    if (!this.#order.land(key, home, begun.sequence) || this.#options.ttlMs === 0) return result
    const entry = new Entry(result, begun, this.#lifetime(isPinned))
    if (this.#lru.set(home, entry, this.#options.sizeOf(value))) this.#options.onHeld?.(value)
    return result
  }

  /** Takes note that a request was refused; answers to earlier ones do not count any more. */
  refuse(key: string, sequence: number): void {
    const home = this.#options.homeOf(key)
    if (!this.#order.land(key, home, sequence)) return
    const entry = this.#lru.peek(home)
    if (entry !== undefined) Entry.refuse(entry)
  }

  /** Whether a request is outrun: by an invalidation, or by the answer to a later request. */
  isOutrun(key: string, sequence: number): boolean {
    return this.#order.isOutrun(key, this.#options.homeOf(key), sequence)
  }

  /** Whether a request began before its key was invalidated. */
  isInvalidated(key: string, sequence: number): boolean {
    return this.#order.isInvalidated(key, this.#options.homeOf(key), sequence)
  }

  /** Forgets the value of a key; requests that have begun are outrun. */
  invalidate(key: string): void {
    const home = this.#options.homeOf(key)
    this.#lru.delete(home)
    this.#order.invalidate(key, home)
  }

  /** Forgets every value; requests that have begun are outrun. */
  invalidateAll(): void {
    this.#lru.clear()
    this.#order.invalidateAll()
  }

  /** Whether it is time to {@link Store.prune}. */
  get isCrowded(): boolean {
    return this.#order.isCrowded
  }

  /**
   * Forgets marks that no request under way can come too late for.
   *
   * @param oldest - the number of the oldest request under way, `Infinity` if there is none
   */
  prune(oldest: number): void {
    this.#order.prune(oldest)
  }

  /** Entries held. */
  get entries(): number {
    return this.#lru.entries
  }

  /** Bytes held. */
  get bytes(): number {
    return this.#lru.bytes
  }

  #lifetime(isPinned: boolean): Lifetime {
    const { ttlMs, random } = this.#options
    return {
      ttlMs: isPinned ? Infinity : jitteredTtlMs(ttlMs, random()),
      isFailure: false,
      isRefused: false,
    }
  }
}
