/**
 * Where the versions of one credential come from, and how they are told apart.
 *
 * @module
 */

import type { Cached } from '../../cache/store.js'
import { parseReference } from '../../reference/parse.js'
import type { Reference } from '../../reference/reference.js'
import type { Provenance } from '../../stored-value.js'
import type { Item } from '../item.js'

/** The versions of one secret. */
export interface Versions {
  /** The current one, by a request that starts now. */
  readonly refreshed: (signal: AbortSignal) => Promise<Cached<Item>>
  /** The one that a rotation is about to make current; absent where nobody wants it. */
  readonly pending?: (signal: AbortSignal) => Promise<Cached<Item>>
  /** Keeps it readable until the function that is returned is called. */
  readonly hold: (found: Cached<Item>) => () => void
}

/** A version that may be tried. */
export interface Candidate {
  readonly found: Cached<Item>
  readonly isPending: boolean
}

/**
 * What tells versions apart. Those of a source without ids all count as one: of a version that was refused nobody can
 * say then that it is another, and it is tried no more often than any that was.
 */
export function versionKey({ arn, versionId, version, createdAt }: Partial<Provenance>): string {
  if (versionId !== undefined) return `${arn ?? ''} ${versionId}`
  // A parameter that is deleted and created again counts its versions from 1 once more.
  return `${arn ?? ''} ${version ?? '?'} ${createdAt?.getTime() ?? ''}`
}

/** The versions that AWS has, as far as it answers; no pending one where the current one was not refused. */
export async function candidatesOf(
  versions: Versions,
  isRefused: (found: Cached<Item>) => boolean,
  signal: AbortSignal,
): Promise<readonly Candidate[]> {
  const current = await answered(versions.refreshed(signal))
  // Where one question is not answered, the other one would only make everybody wait longer.
  if (current === undefined) return []
  const candidates: Candidate[] = [{ found: current, isPending: false }]
  if (signal.aborted || versions.pending === undefined || !isRefused(current)) return candidates
  const pending = await answered(versions.pending(signal))
  if (pending !== undefined) candidates.push({ found: pending, isPending: true })
  return candidates
}

/** What AWS answers; its failures are no reason to give up. */
async function answered<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch {
    return undefined
  }
}

/** The version that a rotation is about to make current. */
export function pendingOf({ name, arn }: Reference): Reference {
  const id = arn === undefined ? { name } : { arn }
  return parseReference({ service: 'secretsmanager', ...id, versionStage: 'AWSPENDING' })
}
