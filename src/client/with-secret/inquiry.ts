/**
 * Asks AWS, and knows who came since.
 *
 * @module
 */

import type { Cached } from '../../cache/store.js'
import { type Clock, type Stamp, ageMs, stampOf } from '../../clock.js'
import type { Item } from '../item.js'
import type { Caller } from './caller.js'
import { type Candidate, type Versions, candidatesOf } from './versions.js'

/** Who is in haste has AWS asked sooner, though not more often than this. */
export const PAUSE_MS = 250

/** What an {@link Inquiry} works with. */
export interface InquiryOptions {
  readonly clock: Clock
  readonly versions: Versions
  /** Whether a version was refused, as far as is known. */
  readonly isRefused: (found: Cached<Item>) => boolean
}

/** The questions to AWS of one search. */
export class Inquiry {
  readonly #options: InquiryOptions
  /** Who came since AWS was asked last, and when their windows end. */
  readonly #newcomers = new Map<Caller, number>()
  /** When the first of these ends. */
  #until = Infinity
  #answeredAt: Stamp = { wall: -Infinity, monotonic: -Infinity }

  constructor(options: InquiryOptions) {
    this.#options = options
  }

  /** One more for whom AWS is to be asked, with the end of its window on the monotonic clock. */
  add(caller: Caller, deadline: number): void {
    this.#newcomers.set(caller, deadline)
    this.#until = Math.min(this.#until, deadline)
  }

  /** One is gone. */
  delete(caller: Caller): void {
    if (this.#newcomers.delete(caller) && this.#newcomers.size === 0) this.#until = Infinity
  }

  /** Whether AWS was not asked since it came. */
  isNew(caller: Caller): boolean {
    return this.#newcomers.has(caller)
  }

  /** What AWS has now. */
  async ask(signal: AbortSignal): Promise<readonly Candidate[]> {
    const { clock, versions, isRefused } = this.#options
    this.#newcomers.clear()
    this.#until = Infinity
    const candidates = await candidatesOf(versions, isRefused, signal)
    if (signal.aborted) return candidates
    this.noteAnswer()
    this.#excuse(clock.monotonic())
    return candidates
  }

  /** AWS has answered now, whoever asked. */
  noteAnswer(): void {
    this.#answeredAt = stampOf(this.#options.clock)
  }

  /** Milliseconds since AWS answered last. */
  get ageMs(): number {
    return ageMs(this.#answeredAt, this.#options.clock)
  }

  /** Milliseconds until it may be asked for somebody in haste. */
  get pauseMs(): number {
    return Math.max(0, PAUSE_MS - this.ageMs)
  }

  /**
   * Whether a window may end before AWS is asked for whoever has it, where that is so many milliseconds away: timers are
   * late, though not all by as much.
   */
  isInHaste(ms: number): boolean {
    return this.#until - this.#options.clock.monotonic() <= ms + PAUSE_MS
  }

  /** Who came while AWS was being asked may have come too late for its answer, unless the window is over anyway. */
  #excuse(now: number): void {
    this.#until = Infinity
    for (const [caller, deadline] of this.#newcomers) {
      if (deadline <= now) this.#newcomers.delete(caller)
      else this.#until = Math.min(this.#until, deadline)
    }
  }
}
