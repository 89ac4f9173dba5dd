import { describe, expect, test } from 'vitest'
import { InternedSchemas } from '../../src/decode/json-schema/interned-schemas.js'

describe('InternedSchemas', () => {
  test('schemas of equal content are one, so that an inline schema is compiled once', () => {
    const schemas = new InternedSchemas()
    const first = { type: 'object' } as const
    expect(schemas.intern(first)).toBe(first)
    expect(schemas.intern({ type: 'object' })).toBe(first)
    expect(schemas.intern({ type: 'array' })).not.toBe(first)
  })

  test('a schema without a text stays what it is', () => {
    const schemas = new InternedSchemas()
    const circular: Record<string, unknown> = { type: 'object' }
    circular['not'] = circular
    expect(schemas.intern(circular)).toBe(circular)
  })

  test('is not misled by what somebody does with the first one', () => {
    const schemas = new InternedSchemas()
    const first: Record<string, unknown> = { minLength: 1 }
    schemas.intern(first)
    first['minLength'] = 2
    expect(schemas.intern({ minLength: 1 })).toBe(first)
    const other = { minLength: 2 }
    expect(schemas.intern(other)).toBe(other)
  })

  test.each([
    ['a member more', { type: 'object', required: ['a', 'b'], title: 'x' }],
    ['a member less', { required: ['a', 'b'] }],
    ['another member', { type: 'object', require: ['a', 'b'] }],
    ['another order in an array', { type: 'object', required: ['b', 'a'] }],
    ['a longer array', { type: 'object', required: ['a', 'b', 'c'] }],
    ['an object in place of an array', { type: 'object', required: { 0: 'a', 1: 'b' } }],
    ['an array in place of an object', ['object', ['a', 'b']]],
    ['another type', { type: 'object', required: 'a,b' }],
    ['null', { type: 'object', required: null }],
    [
      'an inherited member',
      Object.assign(Object.create({ type: 'object' }) as object, { required: ['a', 'b'] }),
    ],
  ])('%s makes it another', (_what, schema) => {
    const schemas = new InternedSchemas()
    const first = schemas.intern({ type: 'object', required: ['a', 'b'] })
    expect(schemas.intern(schema as object)).not.toBe(first)
    expect(schemas.intern({ required: ['a', 'b'], type: 'object' })).toBe(first)
  })

  test('a schema that cannot be read stays what it is', () => {
    const schemas = new InternedSchemas()
    schemas.intern({ type: 'object' })
    const unreadable = {
      get type(): never {
        throw new Error('no')
      },
    }
    expect(schemas.intern(unreadable)).toBe(unreadable)
  })

  test('is bounded', () => {
    const schemas = new InternedSchemas()
    const first = { minLength: -1 }
    schemas.intern(first)
    for (let minLength = 0; minLength < 1000; minLength += 1) schemas.intern({ minLength })
    const again = { minLength: -1 }
    expect(schemas.intern(again)).toBe(again)
    expect(schemas.intern(first)).toBe(first)
  })
})
