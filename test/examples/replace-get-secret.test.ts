import { describe, expect, test } from 'vitest'
import { expectNoNeedle } from '../support/needle.js'
import { NEEDLE, ROTATED, failureOf, freezeTime, later, useStage } from './stage.js'

const stage = useStage()

const ONE_HOUR = 3_600_000

const put = (password: string) => {
  stage().emulator.seed({ secrets: { 'prod/db': { username: 'app', password } } })
}

const calls = () => stage().emulator.count('GetSecretValue')

const helpers = {
  'before.ts': () => import('../../examples/replace-get-secret/before.js'),
  'after.ts': () => import('../../examples/replace-get-secret/after.js'),
}

describe.each(Object.entries(helpers))('%s', (_name, load) => {
  test('reads the credentials, once', async () => {
    put(NEEDLE)
    const { credentials, password } = await load()
    await expect(credentials()).resolves.toEqual({ username: 'app', password: NEEDLE })
    await expect(password()).resolves.toBe(NEEDLE)
    expect(calls()).toBe(1)
  })
})

describe('what before.ts gets wrong and after.ts gets right', () => {
  test.each([
    ['before.ts', ROTATED],
    ['after.ts', NEEDLE],
  ] as const)('the previous version: %s', async (name, expected) => {
    put(NEEDLE)
    put(ROTATED)
    const { credentials, previousCredentials } = await helpers[name]()
    await expect(credentials()).resolves.toHaveProperty('password', ROTATED)
    await expect(previousCredentials()).resolves.toHaveProperty('password', expected)
  })

  test.each([
    ['before.ts', NEEDLE],
    ['after.ts', ROTATED],
  ] as const)('an hour after a rotation: %s', async (name, expected) => {
    freezeTime()
    put(NEEDLE)
    const { password } = await helpers[name]()
    await password()
    put(ROTATED)
    later(ONE_HOUR)
    await expect(password()).resolves.toBe(expected)
  })

  test.each([
    ['before.ts', 20],
    ['after.ts', 1],
  ] as const)('twenty callers at the same time: %s', async (name, requests) => {
    put(NEEDLE)
    const { password } = await helpers[name]()
    await Promise.all(Array.from({ length: 20 }, () => password()))
    expect(calls()).toBe(requests)
  })

  test('a secret that is no JSON is quoted by the error of before.ts', async () => {
    stage().emulator.seed({ secrets: { 'prod/db': 'hunter2' } })
    const { password } = await helpers['before.ts']()
    expect(String(await failureOf(password()))).toContain('hunter2')
  })

  test('a secret that is no JSON stays out of the error of after.ts', async () => {
    stage().emulator.seed({ secrets: { 'prod/db': NEEDLE } })
    const { credentials, password } = await helpers['after.ts']()
    for (const error of [await failureOf(credentials()), await failureOf(password())]) {
      expect(error).toMatchObject({ code: 'ERR_DECODE' })
      expectNoNeedle(error, NEEDLE)
    }
  })

  test('a value of another shape is handed on by before.ts and refused by after.ts', async () => {
    stage().emulator.seed({ secrets: { 'prod/db': { user: 'app' } } })
    const [before, after] = [await helpers['before.ts'](), await helpers['after.ts']()]
    await expect(before.password()).resolves.toBeUndefined()
    await expect(after.password()).rejects.toMatchObject({ code: 'ERR_FIELD_NOT_FOUND' })
    await expect(after.credentials()).rejects.toMatchObject({ code: 'ERR_SCHEMA' })
  })

  test('the shared object can be changed in before.ts and not in after.ts', async () => {
    put(NEEDLE)
    const [before, after] = [await helpers['before.ts'](), await helpers['after.ts']()]
    expect(Object.isFrozen(await before.credentials())).toBe(false)
    expect(Object.isFrozen(await after.credentials())).toBe(true)
  })
})
