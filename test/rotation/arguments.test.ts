/** What a strategy cannot work with is told at once, and not in the first rotation. */

import { describe, expect, test } from 'vitest'
import {
  alternatingUsers,
  apiKey,
  createRotationHandler,
  mysqlDatabase,
  postgresDatabase,
  singleUser,
} from '../../src/rotation/index.js'

const given =
  (strategy: (...args: never[]) => unknown, ...args: readonly unknown[]) =>
  () =>
    Reflect.apply(strategy, undefined, args) as unknown

describe('a strategy', () => {
  test.each([
    ['singleUser', singleUser],
    ['alternatingUsers', alternatingUsers],
  ])('%s takes a database, and nothing else', (name, strategy) => {
    expect(given(strategy, postgresDatabase())).not.toThrow()
    expect(given(strategy, mysqlDatabase())).not.toThrow()
    expect(given(strategy, postgresDatabase)).toThrow(
      `${name}: expected what postgresDatabase() or mysqlDatabase() gives, got a function: call it first`,
    )
    for (const wrong of [undefined, null, {}, 'postgres', { logIn: () => true }]) {
      expect(given(strategy, wrong)).toThrow(TypeError)
    }
  })

  test('alternatingUsers takes options that it knows', () => {
    const database = postgresDatabase()
    expect(given(alternatingUsers, database, { masterHost: undefined, isSameHost: () => true })).not.toThrow()
    for (const [options, text] of [
      [{ masterhost: 'x' }, "alternatingUsers: expected only isSameHost, masterHost; got 'masterhost'"],
      [{ isSameHost: true }, 'isSameHost: expected a function, got boolean'],
      [{ masterHost: null }, 'masterHost: expected a string, got null'],
      [null, 'alternatingUsers: expected options as an object'],
    ] as const) {
      expect(given(alternatingUsers, database, options)).toThrow(TypeError)
      expect(given(alternatingUsers, database, options)).toThrow(text)
    }
  })

  test('apiKey takes a provider with all of its functions', () => {
    const provider = { createKey: () => 'x', testKey: () => undefined, revokeKey: () => undefined }
    expect(given(apiKey, provider)).not.toThrow()
    expect(given(apiKey, { ...provider, revoke: 'before-create' })).not.toThrow()
    expect(given(apiKey, { ...provider, revoke: 'now' })).toThrow(
      "revoke: expected 'before-finish' or 'before-create'",
    )
    expect(given(apiKey, { ...provider, testKey: undefined })).toThrow(
      'apiKey: expected an object with the functions createKey, testKey, revokeKey',
    )
    expect(given(apiKey, undefined)).toThrow(TypeError)
  })

  test('that was not called is no option of a handler', () => {
    expect(given(createRotationHandler, singleUser)).toThrow(TypeError)
  })
})
