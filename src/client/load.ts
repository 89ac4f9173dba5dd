/**
 * Reads a whole manifest at once: every value, or one error that tells everything that is wrong.
 *
 * @module
 */

import { type CallSite, type SecretsError, errorForCaller, isSecretsError } from '../errors.js'
import { type ResolvedEntry, shownAlias } from '../options/resolve-manifest.js'
import { forCaller } from './caller.js'
import { type NamedFailure, loadFailure } from './load-failure.js'
import type { Reader } from './reader.js'

/** What a load works with. */
export interface Loading {
  readonly reader: Reader
  /** Ends the wait; what it aborts with is what the caller gets. */
  readonly signal: AbortSignal | undefined
  /** From where it was asked for. */
  readonly site: CallSite
}

/** A value, or why it cannot be had. */
interface Outcome {
  readonly value: unknown
  readonly error: SecretsError | undefined
}

/**
 * The value of each entry by its alias, frozen.
 *
 * @throws SecretsError `ERR_LOAD`; what is known to be wrong before anything is sent keeps everything from being sent.
 */
export async function load(
  entries: readonly ResolvedEntry[],
  loading: Loading,
): Promise<Readonly<Record<string, unknown>>> {
  const { site } = loading
  refuse(entries, await Promise.all(entries.map((entry) => prepared(entry, loading))), site)
  const outcomes = await Promise.all(entries.map((entry) => outcomeOf(entry, loading)))
  refuse(entries, outcomes, site)
  return Object.freeze(
    Object.fromEntries(entries.map(({ alias }, position) => [alias, outcomes[position]?.value])),
  )
}

/** Rejects with all failures, if there is one. */
function refuse(entries: readonly ResolvedEntry[], outcomes: readonly Outcome[], site: CallSite): void {
  const failures = entries.flatMap(({ alias }, position): NamedFailure[] => {
    const error = outcomes[position]?.error
    return error === undefined ? [] : [[shownAlias(alias, position), error]]
  })
  if (failures.length === 0) return
  const error = loadFailure(failures, entries.length, 'secrets')
  throw errorForCaller(error, { ref: '', attempts: error.attempts, site })
}

/** What is wrong with an entry that nothing needs to be sent for. */
async function prepared({ reference, how }: ResolvedEntry, { reader }: Loading): Promise<Outcome> {
  if (isSecretsError(reference)) return failed(reference)
  if (how.schema === undefined) return NOTHING_WRONG
  try {
    await reader.prepare(reference, how)
    return NOTHING_WRONG
  } catch (error) {
    if (isSecretsError(error)) return failed(error)
    throw error
  }
}

async function outcomeOf({ reference, how }: ResolvedEntry, loading: Loading): Promise<Outcome> {
  if (isSecretsError(reference)) return failed(reference)
  const { reader, signal, site } = loading
  const cached = reader.cached(reference, how)
  const kept = cached && reader.kept(cached, reference, how)
  if (kept !== undefined) return done(await kept)
  const read = reader.read(cached, reference, how)
  try {
    const { ref } = reference
    const { value } = await forCaller(read, { ref, site, signal, isMiss: cached === undefined })
    return done(value)
  } catch (error) {
    const isAbort = signal?.aborted === true && error === signal.reason
    if (isAbort || !isSecretsError(error) || error.code === 'ERR_CLOSED') throw error
    return failed(error)
  }
}

// Each has both members: an inherited one is none.
const done = (value: unknown): Outcome => ({ value, error: undefined })
const failed = (error: SecretsError): Outcome => ({ value: undefined, error })
const NOTHING_WRONG: Outcome = done(undefined)
