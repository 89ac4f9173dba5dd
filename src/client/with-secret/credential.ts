/**
 * What is known of the versions of one secret: which one is tried, and which were refused.
 *
 * @module
 */

import type { SharedSignals } from '../../abortable.js'
import type { Cached } from '../../cache/store.js'
import type { Clock } from '../../clock.js'
import type { CredentialObserver } from '../../observe/facts.js'
import type { Item } from '../item.js'
import { Gate } from './gate.js'
import { Search } from './search.js'
import type { Entrant } from './slow-start.js'
import { Trial, type VersionIds } from './trial.js'
import { type Candidate, type Versions, versionKey } from './versions.js'
import { type Caller, GO, type Rejection, type Turn, WaitingRoom } from './waiting-room.js'

/** What a {@link Credential} works with. */
export interface CredentialOptions {
  readonly clock: Clock
  /** A number from [0, 1). */
  readonly random: () => number
  readonly signals: SharedSignals
  readonly versions: Versions
  readonly report: CredentialObserver
}

/** So many refused versions are remembered; between two that are accepted there are hardly ever more than two. */
const MAX_REFUSED = 16

/** A pending version that is served in place of one that was refused. */
interface Substitute {
  readonly found: Cached<Item>
  readonly release: () => void
}

/** The versions of one secret, for all who use them. */
export class Credential {
  readonly #options: CredentialOptions
  readonly #gate: Gate
  readonly #search: Search
  /** What is tried now, by {@link versionKey}. */
  #version = ''
  /** Rises whenever what is known of that version is known no more: a trial that began before says nothing. */
  #epoch = 0
  /** Whether it was refused: then nobody tries but for all. */
  #isRefused = false
  readonly #refused = new Set<string>()
  #lastRejection: Rejection = { error: undefined }
  /** Since a version was accepted last. */
  #trouble: { readonly since: number; rejections: number } | undefined
  #substitute: Substitute | undefined
  #callers = 0

