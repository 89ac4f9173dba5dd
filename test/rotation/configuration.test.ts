/** RotateSecret with `RotateImmediately: false`: AWS tests a rotation function on a copy of the current version. */

import type { Emulator } from 'aws-secrets-client/emulator'
import { alternatingUsers, apiKey, createRotationHandler, singleUser } from 'aws-secrets-client/rotation'
import type { RotationHandler, StepOutcome } from 'aws-secrets-client/rotation'
import { describe, expect, test } from 'vitest'
import { MemoryDatabase } from './memory-database.js'
import { failuresOf, secretOf, start, textAt } from './setup.js'

async function configure(emulator: Emulator, handler: RotationHandler) {
  emulator.onRotate(handler, { attempts: 1 })
  emulator.call('RotateSecret', {
    SecretId: 'db',
    RotationLambdaARN: 'arn:aws:lambda:us-east-1:123456789012:function:rotate',
    RotateImmediately: false,
  })
  return emulator.rotation('db')
}

async function startWith(password: string) {
  const { emulator, client } = await start()
  const database = new MemoryDatabase()
  database.add('app', 'first', 'read')
  emulator.seed({ secrets: { db: secretOf('app', password) } })
  const outcomes: StepOutcome[] = []
  const settings = { client, onOutcome: (outcome: StepOutcome) => outcomes.push(outcome) }
  return { emulator, database, outcomes, settings }
}

describe.each([
  ['singleUser', singleUser],
  ['alternatingUsers', (database: MemoryDatabase) => alternatingUsers(database)],
] as const)('a test of the configuration of %s', (_name, strategy) => {
  test('logs in with the current credentials, and changes nothing', async () => {
    const { emulator, database, settings } = await startWith('first')
    const before = textAt(emulator, 'db')
    const handler = createRotationHandler({ ...strategy(database), ...settings })
    expect((await configure(emulator, handler)).state).toBe('tested')
    expect(database.calls).toEqual(['log in app'])
    expect(textAt(emulator, 'db')).toBe(before)
    expect(emulator.call('DescribeSecret', { SecretId: 'db' })).toMatchObject({
      RotationEnabled: true,
      VersionIdsToStages: {
        [String(emulator.call('GetSecretValue', { SecretId: 'db' })['VersionId'])]: ['AWSCURRENT'],
      },
    })
  })

  test('says what to do where the current password is dead', async () => {
    const { emulator, database, outcomes, settings } = await startWith('dead')
    const handler = createRotationHandler({ ...strategy(database), ...settings })
    const outcome = await configure(emulator, handler)
    expect(outcome.state).toBe('failed')
    expect(failuresOf(outcome)).toEqual(['testSecret RotationError ERR_ROTATION'])
    expect(outcomes[0]?.error).toMatchObject({
      reason: 'refused',
      what: 'testSecret: the database refuses the current credentials, of which the pending ones are a copy',
      hint: "Set the user's password to that of the current version by hand.",
    })
    // It stands in the way of no rotation.
    database.add('app', 'dead')
    expect((await configure(emulator, handler)).state).toBe('tested')
  })
})

test('a test of the configuration of an API key uses the current one, and issues and revokes none', async () => {
  const { emulator, client } = await start()
  emulator.seed({ secrets: { db: 'k0' } })
  emulator.seed({ secrets: { db: 'k1' } })
  const log: string[] = []
  const strategy = apiKey({
    createKey: () => {
      log.push('create')
      return 'k2'
    },
    testKey(key) {
      log.push(`test ${key}`)
    },
    revokeKey: (key) => log.push(`revoke ${key}`),
  })
  const handler = createRotationHandler({ ...strategy, client })
  expect((await configure(emulator, handler)).state).toBe('tested')
  expect(log).toEqual(['test k1'])
  expect((await emulator.rotate('db')).state).toBe('succeeded')
  expect(log).toEqual(['test k1', 'create', 'test k2', 'revoke k0'])
})

test('a test of the configuration of a secret without a value says that there is none', async () => {
  const { emulator, client } = await start()
  emulator.call('CreateSecret', { Name: 'db' })
  const handler = createRotationHandler({
    client,
    setSecret: () => undefined,
    async testSecret(rotation) {
      await rotation.pending()
    },
  })
  expect(failuresOf(await configure(emulator, handler))).toEqual(['testSecret RotationError ERR_NOT_FOUND'])
})
