/**
 * What every ready-made schema is: a Standard Schema whose refusals are worded here and never quote the value,
 * so that the library may show them.
 *
 * @module
 */

import type { StandardJSONSchemaV1, StandardSchemaV1 } from '@standard-schema/spec'

/** A JSON Schema, or a part of one. */
export type SchemaNode = Readonly<Record<string, unknown>>

/** One thing that a ready-made schema refuses. */
export interface Refusal {
  /** Where: names that the schema declares, from the root. */
  readonly path: readonly string[]
  /** Which rule was broken, to be read after the path; nothing of the value. */
  readonly rule: string
}

/** What a ready-made schema makes of a value. */
export type Answer<Output> =
  { readonly value: Output; readonly refusals?: never } | { readonly refusals: readonly Refusal[] }

/** What a ready-made schema is made of. */
export interface ReadyMadeInit<Output> {
  /** What a read without `as` decodes to before the schema looks at it. */
  readonly as: 'json' | 'text'
  /** Checks a value of any origin; does not throw for plain data. */
  readonly check: (value: unknown) => Answer<Output>
  /** What is accepted, as a JSON Schema. */
  readonly input: SchemaNode
  /** What comes out, as a JSON Schema. */
  readonly output: SchemaNode
}

/** A schema that comes with the library: a Standard Schema that can also give its JSON Schema. */
export interface ReadyMadeSchema<Output> {
  /** The members of Standard Schema and of Standard JSON Schema. */
  readonly '~standard': StandardSchemaV1.Props<unknown, Output> & StandardJSONSchemaV1.Props<unknown, Output>
}

/** Shared by all copies of the library in a process. */
const BRAND = Symbol.for('aws-secrets-client.ReadyMadeSchema')

/** Makes a schema that {@link readyMadeAs} knows; nothing of it can be changed. */
export function readyMade<Output>(init: ReadyMadeInit<Output>): ReadyMadeSchema<Output> {
  const { as, check, input, output } = init
  const schema: ReadyMadeSchema<Output> = {
    '~standard': Object.freeze({
      version: 1,
      vendor: 'aws-secrets-client',
      validate: (value: unknown) => resultOf(check(value)),
      jsonSchema: Object.freeze({
        input: ({ target }: StandardJSONSchemaV1.Options) => inDialect(input, target),
        output: ({ target }: StandardJSONSchemaV1.Options) => inDialect(output, target),
      }),
    }),
  }
  Object.defineProperty(schema, BRAND, { value: as })
  return Object.freeze(schema)
}

/**
 * What a read with `schema` and without `as` decodes to; `undefined` for a schema that is not of the library.
 * The messages of one that is never quote the value.
 */
export function readyMadeAs(schema: object): 'json' | 'text' | undefined {
  const as: unknown = Object.getOwnPropertyDescriptor(schema, BRAND)?.value
  return as === 'json' || as === 'text' ? as : undefined
}

/** An answer that refuses the value as a whole. */
export function refused(
  rule: string,
  path: readonly string[] = [],
): { readonly refusals: readonly Refusal[] } {
  return { refusals: [{ path, rule }] }
}

function resultOf<Output>(answer: Answer<Output>): StandardSchemaV1.Result<Output> {
  if (answer.refusals === undefined) return { value: answer.value }
  return { issues: answer.refusals.map(({ path, rule }) => ({ message: rule, path: [...path] })) }
}

/** The dialects in which our few keywords mean the same, and how they are declared. */
const DIALECTS: ReadonlyMap<string, SchemaNode> = new Map<string, SchemaNode>([
  ['draft-2020-12', { $schema: 'https://json-schema.org/draft/2020-12/schema' }],
  ['draft-07', { $schema: 'http://json-schema.org/draft-07/schema#' }],
  ['openapi-3.0', {}],
])

/** A copy of the caller's own. */
function inDialect(schema: SchemaNode, target: string): Record<string, unknown> {
  const dialect = DIALECTS.get(target)
  if (dialect === undefined) {
    throw new TypeError(`target: expected one of ${[...DIALECTS.keys()].join(', ')}`)
  }
  return structuredClone({ ...dialect, ...schema })
}
