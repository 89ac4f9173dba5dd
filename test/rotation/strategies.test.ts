import {
  apiKey,
  alternatingUsers,
  createRotationHandler,
  mysqlDatabase,
  postgresDatabase,
  singleUser,
} from 'aws-secrets-client/rotation'
import type { RotationStrategy } from 'aws-secrets-client/rotation'
import type { rdsCredentials } from 'aws-secrets-client'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { MemoryDatabase } from './memory-database.js'
import { announce, arnOf, credentialsAt, errorOf, failuresOf, secretOf, start, textAt } from './setup.js'

async function startWith(
  strategyOf: (database: MemoryDatabase) => RotationStrategy<typeof rdsCredentials>,
  { value = {}, masterValue = secretOf('admin', 'admin') }: { value?: object; masterValue?: object } = {},
) {
  const { emulator, client } = await start()
  const database = new MemoryDatabase()
  database.add('app', 'first', 'read')
  database.add('admin', 'admin', 'admin')
  emulator.seed({ secrets: { master: masterValue } })
  emulator.seed({
    secrets: { db: secretOf('app', 'first', { masterarn: arnOf(emulator, 'master'), ...value }) },
  })
  const handler = createRotationHandler({ ...strategyOf(database), client })
  const run = async (...steps: ('createSecret' | 'setSecret' | 'testSecret' | 'finishSecret')[]) => {
    const event = announce(emulator, 'db', 'createSecret')
    for (const Step of steps) await handler({ ...event, Step })
    return event
  }
  /** Puts another value into the pending version than the function would. */
  const pend = (more: object) => {
    const event = announce(emulator, 'db', 'setSecret')
    const pending = {
      SecretId: 'db',
      VersionStages: ['AWSPENDING'],
      ...{ ClientRequestToken: event.ClientRequestToken },
    }
    emulator.call('PutSecretValue', {
      ...pending,
      SecretString: JSON.stringify(secretOf('app', 'new', more)),
    })
    return event
  }
  return { emulator, database, handler, run, pend }
}

const ENGINE = "the secret's engine is none that this function speaks: postgres"

