import { createRequire } from 'node:module'
import * as valibot from 'valibot'
import { describe, expect, test } from 'vitest'
import * as z from 'zod'
import { Decoder } from '../../src/decode/decode.js'
import type { JsonSchema } from '../../src/decode/json-schema/json-schema.js'
import { NEEDLE, expectNoNeedle } from '../support/needle.js'
import { REF, decodeWith, failureOf } from './decode-with.js'

const prepare = (schema: object) => new Decoder().prepare(schema, REF)

const read = (value: unknown, schema: object) =>
  decodeWith(JSON.stringify(value), { as: 'json', schema: schema as JsonSchema })

const DRAFT_7 = { $schema: 'http://json-schema.org/draft-07/schema#' }

const DRAFT_2019 = { $schema: 'https://json-schema.org/draft/2019-09/schema' }

/** An object that is `levels` deep. */
function nested(levels: number): object {
  let schema: object = {}
  for (let n = 0; n < levels; n += 1) schema = { not: schema }
  return schema
}

/** Twice as many places with every level, in very few objects. */
function doubled(levels: number): object {
  let schema: object = { type: 'string' }
  for (let n = 0; n < levels; n += 1) schema = { properties: { a: schema, b: schema } }
  return schema
}

function ring(): object {
  const schema: Record<string, unknown> = { type: 'object' }
  schema['properties'] = { next: schema }
  return schema
}

const fail = () => NEEDLE

/** Each of `links` schemas refers to the next, and is found through a member. */
function chained(links: number, isReversed = false): object {
  const chain = Array.from({ length: links }, (_, n): [string, object] => [
    `d${n}`,
    n + 1 === links ? {} : { $ref: `#/$defs/d${n + 1}` },
  ])
  const $defs = Object.fromEntries(isReversed ? chain.reverse() : chain)
  return isReversed ? { $defs, properties: { a: { $ref: '#/$defs/d0' } } } : { $defs, $ref: '#/$defs/d0' }
}

/** Every resource overrides one of `names` anchors, and each can be reached from each. */
function tangle(names: number): object {
  const ids = Array.from({ length: names }, (_, n) => `n${n}`)
  const all = Object.fromEntries(ids.map((id) => [id, { $ref: `${id}.json` }]))
  const dynamic = Object.fromEntries(ids.map((id) => [`${id}d`, { $dynamicRef: `base.json#${id}` }]))
  const base = Object.fromEntries(ids.map((id) => [id, { $dynamicAnchor: id }]))
  const resources = ids.map((id): [string, object] => [
    id,
    {
      $id: `${id}.json`,
      properties: { ...all, ...dynamic },
      $defs: { x: { $dynamicAnchor: id, minLength: 1 } },
    },
  ])
  return {
    properties: all,
    $defs: { base: { $id: 'base.json', $defs: base }, ...Object.fromEntries(resources) },
  }
}

