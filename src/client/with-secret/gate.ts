/**
 * Lets callers try one version: few until it is known to be accepted, then all.
 *
 * @module
 */

import type { SharedSignals } from '../../abortable.js'
import { type Clock, alarm } from '../../clock.js'
import { Queue } from './queue.js'
import { type Entrant, SlowStart } from './slow-start.js'
import type { Outcome } from './trial.js'
import type { Caller } from './caller.js'

/** What a {@link Gate} works with. */
export interface GateOptions {
  readonly clock: Clock
  readonly signals: SharedSignals
}

/** What one that waited gets. */
interface Admission {
  readonly entrant: Entrant | undefined
}

const TURNED_AWAY: Admission = { entrant: undefined }

/** The gate before one credential. */
export class Gate {
  readonly #clock: Clock
  readonly #slowStart: SlowStart
  readonly #queue: Queue<Caller, Admission>
  #stopAlarm: (() => void) | undefined

  constructor({ clock, signals }: GateOptions) {
    this.#clock = clock
    this.#slowStart = new SlowStart(clock)
    this.#queue = new Queue(signals)
  }

  /** Lets a caller in, at once or in turn; `undefined` where it is not to try this version any more. */
  enter(caller: Caller): Entrant | Promise<Entrant | undefined> {
    if (this.#queue.size > 0) this.#serve()
    const entrant = this.#queue.size === 0 ? this.#slowStart.enter() : undefined
    if (entrant !== undefined) return entrant
    const turn = this.#queue.join(caller).then((admission) => admission.entrant)
    this.#watch()
    return turn
  }

  /** One that was let in has an outcome. */
  leave(entrant: Entrant, outcome: Outcome): void {
    this.#slowStart.leave(entrant, outcome)
    if (this.#queue.size > 0) this.#serve()
    if (this.#queue.size === 0) this.#slowStart.settle()
  }

  /** Begins anew, with another version. */
  restart(isProven: boolean): void {
    this.#slowStart.restart(isProven)
    this.turnAway()
  }

  /** Sends those away who wait: to find out what there is to try instead. */
  turnAway(): void {
    this.#queue.serveWhere(() => TURNED_AWAY)
    this.tidy()
  }

  /** Ends every wait with a reason. */
  close(reason: unknown): void {
    this.#queue.close(reason)
    this.tidy()
  }

  /** Leaves no timer behind where nobody waits. */
  tidy(): void {
    if (this.#queue.size > 0) return
    this.#stopAlarm?.()
    this.#stopAlarm = undefined
  }

  #serve(): void {
    while (this.#queue.size > 0) {
      const entrant = this.#slowStart.enter()
      if (entrant === undefined) break
      this.#queue.serve({ entrant })
    }
    if (this.#queue.size > 0) this.#watch()
    else this.tidy()
  }

  #watch(): void {
    if (this.#stopAlarm !== undefined) return
    const onDue = () => {
      this.#stopAlarm = undefined
      this.#serve()
    }
    // Without a clock nobody may wait for ever.
    const onFailure = () => {
      this.#stopAlarm = undefined
      this.#queue.serveWhere(() => ({ entrant: this.#slowStart.force() }))
    }
    this.#stopAlarm = alarm(this.#clock, this.#slowStart.roomInMs, { ref: true, onDue, onFailure })
  }
}
