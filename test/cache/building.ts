/** A cache of texts on a clock that stands still, with what it tells and shorter ways to ask. */

import { SharedSignals } from '../../src/abortable.js'
import { Cache } from '../../src/cache/cache.js'
import type { CacheOptions, LoadOptions } from '../../src/cache/cache-options.js'
import type { Load, LoadContext } from '../../src/cache/launcher.js'
import type { CacheListener, LoadReport, StaleReason } from '../../src/cache/listener.js'
import type { Stamp } from '../../src/clock.js'
import { SecretsError, type SecretsErrorCode, type SecretsErrorInit } from '../../src/errors.js'
import { ManualClock } from '../support/manual-clock.js'

export const TTL = 1000
export const HOUR = 3_600_000

/** A read by a caller who takes what there is. */
const shared: LoadOptions = { signal: undefined, fresh: false, isPinned: false }

/** One call of the listener. */
export type Told =
  | readonly ['hit' | 'evicted', string]
  | readonly ['missed', string, boolean]
  | readonly ['stale', string, StaleReason, Stamp]
  | readonly ['loaded', string, LoadReport, string, string | undefined]
  | readonly ['failed', string, LoadReport, SecretsError]
  | readonly ['clockAnomaly', number]

/** Writes down what it hears. */
function scribe(told: Told[] = []): CacheListener<string> & { readonly told: Told[] } {
  const write = (call: Told) => {
    told.push(call)
  }
  return {
    told,
    hit: (...call) => {
      write(['hit', ...call])
    },
    missed: (...call) => {
      write(['missed', ...call])
    },
    stale: (...call) => {
      write(['stale', ...call])
    },
    loaded: (...call) => {
      write(['loaded', ...call])
    },
    failed: (...call) => {
      write(['failed', ...call])
    },
    evicted: (...call) => {
      write(['evicted', ...call])
    },
    clockAnomaly: (...call) => {
      write(['clockAnomaly', ...call])
    },
  }
}

/**
 * A cache of texts, each of which belongs under the key that it was asked for, or under another. Nothing outlives its
 * TTL and no failure is remembered, unless the options say so.
 */
export function build(options: Partial<CacheOptions<string>> = {}) {
  const clock = new ManualClock()
  const listener = scribe()
  const cache = new Cache<string>({
    clock,
    signals: new SharedSignals(),
    maxFlightMs: 5000,
    homeOf: (key) => key,
    maxEntries: 10,
    maxBytes: 1000,
    ttlMs: TTL,
    staleWhileRevalidateMs: 0,
    staleIfErrorMs: 0,
    negativeTtlMs: 0,
    maxNegativeTtlMs: 0,
    sizeOf: (value) => value.length,
    merge: (_key, _cached, loaded) => loaded,
    listener,
    ...options,
  })
  const load = (key: string, run: Run, how: Partial<LoadOptions> = {}, home = key) =>
    cache.load(key, at(home, run), { ...shared, ...how })
  const refresh = (key: string, run: Run) => cache.refresh(key, at(key, run), false)
  const fill = (key: string, value: string, isPinned = false) =>
    load(key, () => Promise.resolve(value), { isPinned })
  const valueOf = (key: string, maxAgeMs?: number) => cache.lookup(key, maxAgeMs)?.value
  /** What is told under one heading. */
  const told = (name: Told[0]) => listener.told.filter((call) => call[0] === name)
  return { cache, clock, listener, told, load, refresh, fill, valueOf }
}

/** What loads a text. */
export type Run = (context: LoadContext) => Promise<string>

/** Loads a text for the key that it belongs under. */
function at(home: string, run: Run): Load<string> {
  return async (context) => ({ value: await run(context), bind: () => home })
}

/** A load that fails. */
export function failing(code: SecretsErrorCode, init: Partial<SecretsErrorInit> = {}): Run {
  return () => Promise.reject(failure(code, init))
}

/** A failure of a load. */
export function failure(code: SecretsErrorCode, init: Partial<SecretsErrorInit> = {}): SecretsError {
  return new SecretsError(code, { what: 'the load failed', ref: 'key', attempts: 3, ...init })
}

/** A load that never ends. */
export const never = (): Promise<never> => new Promise(() => undefined)

/** Lets everything happen that does not wait for time. */
export const settled = (): Promise<void> => new Promise(setImmediate)

/** What a promise was rejected with. */
export const reasonOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'no rejection',
    (reason: unknown) => reason,
  )
