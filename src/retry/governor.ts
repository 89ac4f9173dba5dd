/**
 * Keeps fewer requests under way to an operation that throttles, and grows back when it stops: additive increase,
 * multiplicative decrease, as TCP does.
 *
 * @module
 */

import { type AnySignal, SharedSignals } from '../abortable.js'
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

/** What an outcome says about an operation: it has room, is over its limit, or failed for another reason. */
export type Verdict = 'ok' | 'throttled' | 'failed'

/** How one request is run. */
export interface RunOptions<T> {
  /** Whether nobody waits for it; it lets those go first whom somebody waits for. May change while it waits. */
  readonly isBackground: boolean
  /** Ends the wait for a slot; its reason is what the caller gets. Once `work` runs, it is for `work` to listen. */
  readonly signal: AnySignal
  /** Called where it has to wait for a slot; what it returns is called when the wait ends. */
  readonly onWait?: () => () => void
  /**
   * What an answer says about the operation: a batch may be answered for some and throttled for others.
   *
   * @defaultValue `'ok'` for every answer
   */
  readonly verdictOf?: (answer: T) => Verdict
}

/** How long a throttle is remembered. */
const MEMORY_MS = 60_000

/** A request that waits for a slot; granted means that the slot is taken already. */
interface Waiter {
  /** Live: somebody may come to wait for what was started for nobody. */
  readonly options: { readonly isBackground: boolean }
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
  readonly queue: Set<Waiter>
}

/**
 * Decides when the requests of one client may start, for each operation by itself. First come, first served.
 *
 * Nothing waits below `maxConcurrent` unless the operation throttled within the last 60 seconds.
 */
export class Governor {
  readonly #clock: Clock
  readonly #maxConcurrent: number
  #lastNow = 0
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
   * was under way; each success increases it by 1/limit, and other failures say nothing.
   */
  async run<T>(key: string, options: RunOptions<T>, work: () => Promise<T>): Promise<T> {
    const { signal, verdictOf } = options
    signal.throwIfAborted()
    const lane = this.#laneOf(key)
    const waiting = this.#enter(lane, options)
    if (waiting !== undefined) await waiting
    lane.begun += 1
    const begun = lane.begun
    try {
      signal.throwIfAborted()
      const answer = await work()
      const verdict = verdictOf?.(answer) ?? 'ok'
      if (verdict === 'throttled') this.#decrease(lane, begun)
      if (verdict === 'ok') this.#increase(lane)
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
      queue: new Set(),
    }
    this.#lanes.set(key, lane)
    return lane
  }

  #isIdle(lane: Lane): boolean {
    const { inFlight, queue } = lane
    return inFlight + queue.size === 0 && this.#limitOf(lane) === this.#maxConcurrent
  }

  #limitOf(lane: Lane): number {
    if (this.#now() - lane.throttledAt >= MEMORY_MS) lane.limit = this.#maxConcurrent
    return lane.limit
  }

  /** A clock that throws must not cost a slot: then no time has passed. */
  #now(): number {
    try {
      this.#lastNow = this.#clock.monotonic()
    } catch {
      return this.#lastNow
    }
    return this.#lastNow
  }

  /** Takes a slot, or gives what to wait for until one is taken. */
  #enter<T>(lane: Lane, options: RunOptions<T>): Promise<void> | undefined {
    const { queue } = lane
    if (queue.size === 0 && lane.inFlight + 1 <= this.#limitOf(lane)) {
      lane.inFlight += 1
      return undefined
    }
    const waiter: Waiter = { options, isGranted: false }
    queue.add(waiter)
    this.#grantSlots(lane)
    if (waiter.isGranted) return undefined
    const slot = new Promise<void>((resolve) => {
      waiter.grant = resolve
    })
    const onEnd = options.onWait?.()
    return this.#signals
      .abortable(slot, options.signal, () => queue.delete(waiter))
      .catch((reason: unknown) => {
        // The slot came in the same instant as the abort: it is for the next.
        if (waiter.isGranted) this.#leave(lane)
        throw reason
      })
      .finally(onEnd)
  }

  #grantSlots(lane: Lane): void {
    const { queue } = lane
    const limit = this.#limitOf(lane)
    while (queue.size > 0 && lane.inFlight + 1 <= limit) {
      const waiter = nextOf(queue)
      queue.delete(waiter)
      lane.inFlight += 1
      waiter.isGranted = true
      waiter.grant?.()
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
    lane.throttledAt = this.#now()
    if (begun <= lane.decreasedAt) return
    lane.decreasedAt = lane.begun
    lane.limit = Math.max(1, Math.min(limit, lane.inFlight / 2))
  }
}

/** The first whom somebody waits for, or else the first. */
function nextOf(queue: ReadonlySet<Waiter>): Waiter {
  let first: Waiter | undefined
  for (const waiter of queue) {
    if (!waiter.options.isBackground) return waiter
    first ??= waiter
  }
  if (first === undefined) throw new TypeError('nobody waits')
  return first
}
