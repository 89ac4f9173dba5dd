import { expect, test } from 'vitest'
import { parseReference } from '../../src/reference/parse.js'

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

test.each(['prod/db', 'ssm:/prod/x:3'])(
  'the class of a reference cannot be changed through it: %s',
  (text) => {
    const reference: object = parseReference(text)
    const prototype: unknown = Object.getPrototypeOf(reference)
    expect('constructor' in reference).toBe(false)
    expect(Object.isFrozen(prototype)).toBe(true)
    expect(Object.getPrototypeOf(prototype)).toBeNull()
  },
)
