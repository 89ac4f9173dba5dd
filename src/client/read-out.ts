/**
 * Makes of what is cached what a caller asked for: decoded, with its provenance, and from the version before where
 * the current one cannot be decoded.
 *
 * @module
 */

import type { SharedSignals } from '../abortable.js'
import type { Cached } from '../cache/store.js'
import { type Clock, ageMs } from '../clock.js'
import type { Decoder } from '../decode/decode.js'
import { type SecretsErrorCode, isSecretsError } from '../errors.js'
import type { Observer } from '../observe/observer.js'
import type { ResolvedReadOptions } from '../options/read-options.js'
import type { Reference } from '../reference/reference.js'
import type { Item, PreviousVersion, Version } from './item.js'
import { SecretRead } from './secret-read.js'

/** What a {@link ReadOut} works with. */
export interface ReadOutOptions {
  readonly clock: Clock
  readonly decoder: Decoder
  readonly observer: Observer
  readonly signals: SharedSignals
  /** Milliseconds for which a version may be served in place of one that cannot be decoded. */
  readonly maxPreviousMs: number
}

const DECODE_FAILURES: ReadonlySet<SecretsErrorCode> = new Set([
  'ERR_DECODE',
  'ERR_FIELD_NOT_FOUND',
  'ERR_SCHEMA',
])

/** Reads out the items of one cache. */
export class ReadOut {
  readonly #options: ReadOutOptions

  constructor(options: ReadOutOptions) {
    this.#options = options
  }

  /**
   * The promise that is kept with a cached version, where the read needs nothing else: the way of a hit.
   */
  kept(cached: Cached<Item>, reference: Reference, how: ResolvedReadOptions): Promise<unknown> | undefined {
    if (how.signal !== undefined || how.fallback !== undefined) return undefined
    const { ref, path } = reference
    const { decoder } = this.#options
    return decoder.kept(cached.value.decoded, { as: how.as, schema: how.schema, path, ref })
  }

  /**
   * The current version, or the one before where the current one cannot be decoded.
   *
   * @throws SecretsError `ERR_DECODE`, `ERR_FIELD_NOT_FOUND` or `ERR_SCHEMA`.
   */
  async read(
    found: Cached<Item>,
    reference: Reference,
    how: ResolvedReadOptions,
  ): Promise<SecretRead<unknown>> {
    try {
      return this.result(await this.#decode(found.value, reference, how), reference, found)
    } catch (error) {
      if (isAbort(error, how.signal) || !isSecretsError(error) || !DECODE_FAILURES.has(error.code))
        throw error
      const isDefaulted = how.fallback !== undefined && isAbsence(error)
      const old = how.fresh || isDefaulted ? undefined : await this.#previous(found, reference, how)
      this.#options.observer.decodeFailed(reference.ref, error.code, old !== undefined)
      if (old === undefined) throw error
      return old
    }
  }

  /** A value with where it came from; `isDefault` where it is not from there. */
  result(
    value: unknown,
    { ref }: Reference,
    cached: Cached<Item> | undefined,
    isDefault = false,
  ): SecretRead<unknown> {
    const fetchedAt = new Date(cached?.stamp.wall ?? this.#options.clock.now())
    const stale = cached?.isStale === true
    return new SecretRead(value, { ref, fetchedAt, stale, isDefault, provenance: cached?.value.stored })
  }

  /**
   * Whether a version is not too old to be served in place of the current one.
   *
   * @param maxAgeMs - the oldest age that the reader accepts
   */
  isUsable(previous: PreviousVersion, maxAgeMs = Infinity): boolean {
    const { clock, maxPreviousMs } = this.#options
    return ageMs(previous.stamp, clock) <= Math.min(maxPreviousMs, maxAgeMs)
  }

  /** The version before, decoded; `undefined` where there is none, or it cannot be decoded either. */
  async #previous(
    { value: { previous }, sequence }: Cached<Item>,
    reference: Reference,
    how: ResolvedReadOptions,
  ): Promise<SecretRead<unknown> | undefined> {
    if (previous === undefined || !this.isUsable(previous, how.ttlMs)) return undefined
    try {
      const value = await this.#decode(previous, reference, how)
      const item = { ...previous, previous: undefined }
      return this.result(value, reference, { value: item, stamp: previous.stamp, sequence, isStale: true })
    } catch {
      return undefined
    }
  }

  #decode(
    { stored, decoded }: Version,
    { ref, path }: Reference,
    how: ResolvedReadOptions,
  ): Promise<unknown> {
    const { as, schema, signal } = how
    const { decoder, signals } = this.#options
    const value = decoder.decode(stored, decoded, { as, schema, path, ref })
    return signal === undefined ? value : signals.abortable(value, signal)
  }
}

/** Whether a caller ended its own wait. The signal's own reason may be anything, an error of ours too. */
export function isAbort(error: unknown, signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true && error === signal.reason
}

/** The two failures that mean that nothing is there. */
export function isAbsence(error: unknown): boolean {
  return isSecretsError(error, 'ERR_NOT_FOUND') || isSecretsError(error, 'ERR_FIELD_NOT_FOUND')
}