describe('a schema that cannot be used is found without a value, and named by its place', () => {
  test.each<[string, object, string]>([
    [
      'a pointer to nothing',
      { properties: { db: { $ref: '#/$defs/Db' } } },
      '/properties/db/$ref leads nowhere: "#/$defs/Db"',
    ],
    ['a pointer past a scalar', { $ref: '#/type/x', type: 'object' }, '/$ref leads nowhere: "#/type/x"'],
    [
      'a pointer to what is no schema',
      { $ref: '#/required', required: ['a'] },
      '/$ref leads nowhere: "#/required"',
    ],
    ['an anchor that is not there', { $ref: '#db' }, '/$ref leads nowhere: "#db"'],
    [
      'an identifier that is not there',
      { items: { $ref: 'db.json' } },
      '/items/$ref leads nowhere: "db.json"',
    ],
    [
      'a reference to the network',
      { $ref: 'https://example.com/s.json' },
      '/$ref leads to what is not in the schema, and nothing is fetched: "https://example.com/s.json"',
    ],
    [
      'a reference that is no URI',
      { $ref: 'http://[' },
      '/$ref leads to what is not in the schema, and nothing is fetched: "http://["',
    ],
    [
      'a reference in a definition that nobody uses',
      { $defs: { a: { $ref: '#x' } } },
      '/$defs/a/$ref leads nowhere: "#x"',
    ],
    ['a dynamic reference to nothing', { $dynamicRef: '#x' }, '/$dynamicRef leads nowhere: "#x"'],
    [
      'a place with slashes',
      { properties: { 'a/b~c': { $ref: '#x' } } },
      '/properties/a~1b~0c/$ref leads nowhere',
    ],
    ['a long reference', { $ref: `#${'x'.repeat(100)}` }, '/$ref leads nowhere.'],
    ['a reference to itself', { $ref: '#' }, '/$ref leads back to itself: "#"'],
    [
      'references to each other',
      { $defs: { a: { $ref: '#/$defs/b' }, b: { allOf: [{ $ref: '#/$defs/a' }] } } },
      '/$defs/b/allOf/0/$ref leads back to itself: "#/$defs/a"',
    ],
    ...['allOf', 'anyOf', 'oneOf'].map((keyword): [string, object, string] => [
      `a circle through ${keyword}`,
      { [keyword]: [{}, { $ref: '#' }] },
      `/${keyword}/1/$ref leads back to itself`,
    ]),
    ...['not', 'if'].map((keyword): [string, object, string] => [
      `a circle through ${keyword}`,
      { [keyword]: { $ref: '#' } },
      `/${keyword}/$ref leads back to itself`,
    ]),
    ['a circle through then', { if: {}, then: { $ref: '#' } }, '/then/$ref leads back to itself'],
    [
      'a circle through a dependency',
      { dependentSchemas: { a: { $ref: '#' } } },
      '/dependentSchemas/a/$ref leads back',
    ],
    [
      'a circle through a dependency of draft 7',
      { ...DRAFT_7, dependencies: { a: { $ref: '#' } } },
      '/dependencies/a/$ref leads back',
    ],
    [
      'a circle through an anchor',
      { $anchor: 'a', allOf: [{ $ref: '#a' }] },
      '/allOf/0/$ref leads back to itself: "#a"',
    ],
    [
      'a circle through a dynamic reference',
      { $dynamicAnchor: 'a', not: { $dynamicRef: '#a' } },
      '/not/$dynamicRef leads back',
    ],
    [
      'a circle of draft 2019-09',
      { ...DRAFT_2019, not: { $recursiveRef: '#' } },
      '/not/$recursiveRef leads back',
    ],
    [
      'a pattern that is no expression',
      { properties: { a: { pattern: '(' } } },
      '/properties/a/pattern is no regular expression with the flag "u": "("',
    ],
    [
      'a pattern that is none with "u"',
      { pattern: '^[\\w-.]+$' },
      '/pattern is no regular expression with the flag "u"',
    ],
    [
      'a pattern over keys that is none',
      { patternProperties: { '[': {} } },
      '/patternProperties is no regular expression',
    ],
    [
      'a misspelt type',
      { type: 'strnig' },
      '/type must be one or several of string, number, integer, boolean, object, array, null, and is: "strnig"',
    ],
    ['a misspelt type among others', { type: ['string', 'nul'] }, '/type must be one or several of'],
    ['no type', { type: [] }, '/type must be one or several of'],
    [
      'a type that JSON has not',
      { properties: { at: { type: 'Date' } } },
      '/properties/at/type must be one or several of',
    ],
    [
      'a misspelt format',
      { properties: { m: { format: 'emial' } } },
      '/properties/m/format is a format that nobody would check; use "pattern" for one of your own: "emial"',
    ],
    [
      'a format named like a method',
      { format: 'constructor' },
      '/format is a format that nobody would check',
    ],
    [
      'required that is a flag, as in draft 3',
      { properties: { a: { required: true } } },
      '/properties/a/required must be a list of names',
    ],
    ['names that are numbers', { required: [7] }, '/required must be a list of names'],
    [
      'a bound that is a flag, as in draft 4',
      { minimum: 0, exclusiveMinimum: true },
      '/exclusiveMinimum must be a finite number',
    ],
    ['a bound that is text', { maximum: '7' }, '/maximum must be a finite number, and is: "7"'],
    ['a bound that is no number', { minimum: NaN }, '/minimum must be a finite number'],
    ['a length below 0', { minLength: -1 }, '/minLength must be a whole number from 0'],
    ['a length with a fraction', { maxItems: 1.5 }, '/maxItems must be a whole number from 0'],
    ['a multiple of 0', { multipleOf: 0 }, '/multipleOf must be a number above 0'],
    ['an enum that is no list', { enum: 'a' }, '/enum must be a list of values, and is: "a"'],
    ['choices that are no list', { anyOf: {} }, '/anyOf must be a list of schemas'],
    ['properties that are a list', { properties: ['a'] }, '/properties must be an object of schemas'],
    [
      'dependencies that are no lists',
      { dependentRequired: { a: 'b' } },
      '/dependentRequired must be an object of lists',
    ],
    ['a flag that is text', { uniqueItems: 'yes' }, '/uniqueItems must be true or false'],
    ['a pattern that is an expression', { pattern: /a/ }, '/pattern must be text'],
    ['a $schema that is no text', { $schema: 7 }, '/$schema must be text'],
    [
      'a draft that is too old',
      { $schema: 'http://json-schema.org/draft-04/schema#' },
      '/$schema must be draft 2020-12 or 7, and is',
    ],
    ['an $id that is no URI', { $id: 'http://[' }, '/$id is no URI: "http://["'],
    [
      'one $id for two',
      { $defs: { a: { $id: 'x' }, b: { $id: 'x', type: 'null' } } },
      '/$defs/b/$id names two schemas: "x"',
    ],
    [
      'one anchor for two',
      { $defs: { a: { $anchor: 'x' }, b: { $anchor: 'x' } } },
      '/$defs/b/$anchor names two schemas: "x"',
    ],
    ['null where a schema belongs', { properties: { a: null } }, '/properties/a is no schema'],
    ['a function where a schema belongs', { properties: { a: () => NEEDLE } }, '/properties/a is no schema'],
    ['a class where a schema belongs', { items: new Date() }, '/items is no schema'],
    [
      'the library itself',
      z,
      'is a function, as in a library that makes schemas; pass a schema that it has made',
    ],
    [
      'the library itself, as CommonJS',
      createRequire(import.meta.url)('zod') as object,
      'is a function, as in a library that makes schemas',
    ],
    ['another library', valibot, 'is a function, as in a library that makes schemas'],
    [
      'a function where text describes',
      { description: () => NEEDLE },
      '/description is a function, as in a library',
    ],
    ['a library inside', { properties: { a: { title: fail } } }, '/properties/a/title is a function'],
    ['references without end', chained(5_000), 'more than 200 of its schemas refer to each other in a row'],
    ['references without end, last first', chained(5_000, true), 'more than 200 of its schemas refer'],
    ['an object inside itself', ring(), '/properties/next is an object that is inside itself'],
    ['no end of levels', nested(600), 'it is nested more than 500 levels deep'],
    ['no end of places', doubled(16), 'it has more than 100000 objects and arrays'],
    ['no end of overrides', tangle(12), 'its dynamic anchors override each other without end'],
  ])('%s', async (_title, schema, what) => {
    const error = await failureOf(prepare(schema))
    expect(error).toMatchObject({ code: 'ERR_SCHEMA', ref: REF, retryable: false, attempts: 0 })
    expect(error.message).toContain('the schema cannot be used: ')
    expect(error.message).toContain(what)
    expect(error.cause).toBeUndefined()
    expectNoNeedle(error, NEEDLE)
    // A read says the same, before it looks at the value: this one is no JSON.
    const refusal = await failureOf(decodeWith(NEEDLE, { as: 'json', schema: schema as JsonSchema }))
    expect(refusal.message).toBe(error.message)
    expectNoNeedle(refusal, NEEDLE)
  })

  test('a Standard Schema cannot be asked', async () => {
    const validate = () => {
      throw new Error(NEEDLE)
    }
    const schema = { '~standard': { version: 1 as const, vendor: 'test', validate } }
    await expect(new Decoder().prepare(schema, REF)).resolves.toBeUndefined()
  })
})

