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
import { refusePart } from '../decode/parts.js'
import { isStandardSchema } from '../decode/standard-schema/standard-schema.js'
import { type SecretsError, type SecretsErrorCode, errorWith, isSecretsError } from '../errors.js'
import type { Observer } from '../observe/observer.js'
import type { ResolvedReadOptions } from '../options/read-options.js'
import { Redacted } from '../redact/redacted.js'
import { isInParts } from '../reference/composite.js'
import type { Reference } from '../reference/reference.js'
import type { Payload, Provenance } from '../stored-value.js'
import type { HandedOut } from './handed-out.js'
import type { Item, PreviousVersion, Version } from './item.js'
import type { Holding } from './kept-payload.js'
import { SecretRead } from './secret-read.js'

/** What a {@link ReadOut} works with. */
export interface ReadOutOptions {
  readonly clock: Clock
  readonly decoder: Decoder
  readonly observer: Observer
  readonly signals: SharedSignals
  /** Is told of what is being read. */
  readonly holding: Holding
  /** Remembers what is handed out. */
  readonly handedOut: HandedOut
  /** Milliseconds for which a version may be served in place of one that cannot be decoded. */
  readonly maxPreviousMs: number
}

const DECODE_FAILURES: ReadonlySet<SecretsErrorCode> = new Set([
  'ERR_DECODE',
  'ERR_FIELD_NOT_FOUND',
  'ERR_SCHEMA',
])

/** Whether a value was there and could not be decoded. */
export function isDecodeFailure(error: unknown): error is SecretsError {
  return isSecretsError(error) && DECODE_FAILURES.has(error.code)
}

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
    if (how.signal !== undefined || how.fallback !== undefined || how.isRedacted) return undefined
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
    const { onHeld, onReleased } = this.#options.holding
    // The cache may let go of it while a schema runs.
    onHeld?.(found.value)
    try {
      return await this.#read(found, reference, how)
    } finally {
      onReleased?.(found.value)
    }
  }

  async #read(
    found: Cached<Item>,
    reference: Reference,
    how: ResolvedReadOptions,
  ): Promise<SecretRead<unknown>> {
    try {
      const value = await this.#decode(found.value, reference, how)
      return this.result(value, { reference, how, cached: found })
    } catch (error) {
      if (isAbort(error, how.signal) || !isDecodeFailure(error)) throw error
      const isDefaulted = how.fallback !== undefined && isAbsence(error)
      const old = how.fresh || isDefaulted ? undefined : await this.#previous(found, reference, how)
      this.#options.observer.decodeFailed(reference.ref, error.code, old !== undefined)
      if (old === undefined) throw error
      return old
    }
  }

  /**
   * The default of a read, where the error means that nothing is there; else throws the error.
   *
   * @param found - what was found, if it was not that of which nothing is there
   */
  orDefault(
    error: unknown,
    reference: Reference,
    how: ResolvedReadOptions,
    found?: Cached<Item>,
  ): SecretRead<unknown> {
    if (how.fallback === undefined || isAbort(error, how.signal) || !isAbsence(error)) throw error
    return this.result(how.fallback.value, { reference, how, cached: found, isDefault: true })
  }

  /** A value with where it came from; `isDefault` where it is not from there. */
  result(
    value: unknown,
    { reference: { ref }, how, cached, isDefault = false }: ResultOf,
  ): SecretRead<unknown> {
    const fetchedAt = new Date(cached?.stamp.wall ?? this.#options.clock.now())
    const stale = cached?.isStale === true
    const handedOut = how.isRedacted ? new Redacted(value) : value
    const provenance = cached?.value.provenance
    return new SecretRead(handedOut, { ref, fetchedAt, stale, isDefault, provenance })
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
    { value: current, sequence }: Cached<Item>,
    reference: Reference,
    how: ResolvedReadOptions,
  ): Promise<SecretRead<unknown> | undefined> {
    const { previous } = current
    if (previous === undefined || !this.isUsable(previous, how.ttlMs)) return undefined
    try {
      const value = await this.#decode(previous, reference, how)
      const item = { ...current, ...previous, previous: undefined }
      const cached = { value: item, stamp: previous.stamp, sequence, isStale: true }
      return this.result(value, { reference, how, cached })
    } catch {
      return undefined
    }
  }

  async #decode(
    { payload, provenance, decoded }: Version,
    reference: Reference,
    how: ResolvedReadOptions,
  ): Promise<unknown> {
    const { ref, path } = reference
    const { as, schema, signal } = how
    const { decoder, signals } = this.#options
    const decoding = { as, schema, path, ref }
    const kept = decoder.kept(decoded, decoding)
    if (kept !== undefined) return signal === undefined ? kept : signals.abortable(kept, signal)
    const decode = payload.use(async (opened) => {
      if (!isInParts(reference)) refusePart(opened, ref)
      const value = await decoder.decode(opened, decoded, decoding)
      if (decoded.isFirst(decoding)) this.#remember(value, opened, how)
      return value
    })
    try {
      return await (signal === undefined ? decode : signals.abortable(decode, signal))
    } catch (error) {
      throw isAbort(error, signal) ? error : aboutVersion(error, provenance)
    }
  }

  /** Takes note of what is handed out. A schema may make anything of a value; then what went in is noted too. */
  #remember(value: unknown, { text, bytes }: Payload, { schema }: ResolvedReadOptions): void {
    const { handedOut } = this.#options
    const byteLength = bytes === undefined ? text.length : bytes.byteLength
    handedOut.add(value, byteLength)
    if (schema !== undefined && isStandardSchema(schema)) handedOut.add(text ?? bytes, byteLength)
  }
}

/** What a result is made of besides its value. */
interface ResultOf {
  readonly reference: Reference
  readonly how: ResolvedReadOptions
  /** Absent when nothing was found. */
  readonly cached: Cached<Item> | undefined
  /** Whether the value is the default of the read. */
  readonly isDefault?: boolean
}

/** A failure to decode tells which version it is that cannot be decoded. */
function aboutVersion(error: unknown, { versionId, version }: Provenance): unknown {
  if (!isDecodeFailure(error)) return error
  const { ref = '', attempts, what } = error
  if (versionId !== undefined) {
    return errorWith(error, { ref, attempts, what: `${what} (version id ${versionId})`, versionId })
  }
  if (version === undefined) return error
  return errorWith(error, { ref, attempts, what: `${what} (version ${version})`, version })
}

/** Whether a caller ended its own wait. The signal's own reason may be anything, an error of ours too. */
export function isAbort(error: unknown, signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true && error === signal.reason
}

/** The two failures that mean that nothing is there. */
function isAbsence(error: unknown): boolean {
  return isSecretsError(error, 'ERR_NOT_FOUND') || isSecretsError(error, 'ERR_FIELD_NOT_FOUND')
}
