/** A needle is planted in every value and every foreign error, and looked for in all that a handler gives away. */

import { inspect } from 'node:util'
import { alternatingUsers, createRotationHandler, singleUser } from 'aws-secrets-client/rotation'
import type { RotationDatabase, StepOutcome } from 'aws-secrets-client/rotation'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { NEEDLE, expectNoNeedle } from '../support/needle.js'
import { MemoryDatabase } from './memory-database.js'
import { PATIENCE_MS, announce, arnOf, errorOf, secretOf, start } from './setup.js'

const ALL = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const

const leaky = (code?: string) =>
  Object.assign(new Error(NEEDLE), { name: NEEDLE, detail: NEEDLE, sql: NEEDLE, ...(code && { code }) })

async function startLeaking(database: RotationDatabase, value = secretOf(NEEDLE, NEEDLE)) {
  const written: unknown[] = []
  for (const method of ['log', 'info', 'warn', 'error', 'debug'] as const) {
    vi.spyOn(console, method).mockImplementation((...args) => written.push(args))
  }
  onTestFinished(() => {
    vi.restoreAllMocks()
  })
  const { emulator, client } = await start()
  emulator.seed({ secrets: { master: secretOf(NEEDLE, NEEDLE) } })
  emulator.seed({ secrets: { db: { ...value, masterarn: arnOf(emulator, 'master') } } })
  const onOutcome = (outcome: StepOutcome) => written.push(outcome)
  const handlers = [singleUser, alternatingUsers].map((strategy) =>
    createRotationHandler({ ...strategy(database), client, onOutcome }),
  )
  return { emulator, client, handlers, written }
}

describe('a value', { timeout: PATIENCE_MS }, () => {
  test('stands in no error, outcome or log of a strategy, whatever fails', async () => {
    for (const fault of [1, 2, 3, 4]) {
      const database = new MemoryDatabase()
      database.add(NEEDLE, NEEDLE)
      const { emulator, handlers, written } = await startLeaking(database)
      for (const handler of handlers) {
        const event = announce(emulator, 'db', 'createSecret')
        for (const Step of ALL) {
          database.failAt(fault, 'after')
          await handler({ ...event, Step, RotationToken: NEEDLE }).catch((error: unknown) =>
            written.push(error),
          )
        }
        emulator.call('UpdateSecretVersionStage', {
          SecretId: 'db',
          VersionStage: 'AWSPENDING',
          RemoveFromVersionId: event.ClientRequestToken,
        })
      }
      expect(written.length).toBeGreaterThan(8)
      expectNoNeedle(written, NEEDLE)
    }
  })

  test('stands in no refusal of a schema, a user, a host, an engine or a length', async () => {
    const values = [
      secretOf(NEEDLE, NEEDLE, { port: NEEDLE }),
      secretOf(NEEDLE, NEEDLE, { engine: NEEDLE }),
      secretOf('', NEEDLE, { [NEEDLE]: NEEDLE }),
      secretOf(NEEDLE, NEEDLE, { host: NEEDLE }),
    ]
    for (const value of values) {
      const { emulator, handlers, written } = await startLeaking(new MemoryDatabase(), value)
      const event = announce(emulator, 'db', 'createSecret')
      for (const handler of handlers) {
        for (const Step of ALL)
          await handler({ ...event, Step }).catch((error: unknown) => written.push(error))
      }
      expect(written.length).toBeGreaterThanOrEqual(8)
      expectNoNeedle(written, NEEDLE)
    }
  })

  test('is not printed with what a step is given', async () => {
    const { emulator, client } = await start()
    emulator.seed({ secrets: { a: NEEDLE } })
    let seen = ''
    const setSecret = async (rotation: { current(): Promise<string> }) => {
      expect(await rotation.current()).toBe(NEEDLE)
      seen = inspect(rotation, { depth: 9, showHidden: true, getters: true })
      expectNoNeedle(rotation, NEEDLE)
    }
    const handler = createRotationHandler({ client, setSecret, testSecret: () => undefined })
    await handler(announce(emulator, 'a', 'setSecret'))
    expect(seen).toContain('StepRotation')
  })
})

describe('a foreign error', () => {
  test.each(['28P01', NEEDLE, undefined])('is not shown but for its code: %s', async (code) => {
    const database: RotationDatabase = {
      engines: ['postgres'],
      maxUsernameBytes: 63,
      logIn: () => Promise.reject(leaky(code)),
      changePassword: () => Promise.reject(leaky(code)),
      cloneUser: () => Promise.reject(leaky(code)),
    }
    const { emulator, handlers } = await startLeaking(database)
    const event = announce(emulator, 'db', 'createSecret')
    for (const handler of handlers) {
      await handler(event)
      const error = await errorOf(handler, { ...event, Step: 'setSecret' })
      expectNoNeedle(error, NEEDLE)
      expect(error.cause).toBeUndefined()
      expect(error.message.includes('28P01')).toBe(code === '28P01')
    }
  })

  test('of the SDK is told by its name', async () => {
    const { emulator, client } = await start()
    emulator.seed({ secrets: { a: NEEDLE } })
    emulator.fail('PutSecretValue', { error: 'InvalidRequestException', message: NEEDLE })
    const steps = { setSecret: () => undefined, testSecret: () => undefined }
    const handler = createRotationHandler({ ...steps, client })
    const error = await errorOf(handler, announce(emulator, 'a', 'createSecret'))
    expect(error.what).toBe('createSecret: PutSecretValue failed with InvalidRequestException')
    expectNoNeedle(error, NEEDLE)
  })

  test('that throws when it is looked at is told as an error', async () => {
    const { emulator, client } = await start()
    emulator.seed({ secrets: { a: 'v1' } })
    const thrown = new Proxy(new Error(), {
      get() {
        throw new Error(NEEDLE)
      },
    })
    const steps = { setSecret: () => Promise.reject(thrown), testSecret: () => undefined }
    const handler = createRotationHandler({ ...steps, client })
    const error = await errorOf(handler, announce(emulator, 'a', 'setSecret'))
    expect(error.what).toBe('setSecret: failed with an error')
  })

  test('in an event is not quoted', async () => {
    const handler = createRotationHandler({ setSecret: () => undefined, testSecret: () => undefined })
    const good = { Step: 'setSecret', SecretId: 'a', ClientRequestToken: '0'.repeat(32) }
    for (const member of ['Step', 'SecretId', 'ClientRequestToken']) {
      expectNoNeedle(await errorOf(handler, { ...good, [member]: NEEDLE }), NEEDLE)
    }
    expectNoNeedle(await errorOf(handler, { ...good, RotationToken: [NEEDLE] }), NEEDLE)
  })
})