  constructor(options: CredentialOptions) {
    const { report } = options
    this.#options = options
    this.#gate = new Gate(options)
    const room = new WaitingRoom({
      ...options,
      lastRejection: () => this.#lastRejection,
      onGivenUp: () => {
        report.gaveUp()
      },
    })
    this.#search = new Search({
      ...options,
      room,
      isRefused: ({ value }) => this.isRefused(versionKey(value.provenance)),
      onFound: (candidate) => {
        this.#take(candidate)
        this.#adopt(versionKey(candidate.found.value.provenance))
      },
      retrial: (candidate) => this.#retrial(candidate),
    })
  }

  /** One more caller, until it leaves. */
  enter(): void {
    this.#callers += 1
  }

  /** What a caller is to do now; behind the search where the version was refused. */
  turn(caller: Caller): Turn | Promise<Turn> {
    return this.#isRefused ? this.#search.join(caller) : GO
  }

  /** What to try where this is current, or where that cannot be told. */
  served(current: Cached<Item> | undefined): Cached<Item> | undefined {
    if (this.#substitute === undefined) return current
    if (current === undefined || this.isRefused(versionKey(current.value.provenance))) {
      return this.#substitute.found
    }
    this.#dropSubstitute()
    return current
  }

  /** Whether a version was refused, and not accepted since. */
  isRefused(version: string): boolean {
    return this.#refused.has(version)
  }

  /** A trial of a version, at once or in turn; `undefined` where it is not to be tried any more. */
  begin(version: string, ids: VersionIds, caller: Caller): Trial | undefined | Promise<Trial | undefined> {
    if (this.#isRefused) return undefined
    if (version !== this.#version) {
      // A cache can go back to a version, as AWS does, which is eventually consistent.
      if (this.isRefused(version)) {
        this.#refuse()
        return undefined
      }
      this.#adopt(version)
    }
    const entrant = this.#gate.enter(caller)
    if (!(entrant instanceof Promise)) return this.#trial(entrant, version, ids)
    return entrant.then((admitted) => {
      if (admitted === undefined) return undefined
      if (!this.#isRefused && this.#version === version) return this.#trial(admitted, version, ids)
      this.#gate.leave(admitted, false)
      return undefined
    })
  }

  /** Whether nothing would be lost with it but that a version works. */
  get isIdle(): boolean {
    return (
      this.#callers === 0 && !this.#isRefused && this.#trouble === undefined && this.#substitute === undefined
    )
  }

  /** A caller has what it came for, or has given up. */
  leave(caller: Caller): void {
    this.#callers -= 1
    this.#search.leave(caller)
    this.#gate.tidy()
  }

  /** Ends every wait with a reason. */
  close(reason: unknown): void {
    this.#gate.close(reason)
    this.#search.close(reason)
    this.#dropSubstitute()
  }

  #trial(entrant: Entrant, version: string, ids: VersionIds): Trial {
    const epoch = this.#epoch
    const trial = new Trial((outcome) => {
      this.#gate.leave(entrant, outcome.is === 'accepted')
      const isTelling = epoch === this.#epoch
      if (outcome.is === 'accepted' && isTelling) this.#accepted(trial)
      if (outcome.is !== 'rejected') return
      this.#rejected(trial, outcome.error, isTelling)
      if (!isTelling) return
      this.#refuse()
      this.#search.putOff()
    })
    trial.about(version, ids)
    return trial
  }

  /** A trial of a version that was refused; `undefined` is whatever is current. */
  #retrial(candidate: Candidate | undefined): Trial {
    const epoch = this.#epoch
    const trial = new Trial((outcome) => {
      const isTelling = epoch === this.#epoch
      if (outcome.is === 'rejected') this.#rejected(trial, outcome.error, isTelling)
      if (outcome.is !== 'accepted' || !isTelling) return
      this.#take(candidate)
      this.#adopt(trial.version, true)
      this.#accepted(trial)
    })
    return trial
  }

  #rejected({ version, ids }: Trial, error: unknown, isTelling: boolean): void {
    this.#options.report.rejected(ids)
    // What began before a version was found good says nothing against that.
    if (!isTelling && version === this.#version) return
    this.#lastRejection = { error }
    this.#trouble ??= { since: this.#options.clock.monotonic(), rejections: 0 }
    this.#trouble.rejections += 1
    const [oldest] = this.#refused
    if (this.#refused.size >= MAX_REFUSED && oldest !== undefined) this.#refused.delete(oldest)
    this.#refused.add(version)
  }

  #accepted({ version, ids }: Trial): void {
    const trouble = this.#trouble
    if (trouble === undefined) return
    this.#trouble = undefined
    this.#search.reset()
    const { found } = this.#substitute ?? {}
    const pending = found !== undefined && versionKey(found.value.provenance) === version
    // What is current stays refused for as long as the pending version is served in its place.
    if (pending) this.#refused.delete(version)
    else this.#refused.clear()
    const { since, rejections } = trouble
    const durationMs = this.#options.clock.monotonic() - since
    this.#options.report.recovered(ids, { pending, rejections, durationMs })
  }

  #refuse(): void {
    this.#isRefused = true
    this.#epoch += 1
    this.#gate.turnAway()
  }

  #adopt(version: string, isProven = false): void {
    this.#version = version
    this.#isRefused = false
    this.#epoch += 1
    this.#gate.restart(isProven)
    this.#search.end()
  }

  /** What is served from now on. */
  #take(candidate: Candidate | undefined): void {
    const release = candidate?.isPending === true ? this.#options.versions.hold(candidate.found) : undefined
    this.#dropSubstitute()
    if (candidate !== undefined && release !== undefined) {
      this.#substitute = { found: candidate.found, release }
    }
  }

  #dropSubstitute(): void {
    this.#substitute?.release()
    this.#substitute = undefined
  }
}
