/**
 * Starts loads, knows those under way, and sees to what they leave behind: a value, or a failure to remember.
 *
 * @module
 */

import type { AnySignal } from '../abortable.js'
import { type Clock, type Stamp, ageMs, skewMs } from '../clock.js'
import { isSecretsError } from '../errors.js'
import type { Failures } from './failures.js'
import type { CacheListener, LoadReport, Trigger } from './listener.js'
import { Entry } from './lru.js'
import type { Outages } from './outages.js'
import { type Begin, Flight } from './single-flight.js'
import type { Cached, Loaded, Store } from './store.js'

/** What a load is told. */
export interface LoadContext {
  /** Aborts when nobody waits any more. */
  readonly signal: AnySignal
  /** To be called at the start of each request. */
  readonly onAttempt: () => void
  /** Whether nobody waits for it, so that it must not keep the process alive; may change while it runs. */
  readonly isBackground: boolean
  /** Whether the service failed so often in a row that one request is enough to find out whether it still does. */
  readonly isProbe: boolean
}

/** Fetches the value of one key. */
export type Load<Value> = (context: LoadContext) => Promise<Loaded<Value>>

/** How a load is started. */
export interface LaunchOptions {
  readonly isPinned: boolean
  readonly trigger: Trigger
}

/** What a {@link Launcher} works with. */
export interface LauncherOptions<Value> {
  readonly clock: Clock
  readonly maxFlightMs: number
  readonly store: Store<Value>
  readonly failures: Failures
  readonly outages: Outages | undefined
  readonly listener: CacheListener<Value>
}

/** Failures in a row after which a load is a probe. */
const FAILURES_BEFORE_PROBE = 2

/** A clock that was stepped or stood still for less than this is not worth telling. */
const MAX_SKEW_MS = 300_000

/** The loads of one cache. */
export class Launcher<Value> {
  readonly #options: LauncherOptions<Value>
  /** The load of each key that a new caller may join. */
  readonly #flights = new Map<string, Flight<Cached<Value>>>()
  /** Every load under way, those outrun by a newer one too. */
  readonly #airborne = new Set<Flight<Cached<Value>>>()
  #lastStamp: Stamp | undefined
  #closed: { readonly reason: unknown } | undefined

  constructor(options: LauncherOptions<Value>) {
    this.#options = options
  }

  /** The load of a key that a new caller may join. */
  current(key: string): Flight<Cached<Value>> | undefined {
    return this.#flights.get(key)
  }

  /** Whether a reader may join: a `fresh` one only what has not begun. */
  isJoinable(
    key: string,
    flight: Flight<Cached<Value>>,
    { fresh, maxAgeMs }: { readonly fresh: boolean; readonly maxAgeMs?: number | undefined },
  ): boolean {
    if (flight.aborted) return false
    return flight.begun === undefined || (!fresh && this.isAwake(key, flight, maxAgeMs))
  }

  /** Not outrun, and not asleep: a load that slept through a freeze answers with what was true long ago. */
  isAwake(key: string, { begun }: Flight<Cached<Value>>, maxAgeMs = Infinity): boolean {
    if (begun === undefined) return true
    const { maxFlightMs, clock, store } = this.#options
    return !store.isInvalidated(key, begun.sequence) && ageMs(begun, clock) <= Math.min(maxFlightMs, maxAgeMs)
  }

  /** Starts a load, in the next microtask. */
  launch(key: string, load: Load<Value>, options: LaunchOptions): Flight<Cached<Value>> {
    const isBackground = options.trigger === 'background'
    const flight = new Flight<Cached<Value>>(
      (self, signal) => this.#run(self, signal, key, load, options),
      isBackground,
    )
    this.#flights.set(key, flight)
    this.#airborne.add(flight)
    const land = () => {
      this.#airborne.delete(flight)
      this.prune()
      this.#leave(key, flight)
    }
    flight.promise.then(land, land)
    // A listener may have closed the client in the middle of a read.
    if (this.#closed !== undefined) flight.abort(this.#closed.reason)
    return flight
  }

  /** Keeps the process alive while somebody waits for a load, even one that was started in the background. */
  keepAlive(flight: Flight<unknown>): void {
    const { clock, maxFlightMs } = this.#options
    // `async`, for a clock of the user's may throw at once.
    flight.keepAlive(async (signal) => clock.sleep(maxFlightMs, { signal, ref: true }))
  }

  /** Ends every load, and every one to come. */
  close(reason: unknown): void {
    this.#closed = { reason }
    for (const flight of this.#airborne) flight.abort(reason)
  }

  /** Lets the store forget what no load under way can come too late for. */
  prune(): void {
    const { store } = this.#options
    if (this.#airborne.size > 0 && !store.isCrowded) return
    let oldest = Infinity
    for (const { begun } of this.#airborne) oldest = Math.min(oldest, begun?.sequence ?? Infinity)
    store.prune(oldest)
  }

  async #run(
    flight: Flight<Cached<Value>>,
    signal: AnySignal,
    key: string,
    load: Load<Value>,
    { isPinned, trigger }: LaunchOptions,
  ): Promise<Cached<Value>> {
    const { store, failures, listener } = this.#options
    const started = this.#begin()
    let begun = started
    const onAttempt = () => {
      begun = this.#begin()
      flight.begun = begun
    }
    flight.begun = begun
    const isProbe = (failures.get(key)?.count ?? 0) >= FAILURES_BEFORE_PROBE
    try {
      const loaded = await load({
        signal,
        onAttempt,
        isProbe,
        get isBackground() {
          return flight.isBackground
        },
      })
      signal.throwIfAborted()
      this.#options.outages?.answered(key)
      const entry = store.peek(key)
      const previous = entry && Entry.value(entry).value
      const cached = store.put(key, loaded, begun, isPinned)
      if (!store.isOutrun(key, begun.sequence)) failures.delete(key)
      this.#leave(key, flight)
      listener.loaded(key, { trigger, started }, cached.value, previous)
      return cached
    } catch (error) {
      this.#leave(key, flight)
      if (!signal.aborted) this.#fail(key, begun, { trigger, started }, error)
      throw error
    }
  }

  /** Nobody joins a load that has ended. */
  #leave(key: string, flight: Flight<Cached<Value>>): void {
    if (this.#flights.get(key) === flight) this.#flights.delete(key)
  }

  #fail(key: string, begun: Begin, report: LoadReport, error: unknown): void {
    if (!isSecretsError(error)) return
    const { store, failures, outages, listener } = this.#options
    outages?.failed(key, error)
    if (!store.isOutrun(key, begun.sequence)) {
      failures.add(key, error)
      if (!error.retryable) store.refuse(key, begun.sequence)
    }
    listener.failed(key, report, error)
  }

  #begin(): Begin {
    const { clock, store, listener } = this.#options
    // No spread, which makes a hidden class for each of them.
    const begun = { wall: clock.now(), monotonic: clock.monotonic(), sequence: store.next() }
    const skew = this.#lastStamp === undefined ? 0 : skewMs(this.#lastStamp, begun)
    this.#lastStamp = begun
    if (Math.abs(skew) > MAX_SKEW_MS) listener.clockAnomaly(skew)
    return begun
  }
}
