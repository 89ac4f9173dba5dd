import type { StandardSchemaV1 } from '@standard-schema/spec'
import { type } from 'arktype'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import * as mini from 'zod/mini'
import { Decoder } from '../../src/decode/decode.js'
import { DecodedValues } from '../../src/decode/decoded-values.js'
import { isStandardSchema } from '../../src/decode/standard-schema/standard-schema.js'
import { NEEDLE, expectNoNeedle } from '../support/needle.js'
import { REF, decodeWith, failureOf, utf8 } from './decode-with.js'

const check = (value: unknown, schema: StandardSchemaV1) =>
  decodeWith(JSON.stringify(value), { as: 'json', schema })

/** A hand-written Standard Schema around `validate`. */
const schemaOf = (validate: (value: unknown) => unknown): StandardSchemaV1 => ({
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: validate as StandardSchemaV1['~standard']['validate'],
  },
})

/** Thrown by code that throws text. */
const notAnError: unknown = NEEDLE

const refusing = (issues: unknown) => schemaOf(() => ({ issues }))

describe('isStandardSchema', () => {
  test.each<[string, object, boolean]>([
    ['zod', z.string(), true],
    ['zod mini', mini.string(), true],
    ['valibot', v.string(), true],
    ['arktype, which is a function', type('string'), true],
    ['a JSON Schema', { type: 'string' }, false],
    ['a function', () => undefined, false],
    ['~standard that is null', { '~standard': null }, false],
    ['~standard without validate', { '~standard': { version: 1 } }, false],
    ['~standard whose validate is data', { '~standard': { validate: 'x' } }, false],
  ])('%s', (_title, schema, expected) => {
    expect(isStandardSchema(schema)).toBe(expected)
  })
})

describe('a schema that accepts', () => {
  const value = { host: 'h', port: '5432', tags: ['a'] }

  test.each<[string, StandardSchemaV1, unknown]>([
    ['zod', z.object({ host: z.string() }), { host: 'h' }],
    ['zod with a transform', z.object({ port: z.coerce.number() }), { port: 5432 }],
    ['zod with a default', z.object({ user: z.string().default('admin') }), { user: 'admin' }],
    ['zod, asynchronous', z.object({ host: z.string().refine(() => Promise.resolve(true)) }), { host: 'h' }],
    [
      'zod with an asynchronous transform',
      z.object({ host: z.string().transform((s) => Promise.resolve(s.length)) }),
      { host: 1 },
    ],
    ['zod mini', mini.object({ host: mini.string() }), { host: 'h' }],
    ['valibot', v.object({ host: v.string() }), { host: 'h' }],
    ['valibot with a transform', v.object({ port: v.pipe(v.string(), v.transform(Number)) }), { port: 5432 }],
    [
      'valibot, asynchronous',
      v.objectAsync({
        host: v.pipeAsync(
          v.string(),
          v.checkAsync(() => Promise.resolve(true)),
        ),
      }),
      { host: 'h' },
    ],
    ['arktype', type({ host: 'string' }), value],
    ['arktype with a morph', type({ port: 'string.numeric.parse' }), { ...value, port: 5432 }],
    ['arktype with a default', type({ user: "string = 'admin'" }), { ...value, user: 'admin' }],
    ['arktype that deletes the rest', type({ '+': 'delete', host: 'string' }), { host: 'h' }],
    ['one that answers at once', schemaOf(() => ({ value: 0 })), 0],
    ['one that answers undefined', schemaOf(() => ({ value: undefined })), undefined],
    ['one with issues that are undefined', schemaOf(() => ({ value: 1, issues: undefined })), 1],
    ['one whose value is a promise', schemaOf(() => ({ value: Promise.resolve([1]) })), [1]],
  ])('%s gives its output, frozen', async (_title, schema, output) => {
    const checked = await check(value, schema)
    expect(checked).toEqual(output)
    expect(Object.isFrozen(checked)).toBe(true)
  })

  test('may change what it is given: nobody else sees it', async () => {
    const spoiling = schemaOf((input) => ({ value: Object.assign(input as object, { extra: [{}] }) }))
    await expect(check({ a: 1 }, spoiling)).resolves.toEqual({ a: 1, extra: [{}] })
  })

  test("gives objects that are frozen at every depth, and freezes none of the schema's own", async () => {
    const fallback = { hosts: ['a'] }
    const schema = z.object({ pool: z.object({ hosts: z.array(z.string()) }).default(fallback) })
    const { pool } = (await check({}, schema)) as { pool: { hosts: string[] } }
    expect(pool).toEqual(fallback)
    expect([Object.isFrozen(pool), Object.isFrozen(pool.hosts)]).toEqual([true, true])
    expect([Object.isFrozen(fallback), Object.isFrozen(fallback.hosts)]).toEqual([false, false])
  })

  test('an output that can be changed, a date for one, is made for every caller anew', async () => {
    const schema = z.object({ key: z.string().transform((text) => Buffer.from(text)), at: z.coerce.date() })
    const [decoder, decoded] = [new Decoder(), new DecodedValues()]
    const text = '{"key":"secret","at":"2026-01-01"}'
    const how = { as: 'json' as const, ref: REF, schema }
    const read = () => decoder.decode({ text }, decoded, how) as Promise<{ key: Buffer; at: Date }>
    const [first, second] = await Promise.all([read(), read()])
    first.key.fill(0)
    first.at.setTime(0)
    for (const { key, at } of [second, await read()]) {
      expect(key.toString()).toBe('secret')
      expect(at.getFullYear()).toBe(2026)
    }
    expect(decoder.kept(decoded, how)).toBeUndefined()
  })

  test('what refers to itself stays what it is, in a copy', async () => {
    const output: { self?: unknown; list: unknown[] } = { list: [] }
    output.self = output
    output.list.push(output)
    const copy = (await check(
      1,
      z.number().transform(() => output),
    )) as typeof output
    expect(copy).not.toBe(output)
    expect(copy.self).toBe(copy)
    expect(copy.list[0]).toBe(copy)
  })

  test.each<[string, Parameters<typeof decodeWith>[1], unknown]>([
    ['text', { as: 'text', schema: z.string().length(3) }, 'a,b'],
    ['a list', { as: 'list', schema: v.array(v.string()) }, ['a', 'b']],
    ['bytes', { as: 'bytes', schema: z.instanceof(Uint8Array) }, utf8('a,b')],
    [
      'text, made a list by the schema',
      { as: 'text', schema: z.string().transform((s) => s.split(',')) },
      ['a', 'b'],
    ],
  ])('%s is checked as what it was read as', async (_title, how, output) => {
    await expect(decodeWith('a,b', how)).resolves.toEqual(output)
  })
})

