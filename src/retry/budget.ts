/**
 * Bounds how much retries add to the load on a service that is failing already.
 *
 * @module
 */

import type { RetryKind } from './kind.js'

const CAPACITY = 500

/** What a retry is paid for as: its kind, or that it is a throttled request for several values. */
export type Charge = RetryKind | 'throttled-batch'

/**
 * Costs of the SDK's own token bucket (standard retry mode): what fails by itself is dearer than a throttle. A batch
 * stands for ten single requests, and shall last until its deadline: by simulation, of 1 000 parameters that one process
 * reads at 40 requests a second 300 would fail within 1 s at a price of 5, and none does at 1.
 */
const COST: Readonly<Record<Charge, number>> = {
  transient: 14,
  credentials: 14,
  throttled: 5,
  'throttled-batch': 1,
}

/** Refreshes in the background leave the lower half to those whom somebody waits for. */
const KEPT_FROM_BACKGROUND = CAPACITY / 2

/** What a load gives that succeeded without a retry. */
const CLEAN_CREDIT = 1

/**
 * The tokens that the retries of one client are paid from: 500, of which a transient retry takes 14, a
 * throttled one 5, and that of a throttled batch 1. Where everything fails they run out, and each load makes one request.
 */
export class RetryBudget {
  #tokens = CAPACITY

  /** Tokens that are left, from 0 to 500. */
  get tokens(): number {
    return this.#tokens
  }

  /** Pays for a retry, or tells that it may not be made. A background retry may not go below 250 tokens. */
  trySpend(charge: Charge, isBackground: boolean): boolean {
    const left = this.#tokens - COST[charge]
    if (left < (isBackground ? KEPT_FROM_BACKGROUND : 0)) return false
    this.#tokens = left
    return true
  }

  /**
   * Credits a load that succeeded: the cost of its last retry, or 1 where it needed none.
   *
   * @param lastRetry - as what the last retry was paid for
   */
  credit(lastRetry?: Charge): void {
    const given = lastRetry === undefined ? CLEAN_CREDIT : COST[lastRetry]
    this.#tokens = Math.min(CAPACITY, this.#tokens + given)
  }
}
