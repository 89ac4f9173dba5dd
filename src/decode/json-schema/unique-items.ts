/**
 * Lets "uniqueItems" take time linear in the value: the validator compares every item with every other, which
 * is left to it for short arrays only. The long ones with equal items are found before it begins, and named to
 * it as values that are refused.
 *
 * @module
 */

import { nodesOf } from '../plain-data.js'
import type { SchemaObject } from './keywords.js'

/** Items that the validator may compare one by one. */
const COMPARED_ITEMS = 100

/** The rule of "uniqueItems" for one schema, and the arrays that break it in the value being checked. */
export class UniqueItems {
  readonly #repeating: unknown[] = []
  #isAsked = false
  /** Accepts the long arrays that have equal items; an error about it is one of "uniqueItems". */
  readonly repeats: SchemaObject = { enum: this.#repeating }

  constructor() {
    // The validator writes a list of choices out, values and all, whenever none of them matches.
    Object.defineProperty(this.#repeating, 'toJSON', { value: () => [] })
  }

  /** The schema that stands for `uniqueItems: true`. */
  rule(): SchemaObject {
    this.#isAsked = true
    return {
      if: { maxItems: COMPARED_ITEMS },
      then: { uniqueItems: true },
      else: { not: this.repeats },
    }
  }

  /** Runs a check of `value`, which is JSON; nothing of it is kept. */
  during<Result>(value: unknown, check: () => Result): Result {
    if (!this.#isAsked) return check()
    for (const array of repeatingIn(value)) this.#repeating.push(array)
    try {
      return check()
    } finally {
      this.#repeating.length = 0
    }
  }
}

/** The long arrays in a JSON value that have equal items, each different one once. */
function repeatingIn(value: unknown): Iterable<object> {
  const nodes = [...nodesOf(value)]
  if (!nodes.some(isLong)) return []
  const numbers = new Map<object, string>()
  const known = new Map<string, string>()
  const repeating = new Map<string, object>()
  // Backwards, so that what is inside a node has its number before it: equal nodes have the same.
  for (const node of nodes.reverse()) {
    const texts = textsIn(node, numbers)
    const text = Array.isArray(node) ? `[${texts.join()}]` : `{${texts.sort().join()}}`
    const number = known.get(text) ?? `#${known.size}`
    known.set(text, number)
    numbers.set(node, number)
    if (isLong(node) && new Set(texts).size < texts.length) repeating.set(number, node)
  }
  return repeating.values()
}

function isLong(node: object): boolean {
  return Array.isArray(node) && node.length > COMPARED_ITEMS
}

/** Items, or members with their names, as texts that are the same for equal ones only. */
function textsIn(node: object, numbers: ReadonlyMap<object, string>): string[] {
  const textOf = (child: unknown) =>
    typeof child === 'object' && child !== null ? numbers.get(child) : scalarText(child)
  if (Array.isArray(node)) return node.map(textOf).map(String)
  return Object.entries(node).map(([key, child]) => `${JSON.stringify(key)}:${textOf(child)}`)
}

/** JSON would write what is beyond all numbers as `null`. */
function scalarText(scalar: unknown): string {
  return typeof scalar === 'string' ? JSON.stringify(scalar) : String(scalar)
}
