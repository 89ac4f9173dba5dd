/**
 * What a cache is told: how it behaves, and how one value is asked for.
 *
 * @module
 */

import type { SharedSignals } from '../abortable.js'
import type { Clock } from '../clock.js'
import type { StalePolicy } from './freshness.js'
import type { CacheListener } from './listener.js'
import type { StoreOptions } from './store.js'

/** How a cache behaves. */
export interface CacheOptions<Value> extends Omit<StoreOptions<Value>, 'random' | 'onEvict'>, StalePolicy {
  readonly clock: Clock
  /** Age in milliseconds up to which a load under way may be joined. */
  readonly maxFlightMs: number
  /** How long the first failure in a row is remembered, in milliseconds; `0` remembers none. */
  readonly negativeTtlMs: number
  /** The longest time for which a failure is remembered, in milliseconds. */
  readonly maxNegativeTtlMs: number
  /**
   * What fails together, so that one failure is known for all.
   *
   * @defaultValue each key fails by itself
   */
  readonly serviceOf?: ((key: string) => string) | undefined
  /** Listens to the signals of callers. */
  readonly signals: SharedSignals
  /** Hears what happens. */
  readonly listener: CacheListener<Value>
  /**
   * Draws from [0, 1).
   *
   * @defaultValue from `node:crypto`
   */
  readonly random?: () => number
}

/** How one value is asked for. */
export interface LoadOptions {
  /** Ends this caller's wait only. */
  readonly signal: AbortSignal | undefined
  /** Only an answer whose request starts after this call will do. */
  readonly fresh: boolean
  /** The value can never change under its key. */
  readonly isPinned: boolean
  /** Oldest age in milliseconds that the reader accepts. */
  readonly maxAgeMs?: number | undefined
  /** It is no read of anybody's: neither told as a hit, a miss nor a stale answer. */
  readonly isQuiet?: boolean
}

/** What a refresh found. */
export interface Refreshed<Value> {
  readonly value: Value
  /** The value that was cached when the refresh started. */
  readonly previous: Value | undefined
}
