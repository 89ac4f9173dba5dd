import { describe, expect, test } from 'vitest'
import { declaredKeys, maskPath, schemaFailure, schemaRefusal } from '../../src/decode/problems.js'
import { NEEDLE, expectNoNeedle } from '../support/needle.js'

const declared = new Set(['a', 'b', '0'])

describe('maskPath', () => {
  test.each<[string, PropertyKey[], unknown, PropertyKey[]]>([
    ['declared keys stay', ['a', 'b'], { a: { b: 1 } }, ['a', 'b']],
    ['other keys go', ['a', NEEDLE], { a: { [NEEDLE]: 1 } }, ['a', '*']],
    ['positions stay', ['a', 1], { a: [0, 0] }, ['a', 1]],
    ['positions stay as text', ['a', '1'], { a: [0, 0] }, ['a', '1']],
    ['positions past the end go', ['a', 2], { a: [0, 0] }, ['a', '*']],
    ['keys that are no position go, in an array too', ['a', NEEDLE], { a: [] }, ['a', '*']],
    ['symbols go', [Symbol(NEEDLE)], [0], ['*']],
    ['fractions and signs go', [0.5, -1], [0], ['*', '*']],
    ['numbers go where there is no array', [0], { 0: 'x' }, ['*']],
    ['paths beyond the value', ['a', 'b', 'a'], { a: 1 }, ['a', 'b', 'a']],
    ['paths in a scalar', [NEEDLE], 'x', ['*']],
    ['the empty path', [], 'x', []],
  ])('%s', (_title, path, value, masked) => {
    expect(maskPath(path, declared, value)).toEqual(masked)
  })
})

describe('declaredKeys', () => {
  test.each<[string, unknown, string[]]>([
    ['properties at any depth', { properties: { a: { items: { properties: { b: {} } } } } }, ['a', 'b']],
    ['required names', { required: ['a', 7, null] }, ['a']],
    ['definitions', { $defs: { x: { properties: { a: {} } } } }, ['a']],
    ['choices', { anyOf: [{ properties: { a: {} } }, { required: ['b'] }] }, ['a', 'b']],
    [
      'dependencies',
      { dependentRequired: { a: ['b'] }, dependencies: { c: {} }, dependentSchemas: { d: {} } },
      ['a', 'c', 'd'],
    ],
    ['no patterns', { patternProperties: { '^x': {} } }, []],
    ['nothing of a schema without names', { type: 'object', additionalProperties: false }, []],
    ['nothing of no schema', undefined, []],
    ['nothing of a boolean schema', true, []],
    ['nothing of keywords of a wrong type', { properties: 7, required: 'a' }, []],
  ])('finds %s', (_title, schema, names) => {
    expect([...declaredKeys(schema)].sort()).toEqual(names)
  })

  test('survives a schema that contains itself', () => {
    const schema = { properties: { a: {} } }
    schema.properties.a = schema
    expect([...declaredKeys(schema)]).toEqual(['a'])
  })
})

describe('the errors', () => {
  test('list five problems, each once, and count the others', () => {
    const problems = Array.from('aabcdefg', (key) => ({ path: [key], rule: 'is refused' }))
    const { message } = schemaRefusal('prod/db', problems)
    expect(message).toContain(
      '/a is refused; /b is refused; /c is refused; /d is refused; /e is refused; and 2 more.',
    )
  })

  test('print a symbol without failing', () => {
    expect(schemaRefusal('prod/db', [{ path: [Symbol('s')], rule: 'is refused' }]).message).toContain(
      '/Symbol(s)',
    )
  })

  test('of a schema that threw carry nothing foreign', () => {
    const error = schemaFailure('prod/db')
    expect(error).toMatchObject({ code: 'ERR_SCHEMA', ref: 'prod/db', retryable: false })
    expectNoNeedle(error, NEEDLE)
  })
})
