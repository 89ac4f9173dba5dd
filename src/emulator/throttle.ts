/**
 * A rate limit as AWS applies it: a token bucket for each region and operation.
 *
 * @module
 */
import type { KnownOperation, OperationName } from './operations.js'

/** A rate limit; requests over it are answered with `ThrottlingException` and `Rate exceeded`. */
export interface Throttle {
  /** Requests per second that pass for ever, above 0. */
  readonly ratePerSecond: number
  /**
   * Requests that may come at once after a pause, at least 1.
   *
   * @defaultValue `ratePerSecond`, at least 1
   */
  readonly burst?: number
  /**
   * The operations that are limited, by name.
   *
   * GetParameter, GetParameters and GetParametersByPath share one limit, as on AWS; all others have their own.
   *
   * @defaultValue every operation
   */
  readonly operations?: readonly OperationName[]
}

/** Source: Systems Manager quotas: one quota, 40 requests per second by default, shared by these three. */
const SHARED_READS: ReadonlySet<string> = new Set(['GetParameter', 'GetParameters', 'GetParametersByPath'])

interface Bucket {
  tokens: number
  filledAtMs: number
}

/** Decides request by request; buckets start full. */
export class TokenBuckets {
  readonly #limit: { readonly ratePerSecond: number; readonly burst: number }
  readonly #operations: ReadonlySet<string> | undefined
  readonly #buckets = new Map<string, Bucket>()

  constructor(ratePerSecond: number, burst: number, operations?: ReadonlySet<string>) {
    this.#limit = { ratePerSecond, burst }
    this.#operations = operations
  }

  /** Takes a token for the request, or tells that there is none. */
  admits({ name }: KnownOperation, region: string, nowMs: number): boolean {
    if (this.#operations !== undefined && !this.#operations.has(name)) return true
    const bucket = this.#bucket(`${region} ${SHARED_READS.has(name) ? 'reads' : name}`, nowMs)
    const { ratePerSecond, burst } = this.#limit
    const elapsedMs = Math.max(0, nowMs - bucket.filledAtMs)
    bucket.tokens = Math.min(burst, bucket.tokens + (elapsedMs / 1000) * ratePerSecond)
    bucket.filledAtMs = nowMs
    if (bucket.tokens < 1) return false
    bucket.tokens -= 1
    return true
  }

  #bucket(key: string, nowMs: number): Bucket {
    const bucket = this.#buckets.get(key) ?? { tokens: this.#limit.burst, filledAtMs: nowMs }
    this.#buckets.set(key, bucket)
    return bucket
  }
}
