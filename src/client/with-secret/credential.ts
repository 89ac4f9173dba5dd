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
import type { Caller } from './caller.js'
import { Evidence } from './evidence.js'
import { Gate } from './gate.js'
import { Search, type SearchOptions } from './search.js'
import type { Entrant } from './slow-start.js'
import { Substitute } from './substitute.js'
import { Trial, UNKNOWN, type VersionIds } from './trial.js'
import { type Candidate, type Versions, versionKey } from './versions.js'
import { GO, type Turn, WaitingRoom } from './waiting-room.js'

/** What a {@link Credential} works with. */
export interface CredentialOptions {
  readonly clock: Clock
  /** A number from [0, 1). */
  readonly random: () => number
  readonly signals: SharedSignals
  readonly versions: Versions
  readonly report: CredentialObserver
}

/** What is known of a version that is to be tried. */
interface Adoption {
  readonly found?: Cached<Item> | undefined
  readonly isProven?: boolean
}

/** The versions of one secret, for all who use them. */
export class Credential {
  readonly #options: CredentialOptions
  readonly #gate: Gate
  readonly #search: Search
  /** For those who are refused with what lets others in: they must not keep those out. */
  readonly #apart: Search
  readonly #evidence = new Evidence()
  /** Rises whenever what is known of the version is known no more: a trial that began before says nothing. */
  #epoch = 0
  /** Whether it was refused: then nobody tries but for all. */
  #isRefused = false
  readonly #substitute: Substitute
  #callers = 0

