/**
 * The way of a read: reference → cache → upstream → decode.
 *
 * @module
 */

import { setMaxListeners } from 'node:events'
import { SharedSignals } from '../abortable.js'
import { Cache, type Cached, type Load } from '../cache/cache.js'
import type { Clock } from '../clock.js'
import { Decoder } from '../decode/decode.js'
import { type SecretsError, isSecretsError } from '../errors.js'
import type { ResolvedOptions } from '../options/client-options.js'
import type { ResolvedReadOptions } from '../options/read-options.js'
import { type Reference, isPinned } from '../reference/reference.js'
import { withDeadline } from '../retry/deadline.js'
import { Aliases } from './aliases.js'
import { type Item, isSameVersion, itemOf, mergeItems, sizeOf } from './item.js'
import type { ClientStats, RefreshResult } from './results.js'
import { SecretRead } from './secret-read.js'
import { Upstream } from './upstream.js'

/** Reads for one client, whose arguments are checked already. */
export class Reader {
  readonly #clock: Clock
  readonly #signals = new SharedSignals()
  readonly #closing = new AbortController()
  readonly #decoder: Decoder
  readonly #cache: Cache<Item>
  readonly #aliases: Aliases
  readonly #upstream: Upstream

  constructor(options: ResolvedOptions) {
    const { clock, timeoutMs } = options
    const { signal } = this.#closing
    setMaxListeners(0, signal)
    this.#clock = clock
    this.#decoder = new Decoder((ref, work) => withDeadline({ clock, timeoutMs, signal, ref }, work))
    this.#aliases = new Aliases(4 * options.maxEntries, (home) => this.#cache.has(home))
    this.#cache = new Cache({
      ...options,
      maxFlightMs: timeoutMs,
      signals: this.#signals,
      homeOf: (key) => this.#aliases.homeOf(key),
      sizeOf,
      merge: mergeItems,
    })
    this.#upstream = new Upstream(options)
  }

  /** What is cached and fresh enough for this read. */
  cached({ key }: Reference, { fresh, ttlMs }: ResolvedReadOptions): Cached<Item> | undefined {
    return fresh ? undefined : this.#cache.lookup(key, ttlMs)
  }

  /** The promise that is kept with a cached version, where the read needs nothing else: the way of a hit. */
  kept(cached: Cached<Item>, reference: Reference, how: ResolvedReadOptions): Promise<unknown> | undefined {
    if (how.signal !== undefined || how.fallback !== undefined) return undefined
    const { ref, path } = reference
    return this.#decoder.kept(cached.value.decoded, { as: how.as, schema: how.schema, path, ref })
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
      return this.#result(await this.#decode(found.value, reference, how), reference, found, false)
    } catch (error) {
      // The signal's own reason may be anything, an error of ours too.
      const isAbort = how.signal?.aborted === true && error === how.signal.reason
      if (how.fallback === undefined || isAbort || !isAbsence(error)) throw error
      return this.#result(how.fallback.value, reference, found, true)
    }
  }

  /** Loads the value whatever is cached. */
  async refresh(reference: Reference, signal: AbortSignal | undefined): Promise<RefreshResult> {
    const refreshed = this.#cache.refresh(reference.key, this.#loadOf(reference), isPinned(reference))
    const { value, previous } = await (signal === undefined
      ? refreshed
      : this.#signals.abortable(refreshed, signal))
    const { versionId, version } = value.stored
    return {
      changed: previous === undefined || !isSameVersion(previous.stored, value.stored),
      ...(versionId !== undefined && { versionId }),
      ...(version !== undefined && { version }),
    }
  }

  /** Forgets one value, or every one. */
  invalidate(reference: Reference | undefined): void {
    if (reference === undefined) this.#cache.invalidateAll()
    else this.#cache.invalidate(reference.key)
  }

  /** Counters since construction, and what the cache holds now. */
  stats(): ClientStats {
    return { ...this.#cache.counts(), ...this.#upstream.counts() }
  }

  /** Forgets everything, ends every wait with `reason` and releases sockets. */
  close(reason: SecretsError): void {
    this.#closing.abort(reason)
    this.#cache.close(reason)
    this.#upstream.close()
  }

  #load(reference: Reference, { fresh, signal, ttlMs }: ResolvedReadOptions): Promise<Cached<Item>> {
    const pinned = isPinned(reference)
    return this.#cache.load(reference.key, this.#loadOf(reference), {
      fresh,
      signal,
      pinned,
      maxAgeMs: ttlMs,
    })
  }

  #loadOf(reference: Reference): Load<Item> {
    return async (signal) => {
      const stored = await this.#upstream.load(reference, signal)
      const bind = (sequence: number) => this.#aliases.learn(reference, stored.arn, sequence)
      return { value: itemOf(stored), bind }
    }
  }

  #decode({ stored, decoded }: Item, { ref, path }: Reference, how: ResolvedReadOptions): Promise<unknown> {
    const { as, schema, signal } = how
    const value = this.#decoder.decode(stored, decoded, { as, schema, path, ref })
    return signal === undefined ? value : this.#signals.abortable(value, signal)
  }

  #result(
    value: unknown,
    { ref }: Reference,
    cached: Cached<Item> | undefined,
    isDefault: boolean,
  ): SecretRead<unknown> {
    const fetchedAt = new Date(cached?.fetchedAt ?? this.#clock.now())
    return new SecretRead(value, { ref, fetchedAt, isDefault, provenance: cached?.value.stored })
  }
}

/** The two failures that mean that nothing is there. */
function isAbsence(error: unknown): boolean {
  return isSecretsError(error, 'ERR_NOT_FOUND') || isSecretsError(error, 'ERR_FIELD_NOT_FOUND')
}
