/**
 * The client as its users see it: arguments are checked here, and errors get the frames of their caller.
 *
 * @module
 */

import {
  type CallSite,
  SecretsError,
  type SecretsErrorCode,
  callSite,
  errorForCaller,
  isSecretsError,
} from '../errors.js'
import { type SecretsClientOptions, resolveOptions } from '../options/client-options.js'
import {
  type Exactly,
  type PlainRead,
  type ReadOptions,
  type ReadValue,
  type RefreshOptions,
  resolveReadOptions,
  resolveSignal,
} from '../options/read-options.js'
import { type ReferenceParser, createReferenceParser } from '../reference/parse.js'
import type { ReferenceInput } from '../reference/reference.js'
import { Reader } from './reader.js'
import type { ClientStats, RefreshResult } from './results.js'
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

  #begin(signal: AbortSignal | undefined): void {
    if (this.#isClosed) throw closedError()
    signal?.throwIfAborted()
  }
}

const valueOf = ({ value }: SecretRead<unknown>): unknown => value

/** Who asked, for an error of their own. */
interface Caller {
  readonly ref: string
  readonly site: CallSite
  readonly signal: AbortSignal | undefined
  /** Whether a request had to be made, or was under way. */
  readonly isMiss: boolean
}

/** Gives a caller an error object of its own, with its own frames. What else was thrown stays what it is. */
function forCaller<T>(promise: Promise<T>, { ref, site, signal, isMiss }: Caller): Promise<T> {
  return promise.catch((error: unknown) => {
    const isAbort = signal?.aborted === true && error === signal.reason
    if (isAbort || !isSecretsError(error)) throw error
    const attempts = isMiss && AFTER_THE_ANSWER.has(error.code) ? 1 : error.attempts
    throw errorForCaller(error, { ref, attempts, site })
  })
}

/** Failures of decoding, which knows nothing of the request that went before it. */
const AFTER_THE_ANSWER: ReadonlySet<SecretsErrorCode> = new Set([
  'ERR_DECODE',
  'ERR_FIELD_NOT_FOUND',
  'ERR_SCHEMA',
])

function closedError(): SecretsError {
  return new SecretsError('ERR_CLOSED', {
    what: 'the client is closed',
    hint: 'Make a new client, or close this one later.',
  })
}
