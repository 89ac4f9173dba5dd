/**
 * Keeps fewer requests under way to an operation that throttles, and grows back when it stops: additive increase,
 * multiplicative decrease, as TCP does.
 *
 * @module
 */

import { SharedSignals } from '../abortable.js'
import type { Clock } from '../clock.js'
import { retryKindOf } from './kind.js'

/** How to build a {@link Governor}. */
export interface GovernorOptions {
  readonly clock: Clock
  /**
   * Requests to one operation that may be under way at once, at least 1.
   *
   * The default is the socket pool of the SDK. Above it a request waits anyway, and better here: in the pool the
   * timeout of its attempt runs already.
   *
   * @defaultValue `50`
   */
  readonly maxConcurrent?: number
}

/** How one request is run. */
export interface RunOptions<T> {
  /** Whether nobody waits for it; it lets those go first whom somebody waits for. */
  readonly isBackground: boolean
  /** Ends the wait for a slot; its reason is what the caller gets. Once `work` runs, it is for `work` to listen. */
  readonly signal: AbortSignal
  /**
   * Tells whether an answer counts as throttled all the same: a batch may be answered for some and throttled
   * for others.
   *
   * @defaultValue no answer does
   */
  readonly isThrottled?: (answer: T) => boolean
}

/** How long a throttle is remembered. */
const MEMORY_MS = 60_000

/** A request that waits for a slot; granted means that the slot is taken already. */
interface Waiter {
  isGranted: boolean
  grant?: () => void
}

/** What is known of one operation. */
interface Lane {
  /** May be a fraction; a request needs a whole slot. */
  limit: number
  inFlight: number
  /** Requests begun so far: the number of the latest. */
  begun: number
  /** The latest request begun when the limit was last decreased. */
  decreasedAt: number
  /** By the monotonic clock; no throttle was seen before the first. */
  throttledAt: number
  readonly foreground: Set<Waiter>
  readonly background: Set<Waiter>
}

/**
 * Decides when the requests of one client may start, for each operation by itself. First come, first served.
 *
 * Nothing waits below `maxConcurrent` unless the operation throttled within the last 60 seconds.
 */
export class Governor {
  readonly #clock: Clock
  readonly #maxConcurrent: number
  readonly #lanes = new Map<string, Lane>()
  readonly #signals = new SharedSignals()

  constructor({ clock, maxConcurrent = 50 }: GovernorOptions) {
    this.#clock = clock
    this.#maxConcurrent = maxConcurrent
  }

  /**
   * Runs `work` as soon as the operation `key` has a slot, and learns from its outcome. The slot is taken until
   * `work` settles, so `work` needs a deadline of its own.
   *
   * Of the throttled requests that were under way together only the first decreases the limit, to half of what
   * was under way; each success increases it by 1/limit.
   */
  async run<T>(key: string, options: RunOptions<T>, work: () => Promise<T>): Promise<T> {
    const { signal, isThrottled } = options
    signal.throwIfAborted()
    const lane = this.#laneOf(key)
    const waiting = this.#enter(lane, options)
    if (waiting !== undefined) await waiting
    lane.begun += 1
    const begun = lane.begun
    try {
      signal.throwIfAborted()
      const answer = await work()
      if (isThrottled?.(answer) === true) this.#decrease(lane, begun)
      else this.#increase(lane)
      return answer
    } catch (error) {
      if (retryKindOf(error) === 'throttled') this.#decrease(lane, begun)
      throw error
    } finally {
      this.#leave(lane)
    }
  }

  /** Requests to the operation `key` that may be under way at once now; a whole number, at least 1. */
  limit(key: string): number {
    const lane = this.#lanes.get(key)
    return lane === undefined ? this.#maxConcurrent : Math.floor(this.#limitOf(lane))
  }

  /** Operations that something is remembered of. */
  get size(): number {
    return this.#lanes.size
  }

  #laneOf(key: string): Lane {
    const known = this.#lanes.get(key)
    if (known !== undefined) return known
    for (const [other, lane] of this.#lanes) if (this.#isIdle(lane)) this.#lanes.delete(other)
    const lane: Lane = {
      limit: this.#maxConcurrent,
      inFlight: 0,
      begun: 0,
      decreasedAt: 0,
      throttledAt: -Infinity,
      foreground: new Set(),
      background: new Set(),
    }
    this.#lanes.set(key, lane)
    return lane
  }

  #isIdle(lane: Lane): boolean {
    const { inFlight, foreground, background } = lane
    return inFlight + foreground.size + background.size === 0 && this.#limitOf(lane) === this.#maxConcurrent
  }

  #limitOf(lane: Lane): number {
    if (this.#clock.monotonic() - lane.throttledAt >= MEMORY_MS) lane.limit = this.#maxConcurrent
    return lane.limit
  }

  /** Takes a slot, or gives what to wait for until one is taken. */
  #enter<T>(lane: Lane, { isBackground, signal }: RunOptions<T>): Promise<void> | undefined {
    const queue = isBackground ? lane.background : lane.foreground
    const waiter: Waiter = { isGranted: false }
    queue.add(waiter)
    this.#grantSlots(lane)
    if (waiter.isGranted) return undefined
    const slot = new Promise<void>((resolve) => {
      waiter.grant = resolve
    })
    return this.#signals
      .abortable(slot, signal, () => queue.delete(waiter))
      .catch((reason: unknown) => {
        // The slot came in the same instant as the abort: it is for the next.
        if (waiter.isGranted) this.#leave(lane)
        throw reason
      })
  }

  #grantSlots(lane: Lane): void {
    const limit = this.#limitOf(lane)
    for (const queue of [lane.foreground, lane.background]) {
      for (const waiter of queue) {
        if (lane.inFlight + 1 > limit) return
        queue.delete(waiter)
        lane.inFlight += 1
        waiter.isGranted = true
        waiter.grant?.()
      }
    }
  }

  #leave(lane: Lane): void {
    lane.inFlight -= 1
    this.#grantSlots(lane)
  }

  #increase(lane: Lane): void {
    lane.limit = Math.min(this.#maxConcurrent, lane.limit + 1 / lane.limit)
  }

  #decrease(lane: Lane, begun: number): void {
    const limit = this.#limitOf(lane)
    lane.throttledAt = this.#clock.monotonic()
    if (begun <= lane.decreasedAt) return
    lane.decreasedAt = lane.begun
    lane.limit = Math.max(1, Math.min(limit, lane.inFlight / 2))
  }
}
