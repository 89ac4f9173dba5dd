/**
 * What happens to the service, and when.
 *
 * @module
 */

/** From when to when, in milliseconds from the start. */
export interface Span {
  readonly from: number
  readonly to: number
}

/** One course of events; all times in milliseconds from the start. */
export interface Plan {
  /** The same for every reader. */
  readonly ttlMs: number
  /** AWS lets one request per second through, as a neighbour uses the rest of the quota up. */
  readonly storm: Span
  /** Every request is answered with 503. */
  readonly refusing: Span
  /** No request is answered. */
  readonly silent: Span
  /** When all secrets get another value, and the database accepts the one before no more; at any phase of the TTL. */
  readonly rotatedAt: readonly number[]
  readonly endAt: number
  /** What is counted together. */
  readonly binMs: number
}

/** Lengths as in life, except for the TTL: every value expires several times in each span. */
export const FULL_PLAN: Plan = {
  ttlMs: 5_000,
  storm: { from: 6_000, to: 16_000 },
  refusing: { from: 22_000, to: 42_000 },
  silent: { from: 42_000, to: 52_000 },
  // Early, in the middle and late in the lives of values that were all loaded when the outage ended.
  rotatedAt: [58_000, 64_800, 71_600],
  endAt: 77_000,
  binMs: 1_000,
}

/** Enough to show that it works. */
export const QUICK_PLAN: Plan = {
  ttlMs: 1_000,
  storm: { from: 1_500, to: 3_500 },
  refusing: { from: 4_500, to: 6_500 },
  silent: { from: 6_500, to: 8_500 },
  rotatedAt: [9_500, 10_800],
  endAt: 12_250,
  binMs: 250,
}

/** Secrets that are read in turns, and how often one of them is. */
export const SECRETS = 20
export const READ_EVERY_MS = 5

/** Who waited longer than this gave up: a failure, whatever came later. */
export const PATIENCE_MS = 5_000

/** Names of the secrets. */
export function secretNames(): readonly string[] {
  return Array.from({ length: SECRETS }, (_, position) => `prod/db-${position}`)
}

/** All secrets as they are after a rotation, of about 1 KB each; the first generation is 1. */
export function secretsOf(generation: number): Readonly<Record<string, string>> {
  const text = JSON.stringify({ generation, username: 'orders_app', password: 'p'.repeat(960) })
  return Object.fromEntries(secretNames().map((name) => [name, text]))
}
