/**
 * What was seen of the versions of one secret: which were refused, and whether what is tried now lets anybody in.
 *
 * @module
 */

import type { Rejection } from './caller.js'
import type { Trial } from './trial.js'

/** So many refused versions are remembered; between two that are accepted there are hardly ever more than two. */
const MAX_REFUSED = 16

/** So many who were not refused before may be put down to another database in a row, before the version is doubted. */
const MAX_ODD = 4

/** What happened since a version was accepted last. */
export interface Trouble {
  /** When it began, on the monotonic clock. */
  readonly since: number
  /** Times that a version was refused. */
  readonly rejections: number
}

/** Under what circumstances a version was refused. */
interface Circumstances {
  /** Whether the trial began after what is known became known. */
  readonly isTelling: boolean
  /** Whether the trial was for all who wait apart. */
  readonly isApart: boolean
  /** Whether anybody does. */
  readonly isMixed: boolean
  /** On the monotonic clock. */
  readonly now: number
}

/** Collects it. */
export class Evidence {
  #version = ''
  #acceptances = 0
  /** How many there were when those who wait apart were refused last. */
  #seen = 0
  /** How many were put down to another database since a version was accepted, though nothing else said so. */
  #odd = 0
  readonly #refused = new Set<string>()
  #lastError: { readonly error: unknown } | undefined
  #trouble: Trouble | undefined

  /** What is tried now. */
  get version(): string {
    return this.#version
  }

  /** How `use` has failed last, while no version is accepted. */
  get last(): { readonly error: unknown } | undefined {
    return this.#lastError
  }

  /** Whether a version was refused, and not accepted since. */
  isRefused(version: string): boolean {
    return this.#refused.has(version)
  }

  /** Another version is tried from now on. */
  adopt(version: string): void {
    this.#version = version
  }

  /**
   * A version was refused: for all, or only for this caller, since others were let in with it meanwhile. Those use
   * another database, or a node of it that is ahead.
   *
   * @returns whether what is tried is refused from now on
   */
  refused({ version, caller }: Trial, error: unknown, circumstances: Circumstances): boolean {
    const { isTelling, now } = circumstances
    const isOdd = version === this.#version && this.#letsOthersIn(caller?.rejection, circumstances)
    if (caller !== undefined) {
      caller.deadline ??= now + caller.windowMs
      caller.rejection = { error, version, acceptances: this.#acceptances }
      caller.isApart = isOdd
    }
    // What began before a version was found good says nothing against that.
    if (isOdd || (!isTelling && version === this.#version)) return false
    this.#lastError = { error }
    const { since = now, rejections = 0 } = this.#trouble ?? {}
    this.#trouble = { since, rejections: rejections + 1 }
    this.#remember(version)
    return isTelling
  }

  /**
   * What is tried was accepted; what trouble that ends, if any.
   *
   * @param isSubstitute - whether it stands in for what is current, which stays refused for so long
   */
  accepted(isSubstitute: boolean): Trouble | undefined {
    this.#acceptances += 1
    this.#odd = 0
    const trouble = this.#trouble
    if (trouble === undefined) return undefined
    this.#trouble = undefined
    if (isSubstitute) this.#refused.delete(this.#version)
    else {
      this.#refused.clear()
      this.#lastError = undefined
    }
    return trouble
  }

  #letsOthersIn(before: Rejection | undefined, { isApart, isMixed }: Circumstances): boolean {
    const isOwn = !isApart && before?.version === this.#version
    const isOdd = this.#acceptances > (isOwn ? before.acceptances : this.#seen)
    if (isApart) this.#seen = this.#acceptances
    if (!isOdd || isApart || isOwn) return isOdd
    // Or everybody would try once what is dead, while anybody waits apart.
    if (isMixed) this.#odd += 1
    return isMixed && this.#odd <= MAX_ODD
  }

  #remember(version: string): void {
    this.#refused.delete(version)
    const [oldest] = this.#refused
    if (this.#refused.size >= MAX_REFUSED && oldest !== undefined) this.#refused.delete(oldest)
    this.#refused.add(version)
  }
}
