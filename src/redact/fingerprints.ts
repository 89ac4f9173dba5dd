/**
 * Recognises texts without keeping them: of each there is a keyed digest, and hashes by which candidates are found.
 *
 * @module
 */

import { type KeyObject, createHmac, createSecretKey, randomBytes } from 'node:crypto'
import {
  type HashKeys,
  PartHashes,
  type Power,
  WINDOW,
  drawHashKeys,
  firstWindowHash,
  leavingFactor,
  powerOf,
} from './rolling-hash.js'
import { Counted, PowersInUse, PrefixUnits, WindowFilter } from './tallies.js'

/** A text that is recognised. */
interface Fingerprint {
  readonly digest: string
  readonly windowHash: number
  readonly hash: number
  readonly power: Power
  /** Hashes of its beginnings: of 16, 32, 64 … units, and up to each end of a line. */
  readonly marks: readonly number[]
  uses: number
}

/** Where in a text one of the recognised ones may begin. */
export interface Candidate {
  readonly start: number
  /** The lengths that it may have, the longest first. */
  readonly powers: readonly Power[]
}

/** The length of the first mark; the others double. */
export const FIRST_MARK = 2 * WINDOW

/** A set of texts of which only fingerprints are kept. Inspection shows none of its members. */
export class Fingerprints {
  readonly #key: KeyObject = createSecretKey(randomBytes(32))
  readonly #keys: HashKeys = drawHashKeys()
  readonly #byDigest = new Map<string, Fingerprint>()
  readonly #hashes = new Counted()
  readonly #marks = new Counted()
  readonly #windows = new Map<number, PowersInUse>()
  readonly #filter = new WindowFilter()
  readonly #prefixes = new PrefixUnits()

  /** Texts that are recognised. */
  get size(): number {
    return this.#byDigest.size
  }

  /** The digest of a text, or of bytes; nobody without the key can make it. */
  digest(content: string | Uint8Array): string {
    const hmac = createHmac('sha256', this.#key)
    if (typeof content === 'string') hmac.update(content, 'utf16le')
    else hmac.update(content)
    return hmac.digest().toString('latin1', 0, 16)
  }

  /** Recognises a text of 8 units or more from now on; returns what it is removed by, once for each time. */
  add(text: string): string {
    const digest = this.digest(text)
    const known = this.#byDigest.get(digest)
    if (known !== undefined) {
      known.uses += 1
      return digest
    }
    const fingerprint = this.#fingerprintOf(text, digest)
    const { windowHash, hash, power, marks } = fingerprint
    this.#byDigest.set(digest, fingerprint)
    this.#hashes.add(hash)
    for (const mark of marks) this.#marks.add(mark)
    this.#prefixes.add(text)
    const powers = this.#windows.get(windowHash) ?? new PowersInUse()
    powers.add(power)
    this.#windows.set(windowHash, powers)
    this.#filter.add(windowHash, this.#windows)
    return digest
  }

  /** Takes back one {@link Fingerprints.add}. */
  remove(digest: string): void {
    const fingerprint = this.#byDigest.get(digest)
    if (fingerprint === undefined) return
    fingerprint.uses -= 1
    if (fingerprint.uses > 0) return
    const { windowHash, hash, power, marks } = fingerprint
    this.#byDigest.delete(digest)
    this.#hashes.remove(hash)
    for (const mark of marks) this.#marks.remove(mark)
    const powers = this.#windows.get(windowHash)
    powers?.remove(power)
    if (powers?.sorted.length !== 0) return
    this.#windows.delete(windowHash)
    this.#filter.remove()
  }

  /** Whether exactly this text is recognised. */
  has(text: string): boolean {
    return this.#byDigest.has(this.digest(text))
  }

  /** Whether a recognised text has this hash, which by chance a different one has too. */
  hasHash(hash: number): boolean {
    return this.#hashes.has(hash)
  }

  /** Whether a recognised text may have this hash at one of its marks. */
  hasMark(hash: number): boolean {
    return this.#marks.has(hash)
  }

  /** Whether a recognised text may begin with the last units of `text`, from `start` on and fewer than a window. */
  mayBegin(text: string, start: number): boolean {
    return this.#prefixes.mayBegin(text, start)
  }

  /** Hashes of the parts of a text, to compare. */
  partsOf(text: string): PartHashes {
    return new PartHashes(text, this.#keys)
  }

  /** What the hashes of parts of that length need. */
  powerOf(length: number): Power {
    return powerOf(length, this.#keys)
  }

  /**
   * Calls `visit` for each place where the next 8 units are those of a recognised text, from left to right. Returns
   * the place at which `visit` returned `false`, which ends it.
   */
  eachCandidate(text: string, visit: (candidate: Candidate) => boolean): number | undefined {
    if (text.length < WINDOW || this.#windows.size === 0) return undefined
    const [windows, factor, leaving] = [this.#windows, this.#keys.window, leavingFactor(this.#keys)]
    const { slots, shift } = this.#filter
    let hash = firstWindowHash(text, this.#keys)
    for (let start = 0, next = WINDOW; ; start += 1, next += 1) {
      if (slots[hash >>> shift] !== 0) {
        const powers = windows.get(hash)
        if (powers !== undefined && !visit({ start, powers: powers.sorted })) return start
      }
      if (next >= text.length) return undefined
      hash = Math.imul(hash + text.charCodeAt(next) - Math.imul(text.charCodeAt(start), leaving), factor)
    }
  }

  #fingerprintOf(text: string, digest: string): Fingerprint {
    const parts = this.partsOf(text)
    const power = this.powerOf(text.length)
    const marks = new Set<number>()
    for (let length = FIRST_MARK; length < text.length; length *= 2) marks.add(length)
    for (let at = text.indexOf('\n', WINDOW); at >= 0; at = text.indexOf('\n', at + 1)) marks.add(at + 1)
    marks.delete(text.length)
    return {
      digest,
      power,
      windowHash: firstWindowHash(text, this.#keys),
      hash: parts.of(0, power),
      marks: Array.from(marks, (length) => parts.of(0, this.powerOf(length))),
      uses: 1,
    }
  }
}
