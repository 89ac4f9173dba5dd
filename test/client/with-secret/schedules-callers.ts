/** The callers of a schedule, and the rules that hold for each of them. */

import { getEventListeners } from 'node:events'
import { type SecretsClient, isSecretsError } from '../../../src/index.js'
import type { ManualClock } from '../../support/manual-clock.js'
import { ARN, LoginError, idOf, isRejected, passwordOf } from './rig.js'
import type { CallPlan } from './schedules-commands.js'
import type { Database } from './schedules-database.js'

/** One run of `use`. */
interface Run {
  readonly n: number
  readonly startedAt: number
  outcome: { readonly result: object } | { readonly error: unknown } | undefined
}

/** One call of `withSecret`. */
interface Call {
  readonly id: number
  readonly plan: CallPlan
  readonly startedAt: number
  readonly runs: Run[]
  readonly aborter: AbortController | undefined
  /** Whether nobody else waited when it came. */
  readonly isAlone: boolean
  settledAt: number | undefined
  isHanging: boolean
}

/** What a request takes at most, two in a row with a pending version. */
export const AWS_TIMEOUT_MS = 3_000

/** A first read, a request for each stage, and logins, of which each takes 200 ms at most. */
const SLACK_MS = 3 * AWS_TIMEOUT_MS + 6_000

/** What AWS answered so many milliseconds ago may do for whoever does not wait. */
const ANSWER_MS = 250

/** For so long a database refuses everything that lags behind. */
const LAG_MS = 5_000

/** In so long a span any search must find what is accepted. */
const GOOD_SPAN_MS = 12_000

/** All calls of one schedule. */
export class Callers {
  readonly violations = new Set<string>()
  readonly log: string[] = []
  readonly #calls: Call[] = []
  readonly #rejections = new Set<unknown>()
  readonly #refused = new Set<number>()
  #lagged = 0
  readonly #clock: ManualClock
  readonly #database: Database
  readonly #client: SecretsClient
  readonly #isStrict: boolean
  isClosed = false

  /** @param isStrict - whether no `use` hangs or fails, so that a search is never held up */
  constructor(client: SecretsClient, clock: ManualClock, database: Database, isStrict: boolean) {
    this.#client = client
    this.#clock = clock
    this.#database = database
    this.#isStrict = isStrict
  }

  /** Runs of `use` that the database refused. */
  get deadTries(): number {
    return this.#rejections.size - this.#lagged
  }

  /** Runs of `use`. */
  get runs(): number {
    return this.#calls.reduce((sum, { runs }) => sum + runs.length, 0)
  }

  /** Runs of `use` under way. */
  get underWay(): number {
    return this.#calls.flatMap(({ runs }) => runs).filter(({ outcome }) => outcome === undefined).length
  }

  /** How many call. */
  get size(): number {
    return this.#calls.length
  }

