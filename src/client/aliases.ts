/**
 * Learns which references are one: name, partial ARN and full ARN of an item, with the same selector, share the
 * cache entry of the full ARN, their home.
 *
 * @module
 */

import { inParts, isInParts } from '../reference/composite.js'
import { isArnOf } from '../reference/identity.js'
import { parseReference } from '../reference/parse.js'
import type { Reference } from '../reference/reference.js'

/** Where a key was found to belong, and by which request. */
interface Binding {
  readonly arn: string | undefined
  readonly home: string
  readonly sequence: number
}

/** The aliases of one client. */
export class Aliases {
  readonly #maxEntries: number
  readonly #isHeld: (home: string) => boolean
  readonly #bindings = new Map<string, Binding>()
  #revision = 0

  /**
   * @param maxEntries - bindings up to which none is forgotten; above it, those go whose home holds nothing
   * @param isHeld - whether the cache holds an entry under a home
   */
  constructor(maxEntries: number, isHeld: (home: string) => boolean) {
    this.#maxEntries = maxEntries
    this.#isHeld = isHeld
  }

  /** Another number when a key has moved whose entry may be known: what is known by key holds for one revision. */
  get revision(): number {
    return this.#revision
  }

  /** The key that the entry of `key` is kept under. */
  homeOf(key: string): string {
    return this.#bindings.get(key)?.home ?? key
  }

  /**
   * Takes note of the ARN that a request for `reference` was answered with, and returns the home that follows.
   *
   * An item that was deleted and created again has a new ARN, so that its name moves on, unless the answer is
   * older than what is known.
   */
  learn(reference: Reference, arn: string | undefined, sequence: number): string {
    const { key } = reference
    const known = this.#bindings.get(key)
    const home = known !== undefined && known.arn === arn ? known.home : homeBy(reference, arn)
    if (known !== undefined && known.sequence > sequence) return home
    if (home !== this.homeOf(key) && this.#isHeld(this.homeOf(key))) this.#revision += 1
    this.#bindings.delete(key)
    if (home !== key) {
      this.#makeRoom()
      this.#bindings.set(key, { arn, home, sequence })
    }
    return home
  }

  #makeRoom(): void {
    if (this.#bindings.size < this.#maxEntries) return
    for (const [key, { home }] of this.#bindings) if (!this.#isHeld(home)) this.#bindings.delete(key)
  }
}

/** The key itself where the answer had no ARN, or one that cannot be, as those of test doubles may. */
function homeBy(reference: Reference, arn: string | undefined): string {
  if (arn === undefined || !isArnOf(reference, arn)) return reference.key
  const { service } = reference
  try {
    const home =
      service === 'ssm'
        ? parseReference({ service, arn, version: reference.version, label: reference.label })
        : parseReference({
            service,
            arn,
            versionId: reference.versionId,
            versionStage: reference.versionStage,
          })
    return isInParts(reference) ? inParts(home).key : home.key
  } catch {
    return reference.key
  }
}
