/**
 * A clock that a test moves.
 *
 * @module
 */

import type { Clock, SleepOptions } from 'aws-secrets-client'
import { checkMembers, describe } from './checks.js'
import { realSleep, turns } from './real-time.js'
import { type Sleeper, Sleepers } from './sleepers.js'

/** How a {@link ManualClock} starts. */
export interface ManualClockOptions {
  /**
   * What its wall clock shows first: a date, or milliseconds since the Unix epoch.
   *
   * @defaultValue 2027-01-15T08:00:00Z
   */
  readonly startAt?: Date | number
}

const START_MS = 1_800_000_000_000

/** Turns of the event loop after which whoever was woken sleeps again or is done. */
const SETTLING_TURNS = 4

/**
 * A clock that stands still until a test moves it: pass it as `clock` to the client or to `createFakeSecrets`.
 *
 * It moves what goes by the client's clock: lifetimes in the cache, back-off, deadlines, delays of the fake. It knows
 * nothing of `Date.now()` and `setTimeout` in your own code.
 *
 * @example
 * ```ts
 * const clock = new ManualClock()
 * const { secrets, vault } = createFakeSecrets({ 'prod/key': 'old' }, { clock })
 * await secrets.get('prod/key')
 * vault.set('prod/key', 'new')
 * await clock.advance(10 * 60_000)
 * ```
 */
export class ManualClock implements Clock {
  #wallMs: number
  #monotonicMs = 0
  readonly #sleepers = new Sleepers<Sleeper>()
  #moved: Promise<void> = Promise.resolve()

  /** @throws TypeError when `startAt` is no point in time, and for any other option. */
  constructor(options: ManualClockOptions = {}) {
    checkMembers('ManualClock', options, ['startAt'])
    const { startAt = START_MS } = options
    this.#wallMs = finite('startAt', typeof startAt === 'object' ? startAt.getTime() : startAt)
  }

  /** Wall-clock time in milliseconds since the Unix epoch. */
  now(): number {
    return this.#wallMs
  }

  /** Milliseconds that have passed since the clock was made, without those of {@link ManualClock.freeze}. */
  monotonic(): number {
    return this.#monotonicMs
  }

  /** Resolves when so many milliseconds were passed by `advance`, or rejects with the reason of the signal. */
  sleep(ms: number, options: SleepOptions = {}): Promise<void> {
    if (ms <= 0 && options.signal?.aborted !== true) return Promise.resolve()
    const wakeAt = this.#monotonicMs + ms
    return this.#sleepers.sleep(options, (wake) => ({ wakeAt, wake }))
  }

  /**
   * Lets so many milliseconds pass on both clocks. Whoever is due is woken in order, each at its own time, and what it
   * does next, such as sleeping again, is done before time moves on.
   *
   * Resolves when all of it has run, unless it waits for something else than this clock, such as a socket.
   *
   * @throws TypeError when `ms` is no number of at least 0.
   */
  advance(ms: number): Promise<void> {
    if (finite('ms', ms) < 0) throw new TypeError(`ms: expected a number of at least 0, got ${ms}`)
    this.#moved = this.#moved.then(() => this.#pass(ms))
    return this.#moved
  }

  /**
   * Moves the wall clock alone and wakes nobody: what a process sees that was suspended for so long, as AWS Lambda does
   * between two invocations. A negative number sets the wall clock back.
   *
   * @throws TypeError when `ms` is no finite number.
   */
  freeze(ms: number): void {
    this.#wallMs += finite('ms', ms)
  }

  /**
   * The outcome of `work`, for which time passes from one sleep to the next until it has settled: through back-off and
   * deadlines. For work that waits for this clock, and not for a network; of work that never settles it never comes back.
   *
   * @throws TypeError for anything but a promise.
   */
  async until<T>(work: Promise<T>): Promise<T> {
    // By its method, since runners bring a `Promise` of another realm.
    if (!isThenable(work)) throw new TypeError('until: expected a promise')
    const state = { isSettled: false }
    const settle = () => {
      state.isSettled = true
    }
    work.then(settle, settle)
    for (;;) {
      await turns(SETTLING_TURNS)
      if (state.isSettled) return work
      const next = this.#sleepers.first()
      // Who sleeps for ever waits for an abort.
      if (next === undefined || next.wakeAt === Infinity) await realSleep(1)
      else await this.advance(Math.max(0, next.wakeAt - this.#monotonicMs))
    }
  }

  /** How many sleep now: what is not 0 at the end of a test waits still, or was left behind. */
  get sleeping(): number {
    return this.#sleepers.count
  }

  async #pass(ms: number): Promise<void> {
    const end = this.#monotonicMs + ms
    await turns(SETTLING_TURNS)
    for (let next = this.#sleepers.first(); next !== undefined; next = this.#sleepers.first()) {
      if (next.wakeAt > end) break
      this.#moveTo(next.wakeAt)
      next.wake()
      await turns(SETTLING_TURNS)
    }
    this.#moveTo(end)
  }

  #moveTo(monotonicMs: number): void {
    const passed = Math.max(0, monotonicMs - this.#monotonicMs)
    this.#monotonicMs += passed
    this.#wallMs += passed
  }
}

function finite(name: string, value: number): number {
  if (typeof value === 'number' && Number.isFinite(value)) return value
  throw new TypeError(`${name}: expected a finite number of milliseconds, got ${describe(value)}`)
}

function isThenable(value: unknown): boolean {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, 'then') === 'function'
}