  call(plan: CallPlan): void {
    const aborter = plan.abortAfterMs === undefined ? undefined : new AbortController()
    const call: Call = {
      id: this.#calls.length,
      plan,
      startedAt: this.#clock.mono,
      runs: [],
      aborter,
      isAlone: this.#calls.every(({ settledAt }) => settledAt !== undefined),
      settledAt: undefined,
      isHanging: false,
    }
    this.#calls.push(call)
    const options = {
      isRejected,
      pending: plan.pending,
      windowMs: plan.windowMs,
      ...(plan.ttlMs !== undefined && { ttlMs: plan.ttlMs }),
      ...(aborter !== undefined && { signal: aborter.signal }),
    }
    const ref = plan.by === 'arn' ? ARN : 'prod/db'
    const work = this.#client.withSecret(ref, options, (value, { versionId }) =>
      this.#use(call, value, versionId),
    )
    work.then(
      (result) => {
        this.#resolved(call, result)
      },
      (error: unknown) => {
        this.#rejected(call, error)
      },
    )
  }

  /** To be called after each move of the clock. */
  moved(): void {
    const now = this.#clock.mono
    for (const call of this.#calls) {
      const { plan, startedAt, aborter, settledAt } = call
      if (settledAt !== undefined) continue
      const age = now - startedAt
      if (plan.abortAfterMs !== undefined && age >= plan.abortAfterMs) aborter?.abort(call)
      if (call.isHanging || age <= plan.windowMs + SLACK_MS) continue
      this.#violate('everybody settles by the end of the window', call)
    }
  }

  /** At the end nobody is left but those who hang, and no listener on anybody's signal. */
  expectNothingLeft(): void {
    for (const call of this.#calls) {
      if (call.settledAt === undefined && !call.isHanging) this.#violate('everybody settles', call)
      if (call.settledAt === undefined || call.aborter === undefined) continue
      const { length } = getEventListeners(call.aborter.signal, 'abort')
      if (length > 0) this.#violate('no listener is left on a signal', call)
    }
  }

  /** Whether somebody has not settled, for another reason than that its `use` hangs. */
  get isAnyWaiting(): boolean {
    return this.#calls.some(({ isHanging, settledAt }) => !isHanging && settledAt === undefined)
  }

  /** Whether somebody's `use` hangs. */
  get isAnyHanging(): boolean {
    return this.#calls.some(({ isHanging, settledAt }) => isHanging && settledAt === undefined)
  }

  #use(call: Call, value: string, versionId: string | undefined): object | Promise<object> {
    const n = Number(/-(\d+)$/.exec(value)?.[1])
    const { pending, use } = call.plan
    const run: Run = { n, startedAt: this.#clock.mono, outcome: undefined }
    call.runs.push(run)
    this.log.push(`${this.#clock.mono} caller ${call.id} tries ${n}`)
    if (value !== passwordOf(n) || versionId !== idOf(n)) this.#violate('value and id belong together', call)
    if (call.settledAt !== undefined) this.#violate('nothing is tried for whoever has settled', call)
    if (!pending && !this.#database.wereCurrent.has(n))
      this.#violate('no pending version without opting', call)
    if (use.does === 'throw') throw this.#fail(run)
    return this.#logIn(call, run)
  }

  async #logIn(call: Call, run: Run): Promise<object> {
    const { takesMs, does } = call.plan.use
    if (does === 'hang') {
      call.isHanging = true
      return new Promise<never>(() => undefined)
    }
    if (takesMs > 0) await this.#clock.sleep(takesMs)
    if (does === 'fail') throw this.#fail(run)
    const isLagging = does === 'lag' && this.#clock.mono < call.startedAt + LAG_MS
    if (!isLagging && this.#database.accepts(run.n)) {
      const result = { n: run.n }
      run.outcome = { result }
      return result
    }
    const error = new LoginError(`refused ${run.n}`)
    run.outcome = { error }
    this.#rejections.add(error)
    this.#refused.add(run.n)
    if (isLagging) this.#lagged += 1
    throw error
  }

  #fail(run: Run): Error {
    const error = new Error('ECONNREFUSED')
    run.outcome = { error }
    return error
  }

  #resolved(call: Call, result: unknown): void {
    this.#settle(call, 'has a result')
    const { outcome } = call.runs.at(-1) ?? {}
    const isOwn = outcome !== undefined && 'result' in outcome && outcome.result === result
    if (!isOwn) this.#violate('a result is that of the last own try', call)
  }

  #rejected(call: Call, error: unknown): void {
    const { startedAt, runs, aborter } = call
    this.#settle(call, error instanceof Error ? error.message : 'aborted')
    if (aborter?.signal.aborted === true && error === call) return
    if (isSecretsError(error)) {
      const isRefused = runs.some(({ outcome }) => outcome !== undefined)
      if (this.isClosed && error.code === 'ERR_CLOSED') return
      if (isRefused) this.#violate(`after a rejection no error of AWS: ${error.code}`, call)
      if (this.#database.troubledAt < startedAt) {
        this.#violate(`no error of AWS while it answers: ${error.code}`, call)
      }
      return
    }
    const { outcome } = runs.at(-1) ?? {}
    if (error instanceof LoginError) {
      this.#gaveUp(call, error)
      return
    }
    const isOwn = outcome !== undefined && 'error' in outcome && outcome.error === error
    if (!isOwn) this.#violate('another error comes to whoever met it', call)
  }

  #gaveUp(call: Call, error: LoginError): void {
    const { plan, startedAt, runs, isAlone } = call
    const { outcome } = runs.at(-1) ?? {}
    const isOwn = outcome !== undefined && 'error' in outcome && outcome.error === error
    if (!(runs.length > 0 ? isOwn : this.#rejections.has(error))) {
      this.#violate('the error is the last own one, or one of the database', call)
    }
    const database = this.#database
    const beforeMs = database.goodForMs(plan.pending) - (this.#clock.mono - startedAt)
    if (this.#isStrict && isAlone && this.#lagged === 0 && runs.length === 0 && beforeMs >= GOOD_SPAN_MS) {
      this.#violate('nobody is turned away untried from what has been accepted for long', call)
    }
    const lagMs = plan.use.does === 'lag' ? LAG_MS : 0
    const waitedMs = this.#clock.mono - startedAt - lagMs
    const goodMs = Math.min(waitedMs, database.goodForMs(plan.pending), plan.windowMs)
    if (this.#isStrict && goodMs >= GOOD_SPAN_MS) {
      this.#violate('nobody fails though a version is accepted', call)
    }
    if (
      database.changedAt < startedAt - ANSWER_MS &&
      database.isGood &&
      !this.#refused.has(database.current)
    ) {
      this.#violate('everybody is given what AWS has, once', call)
    }
  }

  #settle(call: Call, how: string): void {
    call.settledAt = this.#clock.mono
    this.log.push(`${this.#clock.mono} caller ${call.id} ${how}`)
  }

  #violate(rule: string, { id, startedAt }: Call): void {
    this.violations.add(`${rule}: caller ${id}, who came at ${startedAt}, at ${this.#clock.mono}`)
  }
}
