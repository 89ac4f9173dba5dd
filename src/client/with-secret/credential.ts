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
import { Apart } from './apart.js'
import type { Caller } from './caller.js'
import { Evidence } from './evidence.js'
import { Gate } from './gate.js'
import { Search } from './search.js'
import type { Entrant } from './slow-start.js'
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

/** A pending version that is served in place of one that was refused. */
interface Substitute {
  readonly found: Cached<Item>
  readonly release: () => void
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
  readonly #apart: Apart
  readonly #evidence = new Evidence()
  /** Rises whenever what is known of the version is known no more: a trial that began before says nothing. */
  #epoch = 0
  /** Whether it was refused: then nobody tries but for all. */
  #isRefused = false
  #substitute: Substitute | undefined
  #callers = 0

  constructor(options: CredentialOptions) {
    const { report } = options
    this.#options = options
    this.#gate = new Gate(options)
    const newRoom = () =>
      new WaitingRoom({
        ...options,
        lastRejection: () => this.#evidence.last,
        onGivenUp: () => {
          report.gaveUp()
        },
      })
    this.#apart = new Apart({ ...options, room: newRoom() })
    this.#search = new Search({
      ...options,
      room: newRoom(),
      isRefused: ({ value }) => this.isRefused(versionKey(value.provenance)),
      onFound: (candidate) => {
        this.#take(candidate)
        this.#adopt(versionKey(candidate.found.value.provenance), { found: candidate.found })
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
    const { rejection, isServed, deadline = Infinity } = caller
    const isLate = isServed && this.#options.clock.monotonic() > deadline
    if (rejection !== undefined && isLate) return this.#apart.giveUp(caller)
    caller.isServed = rejection !== undefined
    if (this.#isRefused) return this.#search.join(caller)
    return rejection !== undefined && this.#evidence.isOdd(rejection) ? this.#apart.join(caller) : GO
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

  /** Whether nothing would be lost with it but that a version works. */
  get isIdle(): boolean {
    const isAtRest = this.#callers === 0 && !this.#isRefused && this.#substitute === undefined
    return isAtRest && this.#evidence.isClean
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
    this.#apart.close(reason)
    this.#dropSubstitute()
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
      if (trial.version !== this.#substituteVersion) this.#take(candidate)
      this.#adopt(trial.version, { found: candidate?.found, isProven: true })
      this.#accepted(trial)
    })
    return trial
  }

  /** Whether the version is refused from now on. */
  #rejected(trial: Trial, error: unknown, isTelling: boolean): boolean {
    const { clock, report } = this.#options
    report.rejected(trial.ids)
    return this.#evidence.refused(trial, error, isTelling, clock.monotonic())
  }

  #accepted({ version, ids }: Trial): void {
    const { clock, report } = this.#options
    const pending = this.#substituteVersion === version
    const trouble = this.#evidence.accepted(pending)
    if (trouble === undefined) return
    this.#search.reset()
    const { since, rejections } = trouble
    report.recovered(ids, { pending, rejections, durationMs: clock.monotonic() - since })
  }

  get #substituteVersion(): string | undefined {
    const { found } = this.#substitute ?? {}
    return found && versionKey(found.value.provenance)
  }

  #refuse(): void {
    this.#isRefused = true
    this.#epoch += 1
    this.#gate.turnAway()
  }

  #adopt(version: string, { found, isProven = false }: Adoption = {}): void {
    this.#evidence.adopt(version)
    this.#isRefused = false
    this.#epoch += 1
    this.#gate.restart(isProven)
    this.#search.end(found)
    this.#apart.end()
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
