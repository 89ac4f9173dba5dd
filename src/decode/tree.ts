/**
 * Makes of the parameters below a path what `tree` answers: a nested object, or a flat one by path. Pure.
 *
 * @module
 */

import { SecretsError } from '../errors.js'
import { listOf } from './text.js'

/** What becomes of the parameters below a path. */
export type TreeView = 'tree' | 'flat-tree'

/** A parameter below a path. */
export interface Leaf {
  /** Its name below the path, without a `/` in front: `db/host`. */
  readonly path: string
  readonly text: string
  /** Whether the text is a comma-separated list. */
  readonly isList: boolean
  /** Number of its version. */
  readonly version?: number
}

/** They would become a prototype, or reach one, when a tree is merged carelessly. */
const DANGEROUS_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor'])

/** The one text that stands for the parameters: the same for the same ones, in whatever order they came. */
export function treeTextOf(leaves: readonly Leaf[]): string {
  const sorted = leaves.toSorted((a, b) => (a.path < b.path ? -1 : 1))
  return JSON.stringify(sorted.map(({ path, text, isList, version }) => [path, text, isList, version]))
}

/**
 * The tree of {@link treeTextOf | such a text}, deeply frozen. A StringList is an array, every other parameter text.
 *
 * @throws SecretsError `ERR_DECODE` for a parameter that is value and parent in one, where the tree is not flat, and
 * for a name that poisons prototypes.
 */
export function treeOf(text: string, view: TreeView, ref: string): unknown {
  const parsed: unknown = JSON.parse(text)
  const leaves = Array.isArray(parsed) ? parsed.map(placed) : []
  for (const { path, keys } of leaves) {
    if (keys.some((key) => DANGEROUS_KEYS.has(key))) throw dangerous(path, ref)
  }
  if (view === 'flat-tree') return frozenRecord(leaves.map(({ path, value }) => [path, value]))
  checkParents(leaves, ref)
  return nodeOf(leaves, 0)
}

/** A value with the keys that lead to it. */
interface Placed {
  readonly path: string
  readonly keys: readonly string[]
  readonly value: string | readonly string[]
}

function placed(leaf: unknown): Placed {
  const members: readonly unknown[] = Array.isArray(leaf) ? leaf : []
  const [path, text, isList] = members
  const [name, value] = [String(path), String(text)]
  return { path: name, keys: name.split('/'), value: isList === true ? listOf(value) : value }
}

/** Refuses a parameter with others below it: an object cannot have both in one place. */
function checkParents(leaves: readonly Placed[], ref: string): void {
  const values = new Set(leaves.map(({ path }) => path))
  for (const { path, keys } of leaves) {
    const above = keys.map((_key, index) => keys.slice(0, index).join('/'))
    const parent = above.find((candidate) => values.has(candidate))
    if (parent === undefined) continue
    throw new SecretsError('ERR_DECODE', {
      ref,
      what: `the parameter "${parent}" is a value and also the parent of "${path}"`,
      hint: 'Read the tree with { flat: true }, or move one of the two.',
    })
  }
}

function nodeOf(leaves: readonly Placed[], depth: number): unknown {
  const below = new Map<string, Placed[]>()
  for (const leaf of leaves) {
    const key = leaf.keys[depth] ?? ''
    const siblings = below.get(key)
    if (siblings === undefined) below.set(key, [leaf])
    else siblings.push(leaf)
  }
  return frozenRecord(
    Array.from(below, ([key, inside]) => {
      const [leaf] = inside
      const isValue = leaf?.keys.length === depth + 1
      return [key, isValue ? leaf.value : nodeOf(inside, depth + 1)]
    }),
  )
}

function frozenRecord(entries: readonly (readonly [string, unknown])[]): unknown {
  return Object.freeze(Object.fromEntries(entries))
}

function dangerous(path: string, ref: string): SecretsError {
  return new SecretsError('ERR_DECODE', {
    ref,
    what: `the name of the parameter "${path}" holds a key that could poison a prototype`,
    hint: 'Rename the parameter, or read it by itself.',
  })
}
