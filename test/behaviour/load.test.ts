/** A whole app's secrets in one object: everything or one error that tells all that is wrong, in the fewest calls. */

import { formatWithOptions, inspect } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import * as v from 'valibot'
import { z } from 'zod'
import {
  type Manifest,
  Redacted,
  SecretsClient,
  type SecretsError,
  apiToken,
  isSecretsError,
  rdsCredentials,
  splitValue,
} from '../../src/index.js'
import { failureOf, useAws } from '../support/aws.js'
import { FakeSource, deferred, textSecret } from '../support/fake-source.js'
import { ManualClock, pass, whileTimePasses } from '../support/manual-clock.js'
import { NEEDLE, expectNoNeedle } from '../support/needle.js'

const aws = useAws()

const DB = { username: 'app', password: 'hunter2-hunter2', engine: 'postgres', host: 'db.test', port: '5432' }

const RESERVED = ['then', 'constructor', 'prototype', 'toJSON', 'toString', 'valueOf']

/** Any manifest, as code without types may pass it. */
const untyped = (manifest: unknown) => manifest as { readonly a: 'a' }

const times = <T>(count: number, make: (position: number) => T): T[] =>
  Array.from({ length: count }, (_, position) => make(position))

type LoadError = SecretsError & Required<Pick<SecretsError, 'errors'>>

async function loadErrorOf(load: Promise<unknown>): Promise<LoadError> {
  const error = await failureOf(load)
  if (isLoadError(error)) return error
  throw error
}

const isLoadError = (error: unknown): error is LoadError =>
  isSecretsError(error, 'ERR_LOAD') && error.errors !== undefined

const codesOf = ({ errors }: { readonly errors: Readonly<Record<string, SecretsError>> }) =>
  Object.fromEntries(Object.entries(errors).map(([alias, { code }]) => [alias, code]))

