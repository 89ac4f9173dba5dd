/**
 * Decides what an entry of a given age is good for. Pure: the clock is read by the caller.
 *
 * @module
 */

import type { Clock } from '../clock.js'

/** A point in time on both clocks, since each can lie in its own way. */
export interface Stamp {
  /** Wall-clock milliseconds since the Unix epoch. */
  readonly wall: number
  /** Milliseconds of the monotonic clock. */
  readonly monotonic: number
}

/** What may be done with an entry. */
export type Freshness =
  /** Serve it without asking the service. */
  | 'fresh'
  /** Ask the service; the entry may not be served. */
  | 'expired'

/** Reads both clocks. */
export function stampOf(clock: Clock): Stamp {
  return { wall: clock.now(), monotonic: clock.monotonic() }
}

/**
 * Milliseconds since `stamp`, by whichever clock saw more of them, and never negative.
 *
 * A frozen environment stops the monotonic clock and a stepped wall clock loses or gains hours: the larger of
 * the two may refresh too early, and never serves too long.
 */
export function ageMs(stamp: Stamp, clock: Clock): number {
  return Math.max(0, clock.monotonic() - stamp.monotonic, clock.now() - stamp.wall)
}

/** Judges an age against the entry's own lifetime and the oldest age that a reader accepts. */
export function freshness(age: number, ttlMs: number, maxAgeMs = Infinity): Freshness {
  return age <= Math.min(ttlMs, maxAgeMs) ? 'fresh' : 'expired'
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
