/**
 * Serves a value from memory while it is fresh and otherwise loads it, once for everybody who asks.
 * Knows nothing of AWS: it is given keys and functions that load.
 *
 * @module
 */

import { randomInt } from 'node:crypto'
import type { SharedSignals } from '../abortable.js'
import type { Clock } from '../clock.js'
import { ageMs, freshness, jitteredTtlMs, stampOf } from './freshness.js'
import { Entry, Lru, type LruBounds } from './lru.js'
import { RequestOrder } from './request-order.js'
import { type Begin, Flight } from './single-flight.js'

/** How a {@link Cache} behaves. */
export interface CacheOptions<Value> extends LruBounds {
  /** How long an entry is fresh, in milliseconds; `0` turns caching off and keeps single flight. */
  readonly ttlMs: number
  readonly clock: Clock
  /** Age in milliseconds up to which a load under way may be joined. */
  readonly maxFlightMs: number
  /** Listens to the signals of callers. */
  readonly signals: SharedSignals
  /** The key that the entry of a key is kept under. */
  readonly homeOf: (key: string) => string
  /** Payload of a value in bytes, for the byte bound. */
  readonly sizeOf: (value: Value) => number
  /** What to keep when `loaded` replaces `cached`: lets work done on an unchanged version survive. */
  readonly merge: (cached: Value, loaded: Value) => Value
}

/** What was loaded for a key. */
interface Loaded<Value> {
  readonly value: Value
  /**
   * Called at the moment of storing with the number of the request: takes note of the key that the value belongs
   * under, which is another where keys turn out to be one, and returns it.
   */
  readonly bind: (sequence: number) => string
}

/** Fetches the value of one key; `signal` aborts when nobody waits any more. */
export type Load<Value> = (signal: AbortSignal) => Promise<Loaded<Value>>

/** How one value is asked for. */
export interface LoadOptions {
  /** Ends this caller's wait only. */
  readonly signal: AbortSignal | undefined
  /** Only an answer whose request starts after this call will do. */
  readonly fresh: boolean
  /** The value can never change under its key. */
  readonly pinned: boolean
  /** Oldest age in milliseconds that the reader accepts. */
  readonly maxAgeMs?: number | undefined
}

/** A value with the age of its entry. */
export interface Cached<Value> {
  readonly value: Value
  /** Wall-clock time at which the request for the value started. */
  readonly fetchedAt: number
  /** Place of the request among all: of two values the one with the higher number is newer. */
  readonly sequence: number
}

/** What a refresh found. */
export interface Refreshed<Value> {
  readonly value: Value
  /** The value that was cached when the refresh started. */
  readonly previous: Value | undefined
}

/** Counters since construction, and what is held now. */
export interface CacheCounts {
  readonly hits: number
  readonly misses: number
  readonly entries: number
  readonly bytes: number
}

const JITTER_STEPS = 2 ** 32

/** A bounded map from key to value that loads what it does not hold, once per key at a time. */
export class Cache<Value> {
  readonly #options: CacheOptions<Value>
  readonly #lru: Lru<Cached<Value>>
  /** The load of each key that a new caller may join. */
  readonly #flights = new Map<string, Flight<Cached<Value>>>()
  /** Every load under way, those outrun by a newer one too. */
  readonly #airborne = new Set<Flight<Cached<Value>>>()
  readonly #refreshes = new Map<
    string,
    { flight: Flight<Cached<Value>>; result: Promise<Refreshed<Value>> }
  >()
  readonly #order = new RequestOrder()
  #hits = 0
  #misses = 0

  constructor(options: CacheOptions<Value>) {
    this.#options = options
    this.#lru = new Lru(options)
  }

