import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { Decoder, type Decoding } from '../../src/decode/decode.js'
import { DecodedValues } from '../../src/decode/decoded-values.js'
import { deferred } from '../support/fake-source.js'
import { NEEDLE, expectNoNeedle } from '../support/needle.js'
import { REF } from './decode-with.js'

/** One version, read again and again through one decoder. */
function versionOf(text: string) {
  const decoder = new Decoder()
  const decoded = new DecodedValues()
  const read = (how: Partial<Decoding> = {}) =>
    decoder.decode({ text }, decoded, { as: 'json', ref: REF, ...how })
  const kept = (how: Partial<Decoding>) => decoder.kept(decoded, { as: 'json', ref: REF, ...how })
  return { read, kept, decoded }
}

/** A Standard Schema that counts its runs. */
function countingSchema(check: (value: unknown, run: number) => unknown) {
  const schema = {
    runs: 0,
    '~standard': {
      version: 1 as const,
      vendor: 'test',
      validate: async (value: unknown) => {
        schema.runs += 1
        return { value: await check(value, schema.runs) }
      },
    },
  }
  return schema
}

const JSON_TEXT = '{"a":{"b":"x"},"c":"y"}'

describe('what one version was decoded to', () => {
  test.each<[string, Partial<Decoding>]>([
    ['text', { as: 'text' }],
    ['JSON', { as: 'json' }],
    ['a list', { as: 'list' }],
    ['a field as text', { as: 'text', path: ['c'] }],
    ['a field as JSON', { as: 'json', path: ['a'] }],
    ['JSON with a JSON Schema', { as: 'json', schema: { type: 'object' } }],
    ['JSON with a Standard Schema', { as: 'json', schema: z.object({ c: z.string() }) }],
    ['a field with a schema', { as: 'text', path: ['c'], schema: z.string() }],
  ])('%s is one promise for every caller', async (_title, how) => {
    const { read, kept } = versionOf(JSON_TEXT)
    expect(kept(how)).toBeUndefined()
    const [value, joined] = await Promise.all([read(how), read(how)])
    expect(joined).toBe(value)
    const promise = kept(how)
    await expect(promise).resolves.toBe(value)
    expect(kept({ ...how, path: how.path && [...how.path] })).toBe(promise)
    await expect(read(how)).resolves.toBe(value)
  })

  test('bytes are a copy for every caller', async () => {
    const { read } = versionOf(JSON_TEXT)
    const [first, second] = [await read({ as: 'bytes' }), await read({ as: 'bytes' })]
    expect(first).toEqual(second)
    expect(first).not.toBe(second)
  })

  test('no two ways of reading share a result', async () => {
    const { read, kept } = versionOf('{"a":"json","json":"a","[\\"json\\",\\"a\\"]":1}')
    const schema = z.looseObject({})
    const ways: Partial<Decoding>[] = [
      { as: 'text' },
      { as: 'json' },
      { as: 'list' },
      { as: 'json', schema },
      { as: 'json', schema: z.looseObject({}) },
      { as: 'json', path: [] },
      { as: 'json', path: ['a'] },
      { as: 'text', path: ['a'] },
      { as: 'json', path: ['["json","a"]'] },
      { as: 'json', path: ['a'], schema: z.string() },
    ]
    await Promise.all(ways.map(read))
    const promises = new Set(ways.map(kept))
    expect(promises.size).toBe(ways.length)
    expect(promises).not.toContain(undefined)
  })

  test('the parsed JSON is shared by all fields and ways, and a schema gets its own', async () => {
    const { read } = versionOf(JSON_TEXT)
    const whole = (await read()) as { a: object }
    await expect(read({ path: ['a'] })).resolves.toBe(whole.a)
    const checked = await read({ schema: { type: 'object' } })
    expect(checked).toBe(whole)
    const own = await read({ schema: z.unknown() })
    expect(own).toEqual(whole)
    expect(own).not.toBe(whole)
  })
})

