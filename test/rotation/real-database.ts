/** What every strategy must do to a real database, whatever its kind. */

import type { Emulator } from 'aws-secrets-client/emulator'
import { alternatingUsers, createRotationHandler, singleUser } from 'aws-secrets-client/rotation'
import type { RotationDatabase } from 'aws-secrets-client/rotation'
import { describe, expect, test } from 'vitest'
import { PATIENCE_MS, arnOf, credentialsAt, start } from './setup.js'

export interface RealDatabase {
  readonly engine: string
  readonly host: string
  readonly port: number
  readonly dbname: string
  readonly database: RotationDatabase
  readonly admin: { readonly username: string; readonly password: string }
  /** Makes a user who may read the table `orders`, and nothing else. */
  readonly createReader: (username: string, password: string) => Promise<void>
  /** Fails the test unless the user may log in, read the table, and not write it. */
  readonly read: (username: string, password: string) => Promise<void>
}

const STEPS = ['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const
const AWKWARD = `o'Neil "x" \`y\` \\`

export function describeStrategies(name: string, real: RealDatabase): void {
  const { engine, host, port, dbname, database, admin } = real
  const place = { engine, host, port, dbname }

  async function startWith(username: string, password: string) {
    const { emulator, client } = await start()
    await real.createReader(username, password)
    emulator.seed({ secrets: { master: { ...place, ...admin } } })
    const masterarn = arnOf(emulator, 'master')
    emulator.seed({ secrets: { db: { ...place, username, password, masterarn } } })
    return { emulator, client }
  }

  const disturb = (emulator: Emulator) => {
    for (const step of STEPS) {
      emulator.disturbRotation(step, { fail: 'after' }, { times: 1 })
      emulator.disturbRotation(step, { replay: 1 })
    }
  }

  const credentials = { ...place, username: 'nobody', password: 'none' }

  describe(`rotation on ${name}`, { timeout: PATIENCE_MS }, () => {
    test.each([
      ['single', 'first'],
      [AWKWARD, AWKWARD],
    ])('gives one user another password, though each step is repeated: %s', async (username, password) => {
      const { emulator, client } = await startWith(username, password)
      emulator.onRotate(createRotationHandler({ ...singleUser(database), client }))
      disturb(emulator)
      for (let round = 1; round <= 2; round += 1) {
        const before = await credentialsAt(emulator, 'db')
        expect((await emulator.rotate('db')).state).toBe('succeeded')
        const after = await credentialsAt(emulator, 'db')
        await real.read(after.username, after.password)
        expect(await database.logIn(before)).toBe(false)
      }
    })

    test.each([
      ['turns', 'first'],
      [`2 ${AWKWARD}`, AWKWARD],
    ])(
      'lets a user and its clone take turns, though each step is repeated: %s',
      async (username, password) => {
        const { emulator, client } = await startWith(username, password)
        emulator.onRotate(createRotationHandler({ ...alternatingUsers(database), client }))
        disturb(emulator)
        for (const expected of [`${username}_clone`, username, `${username}_clone`]) {
          const before = await credentialsAt(emulator, 'db')
          expect((await emulator.rotate('db')).state).toBe('succeeded')
          const after = await credentialsAt(emulator, 'db')
          expect(after.username).toBe(expected)
          await real.read(after.username, after.password)
          await real.read(before.username, before.password)
        }
      },
    )

    test('sets a password that is no ASCII', async () => {
      const password = `pässwörd ${AWKWARD} – 密码`
      await real.createReader('unicode', 'first')
      await database.changePassword({ ...place, username: 'unicode', password: 'first' }, password)
      await real.read('unicode', password)
    })

    test('tells refused credentials from a server that is not there, or speaks no TLS', async () => {
      expect(await database.logIn(credentials)).toBe(false)
      await expect(database.logIn({ ...credentials, port: 1 })).rejects.toMatchObject({
        code: 'ECONNREFUSED',
      })
    })
  })
}
