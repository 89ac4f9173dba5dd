/**
 * The machine's own time, for the clocks of this room: what a test runner puts in place of timers after this module was
 * loaded (`vi.useFakeTimers()`, `jest.useFakeTimers()`) does not stop them.
 *
 * @module
 */

import timers from 'node:timers'

// Taken out once, since fake timers replace the members of the module as well.
const { setImmediate: nextTurn, setTimeout: startTimer, clearTimeout: stopTimer } = timers

/** The longest delay of a Node.js timer: a larger one fires at once (a signed 32-bit integer). */
const MAX_TIMER_MS = 2_147_483_647

/** Milliseconds since the Unix epoch. */
export function wallMs(): number {
  return new Date().getTime()
}

/** Milliseconds since an arbitrary start. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6
}

/** Calls `work` after so many milliseconds, unless the function that is returned is called before. */
export function timer(ms: number, ref: boolean, work: () => void): () => void {
  const started = startTimer(work, Math.min(ms, MAX_TIMER_MS))
  if (!ref) started.unref()
  return () => {
    stopTimer(started)
  }
}

/** Resolves after so many turns of the event loop: whatever was ready to run has run. */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise<void>((resolve) => nextTurn(resolve))
}

/** Resolves after so many milliseconds of real time. */
export function realSleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    timer(ms, true, resolve)
  })
}
