/** Whatever cannot be decoded, checked, put together or placed: no value shows anywhere (I51, I52). */

import { listenToProcess } from './heard.js'
import { Type } from '@sinclair/typebox'
import type { StandardSchemaV1 } from '@standard-schema/spec'
import { type } from 'arktype'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import {
  apiToken,
  basicCredentials,
  documentDbCredentials,
  elastiCacheCredentials,
  isSecretsError,
  rdsCredentials,
  redshiftCredentials,
  splitValue,
  sshKeyPair,
} from '../../src/index.js'
import type { Manifest } from '../../src/options/manifest.js'
import type { ReadOptions } from '../../src/options/read-options.js'
import { NEEDLE } from '../support/needle.js'
import { LONG_JSON, LONG_NEEDLE } from './forms.js'
import { Matrix } from './matrix.js'
import { MODES, Stock, type Stored, openScene, sourcesOf } from './open.js'

listenToProcess()
const matrix = new Matrix('decoding')

const NESTED = JSON.stringify({
  password: LONG_NEEDLE,
  [NEEDLE]: { [NEEDLE]: [NEEDLE, { [NEEDLE]: NEEDLE }] },
})
const IN_AN_OBJECT = JSON.stringify({ password: { deeper: LONG_NEEDLE } })
const RDS = JSON.stringify({
  engine: NEEDLE,
  host: NEEDLE,
  username: NEEDLE,
  password: LONG_NEEDLE,
  port: NEEDLE,
})
const GARBAGE = Buffer.concat([Buffer.of(0xff, 0xfe), Buffer.from(LONG_NEEDLE)])

function standard(validate: (value: unknown) => unknown): StandardSchemaV1 {
  return {
    '~standard': { version: 1, vendor: 'test', validate: (value) => validate(value) as { value: unknown } },
  }
}

/** It says its secret to whoever asks for anything. */
const talkative = (value: unknown): Error =>
  new Proxy(new Error(JSON.stringify(value)), {
    get: (target, key): unknown => (key === 'stack' ? NEEDLE : Reflect.get(target, key)),
  })

const throwing = (value: unknown): never => {
  throw talkative(value)
}

type Row = readonly [title: string, stored: Stored, options: ReadOptions, field?: string]