describe('singleUser', () => {
  test('changes the password, and keeps every other member as it is stored', async () => {
    const { emulator, database, handler } = await startWith(singleUser)
    emulator.onRotate(handler)
    expect((await emulator.rotate('db')).state).toBe('succeeded')
    const { password } = await credentialsAt(emulator, 'db')
    expect(JSON.parse(textAt(emulator, 'db'))).toEqual({
      ...secretOf('app', password),
      masterarn: arnOf(emulator, 'master'),
    })
    expect(database.users.get('app')).toEqual({ password, rights: new Set(['read']) })
    expect(database.calls).toEqual(['log in app', 'log in app', 'change', 'log in app'])
  })

  test('does nothing where the pending password is set already, though the current one is dead', async () => {
    const { database, handler, run } = await startWith(singleUser)
    const event = await run('createSecret', 'setSecret')
    database.calls.length = 0
    await handler({ ...event, Step: 'setSecret' })
    expect(database.calls).toEqual(['log in app'])
  })

  test('logs in with the previous password where the current one was never set', async () => {
    const { emulator, database, handler } = await startWith(singleUser)
    emulator.seed({ secrets: { db: secretOf('app', 'never-set') } })
    emulator.onRotate(handler, { attempts: 1 })
    expect((await emulator.rotate('db')).state).toBe('succeeded')
    expect(database.accepts(await credentialsAt(emulator, 'db'))).toBe(true)
    expect(database.calls).toEqual(['log in app', 'log in app', 'log in app', 'change', 'log in app'])
  })

  test('fails where no version logs in, and succeeds once one does', async () => {
    const { emulator, database, handler } = await startWith(singleUser)
    database.add('app', 'changed-by-hand')
    emulator.onRotate(handler, { attempts: 1 })
    const { versionId: token, ...outcome } = await emulator.rotate('db')
    expect(failuresOf({ versionId: token, ...outcome })).toEqual(['setSecret RotationError ERR_ROTATION'])
    database.add('app', 'first')
    expect((await emulator.rotate('db', { token })).state).toBe('succeeded')
  })

  test('says that every version is refused', async () => {
    const { database, handler, run } = await startWith(singleUser)
    const event = await run('createSecret')
    database.users.clear()
    const error = await errorOf(handler, { ...event, Step: 'setSecret' })
    expect(error.reason).toBe('refused')
    expect(error.what).toBe(
      'setSecret: the database refuses the pending, the current and the previous credentials',
    )
  })

  test('goes on where another invocation set the password meanwhile', async () => {
    const { database, handler, run } = await startWith(singleUser)
    const event = await run('createSecret')
    const logIn = database.logIn.bind(database)
    let asked = 0
    database.logIn = async (credentials) => {
      asked += 1
      if (asked === 2) database.add('app', credentials.password)
      if (asked === 2) return false
      return asked === 3 || logIn(credentials)
    }
    await handler({ ...event, Step: 'setSecret' })
    expect(database.calls).not.toContain('change')
  })

  test.each<[string, object, string]>([
    ['another user', { username: 'admin' }, 'the user of the pending version is not the one to be rotated'],
    [
      'another host',
      { host: 'evil' },
      'engine, host or port of the pending version are not those of the current one',
    ],
    [
      'another port',
      { port: 1 },
      'engine, host or port of the pending version are not those of the current one',
    ],
    ['another engine', { engine: 'oracle' }, ENGINE],
  ])('refuses to change the password of %s', async (_title, more, what) => {
    const { database, handler, pend } = await startWith(singleUser)
    const error = await errorOf(handler, pend(more))
    expect(error).toMatchObject({ reason: 'secret', what: `setSecret: ${what}` })
    expect(database.calls).not.toContain('change')
  })

  test.each<[string, object]>([
    ['user', { username: 'admin' }],
    ['server', { host: 'evil' }],
  ])('refuses to log in with the previous version of another %s', async (_title, more) => {
    const { emulator, database, handler } = await startWith(singleUser, { value: more })
    emulator.seed({ secrets: { db: secretOf('app', 'never-set') } })
    const event = announce(emulator, 'db', 'createSecret')
    await handler(event)
    const error = await errorOf(handler, { ...event, Step: 'setSecret' })
    expect(error.reason).toBe('secret')
    expect(error.what).toContain('of the previous version')
    expect(database.calls).toHaveLength(2)
  })

  test('refuses an engine that the database does not speak', async () => {
    const { handler, emulator } = await startWith(singleUser, { value: { engine: 'oracle' } })
    const error = await errorOf(handler, announce(emulator, 'db', 'createSecret'))
    expect(error).toMatchObject({ reason: 'secret', what: `createSecret: ${ENGINE}` })
    expect(error.message).not.toContain('oracle')
  })

  test.each([['username'], ['password'], ['host'], ['engine']])(
    'refuses a secret without %s',
    async (name) => {
      const { handler, emulator } = await startWith(singleUser, { value: { [name]: undefined } })
      const error = await errorOf(handler, announce(emulator, 'db', 'createSecret'))
      expect(error).toMatchObject({ code: 'ERR_SCHEMA', reason: 'read', step: 'createSecret' })
      expect(error.message).toContain(name)
    },
  )

  test('says what the secret must be where it is text, or has no host', async () => {
    const { handler, emulator } = await startWith(singleUser)
    const hint = 'Correct the secret: JSON with engine, host, username and password, as RDS has it.'
    const event = announce(emulator, 'db', 'createSecret')
    for (const [value, code] of [
      ['hunter2', 'ERR_DECODE'],
      [secretOf('app', 'first', { host: undefined }), 'ERR_SCHEMA'],
    ] as const) {
      emulator.seed({ secrets: { db: value } })
      const error = await errorOf(handler, event)
      expect(error).toMatchObject({ code, reason: 'read', ref: event.SecretId, hint })
      expect(error.message).not.toContain('hunter2')
    }
  })

  test.each([
    ['mysql', postgresDatabase, 'mysqlDatabase'],
    ['aurora-mysql', postgresDatabase, 'mysqlDatabase'],
    ['aurora-postgresql', mysqlDatabase, 'postgresDatabase'],
  ])('names the database for the engine %s', async (engine, database, right) => {
    const { handler, emulator } = await startWith(() => singleUser(database()), { value: { engine } })
    const error = await errorOf(handler, announce(emulator, 'db', 'createSecret'))
    expect(error).toMatchObject({ reason: 'secret', hint: `For this engine there is ${right}().` })
  })

  test('fails the test where the database refuses the pending credentials', async () => {
    const { handler, run } = await startWith(singleUser)
    const event = await run('createSecret')
    const error = await errorOf(handler, { ...event, Step: 'testSecret' })
    expect(error).toMatchObject({
      reason: 'refused',
      what: 'testSecret: the database refuses the pending credentials',
    })
  })

  test('does not take a database that cannot be reached for one that refuses', async () => {
    const { database, handler, run } = await startWith(singleUser)
    const event = await run('createSecret')
    database.failAt(1, 'before')
    const error = await errorOf(handler, { ...event, Step: 'setSecret' })
    expect(error).toMatchObject({ reason: 'failed', what: 'setSecret: failed with Error' })
    expect(database.calls).toHaveLength(1)
  })
})

