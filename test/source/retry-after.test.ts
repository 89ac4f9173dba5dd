import { describe, expect, test } from 'vitest'
import { retryAfterMsIn, retryAfterMsOf } from '../../src/source/retry-after.js'

const DATE = 'Sun, 06 Nov 1994 08:49:37 GMT'
const LATER = 'Sun, 06 Nov 1994 08:50:07 GMT'

describe('what is understood', () => {
  test.each<[string, Record<string, string>, number]>([
    ['seconds', { 'retry-after': '3' }, 3000],
    ['no wait at all', { 'retry-after': '0' }, 0],
    ['a fraction of a second', { 'retry-after': '1.5' }, 1500],
    ['spaces around', { 'retry-after': ' 3 ' }, 3000],
    ['a name in any case', { 'Retry-After': '3' }, 3000],
    ['a day', { 'retry-after': '86400' }, 86_400_000],
    ['milliseconds', { 'x-amz-retry-after': '2500' }, 2500],
    ['milliseconds in any case', { 'X-Amz-Retry-After': '2500' }, 2500],
    ['a part of a millisecond, upwards', { 'x-amz-retry-after': '0.2' }, 1],
    ["AWS's own header before the other", { 'retry-after': '3', 'x-amz-retry-after': '2500' }, 2500],
    ['the other one where that is garbage', { 'retry-after': '3', 'x-amz-retry-after': 'soon' }, 3000],
    ['the other one where that is too long', { 'retry-after': '3', 'x-amz-retry-after': '1e99' }, 3000],
    ['a date, against that of the answer', { 'retry-after': LATER, date: DATE }, 30_000],
    ['the date of the answer in any case', { 'Retry-After': LATER, Date: DATE }, 30_000],
    ['the date of the answer itself', { 'retry-after': DATE, date: DATE }, 0],
  ])('%s', (_title, headers, expected) => {
    expect(retryAfterMsIn(headers)).toBe(expected)
    expect(retryAfterMsOf({ $response: { headers } })).toBe(expected)
  })
})

describe('what is ignored', () => {
  test.each<[string, Record<string, unknown>]>([
    ['nothing', {}],
    ['an empty text', { 'retry-after': '' }],
    ['a word', { 'retry-after': 'soon' }],
    ['NaN', { 'retry-after': 'NaN', 'x-amz-retry-after': 'NaN' }],
    ['Infinity', { 'retry-after': 'Infinity' }],
    ['a negative number', { 'retry-after': '-1', 'x-amz-retry-after': '-5' }],
    ['an exponent', { 'retry-after': '1e9' }],
    ['hexadecimal', { 'retry-after': '0x10' }],
    ['more than a day', { 'retry-after': '86401', 'x-amz-retry-after': '86400001' }],
    ['two values in one', { 'retry-after': '3, 5' }],
    ['a list', { 'retry-after': ['3'] }],
    ['a number', { 'retry-after': 3 }],
    ['a date without that of the answer', { 'retry-after': LATER }],
    ['a date against garbage', { 'retry-after': LATER, date: 'now' }],
    ['a date that has passed', { 'retry-after': DATE, date: LATER }],
    ['a date more than a day away', { 'retry-after': 'Mon, 07 Nov 1994 08:49:38 GMT', date: DATE }],
    ['a date of another form', { 'retry-after': '1994-11-06T08:50:07Z', date: DATE }],
    ['a date that cannot be', { 'retry-after': 'Sun, 99 Nov 1994 08:49:37 GMT', date: DATE }],
  ])('%s', (_title, headers) => {
    expect(retryAfterMsIn(headers)).toBeUndefined()
  })

  test.each([
    ['undefined', undefined],
    ['null', null],
    ['text', '3'],
    ['a list', ['3']],
  ])('headers that are %s', (_title, headers) => {
    expect(retryAfterMsIn(headers)).toBeUndefined()
    expect(retryAfterMsOf({ $response: { headers } })).toBeUndefined()
  })

  test('an error without an answer', () => {
    expect(retryAfterMsOf({})).toBeUndefined()
    expect(retryAfterMsOf({ $response: 'gone' })).toBeUndefined()
  })
})
