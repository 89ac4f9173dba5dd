import { describe, expect, test } from 'vitest'
import { loadFailure } from '../../src/client/load-failure.js'
import { SecretsError, type SecretsErrorCode } from '../../src/errors.js'

const failed = (code: SecretsErrorCode, init: Partial<ConstructorParameters<typeof SecretsError>[1]> = {}) =>
  new SecretsError(code, { what: 'it failed', ...init })

test('the message is a list: name, code, reference, what happened and what to do', () => {
  const error = loadFailure(
    [
      [
        'db',
        failed('ERR_NOT_FOUND', { ref: 'prod/db', what: 'there is no such secret', hint: 'Check the name.' }),
      ],
      ['key', failed('ERR_TIMEOUT', { ref: 'prod/key' })],
      ['bad', failed('ERR_REFERENCE_INVALID', { what: 'it is empty', hint: 'Pass a name.' })],
    ],
    5,
    'secrets',
  )
  expect(error.message).toBe(
    '3 of 5 secrets failed (the member `errors` has each):\n' +
      '- db (ERR_NOT_FOUND): prod/db: there is no such secret. Check the name.\n' +
      '- key (ERR_TIMEOUT): prod/key: it failed.\n' +
      '- bad (ERR_REFERENCE_INVALID): it is empty. Pass a name.',
  )
})

test('a reference that is the name already is not said twice', () => {
  const { message } = loadFailure([['prod/db', failed('ERR_TIMEOUT', { ref: 'prod/db' })]], 1, 'references')
  expect(message).toBe(
    '1 of 1 references failed (the member `errors` has each):\n- prod/db (ERR_TIMEOUT): it failed.',
  )
})

test('it ends with one full stop, whatever the last line ends with', () => {
  for (const hint of ['Check the name.', 'Is it `a`?', 'Wait']) {
    const { message } = loadFailure([['a', failed('ERR_TIMEOUT', { hint })]], 1, 'secrets')
    expect(message.endsWith(hint.endsWith('.') ? hint : `${hint}.`)).toBe(true)
    expect(message).not.toMatch(/\.\.$/)
  }
})

test.each([
  [20, 20, undefined],
  [21, 20, '- and 1 more.'],
  [500, 20, '- and 480 more.'],
])('of %i failures it lists %i', (count, shown, last) => {
  const failures = Array.from(
    { length: count },
    (_, position) => [`a${position}`, failed('ERR_TIMEOUT')] as const,
  )
  const error = loadFailure(failures, count, 'secrets')
  const lines = error.message.split('\n').slice(1)
  expect(lines.filter((line) => line.includes('ERR_TIMEOUT'))).toHaveLength(shown)
  if (last !== undefined) expect(lines.at(-1)).toBe(last)
  expect(Object.keys(error.errors ?? {})).toHaveLength(count)
})

describe('the facts of all', () => {
  test('it may pass by itself only if each may', () => {
    const [down, gone] = [failed('ERR_UNAVAILABLE'), failed('ERR_NOT_FOUND')]
    expect(loadFailure([['a', down]], 1, 'x').retryable).toBe(true)
    expect(
      loadFailure(
        [
          ['a', down],
          ['b', gone],
        ],
        2,
        'x',
      ).retryable,
    ).toBe(false)
  })

  test('attempts are those of the one that was tried most', () => {
    const failures = [2, 0, 3, 1].map(
      (attempts) => [`a${attempts}`, failed('ERR_TIMEOUT', { attempts })] as const,
    )
    expect(loadFailure(failures, 4, 'x').attempts).toBe(3)
  })

  test('errors are the errors themselves, frozen and hidden from an inspection', () => {
    const one = failed('ERR_TIMEOUT')
    const error = loadFailure([['a', one]], 1, 'x')
    expect(error.errors?.['a']).toBe(one)
    expect(Object.isFrozen(error.errors)).toBe(true)
    expect(Object.keys(error)).not.toContain('errors')
    expect(error.ref).toBeUndefined()
  })
})