  /**
   * The cached value if it is fresh.
   *
   * @param maxAgeMs - the oldest age that the reader accepts; has no say over pinned values
   */
  lookup(key: string, maxAgeMs?: number): Cached<Value> | undefined {
    const entry = this.#lru.get(this.#options.homeOf(key))
    if (entry === undefined || !this.#isFresh(entry, maxAgeMs)) return undefined
    this.#hits += 1
    return Entry.value(entry)
  }

  /** Loads the value, sharing a load under way where `options.fresh` allows it. */
  load(key: string, load: Load<Value>, options: LoadOptions): Promise<Cached<Value>> {
    this.#misses += 1
    const underWay = this.#flights.get(key)
    const flight =
      underWay !== undefined && this.#isJoinable(key, underWay, options)
        ? underWay
        : this.#launch(key, load, options.pinned)
    return flight.join(this.#options.signals, options.signal)
  }

  /** Loads the value whatever is cached; callers who overlap share one load. The cached value stays readable. */
  refresh(key: string, load: Load<Value>, pinned: boolean): Promise<Refreshed<Value>> {
    const underWay = this.#refreshes.get(key)
    const isCurrent = underWay !== undefined && underWay.flight === this.#flights.get(key)
    if (isCurrent && this.#isAwake(key, underWay.flight)) return underWay.result
    const previous = this.#peek(this.#options.homeOf(key))
    const flight = this.#launch(key, load, pinned)
    const result = flight.join(this.#options.signals, undefined).then(({ value }) => ({ value, previous }))
    const refresh = { flight, result }
    this.#refreshes.set(key, refresh)
    const forget = () => {
      if (this.#refreshes.get(key) === refresh) this.#refreshes.delete(key)
    }
    result.then(forget, forget)
    return result
  }

  /** Forgets the value; a load under way still answers those who wait for it, and is not stored. */
  invalidate(key: string): void {
    const home = this.#options.homeOf(key)
    this.#lru.delete(home)
    this.#order.invalidate(key, home)
    this.#prune()
  }

  /** Forgets every value; loads under way still answer those who wait for them, and are not stored. */
  invalidateAll(): void {
    this.#lru.clear()
    this.#order.invalidateAll()
  }

  /** Forgets every value and ends every load; everybody who waits gets `reason`. */
  close(reason: unknown): void {
    this.invalidateAll()
    for (const flight of this.#airborne) flight.abort(reason)
  }

  /** Whether an entry is held, fresh or not. */
  has(home: string): boolean {
    return this.#lru.peek(home) !== undefined
  }

  /** Counters since construction, and what is held now. */
  counts(): CacheCounts {
    return { hits: this.#hits, misses: this.#misses, entries: this.#lru.entries, bytes: this.#lru.bytes }
  }

  #isJoinable(key: string, flight: Flight<Cached<Value>>, { fresh, maxAgeMs }: LoadOptions): boolean {
    if (flight.aborted) return false
    return flight.begun === undefined || (!fresh && this.#isAwake(key, flight, maxAgeMs))
  }

  /** Not outrun, and not asleep: a load that slept through a freeze answers with what was true long ago. */
  #isAwake(key: string, { begun }: Flight<Cached<Value>>, maxAgeMs = Infinity): boolean {
    if (begun === undefined) return true
    const { maxFlightMs, clock, homeOf } = this.#options
    return (
      !this.#order.isInvalidated(key, homeOf(key), begun.sequence) &&
      ageMs(begun, clock) <= Math.min(maxFlightMs, maxAgeMs)
    )
  }

  /** The cached value, fresh or not, without counting as a use. */
  #peek(home: string): Value | undefined {
    const entry = this.#lru.peek(home)
    return entry && Entry.value(entry).value
  }

  #isFresh(entry: Entry<Cached<Value>>, maxAgeMs?: number): boolean {
    const ttlMs = Entry.ttlMs(entry)
    if (ttlMs === Infinity) return true
    return freshness(ageMs(Entry.stamp(entry), this.#options.clock), ttlMs, maxAgeMs) === 'fresh'
  }

  #launch(key: string, load: Load<Value>, pinned: boolean): Flight<Cached<Value>> {
    const flight = new Flight<Cached<Value>>(async (self, signal) => {
      const begun = { ...stampOf(this.#options.clock), sequence: this.#order.next() }
      self.begun = begun
      const { value, bind } = await load(signal)
      signal.throwIfAborted()
      return this.#store(key, bind(begun.sequence), value, begun, pinned)
    })
    this.#flights.set(key, flight)
    this.#airborne.add(flight)
    const land = () => {
      this.#airborne.delete(flight)
      this.#prune()
      if (this.#flights.get(key) === flight) this.#flights.delete(key)
    }
    flight.promise.then(land, land)
    return flight
  }

  /** Stores a value unless it is outrun: by an invalidation, or by the answer to a later request. */
  #store(key: string, home: string, loaded: Value, begun: Begin, pinned: boolean): Cached<Value> {
    const stored = this.#lru.peek(home)
    const cached = stored && Entry.value(stored)
    const value = cached === undefined ? loaded : this.#options.merge(cached.value, loaded)
    const result = { value, fetchedAt: begun.wall, sequence: begun.sequence }
    // It was invalidated under a key that was not yet known to be this one.
    if (cached !== undefined && this.#order.isInvalidated(key, home, cached.sequence)) this.#lru.delete(home)
    if (!this.#order.land(key, home, begun.sequence) || this.#options.ttlMs === 0) return result
    this.#lru.set(home, new Entry(result, begun, this.#ttlMs(pinned)), this.#options.sizeOf(value))
    return result
  }

  #prune(): void {
    if (this.#airborne.size > 0 && !this.#order.isCrowded) return
    let oldest = Infinity
    for (const { begun } of this.#airborne) oldest = Math.min(oldest, begun?.sequence ?? Infinity)
    this.#order.prune(oldest)
  }

  #ttlMs(pinned: boolean): number {
    if (pinned) return Infinity
    // Not Math.random: a Lambda SnapStart clone inherits its state and would jitter like its siblings.
    return jitteredTtlMs(this.#options.ttlMs, randomInt(JITTER_STEPS) / JITTER_STEPS)
  }
}
