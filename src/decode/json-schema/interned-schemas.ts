/**
 * Recognises a JSON Schema that is written inline and so is a new object for every call.
 *
 * @module
 */

import type { JsonSchema } from './json-schema.js'

/** Texts that are remembered; all are forgotten when there are more, which only costs time. */
const MAX_TEXTS = 1000

/** Maps JSON Schemas of equal content to one object, by which checks and results are kept. */
export class InternedSchemas {
  readonly #known = new WeakMap<JsonSchema, JsonSchema>()
  readonly #byText = new Map<string, JsonSchema>()

  /** The first schema that was seen with the same content. */
  intern(schema: JsonSchema): JsonSchema {
    const known = this.#known.get(schema)
    if (known !== undefined) return known
    const first = this.#firstLike(schema)
    this.#known.set(schema, first)
    return first
  }

  #firstLike(schema: JsonSchema): JsonSchema {
    const text = textOf(schema)
    if (text === undefined) return schema
    const first = this.#byText.get(text)
    if (first !== undefined) return first
    if (this.#byText.size >= MAX_TEXTS) this.#byText.clear()
    this.#byText.set(text, schema)
    return schema
  }
}

/** A schema that is no JSON, circular for one, has no text; the check will say what is wrong with it. */
function textOf(schema: JsonSchema): string | undefined {
  try {
    return JSON.stringify(schema, refuseLoss)
  } catch {
    return undefined
  }
}

/** JSON text drops functions and turns `Infinity` into `null`: schemas that differ in those would look equal. */
function refuseLoss(_key: string, value: unknown): unknown {
  const isLost = typeof value === 'function' || typeof value === 'symbol'
  if (isLost || (typeof value === 'number' && !Number.isFinite(value))) throw new TypeError('not JSON')
  return value
}
