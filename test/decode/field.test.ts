import { describe, expect, test } from 'vitest'
import { parseReference } from '../../src/reference/parse.js'
import { NEEDLE, expectNoNeedle } from '../support/needle.js'
import { decodeWith, failureOf, utf8 } from './decode-with.js'

const VALUE = JSON.stringify({
  password: 'p',
  empty: '',
  zero: 0,
  no: false,
  nothing: null,
  none: [],
  hosts: ['a', 'b', { port: 5432 }],
  'a/b': 1,
  'c~d': 2,
  '': { '': 'root' },
  '01': 'octal?',
  token: NEEDLE,
  length: 'own',
})

/** Reads `#field` of `json` as a reference would. */
const read = (field: string, as: 'text' | 'json' | 'bytes' | 'list' = 'text', json = VALUE) =>
  decodeWith(json, { as, path: parseReference(`prod/db#${field}`).path })

describe('a field as text', () => {
  test.each([
    ['password', 'p'],
    ['/password', 'p'],
    ['empty', ''],
    ['zero', '0'],
    ['no', 'false'],
    ['nothing', 'null'],
    ['none', '[]'],
    ['hosts', '["a","b",{"port":5432}]'],
    ['/hosts/0', 'a'],
    ['/hosts/2/port', '5432'],
    ['/a~1b', '1'],
    ['a/b', '1'],
    ['/c~0d', '2'],
    ['c~d', '2'],
    ['//', 'root'],
    ['/', '{"":"root"}'],
    ['01', 'octal?'],
    ['length', 'own'],
  ])('#%s is %j', async (field, text) => {
    await expect(read(field)).resolves.toBe(text)
  })
})

describe('a field as JSON', () => {
  test.each([
    ['password', 'p'],
    ['empty', ''],
    ['zero', 0],
    ['no', false],
    ['nothing', null],
    ['none', []],
    ['/hosts/2', { port: 5432 }],
  ])('#%s is a value, falsy or not', async (field, value) => {
    await expect(read(field, 'json')).resolves.toEqual(value)
  })

  test('objects among them are frozen', async () => {
    expect(Object.isFrozen(await read('/hosts/2', 'json'))).toBe(true)
  })
})

describe('a field as bytes', () => {
  test.each([
    ['password', 'p'],
    ['empty', ''],
    ['zero', '0'],
    ['nothing', 'null'],
    ['/hosts/2', '{"port":5432}'],
  ])('#%s is the UTF-8 of its text', async (field, text) => {
    await expect(read(field, 'bytes')).resolves.toEqual(utf8(text))
  })

  test('is refused where it holds a lone surrogate, and JSON text escapes it', async () => {
    const json = '{"a":"\\ud800","b":["\\ud800"]}'
    await expect(read('a', 'bytes', json)).rejects.toMatchObject({ code: 'ERR_DECODE' })
    await expect(read('a', 'text', json)).resolves.toBe('\uD800')
    await expect(read('b', 'bytes', json)).resolves.toEqual(utf8('["\\ud800"]'))
  })
})

describe('a field as a list', () => {
  const json = JSON.stringify({ csv: 'a,b', empty: '', array: ['x', 'y,z'], none: [], mixed: ['a', 1], n: 1 })

  test.each([
    ['csv', ['a', 'b']],
    ['empty', []],
    ['array', ['x', 'y,z']],
    ['none', []],
  ])('#%s gives its items, frozen', async (field, items) => {
    const list = await read(field, 'list', json)
    expect(list).toEqual(items)
    expect(Object.isFrozen(list)).toBe(true)
  })

  test.each(['mixed', 'n'])('#%s is refused, with the way out', async (field) => {
    const error = await failureOf(read(field, 'list', json))
    expect(error.code).toBe('ERR_DECODE')
    expect(error.hint).toContain("{ as: 'json' }")
  })
})

describe('a field that is not there', () => {
  test.each([
    'missing',
    'Password',
    'toString',
    '__proto__',
    'constructor',
    'hasOwnProperty',
    '/hosts/length',
    '/hosts/3',
    '/hosts/-1',
    '/hosts/-',
    '/hosts/00',
    '/hosts/0x0',
    '/hosts/1e0',
    '/hosts/',
    '/hosts/4294967296',
    '/hosts/toString',
    '/password/0',
    '/password/length',
    '/nothing/x',
    '/zero/toFixed',
    '/hosts/2/port/x',
  ])('#%s is ERR_FIELD_NOT_FOUND', async (field) => {
    const error = await failureOf(read(field))
    expect(error.code).toBe('ERR_FIELD_NOT_FOUND')
    expect(error.message).toContain('the JSON value has no such field')
    expectNoNeedle(error, NEEDLE)
  })

  test.each(['"text"', '1', 'null', 'true'])('of the scalar %s is ERR_FIELD_NOT_FOUND too', async (json) => {
    const error = await failureOf(read('length', 'text', json))
    expect(error.code).toBe('ERR_FIELD_NOT_FOUND')
    expect(error.message).toContain('no object with fields')
  })

  test('is told without the names of the fields that are', async () => {
    const json = JSON.stringify({ [NEEDLE]: { [NEEDLE]: NEEDLE } })
    expectNoNeedle(await failureOf(read('missing', 'text', json)), NEEDLE)
  })

  test('is ERR_DECODE where the value is no JSON at all', async () => {
    const error = await failureOf(read('password', 'text', NEEDLE))
    expect(error.code).toBe('ERR_DECODE')
    expectNoNeedle(error, NEEDLE)
  })

  test.each(['#length', '#0', '#toString'])(
    '%s of an array: only positions are its fields',
    async (field) => {
      const found = await read(field.slice(1), 'text', '["a"]').catch((error: unknown) => error)
      expect(found).toEqual(field === '#0' ? 'a' : expect.objectContaining({ code: 'ERR_FIELD_NOT_FOUND' }))
    },
  )
})
