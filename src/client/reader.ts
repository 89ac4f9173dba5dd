/**
 * The way of a read: reference → cache → upstream → decode.
 *
 * @module
 */

import { setMaxListeners } from 'node:events'
import { SharedSignals } from '../abortable.js'
import { Cache } from '../cache/cache.js'
import type { LoadOptions } from '../cache/cache-options.js'
import type { Load } from '../cache/launcher.js'
import { type Cached, randomFraction } from '../cache/store.js'
import { Decoder } from '../decode/decode.js'
import type { SecretsError } from '../errors.js'
import { Observer } from '../observe/observer.js'
import type { ResolvedReadOptions } from '../options/read-options.js'
import type { ResolvedOptions } from '../options/resolve-options.js'
import { createRedactor } from '../redact/redact.js'
import { composedOf, isInParts, isTree } from '../reference/composite.js'
import { serviceOfKey } from '../reference/identity.js'
import { type Reference, isPinned } from '../reference/reference.js'
import { withDeadline } from '../retry/deadline.js'
import { Aliases } from './aliases.js'
import { CacheEvents } from './cache-events.js'
import { HandedOut } from './handed-out.js'
import { Hits } from './hits.js'
import { type Item, isForged, itemOf, mergeItems, sizeOf } from './item.js'
import { type PayloadKeeper, payloadKeeper } from './kept-payload.js'
import { Origin } from './origin.js'
import { type ClientStats, type RefreshResult, refreshResult } from './results.js'
import { ReadOut, isAbort, isAbsence } from './read-out.js'
import type { SecretRead } from './secret-read.js'
import { Upstream } from './upstream.js'
import { sightings } from './sightings.js'
import { Bell, type Watching, watch } from './watch.js'

/** Watches look no more often than this, where little or nothing is cached. */
const MIN_WATCH_MS = 1_000

/** Reads for one client, whose arguments are checked already. */
export class Reader {
  readonly #options: ResolvedOptions
  readonly #signals = new SharedSignals()
  readonly #closing = new AbortController()
  readonly #observer: Observer
  readonly #bell = new Bell()
  readonly #decoder: Decoder
  readonly #readOut: ReadOut
  readonly #cache: Cache<Item>
  readonly #aliases: Aliases
  readonly #upstream: Upstream
  readonly #origin: Origin
  readonly #keeper: PayloadKeeper
  /** The way of a hit. */
  readonly hits: Hits
  /** Knows what was handed out, and masks it. */
  readonly handedOut: HandedOut

