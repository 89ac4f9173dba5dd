/**
 * Where callers wait who were turned away, until there is something to try or their window is over.
 *
 * @module
 */

import type { SharedSignals } from '../../abortable.js'
import type { Cached } from '../../cache/store.js'
import { type Clock, alarm } from '../../clock.js'
import type { Item } from '../item.js'
import { Queue } from './queue.js'
import type { Trial } from './trial.js'

/** One that uses a credential, for as long as that takes. */
export interface Caller {
  readonly signal: AbortSignal | undefined
  /** Milliseconds for which it waits after it was turned away. */
  readonly windowMs: number
  /** When that ends, on the monotonic clock; unknown before it has to wait. */
  deadline: number | undefined
  /** How it was turned away last. */
  rejection: Rejection | undefined
}

/** What `use` failed with, when that means that the credential was refused. */
export interface Rejection {
  readonly error: unknown
}

/** What one that waited is to do. */
export type Turn = Go | Lead | Over

/** Read what is current, and try that. */
interface Go {
  readonly kind: 'go'
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
  readonly rejection: Rejection
}

/** Read what is current, and try that. */
export const GO: Turn = { kind: 'go' }

/** What a {@link WaitingRoom} works with. */
export interface WaitingRoomOptions {
  readonly clock: Clock
  readonly signals: SharedSignals
  /** How `use` has failed last, for callers who did not try themselves. */
  readonly lastRejection: () => Rejection
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

  /** Waits for a turn. The window begins with the first wait. */
  join(caller: Caller): Promise<Turn> {
    caller.deadline ??= this.#now() + caller.windowMs
    const turn = this.#queue.join(caller)
    if (this.#isHeld) return turn
    if (caller.deadline <= this.#now()) this.#dismiss()
    else this.#watch(caller.deadline)
    return turn
  }

  /** Lets nobody go whose window is over: AWS is being asked, for whose answer everybody waits once. */
  hold(): void {
    this.#isHeld = true
    this.#unwatch()
  }

  /** Lets everybody go whose window is over, from now on. */
  release(): void {
    this.#isHeld = false
    this.#dismiss()
  }

  /** Gives a turn to the one that came first. */
  serve(turn: Turn): void {
    this.#queue.serve(turn)
  }

  /** Gives a turn to everybody. */
  serveAll(turn: Turn): void {
    this.#unwatch()
    this.#queue.serveWhere(() => turn)
  }

  /** Lets everybody go. */
  dismissAll(): void {
    this.#unwatch()
    this.#queue.serveWhere((caller) => this.#over(caller))
  }

  /** Ends every wait with a reason. */
  close(reason: unknown): void {
    this.#unwatch()
    this.#queue.close(reason)
  }

  /** Leaves no timer behind where nobody waits. */
  tidy(): void {
    if (this.#queue.size === 0) this.#unwatch()
  }

  #dismiss(): void {
    this.#unwatch()
    const now = this.#now()
    let next = Infinity
    this.#queue.serveWhere((caller) => {
      const { deadline = now } = caller
      if (deadline <= now) return this.#over(caller)
      next = Math.min(next, deadline)
      return undefined
    })
    if (next < Infinity) this.#watch(next)
  }

  #over(caller: Caller): Turn {
    this.#options.onGivenUp()
    return { kind: 'over', rejection: caller.rejection ?? this.#options.lastRejection() }
  }

  #watch(deadline: number): void {
    if (deadline >= this.#dueAt) return
    this.#unwatch()
    this.#dueAt = deadline
    const ms = Math.max(0, deadline - this.#now())
    this.#stopAlarm = alarm(this.#options.clock, ms, {
      ref: true,
      onDue: () => {
        this.#dismiss()
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
