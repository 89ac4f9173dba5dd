/**
 * Decides what an entry of a given age is good for. Pure: the clock is read by the caller.
 *
 * @module
 */

/** What may be done with an entry. */
export type Freshness =
  /** Serve it without asking the service. */
  | 'fresh'
  /** Serve it, and ask the service in the background. */
  | 'stale-while-revalidate'
  /** Ask the service, and serve it only if the failure may pass by itself. */
  | 'stale-if-error'
  /** Ask the service; the entry may not be served. */
  | 'expired'
  /** It is a failure, remembered: fail at once, the service need not be asked. */
  | 'negative'

/** What is judged of an entry. */
export interface Lifetime {
  /** How long it is fresh, or a failure remembered, in milliseconds; `Infinity` for a pinned version. */
  readonly ttlMs: number
  /** Whether it is a failure, and no value. */
  readonly isFailure: boolean
  /** Whether the service has since refused the value, so that it may not be served past its lifetime. */
  readonly isRefused: boolean
}

/** How long past their lifetime values may be served. */
export interface StalePolicy {
  /** Milliseconds for which a value is served while a newer one is asked for. */
  readonly staleWhileRevalidateMs: number
  /** Milliseconds for which a value is served where a newer one cannot be had. */
  readonly staleIfErrorMs: number
}

/**
 * Judges an entry by its age.
 *
 * @param maxAgeMs - the oldest age that the reader accepts, which nothing can stretch; pinned versions have no age
 */
export function freshness(
  { ttlMs, isFailure, isRefused }: Lifetime,
  age: number,
  { staleWhileRevalidateMs, staleIfErrorMs }: StalePolicy,
  maxAgeMs = Infinity,
): Freshness {
  if (isFailure) return age < ttlMs ? 'negative' : 'expired'
  if (ttlMs === Infinity) return 'fresh'
  if (age > maxAgeMs) return 'expired'
  if (age <= ttlMs) return 'fresh'
  if (isRefused) return 'expired'
  if (age <= ttlMs + staleWhileRevalidateMs) return 'stale-while-revalidate'
  return age <= ttlMs + staleIfErrorMs ? 'stale-if-error' : 'expired'
}

/**
 * Draws the lifetime of a new entry from [0.9, 1] × `ttlMs`, so that a fleet started together does not
 * refresh together.
 *
 * @param random - a number from [0, 1)
 */
export function jitteredTtlMs(ttlMs: number, random: number): number {
  return ttlMs * (1 - random * 0.1)
}

/**
 * Draws how long the `count`th failure in a row is remembered from [0.5, 1] × a time that doubles from `minMs` to
 * `maxMs`.
 *
 * @param random - a number from [0, 1)
 */
export function negativeTtlMs(
  count: number,
  { minMs, maxMs }: { readonly minMs: number; readonly maxMs: number },
  random: number,
): number {
  return Math.min(maxMs, minMs * 2 ** (count - 1)) * (1 - random * 0.5)
}
