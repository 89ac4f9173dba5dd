/**
 * Checks values with any Standard Schema (zod, valibot, arktype …). Of what the schema says about a refusal
 * only the path is kept: messages and issues of several libraries quote the value.
 *
 * Source: the Standard Schema specification, https://standardschema.dev
 *
 * @module
 */

import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { Outcome } from '../decoded-values.js'
import { frozenCopyOf } from '../plain-data.js'
import type { Problem } from '../problems.js'
import { refusalsOf } from './refusal.js'

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
  return { problems: await refusalsOf(schema, result.issues, value) }
}
