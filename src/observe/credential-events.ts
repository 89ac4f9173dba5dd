/**
 * What the client tells about secrets that somebody logs in with.
 *
 * @module
 */

import type { EventBase } from './event-base.js'

/** A version was refused by what it is a credential for, in `withSecret`. */
export interface RejectedEvent extends EventBase {
  /** Tells it from other events. */
  readonly type: 'rejected'
  /** The reference that the credential is read by. */
  readonly ref: string
  /** Secrets Manager: id of the version. */
  readonly versionId?: string
  /** Parameter Store: number of the version. */
  readonly version?: number
}

/** In `withSecret` a version was accepted after one was refused. */
export interface RecoveredEvent extends EventBase {
  /** Tells it from other events. */
  readonly type: 'recovered'
  /** The reference that the credential is read by. */
  readonly ref: string
  /** Secrets Manager: id of the version that was accepted. */
  readonly versionId?: string
  /** Parameter Store: number of the version that was accepted. */
  readonly version?: number
  /** Whether it is the pending version, which is served until the current one is another. */
  readonly pending: boolean
  /** Times that a version was refused meanwhile, without those whose trial had begun before the first of them. */
  readonly rejections: number
  /** Milliseconds since the first of them. */
  readonly durationMs: number
}

/** A caller of `withSecret` got the error that its credential was refused with: its window is over. */
export interface GaveUpEvent extends EventBase {
  /** Tells it from other events. */
  readonly type: 'gave-up'
  /** The reference that the credential is read by. */
  readonly ref: string
}
