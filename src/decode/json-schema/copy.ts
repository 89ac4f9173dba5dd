/**
 * Copies what a caller gave as JSON Schema, so that later changes to it change nothing.
 *
 * @module
 */

import { SchemaFault, pointerTo } from './fault.js'
import type { SchemaObject } from './keywords.js'

const MAX_DEPTH = 500

const MAX_NODES = 100_000

/**
 * A copy of the plain objects and arrays in `root`, none of which is in two places. Members that are
 * `undefined` are left out; all else stays what it is.
 *
 * @throws SchemaFault when there is no end to it: an object inside itself, too deep or too large.
 */
export function copySchema(root: object): SchemaObject {
  const open = new Set<unknown>()
  let nodes = 0
  const copy = (value: unknown, pointer: string): unknown => {
    if (!isPlain(value)) return value
    nodes += 1
    if (open.has(value)) throw new SchemaFault(`${pointer} is an object that is inside itself`)
    if (open.size >= MAX_DEPTH) throw new SchemaFault(`it is nested more than ${MAX_DEPTH} levels deep`)
    if (nodes > MAX_NODES) throw new SchemaFault(`it has more than ${MAX_NODES} objects and arrays`)
    open.add(value)
    const members = entriesOf(value, pointer).filter(([, child]) => child !== undefined)
    const copies = members.map(([key, child]) => [key, copy(child, pointerTo(pointer, key))] as const)
    open.delete(value)
    return Array.isArray(value) ? copies.map(([, child]) => child) : Object.fromEntries(copies)
  }
  return copy(root, '') as SchemaObject
}

/** What a getter or a proxy throws is not ours to show: it may carry anything. */
function entriesOf(value: object, pointer: string): readonly (readonly [string, unknown])[] {
  try {
    return Object.entries(value)
  } catch {
    throw new SchemaFault(
      `${pointer === '' ? 'it' : pointer} cannot be read: a getter or a proxy threw an error`,
    )
  }
}

function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return Array.isArray(value) || prototype === Object.prototype || prototype === null
}
