import { describe, expect, test } from 'vitest'
import { Decoder } from '../../src/decode/decode.js'
import { DecodedValues } from '../../src/decode/decoded-values.js'
import { InternedSchemas } from '../../src/decode/json-schema/interned-schemas.js'
import type { JsonSchema } from '../../src/decode/json-schema/json-schema.js'
import { deepFreeze } from '../../src/decode/plain-data.js'
import { NEEDLE, expectNoNeedle } from '../support/needle.js'
import { REF, decodeWith, failureOf } from './decode-with.js'

const DRAFT_7 = 'http://json-schema.org/draft-07/schema#'
const DRAFT_2020 = 'https://json-schema.org/draft/2020-12/schema'

const check = (value: unknown, schema: object) =>
  decodeWith(JSON.stringify(value), { as: 'json', schema: schema as JsonSchema })

const CREDENTIALS = {
  type: 'object',
  properties: {
    username: { type: 'string', minLength: 1 },
    port: { type: 'integer', minimum: 1, maximum: 65_535 },
    tls: { enum: ['require', 'verify-full'] },
    hosts: { type: 'array', items: { type: 'object', properties: { name: { type: 'string' } } } },
  },
  required: ['username'],
  additionalProperties: false,
} as const

describe('a JSON Schema that accepts', () => {
  test.each<[string, unknown, object]>([
    ['an object', { username: 'u', port: 5432, tls: 'require', hosts: [{ name: 'a' }] }, CREDENTIALS],
    ['a value without the optional members', { username: 'u' }, CREDENTIALS],
    ['anything, by the empty schema', [null], {}],
    ['a falsy scalar', 0, { type: 'integer' }],
    ['null', null, { type: 'null' }],
    [
      'a tuple of draft 2020-12',
      ['a', 1],
      { prefixItems: [{ type: 'string' }, { type: 'number' }], items: false },
    ],
    ['a tuple of draft 7', ['a'], { $schema: DRAFT_7, items: [{ type: 'string' }], additionalItems: false }],
    [
      'references into $defs',
      { a: 1 },
      { $defs: { n: { type: 'number' } }, properties: { a: { $ref: '#/$defs/n' } } },
    ],
    [
      'a reference to an anchor',
      { a: 1 },
      { $defs: { n: { $anchor: 'n', type: 'number' } }, properties: { a: { $ref: '#n' } } },
    ],
    [
      'a reference to itself',
      { next: { next: {} } },
      { type: 'object', properties: { next: { $ref: '#' } } },
    ],
    [
      'what draft 7 ignores beside $ref',
      'x',
      { $schema: DRAFT_7, definitions: { s: { type: 'string' } }, $ref: '#/definitions/s', minLength: 9 },
    ],
    ['one of two', 'x', { oneOf: [{ type: 'string' }, { type: 'number' }] }],
    [
      'members named like those of Object.prototype',
      { toString: 1 },
      { properties: { toString: { type: 'number' } }, required: ['toString'] },
    ],
  ])('%s gives the value itself, frozen', async (_title, value, schema) => {
    const checked = await check(value, schema)
    expect(checked).toEqual(value)
    expect(Object.isFrozen(checked)).toBe(true)
  })

  test.each<[string, string, 'text' | 'list', JsonSchema, unknown]>([
    ['text', 'abc', 'text', { type: 'string', pattern: '^a' }, 'abc'],
    ['a list', 'a,b', 'list', { type: 'array', maxItems: 2 }, ['a', 'b']],
  ])('%s is checked as what it was read as', async (_title, text, as, schema, value) => {
    await expect(decodeWith(text, { as, schema })).resolves.toEqual(value)
  })

  test('a field is checked on its own', async () => {
    const how = { as: 'json', path: ['port'], schema: { type: 'integer' } } as const
    await expect(decodeWith('{"port":5432}', how)).resolves.toBe(5432)
    await expect(decodeWith('{"port":"5432"}', how)).rejects.toMatchObject({ code: 'ERR_SCHEMA' })
  })
})

