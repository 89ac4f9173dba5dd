/**
 * What the observer is told of events, before it dates them and shows their references.
 *
 * @module
 */

import type { Stamp } from '../clock.js'
import type { RecoveredEvent } from './credential-events.js'
import type { LoadFailedEvent, LoadedEvent } from './events.js'

/** An event without what the observer adds. */
export type Facts<Event> = Omit<Event, 'type' | 'at' | 'ref'>

/** What is known of a load that has ended. */
export type LoadFacts = LoadedFacts | LoadFailedFacts

interface LoadedFacts extends Pick<LoadedEvent, 'trigger' | 'ok' | 'changed'> {
  /** When it began. */
  readonly begun: Stamp
  readonly versionId?: string | undefined
  readonly version?: number | undefined
}

interface LoadFailedFacts extends Pick<LoadFailedEvent, 'trigger' | 'ok' | 'code'> {
  /** When it began. */
  readonly begun: Stamp
}

/** What tells a version from others. */
interface VersionFacts {
  readonly versionId?: string | undefined
  readonly version?: number | undefined
}

/** Is told what happens with the versions of one secret that somebody logs in with. */
export interface CredentialObserver {
  /** A version was refused. */
  rejected(version: VersionFacts): void
  /** A version is accepted, after others were refused, or after it was itself. */
  recovered(version: VersionFacts, facts: Pick<RecoveredEvent, 'pending' | 'rejections' | 'durationMs'>): void
  /** A caller has waited in vain. */
  gaveUp(): void
}
