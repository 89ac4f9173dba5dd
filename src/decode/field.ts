/**
 * Finds one field of a decoded JSON value.
 *
 * @module
 */

import { SecretsError } from '../errors.js'

/**
 * The value at the end of `path`: own keys of objects and positions of arrays, nothing inherited.
 *
 * @throws SecretsError `ERR_FIELD_NOT_FOUND` when a step does not exist, a scalar has no fields included.
 */
export function fieldOf(value: unknown, path: readonly string[], ref: string): unknown {
  return path.reduce((node, key) => {
    if (!hasField(node, key)) throw fieldNotFound(value, ref)
    return node[key]
  }, value)
}

/** An array position as RFC 6901 §4 writes it: no sign, no leading zero. */
const ARRAY_POSITION = /^(?:0|[1-9][0-9]{0,9})$/

function hasField(node: unknown, key: string): node is Record<string, unknown> {
  if (typeof node !== 'object' || node === null) return false
  if (Array.isArray(node) && !ARRAY_POSITION.test(key)) return false
  return Object.hasOwn(node, key)
}

function fieldNotFound(root: unknown, ref: string): SecretsError {
  const isObject = typeof root === 'object' && root !== null
  return new SecretsError('ERR_FIELD_NOT_FOUND', {
    ref,
    what: isObject ? 'the JSON value has no such field' : 'the value is JSON, but no object with fields',
    hint: 'Field names are case-sensitive; a nested field is a JSON Pointer such as "#/database/password".',
  })
}
