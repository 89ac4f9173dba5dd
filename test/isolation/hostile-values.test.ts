/** Values that are made to break what reads them: exact, or refused with a code, and never a crash (I57, I58). */

import { afterEach, describe, expect, test } from 'vitest'
import { SecretsError } from '../../src/index.js'
import { MODES, openScene, sourcesOf } from '../leaks/open.js'

const nested = (depth: number, open: string, close: string, inner = '1') =>
  `${open.repeat(depth)}${inner}${close.repeat(depth)}`

const MANY_KEYS = JSON.stringify(Object.fromEntries(Array.from({ length: 8_000 }, (_, n) => [`k${n}`, 0])))
const recordOf = (value: unknown) => value as Readonly<Record<string, unknown>>
const MEBIBYTE = 1_048_576

afterEach(() => {
  expect(Reflect.get({}, 'polluted')).toBeUndefined()
  expect(Object.keys(Object.prototype)).toEqual([])
})

describe.each(MODES)('$mode', ({ seal }) => {
  const open = (value: string | Uint8Array) => openScene({ sources: sourcesOf({ v: value }), seal }).secrets

  const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
    promise.then(
      () => 'value',
      (error: unknown) => (error instanceof SecretsError ? error.code : error),
    )

  test.each<[string, string]>([
    ['10 000 arrays inside each other', nested(10_000, '[', ']')],
    ['10 000 objects inside each other', nested(10_000, '{"a":', '}')],
    ['100 000 arrays inside each other', nested(100_000, '[', ']')],
    ['8 000 keys', MANY_KEYS],
    ['64 KiB of one key', `{"${'k'.repeat(65_000)}":1}`],
    ['1 MiB of text', 'x'.repeat(MEBIBYTE)],
    ['1 MiB of JSON', JSON.stringify(['x'.repeat(MEBIBYTE - 4)])],
    ['a lone surrogate', '"\uD800"'],
    ['a byte order mark', '\uFEFF{"a":1}'],
    ['NUL', '\0{"a":1}\0'],
    ['numbers out of range', '[1e400,-1e400,1e-400,123456789012345678901234567890,-0]'],
    ['1 MiB of digits', '1'.repeat(MEBIBYTE)],
    ['nothing but quotation marks', '"'.repeat(1000)],
    ['nothing but backslashes', '\\'.repeat(1000)],
    ['escaped names', '{"\\u005f_proto_\\u005f":{"polluted":true}}'],
    ['a member that is read as an index', '{"0":"a","length":2}'],
  ])('%s: the text is exact, and every other way ends in a value or a code', async (_title, text) => {
    const secrets = open(text)
    expect(await secrets.get('v')).toBe(text)
    const outcomes = await Promise.all([
      codeOf(secrets.get('v', { as: 'json' })),
      codeOf(secrets.get('v', { as: 'bytes' })),
      codeOf(secrets.get('v', { as: 'list' })),
      codeOf(secrets.get('v#a')),
      codeOf(secrets.get('v#/a/b/0')),
      codeOf(secrets.get('v', { schema: { type: 'object', additionalProperties: { type: 'number' } } })),
      codeOf(secrets.get('v', { as: 'json', redacted: true })),
      codeOf(secrets.load({ v: { ref: 'v', as: 'json' } })),
    ])
    const known = ['value', 'ERR_DECODE', 'ERR_FIELD_NOT_FOUND', 'ERR_SCHEMA', 'ERR_LOAD']
    for (const outcome of outcomes) expect(known).toContain(outcome)
  })

  test.each([
    ['arrays', nested(1_000_000, '[', ']')],
    ['objects', nested(1_000_000, '{"a":', '}')],
  ])('a million %s inside each other: a value or a code, and the process lives', async (_title, text) => {
    const secrets = open(text)
    expect(['value', 'ERR_DECODE']).toContain(await codeOf(secrets.get('v', { as: 'json' })))
    expect(await secrets.get('v')).toHaveLength(text.length)
  })

  test('of duplicate keys the last one wins, as docs/values.md says', async () => {
    const secrets = open('{"a":1,"a":{"b":1},"a":{"b":2,"b":3}}')
    expect(await secrets.get('v', { as: 'json' })).toEqual({ a: { b: 3 } })
    expect(await secrets.get('v#/a/b')).toBe('3')
  })

  test.each([
    '{"__proto__":{"polluted":true}}',
    '{"a":[{"b":{"__proto__":{"polluted":true}}}]}',
    '{"constructor":{"prototype":{"polluted":true}}}',
    '[[[{"a":{"constructor":1}}]]]',
    nested(5000, '[', ']', '{"__proto__":{"polluted":true}}'),
    '{"a":1,"\\u005f\\u005fproto__":{"polluted":true}}',
  ])('keys that poison are refused at any depth: %.40s', async (text) => {
    const secrets = open(text)
    await expect(secrets.get('v', { as: 'json' })).rejects.toMatchObject({ code: 'ERR_DECODE' })
    await expect(secrets.get('v#a')).rejects.toMatchObject({ code: 'ERR_DECODE' })
    expect(await secrets.get('v')).toBe(text)
  })

  test('what was decoded can be merged and spread, carelessly too', async () => {
    const names = [
      'then',
      'toJSON',
      'valueOf',
      'toString',
      'hasOwnProperty',
      'prototype',
      'value',
      'error',
      'length',
    ]
    const text = JSON.stringify({
      ...Object.fromEntries(names.map((name) => [name, 'polluted'])),
      'a.__proto__': 1,
    })
    const value = await open(text).get('v', { as: 'json' })
    const merged: Record<string, unknown> = {}
    for (const key in recordOf(value)) merged[key] = Reflect.get(recordOf(value), key)
    expect(merged).toEqual(value)
    expect({ ...recordOf(value) }).toEqual(value)
    expect(Object.getPrototypeOf(merged)).toBe(Object.prototype)
    expect(JSON.stringify(Object.entries(recordOf(value)))).toContain('polluted')
  })

  test('members with the names of methods are data: nobody calls them, nobody waits for them', async () => {
    const value = { then: 'a', toJSON: 'b', valueOf: 'c', hasOwnProperty: 'd', toString: 'e', inspect: 'f' }
    const secrets = open(JSON.stringify(value))
    const bare = await secrets.get('v', { as: 'json' })
    expect(Object.entries(recordOf(bare))).toEqual(Object.entries(value))
    const { v, field } = await secrets.load({ v: { ref: 'v', as: 'json' }, field: 'v#then' })
    expect(Object.entries(recordOf(v))).toEqual(Object.entries(value))
    expect(field).toBe('a')
    const box = await secrets.get('v', { as: 'json', redacted: true })
    expect(Object.keys(recordOf(box.reveal()))).toEqual(Object.keys(value))
    expect(secrets.scrub('a')).toBe('a')
  })

  test('a parameter tree with such names, and one that poisons', async () => {
    const tree = (names: readonly string[]) =>
      openScene({
        sources: sourcesOf(
          {},
          names.map((name) => ({ name: `/app/${name}`, text: 'x', isList: false, version: 1 })),
        ),
        seal,
      }).secrets.tree('/app')
    await expect(tree(['then', 'toJSON', 'a/then', 'prototype/x'])).resolves.toMatchObject({
      a: { then: 'x' },
    })
    for (const name of [
      '__proto__/polluted',
      'a/constructor',
      'constructor/prototype/polluted',
      '__proto__',
    ]) {
      await expect(tree([name])).rejects.toMatchObject({ code: 'ERR_DECODE' })
    }
  })

  test('bytes of every kind come back exactly', async () => {
    const every = Uint8Array.from({ length: 65_536 }, (_, n) => n % 256)
    const secrets = open(every)
    expect(Buffer.compare(await secrets.get('v', { as: 'bytes' }), every)).toBe(0)
    expect(await codeOf(secrets.get('v'))).toBe('ERR_DECODE')
  })
})
