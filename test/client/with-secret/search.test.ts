/** A search by itself, among callers who come and go at random: nobody waits for too long, and it keeps its pace. */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SharedSignals } from '../../../src/abortable.js'
import type { Cached } from '../../../src/cache/store.js'
import { type Item, itemOf } from '../../../src/client/item.js'
import { payloadKeeper } from '../../../src/client/kept-payload.js'
import type { Caller } from '../../../src/client/with-secret/caller.js'
import { Search } from '../../../src/client/with-secret/search.js'
import { Trial, UNKNOWN } from '../../../src/client/with-secret/trial.js'
import { WaitingRoom } from '../../../src/client/with-secret/waiting-room.js'
import { type Clock, stampOf } from '../../../src/clock.js'
import { ManualClock, pass } from '../../support/manual-clock.js'

/** One that waits. */
interface Plan {
  /** Milliseconds after the one before. */
  readonly afterMs: number
  /** How many more there are like it, one each 100 ms. */
  readonly more: number
  /** Microtasks after that. */
  readonly ticks: number
  readonly windowMs: number
  /** Milliseconds that it takes to try; never over where it is `Infinity`. */
  readonly takesMs: number
  /** Whether it waits on after a try, as one does who was refused. */
  readonly isBack: boolean
  readonly abortAfterMs: number | undefined
}

const PATIENT: Plan = {
  afterMs: 0,
  more: 0,
  ticks: 0,
  windowMs: 100_000,
  takesMs: 0,
  isBack: true,
  abortAfterMs: undefined,
}

const KEEPER = payloadKeeper({ seal: false })

const FEW = 100
const MANY = 1_000

const STEP_MS = 10

/** The longest of all windows, and what may come after it. */
const LAST_MS = 130_000

/** Who cannot wait waits for what is under way, and for so long each for one more question and one more trial. */
const SLACK_MS = 2 * 250 + 300

/** The longest back-off, before which waits are shorter for six rounds. */
const [CAP_MS, SHORT_ROUNDS] = [5_000, 6]

/** A search that finds nothing that is new, and those who wait for it. */
class Rig {
  readonly clock = new ManualClock()
  /** Who was told what, and when. */
  readonly log: string[] = []
  readonly violations: string[] = []
  holds = 0
  inside = 0
  isClockBroken = false
  readonly #askMs: number
  readonly #askedAt: number[] = []
  readonly #answeredAt: number[] = []
  /** When AWS answered last, about whichever version. */
  #toldAt = -Infinity
  #trials = 0
  readonly #search: Search

