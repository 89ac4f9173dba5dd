/**
 * Where the value of a reference comes from: one stored value, all parameters below a path, or parts that are put
 * together.
 *
 * @module
 */

import type { LoadContext } from '../cache/launcher.js'
import type { Clock } from '../clock.js'
import { isInParts, isTree } from '../reference/composite.js'
import type { Reference } from '../reference/reference.js'
import type { StoredValue } from '../stored-value.js'
import { loadParts } from './composite/parts-load.js'
import { loadTree } from './composite/tree-load.js'
import type { Upstream } from './upstream.js'

/** What an {@link Origin} works with. */
export interface OriginOptions {
  readonly clock: Clock
  /** Milliseconds for one value, however many requests it takes. */
  readonly timeoutMs: number
  readonly upstream: Upstream
}

/** Loads the values of one client. */
export class Origin {
  readonly #options: OriginOptions

  constructor(options: OriginOptions) {
    this.#options = options
  }

  /**
   * Loads what a reference stands for. Settles by the deadline.
   *
   * @throws SecretsError for every failure; the reason of the signal when that aborts.
   */
  load(reference: Reference, context: LoadContext): Promise<StoredValue> {
    const { upstream } = this.#options
    if (isTree(reference) && reference.service === 'ssm') {
      const loadPage = upstream.loadPage.bind(upstream)
      return loadTree(reference, { ...this.#options, loadPage }, context)
    }
    if (!isInParts(reference)) return upstream.load(reference, context)
    const load = upstream.load.bind(upstream)
    return loadParts(reference, { ...this.#options, load }, context)
  }
}
