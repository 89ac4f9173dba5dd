/**
 * Recognises a JSON Schema that is written inline and so is a new object for every call.
 *
 * @module
 */

import type { JsonSchema } from './json-schema.js'

/** Texts that are remembered; all are forgotten when there are more, which only costs time. */
const MAX_TEXTS = 1000

/** Schemas that are compared with before a text is made, which takes ten times as long. */
const MAX_RECENT = 8

/** A schema as it was when it was seen first, whatever its owner does with it. */
interface Recent {
  readonly snapshot: unknown
  readonly first: JsonSchema
}

/** Maps JSON Schemas of equal content to one object, by which checks and results are kept. */
export class InternedSchemas {
  readonly #known = new WeakMap<JsonSchema, JsonSchema>()
  readonly #byText = new Map<string, JsonSchema>()
  /** The newest first. */
  #recent: readonly Recent[] = []

  /** The first schema that was seen with the same content. */
  intern(schema: JsonSchema): JsonSchema {
    const known = this.#known.get(schema)
    if (known !== undefined) return known
    // Not kept by identity: what is alike is most often written inline, and gone after the call.
    for (const recent of this.#recent) if (isAlike(recent.snapshot, schema)) return recent.first
    const first = this.#firstLike(schema)
    this.#known.set(schema, first)
    return first
  }

  #firstLike(schema: JsonSchema): JsonSchema {
    const text = textOf(schema)
    if (text === undefined) return schema
    const first = this.#byText.get(text) ?? schema
    if (this.#byText.size >= MAX_TEXTS) this.#byText.clear()
    this.#byText.set(text, first)
    this.#recent = [{ snapshot: JSON.parse(text) as unknown, first }, ...this.#recent].slice(0, MAX_RECENT)
    return first
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

/** Whether a value is plain data that is equal to `snapshot`, in any order of its members. */
function isAlike(snapshot: unknown, value: unknown): boolean {
  try {
    return isEqual(snapshot, value)
  } catch {
    return false
  }
}

/** Goes no deeper than `snapshot` is. */
function isEqual(snapshot: unknown, value: unknown): boolean {
  if (typeof snapshot !== 'object' || snapshot === null) return Object.is(snapshot, value)
  if (typeof value !== 'object' || value === null) return false
  if (Array.isArray(snapshot)) {
    return (
      Array.isArray(value) &&
      value.length === snapshot.length &&
      snapshot.every((item, index) => isEqual(item, value[index]))
    )
  }
  if (Object.getPrototypeOf(value) !== Object.prototype) return false
  const names = Object.keys(value)
  return (
    names.length === Object.keys(snapshot).length &&
    names.every(
      (name) =>
        Object.hasOwn(snapshot, name) && isEqual(Reflect.get(snapshot, name), Reflect.get(value, name)),
    )
  )
}
