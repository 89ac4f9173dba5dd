/**
 * Checks the two options that are objects of others: a schema, and a signal.
 *
 * @module
 */

import type { Schema } from '../decode/decode.js'
import { hasKeyword } from '../decode/json-schema/json-schema.js'
import { isStandardSchema } from '../decode/standard-schema/standard-schema.js'
import { hasMethods, isPlainObject, passes, typeName } from './checks.js'

/**
 * A schema, or `undefined` where none was given.
 *
 * @throws TypeError for anything else.
 */
export function schemaOption(value: unknown): Schema | undefined {
  if (value === undefined) return undefined
  if (passes(() => isSchema(value))) return value as Schema
  throw new TypeError(`schema: expected a JSON Schema object or a Standard Schema, got ${typeName(value)}`)
}

/**
 * A Standard Schema or a plain object. A schema of a library that implements neither, such as zod 3.23, is an
 * instance of a class or has no keyword of JSON Schema: taken for one, it would let every value pass.
 */
function isSchema(value: unknown): boolean {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false
  return isStandardSchema(value) || (isPlainObject(value) && !('~standard' in value) && hasKeyword(value))
}

/**
 * A signal, or `undefined` where none was given.
 *
 * @throws TypeError for anything else.
 */
export function signalOption(value: unknown): AbortSignal | undefined {
  if (value === undefined || isSignal(value)) return value
  throw new TypeError(`signal: expected an AbortSignal, got ${typeName(value)}`)
}

/** By shape, since test runners bring an `AbortSignal` of another realm. */
function isSignal(value: unknown): value is AbortSignal {
  const methods = ['addEventListener', 'removeEventListener', 'throwIfAborted']
  return hasMethods(value, methods) && passes(() => 'aborted' in value)
}
