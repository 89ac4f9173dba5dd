/**
 * The keywords of JSON Schema, draft 2020-12, 2019-09 and 7: what each may hold, and where schemas are in it.
 *
 * @module
 */

import { isKnownFormat } from './formats.js'
import { SchemaFault, pointerTo, quoting } from './fault.js'

/** A JSON Schema, or a part of one. */
export type SchemaNode = boolean | SchemaObject

/** A JSON Schema that is an object. */
export type SchemaObject = Readonly<Record<string, unknown>>

/** A schema directly inside another. */
export interface SchemaPart {
  readonly keyword: string
  /** JSON pointer from the root of the document. */
  readonly pointer: string
  /** What is there; a schema, if all is well. */
  readonly value: unknown
}

/** What a keyword's value is made of. */
interface Kind {
  /** What it should be, in words. */
  readonly expected: string
  readonly accepts: (value: unknown) => boolean
}

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

const TYPES = ['string', 'number', 'integer', 'boolean', 'object', 'array', 'null']

const isText = (value: unknown) => typeof value === 'string'
const isNumber = (value: unknown) => typeof value === 'number' && Number.isFinite(value)
const isCount = (value: unknown) => Number.isSafeInteger(value) && Number(value) >= 0
const isTexts = (value: unknown) => Array.isArray(value) && value.every(isText)
const isType = (value: unknown) => typeof value === 'string' && TYPES.includes(value)
const isObject = (value: unknown): value is SchemaObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const TEXT: Kind = { expected: 'text', accepts: isText }
const NUMBER: Kind = { expected: 'a finite number', accepts: isNumber }
const COUNT: Kind = { expected: 'a whole number from 0', accepts: isCount }
const LIST: Kind = { expected: 'a list of schemas', accepts: Array.isArray }
const MAP: Kind = { expected: 'an object of schemas', accepts: isObject }

const KINDS: ReadonlyMap<string, Kind> = new Map([
  ...[
    '$schema',
    '$id',
    '$ref',
    '$dynamicRef',
    '$recursiveRef',
    '$anchor',
    '$dynamicAnchor',
    'pattern',
    'format',
  ].map((keyword) => [keyword, TEXT] as const),
  ...['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum'].map(
    (keyword) => [keyword, NUMBER] as const,
  ),
  ...['Length', 'Items', 'Properties', 'Contains'].flatMap(
    (what) =>
      [
        [`min${what}`, COUNT],
        [`max${what}`, COUNT],
      ] as const,
  ),
  ...['allOf', 'anyOf', 'oneOf', 'prefixItems'].map((keyword) => [keyword, LIST] as const),
  ...['$defs', 'definitions', 'properties', 'patternProperties', 'dependentSchemas', 'dependencies'].map(
    (keyword) => [keyword, MAP] as const,
  ),
  ['enum', { expected: 'a list of values', accepts: Array.isArray }],
  ['required', { expected: 'a list of names', accepts: isTexts }],
  ['uniqueItems', { expected: 'true or false', accepts: (value) => typeof value === 'boolean' }],
  ['multipleOf', { expected: 'a number above 0', accepts: (value) => isNumber(value) && Number(value) > 0 }],
  [
    'type',
    {
      expected: `one or several of ${TYPES.join(', ')}`,
      accepts: (value) => isType(value) || (Array.isArray(value) && value.length > 0 && value.every(isType)),
    },
  ],
  [
    'dependentRequired',
    {
      expected: 'an object of lists of names',
      accepts: (value) => isObject(value) && Object.values(value).every(isTexts),
    },
  ],
])

/** Keywords whose schemas see the same value as the schema that they are in. */
const IN_PLACE: ReadonlySet<string> = new Set([
  ...['allOf', 'anyOf', 'oneOf', 'not', 'if', 'then', 'else', 'dependentSchemas', 'dependencies'],
])

const SINGLE: ReadonlySet<string> = new Set([
  ...[
    'additionalItems',
    'unevaluatedItems',
    'items',
    'contains',
    'additionalProperties',
    'unevaluatedProperties',
  ],
  ...['propertyNames', 'not', 'if', 'then', 'else'],
])

/** Whether the schemas of a keyword see the same value as the schema that they are in. */
export function isInPlace(keyword: string): boolean {
  return IN_PLACE.has(keyword)
}

/** Every schema directly inside `node`, which is at `pointer`. */
export function partsOf(node: SchemaObject, pointer: string): readonly SchemaPart[] {
  const parts: SchemaPart[] = []
  mapParts(node, pointer, (part) => parts.push(part))
  return parts
}

/** A copy of `node`, which is at `pointer`, with other schemas directly inside it. */
export function mapParts(
  node: SchemaObject,
  pointer: string,
  map: (part: SchemaPart) => unknown,
): Record<string, unknown> {
  const members = Object.entries(node).map(([keyword, value]) => {
    const at = pointerTo(pointer, keyword)
    if (SINGLE.has(keyword) && !Array.isArray(value))
      return [keyword, map({ keyword, pointer: at, value })] as const
    const mapPart = (part: unknown, key: string | number) =>
      keyword === 'dependencies' && isTexts(part)
        ? part
        : map({ keyword, pointer: pointerTo(at, key), value: part })
    return [keyword, mapMembers(keyword, value, mapPart)] as const
  })
  return Object.fromEntries(members)
}

function mapMembers(
  keyword: string,
  value: unknown,
  map: (part: unknown, key: string | number) => unknown,
): unknown {
  const kind = KINDS.get(keyword)
  if (Array.isArray(value)) return kind === LIST || keyword === 'items' ? value.map(map) : value
  if (kind !== MAP || !isObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, map(part, key)]))
}

/** @throws SchemaFault when a keyword of `node` holds what it cannot. */
export function checkKeywords(node: SchemaObject, pointer: string): void {
  for (const [keyword, value] of Object.entries(node)) {
    const at = pointerTo(pointer, keyword)
    if (typeof value === 'function' && KEYWORDS.has(keyword)) {
      const mend = 'pass a schema that it has made'
      throw new SchemaFault(`${at} is a function, as in a library that makes schemas; ${mend}`)
    }
    const kind = KINDS.get(keyword)
    if (kind?.accepts(value) === false) {
      const what = `${at} must be ${kind.expected}, and is`
      throw new SchemaFault(isText(value) ? quoting(what, value) : `${what} ${typeName(value)}`)
    }
    if (keyword === 'pattern') checkPattern(String(value), at)
    if (keyword === 'patternProperties') {
      for (const pattern of Object.keys(value as object)) checkPattern(pattern, at)
    }
    if (keyword === 'format') checkFormat(String(value), at)
  }
}

function checkPattern(pattern: string, at: string): void {
  try {
    new RegExp(pattern, 'u')
  } catch {
    throw new SchemaFault(quoting(`${at} is no regular expression with the flag "u"`, pattern))
  }
}

function checkFormat(format: string, at: string): void {
  if (isKnownFormat(format)) return
  throw new SchemaFault(
    quoting(`${at} is a format that nobody would check; use "pattern" for one of your own`, format),
  )
}

function typeName(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'an array' : `of type ${typeof value}`
}