describe('what a load gives', () => {
  test('a database credential, an API key, a tree and a certificate as bytes, in three calls: the script of a new user', async () => {
    const { emulator, secrets, calls } = aws()
    emulator.seed({
      secrets: {
        'prod/db': DB,
        'prod/openai': 'sk-example-key',
        'prod/tls': Uint8Array.of(0x30, 0x82, 0xff),
      },
      parameters: {
        '/prod/app/level': 'info',
        '/prod/app/db/pool': { type: 'SecureString', value: '10' },
        '/prod/app/hosts': { type: 'StringList', value: 'a,b' },
      },
    })
    const config = await secrets.load({
      db: { ref: 'prod/db', schema: rdsCredentials },
      openaiKey: 'prod/openai',
      app: { tree: 'ssm:/prod/app' },
      tls: { ref: 'prod/tls', as: 'bytes' },
    })
    expect(calls()).toBeLessThanOrEqual(3)
    expect(config).toEqual({
      db: { ...DB, port: 5432 },
      openaiKey: 'sk-example-key',
      app: { level: 'info', db: { pool: '10' }, hosts: ['a', 'b'] },
      tls: Uint8Array.of(0x30, 0x82, 0xff),
    })
  })

  test('each entry as its kind says', async () => {
    const { emulator, secrets } = aws()
    emulator.seed({
      secrets: { json: '{"port":"5432","a":{"b":[1]}}', token: ' sk-1234567890 \n' },
      parameters: { '/list': { type: 'StringList', value: 'a,b' }, '/tree/x/y': '1', '/tree/z': '2' },
    })
    const config = await secrets.load({
      text: 'json',
      byHash: 'json#port',
      byField: { ref: 'json', field: 'port' },
      byPointer: { ref: 'json', field: '/a/b/0' },
      byObject: { ref: { name: 'json', field: 'port' } },
      json: { ref: 'json', as: 'json' },
      list: { ref: 'ssm:/list', as: 'list' },
      zod: { ref: 'json', schema: z.object({ port: z.coerce.number() }) },
      valibot: { ref: 'json', field: 'port', schema: v.pipe(v.string(), v.transform(Number)) },
      schema: { ref: 'json', schema: { type: 'object', required: ['port'] } },
      token: { ref: 'token', schema: apiToken },
      nested: { tree: '/tree' },
      flat: { tree: 'ssm:/tree/', flat: true },
      typed: { tree: '/tree', schema: z.object({ z: z.coerce.number() }) },
    })
    expect(config).toEqual({
      text: '{"port":"5432","a":{"b":[1]}}',
      byHash: '5432',
      byField: '5432',
      byPointer: '1',
      byObject: '5432',
      json: { port: '5432', a: { b: [1] } },
      list: ['a', 'b'],
      zod: { port: 5432 },
      valibot: 5432,
      schema: { port: '5432', a: { b: [1] } },
      token: 'sk-1234567890',
      nested: { x: { y: '1' }, z: '2' },
      flat: { 'x/y': '1', z: '2' },
      typed: { z: 2 },
    })
  })

  test('a value in parts', async () => {
    const { emulator, secrets } = aws()
    const value = 'x'.repeat(9_000)
    const parts = splitValue('big', value, { maxPartBytes: 4_000 })
    expect(parts).toHaveLength(3)
    emulator.seed({ secrets: Object.fromEntries(parts.map(({ name, text }) => [name, text])) })
    const { big } = await secrets.load({ big: { ref: 'big', parts: true } })
    expect(big).toBe(value)
  })

  test('a frozen plain object, in the order of the manifest, with nothing behind its back', async () => {
    const { emulator, secrets } = aws()
    emulator.seed({ secrets: { a: 'A', b: '{"x":{"y":1}}' } })
    const config = await secrets.load({ z: 'a', b: { ref: 'b', as: 'json' }, a: 'a' })
    expect(Object.keys(config)).toEqual(['z', 'b', 'a'])
    expect(Object.isFrozen(config)).toBe(true)
    expect(Object.isFrozen((config.b as { x: object }).x)).toBe(true)
    expect(() => Object.assign(config, { z: 'other' })).toThrow(TypeError)
    expect(Object.getOwnPropertySymbols(config)).toEqual([])
    await expect(secrets.load({ z: 'a' })).resolves.toEqual({ z: 'A' })
  })

  test('nothing for nothing, without a request', async () => {
    const { secrets, calls } = aws()
    const nothing = await secrets.load({})
    expect([nothing, Object.isFrozen(nothing), calls()]).toEqual([{}, true, 0])
  })

  test('values that are falsy are values', async () => {
    const { emulator, secrets } = aws()
    emulator.seed({ secrets: { falsy: '{"n":0,"f":false,"e":"","u":null}', null: 'null' } })
    const config = await secrets.load({
      zero: { ref: 'falsy#n', as: 'json', default: 'x' },
      no: { ref: 'falsy#f', as: 'json', default: 'x' },
      empty: { ref: 'falsy#e', default: 'x' },
      nothing: { ref: 'falsy#u', as: 'json', default: 'x' },
      null: { ref: 'null', as: 'json', default: 'x' },
    })
    expect(config).toEqual({ zero: 0, no: false, empty: '', nothing: null, null: null })
  })

  test('bytes are of each caller alone', async () => {
    const { emulator, secrets } = aws()
    emulator.seed({ secrets: { key: Uint8Array.of(1, 2, 3) } })
    const manifest = { a: { ref: 'key', as: 'bytes' }, b: { ref: 'key', as: 'bytes' } } as const
    const config = await secrets.load(manifest)
    config.a.fill(9)
    expect([config.b, (await secrets.load(manifest)).a]).toEqual([
      Uint8Array.of(1, 2, 3),
      Uint8Array.of(1, 2, 3),
    ])
  })
})