describe('a JSON Schema that refuses', () => {
  test.each<[string, unknown, object, string]>([
    ['a wrong type', { username: 1 }, CREDENTIALS, '/username breaks "type": "string"'],
    ['a wrong root', NEEDLE, CREDENTIALS, '(root) breaks "type": "object"'],
    ['a number out of range', { username: 'u', port: 0 }, CREDENTIALS, '/port breaks "minimum": 1'],
    [
      'a word that is not listed',
      { username: 'u', tls: NEEDLE },
      CREDENTIALS,
      '/tls breaks "enum": ["require","verify-full"]',
    ],
    [
      'a nested member',
      { username: 'u', hosts: [{}, { name: 1 }] },
      CREDENTIALS,
      '/hosts/1/name breaks "type": "string"',
    ],
    ['a missing member', {}, CREDENTIALS, '(root) breaks "required": ["username"]'],
    ['a member too many', { username: 'u', [NEEDLE]: NEEDLE }, CREDENTIALS, '/* is not allowed'],
    ['a tuple', [1], { prefixItems: [{ type: 'string' }] }, '/0 breaks "type": "string"'],
    [
      'through $ref',
      { a: NEEDLE },
      { $defs: { n: { type: 'number' } }, properties: { a: { $ref: '#/$defs/n' } } },
      '/a breaks "type": "number"',
    ],
    [
      'a missing member through an anchor',
      { a: {} },
      { $defs: { n: { $anchor: 'n', required: ['b'] } }, properties: { a: { $ref: '#n' } } },
      '/a breaks "required": ["b"].',
    ],
    [
      'by a $recursiveRef of draft 2019-09',
      { next: 1 },
      {
        $schema: 'https://json-schema.org/draft/2019-09/schema',
        type: 'object',
        properties: { next: { $recursiveRef: '#' } },
      },
      '/next breaks "type"',
    ],
    [
      'through a $ref that is not percent-encoded',
      { a: NEEDLE },
      { $defs: { '100%': { type: 'number' } }, properties: { a: { $ref: '#/$defs/100%' } } },
      '/a breaks "type": "number"',
    ],
    [
      'a missing member through $ref',
      { a: {} },
      { $defs: { n: { required: ['b'] } }, properties: { a: { $ref: '#/$defs/n' } } },
      '/a breaks "required": ["b"]',
    ],
    [
      'through a reference to itself',
      { next: { next: 1 } },
      { type: 'object', properties: { next: { $ref: '#' } } },
      '/next/next breaks "type": "object"',
    ],
    [
      'through an anchor',
      { a: NEEDLE },
      { $defs: { n: { $anchor: 'n', type: 'number' } }, properties: { a: { $ref: '#n' } } },
      '/a breaks "type": "number".',
    ],
    [
      'every choice',
      { a: NEEDLE },
      { properties: { a: { anyOf: [{ type: 'number' }, { maxLength: 3 }] } } },
      '/a breaks "type": "number"; /a breaks "maxLength": 3',
    ],
    [
      'a condition',
      { a: 1 },
      { if: { required: ['a'] }, then: { required: ['b'] } },
      '(root) breaks "required": ["b"]',
    ],
    [
      'a dependency of draft 7',
      { a: 1 },
      { $schema: DRAFT_7, dependencies: { a: ['b'] } },
      '(root) breaks "dependencies": {"a":["b"]}',
    ],
    [
      'a dependency of draft 2020-12',
      { a: 1 },
      { $schema: DRAFT_2020, dependentRequired: { a: ['b'] } },
      '(root) breaks "dependentRequired"',
    ],
    [
      'an empty array that must contain something',
      [],
      { contains: { type: 'string' } },
      '(root) breaks "contains": {"type":"string"}',
    ],
    [
      'a name with characters that pointers escape',
      { 'a/b~c% é': NEEDLE },
      { properties: { 'a/b~c% é': { type: 'number' } } },
      '/a/b~c% é breaks "type": "number"',
    ],
    [
      'a name that looks percent-encoded',
      { 'a%41': NEEDLE },
      { properties: { aA: {} }, additionalProperties: { type: 'number' } },
      '/* breaks "type": "number"',
    ],
    [
      'by a rule too long to show',
      NEEDLE,
      { enum: Array.from({ length: 50 }, (_, n) => `word${n}`) },
      '(root) breaks "enum".',
    ],
    ['anything at all', NEEDLE, { allOf: [false] }, '(root) is not allowed'],
  ])('%s names path and rule, and never the value', async (_title, value, schema, problem) => {
    const error = await failureOf(check(value, schema))
    expect(error).toMatchObject({ code: 'ERR_SCHEMA', ref: 'prod/db', retryable: false })
    expect(error.message).toContain(`the value does not match its schema: ${problem}`)
    expectNoNeedle(error, NEEDLE)
  })

  test('shows a rule only where the value breaks it: what it matches would be given away', async () => {
    const matched = [
      { not: { const: NEEDLE } },
      { oneOf: [{ const: NEEDLE }, { type: 'string' }] },
      { oneOf: [{ const: NEEDLE }, { type: 'string' }, { type: 'number' }] },
      { if: { const: NEEDLE }, then: false },
    ]
    for (const schema of matched) expectNoNeedle(await failureOf(check(NEEDLE, schema)), NEEDLE)
  })

  test('says so when more than one of "oneOf" accepts', async () => {
    const error = await failureOf(check('x', { oneOf: [{}, {}, { type: 'number' }] }))
    expect(error.message).toContain('(root) breaks "oneOf"')
  })

  test('names every missing member once', async () => {
    const error = await failureOf(check({ b: 1 }, { required: ['a', 'b', 'c'] }))
    expect(error.message.match(/breaks "required": \["a","c"\]/g)).toHaveLength(1)
  })

  test('shows five problems and counts the rest', async () => {
    const names = Array.from({ length: 12 }, (_, n) => `p${n}`)
    const properties = Object.fromEntries(names.map((name) => [name, { type: 'string' }]))
    const error = await failureOf(check(Object.fromEntries(names.map((name) => [name, 1])), { properties }))
    expect(error.message).toContain('/p4 breaks "type": "string"; and 7 more.')
    expect(error.message).not.toContain('p5')
  })

  test.each([
    ['additionalProperties', { additionalProperties: { type: 'number' } }],
    ['additionalProperties: false', { additionalProperties: false }],
    ['patternProperties', { patternProperties: { '^N': { type: 'number' } } }],
    ['propertyNames', { propertyNames: { pattern: '^never$' } }],
    ['unevaluatedProperties', { unevaluatedProperties: false }],
    ['a record of records', { additionalProperties: { additionalProperties: { type: 'number' } } }],
  ])('masks keys that are data, under %s', async (_keyword, schema) => {
    const value = { [NEEDLE]: { [NEEDLE]: NEEDLE } }
    const error = await failureOf(check(value, { type: 'object', ...schema }))
    expect(error.message).toContain('/*')
    expectNoNeedle(error, NEEDLE)
  })

  test('cuts a path that is longer than anybody reads', async () => {
    const depth = 200
    const error = await failureOf(
      decodeWith('['.repeat(depth) + '1' + ']'.repeat(depth), {
        as: 'json',
        schema: { type: 'array', items: { $ref: '#' } },
      }),
    )
    expect(error.message).toContain(`${'/0'.repeat(20)}/… breaks "type": "array"`)
  })
})

