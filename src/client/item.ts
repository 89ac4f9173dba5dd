/**
 * What the client caches for one reference: the stored value, and what it was decoded to.
 *
 * @module
 */

import { DecodedValues } from '../decode/decoded-values.js'
import type { Payload, StoredValue } from '../stored-value.js'

/** One version of a value with its decodings. */
export interface Item {
  readonly stored: StoredValue
  readonly decoded: DecodedValues
}

/** A version that nothing was decoded from yet. */
export function itemOf(stored: StoredValue): Item {
  return { stored, decoded: new DecodedValues() }
}

/** Keeps the decodings of `cached` where `loaded` is the same version, with what is newly known about it. */
export function mergeItems(cached: Item, loaded: Item): Item {
  return isSameVersion(cached.stored, loaded.stored)
    ? { stored: loaded.stored, decoded: cached.decoded }
    : loaded
}

/**
 * Whether two stored values are one version. The payload is compared too: a parameter that is deleted and
 * created again counts its versions from 1 once more.
 */
export function isSameVersion(a: StoredValue, b: StoredValue): boolean {
  return a.arn === b.arn && a.versionId === b.versionId && a.version === b.version && isSamePayload(a, b)
}

/** Payload in UTF-8 bytes. */
export function sizeOf({ stored }: Item): number {
  return stored.bytes === undefined ? Buffer.byteLength(stored.text) : stored.bytes.byteLength
}

function isSamePayload(a: Payload, b: Payload): boolean {
  if (a.bytes === undefined || b.bytes === undefined) return a.text === b.text
  return Buffer.compare(a.bytes, b.bytes) === 0
}
