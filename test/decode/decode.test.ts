import { describe, expect, test } from 'vitest'
import type { As } from '../../src/decode/decode.js'
import { NEEDLE, expectNoNeedle } from '../support/needle.js'
import { decodeWith, failureOf, utf8 } from './decode-with.js'

const NOT_UTF8 = new Uint8Array([...utf8(NEEDLE), 0xff])

describe('every kind of payload, read every way', () => {
  test.each<[string, string | Uint8Array, As, unknown]>([
    ['text', 'a,b', 'text', 'a,b'],
    ['text', 'a,b', 'bytes', utf8('a,b')],
    ['text', 'a,b', 'list', ['a', 'b']],
    ['empty text', '', 'text', ''],
    ['empty text', '', 'bytes', new Uint8Array()],
    ['empty text', '', 'list', []],
    ['JSON text', '{"a":1}', 'text', '{"a":1}'],
    ['JSON text', '{"a":1}', 'json', { a: 1 }],
    ['JSON text', '{"a":1}', 'bytes', utf8('{"a":1}')],
    ['JSON text', '{"a":1,"b":2}', 'list', ['{"a":1', '"b":2}']],
    ['a lone surrogate', '\uD800', 'text', '\uD800'],
    ['a byte order mark', '\uFEFF{"a":1}', 'text', '\uFEFF{"a":1}'],
    ['a byte order mark', '\uFEFF{"a":1}', 'json', { a: 1 }],
    ['UTF-8 bytes', utf8('ü'), 'text', 'ü'],
    ['UTF-8 bytes', utf8('ü'), 'bytes', utf8('ü')],
    ['UTF-8 bytes', utf8('ü,x'), 'list', ['ü', 'x']],
    ['UTF-8 bytes of JSON', utf8('{"a":"ü"}'), 'json', { a: 'ü' }],
    ['UTF-8 bytes of JSON after a mark', utf8('\uFEFF{"a":1}'), 'json', { a: 1 }],
    ['other bytes', NOT_UTF8, 'bytes', NOT_UTF8],
    ['no bytes', new Uint8Array(), 'bytes', new Uint8Array()],
    ['no bytes', new Uint8Array(), 'text', ''],
    ['a JSON scalar', 'null', 'json', null],
    ['a JSON scalar', '0', 'json', 0],
  ])('%s %j as %s', async (_kind, payload, as, value) => {
    await expect(decodeWith(payload, { as })).resolves.toEqual(value)
  })

  test.each<[string, string | Uint8Array, As, RegExp]>([
    ['text that is no JSON', NEEDLE, 'json', /as: 'text'/],
    ['empty text', '', 'json', /as: 'text'/],
    ['a lone surrogate', `${NEEDLE}\uD800`, 'bytes', /as: 'text'/],
    ['bytes that are not UTF-8', NOT_UTF8, 'text', /as: 'bytes'/],
    ['bytes that are not UTF-8', NOT_UTF8, 'json', /as: 'bytes'/],
    ['bytes that are not UTF-8', NOT_UTF8, 'list', /as: 'bytes'/],
    ['no bytes', new Uint8Array(), 'json', /as: 'text'/],
  ])('refuses %s as %#', async (_kind, payload, as, hint) => {
    const error = await failureOf(decodeWith(payload, { as }))
    expect(error).toMatchObject({ code: 'ERR_DECODE', ref: 'prod/db', retryable: false, attempts: 0 })
    expect(error.hint).toMatch(hint)
    expectNoNeedle(error, NEEDLE)
  })
})

describe('what callers share and what they do not', () => {
  test('JSON is frozen at every depth', async () => {
    const value = (await decodeWith('{"a":{"b":[{}]}}', { as: 'json' })) as { a: { b: object[] } }
    expect([value, value.a, value.a.b, value.a.b[0]].every(Object.isFrozen)).toBe(true)
    expect(() => Object.assign(value.a, { polluted: true })).toThrow(TypeError)
  })

  test('a list is frozen', async () => {
    expect(Object.isFrozen(await decodeWith('a,b', { as: 'list' }))).toBe(true)
  })

  test('nobody can change the bytes of another, or of the payload', async () => {
    const payload = utf8('key')
    const first = (await decodeWith(payload, { as: 'bytes' })) as Uint8Array
    first.fill(0)
    await expect(decodeWith(payload, { as: 'bytes' })).resolves.toEqual(utf8('key'))
  })
})