const ROWS: readonly Row[] = [
  ['a value that is fine', LONG_JSON, { as: 'json' }],
  ['a text that is fine', LONG_NEEDLE, {}],
  ['bytes that are fine', Buffer.from(LONG_NEEDLE), { as: 'bytes' }],
  ['a list that is fine', `${LONG_NEEDLE},${NEEDLE}`, { as: 'list' }],
  ['not JSON', LONG_NEEDLE, { as: 'json' }],
  ['JSON that is cut', LONG_JSON.slice(0, -1), { as: 'json' }],
  ['JSON in quotation marks that do not end', `"${LONG_NEEDLE}`, { as: 'json' }],
  ['JSON with a word that is none', `{"password":${NEEDLE}}`, { as: 'json' }],
  ['nothing', '', { as: 'json' }],
  ['duplicate keys', `{"password":"${NEEDLE}","password":"${LONG_NEEDLE}"}`, { as: 'json' }],
  ['__proto__', `{"__proto__":{"${NEEDLE}":"${LONG_NEEDLE}"}}`, { as: 'json' }],
  ['constructor, deep inside', `[{"${NEEDLE}":{"constructor":"${LONG_NEEDLE}"}}]`, { as: 'json' }],
  ['not UTF-8', GARBAGE, {}],
  ['not UTF-8, as a list', GARBAGE, { as: 'list' }],
  ['not UTF-8, as JSON', GARBAGE, { as: 'json' }],
  ['a lone surrogate', `${LONG_NEEDLE}\uD800`, { as: 'bytes' }],
  ['a byte order mark', `\uFEFF${LONG_NEEDLE}`, { as: 'json' }],
  ['NUL', `\0${LONG_NEEDLE}\0`, { as: 'json' }],
  ['a field that is missing', LONG_JSON, {}, 'passwort'],
  ['a field of a text', JSON.stringify(LONG_NEEDLE), {}, 'password'],
  ['a field of no JSON', LONG_NEEDLE, {}, 'password'],
  ['a pointer that ends early', NESTED, {}, '/password/deeper'],
  ['a field that is an object, as a list', IN_AN_OBJECT, { as: 'list' }, 'password'],
  ['a number that is too exact', `{"password":1.${'1'.repeat(40)},"p":"${LONG_NEEDLE}"}`, {}, 'password'],
  ['JSON Schema: type', NESTED, { schema: { type: 'object', properties: { password: { type: 'number' } } } }],
  ['JSON Schema: const', NESTED, { schema: { properties: { password: { const: 'x' } } } }],
  ['JSON Schema: enum', NESTED, { schema: { properties: { password: { enum: ['x', 'y'] } } } }],
  ['JSON Schema: length', NESTED, { schema: { properties: { password: { maxLength: 3 } } } }],
  ['JSON Schema: pattern', NESTED, { schema: { properties: { password: { pattern: '^[0-9]+$' } } } }],
  ['JSON Schema: format', NESTED, { schema: { properties: { password: { format: 'email' } } } }],
  ['JSON Schema: further members', NESTED, { schema: { type: 'object', additionalProperties: false } }],
  ['JSON Schema: names', NESTED, { schema: { propertyNames: { maxLength: 2 } } }],
  ['JSON Schema: required', NESTED, { schema: { required: ['user'], minProperties: 9 } }],
  ['JSON Schema: none of several', NESTED, { schema: { anyOf: [{ type: 'number' }, { required: ['x'] }] } }],
  ['JSON Schema: itself unusable', NESTED, { schema: { $ref: '#/$defs/nowhere' } }],
  ['TypeBox', NESTED, { schema: Type.Object({ password: Type.Number() }, { additionalProperties: false }) }],
  ['zod: type', NESTED, { schema: z.object({ password: z.number() }) }],
  ['zod: literal', NESTED, { schema: z.object({ password: z.literal('x') }) }],
  ['zod: strict', NESTED, { schema: z.strictObject({ password: z.string() }) }],
  ['zod: keys', NESTED, { schema: z.record(z.string().max(3), z.unknown()) }],
  [
    'zod: own words',
    NESTED,
    { schema: z.object({ password: z.string().max(1, { error: (i) => JSON.stringify(i.input) }) }) },
  ],
  [
    'zod: an issue by hand',
    NESTED,
    {
      schema: z.unknown().superRefine((value, context) => {
        context.addIssue({ code: 'custom', message: NEEDLE, path: [NEEDLE], params: { value } })
      }),
    },
  ],
  [
    'zod: asynchronous',
    NESTED,
    { schema: z.unknown().refine((value) => Promise.resolve(value === 1), NEEDLE) },
  ],
  ['zod: a transform that throws', NESTED, { schema: z.unknown().transform(throwing) }],
  ['valibot: type', NESTED, { schema: v.object({ password: v.number() }) }],
  ['valibot: literal', NESTED, { schema: v.object({ password: v.literal('x') }) }],
  ['valibot: email', NESTED, { schema: v.object({ password: v.pipe(v.string(), v.email()) }) }],
  ['valibot: strict', NESTED, { schema: v.strictObject({ password: v.string() }) }],
  ['valibot: keys', NESTED, { schema: v.record(v.pipe(v.string(), v.maxLength(3)), v.unknown()) }],
  ['arktype: type', NESTED, { schema: type({ password: 'number' }) }],
  ['arktype: enum', NESTED, { schema: type({ password: "'x'" }) }],
  ['arktype: length', NESTED, { schema: type({ password: 'string < 3' }) }],
  ['arktype: strict', NESTED, { schema: type({ '+': 'reject', password: 'string' }) }],
  ['rdsCredentials', RDS, { schema: rdsCredentials }],
  ['redshiftCredentials', RDS, { schema: redshiftCredentials }],
  ['documentDbCredentials', RDS, { schema: documentDbCredentials }],
  ['elastiCacheCredentials', NESTED, { schema: elastiCacheCredentials }],
  ['basicCredentials', NESTED, { schema: basicCredentials }],
  ['apiToken', `{"${NEEDLE}":"${LONG_NEEDLE}"}`, { schema: apiToken }],
  ['apiToken of lines', `${LONG_NEEDLE}\n${NEEDLE}`, { schema: apiToken }],
  ['sshKeyPair', `-----BEGIN OPENSSH PRIVATE KEY-----\n${LONG_NEEDLE}`, { schema: sshKeyPair }],
  ['a schema that throws', NESTED, { schema: standard(throwing) }],
  ['a schema that rejects', NESTED, { schema: standard((value) => Promise.reject(talkative(value))) }],
  ['a schema that throws the value', NESTED, { schema: standard((value) => throwing(String(value))) }],
  [
    'a schema with a hostile result',
    NESTED,
    {
      schema: standard((value) => ({
        get issues(): never {
          return throwing(value)
        },
      })),
    },
  ],
  [
    'a schema with hostile issues',
    NESTED,
    { schema: standard((value) => ({ issues: new Proxy([], { get: () => throwing(value) }) })) },
  ],
  [
    'a schema with hostile paths',
    NESTED,
    {
      schema: standard(() => ({
        issues: [{ message: NEEDLE, path: [NEEDLE, Symbol(NEEDLE), { key: NEEDLE }] }],
      })),
    },
  ],
  ['a schema that answers nothing', NESTED, { schema: standard(() => undefined) }],
  [
    'a schema whose output throws',
    NESTED,
    {
      schema: standard((value) => ({
        get value(): never {
          return throwing(value)
        },
      })),
    },
  ],
  [
    'a schema whose output is hostile',
    NESTED,
    { schema: standard((value) => ({ value: new Proxy({}, { ownKeys: () => throwing(value) }) })) },
  ],
  ['parts that are none', LONG_NEEDLE, { parts: true }],
  [
    'parts with a torn header',
    `aws-secrets-client/part {"generation":"${NEEDLE}"\n${LONG_NEEDLE}`,
    { parts: true },
  ],
]