  constructor(options: ResolvedOptions) {
    const { clock, timeoutMs, onEvent, redactRefs } = options
    const { signal } = this.#closing
    setMaxListeners(0, signal)
    this.#options = options
    this.#keeper = payloadKeeper(options)
    this.handedOut = new HandedOut({ isEager: options.seal })
    this.#observer = new Observer({ clock, onEvent, redact: createRedactor(redactRefs) })
    this.#decoder = new Decoder((ref, work) =>
      withDeadline({ clock, timeoutMs, signal, ref, keepAlive: true, toldMs: timeoutMs }, work),
    )
    this.#readOut = new ReadOut({
      clock,
      observer: this.#observer,
      signals: this.#signals,
      handedOut: this.handedOut,
      holding: this.#keeper.holding,
      decoder: this.#decoder,
      maxPreviousMs: options.ttlMs + options.staleIfErrorMs,
    })
    this.#aliases = new Aliases(4 * options.maxEntries, (home) => this.#cache.has(home))
    this.#cache = new Cache({
      ...options,
      // A value is asked for once per lifetime: a failure that was remembered for longer would outlive its cause.
      negativeTtlMs: Math.min(options.negativeTtlMs, options.ttlMs),
      maxNegativeTtlMs: Math.min(options.maxNegativeTtlMs, options.ttlMs),
      maxFlightMs: timeoutMs,
      random: randomFraction,
      signals: this.#signals,
      homeOf: (key) => this.#aliases.homeOf(key),
      serviceOf: serviceOfKey,
      sizeOf,
      merge: (...versions) => this.#merge(...versions),
      ...this.#keeper.holding,
      listener: new CacheEvents(this.#observer, this.#bell),
    })
    this.hits = new Hits({ ...options, cache: this.#cache, aliases: this.#aliases, observer: this.#observer })
    this.#upstream = new Upstream(options, this.#observer)
    this.#origin = new Origin({ clock, timeoutMs, upstream: this.#upstream })
  }

  /** What is cached and fresh enough for this read. */
  cached({ key }: Reference, { fresh, ttlMs }: ResolvedReadOptions): Cached<Item> | undefined {
    return fresh ? undefined : this.#cache.lookup(key, ttlMs)
  }

  /** How many wait for this value. */
  waiters({ key }: Reference): number {
    return this.#cache.waiters(key)
  }

  /** The promise that is kept with a cached version, where the read needs nothing else: the way of a hit. */
  kept(cached: Cached<Item>, reference: Reference, how: ResolvedReadOptions): Promise<unknown> | undefined {
    return this.#readOut.kept(cached, reference, how)
  }

  /** Reads what is cached, or else from upstream, and decodes it. */
  async read(
    cached: Cached<Item> | undefined,
    reference: Reference,
    how: ResolvedReadOptions,
  ): Promise<SecretRead<unknown>> {
    let found = cached
    try {
      found ??= await this.#load(reference, how)
      return await this.#readOut.read(found, reference, how)
    } catch (error) {
      if (how.fallback === undefined || isAbort(error, how.signal) || !isAbsence(error)) throw error
      const { value } = how.fallback
      return this.#readOut.result(value, { reference, how, cached: found, isDefault: true })
    }
  }

  /**
   * Finds what is wrong with a read before anything is sent.
   *
   * @throws SecretsError `ERR_SCHEMA` for a JSON Schema that cannot be used.
   */
  async prepare({ ref }: Reference, { schema }: ResolvedReadOptions): Promise<void> {
    if (schema !== undefined) await this.#decoder.prepare(schema, ref)
  }

  /** Makes sure that a value is cached. */
  async warm(reference: Reference, how: ResolvedReadOptions): Promise<void> {
    if (this.cached(reference, how) === undefined) await this.#load(reference, how)
  }

  /** Loads the value whatever is cached. */
  async refresh(reference: Reference, signal: AbortSignal | undefined): Promise<RefreshResult> {
    const whole = this.#cachedWhole(reference)
    const refreshed = this.#cache.refresh(whole.key, this.#loadOf(whole), isPinned(whole))
    const { value, previous } = await (signal === undefined
      ? refreshed
      : this.#signals.abortable(refreshed, signal))
    return refreshResult(value, previous)
  }

  /**
   * Yields the version at hand, then each new one.
   *
   * @param begin - called by the first `next()`; what it throws ends the watch
   */
  watch(
    begin: () => { readonly reference: Reference; readonly how: ResolvedReadOptions },
  ): AsyncGenerator<SecretRead<unknown>, void, undefined> {
    return watch(() => {
      const { reference, how } = begin()
      return this.#watching(reference, how)
    })
  }

  #watching(reference: Reference, how: ResolvedReadOptions): Watching<SecretRead<unknown>> {
    const { clock, ttlMs, canPoll } = this.#options
    const find = async () => {
      this.#closing.signal.throwIfAborted()
      // No read of anybody's: the counts would tell of stale answers that nobody got.
      return this.#cache.lookup(reference.key, undefined, true) ?? (await this.#load(reference, how, true))
    }
    const isMine = (key: string) => this.#aliases.homeOf(key) === this.#aliases.homeOf(reference.key)
    return {
      // The version before was yielded before.
      ...sightings({
        find,
        isMine,
        read: (found) => this.#readOut.read(found, reference, { ...how, fresh: true }),
      }),
      clock,
      intervalMs: () => (canPoll ? Math.max(ttlMs, MIN_WATCH_MS) * (1 + randomFraction() / 10) : undefined),
      signal: how.signal,
      signals: this.#signals,
      bell: this.#bell,
    }
  }

  /** The value in parts that a reference is the first part of, where that is what is cached. */
  #cachedWhole(reference: Reference): Reference {
    const isCached = ({ key }: Reference) => this.#cache.has(this.#aliases.homeOf(key))
    return composedOf(reference).find((whole) => isInParts(whole) && isCached(whole)) ?? reference
  }

  /** Forgets one value, or every one. */
  invalidate(reference: Reference | undefined): void {
    if (reference === undefined) this.#cache.invalidateAll()
    else for (const { key } of [reference, ...composedOf(reference)]) this.#cache.invalidate(key)
  }

  /** Counters since construction, and what the cache holds now. */
  stats(): ClientStats {
    const { entries, bytes } = this.#cache
    return { ...this.#observer.counts(), entries, bytes }
  }

  /** Forgets everything, ends every wait with `reason` and releases sockets. */
  close(reason: SecretsError): void {
    this.#closing.abort(reason)
    this.#cache.close(reason)
    this.#keeper.destroy()
    this.handedOut.settle()
    this.#upstream.close()
    this.#bell.ring()
  }

  #load(
    reference: Reference,
    { fresh, signal, ttlMs }: ResolvedReadOptions,
    isQuiet = false,
  ): Promise<Cached<Item>> {
    const options: LoadOptions = { fresh, signal, isPinned: isPinned(reference), maxAgeMs: ttlMs, isQuiet }
    return this.#cache.load(reference.key, this.#loadOf(reference), options)
  }

  #loadOf(reference: Reference): Load<Item> {
    return async (context) => {
      const stored = await this.#origin.load(reference, context)
      const arn = isTree(reference) ? undefined : stored.arn
      const bind = (sequence: number) => this.#aliases.learn(reference, arn, sequence)
      return { value: itemOf(stored, this.#keeper), bind }
    }
  }

  /** What is kept of two answers. The one under a version id cannot change: another one is not to be trusted. */
  #merge(key: string, { value, stamp }: Cached<Item>, loaded: Item, isPinned: boolean): Item {
    const isForgery = isForged(value, loaded)
    if (isForgery) this.#observer.identityChanged(key, 'payload')
    if (isForgery && isPinned) return value
    const merged = mergeItems(value, stamp, loaded)
    const { previous } = merged
    const isKept =
      previous !== undefined && this.#readOut.isUsable(previous) && sizeOf(merged) <= this.#options.maxBytes
    return isKept ? merged : { ...merged, previous: undefined }
  }
}
