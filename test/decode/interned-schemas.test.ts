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
