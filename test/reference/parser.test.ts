import { describe, expect, test } from 'vitest'
import { createReferenceParser, parseReference } from '../../src/reference/parse.js'
import { refusalOf, thrownBy, untyped } from './refused.js'

describe('createReferenceParser', () => {
  test('returns the same reference for the same string', () => {
    const parse = createReferenceParser()
    expect(parse('prod/db#password')).toBe(parse('prod/db#password'))
  })

  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
    'treats %j as any other name',
    (name) => {
      const parse = createReferenceParser()
      expect(parse(name).name).toBe(name)
      expect(parse(name)).toBe(parse(name))
    },
  )

  test('remembers no more than it may', () => {
    const parse = createReferenceParser({ maxEntries: 2 })
    const first = parse('a')
    parse('b')
    expect(parse('a')).toBe(first)
    parse('c')
    expect(parse('a')).not.toBe(first)
    expect(parse('a')).toStrictEqual(first)
  })

  test('does not remember objects, which may change', () => {
    const parse = createReferenceParser()
    const input = { name: 'a' }
    expect(parse(input).name).toBe('a')
    input.name = 'b'
    expect(parse(input).name).toBe('b')
  })

  test('shares nothing with another parser', () => {
    expect(createReferenceParser()('a')).not.toBe(createReferenceParser()('a'))
  })

  test('refuses anew each time', () => {
    const parse = createReferenceParser()
    const first = thrownBy(() => parse('a b'))
    const second = thrownBy(() => parse('a b'))
    expect(first).not.toBe(second)
    expect(first).toMatchObject({ code: refusalOf('a b').code })
  })

  test('passes wrong types on to be refused', () => {
    expect(thrownBy(() => createReferenceParser()(untyped(5)))).toBeInstanceOf(TypeError)
  })

  test.each([0, -1, 1.5, Number.NaN, Infinity])('refuses to remember %d strings', (maxEntries) => {
    expect(() => createReferenceParser({ maxEntries })).toThrow(TypeError)
  })
})

test('a parsed reference may be passed in again and is returned as it is', () => {
  const reference = parseReference('prod/db:AWSPREVIOUS#password')
  expect(parseReference(reference)).toBe(reference)
})
