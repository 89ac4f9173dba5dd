/**
 * Checks values with any Standard Schema (zod, valibot, arktype …). Of what the schema says about a refusal
 * only the path is kept: messages and issues of several libraries quote the value.
 *
 * Source: the Standard Schema specification, https://standardschema.dev
 *
 * @module
 */

import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { Outcome } from './decoded-values.js'
import { frozenCopyOf } from './plain-data.js'
import { type Problem, declaredKeys, maskPath } from './problems.js'

/** What a schema made of a value: its output, or what it refused. */
export type Verdict =
  { readonly output: Outcome; readonly problems?: never } | { readonly problems: readonly Problem[] }

/** Whether `schema` implements Standard Schema; a schema may be a function, as arktype's are. */
export function isStandardSchema(schema: object): schema is StandardSchemaV1 {
  if (!('~standard' in schema)) return false
  const props = schema['~standard']
  return (
    typeof props === 'object' && props !== null && 'validate' in props && typeof props.validate === 'function'
  )
}

/**
 * Runs the schema; asynchronous schemas are awaited.
 *
 * @param input - the same as `value`, and the schema's own: arktype writes its morphs into what it is given
 */
export async function checkStandardSchema(
  schema: StandardSchemaV1,
  value: unknown,
  input: unknown,
): Promise<Verdict> {
  const result = await schema['~standard'].validate(input)
  if (result.issues === undefined) {
    const output = await result.value
    const frozen = frozenCopyOf(output)
    return {
      output: { value: frozen === undefined ? output : frozen.value, isShareable: frozen !== undefined },
    }
  }
  const declared = declaredKeysOf(schema)
  const problems = Array.from(result.issues, (issue) => ({
    path: maskPath(Array.from(issue.path ?? [], keyOf), declared, value),
    rule: 'is refused',
  }))
  return { problems }
}

function keyOf(segment: PropertyKey | StandardSchemaV1.PathSegment): PropertyKey {
  return typeof segment === 'object' ? segment.key : segment
}

/** Keys that the schema declares: from its JSON Schema if it can give one, and from what it is made of. */
function declaredKeysOf(schema: StandardSchemaV1): ReadonlySet<string> {
  return new Set([...declaredKeys(jsonSchemaOf(schema)), ...composedKeys(schema)])
}

/** What the libraries are told: zod would otherwise throw for one type without an equivalent, such as a date. */
const CONVERSION = { target: 'draft-2020-12', libraryOptions: { unrepresentable: 'any' } }

function jsonSchemaOf(schema: StandardSchemaV1): unknown {
  const converter = memberOf(schema['~standard'], 'jsonSchema')
  const input = memberOf(converter, 'input')
  try {
    return typeof input === 'function' ? Reflect.apply(input, converter, [CONVERSION]) : undefined
  } catch {
    return undefined
  }
}

/** Where valibot and zod mini, which have no JSON Schema of their own, keep the keys of an object. */
const KEY_MAPS = ['entries', 'shape']

/** Where they keep the schemas that another is made of. */
const PARTS = [
  'wrapped',
  'item',
  'items',
  'rest',
  'options',
  'key',
  'value',
  'pipe',
  'def',
  'innerType',
  'element',
]

function composedKeys(schema: object): ReadonlySet<string> {
  const keys = new Set<string>()
  const pending: unknown[] = [schema]
  const seen = new Set<unknown>()
  while (pending.length > 0) {
    const node = pending.pop()
    if (typeof node !== 'object' || node === null || seen.has(node)) continue
    seen.add(node)
    for (const name of KEY_MAPS) {
      for (const key of Object.keys(memberOf(node, name) ?? {})) {
        keys.add(key)
        pending.push(memberOf(memberOf(node, name), key))
      }
    }
    pending.push(...(Array.isArray(node) ? (node as unknown[]) : PARTS.map((part) => memberOf(node, part))))
  }
  return keys
}

/** A member of anything; `undefined` where there is none to be had. */
function memberOf(node: unknown, name: string): unknown {
  if ((typeof node !== 'object' && typeof node !== 'function') || node === null) return undefined
  try {
    return Reflect.get(node, name)
  } catch {
    return undefined
  }
}
