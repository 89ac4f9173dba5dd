/** zod, zod mini, valibot and arktype as their users write them: what they accept, make and refuse. */

import type { StandardSchemaV1 } from '@standard-schema/spec'
import { type } from 'arktype'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import * as mini from 'zod/mini'
import { NEEDLE, expectNoNeedle } from '../../support/needle.js'
import { decodeWith, failureOf } from '../decode-with.js'

const read = (value: unknown, schema: StandardSchemaV1) =>
  decodeWith(JSON.stringify(value), { as: 'json', schema })

const later = <T>(value: T): Promise<T> => Promise.resolve(value)

interface Tree {
  readonly name: string
  readonly children: readonly Tree[]
}

const zodTree: z.ZodType<Tree> = z.object({
  name: z.string(),
  get children() {
    return z.array(zodTree)
  },
})

const valibotTree: v.GenericSchema<Tree> = v.object({
  name: v.string(),
  children: v.array(v.lazy(() => valibotTree)),
})

const arktypeTree = type({ name: 'string', children: 'this[]' })

const miniTree = mini.object({
  name: mini.number(),
  get children() {
    return mini.array(miniTree)
  },
  get left() {
    return mini.optional(miniTree)
  },
})

const TREE = { name: 'a', children: [{ name: 'b', children: [] }] }

class Endpoint {
  readonly host: string

  constructor(host: string) {
    this.host = host
  }
}

const endpoint = z.object({ host: z.string() }).transform(({ host }) => new Endpoint(host))

describe('what it accepts', () => {
  test.each<[string, StandardSchemaV1, unknown, unknown]>([
    [
      'zod: refinement that awaits',
      z.object({ a: z.string().refine((a) => later(a === 'x')) }),
      { a: 'x' },
      { a: 'x' },
    ],
    ['zod: transform that awaits', z.string().transform((a) => later(a.length)), 'abc', 3],
    ['zod: coercion', z.object({ port: z.coerce.number().int() }), { port: '5432' }, { port: 5432 }],
    ['zod: default', z.object({ port: z.number().default(5432) }), {}, { port: 5432 }],
    ['zod: prefault', z.object({ port: z.string().transform(Number).prefault('1') }), {}, { port: 1 }],
    ['zod: catch', z.object({ port: z.number().catch(1) }), { port: 'x' }, { port: 1 }],
    ['zod: brand', z.string().brand('password'), 'p', 'p'],
    [
      'zod: discriminated union',
      z.discriminatedUnion('t', [
        z.object({ t: z.literal('a') }),
        z.object({ t: z.literal('b'), n: z.number() }),
      ]),
      { t: 'b', n: 1 },
      { t: 'b', n: 1 },
    ],
    [
      'zod: intersection',
      z.intersection(z.object({ a: z.string() }), z.object({ b: z.string() })),
      { a: 'x', b: 'y' },
      { a: 'x', b: 'y' },
    ],
    ['zod: pipe', z.string().pipe(z.transform(Number)).pipe(z.number().min(1)), '7', 7],
    [
      'zod: JSON in JSON',
      z.object({ inner: z.string().transform((text): unknown => JSON.parse(text)) }),
      { inner: '{"a":1}' },
      { inner: { a: 1 } },
    ],
    ['zod: recursive', zodTree, TREE, TREE],
    ['zod: instance of a class', endpoint, { host: 'h' }, new Endpoint('h')],
    [
      'zod: map',
      z.record(z.string(), z.number()).transform((r) => new Map(Object.entries(r))),
      { a: 1 },
      new Map([['a', 1]]),
    ],
    [
      'zod: codec',
      z.codec(z.string(), z.bigint(), { decode: BigInt, encode: String }),
      '12345678901234567890',
      12345678901234567890n,
    ],
    ['zod mini: check', mini.object({ a: mini.string().check(mini.minLength(1)) }), { a: 'x' }, { a: 'x' }],
    ['zod mini: refinement that awaits', mini.string().check(mini.refine((a) => later(a === 'x'))), 'x', 'x'],
    ['zod mini: default', mini.object({ a: mini._default(mini.string(), 'd') }), {}, { a: 'd' }],
    [
      'valibot: check that awaits',
      v.pipeAsync(
        v.string(),
        v.checkAsync((a) => later(a === 'x')),
      ),
      'x',
      'x',
    ],
    [
      'valibot: transform that awaits',
      v.pipeAsync(
        v.string(),
        v.transformAsync((a) => later(a.length)),
      ),
      'abc',
      3,
    ],
    ['valibot: fallback', v.object({ port: v.fallback(v.number(), 1) }), { port: 'x' }, { port: 1 }],
    [
      'valibot: optional with a default',
      v.object({ port: v.optional(v.number(), 5432) }),
      {},
      { port: 5432 },
    ],
    ['valibot: brand', v.pipe(v.string(), v.brand('password')), 'p', 'p'],
    [
      'valibot: variant',
      v.variant('t', [v.object({ t: v.literal('a') }), v.object({ t: v.literal('b'), n: v.number() })]),
      { t: 'b', n: 1 },
      { t: 'b', n: 1 },
    ],
    ['valibot: recursive', valibotTree, TREE, TREE],
    [
      'valibot: date',
      v.pipe(
        v.string(),
        v.transform((text) => new Date(text)),
      ),
      '2026-01-01T00:00:00Z',
      new Date('2026-01-01'),
    ],
    [
      'arktype: morph',
      type({ at: 'string.date.iso.parse' }),
      { at: '2026-01-01T00:00:00Z' },
      { at: new Date('2026-01-01') },
    ],
    ['arktype: default', type({ port: 'number = 5432' }), {}, { port: 5432 }],
    ['arktype: brand', type('string#password'), 'p', 'p'],
    ['arktype: union', type({ port: 'number | string.numeric.parse' }), { port: '1' }, { port: 1 }],
    ['arktype: recursive', arktypeTree, TREE, TREE],
    [
      'arktype: JSON in JSON',
      type({ inner: 'string.json.parse' }),
      { inner: '{"a":1}' },
      { inner: { a: 1 } },
    ],
  ])('%s', async (_title, schema, value, output) => {
    const text = JSON.stringify(value)
    await expect(read(value, schema)).resolves.toEqual(output)
    expect(JSON.stringify(value)).toBe(text)
  })
})

