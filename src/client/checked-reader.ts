/**
 * Checks what users pass in before anything is read, and gives each caller errors of its own.
 *
 * @module
 */

import type { Transform } from 'node:stream'
import { type CallSite, callSite } from '../errors.js'
import type { SecretsClientOptions } from '../options/client-options.js'
import type { Manifest } from '../options/manifest.js'
import {
  type LoadOptions,
  type PrefetchOptions,
  type ReadOptions,
  type RefreshOptions,
  type ResolvedReadOptions,
  type TreeOptions,
  type WatchOptions,
  defaultAs,
  resolveLoadOptions,
  resolvePrefetchOptions,
  resolveReadOptions,
  resolveRefreshOptions,
  resolveTreeOptions,
  resolveWatchOptions,
} from '../options/read-options.js'
import { resolveManifest } from '../options/resolve-manifest.js'
import { resolveOptions } from '../options/resolve-options.js'
import {
  type WithSecretOptions,
  checkPending,
  functionOf,
  resolveWithSecretOptions,
} from '../options/with-secret-options.js'
import { inParts, isTreePath, parseTree } from '../reference/composite.js'
import type { Reference, ReferenceInput } from '../reference/reference.js'
import { closedError, forCaller } from './caller.js'
import { load } from './load.js'
import { prefetch, prefetchFailure, wantedOf } from './prefetch.js'
import { type Asked, type Hits, type Kept, askedBy } from './hits.js'
import { Reader } from './reader.js'
import type { ClientStats, PrefetchResult, RefreshResult } from './results.js'
import type { SecretRead } from './secret-read.js'

/** Is told how a value comes. */
interface ValueListener {
  readonly onKept: (kept: Kept) => void
  readonly onRead: (value: Promise<unknown>) => void
}

/** So many of those who wait for one value have their place noted. Where more do, it is one place, many times. */
const MAX_SITES = 2

/** Everything that a `SecretsClient` does, with arguments that may be anything. Throws what is wrong with them. */
export class CheckedReader {
  readonly #reader: Reader
  readonly #hits: Hits
  #isClosed = false

  constructor(options?: SecretsClientOptions) {
    this.#reader = new Reader(resolveOptions(options))
    this.#hits = this.#reader.hits
  }

  /** The value of a reference. */
  get(ref: ReferenceInput, options: ReadOptions | undefined): Promise<unknown> {
    return this.#hits.find(ref, options) ?? this.#get(ref, options)
  }

  /** The value of a reference, with where it comes from. */
  read(ref: ReferenceInput, options: ReadOptions | undefined): Promise<SecretRead<unknown>> {
    const named = this.#hits.parse(ref)
    const how = resolveReadOptions(options)
    const reference = how.isInParts ? inParts(named) : named
    this.#begin(how.signal)
    const cached = this.#reader.cached(reference, how)
    const site = this.#siteOf(reference)
    const read = this.#reader.read(cached, reference, how)
    return forCaller(read, { ref: reference.ref, signal: how.signal, isMiss: cached === undefined, site })
  }

  /** What `use` makes of a value that is not refused. */
  withSecret(ref: ReferenceInput, options: WithSecretOptions, use: unknown): Promise<unknown> {
    const named = this.#hits.parse(ref)
    const { how, ...resolved } = resolveWithSecretOptions(options)
    const reference = how.isInParts ? inParts(named) : named
    const work = functionOf('use', use)
    if (resolved.isPending) checkPending(reference)
    this.#begin(how.signal)
    const cached = this.#reader.cached(reference, how)
    const isMiss = cached === undefined
    const site = isMiss ? this.#siteOf(reference) : undefined
    const asker = { ref: reference.ref, signal: how.signal, isMiss, site }
    return this.#reader.withSecret.run({ ...resolved, reference, how, use: work, cached, asker })
  }

  /** All parameters below a path. */
  tree(path: string, options: TreeOptions | undefined): Promise<unknown> {
    return this.#value(parseTree(path), resolveTreeOptions(options))
  }

