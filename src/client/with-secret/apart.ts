/**
 * Where a caller waits by itself who was refused with what lets others in: it uses another database, or a node of it
 * that lags behind. It must not keep the others out.
 *
 * @module
 */

import { type Clock, alarm } from '../../clock.js'
import type { Caller } from './caller.js'
import { GO, type Turn, type WaitingRoom } from './waiting-room.js'

/** What {@link Apart} works with. */
export interface ApartOptions {
  readonly clock: Clock
  /** A number from [0, 1). */
  readonly random: () => number
  readonly room: WaitingRoom
}

/** A wait is drawn from the upper half of [0, this), and the next from twice as much. */
const BASE_MS = 250

/** No wait is longer. */
const CAP_MS = 5_000

/** Callers who wait each by itself. */
export class Apart {
  readonly #options: ApartOptions

  constructor(options: ApartOptions) {
    this.#options = options
  }

  /** Waits longer each time, until the window of the caller is over. */
  join(caller: Caller): Promise<Turn> {
    const { clock, random, room } = this.#options
    const ms = (0.5 + random() / 2) * Math.min(CAP_MS, BASE_MS * 2 ** caller.refusals)
    const turn = room.join(caller)
    const go = () => {
      room.serveOnly(caller, GO)
    }
    const onFailure = () => {
      room.dismissAll()
    }
    const stop = alarm(clock, ms, { ref: true, onDue: go, onFailure })
    return turn.finally(() => {
      stop()
      room.tidy()
    })
  }

  /** The window of a caller is over. */
  giveUp(caller: Caller): Turn {
    return this.#options.room.over(caller)
  }

  /** There is something else to try. */
  end(): void {
    this.#options.room.serveAll(GO)
  }

  /** Ends every wait with a reason. */
  close(reason: unknown): void {
    this.#options.room.close(reason)
  }
}
