/**
 * One load shared by all callers who want the same key at the same time.
 *
 * @module
 */

import { LightSignal, type SharedSignals, abortable } from '../abortable.js'
import type { Stamp } from '../clock.js'

/** The beginning of a request. */
export interface Begin extends Stamp {
  /** Counts beginnings and invalidations, so that one can be told to be before the other in the same instant. */
  readonly sequence: number
}

/** A load under way, with the callers who wait for it. */
export class Flight<Value> {
  /** Settles with the load. Never unhandled. */
  readonly promise: Promise<Value>
  /** When the latest request began, for whoever runs the load to say: its answer may be older than a later call. */
  begun: Begin | undefined
  readonly #signal = new LightSignal()
  readonly #isBackground: boolean
  #waiters = 0
  /** Ends what keeps the process alive. */
  #release: AbortController | undefined

  /**
   * Starts the load in the next microtask, so that callers of one tick can share a load that starts after all
   * of their calls.
   *
   * @param isBackground - nobody need wait for it: it goes on when the last caller leaves
   */
  constructor(load: (flight: Flight<Value>, signal: LightSignal) => Promise<Value>, isBackground: boolean) {
    const signal = this.#signal
    this.#isBackground = isBackground
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
    return this.#signal.aborted
  }

  /** How many wait for it. */
  get waiters(): number {
    return this.#waiters
  }

  /** Whether nobody waits for it. */
  get isBackground(): boolean {
    return this.#isBackground && this.#waiters === 0
  }

  /** Waits for the load. The last caller to leave by its own signal aborts it, unless it is in the background. */
  join(signals: SharedSignals, signal: AbortSignal | undefined): Promise<Value> {
    this.#waiters += 1
    if (signal === undefined) return this.promise
    return signals.abortable(this.promise, signal, () => {
      this.#waiters -= 1
      if (this.#waiters > 0) return
      if (this.#isBackground) this.#release?.abort(null)
      else this.abort(signal.reason)
    })
  }

  /**
   * Keeps the process alive while somebody waits for a load that was started for nobody.
   *
   * @param sleep - a timer that keeps the process alive until the signal aborts
   */
  keepAlive(sleep: (signal: AbortSignal) => Promise<void>): void {
    if (!this.#isBackground || this.#release?.signal.aborted === false) return
    const release = new AbortController()
    this.#release = release
    const end = () => {
      release.abort(null)
    }
    this.promise.then(end, end)
    sleep(release.signal).catch(() => undefined)
  }

  /** Ends the load at once; everyone who still waits gets `reason`. */
  abort(reason: unknown): void {
    this.#signal.abort(reason)
  }
}
