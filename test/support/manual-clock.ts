/** A clock that stands still until a test moves it; both of its hands move together unless told otherwise. */

import type { Clock, SleepOptions } from '../../src/clock.js'

interface Sleeper {
  readonly wakeAt: number
  readonly wake: () => void
}

export class ManualClock implements Clock {
  wall: number
  mono: number
  readonly #sleepers = new Set<Sleeper>()

  constructor(wall = 1_800_000_000_000, mono = 0) {
    this.wall = wall
    this.mono = mono
  }

  now(): number {
    return this.wall
  }

  monotonic(): number {
    return this.mono
  }

  sleep(ms: number, { signal }: SleepOptions = {}): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(signal.reason)
        return
      }
      const sleeper = {
        wakeAt: this.mono + ms,
        wake: () => {
          this.#sleepers.delete(sleeper)
          signal?.removeEventListener('abort', onAbort)
          resolve()
        },
      }
      const onAbort = () => {
        this.#sleepers.delete(sleeper)
        reject(signal?.reason)
      }
      signal?.addEventListener('abort', onAbort, { once: true })
      this.#sleepers.add(sleeper)
    })
  }

  /** Lets time pass on both hands and wakes who is due. */
  advance(ms: number): void {
    this.wall += ms
    this.mono += ms
    for (const sleeper of [...this.#sleepers]) if (sleeper.wakeAt <= this.mono) sleeper.wake()
  }

  /** How many sleep: what is not zero at the end of a test is a timer that was left behind. */
  get sleeping(): number {
    return this.#sleepers.size
  }
}

/** Real milliseconds after which a test says that it waits in vain, before vitest's own limit ends it dumb. */
const IN_VAIN_MS = 15_000

/**
 * Lets the event loop turn, without time passing on any manual clock, until the condition holds: for answers of a
 * server and for modules that are imported on first use, which take as many turns as the machine is busy.
 */
export async function until(isSo: () => boolean): Promise<void> {
  const startedAt = performance.now()
  while (!isSo()) {
    if (performance.now() - startedAt > IN_VAIN_MS) throw new Error('it never came to be')
    await new Promise(setImmediate)
  }
}

/** Lets time pass in small steps, with a turn of the event loop after each, as no timer but a suspended one is late. */
export async function pass(clock: ManualClock, ms: number, stepMs = 50): Promise<void> {
  for (let left = ms; left > 0; left -= stepMs) {
    clock.advance(Math.min(stepMs, left))
    await new Promise(setImmediate)
  }
}

/**
 * The outcome of `work`, while time passes for as long as that takes: through back-off and deadlines, with a source
 * that answers at once or never. Not for real HTTP, whose answers come too late for this clock.
 */
export async function whileTimePasses<T>(clock: ManualClock, work: Promise<T>, stepMs = 50): Promise<T> {
  const state = { isSettled: false }
  const settle = () => {
    state.isSettled = true
  }
  work.then(settle, settle)
  await new Promise(setImmediate)
  while (!state.isSettled) await pass(clock, stepMs, stepMs)
  return work
}