describe('alternatingUsers', () => {
  test('takes turns between the user and its clone, of which one always stays valid', async () => {
    const { emulator, database, handler } = await startWith(alternatingUsers)
    emulator.onRotate(handler, { attempts: 1 })
    const users: string[] = []
    for (let round = 1; round <= 3; round += 1) {
      const before = await credentialsAt(emulator, 'db')
      expect((await emulator.rotate('db')).state).toBe('succeeded')
      expect(database.accepts(before)).toBe(true)
      const { username } = await credentialsAt(emulator, 'db')
      users.push(username)
    }
    expect(users).toEqual(['app_clone', 'app', 'app_clone'])
    expect([...(database.users.get('app_clone')?.rights ?? [])]).toEqual(['read'])
  })

  test('takes a master secret without an address for the host that it was told', async () => {
    const masterValue = { username: 'admin', password: 'admin' }
    const strategy = (database: MemoryDatabase) => alternatingUsers(database, { masterHost: 'db.internal' })
    const { emulator, handler } = await startWith(strategy, { masterValue })
    emulator.onRotate(handler, { attempts: 1 })
    expect((await emulator.rotate('db')).state).toBe('succeeded')
  })

  test.each([
    [undefined, 'the master secret names no host'],
    ['db.internal', "the master secret's host is not that of the current version"],
  ])('sends no password of a master secret without an address to any host: %s', async (masterHost, what) => {
    const masterValue = { username: 'admin', password: 'admin' }
    const strategy = (database: MemoryDatabase) => alternatingUsers(database, { masterHost })
    const value = { host: 'evil.example' }
    const { emulator, database, handler } = await startWith(strategy, { masterValue, value })
    const event = announce(emulator, 'db', 'createSecret')
    await handler(event)
    const error = await errorOf(handler, { ...event, Step: 'setSecret' })
    expect(error).toMatchObject({
      what: `setSecret: ${what}`,
      reason: 'secret',
      ref: arnOf(emulator, 'master'),
    })
    expect(database.calls).not.toContain('clone')
  })

  test('connects to the host of the master where that is known to be the same database', async () => {
    const hosts: string[] = []
    const strategy = (database: MemoryDatabase) => {
      const cloneUser = database.cloneUser.bind(database)
      database.cloneUser = (admin, from, to) => {
        hosts.push(`${admin.host}:${admin.port} ${admin.dbname ?? ''}`)
        return cloneUser(admin, from, to)
      }
      return alternatingUsers(database, {
        isSameHost: (host, masterHost) => host === 'db.internal' && masterHost === 'primary',
      })
    }
    const masterValue = secretOf('admin', 'admin', { host: 'primary', port: 7, dbname: 'none' })
    const { emulator, handler } = await startWith(strategy, { masterValue, value: { dbname: 'shop' } })
    emulator.onRotate(handler, { attempts: 1 })
    expect((await emulator.rotate('db')).state).toBe('succeeded')
    expect(hosts).toEqual(['primary:7 shop'])
  })

  test.each<[string, object, object, string]>([
    ['the secret has no masterarn', { masterarn: undefined }, {}, 'the current value has no masterarn'],
    [
      'the master is on another host',
      {},
      { host: 'other' },
      "the master secret's host is not that of the current version",
    ],
    [
      'the current password is dead',
      { password: 'dead' },
      {},
      'the database refuses the current credentials',
    ],
  ])('changes nothing where %s', async (_title, value, master, what) => {
    const masterValue = secretOf('admin', 'admin', master)
    const { emulator, database, handler } = await startWith(alternatingUsers, { value, masterValue })
    const event = announce(emulator, 'db', 'createSecret')
    await handler(event)
    const error = await errorOf(handler, { ...event, Step: 'setSecret' })
    expect(error.what).toBe(`setSecret: ${what}`)
    expect(database.calls).not.toContain('clone')
  })

  test('names the master secret that cannot be read or decoded', async () => {
    const strategy = (database: MemoryDatabase) => alternatingUsers(database, { masterHost: 'db.internal' })
    const { emulator, handler } = await startWith(strategy, { masterValue: { username: 'admin' } })
    const event = announce(emulator, 'db', 'createSecret')
    await handler(event)
    const undecoded = await errorOf(handler, { ...event, Step: 'setSecret' })
    const ref = arnOf(emulator, 'master')
    const hint =
      'Correct the master secret: JSON with username and password, and where it has a host, engine too.'
    expect(undecoded).toMatchObject({ code: 'ERR_SCHEMA', reason: 'read', ref, hint })
    for (const [master, code] of [
      ['hunter2', 'ERR_DECODE'],
      [{ host: 'db.internal', username: 'admin', password: 'admin' }, 'ERR_SCHEMA'],
    ] as const) {
      emulator.seed({ secrets: { master } })
      const error = await errorOf(handler, { ...event, Step: 'setSecret' })
      expect(error).toMatchObject({ code, reason: 'read', ref, hint })
    }
    emulator.deny('secretsmanager:GetSecretValue', 'master')
    const denied = await errorOf(handler, { ...event, Step: 'setSecret' })
    expect(denied).toMatchObject({ code: 'ERR_ACCESS_DENIED', ref: arnOf(emulator, 'master') })
  })

  test.each<[string, object, string]>([
    ['another user', { username: 'admin' }, 'the user of the pending version'],
    ['the user in use', { username: 'app' }, 'the user of the pending version'],
    ['another host', { username: 'app_clone', host: 'evil' }, 'engine, host or port of the pending version'],
    ['another engine', { username: 'app_clone', engine: 'mysql' }, ENGINE],
  ])('refuses to change the password of %s', async (_title, more, what) => {
    const { database, handler, pend } = await startWith(alternatingUsers)
    const error = await errorOf(handler, pend(more))
    expect(error.reason).toBe('secret')
    expect(error.what).toContain(what)
    expect(database.calls).not.toContain('clone')
  })

  test.each([['a'.repeat(15)], ['é'.repeat(8)], ['_clone']])(
    'refuses a user whose other name is too long or empty: %s',
    async (username) => {
      const { emulator, handler } = await startWith(alternatingUsers, { value: { username } })
      const error = await errorOf(handler, announce(emulator, 'db', 'createSecret'))
      expect(error.what).toBe(
        "createSecret: the other user's name, with or without _clone, is not 1 to 20 bytes long",
      )
    },
  )
})