describe('a schema that refuses', () => {
  const value = { db: { port: NEEDLE, [NEEDLE]: NEEDLE }, list: [{ n: NEEDLE }] }

  test.each<[string, StandardSchemaV1, string]>([
    ['zod', z.object({ db: z.object({ port: z.number() }) }), '/db/port breaks "type": "number".'],
    [
      'zod, through optional and array',
      z.object({ list: z.array(z.object({ n: z.number() })).optional() }),
      '/list/0/n breaks "type": "number".',
    ],
    [
      'zod, beside a type without JSON Schema',
      z.object({ db: z.object({ port: z.date() }) }),
      '/db/port is refused.',
    ],
    [
      'zod, beside a transform',
      z.object({ db: z.object({ port: z.number().transform(String) }) }),
      '/db/port breaks "type": "number".',
    ],
    ['zod, strict', z.strictObject({ list: z.unknown() }), '/* is not allowed.'],
    ['zod record', z.object({ db: z.record(z.string(), z.number()) }), '/db/* breaks "type": "number"'],
    [
      'zod union',
      z.object({ db: z.union([z.string(), z.number()]) }),
      '/db breaks "type": ["string","number"].',
    ],
    [
      'zod mini',
      mini.object({ db: mini.object({ port: mini.number() }) }),
      '/db/port breaks "type": "number".',
    ],
    [
      'zod mini, through an array',
      mini.object({ list: mini.array(mini.object({ n: mini.number() })) }),
      '/list/0/n breaks "type": "number".',
    ],
    ['valibot', v.object({ db: v.object({ port: v.number() }) }), '/db/port breaks "type": "number".'],
    [
      'valibot, through optional and array',
      v.object({ list: v.optional(v.array(v.object({ n: v.number() }))) }),
      '/list/0/n breaks "type": "number".',
    ],
    [
      'valibot, through a pipe',
      v.pipe(v.object({ db: v.pipe(v.object({ port: v.number() }), v.readonly()) }), v.readonly()),
      '/db/port breaks "type": "number".',
    ],
    [
      'valibot, through a variant',
      v.union([v.object({ db: v.object({ port: v.number() }) })]),
      '/db/port breaks "type": "number".',
    ],
    ['valibot record', v.object({ db: v.record(v.string(), v.number()) }), '/db/*'],
    ['arktype', type({ db: { port: 'number' } }), '/db/port breaks "type": "number".'],
    [
      'arktype, through an array',
      type({ list: type({ n: 'number' }).array() }),
      '/list/0/n breaks "type": "number".',
    ],
    ['arktype record', type({ db: { '[string]': 'number' } }), '/db/*'],
    [
      'arktype beside a morph',
      type({ db: { port: ['number', '=>', String] } }),
      '/db/port breaks "type": "number".',
    ],
  ])('%s names declared members and masks data', async (_title, schema, problem) => {
    const error = await failureOf(check(value, schema))
    expect(error).toMatchObject({ code: 'ERR_SCHEMA', ref: 'prod/db', retryable: false, attempts: 0 })
    expect(error.message).toContain(problem)
    expectNoNeedle(error, NEEDLE)
  })

  test('masks keys of a record that a transform made of an array', async () => {
    const pairs = v.pipe(
      v.array(v.tuple([v.string(), v.string()])),
      v.transform((entries): unknown => Object.fromEntries(entries)),
      v.record(v.string(), v.number()),
    )
    const error = await failureOf(check([[NEEDLE, 'x']], pairs))
    expect(error.message).toContain('/* is refused')
    expectNoNeedle(error, NEEDLE)
  })

  test('masks a number that is no position, such as a card number as key', async () => {
    const error = await failureOf(check(['x'], refusing([{ message: '', path: [4111111111111111] }])))
    expect(error.message).toContain('/* is refused')
  })

  test.each<[string, readonly unknown[] | undefined, string]>([
    ['no keys', [], '(root) is refused'],
    ['nothing', undefined, '(root) is refused'],
    ['keys', ['a', 0], '/*/* is refused'],
    ['segments', [{ key: 'a' }, { key: 0 }], '/*/* is refused'],
    ['a symbol', [Symbol(NEEDLE)], '/* is refused'],
    ['a segment with a symbol', [{ key: Symbol(NEEDLE) }], '/* is refused'],
    ['a segment without a key', [{ notKey: NEEDLE }], '/* is refused'],
    ['a key that is an object', [{ key: { toString: () => NEEDLE } }], '/* is refused'],
  ])('reads a path of %s', async (_title, path, problem) => {
    const error = await failureOf(check({ other: 1 }, refusing([{ message: NEEDLE, path }])))
    expect(error.message).toContain(`${problem}.`)
    expectNoNeedle(error, NEEDLE)
  })

  test('with no issues in its list still refuses', async () => {
    await expect(check(1, refusing([]))).rejects.toMatchObject({ code: 'ERR_SCHEMA' })
  })

  test('with a hundred thousand issues gives a short message', async () => {
    const issues = Array.from({ length: 100_000 }, (_, n) => ({ message: NEEDLE, path: [n] }))
    const error = await failureOf(check(new Array(100_000).fill(0), refusing(issues)))
    expect(error.message).toContain('/0 is refused; /1 is refused')
    expect(error.message).toContain('and 99995 more')
    expect(error.message.length).toBeLessThan(400)
  })

  test('with a path of a hundred thousand keys gives a short message', async () => {
    const path = Array.from({ length: 100_000 }, () => 'a')
    const error = await failureOf(check({}, refusing([{ message: '', path }])))
    expect(error.message.length).toBeLessThan(400)
  })
})

