/**
 * The clock of a fake that was given none: the machine's time, in which nobody waits for back-off and for the delays of
 * the fake itself.
 *
 * Such a wait ends at once, and the clock is ahead by its length from then on. Only these are skipped: a deadline goes on
 * in real time, since what it bounds may be real work of the code under test. It is over early only where skipped time
 * has reached it.
 *
 * @module
 */

import type { Clock, SleepOptions } from 'aws-secrets-client'
import { monotonicMs, timer, turns, wallMs } from './real-time.js'
import { type Sleeper, Sleepers } from './sleepers.js'

interface Skippable extends Sleeper {
  readonly isSkipped: boolean
}

/** Turns of the event loop after which whoever was woken sleeps again or is done. */
const SETTLING_TURNS = 4

/** See the module. */
export class SkippingClock implements Clock {
  #skippedMs = 0
  #announcedMs: number | undefined
  #isSkipping = false
  readonly #sleepers = new Sleepers<Skippable>()

  now(): number {
    return wallMs() + this.#skippedMs
  }

  monotonic(): number {
    return monotonicMs() + this.#skippedMs
  }

  sleep(ms: number, options: SleepOptions = {}): Promise<void> {
    // It is told in whole milliseconds.
    const isSkipped = this.#announcedMs !== undefined && Math.abs(ms - this.#announcedMs) < 1
    this.#announcedMs = undefined
    return isSkipped ? this.skip(ms, options) : this.#sleepForReal(ms, options)
  }

  /** Says that the next sleep of so many milliseconds is one of back-off. */
  announce(ms: number): void {
    this.#announcedMs = ms
  }

  /** A sleep that takes no time. One of `Infinity` lasts until its signal aborts, as deadlines are skipped to. */
  skip(ms: number, options: SleepOptions = {}): Promise<void> {
    const wakeAt = this.monotonic() + ms
    const slept = this.#sleepers.sleep(options, (wake) => ({ wakeAt, wake, isSkipped: true }))
    void this.#skip()
    return slept
  }

  #sleepForReal(ms: number, options: SleepOptions): Promise<void> {
    const wakeAt = this.monotonic() + ms
    let stop: () => void = () => undefined
    const slept = this.#sleepers.sleep(
      options,
      (wake) => {
        stop = timer(ms, options.ref !== false, wake)
        return { wakeAt, wake, isSkipped: false }
      },
      () => {
        stop()
      },
    )
    void this.#skip()
    return slept
  }

  async #skip(): Promise<void> {
    if (this.#isSkipping) return
    this.#isSkipping = true
    for (;;) {
      await turns(SETTLING_TURNS)
      const next = this.#sleepers.has(({ isSkipped }) => isSkipped) ? this.#sleepers.first() : undefined
      if (next === undefined || next.wakeAt === Infinity) break
      this.#skippedMs += Math.max(0, next.wakeAt - this.monotonic())
      next.wake()
    }
    this.#isSkipping = false
  }
}