describe('in as few calls as AWS allows', () => {
  test('25 secrets, 12 parameters and a tree are five', async () => {
    const { emulator, secrets, calls } = aws()
    const names = times(25, (position) => `app/${position}`)
    const paths = times(12, (position) => `/app/p${position}`)
    emulator.seed({
      secrets: Object.fromEntries(names.map((name) => [name, name])),
      parameters: Object.fromEntries([...paths, '/tree/a'].map((path) => [path, path])),
    })
    const manifest: Manifest = {
      ...Object.fromEntries(names.map((name) => [name, name])),
      ...Object.fromEntries(paths.map((path) => [`p${path}`, `ssm:${path}`])),
      tree: { tree: '/tree' },
    }
    const config = await secrets.load(manifest)
    expect(config).toEqual({
      ...Object.fromEntries(names.map((name) => [name, name])),
      ...Object.fromEntries(paths.map((path) => [`p${path}`, path])),
      tree: { a: '/tree/a' },
    })
    expect([
      emulator.count('BatchGetSecretValue'),
      emulator.count('GetParameters'),
      emulator.count('GetParametersByPath'),
    ]).toEqual([2, 2, 1])
    expect(calls()).toBe(5)
  })

  test.each([
    [20, 1],
    [21, 2],
    [40, 2],
  ])('%i secrets are %i', async (count, expected) => {
    const { emulator, secrets, calls } = aws()
    const names = times(count, (position) => `app/${position}`)
    emulator.seed({ secrets: Object.fromEntries(names.map((name) => [name, 'x'])) })
    await secrets.load(Object.fromEntries(names.map((name) => [name, name])))
    expect(calls()).toBe(expected)
  })

  test('aliases of one secret share one, whatever they make of it', async () => {
    const { emulator, secrets, calls } = aws()
    emulator.seed({ secrets: { 'prod/db': DB } })
    const config = await secrets.load({
      db: { ref: 'prod/db', schema: rdsCredentials },
      again: { ref: 'prod/db', schema: rdsCredentials },
      user: 'prod/db#username',
      password: { ref: 'prod/db', field: 'password' },
      bytes: { ref: 'prod/db', as: 'bytes' },
      current: 'prod/db:AWSCURRENT',
    })
    expect(calls()).toBe(1)
    expect(config.again).toBe(config.db)
    expect([config.user, config.password]).toEqual([DB.username, DB.password])
  })

  test('views of one tree share its pages', async () => {
    const { emulator, secrets, calls } = aws()
    const paths = times(25, (position) => `/app/p${position}`)
    emulator.seed({ parameters: Object.fromEntries(paths.map((path) => [path, 'x'])) })
    const config = await secrets.load({
      nested: { tree: '/app' },
      flat: { tree: 'ssm:/app/', flat: true },
      boxed: { tree: '/app', redacted: true },
    })
    expect(Object.keys(config.flat)).toHaveLength(25)
    expect(calls()).toBe(Math.ceil(25 / 10))
  })

  test('what is to be fresh, or is not to be kept, is asked for once all the same', async () => {
    const { emulator, secrets, connect, calls } = aws()
    emulator.seed({ secrets: { db: DB, key: 'k' }, parameters: { '/t/x': 'X' } })
    const manifest = {
      user: 'db#username',
      host: 'db#host',
      key: 'key',
      t: { tree: '/t' },
      u: { tree: '/t/' },
    } as const
    await secrets.load(manifest)
    calls()
    await secrets.load(manifest, { fresh: true })
    expect(calls()).toBe(2)
    await secrets.load(manifest, { ttlMs: 0 })
    expect(calls()).toBe(0)
    await connect({ cache: { ttlMs: 0 } }).load(manifest)
    expect(calls()).toBe(2)
  })

  test('a client that seals what it keeps makes as few, and gives the same', async () => {
    const { emulator, connect, calls } = aws()
    emulator.seed({ secrets: { db: DB, key: 'k' }, parameters: { '/t/x': 'X' } })
    const secrets = connect({ seal: true })
    const manifest = { db: { ref: 'db', schema: rdsCredentials }, key: 'key', t: { tree: '/t' } } as const
    const first = await secrets.load(manifest)
    expect(first).toEqual({ db: { ...DB, port: 5432 }, key: 'k', t: { x: 'X' } })
    await expect(secrets.load(manifest)).resolves.toEqual(first)
    expect(calls()).toBe(2)
  })

  test('loads at the same time share', async () => {
    const { emulator, secrets, calls } = aws()
    emulator.seed({ secrets: { a: 'A', b: 'B' } })
    await Promise.all([secrets.load({ a: 'a', b: 'b' }), secrets.load({ b: 'b', x: 'a' }), secrets.get('a')])
    expect(calls()).toBe(1)
  })

  test('a second load makes none, and one that asks for more asks for that only', async () => {
    const { emulator, secrets, calls } = aws()
    emulator.seed({ secrets: { a: 'A', b: 'B' }, parameters: { '/t/x': 'X' } })
    const first = await secrets.load({ a: 'a', t: { tree: '/t' } })
    calls()
    await expect(secrets.load({ a: 'a', t: { tree: '/t' } })).resolves.toEqual(first)
    expect(calls()).toBe(0)
    await secrets.load({ a: 'a', b: 'b', t: { tree: '/t' } })
    expect([emulator.count('GetSecretValue'), calls()]).toEqual([1, 1])
  })
})

