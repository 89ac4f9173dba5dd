/**
 * Checks a manifest and completes its entries. Nothing is read.
 *
 * @module
 */

import { SecretsError, isSecretsError } from '../errors.js'
import { inParts, parseTree } from '../reference/composite.js'
import { parseReference } from '../reference/parse.js'
import type { Reference, ReferenceInput } from '../reference/reference.js'
import { type Members, entriesOf, isPlainObject, membersOf, passes, typeName } from './checks.js'
import type { ManifestEntry, ReservedAlias } from './manifest.js'
import {
  type ReadOptions,
  type ResolvedReadOptions,
  resolveReadOptions,
  resolveTreeOptions,
} from './read-options.js'

/** An entry of a manifest, complete and checked. */
export interface ResolvedEntry {
  readonly alias: string
  /** The entry as it was given: read once, and frozen. */
  readonly entry: ManifestEntry
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
 * @param parse - parses references; one that remembers them saves time
 * @throws TypeError for what is no manifest: one error that names every alias with something wrong.
 */
export function resolveManifest(
  manifest: unknown,
  shared: ResolvedReadOptions,
  parse: (ref: ReferenceInput) => Reference = parseReference,
): readonly ResolvedEntry[] {
  if (!passes(() => isPlainObject(manifest))) {
    throw new TypeError(`manifest: expected a plain object of entries by alias, got ${typeName(manifest)}`)
  }
  const problems: string[] = []
  const entries = aliasesOf(manifest as object).flatMap((alias, position) => {
    try {
      if (RESERVED_ALIASES.has(alias)) throw new TypeError('is a reserved alias; choose another')
      return [{ alias, ...resolveEntry(entryOf(manifest as object, alias), shared, parse) }]
    } catch (error) {
      problems.push(`${shownAlias(alias, position)}: ${messageOf(error)}`)
      return []
    }
  })
  if (problems.length > 0) throw new TypeError(`manifest: ${problems.join('; ')}`)
  return entries
}

/** Aliases are quoted where they read like names; a value that was pasted in place of one is told by its place. */
export function shownAlias(alias: string, position: number): string {
  const isName = /^[\p{L}\p{N}_$./:@# -]{1,64}$/u.test(alias) && !/^entry \d+$/.test(alias)
  return isName ? alias : `entry ${position + 1}`
}

function aliasesOf(manifest: object): readonly string[] {
  try {
    return Object.keys(manifest)
  } catch {
    // What a proxy throws is not ours to show: it may carry anything.
    throw new TypeError('manifest: could not be read, because a proxy threw an error')
  }
}

function entryOf(manifest: object, alias: string): unknown {
  try {
    return Reflect.get(manifest, alias)
  } catch {
    throw new TypeError('could not be read, because a getter or a proxy threw an error')
  }
}

function resolveEntry(
  entry: unknown,
  shared: ResolvedReadOptions,
  parse: (ref: ReferenceInput) => Reference,
): Omit<ResolvedEntry, 'alias'> {
  if (typeof entry === 'string') return { entry, reference: parsed(() => parse(entry)), how: shared }
  if (!passes(() => isPlainObject(entry))) {
    throw new TypeError(`expected a reference or { ref, … } or { tree, … }, got ${typeName(entry)}`)
  }
  const isTree = typeof entry === 'object' && entry !== null && passes(() => Object.hasOwn(entry, 'tree'))
  return isTree ? resolveTree(entry, shared) : resolveValue(entry, shared, parse)
}

function resolveValue(
  given: unknown,
  shared: ResolvedReadOptions,
  parse: (ref: ReferenceInput) => Reference,
): Omit<ResolvedEntry, 'alias'> {
  const members = membersOf('entry', given, VALUE_MEMBERS)
  const ref = referenceIn(members.get('ref'))
  const field = members.get('field')
  if (field !== undefined && typeof field !== 'string') {
    throw new TypeError(`field: expected a string, got ${typeName(field)}`)
  }
  const how = within(resolveReadOptions(optionsIn(members, ['ref', 'field'])), members, shared)
  const reference = parsed(() => {
    const whole = withField(parse(ref), field)
    return how.isInParts ? inParts(whole) : whole
  })
  return { entry: Object.freeze({ ...Object.fromEntries(members), ref }), reference, how }
}

/** A reference as it was given, but an object of ours, which nobody changes. */
function referenceIn(ref: unknown): ReferenceInput {
  if (typeof ref === 'string') return ref
  if (!passes(() => isPlainObject(ref)))
    throw new TypeError(`ref: expected a reference, got ${typeName(ref)}`)
  return Object.freeze(Object.fromEntries(entriesOf('ref', ref)))
}

function resolveTree(given: unknown, shared: ResolvedReadOptions): Omit<ResolvedEntry, 'alias'> {
  const members = membersOf('entry', given, TREE_MEMBERS)
  const tree = members.get('tree')
  if (typeof tree !== 'string') throw new TypeError(`tree: expected a path, got ${typeName(tree)}`)
  const how = within(resolveTreeOptions(optionsIn(members, ['tree'])), members, shared)
  const reference = parsed(() => parseTree(tree))
  return { entry: Object.freeze({ ...Object.fromEntries(members), tree }), reference, how }
}

/** The members of an entry that say how to read it, still to be checked. */
function optionsIn(members: Members<string>, others: readonly string[]): ReadOptions {
  return Object.fromEntries([...members].filter(([name]) => !others.includes(name)))
}

/** How to read an entry: as it says itself, or else as the load does. */
function within(
  own: ResolvedReadOptions,
  members: Members<string>,
  { signal, fresh, ttlMs, isRedacted }: ResolvedReadOptions,
): ResolvedReadOptions {
  return {
    ...own,
    signal,
    fresh,
    ttlMs: own.ttlMs ?? ttlMs,
    isRedacted: members.get('redacted') === undefined ? isRedacted : own.isRedacted,
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