describe('what it refuses is told by path and rule, in the words of JSON Schema', () => {
  const value = { port: NEEDLE, mail: NEEDLE, list: [1, NEEDLE], [NEEDLE]: NEEDLE, nested: { n: NEEDLE } }

  test.each<[string, StandardSchemaV1, readonly string[]]>([
    ['zod: type', z.object({ port: z.number() }), ['/port breaks "type": "number"']],
    ['zod: coercion', z.object({ port: z.coerce.number() }), ['/port breaks "type": "number"']],
    [
      'zod: coercion that worked',
      z.object({ mail: z.coerce.string().max(3) }),
      ['/mail breaks "maxLength": 3'],
    ],
    [
      'zod: bound after a coercion',
      z.object({ list: z.tuple([z.coerce.string().min(2)]).rest(z.any()) }),
      ['/list/0 is refused'],
    ],
    [
      'zod: format',
      z.object({ mail: z.email() }),
      ['/mail breaks "pattern"; /mail breaks "format": "email"'],
    ],
    [
      'zod: format of its own',
      z.object({ mail: z.stringFormat('mine', /^mine/) }),
      ['/mail breaks "pattern": "^mine"'],
    ],
    ['zod: length', z.object({ mail: z.string().max(3) }), ['/mail breaks "maxLength": 3']],
    ['zod: enum', z.object({ mail: z.enum(['a', 'b']) }), ['/mail breaks "enum": ["a","b"]']],
    ['zod: literal', z.object({ mail: z.literal('a') }), ['/mail breaks "const": "a"']],
    ['zod: missing', z.object({ a: z.string(), b: z.number() }), ['(root) breaks "required": ["a","b"]']],
    [
      'zod: missing deep inside',
      z.object({ nested: z.object({ m: z.string() }) }),
      ['/nested breaks "required": ["m"]'],
    ],
    ['zod: item', z.object({ list: z.array(z.number()) }), ['/list/1 breaks "type": "number"']],
    [
      'zod: union',
      z.object({ port: z.union([z.number(), z.boolean()]) }),
      ['/port breaks "type": ["number","boolean"]'],
    ],
    [
      'zod: union of objects',
      z.object({ port: z.union([z.object({ a: z.string() }), z.array(z.string())]) }),
      ['/port breaks "type": "object"; /port breaks "type": "array"'],
    ],
    [
      'zod: member too many',
      z.strictObject({ port: z.string(), mail: z.string(), list: z.any() }),
      ['/* is not allowed'],
    ],
    ['zod: record', z.record(z.string(), z.number()), ['/* breaks "type": "number"']],
    ['zod: record keys', z.record(z.string().max(6), z.any()), ['/* ']],
    ['zod: refinement', z.object({ port: z.string().refine(() => false) }), ['/port is refused']],
    [
      'zod: refinement that awaits',
      z.object({ port: z.string().refine(() => later(false)) }),
      ['/port is refused'],
    ],
    [
      'zod: refinement of the whole',
      z.object({ port: z.string() }).refine(() => false),
      ['(root) is refused'],
    ],
    ['zod: what JSON Schema cannot say', z.object({ port: z.date() }), ['/port is refused']],
    [
      'zod: beside a transform',
      z.object({ port: z.string().transform(Number).pipe(z.number()) }),
      ['/port is refused'],
    ],
    ['zod: recursive', zodTree, ['(root) breaks "required": ["name","children"]']],
    ['zod mini: type', mini.object({ port: mini.number() }), ['/port breaks "type": "number"']],
    ['zod mini: enum', mini.object({ port: mini.enum(['a']) }), ['/port breaks "enum": ["a"]']],
    [
      'zod mini: missing',
      mini.object({ a: mini.string(), b: mini.optional(mini.string()) }),
      ['(root) breaks "required": ["a"]'],
    ],
    ['zod mini: check', mini.object({ port: mini.string().check(mini.maxLength(3)) }), ['/port is refused']],
    [
      'zod mini: nullable',
      mini.object({ port: mini.nullable(mini.number()) }),
      ['/port breaks "type": "number"; /port breaks "type": "null"'],
    ],
    [
      'zod mini: recursive',
      mini.object({ nested: miniTree, port: miniTree }),
      ['/nested breaks "required": ["name","children"]', '/port breaks "type": "object"'],
    ],
    ['valibot: recursive', valibotTree, ['(root) breaks "required": ["name","children"]']],
    ['valibot: type', v.object({ port: v.number() }), ['/port breaks "type": "number"']],
    [
      'valibot: length',
      v.object({ mail: v.pipe(v.string(), v.minLength(1), v.maxLength(3)) }),
      ['/mail breaks "maxLength": 3'],
    ],
    [
      'valibot: exact length',
      v.object({ mail: v.pipe(v.string(), v.length(3)) }),
      ['/mail breaks "maxLength": 3'],
    ],
    [
      'valibot: items',
      v.object({ list: v.pipe(v.array(v.any()), v.minLength(3)) }),
      ['/list breaks "minItems": 3'],
    ],
    [
      'valibot: bound',
      v.object({ list: v.tuple([v.pipe(v.number(), v.minValue(2)), v.any()]) }),
      ['/list/0 breaks "minimum": 2'],
    ],
    [
      'valibot: format',
      v.object({ mail: v.pipe(v.string(), v.email()) }),
      ['/mail breaks "format": "email"'],
    ],
    [
      'valibot: pattern',
      v.object({ mail: v.pipe(v.string(), v.regex(/^\d+$/)) }),
      ['/mail breaks "pattern": "^\\\\d+$"'],
    ],
    [
      'valibot: pattern with flags',
      v.object({ mail: v.pipe(v.string(), v.regex(/^\d+$/i)) }),
      ['/mail is refused'],
    ],
    ['valibot: picklist', v.object({ mail: v.picklist(['a', 'b']) }), ['/mail breaks "enum": ["a","b"]']],
    ['valibot: literal', v.object({ mail: v.literal('a') }), ['/mail breaks "enum": ["a"]']],
    [
      'valibot: missing',
      v.object({ a: v.string(), b: v.optional(v.string()) }),
      ['(root) breaks "required": ["a"]'],
    ],
    ['valibot: member too many', v.strictObject({ port: v.string() }), ['/*']],
    [
      'valibot: nullable',
      v.object({ port: v.nullable(v.number()) }),
      ['/port breaks "type": "number"; /port breaks "type": "null"'],
    ],
    [
      'valibot: record',
      v.object({ nested: v.record(v.string(), v.number()) }),
      ['/nested/* breaks "type": "number"'],
    ],
    [
      'valibot: check',
      v.object({
        port: v.pipe(
          v.string(),
          v.check(() => false),
        ),
      }),
      ['/port is refused'],
    ],
    [
      'valibot: after a transform',
      v.object({ port: v.pipe(v.string(), v.transform(Number), v.number()) }),
      ['/port is refused'],
    ],
    [
      'valibot: integer',
      v.object({ list: v.tuple([v.pipe(v.number(), v.integer(), v.multipleOf(2)), v.any()]) }),
      ['/list/0 breaks "multipleOf": 2'],
    ],
    [
      'valibot: not empty',
      v.object({ nested: v.object({ n: v.pipe(v.string(), v.nonEmpty(), v.maxLength(1)) }) }),
      ['/nested/n breaks "maxLength": 1'],
    ],
    ['arktype: type', type({ port: 'number' }), ['/port breaks "type": "number"']],
    ['arktype: enum', type({ mail: "'a' | 'b'" }), ['/mail breaks "enum": ["a","b"]']],
    ['arktype: length', type({ mail: 'string < 3' }), ['/mail breaks "maxLength": 2']],
    ['arktype: format', type({ mail: 'string.email' }), ['/mail breaks "format": "email"']],
    ['arktype: missing', type({ a: 'string' }), ['(root) breaks "required": ["a"]']],
    ['arktype: member too many', type({ '+': 'reject', port: 'string' }), ['/* is refused']],
    ['arktype: narrow', type({ port: type('string').narrow(() => false) }), ['/port is refused']],
  ])('%s', async (_title, schema, problems) => {
    const error = await failureOf(read(value, schema))
    expect(error).toMatchObject({ code: 'ERR_SCHEMA', retryable: false, attempts: 0 })
    expect(error.cause).toBeUndefined()
    for (const problem of problems) expect(error.message).toContain(problem)
    expectNoNeedle(error, NEEDLE)
    expectNoNeedle(error.stack, NEEDLE)
  })

  test('bytes have no JSON Schema', async () => {
    const error = await failureOf(
      decodeWith(NEEDLE, { as: 'bytes', schema: z.instanceof(Uint8Array).refine(() => false) }),
    )
    expect(error.message).toContain('(root) is refused')
    expectNoNeedle(error, NEEDLE)
  })
})
