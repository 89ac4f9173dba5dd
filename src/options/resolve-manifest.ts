/**
 * Checks a manifest and completes its entries. Nothing is read.
 *
 * @module
 */

import { SecretsError, isSecretsError } from '../errors.js'
import { inParts, parseTree } from '../reference/composite.js'
import { parseReference } from '../reference/parse.js'
import type { Reference } from '../reference/reference.js'
import { entriesOf, isPlainObject, membersOf, passes, typeName } from './checks.js'
import type { ReservedAlias } from './manifest.js'
import {
  type ReadOptions,
  type ResolvedReadOptions,
  resolveReadOptions,
  resolveTreeOptions,
} from './read-options.js'

/** An entry of a manifest, complete and checked. */
export interface ResolvedEntry {
  readonly alias: string
  /** What to read, or why it cannot be. */
  readonly reference: Reference | SecretsError
  readonly how: ResolvedReadOptions
}

const RESERVED_ALIASES: ReadonlySet<string> = new Set([
  '',
  '__proto__',
  'constructor',
  'prototype',
  'then',
  'toJSON',
  'toString',
  'valueOf',
] satisfies ReservedAlias[])

const VALUE_MEMBERS = ['ref', 'field', 'as', 'schema', 'default', 'ttlMs', 'parts', 'redacted'] as const

const TREE_MEMBERS = ['tree', 'schema', 'default', 'ttlMs', 'redacted', 'flat'] as const

/**
 * Checks a manifest, and completes its entries. Nothing is read.
 *
 * @param shared - what holds for entries that do not say otherwise
 * @throws TypeError for what is no manifest: one error that names every alias with something wrong.
 */
export function resolveManifest(manifest: unknown, shared: ResolvedReadOptions): readonly ResolvedEntry[] {
  if (!passes(() => isPlainObject(manifest))) {
    throw new TypeError(`manifest: expected a plain object of entries by alias, got ${typeName(manifest)}`)
  }
  const problems: string[] = []
  const entries = entriesOf('manifest', manifest).flatMap(([alias, entry], position) => {
    try {
      if (RESERVED_ALIASES.has(alias)) throw new TypeError('is a reserved alias; choose another')
      return [{ alias, ...resolveEntry(entry, shared) }]
    } catch (error) {
      problems.push(`${shownAlias(alias, position)}: ${messageOf(error)}`)
      return []
    }
  })
  if (problems.length > 0) throw new TypeError(`manifest: ${problems.join('; ')}`)
  return entries
}

/** Aliases are quoted where they read like names; a value that was pasted in place of one is not. */
export function shownAlias(alias: string, position: number): string {
  return /^[\w$./ -]{1,64}$/.test(alias) ? alias : `entry ${position + 1}`
}

function resolveEntry(entry: unknown, shared: ResolvedReadOptions): Omit<ResolvedEntry, 'alias'> {
  if (typeof entry === 'string') return { reference: parsed(() => parseReference(entry)), how: shared }
  if (!passes(() => isPlainObject(entry))) {
    throw new TypeError(`expected a reference or { ref, … } or { tree, … }, got ${typeName(entry)}`)
  }
  const isTree = typeof entry === 'object' && entry !== null && passes(() => Object.hasOwn(entry, 'tree'))
  return isTree ? resolveTree(entry, shared) : resolveValue(entry, shared)
}

function resolveValue(entry: unknown, shared: ResolvedReadOptions): Omit<ResolvedEntry, 'alias'> {
  const { ref, field, ...options } = given('entry', entry, VALUE_MEMBERS)
  if (typeof ref !== 'string' && (typeof ref !== 'object' || ref === null)) {
    throw new TypeError(`ref: expected a reference, got ${typeName(ref)}`)
  }
  if (field !== undefined && typeof field !== 'string') {
    throw new TypeError(`field: expected a string, got ${typeName(field)}`)
  }
  const how = within(resolveReadOptions(options), options, shared)
  const reference = parsed(() => {
    const whole = withField(parseReference(ref), field)
    return how.isInParts ? inParts(whole) : whole
  })
  return { reference, how }
}

function resolveTree(entry: unknown, shared: ResolvedReadOptions): Omit<ResolvedEntry, 'alias'> {
  const { tree, ...options } = given('entry', entry, TREE_MEMBERS)
  if (typeof tree !== 'string') throw new TypeError(`tree: expected a path, got ${typeName(tree)}`)
  const reference = parsed(() => parseTree(tree))
  return { reference, how: within(resolveTreeOptions(options), options, shared) }
}

/** The members of an entry, as options that are still to be checked. */
function given(
  group: string,
  entry: unknown,
  names: readonly string[],
): Readonly<Record<string, unknown>> & ReadOptions {
  return Object.fromEntries(membersOf(group, entry, names))
}

function within(
  own: ResolvedReadOptions,
  options: object,
  { signal, fresh, ttlMs, isRedacted }: ResolvedReadOptions,
): ResolvedReadOptions {
  return {
    ...own,
    signal,
    fresh,
    ttlMs: own.ttlMs ?? ttlMs,
    isRedacted: 'redacted' in options ? own.isRedacted : isRedacted,
  }
}

function withField(reference: Reference, field: string | undefined): Reference {
  if (field === undefined) return reference
  if (reference.field === undefined) return parseReference({ ...reference, field })
  throw new SecretsError('ERR_REFERENCE_INVALID', {
    ref: reference.ref,
    what: 'the field is named twice, in the reference and as `field`',
    hint: 'Keep one of the two.',
  })
}

/** A reference, or why it cannot be one. */
function parsed(parse: () => Reference): Reference | SecretsError {
  try {
    return parse()
  } catch (error) {
    if (isSecretsError(error)) return error
    throw error
  }
}

/** What is caught here is made by our own checks. */
function messageOf(error: unknown): string {
  return error instanceof TypeError ? error.message : 'could not be read'
}
