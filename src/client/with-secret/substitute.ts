/**
 * A pending version that is served in place of a current one that was refused, until that is another.
 *
 * @module
 */

import type { Cached } from '../../cache/store.js'
import type { Item } from '../item.js'
import { type Candidate, type Versions, versionKey } from './versions.js'

/** At most one version, which is held beside the cache. */
export class Substitute {
  readonly #hold: Versions['hold']
  #held: { readonly found: Cached<Item>; readonly release: () => void } | undefined

  constructor(hold: Versions['hold']) {
    this.#hold = hold
  }

  /** What tells it from other versions; `undefined` where there is none. */
  get version(): string | undefined {
    return this.#held && versionKey(this.#held.found.value.provenance)
  }

  /** The version, where there is one. */
  get found(): Cached<Item> | undefined {
    return this.#held?.found
  }

  /** Serves a pending version from now on; with any other, none. */
  take(candidate: Candidate | undefined): void {
    const release = candidate?.isPending === true ? this.#hold(candidate.found) : undefined
    this.drop()
    if (candidate !== undefined && release !== undefined) this.#held = { found: candidate.found, release }
  }

  /** Serves none from now on. */
  drop(): void {
    this.#held?.release()
    this.#held = undefined
  }
}
