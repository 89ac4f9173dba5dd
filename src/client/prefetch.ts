/**
 * Loads many values ahead of their use.
 *
 * @module
 */

import { type CallSite, SecretsError, errorForCaller, isSecretsError } from '../errors.js'
import type { Reference, ReferenceInput } from '../reference/reference.js'
import type { PrefetchResult } from './results.js'

/** How a prefetch is done. */
export interface Prefetching {
  /** Makes sure that a value is cached. */
  readonly warm: (reference: Reference) => Promise<unknown>
  /** Ends the wait; what it aborts with is what the caller gets. */
  readonly signal: AbortSignal | undefined
  /** From where it was asked for. */
  readonly site: CallSite
}

/** Loads every reference once, in as few calls as may be, and tells which failed, in their order. */
export async function prefetch(
  references: readonly (Reference | SecretsError)[],
  { warm, signal, site }: Prefetching,
): Promise<PrefetchResult> {
  const loads = new Map<string, Promise<string | SecretsError>>()
  const load = async (reference: Reference) => {
    const { key } = reference
    try {
      await warm(reference)
      return key
    } catch (error) {
      const isAbort = signal?.aborted === true && error === signal.reason
      if (isAbort || !isSecretsError(error)) throw error
      const own = errorForCaller(error, { ref: key, attempts: error.attempts, site })
      if (own.code === 'ERR_CLOSED') throw own
      return own
    }
  }
  references.forEach((reference, position) => {
    const place = `refs[${position}]`
    if (isSecretsError(reference)) loads.set(place, Promise.resolve(refusedAt(place, reference)))
    else if (!loads.has(reference.key)) loads.set(reference.key, load(reference))
  })
  const outcomes = await Promise.all(loads.values())
  return {
    loaded: outcomes.filter((outcome) => typeof outcome === 'string'),
    failed: outcomes.filter((outcome) => isSecretsError(outcome)),
  }
}

/** What is too odd to be quoted is told by its place. */
function refusedAt(place: string, error: SecretsError): SecretsError {
  if (error.ref !== undefined) return error
  const { code, what, hint } = error
  return new SecretsError(code, { what: `${place}: ${what}`, ...(hint !== undefined && { hint }) })
}

/** References that the message of a failure names. */
const SHOWN_FAILURES = 3

/** The one error of a prefetch that is to fail as a whole. */
export function prefetchFailure({ failed, loaded }: PrefetchResult): SecretsError {
  const errors = Object.fromEntries(failed.map((error) => [error.ref ?? placeIn(error), error]))
  const shown = failed
    .slice(0, SHOWN_FAILURES)
    .map((error) => `${error.ref ?? placeIn(error)} (${error.code})`)
  const more = failed.length > SHOWN_FAILURES ? ', …' : ''
  return new SecretsError('ERR_LOAD', {
    what: `${failed.length} of ${failed.length + loaded.length} references failed: ${shown.join(', ')}${more}`,
    hint: 'The member `errors` has the error of each by its reference, with a hint.',
    errors: Object.freeze(errors),
    retryable: failed.every(({ retryable }) => retryable),
    attempts: Math.max(0, ...failed.map(({ attempts }) => attempts)),
  })
}

/** Where a reference stood that cannot be one: `refs[3]`. */
function placeIn({ what }: SecretsError): string {
  return what.slice(0, what.indexOf(':'))
}

/**
 * The references that were passed in, read once.
 *
 * @throws TypeError for what is no object, has no iterator or one that throws.
 */
export function referencesOf(refs: Iterable<ReferenceInput>): readonly ReferenceInput[] {
  const given: unknown = refs
  try {
    if (typeof given === 'object' && given !== null) return [...refs]
  } catch {
    // What an iterator throws is not ours to show: it may carry anything.
  }
  throw new TypeError('refs: expected an array, or anything iterable, of references')
}
