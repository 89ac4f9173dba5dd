/**
 * The way of a read: reference → cache → upstream → decode.
 *
 * @module
 */

import { setMaxListeners } from 'node:events'
import { SharedSignals } from '../abortable.js'
import type { Cache } from '../cache/cache.js'
import type { LoadOptions } from '../cache/cache-options.js'
import type { Load } from '../cache/launcher.js'
import type { Cached } from '../cache/store.js'
import { Decoder } from '../decode/decode.js'
import type { SecretsError } from '../errors.js'
import { Observer } from '../observe/observer.js'
import type { ResolvedReadOptions } from '../options/read-options.js'
import type { ResolvedOptions } from '../options/resolve-options.js'
import { createRedactor } from '../redact/redact.js'
import { composedOf, isInParts, isTree } from '../reference/composite.js'
import { type Reference, isPinned } from '../reference/reference.js'
import { withDeadline } from '../retry/deadline.js'
import { Aliases } from './aliases.js'
import { HandedOut } from './handed-out.js'
import { Hits } from './hits.js'
import { type Item, itemOf } from './item.js'
import { itemCache } from './item-cache.js'
import { type PayloadKeeper, payloadKeeper } from './kept-payload.js'
import { Origin } from './origin.js'
import { type ClientStats, type RefreshResult, refreshResult } from './results.js'
import { ReadOut } from './read-out.js'
import type { SecretRead } from './secret-read.js'
import { Upstream } from './upstream.js'
import { sightings } from './sightings.js'
import { Bell, type Watching, watch } from './watch.js'
import { WithSecret } from './with-secret/with-secret.js'

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
  /** Work with secrets that may be refused. */
  readonly withSecret: WithSecret

  constructor(options: ResolvedOptions) {
    const { clock, timeoutMs, onEvent, redactRefs, maxEntries } = options
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
    this.#aliases = new Aliases(4 * maxEntries, (home) => this.#cache.has(home))
    this.#cache = itemCache(options, {
      signals: this.#signals,
      observer: this.#observer,
      bell: this.#bell,
      readOut: this.#readOut,
      holding: this.#keeper.holding,
      aliases: this.#aliases,
    })
    this.hits = new Hits({ ...options, cache: this.#cache, aliases: this.#aliases, observer: this.#observer })
    this.#upstream = new Upstream(options, this.#observer)
    this.#origin = new Origin({ clock, timeoutMs, upstream: this.#upstream })
    const [signals, observer] = [this.#signals, this.#observer]
    this.withSecret = new WithSecret({ clock, signals, observer, reader: this, closing: signal, maxEntries })
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
      found ??= await this.load(reference, how)
      return await this.#readOut.read(found, reference, how)
    } catch (error) {
      return this.#readOut.orDefault(error, reference, how, found)
    }
  }

  /** The default where nothing is there; else throws the error. */
  orDefault(error: unknown, reference: Reference, how: ResolvedReadOptions): SecretRead<unknown> {
    return this.#readOut.orDefault(error, reference, how)
  }

  /** The value by a request that starts now; no read of anybody's. */
  reload(reference: Reference, signal: AbortSignal): Promise<Cached<Item>> {
    return this.load(reference, { fresh: true, signal, ttlMs: undefined }, true)
  }

  /** Keeps a version readable until the function that is returned is called. */
  hold({ value }: Cached<Item>): () => void {
    const { onHeld, onReleased } = this.#keeper.holding
    onHeld?.(value)
    return () => onReleased?.(value)
  }

  /** The key under which a value is cached. */
  homeOf(key: string): string {
    return this.#aliases.homeOf(key)
  }

  /** What was found, decoded. */
  open(found: Cached<Item>, reference: Reference, how: ResolvedReadOptions): Promise<SecretRead<unknown>> {
    return this.#readOut.read(found, reference, how)
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
    if (this.cached(reference, how) === undefined) await this.load(reference, how)
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
      return this.#cache.lookup(reference.key, undefined, true) ?? (await this.load(reference, how, true))
    }
    // The version before was yielded before.
    const read = (found: Cached<Item>) => this.#readOut.read(found, reference, { ...how, fresh: true })
    const isMine = (key: string) => this.#aliases.homeOf(key) === this.#aliases.homeOf(reference.key)
    const watched = { find, isMine, read, pollMs: canPoll ? ttlMs : undefined }
    return { ...sightings(watched), clock, signal: how.signal, signals: this.#signals, bell: this.#bell }
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
    this.withSecret.close(reason)
    this.#cache.close(reason)
    this.#keeper.destroy()
    this.handedOut.settle()
    this.#upstream.close()
    this.#bell.ring()
  }

  /** A value that will do though it is stale, or else from upstream. */
  load(
    reference: Reference,
    { fresh, signal, ttlMs }: Pick<ResolvedReadOptions, 'fresh' | 'signal' | 'ttlMs'>,
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
}
