/**
 * What the cache tells about itself.
 *
 * @module
 */

import type { Stamp } from '../clock.js'
import type { SecretsError, SecretsErrorCode } from '../errors.js'

/** What made the cache load a value: a read that waits, a read that was served a stale value, or a refresh. */
export type Trigger = 'read' | 'background' | 'refresh'

/** Why a value is served past its lifetime. */
export type StaleReason =
  /** A newer one is asked for in the background. */
  | { readonly why: 'revalidating' }
  /** The service failed. */
  | { readonly why: 'error'; readonly code: SecretsErrorCode }

/** A load that has ended. */
export interface LoadReport {
  readonly trigger: Trigger
  /** When it was started. */
  readonly started: Stamp
}

/** Hears what happens in a cache, after it has happened. Must not throw. */
export interface CacheListener<Value> {
  /** A read was answered from memory. */
  hit(key: string): void
  /** Whether anybody is told, who may act on it. */
  readonly isHeard?: boolean
  /** A read has to wait for the service, or fails by a remembered failure. */
  missed(key: string, isRemembered: boolean): void
  /** A value is served past its lifetime; `stamp` is that of its request. */
  stale(key: string, reason: StaleReason, stamp: Stamp): void
  /** A load has brought a value; `previous` is what was cached when it ended. */
  loaded(key: string, report: LoadReport, value: Value, previous: Value | undefined): void
  /** A load has failed. */
  failed(key: string, report: LoadReport, error: SecretsError): void
  /** An entry had to make room. */
  evicted(key: string): void
  /** The wall clock ran ahead of the monotonic one by `skewMs`, or fell behind, between two requests. */
  clockAnomaly(skewMs: number): void
}