describe('default', () => {
  test('is for what is not there, and for nothing else', async () => {
    const { emulator, secrets } = aws()
    emulator.seed({ secrets: { db: '{"user":"app"}', text: 'not json', denied: 'x' } })
    emulator.deny('secretsmanager:GetSecretValue', 'denied')
    await expect(
      secrets.load({
        none: { ref: 'none', default: 'd' },
        parameter: { ref: 'ssm:/none', default: undefined },
        field: { ref: 'db#none', default: null },
        tree: { tree: '/none', default: {} },
      }),
    ).resolves.toEqual({ none: 'd', parameter: undefined, field: null, tree: {} })
    const failing = {
      denied: { ref: 'denied', default: 'd' },
      text: { ref: 'text', as: 'json', default: 'd' },
      schema: { ref: 'db', schema: z.object({ port: z.number() }), default: 'd' },
    } as const
    expect(codesOf(await loadErrorOf(secrets.load(failing)))).toEqual({
      denied: 'ERR_ACCESS_DENIED',
      text: 'ERR_DECODE',
      schema: 'ERR_SCHEMA',
    })
    const unreadable = { ...failing, bad: { ref: 'ssm:no/slash', default: 'd' } } as const
    expect(codesOf(await loadErrorOf(secrets.load(unreadable)))).toEqual({ bad: 'ERR_REFERENCE_INVALID' })
  })
})

