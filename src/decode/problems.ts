/**
 * Words what a schema refused, without a word of what it refused: path and rule, never the value.
 *
 * @module
 */

import { SecretsError } from '../errors.js'
import type { SchemaFault } from './json-schema/fault.js'

/** One thing that a schema refused. */
export interface Problem {
  /** Where, as keys from the root. */
  readonly path: readonly PropertyKey[]
  /** Which rule, in our own words or the schema's; nothing that came from the value. */
  readonly rule: string
}

const SHOWN_PROBLEMS = 5

const SHOWN_KEYS = 20

/** Builds the error for a value that its schema refused. */
export function schemaRefusal(ref: string, problems: readonly Problem[]): SecretsError {
  // A validator may report the same twice, as for every member of one "required".
  const all = [...new Set(problems.map(({ path, rule }) => `${pointer(path)} ${rule}`))]
  const shown = all.slice(0, SHOWN_PROBLEMS)
  const more = all.length - shown.length
  const list = more > 0 ? [...shown, `and ${more} more`] : shown
  return new SecretsError('ERR_SCHEMA', {
    ref,
    what: `the value does not match its schema: ${list.join('; ')}`,
    hint: 'Correct the secret or the schema; the value itself is never shown.',
  })
}

/** Builds the error for a schema that threw instead of answering. */
export function schemaFailure(ref: string): SecretsError {
  return new SecretsError('ERR_SCHEMA', {
    ref,
    what: 'the schema threw an error while it checked the value',
    hint: 'Run the schema against a sample of the value; its own error is withheld because it may quote the secret.',
  })
}

/** Builds the error for a JSON Schema that cannot be used, whatever the value. */
export function schemaUnusable(ref: string, { what }: SchemaFault): SecretsError {
  return new SecretsError('ERR_SCHEMA', {
    ref,
    what: `the schema cannot be used: ${what}`,
    hint: 'Correct the schema; the value was not looked at.',
  })
}

/** Builds the error for a schema that does not answer. */
export function schemaTimeout(ref: string): SecretsError {
  return new SecretsError('ERR_SCHEMA', {
    ref,
    what: 'the schema did not answer in time',
    hint: 'An asynchronous schema must settle within retry.timeoutMs.',
  })
}

/**
 * Replaces every key that the schema does not declare by `*`: such a key is data. Positions of arrays stay.
 *
 * @param declared - see {@link declaredKeys}
 */
export function maskPath(
  path: readonly PropertyKey[],
  declared: ReadonlySet<string>,
  value: unknown,
): readonly PropertyKey[] {
  let node = value
  return path.map((key) => {
    const known = isPosition(node, key) || (typeof key === 'string' && declared.has(key))
    node = typeof node === 'object' && node !== null ? Reflect.get(node, key) : undefined
    return known ? key : '*'
  })
}

/** Whether `key` is a position in an array; a schema that transforms may report any key, data included. */
function isPosition(node: unknown, key: PropertyKey): boolean {
  return (
    Array.isArray(node) &&
    typeof key !== 'symbol' &&
    /^\d{1,10}$/.test(String(key)) &&
    Number(key) < node.length
  )
}

/** Keywords of JSON Schema whose keys are names of properties. */
const PROPERTY_MAPS: ReadonlySet<string> = new Set([
  'properties',
  'dependentSchemas',
  'dependentRequired',
  'dependencies',
])

/** Every property name that a JSON Schema spells out, at any depth. */
export function declaredKeys(schema: unknown): ReadonlySet<string> {
  const declared = new Set<string>()
  const pending: unknown[] = [schema]
  const seen = new Set<unknown>()
  while (pending.length > 0) {
    const node = pending.pop()
    if (typeof node !== 'object' || node === null || seen.has(node)) continue
    seen.add(node)
    for (const [keyword, child] of Object.entries(node)) {
      for (const name of namesIn(keyword, child)) declared.add(name)
      pending.push(child)
    }
  }
  return declared
}

function namesIn(keyword: string, child: unknown): readonly string[] {
  if (keyword === 'required' && Array.isArray(child)) {
    return child.filter((name): name is string => typeof name === 'string')
  }
  if (!PROPERTY_MAPS.has(keyword) || typeof child !== 'object' || child === null) return []
  return Object.keys(child)
}

function pointer(path: readonly PropertyKey[]): string {
  if (path.length === 0) return '(root)'
  const shown = path.slice(0, SHOWN_KEYS).map((key) => `/${String(key)}`)
  return path.length > shown.length ? `${shown.join('')}/…` : shown.join('')
}
