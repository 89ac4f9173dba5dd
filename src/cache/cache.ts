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
import { Flight } from './single-flight.js'

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

/** What was loaded for a key, and the key that it belongs under: another where two keys turn out to be one. */
export interface Loaded<Value> {
  readonly value: Value
  readonly home: string
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
  /** Loads that began before these are not to be stored, nor joined: by home, and for all. */
  readonly #floors = new Map<string, number>()
  #floor = 0
  #sequence = 0
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
    if (underWay?.flight === this.#flights.get(key) && underWay && this.#isAwake(key, underWay.flight)) {
      return underWay.result
    }
    const previous = this.#peek(this.#options.homeOf(key))
    this.#outrun(key)
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
    this.#lru.delete(this.#options.homeOf(key))
    this.#outrun(key)
  }

  /** Forgets every value; loads under way still answer those who wait for them, and are not stored. */
  invalidateAll(): void {
    this.#lru.clear()
    this.#floor = this.#sequence
  }

  /** Forgets every value and ends every load; everybody who waits gets `reason`. */
  close(reason: unknown): void {
    this.invalidateAll()
    for (const flight of this.#airborne) flight.abort(reason)
  }

  /** Counters since construction, and what is held now. */
  counts(): CacheCounts {
    return { hits: this.#hits, misses: this.#misses, entries: this.#lru.entries, bytes: this.#lru.bytes }
  }

  /** Loads of the key, and of its aliases, that began before now are neither stored nor joined. */
  #outrun(key: string): void {
    if (this.#airborne.size > 0) this.#floors.set(this.#options.homeOf(key), this.#sequence)
  }

  #isOutrun(home: string, sequence: number): boolean {
    return sequence <= Math.max(this.#floor, this.#floors.get(home) ?? 0)
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
      !this.#isOutrun(homeOf(key), begun.sequence) && ageMs(begun, clock) <= Math.min(maxFlightMs, maxAgeMs)
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
      this.#sequence += 1
      const begun = { ...stampOf(this.#options.clock), sequence: this.#sequence }
      self.begun = begun
      const { value: loaded, home } = await load(signal)
      const cached = this.#peek(home)
      const value = cached === undefined ? loaded : this.#options.merge(cached, loaded)
      const result = { value, fetchedAt: begun.wall, sequence: begun.sequence }
      if (!signal.aborted) this.#store(home, new Entry(result, begun, this.#ttlMs(pinned)))
      return result
    })
    this.#flights.set(key, flight)
    this.#airborne.add(flight)
    const land = () => {
      this.#airborne.delete(flight)
      if (this.#airborne.size === 0) this.#floors.clear()
      if (this.#flights.get(key) === flight) this.#flights.delete(key)
    }
    flight.promise.then(land, land)
    return flight
  }

  /** Stores a value unless it is outrun, or one of a later request is there: answers come in any order. */
  #store(home: string, entry: Entry<Cached<Value>>): void {
    const { value, sequence } = Entry.value(entry)
    const stored = this.#lru.peek(home)
    if (this.#options.ttlMs === 0 || this.#isOutrun(home, sequence)) return
    if (stored !== undefined && Entry.value(stored).sequence > sequence) return
    this.#lru.set(home, entry, this.#options.sizeOf(value))
  }

  #ttlMs(pinned: boolean): number {
    if (pinned) return Infinity
    // Not Math.random: a Lambda SnapStart clone inherits its state and would jitter like its siblings.
    return jitteredTtlMs(this.#options.ttlMs, randomInt(JITTER_STEPS) / JITTER_STEPS)
  }
}