describe('when something is wrong', () => {
  test('all of it is told at once, as a short list, and nothing is handed out', async () => {
    const { emulator, secrets } = aws()
    emulator.seed({ secrets: { fine: NEEDLE, db: `{"user":"${NEEDLE}"}`, denied: NEEDLE } })
    emulator.deny('secretsmanager:GetSecretValue', 'denied')
    const error = await loadErrorOf(
      secrets.load({
        fine: 'fine',
        key: 'none',
        denied: 'denied',
        user: 'db#usr',
        port: { ref: 'db', schema: z.object({ port: z.number() }) },
        tree: { tree: '/none' },
      }),
    )
    expect(codesOf(error)).toEqual({
      key: 'ERR_NOT_FOUND',
      denied: 'ERR_ACCESS_DENIED',
      user: 'ERR_FIELD_NOT_FOUND',
      port: 'ERR_SCHEMA',
      tree: 'ERR_NOT_FOUND',
    })
    const [head, ...lines] = error.message.split('\n')
    expect(head).toBe('5 of 6 secrets failed (the member `errors` has each):')
    expect(lines.map((line) => /^- (\w+) \((\w+)\): \S/.exec(line)?.slice(1, 3))).toEqual(
      Object.entries(codesOf(error)),
    )
    expect(error.message).not.toMatch(/\.\.|fine/)
    expect([error.name, error.ref, error.retryable]).toEqual(['SecretsError', undefined, false])
    expectNoNeedle(error, NEEDLE)
  })

  test('`errors` is frozen, by alias, and not printed beside the list', async () => {
    const { secrets } = aws()
    const error = await loadErrorOf(secrets.load({ first: 'none/1', second: 'none/2' }))
    expect(Object.isFrozen(error.errors)).toBe(true)
    expect(Object.keys(error.errors)).toEqual(['first', 'second'])
    expect(error.errors['first']).toMatchObject({ code: 'ERR_NOT_FOUND', ref: 'none/1', attempts: 1 })
    const plain = await failureOf(secrets.load({ first: 'none/1' }))
    expect(Object.getOwnPropertyDescriptor(plain, 'errors')).toMatchObject({
      enumerable: false,
      writable: false,
    })
    const printed = formatWithOptions({}, plain)
    expect(printed.match(/none\/1/g)).toHaveLength(1)
    expect(printed.match(/SecretsError/g)).toHaveLength(1)
    expect(inspect(plain, { depth: Infinity })).not.toContain('[errors]')
    expect(JSON.parse(JSON.stringify(plain))).toMatchObject({
      code: 'ERR_LOAD',
      errors: { first: { code: 'ERR_NOT_FOUND', ref: 'none/1' } },
    })
  })

  test('the stack is that of whoever asked', async () => {
    const { secrets } = aws()
    const error = await failureOf(
      (function askedHere() {
        return secrets.load({ a: 'none', b: { tree: 'relative' } })
      })(),
    )
    expect(error).toMatchObject({ stack: expect.stringContaining('askedHere') as string })
  })

  test('a long list is cut, `errors` is not', async () => {
    const { secrets } = aws()
    const manifest = Object.fromEntries(times(50, (position) => [`alias${position}`, `none/${position}`]))
    const error = await loadErrorOf(secrets.load(manifest))
    expect(error.message.split('\n')).toHaveLength(22)
    expect(error.message).toMatch(/\n- and 30 more\.$/)
    expect(Object.keys(error.errors)).toHaveLength(50)
  })

  test('it may pass by itself only if all of it may', async () => {
    const clock = new ManualClock()
    const answer = textSecret('x')
    const source = new FakeSource((reference, context) => {
      if (reference.name === 'down') throw Object.assign(new Error(NEEDLE), { name: 'InternalServiceError' })
      if (reference.name === 'gone')
        throw Object.assign(new Error(NEEDLE), { name: 'ResourceNotFoundException' })
      return answer(reference, context)
    })
    const secrets = new SecretsClient({ clock, sources: [source], retry: { maxAttempts: 3 } })
    const down = await whileTimePasses(clock, failureOf(secrets.load({ a: 'down', fine: 'fine' })))
    expect(down).toMatchObject({ code: 'ERR_LOAD', retryable: true, attempts: 3 })
    secrets.invalidate()
    const both = await whileTimePasses(clock, failureOf(secrets.load({ a: 'down', b: 'gone' })))
    expect(both).toMatchObject({ code: 'ERR_LOAD', retryable: false })
    expectNoNeedle(both, NEEDLE)
    await secrets.close()
  })

  test('whatever a manifest names, there is a value for each alias, or an error that names those without', async () => {
    const answer = textSecret('x')
    const source = new FakeSource((reference, context) => {
      if (reference.name?.startsWith('gone/') !== true) return answer(reference, context)
      throw Object.assign(new Error(NEEDLE), { name: 'ResourceNotFoundException' })
    })
    const aliases = fc.stringMatching(/^[a-z][a-zA-Z0-9]{0,8}$/).filter((alias) => !RESERVED.includes(alias))
    const entry = fc.record({
      ref: fc.constantFrom('a', 'b', 'gone/a', 'gone/b', 'a b'),
      hasDefault: fc.boolean(),
      redacted: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(fc.dictionary(aliases, entry, { maxKeys: 30 }), async (entries) => {
        const secrets = new SecretsClient({ sources: [source], clock: new ManualClock() })
        const named = Object.entries(entries)
        const manifest: Manifest = Object.fromEntries(
          named.map(([alias, { ref, hasDefault, redacted }]) => [
            alias,
            { ref, redacted, ...(hasDefault && { default: 'd' }) },
          ]),
        )
        const impossible = named.filter(([, { ref }]) => ref === 'a b')
        const absent = named.filter(([, { ref, hasDefault }]) => ref.startsWith('gone/') && !hasDefault)
        const failing = (impossible.length > 0 ? impossible : absent).map(([alias]) => alias)
        const load = secrets.load(manifest)
        if (failing.length > 0) expect(Object.keys((await loadErrorOf(load)).errors)).toEqual(failing)
        else {
          const config = await load
          expect(Object.keys(config)).toEqual(Object.keys(entries))
          for (const [alias, { ref, redacted }] of named) {
            const value = config[alias]
            expect(value instanceof Redacted).toBe(redacted)
            const text: unknown = value instanceof Redacted ? value.reveal() : value
            expect(text).toBe(ref.startsWith('gone/') ? 'd' : 'x')
          }
        }
        await secrets.close()
      }),
    )
  })

  test('what is there is cached nevertheless: the next load asks for the rest', async () => {
    const { emulator, connect, calls } = aws()
    const secrets = connect({ cache: { negativeTtlMs: 0 } })
    emulator.seed({ secrets: { a: 'A' } })
    await failureOf(secrets.load({ a: 'a', b: 'b' }))
    emulator.seed({ secrets: { b: 'B' } })
    calls()
    await expect(secrets.load({ a: 'a', b: 'b' })).resolves.toEqual({ a: 'A', b: 'B' })
    expect(emulator.requests.flatMap(({ ids }) => ids)).toEqual(['b'])
  })
})

describe('before anything is sent', () => {
  test('every reference that cannot be is told, by its alias', async () => {
    const { emulator, secrets, calls } = aws()
    emulator.seed({ secrets: { fine: 'x' } })
    const error = await loadErrorOf(
      secrets.load({
        fine: 'fine',
        space: 'prod db',
        relative: 'ssm:no/slash',
        tree: { tree: 'relative' },
        twice: { ref: 'prod/db#a', field: 'b' },
        pinned: { ref: 'ssm:/a:3', parts: true },
        pasted: NEEDLE,
        pastedTree: { tree: `/${NEEDLE}` },
        pastedField: { ref: 'prod/db#a', field: NEEDLE },
      }),
    )
    expect(new Set(Object.values(codesOf(error)))).toEqual(new Set(['ERR_REFERENCE_INVALID']))
    expect(Object.keys(error.errors)).toEqual([
      'space',
      'relative',
      'tree',
      'twice',
      'pinned',
      'pasted',
      'pastedTree',
      'pastedField',
    ])
    for (const alias of Object.keys(error.errors)) expect(error.message).toContain(`\n- ${alias} (`)
    expect([error.attempts, calls()]).toEqual([0, 0])
    expectNoNeedle(error, NEEDLE)
  })

  test.each<[string, object]>([
    ['is unresolved', { $ref: '#/$defs/none' }],
    ['leads out of the schema', { $ref: 'https://example.test/schema.json' }],
    ['never ends', { $ref: '#' }],
    [
      'never ends, by way of another',
      { $ref: '#/$defs/a', $defs: { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/a' } } },
    ],
  ])('a schema whose $ref %s is told, by its alias', async (_title, schema) => {
    const { emulator, secrets, calls } = aws()
    emulator.seed({ secrets: { fine: 'x', db: '{}' }, parameters: { '/t/x': '1' } })
    const error = await loadErrorOf(
      secrets.load(
        untyped({ fine: 'fine', db: { ref: 'db', schema }, tree: { tree: '/t', schema }, bad: 'a b' }),
      ),
    )
    expect(codesOf(error)).toEqual({ db: 'ERR_SCHEMA', tree: 'ERR_SCHEMA', bad: 'ERR_REFERENCE_INVALID' })
    expect(error.message).toMatch(/\n- db \(ERR_SCHEMA\): .*\$ref/)
    expect([error.attempts, error.retryable, calls()]).toEqual([0, false, 0])
  })

  test.each<[string, object]>([
    ['a getter', Object.defineProperty({ type: 'object' }, 'properties', { get: thrower, enumerable: true })],
    ['a proxy', { type: 'object', properties: new Proxy({ a: {} }, { ownKeys: thrower }) }],
  ])('a schema that throws by %s when it is looked at is told, by its alias', async (_title, schema) => {
    const { secrets, calls } = aws()
    const error = await loadErrorOf(secrets.load(untyped({ fine: 'fine', db: { ref: 'prod/db', schema } })))
    expect(codesOf(error)).toEqual({ db: 'ERR_SCHEMA' })
    expect([error.attempts, calls()]).toEqual([0, 0])
    expectNoNeedle(error, NEEDLE)
  })

  test('a schema that leads to itself by way of a value is one that can be', async () => {
    const { emulator, secrets } = aws()
    emulator.seed({ secrets: { list: '{"next":{"next":{}}}', bad: '{"next":{"next":7}}' } })
    const schema = { type: 'object', properties: { next: { $ref: '#' } } }
    await expect(secrets.load(untyped({ list: { ref: 'list', schema } }))).resolves.toEqual({
      list: { next: { next: {} } },
    })
    const error = await loadErrorOf(secrets.load(untyped({ bad: { ref: 'bad', schema } })))
    expect(codesOf(error)).toEqual({ bad: 'ERR_SCHEMA' })
  })

  test.each<[string, unknown]>([
    ['null', null],
    ['an array', ['a']],
    ['a map', new Map([['a', 'a']])],
    ['text', NEEDLE],
    ['nothing', undefined],
    ['a proxy that throws', new Proxy({}, { getPrototypeOf: thrower })],
    ['a reserved alias', { then: 'a' }],
    ['a prototype from JSON', JSON.parse('{"__proto__":"a"}')],
    ['an unknown member', { a: { ref: 'a', [NEEDLE]: 1 } }],
    ['no schema', { a: { ref: 'a', schema: () => NEEDLE } }],
    ['an alias that is a pasted secret', { [NEEDLE]: 7 }],
  ])('what is no manifest rejects with a TypeError: %s', async (_title, manifest) => {
    const { secrets, calls } = aws()
    const load = secrets.load(untyped(manifest))
    const error = await failureOf(load)
    expect(Object.getPrototypeOf(error)).toBe(TypeError.prototype)
    expect(String(error)).toMatch(/^TypeError: manifest: /)
    expectNoNeedle(error, NEEDLE)
    expect(calls()).toBe(0)
  })

  test('the alias that a secret was pasted for is told by its place, in all that fails', async () => {
    const { secrets } = aws()
    const error = await loadErrorOf(secrets.load(untyped({ fine: 'none', [NEEDLE]: 'none' })))
    expect(Object.keys(error.errors)).toEqual(['fine', 'entry 2'])
    expectNoNeedle(error, NEEDLE)
  })
})

describe('a validator', () => {
  const validating = (validate: (value: unknown) => unknown) =>
    ({ '~standard': { version: 1, vendor: 'test', validate } }) as ReturnType<typeof z.string>

  test.each<[string, (value: unknown) => unknown]>([
    ['throws', thrower],
    ['rejects', () => Promise.reject(new Error(NEEDLE))],
    ['throws what is no error', () => throwing(NEEDLE)],
    ['answers nothing', () => undefined],
    ['refuses in words that quote the value', () => ({ issues: [{ message: NEEDLE, path: [NEEDLE] }] })],
  ])('that %s is told by its alias, and never by its words', async (_title, validate) => {
    const { emulator, secrets } = aws()
    emulator.seed({ secrets: { a: NEEDLE, b: 'B' }, parameters: { '/t/x': NEEDLE } })
    const schema = validating(validate)
    const error = await loadErrorOf(
      secrets.load({ a: { ref: 'a', as: 'text', schema }, b: 'b', t: { tree: '/t', schema } }),
    )
    expect(codesOf(error)).toEqual({ a: 'ERR_SCHEMA', t: 'ERR_SCHEMA' })
    expect(error.message).toMatch(/\n- a \(ERR_SCHEMA\): .+\n- t \(ERR_SCHEMA\): ssm:\/t\/: /)
    expectNoNeedle(error, NEEDLE)
  })

  test('that never settles is given up at the deadline, and told by its alias', async () => {
    const clock = new ManualClock()
    const secrets = new SecretsClient({
      clock,
      sources: [new FakeSource(textSecret('x'))],
      retry: { timeoutMs: 700, attemptTimeoutMs: 500 },
    })
    const schema = validating(() => new Promise(() => undefined))
    const load = loadErrorOf(secrets.load({ a: { ref: 'a', as: 'text', schema }, b: 'b' }))
    const state = { isSettled: false }
    void load.finally(() => (state.isSettled = true))
    await pass(clock, 650)
    expect(state.isSettled).toBe(false)
    await pass(clock, 200)
    const error = await load
    expect(Object.keys(error.errors)).toEqual(['a'])
    expect(error.message).toMatch(/\n- a \(ERR_SCHEMA\): the schema did not answer in time /)
    expect(clock.sleeping).toBe(0)
    await secrets.close()
  })
})

describe('options of a load', () => {
  test('fresh asks again for everything, in as few calls', async () => {
    const { emulator, secrets, calls } = aws()
    emulator.seed({ secrets: { a: 'A', b: 'B' }, parameters: { '/t/x': 'X' } })
    const manifest = { a: 'a', b: 'b', t: { tree: '/t' } } as const
    await secrets.load(manifest)
    calls()
    emulator.seed({ secrets: { a: 'A2', b: 'B2' }, parameters: { '/t/x': 'X2' } })
    await expect(secrets.load(manifest, { fresh: true })).resolves.toEqual({
      a: 'A2',
      b: 'B2',
      t: { x: 'X2' },
    })
    expect(calls()).toBe(2)
  })

  test('ttlMs is the oldest that is accepted, of all entries or of one', async () => {
    const { emulator, secrets, calls, clock } = aws()
    emulator.seed({ secrets: { a: 'A', b: 'B' } })
    await secrets.load({ a: 'a', b: 'b' })
    emulator.seed({ secrets: { a: 'A2', b: 'B2' } })
    calls()
    clock.advance(1_000)
    await expect(secrets.load({ a: 'a', b: { ref: 'b', ttlMs: 500 } })).resolves.toEqual({ a: 'A', b: 'B2' })
    expect(calls()).toBe(1)
    await expect(secrets.load({ a: 'a', b: { ref: 'b', ttlMs: 60_000 } }, { ttlMs: 500 })).resolves.toEqual({
      a: 'A2',
      b: 'B2',
    })
    expect(calls()).toBe(1)
  })

  test.each([
    [{ as: 'json' }],
    [{ default: 1 }],
    [{ parts: true }],
    [{ flat: true }],
    [{ [NEEDLE]: 1 }],
    [null],
    ['x'],
  ])('that are none are refused (%#)', async (options) => {
    const { secrets, calls } = aws()
    const error = await failureOf(secrets.load({ a: 'a' }, options as object))
    expect(Object.getPrototypeOf(error)).toBe(TypeError.prototype)
    expect(String(error)).toMatch(/^TypeError: options: /)
    expectNoNeedle(error, NEEDLE)
    expect(calls()).toBe(0)
  })
})

describe('redacted', () => {
  test('boxes every value of a load; an entry may say otherwise', async () => {
    const { emulator, secrets } = aws()
    emulator.seed({
      secrets: { db: { ...DB, password: NEEDLE }, key: NEEDLE },
      parameters: { '/t/x': NEEDLE },
    })
    const config = await secrets.load(
      {
        db: { ref: 'db', schema: rdsCredentials },
        key: 'key',
        bytes: { ref: 'key', as: 'bytes' },
        tree: { tree: '/t' },
        none: { ref: 'none', default: NEEDLE },
        user: { ref: 'db#username', redacted: false },
        unset: { ref: 'key', redacted: undefined },
      },
      { redacted: true },
    )
    for (const alias of ['db', 'key', 'bytes', 'tree', 'none', 'unset'] as const) {
      expect(config[alias], alias).toBeInstanceOf(Redacted)
    }
    expect(config.user).toBe('app')
    expect([config.key.reveal(), config.none.reveal(), config.tree.reveal()]).toEqual([
      NEEDLE,
      NEEDLE,
      { x: NEEDLE },
    ])
    expect(config.db.reveal().password).toBe(NEEDLE)
    expectNoNeedle(config, NEEDLE)
  })

  test('of one entry boxes that one', async () => {
    const { emulator, secrets } = aws()
    emulator.seed({ secrets: { a: NEEDLE, b: 'B' } })
    const { a, b } = await secrets.load({ a: { ref: 'a', redacted: true }, b: 'b' })
    expect([a.reveal(), b]).toEqual([NEEDLE, 'B'])
    expectNoNeedle({ a, b }, NEEDLE)
  })
})

describe('whoever no longer waits', () => {
  test("gets the signal's own reason, and leaves nothing under way", async () => {
    const { emulator, secrets, clock, until } = aws()
    emulator.fail('*', { drop: 'never-answer' })
    const controller = new AbortController()
    const manifest = { a: 'a', b: 'b', p: 'ssm:/p', t: { tree: '/t' }, d: { ref: 'd', default: 1 } } as const
    const load = secrets.load(manifest, { signal: controller.signal })
    await until(() => emulator.count() === 3)
    controller.abort('enough')
    await expect(load).rejects.toBe('enough')
    await until(() => clock.sleeping === 0)
  })

  test('gets its reason even where that is an error of ours, or undefined had been meant as a default', async () => {
    const { secrets, calls } = aws()
    const reason = await failureOf(secrets.get('none'))
    calls()
    await expect(
      secrets.load({ a: { ref: 'a', default: 1 } }, { signal: AbortSignal.abort(reason) }),
    ).rejects.toBe(reason)
    expect(calls()).toBe(0)
  })

  test('does not end the wait of others', async () => {
    const { emulator, secrets } = aws()
    emulator.seed({ secrets: { a: 'A', b: 'B' } })
    const controller = new AbortController()
    const left = failureOf(secrets.load({ a: 'a', b: 'b' }, { signal: controller.signal }))
    const stays = secrets.load({ a: 'a', b: 'b' })
    controller.abort('enough')
    await expect(left).resolves.toBe('enough')
    await expect(stays).resolves.toEqual({ a: 'A', b: 'B' })
  })

  test('during a close gets ERR_CLOSED itself, not a list; so does whoever comes later', async () => {
    const { emulator, secrets, until } = aws()
    emulator.fail('*', { drop: 'never-answer' })
    const load = failureOf(secrets.load({ a: 'a', b: 'b', t: { tree: '/t' } }))
    await until(() => emulator.count() === 2)
    await secrets.close()
    await expect(load).resolves.toMatchObject({ code: 'ERR_CLOSED' })
    await expect(secrets.load({ a: 'a' })).rejects.toMatchObject({ code: 'ERR_CLOSED' })
    await expect(secrets.load({})).rejects.toMatchObject({ code: 'ERR_CLOSED' })
  })

  test('while one of the answers is there already gets nothing of it', async () => {
    const held = deferred<undefined>()
    const answer = textSecret('x')
    const source = new FakeSource(async (reference, context) => {
      if (reference.name === 'slow') await held.promise
      return answer(reference, context)
    })
    const clock = new ManualClock()
    const secrets = new SecretsClient({ clock, sources: [source] })
    const controller = new AbortController()
    const load = secrets.load({ fast: 'fast', slow: 'slow' }, { signal: controller.signal })
    await pass(clock, 50)
    controller.abort('enough')
    await expect(load).rejects.toBe('enough')
    held.resolve(undefined)
    await expect(secrets.get('fast')).resolves.toBe('x')
    await secrets.close()
  })
})

function thrower(): never {
  throw new Error(NEEDLE)
}

function throwing(thrown: unknown): never {
  throw thrown
}
