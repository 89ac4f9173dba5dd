/** What each cell of the catalogue comes to: follows from the row, and from how old the cached value is. */

import type { SecretsErrorCode } from '../../src/errors.js'
import type { Service } from '../../src/reference/reference.js'
import { POLICY } from './bench.js'
import type { FaultRow } from './catalogue.js'

/** How old the cached value is when the fault strikes. */
export type State =
  /** Nothing is cached. */
  | 'cold'
  /** Within stale-while-revalidate. */
  | 'revalidating'
  /** Within stale-if-error. */
  | 'within'
  /** Past stale-if-error. */
  | 'past'

/** One read of one reference, or several references in one tick. */
export type Shape = 'single' | 'batch'

/** A row of the catalogue under one set of circumstances. */
export interface Cell {
  readonly row: FaultRow
  readonly service: Service
  readonly state: State
  readonly shape: Shape
  /** Of each reference, all in one tick. */
  readonly callers: number
}

/** References of a batch; the first is the target of item faults. */
const BATCH_SIZE = 3

/** A value, a stale one, or a failure. */
type Outcome = 'value' | 'stale' | SecretsErrorCode

/** What a cell comes to. */
export interface Expected {
  /** Of the first reads. */
  readonly first: Outcome
  /** Of the next ones, at once after what the first have started. */
  readonly next: Outcome
}

/** What becomes of the reads of one reference; `position` 0 is the target. */
export function expectedOf(cell: Cell, position: number): Expected {
  const { row, state } = cell
  if (isImmutable(cell, position) || !isStruck(cell, position)) return unharmed(cell, position)
  const { outcome, code = 'ERR_UNAVAILABLE' } = row
  const isPassing = outcome !== 'definitive'
  // With the last good value at hand: in its stead, or for the version that cannot be decoded.
  const isMasked = isPassing && (state === 'within' || state === 'revalidating')
  return {
    first: state === 'revalidating' || isMasked ? 'stale' : code,
    next: isMasked ? 'stale' : code,
  }
}

function unharmed(cell: Cell, position: number): Expected {
  const isRevalidated = cell.state === 'revalidating' && !isImmutable(cell, position)
  return { first: isRevalidated ? 'stale' : 'value', next: 'value' }
}

/** Whether the reference fails at all. */
function isStruck({ row, service, shape }: Cell, position: number): boolean {
  if (row.outcome === 'harmless') return false
  if (position === 0 || shape === 'single') return true
  // What hits one item fails a shared request for all.
  return !row.isPinned && (!row.isOfItem || row.inBatch[service] === 'shared')
}

/** A version id that is cached is never asked for again. */
function isImmutable({ row, service, state }: Cell, position: number): boolean {
  return row.isPinned && service === 'secretsmanager' && state !== 'cold' && position === 0
}

/** References that are asked for upstream. */
export function loadsOf(cell: Cell): number {
  const size = cell.shape === 'batch' ? BATCH_SIZE : 1
  return isImmutable(cell, 0) ? size - 1 : size
}

/** How often the fault acts, at least and at most. */
export function hitsOf(cell: Cell): { readonly least: number; readonly most: number } {
  const { row, service, shape } = cell
  const { attempts, outcome } = row
  const exactly = (count: number) => ({ least: count, most: count })
  const loads = loadsOf(cell)
  if (shape === 'single') return exactly(loads === 0 ? 0 : attempts)
  // A version id cannot go with a batch, and the batch of the others is another request.
  if (row.isPinned && service === 'secretsmanager') return exactly(loads === BATCH_SIZE ? 2 : 1)
  switch (row.inBatch[service]) {
    case 'split':
      return exactly(1 + loads * Math.max(1, attempts - 1))
    case 'itemised':
    case 'shared':
      return outcome === 'throttled' && attempts > 1 ? THROTTLED_BATCH : exactly(attempts)
  }
}

/**
 * A throttled batch goes on until its deadline. The longest waits add up to less than that after six; the budget of
 * 500 tokens pays for as many.
 */
const THROTTLED_BATCH = { least: 7, most: 501 }

/** The age at which the state is reached, whatever the jitter of the TTL is. */
export const AGE_MS: Readonly<Record<Exclude<State, 'cold'>, number>> = {
  revalidating: POLICY.ttlMs + 1,
  within: POLICY.ttlMs + POLICY.staleWhileRevalidateMs + 1,
  past: POLICY.ttlMs + POLICY.staleIfErrorMs + 1,
}
