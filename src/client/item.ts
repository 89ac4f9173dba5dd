/**
 * What the client caches for one reference: the stored value, and what it was decoded to.
 *
 * @module
 */

import type { Stamp } from '../clock.js'
import { DecodedValues } from '../decode/decoded-values.js'
import type { Payload, StoredValue } from '../stored-value.js'

/** One version of a value with its decodings. */
export interface Version {
  readonly stored: StoredValue
  readonly decoded: DecodedValues
}

/** A version that was current before. */
export interface PreviousVersion extends Version {
  /** When the last request started that found it current. */
  readonly stamp: Stamp
}

/** The current version, and the last one that could be decoded. */
export interface Item extends Version {
  /** Absent where nothing but its text was used, and the current version is text too: that can always be had. */
  readonly previous: PreviousVersion | undefined
}

/** A version that nothing was decoded from yet. */
export function itemOf(stored: StoredValue): Item {
  return { stored, decoded: new DecodedValues(), previous: undefined }
}

/** The decodings of `cached` where `loaded` is the same version, with what is newly known about it. */
export function mergeItems(cached: Item, stamp: Stamp, loaded: Item): Item {
  const { stored } = loaded
  if (isSameVersion(cached.stored, stored)) return { ...cached, stored }
  const isTextAtRisk = stored.bytes !== undefined && cached.decoded.kept({ as: 'text' }) !== undefined
  const { stored: replaced, decoded } = cached
  // Member by member: the version before the one before must not hang on to it.
  const previous =
    decoded.hasServed() || isTextAtRisk ? { stored: replaced, decoded, stamp } : cached.previous
  return { ...loaded, previous }
}

/**
 * Whether two stored values are one version. The payload is compared too: a parameter that is deleted and
 * created again counts its versions from 1 once more.
 */
export function isSameVersion(a: StoredValue, b: StoredValue): boolean {
  return a.arn === b.arn && a.versionId === b.versionId && a.version === b.version && isSamePayload(a, b)
}

/** Whether two stored values say that they are one immutable version of a secret, and are not. */
export function isForged(a: StoredValue, b: StoredValue): boolean {
  return a.versionId !== undefined && a.versionId === b.versionId && a.arn === b.arn && !isSamePayload(a, b)
}

/** Payload in UTF-8 bytes, that of the previous version included. */
export function sizeOf({ stored, previous }: Item): number {
  return bytesIn(stored) + (previous === undefined ? 0 : bytesIn(previous.stored))
}

function bytesIn({ bytes, text }: Payload): number {
  return bytes === undefined ? Buffer.byteLength(text) : bytes.byteLength
}

function isSamePayload(a: Payload, b: Payload): boolean {
  if (a.bytes === undefined || b.bytes === undefined) return a.text === b.text
  return Buffer.compare(a.bytes, b.bytes) === 0
}
