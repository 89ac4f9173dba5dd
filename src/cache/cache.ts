/**
 * Serves a value from memory while it is fresh and otherwise loads it, once for everybody who asks; past its
 * lifetime it is served where the policy allows. Knows nothing of AWS: it is given keys and functions that load.
 *
 * @module
 */

import { AgeMeter, ageMs } from '../clock.js'
import { isSecretsError } from '../errors.js'
import type { CacheOptions, LoadOptions, Refreshed } from './cache-options.js'
import { type Failure, Failures } from './failures.js'
import { type Freshness, freshness } from './freshness.js'
import { Launcher, type Load } from './launcher.js'
import type { CacheListener, StaleReason, Trigger } from './listener.js'
import { Entry } from './lru.js'
import { Outages } from './outages.js'
import type { Flight } from './single-flight.js'
import { type Cached, Store, randomFraction } from './store.js'

/** Failures are remembered for this many keys at most. */
const MAX_FAILURES = 10_000

/** A bounded map from key to value that loads what it does not hold, once per key at a time. */
export class Cache<Value> {
  readonly #options: CacheOptions<Value>
  readonly #listener: CacheListener<Value>
  readonly #ages: AgeMeter
  readonly #store: Store<Value>
  readonly #failures: Failures
  readonly #launcher: Launcher<Value>
  readonly #outages: Outages | undefined
  readonly #refreshes = new Map<
    string,
    { flight: Flight<Cached<Value>>; result: Promise<Refreshed<Value>> }
  >()

  constructor(options: CacheOptions<Value>) {
    const { random = randomFraction, listener, maxEntries, ttlMs } = options
    this.#options = options
    this.#listener = listener
    this.#ages = new AgeMeter(options.clock)
    const onEvict = (key: string) => {
      listener.evicted(key)
    }
    this.#store = new Store({ ...options, random, onEvict })
    // Without caching no failure is kept either: whoever turns it off wants each read to ask.
    const negativeTtlMs = ttlMs === 0 ? 0 : options.negativeTtlMs
    const bound = Math.min(maxEntries, MAX_FAILURES)
    this.#failures = new Failures({ ...options, random, negativeTtlMs, maxEntries: bound })
    const { serviceOf } = options
    this.#outages = serviceOf && negativeTtlMs > 0 ? new Outages({ ...options, serviceOf }) : undefined
    const outages = this.#outages
    this.#launcher = new Launcher({ ...options, store: this.#store, failures: this.#failures, outages })
  }

