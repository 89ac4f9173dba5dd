/**
 * Decides how long to wait before a retry. Pure: chance comes in as a number.
 *
 * Full jitter (AWS Architecture Blog, "Exponential Backoff And Jitter"): a wait is drawn from all of [0, bound),
 * since any part that is the same for everybody keeps a fleet together that failed together.
 *
 * @module
 */

import type { RetryKind } from './kind.js'

/** What a wait depends on. */
export interface BackoffInit {
  /** Why the load is tried again. */
  readonly kind: RetryKind
  /** Retries made before this one; the first is 0. */
  readonly retry: number
  /** Whether the load reads several values with one request. */
  readonly isBatch: boolean
  /** A number from [0, 1). */
  readonly random: number
  /** Milliseconds that the service asked to wait for, where it did. */
  readonly retryAfterMs?: number | undefined
}

/** No bound grows beyond this. */
const CAP_MS = 20_000

/** How far a service may prolong our own wait: a hint is a stranger's number. */
const MAX_EXTENSION_MS = 5_000

const BASE_MS: Readonly<Record<RetryKind, number>> = { transient: 50, credentials: 50, throttled: 1_000 }

// By simulation and by bench/figures/fleet.ts: 60 batches of 20 processes at once against 40/s with a burst of 40 are
// all read within 590 ms (median; 500 is the least possible) by 86 requests. The first wait spreads a burst's losers
// over the time that their tokens take. A longer one is added whole to the time that the last process needs, since
// processes never start in the same instant. The second wait is for the few who missed, and who fails after that is in
// a larger crowd. A growth of 1 costs a crowd of 600 four times the requests for each success; 2 saves a fifth, and
// leaves more unread.
const BATCH_FIRST_MS = 500
const BATCH_SECOND_MS = 200
const BATCH_GROWTH = 1.5

/** Milliseconds to wait before the retry: at most 20 000, or 25 000 where the service asked for it. */
export function backoffMs({ kind, retry, isBatch, random, retryAfterMs }: BackoffInit): number {
  const bound = kind === 'throttled' && isBatch ? batchBoundMs(retry) : BASE_MS[kind] * 2 ** retry
  const own = random * Math.min(CAP_MS, bound)
  // NaN is no hint either.
  if (retryAfterMs === undefined || !(retryAfterMs > own)) return own
  return Math.min(retryAfterMs, own + MAX_EXTENSION_MS)
}

function batchBoundMs(retry: number): number {
  return retry === 0 ? BATCH_FIRST_MS : BATCH_SECOND_MS * BATCH_GROWTH ** (retry - 1)
}
