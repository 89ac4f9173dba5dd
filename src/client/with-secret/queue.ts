/**
 * Those who wait for their turn, first come, first served.
 *
 * @module
 */

import type { SharedSignals } from '../../abortable.js'

/** One of those who wait. */
interface Waiter<Who, Turn> {
  readonly who: Who
  readonly resolve: (turn: Turn) => void
  readonly reject: (reason: unknown) => void
}

/** A queue of callers, each of whom may leave it by a signal. */
export class Queue<Who extends { readonly signal: AbortSignal | undefined }, Turn> {
  readonly #signals: SharedSignals
  readonly #waiting = new Set<Waiter<Who, Turn>>()

  constructor(signals: SharedSignals) {
    this.#signals = signals
  }

  /** How many wait. */
  get size(): number {
    return this.#waiting.size
  }

  /** Waits for a turn; rejects with the signal's own reason when that aborts first. */
  join(who: Who): Promise<Turn> {
    return new Promise((resolve, reject) => {
      const { signal } = who
      const waiter = { who, resolve, reject }
      this.#waiting.add(waiter)
      if (signal === undefined) return
      const leave = () => {
        this.#waiting.delete(waiter)
        reject(signal.reason)
      }
      if (signal.aborted) {
        leave()
        return
      }
      const stop = this.#signals.listen(signal, leave)
      const ending = <T>(settle: (outcome: T) => void) => {
        return (outcome: T) => {
          stop()
          settle(outcome)
        }
      }
      Object.assign(waiter, { resolve: ending(resolve), reject: ending(reject) })
    })
  }

  /** Gives a turn to the one that came first; whether there was one. */
  serve(turn: Turn): boolean {
    const [first] = this.#waiting
    return this.#serve(first, turn)
  }

  /** Gives a turn to the one that came last of those who are meant; whether there was one. */
  serveLast(turn: Turn, isMeant: (who: Who) => boolean): boolean {
    let last: Waiter<Who, Turn> | undefined
    for (const waiter of this.#waiting) if (isMeant(waiter.who)) last = waiter
    return this.#serve(last, turn)
  }

  /** Gives a turn to everybody for whom there is one. */
  serveWhere(turnOf: (who: Who) => Turn | undefined): void {
    for (const waiter of [...this.#waiting]) {
      // It may have left meanwhile, or the queue may have been closed: `turnOf` tells events, to whom anything is allowed.
      if (!this.#waiting.has(waiter)) continue
      const turn = turnOf(waiter.who)
      if (turn === undefined) continue
      this.#waiting.delete(waiter)
      waiter.resolve(turn)
    }
  }

  /** Ends every wait. */
  close(reason: unknown): void {
    for (const waiter of this.#waiting) waiter.reject(reason)
    this.#waiting.clear()
  }

  #serve(waiter: Waiter<Who, Turn> | undefined, turn: Turn): boolean {
    if (waiter === undefined) return false
    this.#waiting.delete(waiter)
    waiter.resolve(turn)
    return true
  }
}