describe('a JSON Schema that cannot do its work', () => {
  test('because a getter of it throws: ERR_SCHEMA, and what it threw is withheld', async () => {
    const schema = {
      get type(): string {
        throw new Error(NEEDLE)
      },
    }
    const error = await failureOf(check({ a: NEEDLE }, schema))
    expect(error.code).toBe('ERR_SCHEMA')
    expect(error.message).toContain('the schema cannot be used: it cannot be read: a getter or a proxy threw')
    expect(error.cause).toBeUndefined()
    expectNoNeedle(error, NEEDLE)
  })

  test('nesting too deep to check is an error and no stack overflow', async () => {
    const deep = '['.repeat(10_000) + ']'.repeat(10_000)
    const schema = { type: 'array', items: { $ref: '#' } } as const
    const error = await failureOf(decodeWith(deep, { as: 'json', schema }))
    expect(error.code).toBe('ERR_SCHEMA')
  })
})

describe('the schema of the caller', () => {
  const schema = {
    $id: 'https://example.com/s',
    $defs: { n: { type: 'number' } },
    properties: { a: { $ref: '#/$defs/n' } },
  } as const

  test('is not changed by a check', async () => {
    const before = structuredClone(schema)
    await check({ a: 1 }, schema)
    const own = schema.properties.a
    expect(schema).toEqual(before)
    expect(Reflect.ownKeys(own)).toEqual(['$ref'])
  })

  test('may be frozen', async () => {
    const frozen = deepFreeze(structuredClone(schema)) as object
    await expect(check({ a: 1 }, frozen)).resolves.toEqual({ a: 1 })
    await expect(check({ a: 'x' }, frozen)).rejects.toMatchObject({ code: 'ERR_SCHEMA' })
  })

  test('may use one object in two places', async () => {
    const shared = { type: 'string' }
    await expect(check({ a: 'x', b: 'y' }, { properties: { a: shared, b: shared } })).resolves.toEqual({
      a: 'x',
      b: 'y',
    })
  })

  test('that is changed after its first check changes nothing, its messages included', async () => {
    const own = { type: 'object', properties: { a: { type: 'number' } } }
    const decoder = new Decoder()
    const read = (text: string) =>
      decoder.decode({ text }, new DecodedValues(), { as: 'json', ref: REF, schema: own as JsonSchema })
    await expect(read('{"a":1}')).resolves.toEqual({ a: 1 })
    own.properties.a.type = 'string'
    const { message } = await failureOf(read('{"a":"x"}'))
    expect(message).toContain('/a breaks "type": "number"')
  })
})

