/**
 * Where callers wait who were turned away, until there is something to try or their window is over.
 *
 * @module
 */

import type { SharedSignals } from '../../abortable.js'
import type { Cached } from '../../cache/store.js'
import { type Clock, alarm } from '../../clock.js'
import type { Item } from '../item.js'
import type { Caller, Rejection } from './caller.js'
import { Queue } from './queue.js'
import type { Trial } from './trial.js'

/** What one that waited is to do. */
export type Turn = Go | Lead | Over

/** Try what was found, or read what is current and try that. */
interface Go {
  readonly kind: 'go'
  readonly found: Cached<Item> | undefined
}

/** Try for all: `found`, or what is current. */
export interface Lead {
  readonly kind: 'lead'
  readonly found: Cached<Item> | undefined
  readonly trial: Trial
}

/** The window is over. */
interface Over {
  readonly kind: 'over'
  readonly error: unknown
}

/** Read what is current, and try that. */
export const GO: Turn = { kind: 'go', found: undefined }

/** What a {@link WaitingRoom} works with. */
export interface WaitingRoomOptions {
  readonly clock: Clock
  readonly signals: SharedSignals
  /** How `use` has failed last, for callers who did not try themselves. */
  readonly lastRejection: () => Pick<Rejection, 'error'> | undefined
  /** Is told of each caller whose window is over. */
  readonly onGivenUp: () => void
}

/** Callers with a window each, in the order in which they came. */
export class WaitingRoom {
  readonly #options: WaitingRoomOptions
  readonly #queue: Queue<Caller, Turn>
  #isHeld = false
  #dueAt = Infinity
  #stopAlarm: () => void = () => undefined

  constructor(options: WaitingRoomOptions) {
    this.#options = options
    this.#queue = new Queue(options.signals)
  }

  /** How many wait. */
  get size(): number {
    return this.#queue.size
  }

  /** Waits for a turn. The window begins with the first wait, or was begun by a rejection. */
  join(caller: Caller): Promise<Turn> {
    const now = this.#now()
    caller.deadline ??= now + caller.windowMs
    if (!this.#isHeld && caller.deadline <= now) return Promise.resolve(this.over(caller))
    const turn = this.#queue.join(caller)
    if (!this.#isHeld) this.#watch(caller.deadline)
    return turn
  }

  /** Lets nobody go whose window is over: AWS is asked, or a trial begins, for which everybody waits once. */
  hold(): void {
    this.#isHeld = true
    this.#unwatch()
  }

  /** Lets everybody go whose window is over, from now on. */
  release(): void {
    this.#isHeld = false
    this.#dismiss(this.#now())
  }

  /** Lets those go whose window is over, and who are meant, though nobody else is let go. */
  excuse(isMeant: (caller: Caller) => boolean): void {
    const now = this.#now()
    this.#queue.serveWhere((caller) => {
      const { deadline = now } = caller
      return deadline <= now && isMeant(caller) ? this.over(caller) : undefined
    })
  }

  /**
   * Gives a turn to one: of those who were not turned away yet the last, and else to the first. What lets one in may turn
   * others away, who use another database: whoever comes anew may be one of the former. Who was not turned away is given
   * one though its window is over, or where nobody waits nobody would ever try.
   *
   * @returns whether there was one
   */
  serve(turn: Turn): boolean {
    if (this.#queue.serveLast(turn, ({ rejection }) => rejection === undefined)) return true
    this.release()
    return this.#queue.serve(turn)
  }

  /** What a caller gets whose window is over. */
  over({ rejection, failure }: Caller): Turn {
    this.#options.onGivenUp()
    const { error } = rejection ?? this.#options.lastRejection() ?? { error: failure }
    return { kind: 'over', error }
  }

  /** Gives a turn to everybody. */
  serveAll(turn: Turn): void {
    this.#unwatch()
    this.#queue.serveWhere(() => turn)
  }

  /** Lets everybody go. */
  dismissAll(): void {
    this.#unwatch()
    this.#queue.serveWhere((caller) => this.over(caller))
  }

  /** Ends every wait with a reason. */
  close(reason: unknown): void {
    this.#unwatch()
    this.#queue.close(reason)
  }

  #dismiss(now: number): void {
    this.#unwatch()
    let next = Infinity
    this.#queue.serveWhere((caller) => {
      const { deadline = now } = caller
      if (deadline <= now) return this.over(caller)
      next = Math.min(next, deadline)
      return undefined
    })
    if (next < Infinity && this.size > 0) this.#watch(next)
  }

  #watch(deadline: number): void {
    if (deadline >= this.#dueAt) return
    this.#unwatch()
    this.#dueAt = deadline
    const ms = Math.max(0, deadline - this.#now())
    this.#stopAlarm = alarm(this.#options.clock, ms, {
      ref: true,
      // Due it is, though a clock may say that it is not.
      onDue: () => {
        this.#dismiss(Math.max(deadline, this.#now()))
      },
      // Without a clock nobody may wait for ever.
      onFailure: () => {
        this.dismissAll()
      },
    })
  }

  #unwatch(): void {
    this.#stopAlarm()
    this.#stopAlarm = () => undefined
    this.#dueAt = Infinity
  }

  #now(): number {
    return this.#options.clock.monotonic()
  }
}
