/**
 * One use of a version, and what it says about the version.
 *
 * @module
 */

import type { Cached } from '../../cache/store.js'
import type { Provenance } from '../../stored-value.js'
import type { Item } from '../item.js'
import type { Caller } from './caller.js'

/** What is known of a version without its value. */
export type VersionIds = Pick<Provenance, 'versionId' | 'version'>

/** How a use ended: let in, turned away, or neither can be said. */
export type Outcome =
  { readonly is: 'accepted' | 'unknown' } | { readonly is: 'rejected'; readonly error: unknown }

/** Nothing can be said. */
export const UNKNOWN: Outcome = { is: 'unknown' }

/** A use that may begin. */
export class Trial {
  /** Called once it is settled, behind whoever is told the outcome. */
  onSettled: () => void = () => undefined
  #version = ''
  #ids: VersionIds = {}
  #caller: Caller | undefined
  #found: Cached<Item> | undefined
  #release: () => void = () => undefined
  #tell: ((outcome: Outcome) => void) | undefined

  constructor(tell: (outcome: Outcome) => void) {
    this.#tell = tell
  }

  /** Notes which version is tried, and by whom. */
  about(version: string, { versionId, version: number }: VersionIds, caller: Caller): void {
    this.#version = version
    this.#caller = caller
    this.#ids = {
      ...(versionId !== undefined && { versionId }),
      ...(number !== undefined && { version: number }),
    }
  }

  /** Notes as what the version was found, and what is called when that is of no use any more: once it is settled. */
  hold(found: Cached<Item>, release: () => void): void {
    this.#found = found
    this.#release = release
  }

  /** What tells the version from others. */
  get version(): string {
    return this.#version
  }

  /** Who tries it. */
  get caller(): Caller | undefined {
    return this.#caller
  }

  /** The version, where it is not one that was at hand. */
  get found(): Cached<Item> | undefined {
    return this.#found
  }

  /** What is told of the version. */
  get ids(): VersionIds {
    return this.#ids
  }

  /** Tells how it ended; only the first time counts. */
  settle(outcome: Outcome): void {
    const tell = this.#tell
    if (tell === undefined) return
    this.#tell = undefined
    tell(outcome)
    this.onSettled()
    this.#release()
  }
}
