import { describe, expect, test } from 'vitest'
import { jsonTextOf, parseJson } from '../../src/decode/json.js'
import { copyOf, deepFreeze } from '../../src/decode/plain-data.js'
import { SecretsError } from '../../src/errors.js'
import { NEEDLE, expectNoNeedle } from '../support/needle.js'
import { REF } from './decode-with.js'

const DEPTH = 10_000
const deep = '['.repeat(DEPTH) + ']'.repeat(DEPTH)

const refusalOf = (act: () => unknown): SecretsError => {
  try {
    act()
  } catch (error) {
    if (error instanceof SecretsError) return error
  }
  throw new Error('no SecretsError was thrown')
}

describe('parseJson', () => {
  test.each([
    ['{"a":1}', { a: 1 }],
    ['[]', []],
    ['"x"', 'x'],
    ['""', ''],
    ['0', 0],
    ['false', false],
    ['null', null],
    [' \t\r\n{} ', {}],
    ['\uFEFF{"a":"\uFEFF"}', { a: '\uFEFF' }],
    ['"\\ud800"', '\uD800'],
    ['{"a":1,"a":2}', { a: 2 }],
    ['{"":{"":1}}', { '': { '': 1 } }],
    ['{"prototype":1,"toString":2,"hasOwnProperty":3}', { prototype: 1, toString: 2, hasOwnProperty: 3 }],
  ])('parses %j', (text, value) => {
    expect(parseJson(text, REF)).toEqual(value)
  })

  test.each([
    ['', 'the value is empty, which is not JSON'],
    [NEEDLE, 'the value is not JSON'],
    [`{"p":${NEEDLE}}`, 'the value is not JSON'],
    [`{"p":"${NEEDLE}"`, 'the value is not JSON'],
    [`{"p":"${NEEDLE}"}x`, 'the value is not JSON'],
    [`{'p':'${NEEDLE}'}`, 'the value is not JSON'],
    [`{"p":"${NEEDLE}",}`, 'the value is not JSON'],
    [`"${NEEDLE}\n"`, 'the value is not JSON'],
    ['undefined', 'the value is not JSON'],
    ['NaN', 'the value is not JSON'],
    ['\uFEFF', 'the value is not JSON'],
    ['\uFEFF\uFEFF{}', 'the value is not JSON'],
    [deep.slice(0, -1), 'the value is not JSON'],
  ])('refuses what is no JSON without a word of it (%#)', (text, what) => {
    const error = refusalOf(() => parseJson(text, REF))
    expect(error).toMatchObject({ code: 'ERR_DECODE', ref: REF, retryable: false, attempts: 0 })
    expect(error.message).toContain(what)
    expectNoNeedle(error, NEEDLE)
  })

  test('says what to do about it, which is not to read text where a schema is there for it', () => {
    const hints = [REF, `${REF}#field`].map((ref) => refusalOf(() => parseJson(NEEDLE, ref)).hint)
    expect(hints).toEqual([
      "Read it with { as: 'text' }, or store JSON.",
      'Leave out the field, or store JSON.',
    ])
    expect(refusalOf(() => parseJson(NEEDLE, REF, true)).hint).toBe('Store JSON that matches the schema.')
  })

  test.each([
    '{"__proto__":{"polluted":1}}',
    '{"\\u005f_proto__":null}',
    '{"constructor":{"prototype":{"polluted":1}}}',
    `{"${NEEDLE}":[0,{"a":{"__proto__":{"polluted":1}}}]}`,
    `[[[{"constructor":"${NEEDLE}"}]]]`,
    `${'['.repeat(DEPTH)}{"__proto__":1}${']'.repeat(DEPTH)}`,
  ])('refuses a key that poisons prototypes at any depth (%#)', (text) => {
    const error = refusalOf(() => parseJson(text, REF))
    expect(error.code).toBe('ERR_DECODE')
    expect(error.message).toMatch(/a key named "(?:__proto__|constructor)"/)
    expect(Reflect.get({}, 'polluted')).toBeUndefined()
    expectNoNeedle(error, NEEDLE)
  })

  test('takes dangerous names as values', () => {
    expect(parseJson('["__proto__",{"a":"constructor"}]', REF)).toEqual(['__proto__', { a: 'constructor' }])
  })

  test('survives ten thousand levels, and freezes the lowest', () => {
    let node = parseJson(deep, REF)
    let depth = 1
    for (; Array.isArray(node) && node.length > 0; depth += 1) node = node[0]
    expect(depth).toBe(DEPTH)
    expect(Object.isFrozen(node)).toBe(true)
  })

  test('parses the largest secret there is', () => {
    const password = 'x'.repeat(65_536 - '{"p":""}'.length)
    expect(parseJson(`{"p":"${password}"}`, REF)).toEqual({ p: password })
  })
})

