/**
 * What was seen of the versions of one secret: which were refused, and whether what is tried now lets anybody in.
 *
 * @module
 */

import type { Trial } from './trial.js'
import type { Rejection } from './caller.js'

/** So many refused versions are remembered; between two that are accepted there are hardly ever more than two. */
const MAX_REFUSED = 16

/** What happened since a version was accepted last. */
export interface Trouble {
  /** When it began, on the monotonic clock. */
  readonly since: number
  /** Times that a version was refused. */
  readonly rejections: number
}

/** Collects it. */
export class Evidence {
  #version = ''
  #acceptances = 0
  readonly #refused = new Set<string>()
  #lastError: { readonly error: unknown } = NONE
  #trouble: Trouble | undefined

  /** What is tried now. */
  get version(): string {
    return this.#version
  }

  /** How `use` has failed last, while no version is accepted. */
  get last(): { readonly error: unknown } {
    return this.#lastError
  }

  /** Whether nothing would be lost with it but that a version works. */
  get isClean(): boolean {
    return this.#trouble === undefined && this.#refused.size === 0
  }

  /** Whether a version was refused, and not accepted since. */
  isRefused(version: string): boolean {
    return this.#refused.has(version)
  }

  /** Whether others were let in with what a caller was refused with, afterwards. */
  isOdd({ version, acceptances }: Rejection): boolean {
    return version === this.#version && this.#acceptances > acceptances
  }

  /** Another version is tried from now on. */
  adopt(version: string): void {
    this.#version = version
  }

  /**
   * A version was refused, for one caller or for all.
   *
   * @param isTelling - whether the trial began after what is known became known
   * @returns whether it is refused from now on, if it is what is tried
   */
  refused({ version, caller }: Trial, error: unknown, isTelling: boolean, now: number): boolean {
    const before = caller?.rejection
    const isOdd = before?.version === version && this.isOdd(before)
    if (caller !== undefined) {
      caller.deadline ??= now + caller.windowMs
      // Once odd it stays so: for as long as this is what is tried.
      caller.rejection = { error, version, acceptances: isOdd ? -1 : this.#acceptances }
      caller.refusals = isOdd ? caller.refusals + 1 : 0
    }
    // What began before a version was found good says nothing against that.
    if (isOdd || (!isTelling && version === this.#version)) return false
    this.#lastError = { error }
    const { since = now, rejections = 0 } = this.#trouble ?? {}
    this.#trouble = { since, rejections: rejections + 1 }
    const [oldest] = this.#refused
    if (this.#refused.size >= MAX_REFUSED && oldest !== undefined) this.#refused.delete(oldest)
    this.#refused.add(version)
    return isTelling
  }

  /**
   * What is tried was accepted; what trouble that ends, if any.
   *
   * @param isSubstitute - whether it stands in for what is current, which stays refused for so long
   */
  accepted(isSubstitute: boolean): Trouble | undefined {
    this.#acceptances += 1
    const trouble = this.#trouble
    if (trouble === undefined) return undefined
    this.#trouble = undefined
    if (isSubstitute) this.#refused.delete(this.#version)
    else {
      this.#refused.clear()
      this.#lastError = NONE
    }
    return trouble
  }
}

const NONE = { error: undefined }
