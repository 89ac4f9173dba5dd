/**
 * Which fingerprints belong to which leaf, so that the oldest can be forgotten.
 *
 * @module
 */

/** What is looked for of one leaf. */
export interface LeafForms {
  /** Digests of its forms. */
  readonly digests: readonly string[]
  /** Whether these are all of its forms. */
  readonly isWhole: boolean
}

/** Leaves by their digests, the one that was added first in front. */
export class RememberedLeaves {
  readonly #maxForms: number
  readonly #leaves = new Map<string, LeafForms>()
  #forms = 0

  constructor(maxForms: number) {
    this.#maxForms = maxForms
  }

  /** What is looked for of this leaf. */
  get(digest: string): LeafForms | undefined {
    return this.#leaves.get(digest)
  }

  /** Remembers a leaf as the last one. */
  set(digest: string, forms: LeafForms): void {
    this.delete(digest)
    this.#leaves.set(digest, forms)
    this.#forms += sizeOf(forms)
  }

  /** Takes a leaf out. */
  delete(digest: string): void {
    const forms = this.#leaves.get(digest)
    if (forms === undefined) return
    this.#leaves.delete(digest)
    this.#forms -= sizeOf(forms)
  }

  /** Takes out the first leaves until the others are within the bound; returns the digests of their forms. */
  *forgotten(): Generator<string> {
    for (const [digest, forms] of this.#leaves) {
      if (this.#forms <= this.#maxForms) return
      this.delete(digest)
      yield* forms.digests
    }
  }
}

/** The fingerprints that a leaf takes the room of: at least one, also without any form. */
export function sizeOf({ digests }: LeafForms): number {
  return Math.max(1, digests.length)
}