describe('a schema that refers to itself and gets on with the value', () => {
  const tree = {
    $id: 'https://example.com/tree',
    type: 'object',
    properties: { name: { type: 'string' }, children: { type: 'array', items: { $ref: '#' } } },
    required: ['name'],
  }

  test.each<[string, object]>([
    ['a tree', tree],
    [
      'a tree by its $id',
      { ...tree, properties: { ...tree.properties, children: { items: { $ref: 'tree' } } } },
    ],
    ['a list', { $ref: '#/$defs/n', $defs: { n: { properties: { next: { $ref: '#/$defs/n' } } } } }],
    ['a map', { additionalProperties: { anyOf: [{ type: ['string', 'array'] }, { $ref: '#' }] } }],
    ['a condition that does nothing', { then: {}, else: {} }],
    ['two hundred schemas in a row', chained(199)],
    ['one schema at two places', { allOf: [{ $ref: '#/$defs/a' }, { $ref: '#/$defs/a' }], $defs: { a: {} } }],
    [
      'an OpenAPI document',
      { $ref: '#/components/schemas/a', components: { schemas: { a: { type: 'object' } } } },
    ],
    [
      'a schema written out twice with its $id',
      { properties: { a: { $id: 'T', items: { $ref: 'T' } }, b: { $id: 'T', items: { $ref: 'T' } } } },
    ],
  ])('%s is used', async (_title, schema) => {
    await expect(prepare(schema)).resolves.toBeUndefined()
    await expect(read({ name: 'a', children: [] }, schema)).resolves.toEqual({ name: 'a', children: [] })
  })

  test('checks every level', async () => {
    const error = await failureOf(read({ name: 'a', children: [{ name: 'b', children: [{}] }] }, tree))
    expect(error.message).toContain('/children/0/children/0 breaks "required": ["name"]')
  })

  test('may be overridden from outside, by $dynamicRef', async () => {
    const base = {
      $id: 'base',
      $dynamicAnchor: 'node',
      type: 'object',
      properties: { name: { type: 'string' }, child: { $dynamicRef: '#node' } },
    }
    const strict = {
      $id: 'strict',
      $dynamicAnchor: 'node',
      $ref: 'base',
      unevaluatedProperties: false,
      $defs: { base },
    }
    const value = { name: 'a', child: { name: 'b', more: NEEDLE } }
    await expect(read(value, base)).resolves.toEqual(value)
    const error = await failureOf(read(value, strict))
    expect(error.message).toContain('/child/* is not allowed')
    expectNoNeedle(error, NEEDLE)
  })

  test('may be overridden from outside, by $recursiveRef of draft 2019-09', async () => {
    const base = {
      ...DRAFT_2019,
      $id: 'base',
      $recursiveAnchor: true,
      properties: { child: { $recursiveRef: '#' } },
    }
    const strict = {
      ...DRAFT_2019,
      $id: 'strict',
      $recursiveAnchor: true,
      $ref: 'base',
      required: ['name'],
      $defs: { base },
    }
    await expect(read({ child: {} }, base)).resolves.toEqual({ child: {} })
    const error = await failureOf(read({ name: 'a', child: {} }, strict))
    expect(error.message).toContain('/child breaks "required": ["name"]')
  })
})
