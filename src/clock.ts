/**
 * The only file that reads time or sets a timer; everything else is handed a {@link Clock}.
 *
 * @module
 */

import { ONCE } from './abortable.js'

/** How long and in what manner a {@link Clock} sleeps. */
export interface SleepOptions {
  /** Ends the sleep at once; the sleep then rejects with the signal's own reason. */
  readonly signal?: AbortSignal
  /**
   * Whether the timer keeps the process alive. Only work that a caller awaits may.
   *
   * @defaultValue `true`
   */
  readonly ref?: boolean
}

/**
 * Where the client takes its time from; pass your own to control time in tests.
 *
 * Two clocks are needed because each lies in its own way: a frozen Lambda environment stops the monotonic
 * one, and an operator or NTP steps the wall clock.
 */
export interface Clock {
  /** Wall-clock time in milliseconds since the Unix epoch; may step in both directions. */
  now(): number
  /** Milliseconds since an arbitrary start; never goes back, but may stop while the process is suspended. */
  monotonic(): number
  /** Resolves after `ms` milliseconds, or rejects with the reason of `options.signal`. */
  sleep(ms: number, options?: SleepOptions): Promise<void>
}

/** A point in time on both clocks, since each can lie in its own way. */
export interface Stamp {
  /** Wall-clock milliseconds since the Unix epoch. */
  readonly wall: number
  /** Milliseconds of the monotonic clock. */
  readonly monotonic: number
}

/** Reads both clocks. */
export function stampOf(clock: Clock): Stamp {
  return { wall: clock.now(), monotonic: clock.monotonic() }
}

/**
 * Milliseconds since `stamp`, by whichever clock saw more of them, and never negative.
 *
 * A frozen environment stops the monotonic clock and a stepped wall clock loses or gains hours: the larger of
 * the two may refresh too early, and never serves too long.
 */
export function ageMs(stamp: Stamp, clock: Clock): number {
  return Math.max(0, clock.monotonic() - stamp.monotonic, clock.now() - stamp.wall)
}

/** A reading of the machine's monotonic clock is used again for so many milliseconds of its wall clock. */
const COARSE_MS = 100

/** And no more often than this, since a wall clock may stand still, as one of a test does. */
const MAX_USES = 64

/**
 * Tells ages as {@link ageMs} does, for the price of one clock.
 *
 * The wall clock is read each time, since it alone goes on while an environment is frozen. The monotonic one is needed
 * only where the wall clock is set back or stands still, and is read when that shows, or 100 ms of the wall clock or 64
 * ages later at most: for so long an age may be told too small then.
 */
export class AgeMeter {
  readonly #clock: Clock
  readonly #coarseMs: number
  /** Of the last reading of both. */
  #wall = NaN
  #monotonic = NaN
  /** Times that it was used again. */
  #uses = 0

  /**
   * @param coarseMs - milliseconds of the wall clock for which a reading of the monotonic one is used again. A clock
   *   that was passed in is read each time
   */
  constructor(clock: Clock, coarseMs = clock === systemClock ? COARSE_MS : 0) {
    this.#clock = clock
    this.#coarseMs = coarseMs
  }

  /** Milliseconds since `stamp`, never negative. */
  ageMs(stamp: Stamp): number {
    const wall = this.#clock.now()
    let passed = wall - this.#wall
    // Also where there was no reading yet, and `passed` is no number.
    this.#uses += 1
    if (!(passed >= 0 && passed < this.#coarseMs && this.#uses < MAX_USES)) {
      this.#uses = 0
      this.#wall = wall
      this.#monotonic = this.#clock.monotonic()
      passed = 0
    }
    return Math.max(0, this.#monotonic + passed - stamp.monotonic, wall - stamp.wall)
  }
}

/** By how many milliseconds the wall clock ran ahead of the monotonic one between two stamps. */
export function skewMs(from: Stamp, to: Stamp): number {
  return to.wall - from.wall - (to.monotonic - from.monotonic)
}

/** The longest delay of a Node.js timer: a larger one fires at once (a signed 32-bit integer). */
export const MAX_TIMER_MS = 2_147_483_647

/** The clock of the machine: `Date.now`, `performance.now` and `setTimeout`. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep(ms, { signal, ref = true } = {}) {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(signal.reason)
        return
      }
      const onAbort = () => {
        clearTimeout(timer)
        reject(signal?.reason)
      }
      const timer = setTimeout(
        () => {
          signal?.removeEventListener('abort', onAbort)
          resolve()
        },
        Math.min(ms, MAX_TIMER_MS),
      )
      if (!ref) timer.unref()
      signal?.addEventListener('abort', onAbort, ONCE)
    })
  },
}

/** What an {@link alarm} does. */
export interface AlarmOptions {
  /** Whether it keeps the process alive. */
  readonly ref: boolean
  readonly onDue: () => void
  /** Called instead where the clock fails. */
  readonly onFailure: () => void
}

/**
 * Calls `onDue` after so many milliseconds, unless the function that is returned is called before.
 *
 * The clock of the machine is asked for a timer alone: to end a sleep takes a signal, which costs more than the timer.
 */
export function alarm(clock: Clock, ms: number, { ref, onDue, onFailure }: AlarmOptions): () => void {
  if (clock === systemClock) return startTimer(onDue, ms, ref)
  const sleeping = new AbortController()
  // `async`, for a clock of the user's may throw at once.
  const sleep = async () => clock.sleep(ms, { signal: sleeping.signal, ref })
  const { signal } = sleeping
  const unlessEnded = (work: () => void) => () => {
    if (!signal.aborted) work()
  }
  sleep().then(unlessEnded(onDue), unlessEnded(onFailure))
  return () => {
    // With a reason, for without one an error with its stack is made for nobody.
    sleeping.abort(null)
  }
}

function startTimer(work: () => void, ms: number, ref: boolean): () => void {
  const timer = setTimeout(work, Math.min(ms, MAX_TIMER_MS))
  if (!ref) timer.unref()
  return () => {
    clearTimeout(timer)
  }
}

/** Resolves after so many turns of the event loop, in each of which what lies in sockets is read. Takes no time. */
export async function loopTurns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve))
}
