/**
 * Checks values against JSON Schema, draft 2020-12 or 7, with `@cfworker/json-schema`, imported on first use.
 *
 * @module
 */

import type { OutputUnit, SchemaDraft } from '@cfworker/json-schema'
import type { JSONSchema } from 'json-schema-to-ts'
import { type Problem, declaredKeys, maskPath } from '../problems.js'
import { copySchema } from './copy.js'
import { SchemaFault, quoting } from './fault.js'
import type { SchemaObject } from './keywords.js'
import { type LinkedSchema, linkSchema } from './references.js'

/** A JSON Schema as an object; the type of the value is inferred from it, without `as const`. */
export type JsonSchema = Exclude<JSONSchema, boolean>

/**
 * A JSON Schema that tells its type, as those of `@sinclair/typebox` do. Only TypeScript sees `static` and
 * `params`; in the object itself there is JSON Schema.
 */
export interface TypedJsonSchema {
  /** The type of the values that it accepts. */
  readonly static: unknown
  /** Part of what TypeBox is known by. */
  readonly params: readonly unknown[]
  /** Its address, which every JSON Schema may have. */
  readonly $id?: string
}

export { hasKeyword } from './keywords.js'

/** Answers what a schema refuses in a value; empty when it accepts. */
export type Check = (value: unknown) => readonly Problem[]

/** A rule that a value breaks. */
export interface Finding {
  /** Where in the value; its keys may be data. */
  readonly path: readonly string[]
  readonly keyword: string
  /** The rule in words; see {@link Problem}. */
  readonly rule: string
  /** Whether it only passes on what schemas inside found. */
  readonly isVerdict: boolean
  /** Which members are missing, where that is the rule. */
  readonly missing: readonly string[] | undefined
}

/** Finds every rule that a value breaks. */
export type Find = (value: unknown) => readonly Finding[]

/** Keywords that only carry the verdict of schemas inside them. */
const APPLICATORS: ReadonlySet<string> = new Set([
  ...['$ref', '$dynamicRef', '$recursiveRef', 'allOf', 'anyOf', 'oneOf', 'if', 'then', 'else'],
  ...[
    'properties',
    'patternProperties',
    'additionalProperties',
    'propertyNames',
    'dependentSchemas',
    'dependencies',
  ],
  ...['items', 'prefixItems', 'additionalItems', 'contains', 'unevaluatedItems', 'unevaluatedProperties'],
])

/** Keywords that refuse a value which matches: what they expect would tell what the value is. */
const TELLING: ReadonlySet<string> = new Set(['not', 'oneOf', 'if'])

const EXPECTATION_LENGTH = 80

/**
 * Compiles a schema into a check.
 *
 * @throws SchemaFault when the schema cannot be used, whatever the value.
 */
export async function compileJsonSchema(schema: JsonSchema): Promise<Check> {
  // A caller who changes the schema later changes neither check nor messages.
  const copy = copySchema(schema)
  const declared = declaredKeys(copy)
  const find = await compileFindings(copy)
  return (value) => {
    const findings = finished(() => find(value))
    const causes = findings.filter(({ isVerdict }) => !isVerdict)
    return (causes.length > 0 ? causes : findings).map(({ path, rule }) => ({
      path: maskPath(path, declared, value),
      rule,
    }))
  }
}

const UNFINISHED: Finding = {
  path: [],
  keyword: '',
  rule: 'is nested too deeply, or breaks too many rules, to be checked',
  isVerdict: false,
  missing: undefined,
}

/** The validator calls itself for every level, and passes its errors on as arguments: the stack may end. */
function finished(find: () => readonly Finding[]): readonly Finding[] {
  try {
    return find()
  } catch (error) {
    if (error instanceof RangeError) return [UNFINISHED]
    throw error
  }
}

/**
 * Compiles a schema into what finds every rule that a value breaks.
 *
 * @param schema - one that {@link copySchema} has made
 */
export async function compileFindings(schema: SchemaObject): Promise<Find> {
  const draft = draftOf(schema)
  const linked = linkSchema(schema, draft === '7')
  const { validate } = await import('@cfworker/json-schema')
  const { root, schemas, uniqueItems } = linked
  return (value) => {
    const { errors } = uniqueItems.during(value, () => validate(value, root, draft, schemas, false))
    return errors.map((unit) => findingOf(unit, linked, value))
  }
}

function draftOf({ $schema }: SchemaObject): SchemaDraft {
  if (typeof $schema !== 'string') return '2020-12'
  if (/draft-0[1-4]/.test($schema)) {
    throw new SchemaFault(quoting('/$schema must be draft 2020-12 or 7, and is', $schema))
  }
  if (/draft-0[67]/.test($schema)) return '7'
  return $schema.includes('2019-09') ? '2019-09' : '2020-12'
}

function findingOf(unit: OutputUnit, schema: LinkedSchema, value: unknown): Finding {
  const path = keysOf(unit.instanceLocation)
  const expected = expectationAt(schema, keysOf(unit.keywordLocation))
  const missing = unit.keyword === 'required' ? missingIn(expected, walk(value, path)) : undefined
  const isRepetition = expected === schema.uniqueItems.repeats
  return {
    path,
    keyword: isRepetition ? 'uniqueItems' : unit.keyword,
    rule: isRepetition ? ruleOf('uniqueItems', true) : ruleOf(unit.keyword, missing ?? expected),
    isVerdict: isVerdictOfOthers(unit),
    missing,
  }
}

/** A value that several schemas of a "oneOf" accept is refused by the "oneOf" itself. */
function isVerdictOfOthers({ keyword, error }: OutputUnit): boolean {
  return APPLICATORS.has(keyword) && !(keyword === 'oneOf' && !error.includes('(0 matches)'))
}

/** The schema's author wrote the expectation, so it may be shown; it is left out where it is long. */
function ruleOf(keyword: string, expected: unknown): string {
  const text = JSON.stringify(expected) as string | undefined
  const isShown = text !== undefined && text.length <= EXPECTATION_LENGTH && !TELLING.has(keyword)
  return keyword === 'false' ? 'is not allowed' : `breaks "${keyword}"${isShown ? `: ${text}` : ''}`
}

function missingIn(required: unknown, value: unknown): readonly string[] | undefined {
  if (!Array.isArray(required) || typeof value !== 'object' || value === null) return undefined
  return required.filter((name): name is string => typeof name === 'string' && !Object.hasOwn(value, name))
}

/** Keys of a location such as `#/properties/a~1b`, which the validator escapes as a URI fragment. */
function keysOf(location: string): string[] {
  return location
    .split('/')
    .slice(1)
    .map((key) => decode(key).replaceAll('~1', '/').replaceAll('~0', '~'))
}

function decode(key: string): string {
  try {
    return decodeURIComponent(key)
  } catch {
    return key
  }
}

/** What the schema says at a location, which leads through references. */
function expectationAt({ root, schemas }: LinkedSchema, keys: readonly string[]): unknown {
  return keys.reduce<unknown>((node, key) => {
    const child = own(node, key)
    return key === '$ref' && typeof child === 'string' ? schemas[child] : child
  }, root)
}

function walk(root: unknown, keys: readonly string[]): unknown {
  return keys.reduce(own, root)
}

function own(node: unknown, key: string): unknown {
  return typeof node === 'object' && node !== null && Object.hasOwn(node, key)
    ? Reflect.get(node, key)
    : undefined
}