describe('a schema that is written inline', () => {
  const intern = (schemas: readonly object[]) => {
    const interned = new InternedSchemas()
    return schemas.map((schema) => interned.intern(schema as JsonSchema))
  }

  test('is one schema, whatever the number of calls', () => {
    const [first, second] = intern([{ type: 'string' }, { type: 'string' }])
    expect(second).toBe(first)
  })

  test.each<[string, object, object]>([
    ['keywords', { type: 'string' }, { type: 'number' }],
    ['bounds that JSON cannot tell apart', { maximum: Infinity }, { maximum: -Infinity }],
    ['a bound that JSON has no word for', { maximum: NaN }, { maximum: null }],
    ['a function that JSON drops', { properties: {} }, { properties: { a: () => NEEDLE } }],
    ['a symbol that JSON drops', { properties: {} }, { properties: { a: Symbol('a') } }],
  ])('is another one where %s differ', (_title, a, b) => {
    const [first, second, again] = intern([a, b, a])
    expect(second).not.toBe(first)
    expect(again).toBe(first)
  })

  test('stays itself where it has no text', () => {
    const ring: Record<string, unknown> = { type: 'object' }
    ring['not'] = ring
    expect(intern([ring, ring])).toEqual([ring, ring])
  })

  test('is compiled and checked once per version', async () => {
    const decoder = new Decoder()
    const decoded = new DecodedValues()
    const how = () => ({ as: 'json' as const, ref: REF, schema: { type: 'object' as const } })
    const value = await decoder.decode({ text: '{}' }, decoded, how())
    await expect(decoder.kept(decoded, how())).resolves.toBe(value)
  })

  test('is forgotten when there are very many, and still checked', () => {
    const interned = new InternedSchemas()
    const first = interned.intern({ const: 0 })
    for (let n = 1; n <= 1000; n += 1) interned.intern({ const: n })
    expect(interned.intern(first)).toBe(first)
    expect(interned.intern({ const: 0 })).not.toBe(first)
  })
})
