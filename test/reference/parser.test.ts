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

test.each([
  'prod/db:AWSPREVIOUS#password',
  'ssm:/prod/x:3#/a/b',
  'arn:aws:ssm:eu-west-1:123456789012:parameter/x:blue',
])('a parsed reference, or a copy of it, may be passed in again: %s', (text) => {
  const reference = parseReference(text)
  expect(parseReference(reference)).toEqual(reference)
  expect(parseReference({ ...reference })).toEqual(reference)
})

test('what a forged reference claims to be derived is not believed', () => {
  const forged = { ...parseReference('prod/db'), name: 'prod/admin' }
  expect(parseReference(forged)).toEqual(parseReference('prod/admin'))
})
