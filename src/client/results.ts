/**
 * What the client answers besides values.
 *
 * @module
 */

/** What a refresh found. */
export interface RefreshResult {
  /** Whether the version is another than the one that was cached; `true` when none was. */
  readonly changed: boolean
  /** Secrets Manager: id of the version that is cached now. */
  readonly versionId?: string
  /** Parameter Store: number of the version that is cached now. */
  readonly version?: number
}

/** Counters of one client since its construction, and what its cache holds now. */
export interface ClientStats {
  /** Reads that were answered from the cache. */
  readonly hits: number
  /** Reads that had to wait for AWS, those that shared a request included. */
  readonly misses: number
  /** Requests made, counted when they end. */
  readonly requests: number
  /** Loads that failed; those that every caller left are not counted. */
  readonly failures: number
  /** Values in the cache. */
  readonly entries: number
  /** Payload bytes in the cache. */
  readonly bytes: number
}
