/**
 * What the client caches for one reference: the stored value, and what it was decoded to.
 *
 * @module
 */

import type { Stamp } from '../clock.js'
import { DecodedValues } from '../decode/decoded-values.js'
import { type Provenance, type StoredValue, provenanceOf } from '../stored-value.js'
import type { KeptPayload, PayloadKeeper } from './kept-payload.js'

/** One version of a value with its decodings. */
export interface Version {
  readonly payload: KeptPayload
  readonly provenance: Provenance
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
  /** Whether the payload is text, not bytes. */
  readonly isText: boolean
}

/** A version that nothing was decoded from yet. */
export function itemOf(stored: StoredValue, keeper: PayloadKeeper): Item {
  const payload = keeper.keep(stored)
  return {
    payload,
    provenance: provenanceOf(stored),
    decoded: new DecodedValues({ isKeeping: !keeper.isSealing }),
    previous: undefined,
    isText: payload.isText,
  }
}

/** The decodings of `cached` where `loaded` is the same version, with what is newly known about it. */
export function mergeItems(cached: Item, stamp: Stamp, loaded: Item): Item {
  if (isSameVersion(cached, loaded)) return { ...cached, provenance: loaded.provenance }
  const isTextAtRisk = !loaded.isText && cached.decoded.hasServedText()
  const { payload, provenance, decoded } = cached
  // Member by member: the version before the one before must not hang on to it.
  const previous =
    decoded.hasServed() || isTextAtRisk ? { payload, provenance, decoded, stamp } : cached.previous
  return { ...loaded, previous }
}

/**
 * Whether two versions are one. The payload is compared too: a parameter that is deleted and created again counts
 * its versions from 1 once more.
 */
export function isSameVersion(a: Version, b: Version): boolean {
  const [one, other] = [a.provenance, b.provenance]
  const isSame = one.arn === other.arn && one.versionId === other.versionId && one.version === other.version
  return isSame && a.payload.isSame(b.payload)
}

/** Whether two versions say that they are one immutable version of a secret, and are not. */
export function isForged(a: Version, b: Version): boolean {
  const [one, other] = [a.provenance, b.provenance]
  const claimsSame = one.versionId !== undefined && one.versionId === other.versionId && one.arn === other.arn
  return claimsSame && !a.payload.isSame(b.payload)
}

/** Payload in UTF-8 bytes, that of the previous version included. */
export function sizeOf({ payload, previous }: Item): number {
  return payload.byteLength + (previous?.payload.byteLength ?? 0)
}
