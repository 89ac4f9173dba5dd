/**
 * Loads many values ahead of their use.
 *
 * @module
 */

import { type CallSite, SecretsError, errorForCaller, isSecretsError } from '../errors.js'
import { isPlainObject, passes } from '../options/checks.js'
import type { Manifest } from '../options/manifest.js'
import { resolveLoadOptions } from '../options/read-options.js'
import { resolveManifest, shownAlias } from '../options/resolve-manifest.js'
import { refOfKey } from '../reference/composite.js'
import type { Reference, ReferenceInput } from '../reference/reference.js'
import { loadFailure } from './load-failure.js'
import type { PrefetchResult } from './results.js'

/** What to load, and the place or the alias by which the caller knows it. */
export interface Named {
  readonly name: string
  /** What to read, or why it cannot be. */
  readonly reference: Reference | SecretsError
  /** Whether nothing is lost where it is not there. */
  readonly hasDefault?: boolean
}

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
  references: readonly Named[],
  { warm, signal, site }: Prefetching,
): Promise<PrefetchResult> {
  const loads = new Map<string, Promise<string | SecretsError | undefined>>()
  const load = async (reference: Reference, hasDefault = false) => {
    const ref = refOfKey(reference.key)
    try {
      await warm(reference)
      return ref
    } catch (error) {
      const isAbort = signal?.aborted === true && error === signal.reason
      if (isAbort || !isSecretsError(error)) throw error
      const own = errorForCaller(error, { ref, attempts: error.attempts, site })
      if (own.code === 'ERR_CLOSED') throw own
      return hasDefault && own.code === 'ERR_NOT_FOUND' ? undefined : own
    }
  }
  references.forEach(({ name, reference, hasDefault }, position) => {
    if (isSecretsError(reference)) loads.set(`refs[${position}]`, Promise.resolve(refusedAt(name, reference)))
    else if (!loads.has(reference.key)) loads.set(reference.key, load(reference, hasDefault))
  })
  const outcomes = await Promise.all(loads.values())
  return {
    loaded: outcomes.filter((outcome) => typeof outcome === 'string'),
    failed: outcomes.filter((outcome) => isSecretsError(outcome)),
  }
}

/** What is too odd to be quoted is told by its place, or its alias. */
function refusedAt(name: string, error: SecretsError): SecretsError {
  if (error.ref !== undefined) return error
  const { code, what, hint } = error
  return new SecretsError(code, { what: `${name}: ${what}`, ...(hint !== undefined && { hint }) })
}

/** The one error of a prefetch that is to fail as a whole. */
export function prefetchFailure({ failed, loaded }: PrefetchResult): SecretsError {
  const failures = failed.map((error) => [error.ref ?? nameIn(error), error] as const)
  return loadFailure(failures, failed.length + loaded.length, 'references')
}

/** Where a reference stood that cannot be one: `refs[3]`, or its alias. */
function nameIn({ what }: SecretsError): string {
  return what.slice(0, what.indexOf(':'))
}

/**
 * What was asked for: the references that were passed in, or those of a manifest. Each is read once.
 *
 * @throws TypeError for what is neither, and for an iterator that throws.
 */
export function wantedOf(
  refs: Iterable<ReferenceInput> | Manifest,
  parse: (ref: ReferenceInput) => Reference,
): readonly Named[] {
  const given: unknown = refs
  if (typeof given !== 'object' || given === null) throw notIterable()
  if (!passes(() => Symbol.iterator in given) && passes(() => isPlainObject(given))) {
    const entries = resolveManifest(given, resolveLoadOptions(undefined))
    return entries.map(({ alias, reference, how }, position) => ({
      name: shownAlias(alias, position),
      reference,
      hasDefault: how.fallback !== undefined,
    }))
  }
  return itemsOf(given).map((ref, position) => ({ name: `refs[${position}]`, reference: parsed(ref, parse) }))
}

function itemsOf(given: object): readonly ReferenceInput[] {
  try {
    return [...(given as Iterable<ReferenceInput>)]
  } catch {
    // What an iterator throws is not ours to show: it may carry anything.
    throw notIterable()
  }
}

function notIterable(): TypeError {
  return new TypeError('refs: expected an array, or anything iterable, of references, or a manifest')
}

/** A reference, or why it cannot be one. */
function parsed(ref: ReferenceInput, parse: (ref: ReferenceInput) => Reference): Reference | SecretsError {
  try {
    return parse(ref)
  } catch (error) {
    if (isSecretsError(error)) return error
    throw error
  }
}
