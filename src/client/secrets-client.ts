/**
 * The client as its users see it: arguments are checked here, and errors get the frames of their caller.
 *
 * @module
 */

import { type SecretsError, callSite, isSecretsError } from '../errors.js'
import type { SecretsClientOptions } from '../options/client-options.js'
import {
  type Exactly,
  type PlainRead,
  type PrefetchOptions,
  type ReadOptions,
  type ReadValue,
  type RefreshOptions,
  type WatchOptions,
  resolvePrefetchOptions,
  resolveReadOptions,
  resolveSignal,
  resolveWatchOptions,
} from '../options/read-options.js'
import { resolveOptions } from '../options/resolve-options.js'
import { type ReferenceParser, createReferenceParser } from '../reference/parse.js'
import type { Reference, ReferenceInput } from '../reference/reference.js'
import { closedError, forCaller } from './caller.js'
import { prefetch, prefetchFailure, referencesOf } from './prefetch.js'
import { Reader } from './reader.js'
import type { ClientStats, PrefetchResult, RefreshResult } from './results.js'
import type { SecretRead } from './secret-read.js'

/**
 * Reads secrets and parameters: typed, cached, one request for any number of concurrent callers.
 *
 * Every method that returns a promise rejects and never throws. Plain objects are deeply frozen and shared
 * between callers; bytes, and what a schema makes with instances of classes in it, are each caller's own.
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
  readonly #parse: ReferenceParser
  readonly #reader: Reader
  #isClosed = false

  /**
   * Opens no connection and loads no SDK; both happen on first use.
   *
   * @throws TypeError when an option is unknown, of the wrong type or out of range.
   */
  constructor(options?: SecretsClientOptions) {
    const resolved = resolveOptions(options)
    this.#parse = createReferenceParser({ maxEntries: resolved.maxEntries })
    this.#reader = new Reader(resolved)
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
      this.#begin(how.signal)
      const cached = this.#reader.cached(reference, how)
      const kept = cached && this.#reader.kept(cached, reference, how)
      if (kept !== undefined) return kept
      const value = this.#reader.read(cached, reference, how).then(valueOf)
      return forCaller(value, {
        ref: reference.ref,
        signal: how.signal,
        isMiss: cached === undefined,
        site: callSite(),
      })
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
  read(ref: ReferenceInput, options?: ReadOptions): Promise<SecretRead<unknown>> {
    try {
      const reference = this.#parse(ref)
      const how = resolveReadOptions(options)
      this.#begin(how.signal)
      const cached = this.#reader.cached(reference, how)
      const read = this.#reader.read(cached, reference, how)
      return forCaller(read, {
        ref: reference.ref,
        signal: how.signal,
        isMiss: cached === undefined,
        site: callSite(),
      })
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /**
   * Asks AWS for the value now, whatever is cached; calls at the same time share one request.
   *
   * While it runs and when it fails, the cached value stays readable. Its answer is never replaced by that to an
   * earlier request, however late that comes.
   *
   * @throws SecretsError with one of the {@link SecretsErrorCode | codes}; the signal's own reason on abort.
   */
  refresh(ref: ReferenceInput, options?: RefreshOptions): Promise<RefreshResult> {
    try {
      const reference = this.#parse(ref)
      const signal = resolveSignal(options)
      this.#begin(signal)
      const refresh = this.#reader.refresh(reference, signal)
      return forCaller(refresh, { ref: reference.ref, signal, isMiss: true, site: callSite() })
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /**
   * Loads many values ahead of their use, in as few calls as AWS allows, and decodes none of them. What is cached and
   * fresh is left alone.
   *
   * @param refs - a reference that cannot be counts as one that failed
   * @throws TypeError for an argument of the wrong type.
   * @throws SecretsError `ERR_LOAD` if `throwOnFailure` is set and any reference fails; the signal's own reason on abort.
   */
  async prefetch(
    refs: Iterable<ReferenceInput> & object,
    options?: PrefetchOptions,
  ): Promise<PrefetchResult> {
    const site = callSite()
    const references = referencesOf(refs).map((ref) => this.#parsed(ref))
    const { how, throwOnFailure } = resolvePrefetchOptions(options)
    this.#begin(how.signal)
    const { signal } = how
    const warm = (reference: Reference) => this.#reader.warm(reference, how)
    const result = await prefetch(references, { warm, signal, site })
    if (throwOnFailure && result.failed.length > 0) throw prefetchFailure(result)
    return result
  }

  /**
   * Yields what {@link SecretsClient.read} resolves with: the version at hand, then each new one as the client comes to
   * know of it, by asking once per TTL or by any other load. Whoever is slow gets the newest only.
   *
   * It survives failures, which are events, and ends with its signal or with the client. It keeps no process alive. In
   * AWS Lambda, which is frozen between invocations, it does not ask by itself.
   *
   * @throws TypeError for an argument of the wrong type, by the first `next()`.
   * @throws SecretsError `ERR_REFERENCE_INVALID`, `ERR_MISSING_PEER` or `ERR_CLOSED`, by the first `next()`.
   */
  watch<const Options extends WatchOptions = PlainRead>(
    ref: ReferenceInput,
    options?: Options & Exactly<Options, WatchOptions>,
  ): AsyncGenerator<SecretRead<ReadValue<Options>>, void, undefined>
  async *watch(
    ref: ReferenceInput,
    options?: WatchOptions,
  ): AsyncGenerator<SecretRead<unknown>, void, undefined> {
    const reference = this.#parse(ref)
    const how = resolveWatchOptions(options)
    if (this.#isClosed) throw closedError()
    yield* this.#reader.watch(reference, how)
  }

  /**
   * Forgets the cached value of one reference, or every one. The next read asks AWS; a request that is already
   * under way is not stored.
   *
   * @throws TypeError or SecretsError `ERR_REFERENCE_INVALID` when the reference cannot be.
   */
  invalidate(...ref: [] | [ref: ReferenceInput]): void {
    // Not by `undefined`, which an unset variable is too: that must not forget everything.
    this.#reader.invalidate(ref.length === 0 ? undefined : this.#parse(ref[0]))
  }

  /** Counters since construction, and what the cache holds now. Still answers after `close`. */
  stats(): ClientStats {
    return this.#reader.stats()
  }

  /**
   * Forgets every value and releases sockets. Reads that wait, and every later one, reject with `ERR_CLOSED`.
   * SDK clients that were passed in stay open. May be called again.
   */
  close(): Promise<void> {
    if (!this.#isClosed) {
      this.#isClosed = true
      this.#reader.close(closedError())
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

  /** A reference, or why it cannot be one. */
  #parsed(ref: ReferenceInput): Reference | SecretsError {
    try {
      return this.#parse(ref)
    } catch (error) {
      if (isSecretsError(error)) return error
      throw error
    }
  }

  #begin(signal: AbortSignal | undefined): void {
    if (this.#isClosed) throw closedError()
    signal?.throwIfAborted()
  }
}

const valueOf = ({ value }: SecretRead<unknown>): unknown => value
