/**
 * Remembers failures for a short time that doubles with each in a row, apart from the values and bounded like them.
 *
 * @module
 */

import { type Clock, ageMs, stampOf } from '../clock.js'
import { SecretsError, type SecretsErrorCode } from '../errors.js'
import { freshness, negativeTtlMs } from './freshness.js'
import { Entry, Lru } from './lru.js'

/** How long failures are remembered. */
export interface FailuresOptions {
  readonly clock: Clock
  /** Keys that failures are remembered for. */
  readonly maxEntries: number
  /** How long the first in a row is remembered, in milliseconds; `0` remembers none. */
  readonly negativeTtlMs: number
  /** The longest time, in milliseconds. */
  readonly maxNegativeTtlMs: number
  /** Draws from [0, 1). */
  readonly random: () => number
}

/** A failure that was not long ago. */
export interface Failure {
  /** Made anew, for no request. */
  readonly error: SecretsError
  /** How many failures of its kind there were in a row. */
  readonly count: number
  /** Whether the service need not be asked again yet. */
  readonly isNegative: boolean
}

interface Remembered {
  readonly error: SecretsError
  readonly count: number
}

/** They say something about this process, and nothing that waiting could change. */
const NOT_REMEMBERED: ReadonlySet<SecretsErrorCode> = new Set([
  'ERR_CLOSED',
  'ERR_MISSING_PEER',
  'ERR_REFERENCE_INVALID',
])

const NO_WINDOWS = { staleWhileRevalidateMs: 0, staleIfErrorMs: 0 }

/** The failures of one cache, by key. Kinds are kept apart: another kind of failure starts anew. */
export class Failures {
  readonly #options: FailuresOptions
  readonly #lru: Lru<Remembered>

  constructor(options: FailuresOptions) {
    this.#options = options
    this.#lru = new Lru({ maxEntries: options.maxEntries, maxBytes: Number.MAX_SAFE_INTEGER })
  }

  /** The last failure of a key; `undefined` where there was none, or it is longer ago than any is remembered. */
  get(key: string): Failure | undefined {
    const entry = this.#lru.get(key)
    if (entry === undefined) return undefined
    const { clock, maxNegativeTtlMs } = this.#options
    const lifetime = Entry.lifetime(entry)
    const age = ageMs(Entry.stamp(entry), clock)
    if (age > lifetime.ttlMs + maxNegativeTtlMs) {
      this.#lru.delete(key)
      return undefined
    }
    const { error, count } = Entry.value(entry)
    const isNegative = freshness(lifetime, age, NO_WINDOWS) === 'negative'
    return { error: asRemembered(error, lifetime.ttlMs - age), count, isNegative }
  }

  /** Remembers a failure of a key. */
  add(key: string, error: SecretsError): void {
    const { clock, negativeTtlMs: minMs, maxNegativeTtlMs: maxMs, random } = this.#options
    if (minMs === 0 || NOT_REMEMBERED.has(error.code)) return
    const last = this.get(key)
    const count = last?.error.code === error.code ? last.count + 1 : 1
    const ttlMs = Math.max(
      negativeTtlMs(count, { minMs, maxMs }, random()),
      Math.min(maxMs, error.retryAfterMs ?? 0),
    )
    const lifetime = { ttlMs, isFailure: true, isRefused: false }
    this.#lru.set(key, new Entry({ error, count }, stampOf(clock), lifetime), 1)
  }

  /** Forgets the failure of a key. */
  delete(key: string): void {
    this.#lru.delete(key)
  }

  /** Forgets every failure. */
  clear(): void {
    this.#lru.clear()
  }
}

/** The same failure, for a read that costs no request, with what is left of a wait that the service asked for. */
function asRemembered(error: SecretsError, leftMs: number): SecretsError {
  const { code, ref, what, hint, requestId, retryable, retryAfterMs } = error
  return new SecretsError(code, {
    what: `${what}; remembered from a moment ago`,
    retryable,
    ...(ref !== undefined && { ref }),
    ...(hint !== undefined && { hint }),
    ...(requestId !== undefined && { requestId }),
    ...(retryAfterMs !== undefined && leftMs > 0 && { retryAfterMs: Math.ceil(leftMs) }),
  })
}