describe('apiKey', () => {
  test('takes a provider whose functions are methods', async () => {
    const { emulator, client } = await start()
    emulator.seed({ secrets: { key: 'k0' } })
    class Provider {
      readonly revoked: string[] = []
      issued = 0
      createKey() {
        return `k${(this.issued += 1)}`
      }
      testKey(key: string) {
        if (key !== `k${this.issued}`) throw new Error('401')
      }
      revokeKey(key: string) {
        this.revoked.push(key)
      }
    }
    const provider = new Provider()
    emulator.onRotate(createRotationHandler({ ...apiKey(provider), client }), { attempts: 1 })
    for (let round = 1; round <= 3; round += 1) expect((await emulator.rotate('key')).state).toBe('succeeded')
    expect(provider.revoked).toEqual(['k0', 'k1'])
  })

  test('does not take false from testKey for a success, nor an empty text from createKey for a key', async () => {
    const { emulator, client } = await start()
    emulator.seed({ secrets: { key: 'k0' } })
    const made = ['', JSON.parse('7') as object, 'k1']
    // By this type, TypeScript lets any answer through.
    const answer: unknown = Promise.resolve(false)
    const testKey: () => void = () => answer
    const strategy = apiKey({ createKey: () => made.shift() ?? '', testKey, revokeKey: () => undefined })
    const handler = createRotationHandler({ ...strategy, client })
    const event = announce(emulator, 'key', 'createSecret')
    expect((await errorOf(handler, event)).message).toContain(
      'createSecret: the function createKey returned an empty value. Let it throw where there is no new value.',
    )
    expect((await errorOf(handler, event)).what).toBe(
      'createSecret: the function createKey returned neither text nor bytes nor an object',
    )
    await handler(event)
    expect(await errorOf(handler, { ...event, Step: 'testSecret' })).toMatchObject({
      reason: 'refused',
      what: 'testSecret: the function testKey answered false',
      hint: 'Let it throw where the test fails, and return nothing.',
    })
    expect(textAt(emulator, 'key')).toBe('k0')
  })

  async function startKeys(revoke: 'before-create' | 'before-finish' = 'before-finish') {
    const { emulator, client } = await start()
    emulator.seed({ secrets: { key: { id: 'k1', secret: 's1' } } })
    const log: string[] = []
    const strategy = apiKey({
      schema: z.object({ id: z.string(), secret: z.string() }),
      revoke,
      async createKey(rotation) {
        const id = `${(await rotation.current()).id}+`
        log.push(`create ${id}`)
        return { id, secret: 's' }
      },
      testKey({ id }) {
        log.push(`test ${id}`)
      },
      revokeKey: ({ id }) => log.push(`revoke ${id}`),
    })
    emulator.onRotate(createRotationHandler({ ...strategy, client }))
    return { emulator, log }
  }

  test('keeps the last key alive and revokes the one before it', async () => {
    const { emulator, log } = await startKeys()
    await emulator.rotate('key')
    await emulator.rotate('key')
    expect(log).toEqual(['create k1+', 'test k1+', 'create k1++', 'test k1++', 'revoke k1'])
  })

  test('revokes first where the provider allows two keys only', async () => {
    const { emulator, log } = await startKeys('before-create')
    await emulator.rotate('key')
    await emulator.rotate('key')
    expect(log).toEqual(['create k1+', 'test k1+', 'revoke k1', 'create k1++', 'test k1++'])
  })

  test('never revokes a previous key that is also the current one', async () => {
    const { emulator, log } = await startKeys()
    emulator.seed({ secrets: { key: { id: 'k1', secret: 's1' } } })
    await emulator.rotate('key')
    expect(log).toEqual(['create k1+', 'test k1+'])
  })

  test('never revokes a previous key that is also the pending one', async () => {
    const { emulator, client } = await start()
    for (const key of ['k1', 'k2']) emulator.seed({ secrets: { key } })
    const revoked: string[] = []
    const createKey = async (rotation: { previous(): Promise<string | undefined> }) =>
      (await rotation.previous()) ?? ''
    const strategy = apiKey({ createKey, testKey: () => undefined, revokeKey: (key) => revoked.push(key) })
    emulator.onRotate(createRotationHandler({ ...strategy, client }))
    expect((await emulator.rotate('key')).state).toBe('succeeded')
    expect([textAt(emulator, 'key'), revoked]).toEqual(['k1', []])
  })

  test('works with a secret that is a text', async () => {
    const { emulator, client } = await start()
    emulator.seed({ secrets: { key: 'v1' } })
    const tested: string[] = []
    const strategy = apiKey({
      createKey: async (rotation) => `${await rotation.current()}+`,
      testKey(key) {
        tested.push(key.toUpperCase())
      },
      revokeKey: () => undefined,
    })
    emulator.onRotate(createRotationHandler({ ...strategy, client }))
    expect((await emulator.rotate('key')).state).toBe('succeeded')
    expect([tested, textAt(emulator, 'key')]).toEqual([['V1+'], 'v1+'])
  })
})
