/**
 * Where the emulator takes its time from. The only file of the emulator that reads time or sets a timer.
 *
 * @module
 */

/** How an {@link EmulatorClock} sleeps. */
export interface EmulatorSleepOptions {
  /** Ends the sleep at once; the sleep then rejects. */
  readonly signal?: AbortSignal
  /** Whether the timer keeps the process alive; the emulator always says `false`. */
  readonly ref?: boolean
}

/**
 * Time as the emulator sees it: dates of versions, deletion windows, the refill of a throttle, latency.
 *
 * A manual clock that a test moves by hand makes all of them exact and instant.
 */
export interface EmulatorClock {
  /** Wall-clock time in milliseconds since the Unix epoch. */
  now(): number
  /** Resolves after `ms` milliseconds, or rejects when `options.signal` aborts. */
  sleep(ms: number, options?: EmulatorSleepOptions): Promise<void>
}

/** The clock of the machine. Its timers do not keep the process alive. */
export const machineClock: EmulatorClock = {
  now: () => Date.now(),
  sleep(ms, { signal } = {}) {
    return new Promise((resolve, reject) => {
      const onAbort = () => {
        clearTimeout(timer)
        reject(new Error('the emulator was closed'))
      }
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', onAbort)
        resolve()
      }, ms)
      timer.unref()
      signal?.addEventListener('abort', onAbort, { once: true })
    })
  },
}

/** Resolves in the next turn of the event loop, after what is to be sent has been handed to the system. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}
