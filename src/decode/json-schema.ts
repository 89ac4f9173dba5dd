/**
 * Checks values against JSON Schema, draft 2020-12 or 7, with `@cfworker/json-schema`, imported on first use.
 *
 * @module
 */

import type { OutputUnit, Schema as CfworkerSchema, SchemaDraft, Validator } from '@cfworker/json-schema'
import type { JSONSchema } from 'json-schema-to-ts'
import { type Problem, declaredKeys, maskPath } from './problems.js'

/** A JSON Schema as an object; the type of the value is inferred from it, without `as const`. */
export type JsonSchema = Exclude<JSONSchema, boolean>

/** Keywords by which an object is known for a JSON Schema: those of draft 2020-12 and 7 that say something. */
const KEYWORDS: ReadonlySet<string> = new Set(
  (
    '$schema $id $ref $dynamicRef $anchor $defs $comment definitions title description default examples type const ' +
    'enum format pattern minLength maxLength minimum maximum exclusiveMinimum exclusiveMaximum multipleOf required ' +
    'properties patternProperties additionalProperties unevaluatedProperties propertyNames minProperties ' +
    'maxProperties dependencies dependentRequired dependentSchemas items prefixItems additionalItems ' +
    'unevaluatedItems contains minContains maxContains minItems maxItems uniqueItems allOf anyOf oneOf not if then ' +
    'else contentEncoding contentMediaType contentSchema readOnly writeOnly deprecated'
  ).split(' '),
)

/** Whether an object can be meant as a JSON Schema: it is empty, or has a keyword. Others would accept all. */
export function hasKeyword(schema: object): boolean {
  const keys = Object.keys(schema)
  return keys.length === 0 || keys.some((key) => KEYWORDS.has(key))
}

/** Answers what a schema refuses in a value; empty when it accepts. */
export type Check = (value: unknown) => readonly Problem[]

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

/** Compiles a schema into a check. */
export async function compileJsonSchema(schema: JsonSchema): Promise<Check> {
  // A caller who changes the schema later changes neither check nor messages.
  const own = structuredClone(schema)
  const { Validator } = await import('@cfworker/json-schema')
  const declared = declaredKeys(own)
  const validator: Validator = new Validator(schemaForCfworker(own), draftOf(own), false)
  return (value) => {
    const { valid, errors } = validator.validate(value)
    return valid ? [] : problemsOf(errors, own, value, declared)
  }
}

/**
 * A deep copy, because the validator writes resolved addresses into the schema that it is given. Both types
 * describe JSON Schema and differ in `readonly` and `undefined` only.
 */
function schemaForCfworker(schema: JsonSchema): CfworkerSchema {
  return structuredClone(schema) as CfworkerSchema
}

function draftOf({ $schema }: JsonSchema): SchemaDraft {
  if ($schema?.includes('draft-07') === true) return '7'
  if ($schema?.includes('2019-09') === true) return '2019-09'
  return '2020-12'
}

function problemsOf(
  errors: readonly OutputUnit[],
  schema: JsonSchema,
  value: unknown,
  declared: ReadonlySet<string>,
): readonly Problem[] {
  const causes = errors.filter((unit) => !isVerdictOfOthers(unit))
  return (causes.length > 0 ? causes : errors).map(({ instanceLocation, keyword, keywordLocation }) => {
    const path = keysOf(instanceLocation)
    const expected = expectationAt(schema, keysOf(keywordLocation))
    return {
      path: maskPath(path, declared, value),
      rule: ruleOf(keyword, keyword === 'required' ? missing(expected, walk(value, path)) : expected),
    }
  })
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

function missing(required: unknown, value: unknown): unknown {
  if (!Array.isArray(required) || typeof value !== 'object' || value === null) return required
  return required.filter((name) => typeof name === 'string' && !Object.hasOwn(value, name))
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

/** What the schema says at a location, which leads through local references. */
function expectationAt(schema: JsonSchema, keys: readonly string[]): unknown {
  return keys.reduce<unknown>((node, key) => {
    const child = own(node, key)
    if (key !== '$ref' || typeof child !== 'string') return child
    return /^#(?:\/|$)/.test(child) ? walk(schema, keysOf(child)) : undefined
  }, schema)
}

function walk(root: unknown, keys: readonly string[]): unknown {
  return keys.reduce(own, root)
}

function own(node: unknown, key: string): unknown {
  return typeof node === 'object' && node !== null && Object.hasOwn(node, key)
    ? Reflect.get(node, key)
    : undefined
}
