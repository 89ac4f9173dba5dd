/**
 * Who sleeps on a clock of this room, and in which order they wake.
 *
 * @module
 */

import type { SleepOptions } from 'aws-secrets-client'

/** One sleep. */
export interface Sleeper {
  /** When it is over, by the monotonic clock. */
  readonly wakeAt: number
  /** Ends it. */
  readonly wake: () => void
}

/** The sleeps of one clock that are not over. */
export class Sleepers<Kind extends Sleeper> {
  readonly #asleep = new Set<Kind>()

  /** How many there are. */
  get count(): number {
    return this.#asleep.size
  }

  /** Whether one of them is such. */
  has(test: (sleeper: Kind) => boolean): boolean {
    return [...this.#asleep].some(test)
  }

  /** The one that is over first; of two at the same time the one that began first. */
  first(): Kind | undefined {
    let first: Kind | undefined
    for (const sleeper of this.#asleep) {
      if (first === undefined || sleeper.wakeAt < first.wakeAt) first = sleeper
    }
    return first
  }

  /**
   * Sleeps until it is woken, or rejects with the reason of the signal.
   *
   * @param describe - makes what is kept of it
   * @param onEnd - called as it ends, in whichever way
   */
  sleep(
    { signal }: SleepOptions,
    describe: (wake: () => void) => Kind,
    onEnd: () => void = () => undefined,
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(signal.reason)
        return
      }
      const end = () => {
        this.#asleep.delete(sleeper)
        signal?.removeEventListener('abort', onAbort)
        onEnd()
      }
      const onAbort = () => {
        end()
        reject(signal?.reason)
      }
      const sleeper = describe(() => {
        end()
        resolve()
      })
      signal?.addEventListener('abort', onAbort, { once: true })
      this.#asleep.add(sleeper)
    })
  }
}