  /** Each value of a manifest, by its alias. */
  async load(
    manifest: Manifest,
    options: LoadOptions | undefined,
  ): Promise<Readonly<Record<string, unknown>>> {
    const site = callSite()
    const how = resolveLoadOptions(options)
    const entries = resolveManifest(manifest, how, (ref) => this.#hits.parse(ref))
    this.#begin(how.signal)
    return load(entries, { reader: this.#reader, signal: how.signal, site })
  }

  /** What is cached now, whatever was before. */
  refresh(ref: ReferenceInput, options: RefreshOptions | undefined): Promise<RefreshResult> {
    const named = this.#parseWhole(ref)
    const { signal, isInParts } = resolveRefreshOptions(options)
    const reference = isInParts ? inParts(named) : named
    this.#begin(signal)
    const site = this.#siteOf(reference)
    const refreshed = this.#reader.refresh(reference, signal)
    return forCaller(refreshed, { ref: reference.ref, signal, isMiss: true, site })
  }

  /** What a prefetch came to. */
  async prefetch(
    refs: (Iterable<ReferenceInput> & object) | Manifest,
    options: PrefetchOptions | undefined,
  ): Promise<PrefetchResult> {
    const site = callSite()
    const references = wantedOf(refs, (ref) => this.#parseWhole(ref))
    const { how, throwOnFailure } = resolvePrefetchOptions(options)
    this.#begin(how.signal)
    const { signal } = how
    const warm = (reference: Reference) => this.#reader.warm(reference, how)
    const result = await prefetch(references, { warm, signal, site })
    if (throwOnFailure && result.failed.length > 0) throw prefetchFailure(result)
    return result
  }

  /** The version at hand, then each new one. */
  watch(
    ref: ReferenceInput,
    options: WatchOptions | undefined,
  ): AsyncGenerator<SecretRead<unknown>, void, undefined> {
    return this.#reader.watch(() => {
      const named = this.#hits.parse(ref)
      const how = resolveWatchOptions(options)
      const reference = how.isInParts ? inParts(named) : named
      if (this.#isClosed) throw closedError()
      return { reference, how }
    })
  }

  /** Forgets one value, or with no argument every one. */
  invalidate(...ref: [] | [ref: ReferenceInput]): void {
    // Not by `undefined`, which an unset variable is too: that must not forget everything.
    this.#reader.invalidate(ref.length === 0 ? undefined : this.#parseWhole(ref[0]))
  }

  /** The text with what was handed out masked. */
  scrub(text: string): string {
    return this.#reader.handedOut.scrub(text)
  }

  /** A stream that masks what was handed out. */
  scrubStream(): Transform {
    return this.#reader.handedOut.scrubStream()
  }

  /** Counters since construction, and what the cache holds now. */
  stats(): ClientStats {
    return this.#reader.stats()
  }

  /** Forgets every value and releases sockets. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#reader.close(closedError())
  }

  /** Whether it was closed. */
  get isClosed(): boolean {
    return this.#isClosed
  }

  /** Also the path of a tree, where nothing but loading and forgetting is to be done. */
  #parseWhole(ref: ReferenceInput): Reference {
    return isTreePath(ref) ? parseTree(ref) : this.#hits.parse(ref)
  }

  #get(ref: ReferenceInput, options: ReadOptions | undefined): Promise<unknown> {
    const reference = this.#hits.parse(ref)
    // Read once: what is noted must be what was asked for, whatever a getter says the next time.
    const asked = askedBy(options)
    const shared = asked && this.#hits.join(ref, asked)
    if (shared !== undefined) {
      const site = this.#siteOf(reference, 1)
      return forCaller(shared, { ref: reference.ref, signal: undefined, isMiss: true, site })
    }
    const how = resolveReadOptions(options)
    const whole = how.isInParts ? inParts(reference) : reference
    if (asked === undefined || !isSame(asked, how)) return this.#value(whole, how)
    return this.#value(whole, how, {
      onKept: (kept) => {
        this.#hits.learn(ref, asked, kept)
      },
      onRead: (value) => {
        this.#hits.share(ref, asked, value)
      },
    })
  }

  #value(reference: Reference, how: ResolvedReadOptions, listener?: ValueListener): Promise<unknown> {
    this.#begin(how.signal)
    const cached = this.#reader.cached(reference, how)
    const kept = cached && this.#reader.kept(cached, reference, how)
    if (cached !== undefined && kept !== undefined) {
      listener?.onKept({ decoded: cached.value.decoded, kept })
      return kept
    }
    const site = this.#siteOf(reference)
    const value = this.#reader.read(cached, reference, how).then(valueOf)
    if (cached === undefined) listener?.onRead(value)
    return forCaller(value, { ref: reference.ref, signal: how.signal, isMiss: cached === undefined, site })
  }

  /** @param itself - 1 where whoever asks is among those who wait already */
  #siteOf(reference: Reference, itself = 0): CallSite | undefined {
    return this.#reader.waiters(reference) - itself < MAX_SITES ? callSite() : undefined
  }

  #begin(signal: AbortSignal | undefined): void {
    if (this.#isClosed) throw closedError()
    signal?.throwIfAborted()
  }
}

function isSame({ as, schema }: Asked, how: ResolvedReadOptions): boolean {
  return how.schema === schema && how.as === (as ?? defaultAs(schema)) && !how.isInParts
}

const valueOf = ({ value }: SecretRead<unknown>): unknown => value