  /**
   * The cached value if it is fresh.
   *
   * @param maxAgeMs - the oldest age that the reader accepts; has no say over pinned values
   * @param isQuiet - it is no read of anybody's
   */
  lookup(key: string, maxAgeMs?: number, isQuiet = false): Cached<Value> | undefined {
    const entry = this.#store.get(key)
    if (entry === undefined || !Entry.isKept(entry) || !this.#isFresh(entry, maxAgeMs)) return undefined
    const value = Entry.value(entry)
    if (!isQuiet) this.#listener.hit(key)
    return value
  }

  /** The entry of a key, fresh or not, for {@link Cache.hit}. */
  entry(key: string): Entry<Cached<Value>> | undefined {
    return this.#store.peek(key)
  }

  /** What {@link Cache.lookup} gives, without looking: the value of an entry that is kept and fresh, thereby used. */
  hit(key: string, entry: Entry<Cached<Value>>): Cached<Value> | undefined {
    if (!Entry.isKept(entry)) return undefined
    const ttlMs = Entry.ttlMs(entry)
    // Not the other way round: an age that is no number is too old.
    if (ttlMs !== Infinity && !(this.#ages.ageMs(Entry.stamp(entry)) <= ttlMs)) return undefined
    const value = Entry.value(entry)
    this.#store.touch(entry)
    // Whoever hears of it may forget the entry.
    this.#listener.hit(key)
    return value
  }

  /**
   * A value that is past its lifetime, where that will do; else loads it, sharing a load under way where
   * `options.fresh` allows it. A failure that is remembered is one at once.
   */
  load(key: string, load: Load<Value>, options: LoadOptions): Promise<Cached<Value>> {
    if (options.fresh) return this.#join(key, load, options)
    const failure = this.#failures.get(key)
    const served = this.#served(key, failure, options)
    if (served !== undefined) {
      if (failure?.isNegative !== true) this.#revalidate(key, load, options.isPinned)
      return Promise.resolve(served)
    }
    if (failure?.isNegative === true) {
      if (options.isQuiet !== true) this.#options.listener.missed(key, true)
      return Promise.reject(failure.error)
    }
    return this.#join(key, load, options).catch((error: unknown) => this.#orStale(key, error, options))
  }

  /** Loads the value whatever is cached; callers who overlap share one load. The cached value stays readable. */
  refresh(key: string, load: Load<Value>, isPinned: boolean): Promise<Refreshed<Value>> {
    const underWay = this.#refreshes.get(key)
    const isCurrent = underWay !== undefined && underWay.flight === this.#launcher.current(key)
    if (isCurrent && this.#launcher.isAwake(key, underWay.flight)) return underWay.result
    const entry = this.#store.peek(key)
    const previous = entry && Entry.value(entry).value
    const flight = this.#launch(key, load, isPinned, 'refresh')
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
    this.#failures.delete(key)
    this.#failures.delete(this.#options.homeOf(key))
    this.#store.invalidate(key)
    this.#launcher.prune()
  }

  /** Forgets every value; loads under way still answer those who wait for them, and are not stored. */
  invalidateAll(): void {
    this.#failures.clear()
    this.#store.invalidateAll()
  }

  /** Forgets every value and ends every load; everybody who waits gets `reason`. */
  close(reason: unknown): void {
    this.invalidateAll()
    this.#launcher.close(reason)
  }

  /** The load under way, where that is all that a reader without wishes can get: nothing is cached, nor a failure. */
  underWay(key: string): Flight<Cached<Value>> | undefined {
    const flight = this.#launcher.current(key)
    // Whoever is told of a read may do something that its load does not answer for any more.
    if (flight === undefined || this.#listener.isHeard === true) return undefined
    if (!this.#launcher.isJoinable(key, flight, { fresh: false })) return undefined
    const isAll = this.#store.peek(key) === undefined && this.#failures.get(key) === undefined
    return isAll ? flight : undefined
  }

  /** Counts one more reader among those who wait for a load that is under way. */
  wait(key: string, flight: Flight<Cached<Value>>): void {
    this.#listener.missed(key, false)
    this.#launcher.keepAlive(flight)
    void flight.join(this.#options.signals, undefined)
  }

  /** How many wait for a load. */
  waiters(key: string): number {
    return this.#launcher.current(key)?.waiters ?? 0
  }

  /** Whether an entry is held, fresh or not. */
  has(home: string): boolean {
    return this.#store.has(home)
  }

  /** Entries held. */
  get entries(): number {
    return this.#store.entries
  }

  /** Bytes held. */
  get bytes(): number {
    return this.#store.bytes
  }

  #isFresh(entry: Entry<Cached<Value>>, maxAgeMs?: number): boolean {
    const lifetime = Entry.lifetime(entry)
    if (lifetime.ttlMs === Infinity) return true
    return freshness(lifetime, this.#ages.ageMs(Entry.stamp(entry)), this.#options, maxAgeMs) === 'fresh'
  }

  #judge(entry: Entry<Cached<Value>>, maxAgeMs?: number): Freshness {
    const { clock } = this.#options
    return freshness(Entry.lifetime(entry), ageMs(Entry.stamp(entry), clock), this.#options, maxAgeMs)
  }

  /** What is served without waiting for the service, past its lifetime. */
  #served(
    key: string,
    failure: Failure | undefined,
    { maxAgeMs, isQuiet }: LoadOptions,
  ): Cached<Value> | undefined {
    const entry = this.#store.get(key)
    if (entry === undefined) return undefined
    const state = this.#judge(entry, maxAgeMs)
    if (state !== 'stale-while-revalidate' && state !== 'stale-if-error') return undefined
    // While the service fails nobody waits to find out that it still does.
    const code = failure?.error.retryable === true ? failure.error.code : this.#outages?.of(key)
    if (code !== undefined) return this.#stale(key, entry, { why: 'error', code }, isQuiet)
    return state === 'stale-if-error' ? undefined : this.#stale(key, entry, { why: 'revalidating' }, isQuiet)
  }

  /** The last good value in place of a failure that may pass by itself. */
  #orStale(key: string, error: unknown, { signal, maxAgeMs, isQuiet }: LoadOptions): Cached<Value> {
    const isAbort = signal?.aborted === true && error === signal.reason
    const entry = this.#store.peek(key)
    if (isAbort || entry === undefined || !isSecretsError(error) || !error.retryable) throw error
    const state = this.#judge(entry, maxAgeMs)
    if (state === 'expired') throw error
    return state === 'fresh'
      ? Entry.value(entry)
      : this.#stale(key, entry, { why: 'error', code: error.code }, isQuiet)
  }

  #stale(key: string, entry: Entry<Cached<Value>>, reason: StaleReason, isQuiet = false): Cached<Value> {
    const value = { ...Entry.value(entry), isStale: true }
    if (!isQuiet) this.#listener.stale(key, reason, Entry.stamp(entry))
    return value
  }

  #revalidate(key: string, load: Load<Value>, isPinned: boolean): void {
    const underWay = this.#launcher.current(key)
    const isUnderWay = underWay !== undefined && !underWay.aborted && this.#launcher.isAwake(key, underWay)
    if (!isUnderWay) this.#launch(key, load, isPinned, 'background')
  }

  #join(key: string, load: Load<Value>, options: LoadOptions): Promise<Cached<Value>> {
    if (options.isQuiet !== true) this.#options.listener.missed(key, false)
    const underWay = this.#launcher.current(key)
    const flight =
      underWay !== undefined && this.#launcher.isJoinable(key, underWay, options)
        ? underWay
        : this.#launch(key, load, options.isPinned, 'read')
    this.#launcher.keepAlive(flight)
    return flight.join(this.#options.signals, options.signal)
  }

  #launch(key: string, load: Load<Value>, isPinned: boolean, trigger: Trigger): Flight<Cached<Value>> {
    return this.#launcher.launch(key, load, { isPinned, trigger })
  }
}
