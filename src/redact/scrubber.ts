/**
 * Masks every secret that was handed out, wherever it turns up in a text, and keeps none of them.
 *
 * @module
 */

import type { Transform } from 'node:stream'
import { Fingerprints } from './fingerprints.js'
import { formsOf, plainFormsOf } from './forms.js'
import { type Leaf, leavesOf } from './leaves.js'
import { type LeafForms, RememberedLeaves, sizeOf } from './remembered-leaves.js'
import { masked, scan } from './scan.js'
import { createScrubStream } from './scrub-stream.js'

/** Fingerprints that are kept; the oldest values leave first. */
const MAX_FINGERPRINTS = 100_000

/** Fingerprints of one value, from which on nothing of it is looked for encoded. */
const MAX_FORMS = 10_000

/** Fingerprints of one value, from which on no more of it is looked for; also of all values that have so many. */
const MAX_PLAIN_FORMS = 20_000

/** Bounds of a {@link Scrubber}. */
export interface ScrubberBounds {
  /** @defaultValue 100 000 */
  readonly maxFingerprints?: number
}

/** A leaf of a value that is being added, and what is looked for of it so far. */
interface Added {
  readonly leaf: Leaf
  readonly forms: LeafForms
}

/**
 * Remembers values by fingerprints: no text that could be printed is kept, and no inspection shows a member.
 */
export class Scrubber {
  /** Made by the first use: no read waits for its keys and tables. */
  #made: Fingerprints | undefined
  readonly #leaves: RememberedLeaves
  /** Leaves of values with so many that they would push out all others. */
  readonly #crowd = new RememberedLeaves(MAX_PLAIN_FORMS)

  constructor({ maxFingerprints = MAX_FINGERPRINTS }: ScrubberBounds = {}) {
    this.#leaves = new RememberedLeaves(maxFingerprints)
  }

  /**
   * Masks a value from now on: text, bytes, a number of 8 digits or more, or all of those inside a plain object,
   * array, `Map` or `Set`. Texts and bytes shorter than 8 are passed over, and so are property names, and the
   * names of AWS's database engines. Never throws.
   */
  add(value: unknown): void {
    const added = new Map<string, Added>()
    let spent = 0
    for (const leaf of leavesOf(value)) {
      if (spent >= MAX_PLAIN_FORMS) break
      const digest = this.#fingerprints.digest(leaf)
      if (added.has(digest)) continue
      const forms = this.#knownForms(digest) ?? this.#plainForms(leaf, MAX_PLAIN_FORMS - spent)
      added.set(digest, { leaf, forms })
      spent += sizeOf(forms)
    }
    for (const [digest, { leaf, forms }] of added) {
      if (forms.isWhole || spent >= MAX_FORMS) continue
      const more = this.#allForms(leaf, forms, MAX_FORMS - spent)
      added.set(digest, { leaf, forms: more })
      spent += sizeOf(more) - sizeOf(forms)
    }
    this.#remember(added, spent >= MAX_FORMS)
  }

  /**
   * The text with every form of every remembered value replaced by `[redacted]`.
   *
   * @throws TypeError for anything but a string.
   */
  scrub(text: string): string {
    if (typeof text !== 'string') throw new TypeError(`text: expected a string, got ${typeof text}`)
    const spans = scan(this.#fingerprints, text)
    return spans.length === 0 ? text : masked(text, spans, text.length)
  }

  /** A stream that masks what passes through it. */
  scrubStream(): Transform {
    return createScrubStream(this.#fingerprints)
  }

  get #fingerprints(): Fingerprints {
    this.#made ??= new Fingerprints()
    return this.#made
  }

  #knownForms(digest: string): LeafForms | undefined {
    return this.#leaves.get(digest) ?? this.#crowd.get(digest)
  }

  #plainForms(leaf: Leaf, most: number): LeafForms {
    return { digests: this.#fingerprint(plainFormsOf(leaf), most, []), isWhole: false }
  }

  #allForms(leaf: Leaf, { digests }: LeafForms, most: number): LeafForms {
    const all = this.#fingerprint(formsOf(leaf), most, digests)
    return { digests: all, isWhole: all.length < digests.length + most }
  }

  /** The digests known with those of the forms, at most so many more. */
  #fingerprint(forms: Iterable<string>, most: number, known: readonly string[]): readonly string[] {
    const digests = new Set(known)
    for (const form of forms) {
      if (digests.size >= known.length + most) break
      const digest = this.#fingerprints.add(form)
      if (digests.has(digest)) this.#fingerprints.remove(digest)
      digests.add(digest)
    }
    return [...digests]
  }

  #remember(added: ReadonlyMap<string, Added>, areMany: boolean): void {
    for (const [digest, { forms }] of added) {
      const isOrdinary = !areMany || this.#leaves.get(digest) !== undefined
      this.#crowd.delete(digest)
      if (isOrdinary) this.#leaves.set(digest, forms)
      else this.#crowd.set(digest, forms)
    }
    for (const remembered of [this.#leaves, this.#crowd]) {
      for (const form of remembered.forgotten()) this.#fingerprints.remove(form)
    }
  }
}
