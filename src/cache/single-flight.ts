/**
 * One load shared by all callers who want the same key at the same time.
 *
 * @module
 */

import type { Stamp } from './freshness.js'
import { type SharedSignals, abortable } from '../abortable.js'

/** The beginning of a load. */
export interface Begin extends Stamp {
  /** Counts beginnings and invalidations, so that one can be told to be before the other in the same instant. */
  readonly sequence: number
}

/** A load under way, with the callers who wait for it. */
export class Flight<Value> {
  /** Settles with the load. Never unhandled. */
  readonly promise: Promise<Value>
  /** When the load began, for whoever runs it to say: its answer may be older than a call made after this. */
  begun: Begin | undefined
  readonly #controller = new AbortController()
  #waiters = 0

  /**
   * Starts the load in the next microtask, so that callers of one tick can share a load that starts after all
   * of their calls.
   */
  constructor(load: (flight: Flight<Value>, signal: AbortSignal) => Promise<Value>) {
    const { signal } = this.#controller
    const run = async () => {
      await Promise.resolve()
      signal.throwIfAborted()
      return load(this, signal)
    }
    this.promise = abortable(run(), signal)
    this.promise.catch(() => undefined)
  }

  /** Whether the load was ended before its time; nobody may join it any more. */
  get aborted(): boolean {
    return this.#controller.signal.aborted
  }

  /** Waits for the load. The last caller to leave by its own signal aborts it. */
  join(signals: SharedSignals, signal: AbortSignal | undefined): Promise<Value> {
    this.#waiters += 1
    if (signal === undefined) return this.promise
    return signals.abortable(this.promise, signal, () => {
      this.#waiters -= 1
      if (this.#waiters === 0) this.abort(signal.reason)
    })
  }

  /** Ends the load at once; everyone who still waits gets `reason`. */
  abort(reason: unknown): void {
    this.#controller.abort(reason)
  }
}
