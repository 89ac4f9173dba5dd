/**
 * What the client tells about its work: a closed union of plain, frozen, JSON-safe objects without values.
 *
 * A `ref` is a canonical reference without its field, or what the option `redactRefs` makes of it.
 *
 * @module
 */

import type { SecretsErrorCode } from '../errors.js'
import type { Service } from '../reference/reference.js'
import type { GaveUpEvent, RecoveredEvent, RejectedEvent } from './credential-events.js'
import type { EventBase } from './event-base.js'

/** A read was answered from the cache with a fresh value. */
export interface HitEvent extends EventBase {
  /** Tells it from other events. */
  readonly type: 'hit'
  /** The reference that was read. */
  readonly ref: string
}

/** A read found nothing in the cache that it may use. */
export interface MissEvent extends EventBase {
  /** Tells it from other events. */
  readonly type: 'miss'
  /** The reference that was read. */
  readonly ref: string
  /** `true`: a remembered failure refused the read at once; `false`: it waits for the service. */
  readonly remembered: boolean
}

/**
 * Why a read was answered with a stale value.
 *
 * - `revalidating`: the TTL has passed, and the value is loaded anew in the background.
 * - `error`: the service failed in a way that may pass.
 */
export type StaleReason = 'revalidating' | 'error'

/** A read was answered with a value whose TTL has passed. */
export interface StaleEvent extends EventBase {
  /** Tells it from other events. */
  readonly type: 'stale'
  /** The reference that was read. */
  readonly ref: string
  /** Why the value was served nevertheless. */
  readonly reason: StaleReason
  /** Age of the value in milliseconds. */
  readonly ageMs: number
  /** Code of the last failure to load it anew, where one is known. */
  readonly code?: SecretsErrorCode
}

/**
 * What made the client load a value.
 *
 * - `read`: a caller waits for it.
 * - `background`: the value was stale, or is watched.
 * - `refresh`: a caller asked for it, whatever is cached.
 */
export type RefreshTrigger = 'read' | 'background' | 'refresh'

/** What every load has that has ended. */
interface LoadEvent extends EventBase {
  /** Tells it from other events. */
  readonly type: 'refresh'
  /** The reference that was loaded. */
  readonly ref: string
  /** What made the client load it. */
  readonly trigger: RefreshTrigger
  /** Milliseconds from its start to its end, retries and waits included. */
  readonly durationMs: number
}

/** A load has succeeded. */
export interface LoadedEvent extends LoadEvent {
  /** It has succeeded. */
  readonly ok: true
  /** Whether the version is another than the one that was cached; `true` when none was. */
  readonly changed: boolean
  /** Secrets Manager: id of the version. */
  readonly versionId?: string
  /** Parameter Store: number of the version. */
  readonly version?: number
}

/** A load has failed, after all its retries. */
export interface LoadFailedEvent extends LoadEvent {
  /** It has failed. */
  readonly ok: false
  /** What went wrong. */
  readonly code: SecretsErrorCode
}

/** A load has ended, well or not: `ok` tells. */
export type RefreshEvent = LoadedEvent | LoadFailedEvent

/** A request has failed and is going to be repeated. */
export interface RetryEvent extends EventBase {
  /** Tells it from other events. */
  readonly type: 'retry'
  /** The service that was asked. */
  readonly service: Service
  /** References in the request. */
  readonly batchSize: number
  /** The reference that was asked for, if it was a single one. */
  readonly ref?: string
  /** The attempt that failed, counted from 1. */
  readonly attempt: number
  /** Milliseconds until the next attempt. */
  readonly delayMs: number
  /** What went wrong. */
  readonly code: SecretsErrorCode
}

/** A service has refused a request because there were too many. */
export interface ThrottleEvent extends EventBase {
  /** Tells it from other events. */
  readonly type: 'throttle'
  /** The service that refused. */
  readonly service: Service
  /** References in the request. */
  readonly batchSize: number
  /** Requests that may be under way at the same time from now on. */
  readonly concurrency: number
}

/** Several references were asked for in one request. */
export interface BatchEvent extends EventBase {
  /** Tells it from other events. */
  readonly type: 'batch'
  /** The service that was asked. */
  readonly service: Service
  /** References in the request. */
  readonly size: number
  /** Those of them that failed or were not answered. */
  readonly failed: number
  /** Whether some of its references, or all, are asked for one by one instead. */
  readonly fallback: boolean
}

/** A value has left the cache to make room. */
export interface EvictEvent extends EventBase {
  /** Tells it from other events. */
  readonly type: 'evict'
  /** The reference whose value left. */
  readonly ref: string
}

/** The two clocks disagree about how much time has passed. */
export interface ClockAnomalyEvent extends EventBase {
  /** Tells it from other events. */
  readonly type: 'clock-anomaly'
  /**
   * Milliseconds that passed on the wall clock minus those on the monotonic clock: positive after a freeze or a
   * step forwards, negative after a step backwards.
   */
  readonly skewMs: number
}

/**
 * What of an item has changed that never should.
 *
 * - `arn`: the name has another ARN; the item was deleted and created again.
 * - `payload`: the same version has another payload.
 */
export type IdentityChange = 'arn' | 'payload'

/** An item is no longer the one that it was. */
export interface IdentityChangedEvent extends EventBase {
  /** Tells it from other events. */
  readonly type: 'identity-changed'
  /** The reference that was loaded. */
  readonly ref: string
  /** What has changed. */
  readonly what: IdentityChange
  /** The ARN until now, if that has changed; redacted like a reference. */
  readonly from?: string
  /** The ARN from now on, if that has changed; redacted like a reference. */
  readonly to?: string
}

/** A value was loaded and could not be decoded as the caller wants it. */
export interface DecodeFailedEvent extends EventBase {
  /** Tells it from other events. */
  readonly type: 'decode-failed'
  /** The reference that was read, here with its field. */
  readonly ref: string
  /** What went wrong. */
  readonly code: SecretsErrorCode
  /** Whether the caller got what the version before was decoded to. */
  readonly servedPrevious: boolean
}

/**
 * What has happened in a client; `type` tells the members apart.
 *
 * @example
 * ```ts
 * function log(event: SecretsEvent) {
 *   if (event.type === 'stale') console.warn(`${event.ref} is ${event.ageMs} ms old: ${event.reason}`)
 *   if (event.type === 'refresh' && !event.ok) console.error(`${event.ref} failed: ${event.code}`)
 * }
 * ```
 */
export type SecretsEvent =
  | HitEvent
  | MissEvent
  | StaleEvent
  | RefreshEvent
  | RetryEvent
  | ThrottleEvent
  | BatchEvent
  | EvictEvent
  | ClockAnomalyEvent
  | IdentityChangedEvent
  | DecodeFailedEvent
  | RejectedEvent
  | RecoveredEvent
  | GaveUpEvent

/**
 * Is handed every event when it happens, and should return quickly: the read that caused it waits for that.
 *
 * What it throws or rejects with is ignored and counted. What it causes itself before it returns is counted as
 * well and not told.
 */
export type SecretsEventListener = (event: SecretsEvent) => unknown
