/**
 * Masks every secret that was handed out, wherever it turns up in a text, and keeps none of them.
 *
 * @module
 */

import type { Transform } from 'node:stream'
import { Fingerprints } from './fingerprints.js'
import { formsOf } from './forms.js'
import { type Leaf, leavesOf } from './leaves.js'
import { masked, scan } from './scan.js'
import { createScrubStream } from './scrub-stream.js'

/** Fingerprints that are kept; the oldest values leave first. */
const MAX_FINGERPRINTS = 100_000

/** Forms of one leaf, which may be a document with many leaves in it. */
const MAX_FORMS = 20_000

/** Bounds of a {@link Scrubber}. */
export interface ScrubberBounds {
  /** @defaultValue 100 000 */
  readonly maxFingerprints?: number
}

/**
 * Remembers values by fingerprints: no text that could be printed is kept, and no inspection shows a member.
 */
export class Scrubber {
  readonly #fingerprints = new Fingerprints()
  readonly #maxFingerprints: number
  /** The forms of each leaf, both as digests; the oldest first. */
  readonly #leaves = new Map<string, readonly string[]>()

  constructor({ maxFingerprints = MAX_FINGERPRINTS }: ScrubberBounds = {}) {
    this.#maxFingerprints = maxFingerprints
  }

  /**
   * Masks a value from now on: text, bytes, a number of 8 digits or more, or all of those inside a plain object,
   * array, `Map` or `Set`. Texts and bytes shorter than 8 are passed over, and so are property names, and the
   * names of AWS's database engines. Never throws.
   */
  add(value: unknown): void {
    for (const leaf of leavesOf(value)) this.#remember(leaf)
    while (this.#fingerprints.size > this.#maxFingerprints) this.#forgetOldest()
  }

  /**
   * The text with every form of every remembered value replaced by `[redacted]`.
   *
   * @throws TypeError for anything but a string.
   */
  scrub(text: string): string {
    if (typeof text !== 'string') throw new TypeError(`text: expected a string, got ${typeof text}`)
    const { spans } = scan(this.#fingerprints, text)
    return spans.length === 0 ? text : masked(text, spans, text.length)
  }

  /** A stream that masks what passes through it. */
  scrubStream(): Transform {
    return createScrubStream((text, covered) => scan(this.#fingerprints, text, covered))
  }

  #remember(leaf: Leaf): void {
    const digest = this.#fingerprints.digest(leaf)
    const forms = this.#leaves.get(digest) ?? this.#addForms(leaf)
    this.#leaves.delete(digest)
    this.#leaves.set(digest, forms)
  }

  #addForms(leaf: Leaf): readonly string[] {
    const digests = new Set<string>()
    for (const form of formsOf(leaf)) {
      if (digests.size >= MAX_FORMS) break
      const digest = this.#fingerprints.add(form)
      if (digests.has(digest)) this.#fingerprints.remove(digest)
      digests.add(digest)
    }
    return [...digests]
  }

  #forgetOldest(): void {
    for (const [digest, forms] of this.#leaves) {
      this.#leaves.delete(digest)
      for (const form of forms) this.#fingerprints.remove(form)
      return
    }
  }
}
