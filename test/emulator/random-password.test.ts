import { describe, expect, test } from 'vitest'
import type { Emulator } from '../../src/emulator/index.js'
import { refusalOf, start } from './setup.js'

describe('GetRandomPassword', () => {
  const password = (emulator: Emulator, input: object = {}) =>
    String(emulator.call('GetRandomPassword', input)['RandomPassword'])

  test('has 32 characters of every type by default', async () => {
    const { emulator } = await start()
    const random = password(emulator)
    expect(random).toHaveLength(32)
    for (const type of [/[a-z]/, /[A-Z]/, /[0-9]/, /[!-/:-@[-`{-~]/]) expect(random).toMatch(type)
    expect(random).not.toContain(' ')
    expect(password(emulator)).not.toBe(random)
  })

  test.each<[object, RegExp]>([
    [{ PasswordLength: 4096, ExcludePunctuation: true, ExcludeCharacters: 'abc' }, /^[d-zA-Z0-9]{4096}$/],
    [{ ExcludeLowercase: true, ExcludeUppercase: true, ExcludePunctuation: true }, /^[0-9]{32}$/],
    [{ PasswordLength: 5, IncludeSpace: true }, /^(?=.* ).{5}$/],
    [{ PasswordLength: 1, RequireEachIncludedType: false, ExcludeNumbers: true }, /^[^0-9]$/],
  ])('obeys %j', async (input, pattern) => {
    const { emulator } = await start()
    expect(password(emulator, input)).toMatch(pattern)
  })

  test.each([
    [{ PasswordLength: 3 }, 'InvalidParameterException'],
    [
      {
        ExcludeCharacters: '0123456789',
        ExcludeLowercase: true,
        ExcludeUppercase: true,
        ExcludePunctuation: true,
      },
      'InvalidParameterException',
    ],
    [{ PasswordLength: 4097 }, 'ValidationException'],
    [{ PasswordLength: 0 }, 'ValidationException'],
  ])('refuses %j', async (input, code) => {
    const { emulator } = await start()
    expect(refusalOf(() => password(emulator, input)).code).toBe(code)
  })
})
