import { describe, expect, test } from 'vitest'
import { sameParameterName } from '../../src/reference/name.js'

describe('sameParameterName', () => {
  test.each([
    ['X', '/X', true],
    ['/X', 'X', true],
    ['X', 'X', true],
    ['/prod/x', '/prod/x', true],
    ['/prod/x', '/prod/X', false],
    ['X', '//X', false],
    ['X', 'Y', false],
  ])('of %j and %j is %j', (a, b, same) => {
    expect(sameParameterName(a, b)).toBe(same)
  })
})
