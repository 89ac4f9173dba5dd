/**
 * Bounds how much retries add to the load on a service that is failing already.
 *
 * @module
 */

import type { RetryKind } from './kind.js'

const CAPACITY = 500

/** Costs of the SDK's own token bucket (standard retry mode): what fails by itself is dearer than a throttle. */
const COST: Readonly<Record<RetryKind, number>> = { transient: 14, credentials: 14, throttled: 5 }

/** Refreshes in the background leave the lower half to those whom somebody waits for. */
const KEPT_FROM_BACKGROUND = CAPACITY / 2

/** What a load gives that succeeded without a retry. */
const CLEAN_CREDIT = 1

/**
 * The tokens that the retries of one client are paid from: 500, of which a transient retry takes 14 and a
 * throttled one 5. Where everything fails they run out, and each load makes one request.
 */
export class RetryBudget {
  #tokens = CAPACITY

  /** Tokens that are left, from 0 to 500. */
  get tokens(): number {
    return this.#tokens
  }

  /** Pays for a retry, or tells that it may not be made. A background retry may not go below 250 tokens. */
  trySpend(kind: RetryKind, isBackground: boolean): boolean {
    const left = this.#tokens - COST[kind]
    if (left < (isBackground ? KEPT_FROM_BACKGROUND : 0)) return false
    this.#tokens = left
    return true
  }

  /**
   * Credits a load that succeeded: the cost of its last retry, or 1 where it needed none.
   *
   * @param lastRetry - kind of the last retry that was paid for
   */
  credit(lastRetry?: RetryKind): void {
    const given = lastRetry === undefined ? CLEAN_CREDIT : COST[lastRetry]
    this.#tokens = Math.min(CAPACITY, this.#tokens + given)
  }
}
