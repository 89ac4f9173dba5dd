/** A manifest is a plain value: it is declared in one place and taken by whatever reads secrets. */

import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { type Manifest, defineSecrets, isSecretsError, rdsCredentials } from '../../src/index.js'
import { failureOf, useAws } from '../support/aws.js'
import { NEEDLE, expectNoNeedle } from '../support/needle.js'

const aws = useAws()

/** As code without types calls it. */
const define = (...manifests: readonly unknown[]): Manifest =>
  defineSecrets(...(manifests as readonly [Manifest]))

function thrownBy(work: () => unknown): unknown {
  try {
    work()
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}

function typeErrorOf(...manifests: readonly unknown[]): TypeError {
  const error = thrownBy(() => define(...manifests))
  expect(Object.getPrototypeOf(error)).toBe(TypeError.prototype)
  expectNoNeedle(error, NEEDLE)
  return error as TypeError
}

describe('what is defined', () => {
  test('is the manifest itself, as a frozen plain object', () => {
    const given = {
      db: { ref: { name: 'prod/db' }, field: 'user' },
      key: 'prod/key',
      flags: { tree: '/flags' },
    } as const
    const manifest = defineSecrets(given)
    expect(manifest).toEqual(given)
    expect(Object.getPrototypeOf(manifest)).toBe(Object.prototype)
    for (const part of [manifest, manifest.db, manifest.db.ref, manifest.flags]) {
      expect(Object.isFrozen(part)).toBe(true)
    }
    expect(JSON.parse(JSON.stringify(manifest))).toEqual(given)
    expect(structuredClone(manifest)).toEqual(given)
  })

  test('is a copy: what is given stays as it is, and what is done to it later has no say', () => {
    const given: Record<string, { ref: string; field?: string }> = { db: { ref: 'prod/db' } }
    const manifest = define(given)
    const { db } = given
    if (db !== undefined) db.field = 'password'
    given['other'] = { ref: 'prod/other' }
    expect(manifest).toEqual({ db: { ref: 'prod/db' } })
    expect(Object.isFrozen(db)).toBe(false)
  })

  test('keeps schemas and defaults by identity, and does not freeze them', () => {
    const schema = { type: 'object', properties: { a: { type: 'string' } } } as const
    const zod = z.object({ a: z.string() })
    const fallback = { a: 'x' }
    const manifest = defineSecrets({
      json: { ref: 'a', schema, default: fallback },
      zod: { ref: 'a', schema: zod },
      db: { ref: 'a', schema: rdsCredentials },
      tree: { tree: '/a', schema: zod },
    })
    expect(manifest.json.schema).toBe(schema)
    expect(manifest.json.default).toBe(fallback)
    expect(manifest.zod.schema).toBe(zod)
    expect(manifest.tree.schema).toBe(zod)
    expect(manifest.db.schema).toBe(rdsCredentials)
    expect([schema, fallback].map((given) => Object.isFrozen(given))).toEqual([false, false])
  })

  test('reads each member once: a getter cannot change its mind', () => {
    let reads = 0
    const manifest = define({
      db: {
        get ref() {
          reads += 1
          return reads === 1 ? 'prod/db' : NEEDLE
        },
      },
    })
    expect([manifest, reads]).toEqual([{ db: { ref: 'prod/db' } }, 1])
  })

  test('may be nothing', () => {
    expect([define(), define({}), define({}, {})]).toEqual([{}, {}, {}])
  })

  test('sends nothing, and needs no client', () => {
    const { calls } = aws()
    defineSecrets({ a: 'a', t: { tree: '/t' } })
    expect(calls()).toBe(0)
  })
})

describe('a manifest that is defined is taken', () => {
  const manifest = defineSecrets({
    user: { ref: 'prod/db', field: 'user' },
    db: { ref: 'prod/db', schema: z.object({ user: z.string() }) },
    level: { ref: 'ssm:/level', default: 'info' },
    flags: { tree: '/flags' },
  })
  const scene = { secrets: { 'prod/db': '{"user":"app"}' }, parameters: { '/flags/a': '1' } }

  test('by load, again and again', async () => {
    const { emulator, secrets, connect, calls } = aws()
    emulator.seed(scene)
    const expected = { user: 'app', db: { user: 'app' }, level: 'info', flags: { a: '1' } }
    await expect(secrets.load(manifest)).resolves.toEqual(expected)
    expect(calls()).toBe(3)
    const again = await Promise.all([secrets.load(manifest), secrets.load(manifest)])
    expect(again).toEqual([expected, expected])
    expect(again[0].db).toBe(again[1].db)
    await expect(connect().load(manifest)).resolves.toEqual(expected)
  })

  test('by prefetch, so that a load makes no request but for what is not there', async () => {
    const { emulator, secrets, calls } = aws()
    emulator.seed({ ...scene, parameters: { ...scene.parameters, '/level': 'debug' } })
    const { loaded, failed } = await secrets.prefetch(manifest)
    expect([[...loaded].sort(), failed]).toEqual([['prod/db', 'ssm:/flags/', 'ssm:/level'], []])
    expect(calls()).toBe(3)
    await expect(secrets.load(manifest)).resolves.toMatchObject({ level: 'debug', flags: { a: '1' } })
    expect(calls()).toBe(0)
  })

  test('by prefetch, which tells what failed', async () => {
    const { secrets } = aws()
    const { failed } = await secrets.prefetch(defineSecrets({ a: 'none', t: { tree: '/none' } }))
    expect(failed.map(({ ref, code }) => [ref, code])).toEqual([
      ['none', 'ERR_NOT_FOUND'],
      ['ssm:/none/', 'ERR_NOT_FOUND'],
    ])
  })

  test('by prefetch, which tells of a pasted secret by its alias', async () => {
    const { secrets } = aws()
    const pasted = { fine: 'none', key: NEEDLE, [NEEDLE]: NEEDLE }
    const { failed } = await secrets.prefetch(pasted)
    expect(failed.map(({ message }) => /^[^:]+/.exec(message)?.[0])).toEqual(['none', 'key', 'entry 3'])
    const error = await failureOf(secrets.prefetch(pasted, { throwOnFailure: true }))
    expect(error).toMatchObject({ code: 'ERR_LOAD', errors: { key: { code: 'ERR_REFERENCE_INVALID' } } })
    expectNoNeedle([failed, error], NEEDLE)
  })

  test('by prefetch, which refuses one that is none', async () => {
    const { secrets, calls } = aws()
    for (const none of [{ then: 'a' }, { a: 7 }, { a: { ref: 'a', shema: 1 } }]) {
      const error = await failureOf(secrets.prefetch(none as Manifest))
      expect(String(error)).toMatch(/^TypeError: manifest: (then|a): /)
    }
    expect(calls()).toBe(0)
  })
})

describe('several are put together', () => {
  test('in their order, also those that are put together already', async () => {
    const { emulator, secrets } = aws()
    emulator.seed({ secrets: { a: 'A', b: 'B', c: 'C', d: 'D' } })
    const base = defineSecrets({ b: 'b', a: { ref: 'a' } }, { c: 'c' })
    const manifest = defineSecrets(base, { d: 'd' })
    expect(Object.entries(manifest)).toEqual([
      ['b', 'b'],
      ['a', { ref: 'a' }],
      ['c', 'c'],
      ['d', 'd'],
    ])
    await expect(secrets.load(manifest)).resolves.toEqual({ a: 'A', b: 'B', c: 'C', d: 'D' })
  })

  test('but not where one has an alias of another: each is named', () => {
    const { message } = typeErrorOf(
      { db: 'a', key: 'a', fine: 'a' },
      { db: 'a' },
      { key: { ref: 'b' }, other: 'a' },
    )
    expect(message).toBe('manifest: db: is there twice; key: is there twice')
  })

  test('nor where the alias is a pasted secret, which is told by its place', () => {
    const { message } = typeErrorOf({ a: 'a', [NEEDLE]: 'a' }, { [NEEDLE]: 'a' })
    expect(message).toBe('manifest: entry 3: is there twice')
  })
})

describe('refused where it is defined', () => {
  test.each<[string, readonly unknown[], string]>([
    ['null', [null], 'expected a plain object of entries by alias, got null'],
    ['a map', [new Map()], 'expected a plain object of entries by alias, got an instance of a class'],
    [
      'a second that is none',
      [{ a: 'a' }, ['b']],
      'expected a plain object of entries by alias, got an array',
    ],
    ['a reserved alias', [{ then: 'a' }], 'then: is a reserved alias; choose another'],
    [
      'a prototype from JSON',
      [JSON.parse('{"__proto__":{"ref":"a"}}')],
      '__proto__: is a reserved alias; choose another',
    ],
    [
      'an unknown member',
      [{ db: { tree: '/a', [NEEDLE]: 1 } }],
      'db: entry: unknown option "…", expected one of tree, schema, default, ttlMs, redacted, flat',
    ],
    [
      'what is no schema',
      [{ db: { ref: 'a', schema: NEEDLE } }],
      'db: schema: expected a JSON Schema object or a Standard Schema, got string',
    ],
  ])('is %s', (_title, manifests, problem) => {
    expect(typeErrorOf(...manifests).message).toBe(`manifest: ${problem}`)
  })

  test('are references that cannot be, all of them, by alias and never by a pasted secret', () => {
    const error = thrownBy(() =>
      define({ fine: 'a', db: 'prod db', pasted: NEEDLE, [NEEDLE]: 'b c' }, { tree: { tree: `/${NEEDLE}` } }),
    )
    if (!isSecretsError(error, 'ERR_LOAD')) throw error
    expect(Object.entries(error.errors ?? {}).map(([alias, { code }]) => [alias, code])).toEqual([
      ['db', 'ERR_REFERENCE_INVALID'],
      ['pasted', 'ERR_REFERENCE_INVALID'],
      ['entry 4', 'ERR_REFERENCE_INVALID'],
      ['tree', 'ERR_REFERENCE_INVALID'],
    ])
    expect(error.message).toMatch(/^4 of 5 secrets failed \(the member `errors` has each\):\n- db \(/)
    expect([error.attempts, error.retryable]).toEqual([0, false])
    expectNoNeedle(error, NEEDLE)
  })

  test('are getters that throw, and what they throw is not told', () => {
    const thrower = () => {
      throw new Error(NEEDLE)
    }
    const entries = [
      Object.defineProperty({}, 'db', { get: thrower, enumerable: true }),
      { db: Object.defineProperty({}, 'ref', { get: thrower, enumerable: true }) },
      { db: { ref: Object.defineProperty({}, 'name', { get: thrower, enumerable: true }) } },
      { db: { ref: 'a', schema: new Proxy({}, { get: thrower, getPrototypeOf: thrower }) } },
    ]
    for (const manifest of entries) expect(typeErrorOf(manifest).message).toMatch(/^manifest: db: /)
  })
})