describe('validation', () => {
  test('runs once for concurrent and later callers', async () => {
    const gate = deferred<string>()
    const schema = countingSchema(() => gate.promise)
    const { read } = versionOf(JSON_TEXT)
    const all = Promise.all(Array.from({ length: 100 }, () => read({ schema })))
    gate.resolve('valid')
    expect(new Set(await all)).toEqual(new Set(['valid']))
    await read({ schema })
    expect(schema.runs).toBe(1)
  })

  test('runs once per schema, field and way', async () => {
    const [first, second] = [countingSchema(() => 1), countingSchema(() => 2)]
    const { read } = versionOf(JSON_TEXT)
    await expect(read({ schema: first })).resolves.toBe(1)
    await expect(read({ schema: second })).resolves.toBe(2)
    await expect(read({ schema: first, path: ['a'] })).resolves.toBe(1)
    await expect(read({ schema: first, as: 'text' })).resolves.toBe(1)
    expect([first.runs, second.runs]).toEqual([3, 1])
  })

  test('of bytes runs for every caller, since each has bytes of its own', async () => {
    const schema = countingSchema((bytes) => bytes)
    const { read } = versionOf(JSON_TEXT)
    await read({ schema, as: 'bytes' })
    await read({ schema, as: 'bytes' })
    expect(schema.runs).toBe(2)
  })

  test('runs anew for another version', async () => {
    const schema = countingSchema((value) => value)
    await versionOf('{"a":1}').read({ schema })
    await expect(versionOf('{"a":2}').read({ schema })).resolves.toEqual({ a: 2 })
  })

  test('that failed is not kept', async () => {
    const schema = countingSchema((_value, run) => {
      if (run === 1) throw new Error(NEEDLE)
      return 'second'
    })
    const { read } = versionOf(JSON_TEXT)
    const failed = await Promise.allSettled([read({ schema }), read({ schema })])
    expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    await expect(read({ schema })).resolves.toBe('second')
    expect(schema.runs).toBe(2)
  })

  test('with a JSON Schema that cannot be compiled fails for every version, and rejects every time', async () => {
    const schema = { $ref: '#/$defs/missing' }
    const { read } = versionOf(JSON_TEXT)
    await expect(read({ schema })).rejects.toMatchObject({ code: 'ERR_SCHEMA' })
    await expect(read({ schema })).rejects.toMatchObject({ code: 'ERR_SCHEMA' })
  })
})

test.each<[string, Partial<Decoding>]>([
  ['text that is no JSON', { as: 'json' }],
  ['a field of it', { as: 'text', path: ['a'] }],
  ['a list in it', { as: 'list', path: ['a'] }],
])('a failure to read %s is not kept, and is a new error each time', async (_title, how) => {
  const { read } = versionOf(NEEDLE)
  const first: unknown = await read(how).catch((error: unknown) => error)
  const second: unknown = await read(how).catch((error: unknown) => error)
  expect(first).toMatchObject({ code: 'ERR_DECODE' })
  expect(second).toEqual(first)
  expect(second).not.toBe(first)
})

test('the text of a version is forgotten where reading it failed', async () => {
  const decoded = new DecodedValues()
  const view = { as: 'text' }
  const { outcome } = decoded.outcome(view, () => Promise.reject(new Error('once')))
  await expect(outcome).rejects.toThrow('once')
  expect(decoded.kept(view)).toBeUndefined()
  await decoded.outcome(view, () => Promise.resolve({ value: 'x', isShareable: true })).outcome
  await expect(decoded.kept(view)).resolves.toBe('x')
})

test('no more than 256 fields of a version are kept', async () => {
  const decoded = new DecodedValues()
  const read = (path: readonly string[]) =>
    decoded.outcome({ as: 'text', path }, () => Promise.resolve({ value: 'x', isShareable: true }))
  await read(['first']).outcome
  for (let n = 1; n < 256; n += 1) await read([String(n)]).outcome
  expect(read(['first']).isOwn).toBe(false)
  await read(['one more']).outcome
  expect(read(['first']).isOwn).toBe(true)
})

test('nothing of what is kept can be inspected, cloned or serialised', async () => {
  const { read, decoded } = versionOf(JSON.stringify({ [NEEDLE]: NEEDLE }))
  await Promise.all([read(), read({ as: 'text' }), read({ schema: z.unknown() }), read({ path: [NEEDLE] })])
  expectNoNeedle(decoded, NEEDLE)
  expect(inspect(decoded, { depth: Infinity, showHidden: true })).toBe('DecodedValues {}')
})
