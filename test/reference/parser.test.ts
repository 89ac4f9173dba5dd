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
