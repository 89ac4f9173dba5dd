/** AWS and a database as a schedule moves them: what is current, what is pending, what is accepted, and since when. */

import type { Reference } from '../../../src/reference/reference.js'
import type { ManualClock } from '../../support/manual-clock.js'
import { FakeSource } from '../../support/fake-source.js'
import { ARN, idOf, passwordOf } from './rig.js'
import type { Accepted, Mood } from './schedules-commands.js'

const SLOW_MS = 700

/** One secret `prod/db` and the database that it is for. */
export class Database {
  readonly source: FakeSource
  readonly #clock: ManualClock
  #newest = 1
  #current = 1
  #previous = 1
  #pending: number | undefined
  #mood: Mood = 'prompt'
  #accepted: ReadonlySet<number> = new Set([1])
  /** Versions that were current at any time. */
  readonly wereCurrent = new Set([1])
  /** When AWS last failed or fell silent. */
  troubledAt = -1
  /** When anything last became another. */
  changedAt = -Infinity
  /** How often anything became another. */
  changes = 0
  /** Since when AWS answers promptly and the current version is accepted; with `pending`, that one or the pending one. */
  readonly #goodSince: { plain: number | undefined; pending: number | undefined } = { plain: 0, pending: 0 }

  constructor(clock: ManualClock) {
    this.#clock = clock
    this.source = new FakeSource((reference, { signal }) => this.#answer(reference, signal))
  }

  /** Whether a version is accepted now. */
  accepts(n: number): boolean {
    return this.#accepted.has(n)
  }

  /** Milliseconds for which any search must have found what is accepted. */
  goodForMs(isPending: boolean): number {
    const since = isPending ? this.#goodSince.pending : this.#goodSince.plain
    return since === undefined ? 0 : this.#clock.mono - since
  }

  /** Whether AWS answers promptly, and the current version is accepted. */
  get isGood(): boolean {
    return this.#mood === 'prompt' && this.accepts(this.#current)
  }

  /** The version that AWS gives. */
  get current(): number {
    return this.#current
  }

  accept(what: Accepted): void {
    this.#change(() => {
      const all = Array.from({ length: this.#newest }, (_, index) => index + 1)
      const chosen = { current: [this.#current], previous: [this.#previous], all, none: [] }
      this.#accepted = new Set(what === 'pending' ? [this.#pending ?? this.#current] : chosen[what])
    })
  }

  mood(is: Mood): void {
    this.#change(() => {
      this.#mood = is
    })
  }

  createPending(): void {
    this.#change(() => {
      this.#newest += 1
      this.#pending = this.#newest
    })
  }

  dropPending(): void {
    this.#change(() => {
      this.#pending = undefined
    })
  }

  finish(): void {
    if (this.#pending !== undefined) this.#makeCurrent(this.#pending)
  }

  rollBack(): void {
    this.#makeCurrent(this.#previous)
  }

  /** The whole of a rotation of a single user. */
  rotate(): void {
    this.createPending()
    this.accept('pending')
    this.finish()
  }

  #makeCurrent(n: number): void {
    this.#change(() => {
      if (n === this.#pending) this.#pending = undefined
      if (n !== this.#current) this.#previous = this.#current
      this.#current = n
      this.wereCurrent.add(n)
    })
  }

  /** Another version that is accepted is a span of its own: a search may have to begin anew. */
  #change(work: () => void): void {
    this.changes += 1
    this.changedAt = this.#clock.mono
    const before = `${this.#current} ${this.#pending ?? ''} ${[...this.#accepted].join()} ${this.#mood}`
    work()
    const after = `${this.#current} ${this.#pending ?? ''} ${[...this.#accepted].join()} ${this.#mood}`
    if (before === after) return
    const { isGood } = this
    const isGoodPending =
      this.#mood === 'prompt' && this.#pending !== undefined && this.accepts(this.#pending)
    this.#goodSince.plain = isGood ? this.#clock.mono : undefined
    this.#goodSince.pending = isGood || isGoodPending ? this.#clock.mono : undefined
  }

  async #fail(mood: Mood, signal: AbortSignal): Promise<void> {
    if (mood === 'prompt' || mood === 'slow') return
    try {
      if (mood === 'silent') await this.#clock.sleep(Infinity, { signal })
      throw failure(mood === 'failing' ? 'InternalServiceError' : 'ThrottlingException')
    } finally {
      this.troubledAt = this.#clock.mono
    }
  }

  async #answer(reference: Reference, signal: AbortSignal) {
    const mood = this.#mood
    if (mood === 'slow') await this.#clock.sleep(SLOW_MS, { signal })
    await this.#fail(mood, signal)
    const stage = reference.service === 'secretsmanager' ? reference.versionStage : undefined
    const n = stage === 'AWSPENDING' ? this.#pending : this.#current
    if (n === undefined) throw failure('ResourceNotFoundException')
    const versionStages = [stage ?? 'AWSCURRENT']
    return { text: passwordOf(n), arn: ARN, name: 'prod/db', versionId: idOf(n), versionStages }
  }
}

const failure = (name: string) => Object.assign(new Error(name), { name, $fault: 'client', $metadata: {} })