describe('deepFreeze', () => {
  test('freezes objects and arrays at every depth, in circles too', () => {
    const ring: { next: unknown; items: object[] } = { next: undefined, items: [{ a: [0] }] }
    ring.next = ring
    deepFreeze(ring)
    expect([ring, ring.items, ring.items[0]].every(Object.isFrozen)).toBe(true)
  })

  test('leaves instances of classes as they are, and what is in them', () => {
    class Pool {
      options = { size: 1 }
    }
    const value = { date: new Date(0), map: new Map(), bytes: new Uint8Array(1), pool: new Pool() }
    deepFreeze(value)
    expect(Object.isFrozen(value)).toBe(true)
    expect([value.date, value.map, value.pool, value.pool.options].some(Object.isFrozen)).toBe(false)
    value.bytes[0] = 7
    expect(value.bytes[0]).toBe(7)
  })

  test('freezes objects without a prototype', () => {
    const value = Object.assign(Object.create(null) as object, { a: {} })
    deepFreeze(value)
    expect(Object.isFrozen(value.a)).toBe(true)
  })

  test.each([undefined, null, '', 0, 1n])('passes %s through', (value) => {
    expect(deepFreeze(value)).toBe(value)
  })
})

describe('copyOf', () => {
  test('copies all the way down, and the copy can be changed', () => {
    const original = parseJson('{"a":[{"b":null}],"c":"x"}', REF)
    const copy = copyOf(original) as { a: { b: unknown }[] }
    expect(copy).toEqual(original)
    copy.a.push({ b: 1 })
    delete copy.a[0]?.b
    expect(original).toEqual({ a: [{ b: null }], c: 'x' })
  })

  test.each(['x', 0, null, undefined])('passes %s through', (value) => {
    expect(copyOf(value)).toBe(value)
  })

  test('leaves bytes to their owner, and survives ten thousand levels', () => {
    const bytes = new Uint8Array(1)
    expect(copyOf(bytes)).toBe(bytes)
    expect(copyOf(parseJson(deep, REF))).toBeInstanceOf(Array)
  })
})

describe('jsonTextOf', () => {
  const textOf = (json: string) => jsonTextOf(parseJson(json, REF), json, REF)

  test.each([
    ['{ "a" : [ 1 , "x" , null , true ] }', '{"a":[1,"x",null,true]}'],
    ['""', '""'],
    ['0', '0'],
    ['-12.50', '-12.5'],
    ['1e3', '1000'],
    ['9007199254740991', '9007199254740991'],
    ['0.1', '0.1'],
    ['1.7976931348623157e308', '1.7976931348623157e+308'],
    ['5e-324', '5e-324'],
    ['0.000', '0'],
    ['0e5', '0'],
    ['1.0E+2', '100'],
    ['"12345678901234567890"', '"12345678901234567890"'],
    ['{"\\"12345678901234567890":1}', '{"\\"12345678901234567890":1}'],
    ['"\\ud800"', '"\\ud800"'],
  ])('writes %s as %s', (json, text) => {
    expect(textOf(json)).toBe(text)
  })

  test.each([
    '9007199254740993',
    '-12345678901234567890',
    '{"a":[1e400]}',
    '[-1e400]',
    '1e-400',
    '0.1234567890123456789',
    '0.1000000000000000055511151231257827',
    '9007199254740991.4',
    `0.${'0'.repeat(20_000)}${'1'.repeat(20_000)}`,
  ])('refuses a number that would read back as another (%#)', (json) => {
    const error = refusalOf(() => textOf(json))
    expect(error).toMatchObject({ code: 'ERR_DECODE', hint: 'Store the number as a string.' })
    expect(error.message).not.toMatch(/\d{3}|e[+-]?400/)
  })

  test('refuses nesting that is too deep to write, without a stack overflow', () => {
    const error = refusalOf(() => textOf(deep))
    expect(error).toMatchObject({ code: 'ERR_DECODE', ref: REF })
    expect(error.message).toContain('nested too deeply')
  })
})