describe('a schema that throws instead of answering', () => {
  const fail = () => {
    throw new Error(NEEDLE)
  }

  test.each<[string, StandardSchemaV1]>([
    ['zod refinement', z.object({ a: z.string().refine(fail) })],
    ['zod transform', z.object({ a: z.string().transform(fail) })],
    ['valibot check', v.object({ a: v.pipe(v.string(), v.check(fail)) })],
    [
      'valibot asynchronous check',
      v.objectAsync({
        a: v.pipeAsync(
          v.string(),
          v.checkAsync(() => Promise.reject(new Error(NEEDLE))),
        ),
      }),
    ],
    ['arktype narrow', type({ a: type('string').narrow(fail) })],
    ['arktype morph', type({ a: type('string').pipe(fail) })],
    ['validate', schemaOf(fail)],
    ['validate, by rejection', schemaOf(() => Promise.reject(new Error(NEEDLE)))],
    ['validate, with a thrown string', schemaOf(() => Promise.reject(notAnError))],
    ['validate, with undefined', schemaOf(() => undefined)],
    ['validate, with null', schemaOf(() => null)],
    ['the value, a promise that rejects', schemaOf(() => ({ value: Promise.reject(new Error(NEEDLE)) }))],
    [
      'the getter of value',
      schemaOf(() => ({
        get value() {
          return fail()
        },
      })),
    ],
    [
      'the getter of issues',
      schemaOf(() => ({
        get issues() {
          return fail()
        },
      })),
    ],
    [
      'a getter in the output',
      schemaOf(() => ({
        value: {
          get a() {
            return fail()
          },
        },
      })),
    ],
    [
      'the getter of path',
      refusing([
        {
          get path() {
            return fail()
          },
        },
      ]),
    ],
    [
      'the getter of key',
      refusing([
        {
          path: [
            {
              get key() {
                return fail()
              },
            },
          ],
        },
      ]),
    ],
    ['a segment that is null', refusing([{ path: [null] }])],
    ['issues that are null', refusing(null)],
    ['issues that are no list', refusing(Object.defineProperty({}, 'length', { get: fail }))],
  ])('%s: ERR_SCHEMA, and what it threw is withheld', async (_title, schema) => {
    const error = await failureOf(check({ a: NEEDLE }, schema))
    expect(error.code).toBe('ERR_SCHEMA')
    expect(error.message).toContain('the schema threw an error while it checked the value')
    expect(error.cause).toBeUndefined()
    expectNoNeedle(error, NEEDLE)
  })
})

