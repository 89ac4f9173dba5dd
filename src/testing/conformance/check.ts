/**
 * What a check of the conformance suite is.
 *
 * @module
 */

import type { Service } from 'aws-secrets-client'
import type { Kit } from './kit.js'

/** What a source may be unable to do, and is then not asked for. */
export type SourceFeature =
  'abort' | 'binary' | 'empty text' | 'labels' | 'lists' | 'names' | 'stages' | 'trees' | 'versions'

/** One check. */
export interface Check {
  /** What holds of a source that passes. */
  readonly title: string
  /**
   * The service whose sources it is for.
   *
   * @defaultValue both
   */
  readonly service?: Service
  /** What it takes for granted that the source can do. */
  readonly needs?: readonly SourceFeature[]
  /** Rejects with an `AssertionError` where it does not hold. */
  readonly run: (kit: Kit) => Promise<void>
}
