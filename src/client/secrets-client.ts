/**
 * The client: reference → cache → upstream → decode.
 *
 * @module
 */

import { SharedSignals } from '../abortable.js'
import { Cache, type Cached } from '../cache/cache.js'
import { Decoder } from '../decode/decode.js'
import type { Clock } from '../clock.js'
import { SecretsError, isSecretsError } from '../errors.js'
import { type SecretsClientOptions, resolveOptions } from '../options/client-options.js'
import {
  type Exactly,
  type PlainRead,
  type ReadOptions,
  type ReadValue,
  type RefreshOptions,
  type ResolvedReadOptions,
  resolveReadOptions,
  resolveSignal,
} from '../options/read-options.js'
import { createReferenceParser, type parseReference } from '../reference/parse.js'
import { type Reference, type ReferenceInput, isPinned } from '../reference/reference.js'
import { type Item, isSameVersion, itemOf, mergeItems, sizeOf } from './item.js'
import type { ClientStats, RefreshResult } from './results.js'
import { SecretRead } from './secret-read.js'
import { Upstream } from './upstream.js'

/**
 * Reads secrets and parameters: typed, cached, one request for any number of concurrent callers.
 *
 * Every method that returns a promise rejects and never throws. Values that are objects are deeply frozen and
 * shared between callers.
 *
 * @example
 * ```ts
 * const secrets = new SecretsClient({ region: 'eu-west-1' })
 * const apiKey = await secrets.get('prod/openai')
 * const password = await secrets.get('prod/db#password')
 * const logLevel = await secrets.get('ssm:/prod/app/log-level', { default: 'info' })
 * ```
 */
export class SecretsClient {
  readonly #parse: typeof parseReference
  readonly #clock: Clock
  readonly #signals = new SharedSignals()
  readonly #decoder = new Decoder()
  readonly #cache: Cache<Item>
  readonly #upstream: Upstream
  #isClosed = false

  /**
   * Opens no connection and loads no SDK; both happen on first use.
   *
   * @throws TypeError when an option is unknown, of the wrong type or out of range.
   */
  constructor(options?: SecretsClientOptions) {
    const resolved = resolveOptions(options)
    this.#parse = createReferenceParser({ maxEntries: resolved.maxEntries })
    this.#clock = resolved.clock
    this.#cache = new Cache({ ...resolved, signals: this.#signals, sizeOf, merge: mergeItems })
    this.#upstream = new Upstream(resolved)
  }

