/**
 * Checks values with any Standard Schema (zod, valibot, arktype …). Of what the schema says about a refusal
 * only the path is kept: messages and issues of several libraries quote the value.
 *
 * Source: the Standard Schema specification, https://standardschema.dev
 *
 * @module
 */

import type { StandardSchemaV1 } from '@standard-schema/spec'
import { type Problem, declaredKeys, maskPath } from './problems.js'

/** What a schema made of a value: its output, or what it refused. */
export type Verdict =
  { readonly output: unknown; readonly problems?: never } | { readonly problems: readonly Problem[] }

/** Whether `schema` implements Standard Schema; a schema may be a function, as arktype's are. */
export function isStandardSchema(schema: object): schema is StandardSchemaV1 {
  if (!('~standard' in schema)) return false
  const props = schema['~standard']
  return (
    typeof props === 'object' && props !== null && 'validate' in props && typeof props.validate === 'function'
  )
}

/** Runs the schema; asynchronous schemas are awaited. */
export async function checkStandardSchema(schema: StandardSchemaV1, value: unknown): Promise<Verdict> {
  const result = await schema['~standard'].validate(value)
  if (result.issues === undefined) return { output: result.value }
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

/** Keys that the schema declares: from its JSON Schema if it can give one, or valibot's `entries`. */
function declaredKeysOf(schema: StandardSchemaV1): ReadonlySet<string> {
  return new Set([...declaredKeys(jsonSchemaOf(schema)), ...entriesOf(schema)])
}

function jsonSchemaOf(schema: StandardSchemaV1): unknown {
  const props: object = schema['~standard']
  try {
    const converter: unknown = Reflect.get(props, 'jsonSchema')
    if (typeof converter !== 'object' || converter === null) return undefined
    const input: unknown = Reflect.get(converter, 'input')
    return typeof input === 'function'
      ? Reflect.apply(input, converter, [{ target: 'draft-2020-12' }])
      : undefined
  } catch {
    return undefined
  }
}

function entriesOf(schema: object): string[] {
  const entries: unknown = Reflect.get(schema, 'entries')
  if (typeof entries !== 'object' || entries === null) return []
  return Object.entries(entries).flatMap(([key, child]: [string, unknown]) => [
    key,
    ...(typeof child === 'object' && child !== null ? entriesOf(child) : []),
  ])
}
