/**
 * What the client answers besides values.
 *
 * @module
 */

import type { SecretsError } from '../errors.js'
import type { ObserverCounts } from '../observe/counts.js'
import { type Item, isSameVersion } from './item.js'

/** What a refresh found. */
export interface RefreshResult {
  /** Whether the version is another than the one that was cached; `true` when none was. */
  readonly changed: boolean
  /** Secrets Manager: id of the version that is cached now. */
  readonly versionId?: string
  /** Parameter Store: number of the version that is cached now. */
  readonly version?: number
}

/** What a refresh found, beside what was cached before it. */
export function refreshResult(value: Item, previous: Item | undefined): RefreshResult {
  const { versionId, version } = value.provenance
  return {
    changed: previous === undefined || !isSameVersion(previous, value),
    ...(versionId !== undefined && { versionId }),
    ...(version !== undefined && { version }),
  }
}

/** What a prefetch came to. */
export interface PrefetchResult {
  /** The canonical references that were loaded, or fresh already, each once and without a field. */
  readonly loaded: readonly string[]
  /**
   * One error for each reference that failed, in their order. Its `ref` tells which, canonically; where what was
   * passed is too odd to be quoted the message begins with its place instead, such as `refs[3]`, or its alias.
   */
  readonly failed: readonly SecretsError[]
}

/** Counters of one client since its construction, and what its cache holds now. */
export interface ClientStats extends ObserverCounts {
  /** Values in the cache. */
  readonly entries: number
  /** Payload bytes in the cache. */
  readonly bytes: number
}