describe('what a schema says of its keys is only a help', () => {
  const issue = [{ message: '', path: ['a'] }]
  const describing = (extra: object) => {
    const schema = refusing(issue)
    return { ...schema, ...extra, '~standard': { ...schema['~standard'], ...extra } } as StandardSchemaV1
  }

  test.each<[string, object, string]>([
    ['a JSON Schema that names it', { jsonSchema: { input: () => ({ properties: { a: {} } }) } }, '/a'],
    ['a JSON Schema that requires it', { jsonSchema: { input: () => ({ required: ['a', 7] }) } }, '/a'],
    ['a JSON Schema of another shape', { jsonSchema: { input: () => 'x' } }, '/*'],
    [
      'a converter that throws',
      {
        jsonSchema: {
          input: () => {
            throw new Error(NEEDLE)
          },
        },
      },
      '/*',
    ],
    ['a converter that is none', { jsonSchema: { input: 'x' } }, '/*'],
    ['no converter', { jsonSchema: null }, '/*'],
    [
      'a getter that throws',
      {
        get jsonSchema(): never {
          throw new Error(NEEDLE)
        },
      },
      '/*',
    ],
    ['entries', { entries: { a: {} } }, '/a'],
    ['entries that are no object', { entries: 7 }, '/*'],
    [
      'entries in a getter that throws',
      {
        wrapped: {
          get entries(): never {
            throw new Error(NEEDLE)
          },
        },
      },
      '/*',
    ],
  ])('%s', async (_title, extra, path) => {
    // Spreading would run the getters, so the descriptors are copied.
    const schema = describing({})
    Object.defineProperties(schema, Object.getOwnPropertyDescriptors(extra))
    Object.defineProperties(schema['~standard'], Object.getOwnPropertyDescriptors(extra))
    const error = await failureOf(check({ a: 1 }, schema))
    expect(error.message).toContain(`: ${path} is refused.`)
    expectNoNeedle(error, NEEDLE)
  })

  test('parts that contain each other are walked once', async () => {
    const ring: { entries: Record<string, unknown>; wrapped?: unknown } = { entries: {} }
    ring.wrapped = ring
    ring.entries['a'] = ring
    const error = await failureOf(check({ a: 1 }, describing(ring)))
    expect(error.message).toContain(': /a is refused.')
  })
})
