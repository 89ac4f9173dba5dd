/**
 * What is counted of the work of a client, whether or not anybody listens.
 *
 * @module
 */

/** Events by kind since the client was made. */
interface EventCounts {
  /** Reads that were answered from the cache with a fresh value. */
  readonly hits: number
  /** Reads that waited for the service, or were refused by a remembered failure. */
  readonly misses: number
  /** Reads that were answered with a value whose TTL had passed. */
  readonly stale: number
  /** Those of them for which the service had failed: the number to alarm on. */
  readonly staleOnError: number
  /** Loads that have ended, well or not. */
  readonly refreshes: number
  /** Loads that have failed, after all their retries. */
  readonly failures: number
  /** Requests that failed and were repeated. */
  readonly retries: number
  /** Requests that a service refused because there were too many. */
  readonly throttles: number
  /** Requests for several references at once. */
  readonly batches: number
  /** Values that left the cache to make room. */
  readonly evictions: number
  /** Times that the two clocks disagreed about how much time had passed. */
  readonly clockAnomalies: number
  /** Items found to be no longer the ones that they were. */
  readonly identityChanges: number
  /** Values that were loaded and could not be decoded as a caller wanted them. */
  readonly decodeFailures: number
  /** Times that a version was refused by what it is a credential for, in `withSecret`. */
  readonly rejections: number
  /** Times that a version was accepted after one was refused. */
  readonly recoveries: number
  /** Callers of `withSecret` whose window ended before a version was accepted: a number to alarm on. */
  readonly givenUp: number
  /** Times that the listener `onEvent` threw or rejected. */
  readonly listenerFailures: number
}

/** Everything that an observer counts, and what the requests cost. */
export interface ObserverCounts extends EventCounts {
  /** Requests to AWS, the sum of `requestsByOperation`. */
  readonly requests: number
  /** Requests to AWS by operation, such as `{ GetSecretValue: 3 }`; without those that were never made. */
  readonly requestsByOperation: Readonly<Record<string, number>>
  /**
   * Price of the requests in US dollars at list price: 0.05 USD for 10 000 requests to Secrets Manager, nothing
   * for those to Parameter Store.
   */
  readonly costUsd: number
}

/** Counts that still grow. */
export type GrowingCounts = { -readonly [Name in keyof EventCounts]: number }

/** Counts before anything has happened. */
export function zeroCounts(): GrowingCounts {
  return {
    hits: 0,
    misses: 0,
    stale: 0,
    staleOnError: 0,
    refreshes: 0,
    failures: 0,
    retries: 0,
    throttles: 0,
    batches: 0,
    evictions: 0,
    clockAnomalies: 0,
    identityChanges: 0,
    decodeFailures: 0,
    rejections: 0,
    recoveries: 0,
    givenUp: 0,
    listenerFailures: 0,
  }
}
