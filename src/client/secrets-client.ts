/**
 * The client as its users see it: what each method gives them, and the types.
 *
 * @module
 */

import type { Transform } from 'node:stream'
import type { SecretsClientOptions } from '../options/client-options.js'
import type { ExactManifest, LoadedSecrets, Manifest } from '../options/manifest.js'
import type {
  LoadOptions,
  PrefetchOptions,
  ReadOptions,
  RefreshOptions,
  TreeOptions,
  WatchOptions,
} from '../options/read-options.js'
import type { Exactly, PlainRead, ReadValue, TreeValue } from '../options/read-value.js'
import type { WithSecretOptions } from '../options/with-secret-options.js'
import type { ReferenceInput } from '../reference/reference.js'
import { CheckedReader } from './checked-reader.js'
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
 * const password = await secrets.get('prod/db#password')
 * const logLevel = await secrets.get('ssm:/prod/app/log-level', { default: 'info' })
 * ```
 */
export class SecretsClient {
  readonly #reader: CheckedReader

  /**
   * Opens no connection and loads no SDK; both happen on first use.
   * @throws TypeError when an option is unknown, of the wrong type or out of range.
   */
  constructor(options?: SecretsClientOptions) {
    this.#reader = new CheckedReader(options)
  }

  /**
   * Resolves with the value: text, or what `as` and `schema` make of it. A cached value is returned without a request
   * while it is fresh. Callers who ask at the same time share one.
   *
   * @throws TypeError for an argument of the wrong type.
   * @throws SecretsError with one of the {@link SecretsErrorCode | codes}; the signal's own reason on abort.
   */
  get<const Options extends ReadOptions = PlainRead>(
    ref: ReferenceInput,
    options?: Options & Exactly<Options>,
  ): Promise<ReadValue<Options>>
  get(ref: ReferenceInput, options?: ReadOptions): Promise<unknown> {
    // No `async` function, which would cost every hit a promise of its own.
    try {
      return this.#reader.get(ref, options)
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
    return this.#reader.read(ref, options)
  }

  /**
   * Runs `use` with the value, and again with another version while `isRejected` says that it was refused: the way to
   * log in that goes on through every rotation. {@link SecretsClient.get} goes on as if nothing had happened.
   *
   * All who are refused share one search: it asks AWS anew, tries what is new, else `AWSPENDING` if that was opted for,
   * else waits and tries again. `use` may run several times and should do no more than log in, or make one request.
   *
   * @param use - is handed the value, and what {@link SecretsClient.read} resolves with
   * @throws what `use` throws, untouched: at once where that is no rejection, else the last when the window is over.
   * TypeError for an argument of the wrong type; for an `isRejected` that throws or gives no boolean, with the error
   * that it was asked about as `cause`.
   * @throws SecretsError with one of the {@link SecretsErrorCode | codes}; the signal's own reason on abort.
   *
   * @example
   * ```ts
   * await secrets.withSecret('prod/db', { schema, isRejected: rejectedByPostgres }, (db) => connect(db))
   * ```
   */
  withSecret<const Options extends WithSecretOptions, Result>(
    ref: ReferenceInput,
    options: Options & Exactly<Options, WithSecretOptions>,
    use: (
      value: ReadValue<NoInfer<Options>>,
      read: SecretRead<ReadValue<NoInfer<Options>>>,
    ) => Result | PromiseLike<Result>,
  ): Promise<Result>
  async withSecret(ref: ReferenceInput, options: WithSecretOptions, use: unknown): Promise<unknown> {
    return this.#reader.withSecret(ref, options, use)
  }

  /**
   * Resolves with a whole app's secrets in one frozen object: each value by its alias, in as few calls as AWS allows.
   * Either all are there, or it rejects and tells everything that is wrong.
   *
   * @param manifest - by alias: a reference, whose text is read; `{ ref, field?, as?, schema?, default?, ttlMs?, parts?,
   *   redacted? }`; or `{ tree, schema?, flat?, default?, ttlMs?, redacted? }` for all parameters below a path
   * @throws TypeError that names each alias whose entry is none. Nothing is sent.
   * @throws SecretsError `ERR_LOAD` with `errors` by alias; where a reference or a JSON Schema cannot be, before anything
   * is sent. The signal's own reason on abort.
   *
   * @example
   * ```ts
   * const config = await secrets.load({
   *   db: { ref: 'prod/db', schema: rdsCredentials },
   *   openaiKey: 'prod/openai',
   *   flags: { tree: 'ssm:/prod/app/flags' },
   * })
   * ```
   */
  load<const Entries extends Manifest, const Options extends LoadOptions = object>(
    manifest: Entries & ExactManifest<Entries>,
    options?: Options & Exactly<Options, LoadOptions>,
  ): Promise<LoadedSecrets<Entries, NoInfer<Options>>>
  async load(manifest: Manifest, options?: LoadOptions): Promise<Readonly<Record<string, unknown>>> {
    return this.#reader.load(manifest, options)
  }

  /**
   * Resolves with all parameters below a path, at any depth, as a nested frozen object: `db/host` is
   * `{ db: { host } }`. A StringList is an array, every other parameter its text.
   *
   * @param path - `ssm:/prod/app`, with or without the prefix and a `/` at the end
   * @throws TypeError for an argument of the wrong type.
   * @throws SecretsError with one of the {@link SecretsErrorCode | codes}: `ERR_NOT_FOUND` where there is none,
   * `ERR_DECODE` for a parameter that is value and parent in one, unless `flat` is set.
   */
  tree<const Options extends TreeOptions = object>(
    path: string,
    options?: Options & Exactly<Options, TreeOptions>,
  ): Promise<TreeValue<Options>>
  async tree(path: string, options?: TreeOptions): Promise<unknown> {
    return this.#reader.tree(path, options)
  }

  /**
   * Asks AWS for the value now, whatever is cached; calls at the same time share one request.
   *
   * While it runs and when it fails, the cached value stays readable. Its answer outlasts that to any earlier request.
   *
   * @throws SecretsError with one of the {@link SecretsErrorCode | codes}; the signal's own reason on abort.
   */
  async refresh(ref: ReferenceInput, options?: RefreshOptions): Promise<RefreshResult> {
    return this.#reader.refresh(ref, options)
  }

  /**
   * Loads many values ahead of their use, in as few calls as AWS allows. What is cached and fresh is left alone.
   *
   * @param refs - references, or a manifest as {@link SecretsClient.load} takes it; a reference that cannot be counts as
   *   one that failed
   * @throws TypeError for an argument of the wrong type.
   * @throws SecretsError `ERR_LOAD` if `throwOnFailure` is set and any reference fails; the signal's own reason on abort.
   */
  async prefetch(
    refs: (Iterable<ReferenceInput> & object) | Manifest,
    options?: PrefetchOptions,
  ): Promise<PrefetchResult> {
    return this.#reader.prefetch(refs, options)
  }

  /**
   * Yields what {@link SecretsClient.read} resolves with: the version at hand, then each new one as the client comes to
   * know of it, by asking once per TTL or by any other load. Whoever is slow gets the newest only.
   * It survives failures, which are events, and ends with its signal or with the client. It keeps no process alive. In
   * AWS Lambda, which is frozen between invocations, it does not ask.
   *
   * @throws TypeError for an argument of the wrong type, by the first `next()`.
   * @throws SecretsError `ERR_REFERENCE_INVALID`, `ERR_MISSING_PEER` or `ERR_CLOSED`, by the first `next()`.
   */
  watch<const Options extends WatchOptions = PlainRead>(
    ref: ReferenceInput,
    options?: Options & Exactly<Options, WatchOptions>,
  ): AsyncGenerator<SecretRead<ReadValue<Options>>, void, undefined>
  watch(ref: ReferenceInput, options?: WatchOptions): AsyncGenerator<SecretRead<unknown>, void, undefined> {
    return this.#reader.watch(ref, options)
  }

  /**
   * Forgets the cached value of one reference, or every one. The next read asks AWS; a request that is already
   * under way is not stored.
   *
   * @throws TypeError or SecretsError `ERR_REFERENCE_INVALID` when the reference cannot be.
   */
  invalidate(...ref: [] | [ref: ReferenceInput]): void {
    this.#reader.invalidate(...ref)
  }

  /**
   * Returns the text with `[redacted]` in place of every value that this client has handed out: as it is, in base64,
   * hexadecimal, URL-encoded and as inside JSON. Not of values of less than 8 characters. Still answers after `close`.
   *
   * @throws TypeError for anything but a string.
   */
  scrub(text: string): string {
    return this.#reader.scrub(text)
  }

  /** A stream of text that does what {@link SecretsClient.scrub} does, also for values that come in several chunks. */
  scrubStream(): Transform {
    return this.#reader.scrubStream()
  }

  /** Counters since construction, and what the cache holds now. Still answers after `close`. */
  stats(): ClientStats {
    return this.#reader.stats()
  }

  /**
   * Forgets every value and releases sockets; SDK clients that were passed in stay open. Reads that wait, and every later
   * one, reject with `ERR_CLOSED`.
   */
  close(): Promise<void> {
    this.#reader.close()
    return Promise.resolve()
  }

  /** Closes the client at the end of an `await using` block. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  /** Whether the client was closed. */
  get isClosed(): boolean {
    return this.#reader.isClosed
  }
}