/** Rows whose value is handed out. */
const FINE = /that (?:is|are) fine$|^duplicate keys$/
const DECODE_FAILURES = ['ERR_DECODE', 'ERR_FIELD_NOT_FOUND', 'ERR_SCHEMA']
const codeOf = (error: unknown): unknown => (isSecretsError(error) ? error.code : error)

describe.each(MODES)('$mode', ({ seal }) => {
  test.for(ROWS)('%s', async ([title, stored, options, field]) => {
    const { scene, secrets } = openScene({
      sources: sourcesOf({ 'prod/db': stored, 'prod/other': stored }),
      seal,
    })
    const ref = field === undefined ? 'prod/db' : `prod/db#${field}`
    const answer = await secrets.get(ref, options).then(() => 'value', codeOf)
    expect(answer === 'value').toBe(FINE.test(title))
    if (answer !== 'value') expect(DECODE_FAILURES).toContain(answer)
    await scene.readEveryWay(ref, options)
    await scene.readEveryWay(`ssm:/${ref}`, options)
    const { as, schema, parts } = options
    const entry = { ref, as, schema, parts }
    await scene.loadEveryWay({
      one: entry,
      two: { ...entry, ref: ref.replace('db', 'other') },
      gone: 'prod/gone',
    })
    await scene.asGiven([secrets.get(ref, { ...options, default: NEEDLE })])
    matrix.check(await scene.end())
  })

  test('a new version that cannot be decoded, where the one before is served', async () => {
    const stock = new Stock({ 'prod/db': LONG_JSON })
    const { scene, secrets } = openScene({ sources: stock.sources, seal })
    const how = { schema: z.object({ password: z.string() }) }
    await scene.reads([secrets.read('prod/db', how)])
    stock.put('prod/db', LONG_NEEDLE)
    await scene.others([secrets.refresh('prod/db')])
    await scene.reads([secrets.read('prod/db', how)])
    await scene.readEveryWay('prod/db', how)
    matrix.check(await scene.end())
  })

  test('values that are evicted, and a client that is closed', async () => {
    const names = ['a', 'b', 'c', 'd']
    const stock = new Stock(Object.fromEntries(names.map((name) => [name, `${name}${LONG_NEEDLE}`])))
    const { scene, secrets } = openScene({ sources: stock.sources, seal, cache: { maxEntries: 2 } })
    await scene.reads(names.map((name) => secrets.read(name)))
    await secrets.close()
    await scene.reads(names.map((name) => secrets.read(name)))
    await scene.loadEveryWay({ a: 'a', tree: { tree: '/prod' } })
    matrix.check(await scene.end())
  })

  describe('parts', () => {
    const parts = splitValue('prod/db', LONG_NEEDLE, { maxPartBytes: 2048 })
    const values = Object.fromEntries(parts.map(({ name, text }) => [name, text]))
    const [first = ''] = parts.map(({ name }) => name)
    const another = splitValue('prod/db', LONG_NEEDLE, { maxPartBytes: 2048 })[0]?.text ?? ''

    test.each<[string, Readonly<Record<string, Stored>>]>([
      ['fine', values],
      ['changed by hand', { ...values, [first]: (values[first] ?? '').replace('SECRET', 'SECRETS') }],
      ['one that is no part', { ...values, [first]: LONG_NEEDLE }],
      ['one that is not UTF-8', { ...values, [first]: GARBAGE }],
      ['one that is refused', { ...values, [first]: { thrown: new Error(LONG_NEEDLE) } }],
    ])('%s', async (_title, stored) => {
      const { scene, secrets } = openScene({ sources: sourcesOf(stored), seal })
      await scene.readEveryWay('prod/db', { parts: true })
      await scene.loadEveryWay({ db: { ref: 'prod/db', parts: true } })
      await scene.asGiven([secrets.get('prod/db')])
      matrix.check(await scene.end())
    })

    test('torn: of two generations', async () => {
      const { scene, secrets, clock } = openScene({
        sources: sourcesOf({ ...values, [first]: another }),
        seal,
      })
      const read = secrets.get('prod/db', { parts: true })
      const state = { isOver: false }
      const end = () => (state.isOver = true)
      read.then(end, end)
      while (!state.isOver) {
        await new Promise((resolve) => setImmediate(resolve))
        clock.advance(100)
      }
      await scene.asGiven([read])
      await scene.loadEveryWay({ db: { ref: 'prod/db' } })
      matrix.check(await scene.end())
    })
  })

  test.each<[string, readonly (readonly [string, string])[]]>([
    [
      'fine',
      [
        ['/prod/app/db/password', LONG_NEEDLE],
        ['/prod/app/level', NEEDLE],
      ],
    ],
    [
      'a value and parent in one',
      [
        ['/prod/app/db', LONG_NEEDLE],
        ['/prod/app/db/password', NEEDLE],
      ],
    ],
    ['a name that poisons', [['/prod/app/__proto__/polluted', LONG_NEEDLE]]],
    ['none', []],
  ])('a tree: %s', async (_title, leaves) => {
    const tree = leaves.map(([name, text], n) => ({ name, text, isList: n % 2 === 1, version: 1 }))
    const { scene } = openScene({ sources: sourcesOf({}, tree), seal })
    await scene.treeEveryWay('/prod/app')
    await scene.treeEveryWay('/prod/app', {
      schema: { type: 'object', properties: { db: { type: 'number' } } },
    })
    await scene.treeEveryWay('/prod/app', { schema: z.object({ level: z.number() }) })
    await scene.treeEveryWay('/prod/app', { default: NEEDLE })
    matrix.check(await scene.end())
  })

  test('a load with many failures', async () => {
    const { scene } = openScene({ sources: sourcesOf({ 'prod/db': NESTED }), seal })
    const entries = Array.from({ length: 40 }, (_, n) => [
      `alias${n}`,
      [
        `prod/db#field${n}`,
        { ref: 'prod/db', schema: z.object({ password: z.literal(`x${n}`) }) },
        { ref: 'prod/db', field: `/password/${n}` },
        { ref: 'prod/db', schema: { properties: { password: { const: n } } } },
        { ref: `prod/gone${n}` },
      ][n % 5] ?? 'prod/db',
    ])
    await scene.loadEveryWay(Object.fromEntries(entries) as Manifest)
    matrix.check(await scene.end())
  })
})

test('what a read shows to whoever calls its accessors by force is the value, unless it is redacted', async () => {
  const { secrets } = openScene({ sources: sourcesOf({ 'prod/db': LONG_NEEDLE }) })
  const { inspect } = await import('node:util')
  const force = {
    showHidden: true,
    getters: true,
    customInspect: false,
    depth: Infinity,
    maxStringLength: null,
  }
  expect(inspect(await secrets.read('prod/db'), force)).toContain(NEEDLE)
  expect(inspect(await secrets.read('prod/db', { redacted: true }), force)).not.toContain(NEEDLE)
})