  /** @param askMs - how long AWS takes to answer one question */
  constructor(askMs: number, isPending: boolean) {
    this.#askMs = askMs
    const clock: Clock = {
      now: () => this.clock.now(),
      monotonic: () => this.clock.monotonic(),
      sleep: (ms, options) =>
        this.isClockBroken ? Promise.reject(new Error('no clock')) : this.clock.sleep(ms, options),
    }
    const room = new WaitingRoom({
      clock,
      signals: new SharedSignals(),
      lastRejection: () => ({ error: 'refused' }),
      onGivenUp: () => undefined,
    })
    const hold = () => {
      this.holds += 1
      return () => {
        this.holds -= 1
      }
    }
    const pending = () => this.#answer(2)
    this.#search = new Search({
      clock,
      random: () => 0.999,
      room,
      versions: { refreshed: () => this.#asked(), hold, ...(isPending && { pending }) },
      isRefused: () => true,
      isWorthTrying: () => true,
      onFound: () => undefined,
      retrial: () => new Trial(() => undefined),
    })
  }

  /** One comes, and stays until its window is over or it goes away. */
  async call(plan: Plan, name: string): Promise<void> {
    const aborter = new AbortController()
    const caller: Caller = {
      signal: aborter.signal,
      windowMs: plan.windowMs,
      deadline: undefined,
      rejection: undefined,
      failure: undefined,
      isServed: false,
      isApart: false,
    }
    if (plan.abortAfterMs !== undefined) {
      void this.clock.sleep(plan.abortAfterMs).then(() => {
        aborter.abort('away')
      })
    }
    const since = this.clock.mono
    this.inside += 1
    try {
      for (;;) {
        const trial = await this.#turn(caller, name, since)
        if (trial === undefined) break
        await this.clock.sleep(plan.takesMs, { signal: aborter.signal })
        trial.settle(UNKNOWN)
        caller.rejection = { error: 'own', version: '', acceptances: 0 }
        if (!plan.isBack || this.clock.mono > (caller.deadline ?? 0)) break
      }
    } catch {
      this.log.push(`${this.clock.mono} ${name} went away`)
    } finally {
      this.#search.leave(caller)
      this.inside -= 1
    }
  }

  /** Everybody goes on to something else. */
  end(): void {
    this.#search.end(undefined)
  }

  /** More questions and trials than the waits between them allow for, in so many milliseconds with one who waits on. */
  tooMany(ms: number): readonly string[] {
    // One question for whoever is in haste, and one since the back-off is over.
    const quick = this.#askedAt.filter((at, index) => at < (this.#answeredAt[index - 2] ?? -Infinity) + 249)
    const isTried = this.#trials > 2 * (ms / CAP_MS + SHORT_ROUNDS)
    return [...quick.map((at) => `asked at ${at}`), ...(isTried ? [`${this.#trials} trials`] : [])]
  }

  async #turn(caller: Caller, name: string, since: number): Promise<Trial | undefined> {
    const state = { isWaiting: true }
    const served = this.#search.join(caller)
    const leftMs = Math.max(0, (caller.deadline ?? 0) - this.clock.mono)
    void this.clock.sleep(leftMs + 4 * this.#askMs + SLACK_MS).then(() => {
      if (state.isWaiting) this.violations.push(`${name} still waits at ${this.clock.mono}`)
    })
    try {
      const turn = await served
      this.log.push(`${this.clock.mono} ${name} ${turn.kind}`)
      const isTold = this.isClockBroken || this.#toldAt >= since
      if (turn.kind === 'over' && !isTold) this.violations.push(`AWS did not answer since ${name} came`)
      if (turn.kind !== 'lead') return undefined
      this.#trials += 1
      return turn.trial
    } finally {
      state.isWaiting = false
    }
  }

  async #answer(n: number): Promise<Cached<Item>> {
    if (this.#askMs > 0) await this.clock.sleep(this.#askMs)
    this.#toldAt = this.clock.mono
    const value = itemOf({ text: 'x', versionId: String(n) }, KEEPER)
    return { value, stamp: stampOf(this.clock), sequence: n, isStale: false }
  }

  async #asked(): Promise<Cached<Item>> {
    const index = this.#askedAt.push(this.clock.mono) - 1
    const current = await this.#answer(1)
    this.#answeredAt[index] = this.clock.mono
    return current
  }
}

/** Time passes, and in the last moment of it some microtasks. */
async function passUntil(clock: ManualClock, { afterMs, ticks }: Plan): Promise<void> {
  if (afterMs > 0) {
    await pass(clock, afterMs - STEP_MS, STEP_MS)
    clock.advance(STEP_MS)
  }
  for (let left = ticks; left > 0; left -= 1) await Promise.resolve()
}

const oneOf = <T>(...values: readonly T[]) => fc.constantFrom(...values)

const PLANS = fc.array(
  fc.record<Plan>({
    afterMs: oneOf(0, 0, 10, 100, 240, 260, 500, 2_000, 5_000),
    more: oneOf(0, 0, 0, 0, 0, 50),
    ticks: fc.nat(30),
    windowMs: oneOf(0, 0, 100, 300, 1_000, 5_100, 6_000, 20_000),
    takesMs: oneOf(0, 0, 20, 240, 260, 1_000, 4_900, 7_000, Infinity),
    isBack: fc.boolean(),
    abortAfterMs: oneOf(undefined, undefined, 0, 50, 400, 3_000),
  }),
  { minLength: 1, maxLength: 25, size: 'max' },
)

