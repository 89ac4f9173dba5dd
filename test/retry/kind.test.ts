import { expect, test } from 'vitest'
import { SecretsError, type SecretsErrorCode } from '../../src/errors.js'
import { retryKindOf } from '../../src/retry/kind.js'

const failure = (code: SecretsErrorCode, retryable?: boolean) =>
  new SecretsError(code, { what: 'it failed', ...(retryable !== undefined && { retryable }) })

test.each<[SecretsErrorCode, boolean | undefined, string | undefined]>([
  ['ERR_THROTTLED', undefined, 'throttled'],
  ['ERR_THROTTLED', false, 'throttled'],
  ['ERR_UNAVAILABLE', undefined, 'transient'],
  ['ERR_UNAVAILABLE', false, undefined],
  ['ERR_TIMEOUT', undefined, 'transient'],
  ['ERR_TIMEOUT', false, undefined],
  ['ERR_CREDENTIALS', undefined, undefined],
  ['ERR_CREDENTIALS', true, 'credentials'],
  ['ERR_NOT_FOUND', undefined, undefined],
  ['ERR_NOT_FOUND', true, undefined],
  ['ERR_ACCESS_DENIED', undefined, undefined],
  ['ERR_DECRYPT', undefined, undefined],
  ['ERR_REQUEST_REFUSED', undefined, undefined],
  ['ERR_CLOSED', undefined, undefined],
])('%s with retryable %s is %s', (code, retryable, kind) => {
  expect(retryKindOf(failure(code, retryable))).toBe(kind)
})

test.each<[string, unknown]>([
  ['an error of somebody else', Object.assign(new Error('down'), { code: 'ERR_THROTTLED', retryable: true })],
  ['an object with a code', { code: 'ERR_UNAVAILABLE', retryable: true }],
  ['a string', 'ERR_THROTTLED'],
  ['undefined', undefined],
  ['null', null],
])('%s is of no kind', (_title, thrown) => {
  expect(retryKindOf(thrown)).toBeUndefined()
})