  constructor(options: CredentialOptions) {
    const { report } = options
    this.#options = options
    this.#gate = new Gate(options)
    this.#substitute = new Substitute(options.versions.hold)
    const { clock, random, signals, versions } = options
    const { refreshed, hold } = versions
    const isRefused = ({ value }: Cached<Item>) => this.isRefused(versionKey(value.provenance))
    const isTried = ({ value }: Cached<Item>) => versionKey(value.provenance) === this.#evidence.version
    const searchBy = (own: Pick<SearchOptions, 'versions' | 'isRefused' | 'isWorthTrying' | 'retrial'>) => {
      const lastRejection = () => this.#evidence.last
      const onGivenUp = () => {
        report.gaveUp()
      }
      const room = new WaitingRoom({ clock, signals, lastRejection, onGivenUp })
      const onFound = (candidate: Candidate) => {
        this.#substitute.take(candidate)
        this.#adopt(versionKey(candidate.found.value.provenance), { found: candidate.found })
      }
      return new Search({ clock, random, room, onFound, ...own })
    }
    const retrial = (candidate: Candidate | undefined) => this.#retrial(candidate)
    this.#search = searchBy({ versions, isRefused, isWorthTrying: () => true, retrial })
    this.#apart = searchBy({
      versions: { refreshed, hold },
      isRefused: (found) => isTried(found) || isRefused(found),
      isWorthTrying: isTried,
      retrial: () => this.#retrialApart(),
    })
  }

  /** One more caller, until it leaves. */
  enter(): void {
    this.#callers += 1
  }

  /** What a caller is to do now; behind the search where the version was refused. */
  turn(caller: Caller): Turn | Promise<Turn> {
    const { rejection, isServed, isApart, deadline = Infinity } = caller
    const isLate = isServed && this.#options.clock.monotonic() > deadline
    if (rejection !== undefined && isLate) return this.#search.giveUp(caller)
    caller.isServed = rejection !== undefined
    caller.isApart = false
    if (isApart) return this.#apart.join(caller)
    return this.#isRefused ? this.#search.join(caller) : GO
  }

  /** What to try where this is current, or where that cannot be told. */
  served(current: Cached<Item> | undefined): Cached<Item> | undefined {
    const { found } = this.#substitute
    if (found === undefined) return current
    if (current === undefined || this.isRefused(versionKey(current.value.provenance))) return found
    this.#substitute.drop()
    return current
  }

  /** Whether a version was refused, and not accepted since. */
  isRefused(version: string): boolean {
    return this.#evidence.isRefused(version)
  }

  /** A trial of a version, at once or in turn; `undefined` where it is not to be tried any more. */
  begin(version: string, ids: VersionIds, caller: Caller): Trial | undefined | Promise<Trial | undefined> {
    if (this.#isRefused) return undefined
    if (version !== this.#evidence.version) {
      // A cache can go back to a version, as AWS does, which is eventually consistent.
      if (this.isRefused(version)) {
        this.#refuse()
        this.#search.putOffAsking()
        return undefined
      }
      this.#adopt(version)
    }
    const entrant = this.#gate.enter(caller)
    if (!(entrant instanceof Promise)) return this.#trial(entrant, version, ids, caller)
    return entrant.then((admitted) => {
      if (admitted === undefined) return undefined
      if (!this.#isRefused && this.#evidence.version === version)
        return this.#trial(admitted, version, ids, caller)
      this.#gate.leave(admitted, UNKNOWN)
      return undefined
    })
  }

  /** Whether somebody uses it. */
  get isUsed(): boolean {
    return this.#callers > 0
  }

  /** A caller has what it came for, or has given up. */
  leave(caller: Caller): void {
    this.#callers -= 1
    this.#search.leave(caller)
    this.#apart.leave(caller)
    this.#gate.tidy()
  }

  /** Nobody uses it any more. */
  drop(): void {
    this.#substitute.drop()
  }

  /** Ends every wait with a reason. */
  close(reason: unknown): void {
    this.#gate.close(reason)
    this.#search.close(reason)
    this.#apart.close(reason)
    this.#substitute.drop()
  }

  #trial(entrant: Entrant, version: string, ids: VersionIds, caller: Caller): Trial {
    const epoch = this.#epoch
    const trial = new Trial((outcome) => {
      this.#gate.leave(entrant, outcome)
      const isTelling = epoch === this.#epoch
      if (outcome.is === 'accepted' && isTelling) this.#accepted(trial)
      if (outcome.is !== 'rejected' || !this.#rejected(trial, outcome.error, isTelling)) return
      this.#refuse()
      this.#search.putOff()
    })
    trial.about(version, ids, caller)
    return trial
  }

  /** A trial of a version that was refused; `undefined` is whatever is current. */
  #retrial(candidate: Candidate | undefined): Trial {
    const epoch = this.#epoch
    const trial = new Trial((outcome) => {
      const isTelling = epoch === this.#epoch
      if (outcome.is === 'rejected') this.#rejected(trial, outcome.error, isTelling)
      if (outcome.is !== 'accepted' || !isTelling) return
      if (trial.version !== this.#substitute.version) this.#substitute.take(candidate)
      this.#adopt(trial.version, { found: trial.found, isProven: true })
      this.#accepted(trial)
    })
    return trial
  }

  /** A trial of what lets others in, by one of those whom it does not. */
  #retrialApart(): Trial {
    const epoch = this.#epoch
    const trial = new Trial((outcome) => {
      const isTelling = epoch === this.#epoch && trial.version === this.#evidence.version
      if (outcome.is === 'accepted' && isTelling) {
        if (this.#isRefused) this.#adopt(trial.version, { found: trial.found, isProven: true })
        this.#accepted(trial)
        this.#apart.reset()
        this.#apart.end(trial.found)
      }
      if (outcome.is !== 'rejected' || !this.#rejected(trial, outcome.error, isTelling, true)) return
      // It has let nobody in for a while: then it is not they who are odd.
      if (!this.#isRefused) {
        this.#refuse()
        this.#search.putOff()
      }
      this.#apart.end(undefined)
    })
    return trial
  }

  /** Whether the version is refused from now on. */
  #rejected(trial: Trial, error: unknown, isTelling: boolean, isApart = false): boolean {
    const { clock, report } = this.#options
    report.rejected(trial.ids)
    const isMixed = this.#apart.isUsed
    const now = clock.monotonic()
    return this.#evidence.refused(trial, error, { isTelling, isApart, isMixed, now })
  }

  #accepted({ version, ids }: Trial): void {
    const { clock, report } = this.#options
    const pending = this.#substitute.version === version
    const trouble = this.#evidence.accepted(pending)
    if (trouble === undefined) return
    this.#search.reset()
    const { since, rejections } = trouble
    report.recovered(ids, { pending, rejections, durationMs: clock.monotonic() - since })
  }

  #refuse(): void {
    this.#isRefused = true
    this.#epoch += 1
    this.#gate.turnAway()
  }

  #adopt(version: string, { found, isProven = false }: Adoption = {}): void {
    const isOther = version !== this.#evidence.version
    this.#evidence.adopt(version)
    this.#isRefused = false
    this.#epoch += 1
    this.#gate.restart(isProven)
    this.#search.end(found)
    if (isOther) this.#apart.end(found)
  }
}