/** Lets callers come, and then every window end; what is wrong after that. */
async function violationsOf(
  rig: Rig,
  plans: readonly Plan[],
  brokenAfter: number,
): Promise<readonly string[]> {
  const { clock } = rig
  const isPaced = brokenAfter > plans.length
  void rig.call(PATIENT, 'the patient one')
  for (const [index, plan] of plans.entries()) {
    await passUntil(clock, plan)
    rig.isClockBroken = index >= brokenAfter
    rig.log.push(`${clock.mono} ${index} comes: ${JSON.stringify(plan)}`)
    void rig.call(plan, String(index))
    for (let left = plan.more; left > 0; left -= 1) {
      await pass(clock, 100, 50)
      void rig.call(plan, `${index}, ${left}`)
    }
  }
  await pass(clock, LAST_MS, 50)
  const hanging = plans.reduce((sum, { takesMs, more }) => sum + (takesMs === Infinity ? 1 + more : 0), 0)
  const isLeft = rig.inside === 0 && (rig.holds > 0 || clock.sleeping > 0)
  return [
    ...rig.violations,
    ...(isPaced ? rig.tooMany(PATIENT.windowMs) : []),
    ...(rig.inside > hanging ? [`${rig.inside} are inside`] : []),
    ...(isLeft ? [`${rig.holds} holds and ${clock.sleeping} timers are left`] : []),
  ]
}

test.each([
  [0, false],
  [0, true],
  [120, false],
  [700, true],
])('whoever comes, where AWS takes %d ms (pending: %s)', { timeout: 600_000 }, async (askMs, isPending) => {
  const property = fc.asyncProperty(PLANS, fc.nat(100), async (plans, brokenAfter) => {
    const rig = new Rig(askMs, isPending)
    const violations = await violationsOf(rig, plans, brokenAfter)
    if (violations.length > 0) throw new Error([...violations, '', ...rig.log].join('\n'))
  })
  const seed = Number(process.env['SCHEDULE_SEED'] ?? 20_261_122)
  const numRuns = Number(process.env['SCHEDULE_RUNS'] ?? (process.env['CI'] === 'true' ? MANY : FEW))
  const outcome = await fc.check(property, { seed, numRuns })
  const { errorInstance } = outcome
  const what = errorInstance instanceof Error ? errorInstance.message : String(errorInstance)
  expect(outcome.failed ? `SCHEDULE_SEED=${seed}\n${what}` : '').toBe('')
})

test('who comes just when nobody was there to try is not overlooked', async () => {
  const overlooked: number[] = []
  for (let ticks = 0; ticks < 60; ticks += 1) {
    const rig = new Rig(1_000, false)
    const { clock } = rig
    void rig.call({ ...PATIENT, takesMs: Infinity }, 'one who hangs')
    await pass(clock, 20_000, 100)
    void rig.call({ ...PATIENT, abortAfterMs: 500 }, 'one who goes away')
    await pass(clock, 1_000, STEP_MS)
    // Now AWS answers, for nobody.
    await passUntil(clock, { ...PATIENT, afterMs: STEP_MS, ticks })
    void rig.call({ ...PATIENT, windowMs: 2_000, isBack: false }, 'the next')
    await pass(clock, 5_000)
    if (!rig.log.some((line) => line.includes('the next'))) overlooked.push(ticks)
  }
  expect(overlooked).toEqual([])
})

test('nothing is held for a trial once everybody goes on to something else', async () => {
  const rig = new Rig(0, true)
  const { clock } = rig
  void rig.call({ ...PATIENT, takesMs: Infinity }, 'one who hangs')
  await pass(clock, 20_000, 100)
  void rig.call({ ...PATIENT, isBack: false }, 'one who tries the first of two')
  await pass(clock, 200)
  expect(rig.holds).toBe(2)
  rig.end()
  await pass(clock, 50)
  expect(rig.holds).toBe(0)
  expect(rig.inside).toBe(1)
})