  /**
   * Resolves with the value: text, or what `as` and `schema` make of it.
   *
   * A cached value is returned without a request while it is fresh. Callers who ask at the same time share one.
   *
   * @throws TypeError for an argument of the wrong type.
   * @throws SecretsError with one of the {@link SecretsErrorCode | codes}; the signal's own reason on abort.
   */
  get<const Options extends ReadOptions = PlainRead>(
    ref: ReferenceInput,
    options?: Options & Exactly<Options>,
  ): Promise<ReadValue<Options>>
  get(ref: ReferenceInput, options?: ReadOptions): Promise<unknown> {
    try {
      const reference = this.#parse(ref)
      const how = resolveReadOptions(options)
      const cached = this.#lookup(reference, how)
      const value =
        cached === undefined
          ? this.#load(reference, how).then((loaded) => this.#decode(loaded, reference, how))
          : this.#decode(cached, reference, how)
      const { fallback } = how
      return fallback === undefined ? value : value.catch((error: unknown) => defaultFor(error, fallback))
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /**
   * Like {@link SecretsClient.get}, with the version, dates and identity of what was read.
   *
   * The result prints everything but the value.
   *
   * @throws TypeError for an argument of the wrong type.
   * @throws SecretsError with one of the {@link SecretsErrorCode | codes}; the signal's own reason on abort.
   */
  read<const Options extends ReadOptions = PlainRead>(
    ref: ReferenceInput,
    options?: Options & Exactly<Options>,
  ): Promise<SecretRead<ReadValue<Options>>>
  async read(ref: ReferenceInput, options?: ReadOptions): Promise<SecretRead<unknown>> {
    const reference = this.#parse(ref)
    const how = resolveReadOptions(options)
    let cached: Cached<Item> | undefined
    try {
      cached = this.#lookup(reference, how) ?? (await this.#load(reference, how))
      return this.#result(await this.#decode(cached, reference, how), reference, cached, false)
    } catch (error) {
      if (how.fallback === undefined) throw error
      return this.#result(defaultFor(error, how.fallback), reference, cached, true)
    }
  }

  /**
   * Asks AWS for the value now, whatever is cached; calls at the same time share one request.
   *
   * While it runs and when it fails, the cached value stays readable. A request that was already under way is
   * outrun: its answer is not stored.
   *
   * @throws SecretsError with one of the {@link SecretsErrorCode | codes}; the signal's own reason on abort.
   */
  async refresh(ref: ReferenceInput, options?: RefreshOptions): Promise<RefreshResult> {
    const reference = this.#parse(ref)
    const signal = resolveSignal(options)
    this.#begin(signal)
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

  /**
   * Forgets the cached value of one reference, or every one. The next read asks AWS; a request that is already
   * under way is not stored.
   *
   * @throws TypeError or SecretsError `ERR_REFERENCE_INVALID` when the reference cannot be.
   */
  invalidate(ref?: ReferenceInput): void {
    if (ref === undefined) this.#cache.invalidateAll()
    else this.#cache.invalidate(this.#parse(ref).key)
  }

  /** Counters since construction, and what the cache holds now. Still answers after `close`. */
  stats(): ClientStats {
    return { ...this.#cache.counts(), ...this.#upstream.counts() }
  }

  /**
   * Forgets every value and releases sockets. Reads that wait, and every later one, reject with `ERR_CLOSED`.
   * SDK clients that were passed in stay open. May be called again.
   */
  close(): Promise<void> {
    if (!this.#isClosed) {
      this.#isClosed = true
      this.#cache.close(closedError())
      this.#upstream.close()
    }
    return Promise.resolve()
  }

  /** Closes the client at the end of an `await using` block. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Whether the client was closed. */
  get isClosed(): boolean {
    return this.#isClosed
  }

  #begin(signal: AbortSignal | undefined): void {
    if (this.#isClosed) throw closedError()
    signal?.throwIfAborted()
  }

  #lookup({ key }: Reference, { fresh, ttlMs, signal }: ResolvedReadOptions): Cached<Item> | undefined {
    this.#begin(signal)
    return fresh ? undefined : this.#cache.lookup(key, ttlMs)
  }

  #load(reference: Reference, { fresh, signal }: ResolvedReadOptions): Promise<Cached<Item>> {
    return this.#cache.load(reference.key, this.#loadOf(reference), {
      fresh,
      signal,
      pinned: isPinned(reference),
    })
  }

  #loadOf(reference: Reference): (signal: AbortSignal) => Promise<Item> {
    return async (signal) => itemOf(await this.#upstream.load(reference, signal))
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

  #decode({ value }: Cached<Item>, { ref, path }: Reference, how: ResolvedReadOptions): Promise<unknown> {
    const { as, schema, signal } = how
    const decoded = this.#decoder.decode(value.stored, value.decoded, { as, schema, path, ref })
    return signal === undefined ? decoded : this.#signals.abortable(decoded, signal)
  }
}

/** The default of a read, for the two failures that mean that nothing is there. */
function defaultFor(error: unknown, fallback: { readonly value: unknown }): unknown {
  if (isSecretsError(error, 'ERR_NOT_FOUND') || isSecretsError(error, 'ERR_FIELD_NOT_FOUND'))
    return fallback.value
  throw error
}

function closedError(): SecretsError {
  return new SecretsError('ERR_CLOSED', {
    what: 'the client is closed',
    hint: 'Make a new client, or close this one later.',
  })
}
