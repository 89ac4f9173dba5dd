import { randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { inspect } from 'node:util'
import pg from 'pg'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { type PgPoolOptions, connect, createPool } from 'aws-secrets-client/pg'
import { rejectedByPostgres } from 'aws-secrets-client/rejections'
import { expectNoNeedle } from '../support/needle.js'
import { startPostgres } from '../support/postgres.js'
import { REF, type Stage, afterRejections, proxyTo, stageWith } from './credentials-stage.js'

const postgres = await startPostgres()

/** What a login may take, also on a machine that has much else to do. */
const LOGIN_MS = 1_000

/** What is waited for comes, but on a machine that has much else to do not at once. */
const SOON = { timeout: 10_000 }

/** The pauses of a search grow to seconds. */
const PATIENT = { timeout: 20_000 }

const newPassword = () => `needle-${randomBytes(18).toString('base64url')}`

interface Scene extends Stage {
  readonly user: string
  readonly password: string
  /** A secret with these members, for the server. */
  readonly secret: (members?: object) => object
  /** Sets a password in the database, and gives the secret with it. */
  readonly alter: (user?: string) => Promise<object>
  readonly pool: (options?: PgPoolOptions) => pg.Pool
}

/** A user, whose live password is in the secret. */
async function scene(members: object = {}): Promise<Scene> {
  const user = `app_${randomUUID().slice(0, 8)}`
  const password = newPassword()
  await postgres.createUser(user, password)
  const { host, port, database: dbname } = postgres
  const secret = (other: object = {}) => ({
    ...{ engine: 'postgres', host, port: String(port), dbname, username: user, password },
    ...members,
    ...other,
  })
  const stage = await stageWith(secret())
  return {
    ...stage,
    user,
    password,
    secret,
    async alter(username = user) {
      const changed = newPassword()
      await postgres.setPassword(username, changed)
      return secret({ username, password: changed })
    },
    pool: (options) => opened(createPool(stage.secrets, REF, options)),
  }
}

/** Ends with the test, whatever becomes of it. */
function opened(pool: pg.Pool): pg.Pool {
  // The server may end what has just been told to end.
  pool.on('error', () => undefined)
  onTestFinished(async () => {
    if (!pool.ending) await pool.end()
  })
  return pool
}

const WHO = 'SELECT current_user AS who'

async function who(pool: pg.Pool): Promise<unknown> {
  const { rows } = await pool.query<{ who: string }>(WHO)
  return rows[0]?.who
}

const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => {
      throw new Error('it did not fail')
    },
    (error: unknown) => error,
  )

describe('a pool connects with what the secret says', () => {
  test('user, password, host, port and database', async () => {
    const { pool: open, user, requests } = await scene()
    const pool = open({ max: 3 })
    expect(pool).toBeInstanceOf(pg.Pool)
    const { rows } = await pool.query('SELECT current_user AS who, current_database() AS db')
    expect(rows).toEqual([{ who: user, db: postgres.database }])
    expect(requests()).toBe(1)
    expect(pool.totalCount).toBe(1)
  })

  test('once for all connections, and not at all for one that is idle', async () => {
    const { pool: open, requests, emulator } = await scene()
    const pool = open({ max: 3 })
    await Promise.all(Array.from({ length: 30 }, () => who(pool)))
    expect(pool.totalCount).toBe(3)
    emulator.fail('*', { error: 'AccessDeniedException' })
    await who(pool)
    expect(requests()).toBe(1)
  })

  test('a bare user name and password, with the address of the options', async () => {
    const { host, port, database } = postgres
    const stage = await scene()
    stage.put({ username: stage.user, password: stage.password })
    expect(await who(stage.pool({ host, port, database }))).toBe(stage.user)
  })

  test('but for what the options say, which goes first', async () => {
    const { host, port, database } = postgres
    const { pool, user } = await scene({ host: 'db.invalid', port: 1, dbname: 'nowhere' })
    expect(await who(pool({ host, port, database }))).toBe(user)
  })

  test('with a schema of its own', async () => {
    const stage = await scene()
    stage.put({ login: stage.user, word: stage.password })
    const schema = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: (value: unknown) => {
          const { login, word } = value as { login: string; word: string }
          return { value: { ...postgres, username: login, password: word, dbname: postgres.database } }
        },
      },
    } as const
    expect(await who(stage.pool({ schema }))).toBe(stage.user)
  })

  test('in the styles of the library: promises, callbacks, events', async () => {
    const { pool: open, user } = await scene()
    const pool = open({ max: 1 })
    const events: string[] = []
    for (const name of ['connect', 'acquire', 'release', 'remove'] as const)
      pool.on(name, () => events.push(name))
    const byCallback = await new Promise((resolve, reject) => {
      pool.query(WHO, (error: Error | undefined, result: pg.QueryResult<{ who: string }>) => {
        if (error instanceof Error) reject(error)
        else resolve(result.rows[0]?.who)
      })
    })
    expect(byCallback).toBe(user)
    const client = await new Promise<pg.PoolClient>((resolve, reject) => {
      pool.connect((error, connected, done) => {
        if (connected === undefined) reject(error ?? new Error('no client'))
        else resolve(connected)
        expect(typeof done).toBe('function')
      })
    })
    expect(client).toBeInstanceOf(pg.Client)
    client.release()
    const again = await pool.connect()
    const removed = once(pool, 'remove')
    again.release(true)
    await Promise.all([removed, pool.end()])
    expect(events).toEqual([
      'connect',
      'acquire',
      'release',
      'acquire',
      'release',
      'acquire',
      'release',
      'remove',
    ])
    await expect(pool.query(WHO)).rejects.toThrow('Cannot use a pool after calling end on the pool')
    await expect(pool.end()).rejects.toThrow('Called end on pool more than once')
  })
})

test('a client of the pool connects by promise, too', async () => {
  const { pool, user } = await scene()
  const { Client } = pool().options
  const client: unknown = Reflect.construct(Client ?? Object, [])
  if (!(client instanceof pg.Client)) throw new Error('no client of pg')
  expect(await client.connect()).toBe(client)
  expect((await client.query<{ who: string }>(WHO)).rows).toEqual([{ who: user }])
  await client.end()
})

describe('no query fails in a rotation', () => {
  test('where the cached password is dead', async () => {
    const { pool: open, alter, put, user } = await scene()
    const pool = open({ max: 4, maxUses: 1 })
    await who(pool)
    put(await alter())
    expect(await Promise.all(Array.from({ length: 20 }, () => who(pool)))).toEqual(Array(20).fill(user))
    const { refused } = await postgres.logins(user)
    expect(refused).toBeLessThanOrEqual(4)
  })

  test('where the password is dead for a while, and the timeout is shorter than that', PATIENT, async () => {
    const { pool: open, alter, put, user } = await scene()
    const changed = await alter()
    const isRejected = afterRejections(rejectedByPostgres, 1, () => {
      setTimeout(() => {
        put(changed)
      }, 1.5 * LOGIN_MS)
    })
    const pool = open({ max: 2, connectionTimeoutMillis: LOGIN_MS, isRejected })
    expect(await Promise.all(Array.from({ length: 10 }, () => who(pool)))).toEqual(Array(10).fill(user))
  })

  test('nor while AWS is slower than the timeout', async () => {
    const { pool: open, emulator, user } = await scene()
    emulator.setLatency(1.5 * LOGIN_MS)
    const pool = open({ max: 1, connectionTimeoutMillis: LOGIN_MS })
    expect(await Promise.all([who(pool), who(pool), who(pool)])).toEqual([user, user, user])
    expect(await postgres.logins(user)).toEqual({ accepted: 1, refused: 0 })
  })

  test('of alternating users', async () => {
    const { pool: open, alter, put, user } = await scene()
    const clone = `${user}_clone`
    await postgres.createUser(clone, newPassword())
    const pool = open({ max: 2, maxUses: 1 })
    for (const current of [clone, user, clone]) {
      const other = current === clone ? user : clone
      put(await alter(current))
      // The cached one is alive as long as nobody has changed it.
      await postgres.setPassword(other, newPassword())
      expect(await who(pool)).toBe(current)
    }
    const logins = await Promise.all([user, clone].map((name) => postgres.logins(name)))
    expect(logins.reduce((sum, { refused }) => sum + refused, 0)).toBeLessThanOrEqual(3)
  })

  test('with the pending version, where that is opted for', async () => {
    const { pool: open, alter, putPending, user } = await scene()
    putPending(await alter())
    expect(await who(open({ pending: true }))).toBe(user)
    const error = await failureOf(who(open({ windowMs: 0 })))
    expect(error).toMatchObject({ code: '28P01' })
  })

  test('of three in a row, under churn', async () => {
    const { pool: open, alter, put, user } = await scene()
    const pool = open({ max: 3, maxUses: 2 })
    const queries: Promise<unknown>[] = []
    for (let rotation = 0; rotation < 3; rotation += 1) {
      queries.push(...Array.from({ length: 10 }, () => who(pool)))
      const changed = await alter()
      queries.push(...Array.from({ length: 10 }, () => who(pool)))
      put(changed)
      await who(pool)
    }
    expect(new Set(await Promise.all(queries))).toEqual(new Set([user]))
    expect(pool.totalCount).toBeLessThanOrEqual(3)
  })
})

describe('a failure is that of the database', () => {
  test('for a password that stays wrong, when the window is over', async () => {
    const { pool: open, alter, password, user } = await scene()
    await alter()
    const options = { windowMs: 1.5 * LOGIN_MS, connectionTimeoutMillis: LOGIN_MS }
    for (const how of [{ windowMs: 0 }, options]) {
      const pool = open(how)
      const error = await failureOf(who(pool))
      expect(error).toBeInstanceOf(pg.DatabaseError)
      expect(error).toMatchObject({
        code: '28P01',
        message: `password authentication failed for user "${user}"`,
      })
      expectNoNeedle(error, password)
      expect(pool.totalCount).toBe(0)
    }
  })

  test('after one window and no second one, for whoever waited without a try, too', async () => {
    const { alter, secrets } = await scene()
    await secrets.get(REF)
    await alter()
    const windows = vi.fn()
    const counting = {
      get: secrets.get.bind(secrets),
      withSecret: ((...args: Parameters<typeof secrets.withSecret>) => {
        windows()
        return secrets.withSecret(...args)
      }) as typeof secrets.withSecret,
    }
    const pool = opened(createPool(counting, REF, { max: 8, windowMs: 100 }))
    const errors = await Promise.all(Array.from({ length: 8 }, () => failureOf(who(pool))))
    for (const error of errors) expect(error).toMatchObject({ code: '28P01' })
    expect(windows).toHaveBeenCalledTimes(8)
  })

  test('at once, for anything but a rejection', async () => {
    const { secrets, secret, put, pool: open, user } = await scene({ dbname: 'nowhere' })
    expect(await failureOf(who(open()))).toMatchObject({ code: '3D000' })
    expect(await postgres.logins(user)).toMatchObject({ refused: 0 })
    put(secret({ port: 1 }))
    await secrets.refresh(REF)
    expect(await failureOf(who(open()))).toMatchObject({ code: 'ECONNREFUSED' })
  })

  test('but for a predicate that throws or gives no boolean', async () => {
    const { pool: open, alter, put, secret } = await scene()
    const changed = await alter()
    const predicates: ((error: unknown) => boolean)[] = [
      () => {
        throw new Error('mine')
      },
      () => 'yes' as never,
    ]
    for (const isRejected of predicates) {
      put(secret())
      const error = await failureOf(who(open({ isRejected })))
      expect(error).toBeInstanceOf(TypeError)
      expect(error).toMatchObject({ cause: { code: '28P01' } })
      put(changed)
    }
  })

  test('of a server without TLS, for a pool that wants it', async () => {
    const { pool, user } = await scene()
    for (const ssl of [true, { rejectUnauthorized: true, ca: 'none' }])
      await expect(who(pool({ ssl }))).rejects.toThrow('The server does not support SSL connections')
    expect(await postgres.logins(user)).toMatchObject({ accepted: 0, refused: 0 })
  })

  test('of a server that does not answer, after the timeout', async () => {
    const silent = await listening()
    const { pool, secrets } = await scene({ port: silent.port })
    await secrets.get(REF)
    await expect(who(pool({ connectionTimeoutMillis: 50 }))).rejects.toThrow(/timeout/)
    await vi.waitFor(() => {
      expect(silent.connections()).toBe(1)
    }, SOON)
  })

  test('of a pool that is exhausted, after the timeout', async () => {
    const { pool: open, requests } = await scene()
    const pool = open({ max: 1, connectionTimeoutMillis: LOGIN_MS })
    const client = await pool.connect()
    await expect(who(pool)).rejects.toThrow('timeout exceeded when trying to connect')
    client.release()
    expect(requests()).toBe(1)
  })
})

describe('a secret that is no credentials is refused, without a word of it', () => {
  const NEEDLE = 'needle-hunter2-4711-SECRET'

  test.each([
    ['no password', { username: 'app', engine: 'postgres' }, '/password is missing'],
    ['no user name', { password: NEEDLE, username: '' }, '/username must not be empty'],
    ['a port that is none', { username: 'app', password: NEEDLE, port: NEEDLE }, '/port must be an integer'],
    [
      'another engine',
      { username: 'app', password: NEEDLE, engine: 'mysql' },
      '/engine must be one that is spoken here: postgres',
    ],
    ['a host that is none', { username: 'app', password: NEEDLE, host: 1 }, '/host must be text'],
    ['a list', [NEEDLE], '(root) must be a JSON object'],
    ['a text', JSON.stringify(NEEDLE), '(root) must be a JSON object with username and password'],
  ])('%s', async (_name, value, what) => {
    const { secrets } = await stageWith(value)
    const pool = opened(createPool(secrets, REF))
    for (const error of [await failureOf(who(pool)), await failureOf(connect(secrets, REF))]) {
      expect(error).toMatchObject({ name: 'SecretsError', code: 'ERR_SCHEMA', ref: REF })
      expect(String(error)).toContain(what)
      expectNoNeedle(error, NEEDLE)
    }
    expect(pool.totalCount).toBe(0)
  })

  test('text that is no JSON', async () => {
    const { secrets } = await stageWith(NEEDLE)
    const error = await failureOf(who(opened(createPool(secrets, REF))))
    expect(error).toMatchObject({ code: 'ERR_DECODE' })
    expectNoNeedle(error, NEEDLE)
  })

  test.each([
    ['lacks something', { password: NEEDLE }, '/username is missing'],
    ['is text', NEEDLE, '(root) must be a JSON object'],
    ['names another engine', { username: 'app', password: NEEDLE, engine: 'oracle' }, '/engine must be one'],
  ])('a schema of its own whose output %s', async (_name, value, what) => {
    const { secrets } = await stageWith({ password: NEEDLE })
    const schema = {
      '~standard': { version: 1, vendor: 'test', validate: () => ({ value: value as never }) },
    } as const
    const error = await failureOf(who(opened(createPool(secrets, REF, { schema }))))
    const hint = 'Make the schema give a username and a password; the value itself is never shown.'
    expect(error).toMatchObject({ code: 'ERR_SCHEMA', ref: REF, hint })
    expect(String(error)).toContain(what)
    expectNoNeedle(error, NEEDLE)
  })
})

describe('the end of a pool', () => {
  test('ends the waits for a rotation', async () => {
    const { pool: open, alter } = await scene()
    await alter()
    const refused = vi.fn()
    const pool = open({
      max: 2,
      isRejected: (error) => {
        refused()
        return rejectedByPostgres(error)
      },
    })
    const failures = Promise.all([failureOf(who(pool)), failureOf(pool.connect())])
    await vi.waitFor(() => {
      expect(refused).toHaveBeenCalled()
    }, SOON)
    await pool.end()
    for (const error of await failures) expect(error).toMatchObject({ code: 'ERR_CLOSED' })
    expect(pool.totalCount).toBe(0)
  })

  test.each(['a rotation', 'a client in use'])('leaves nobody waiting behind %s', async (what) => {
    const { pool: open, alter } = await scene()
    const pool = open({ max: 1 })
    const client = what === 'a rotation' ? undefined : await pool.connect()
    if (client === undefined) await alter()
    const waiting = [who(pool), who(pool), pool.connect()].map(failureOf)
    const ended = pool.end()
    client?.release()
    await ended
    for (const error of await Promise.all(waiting)) expect(error).toMatchObject({ code: 'ERR_CLOSED' })
    expect(pool.totalCount).toBe(0)
  })

  test('by a callback leaves nobody waiting either, and is refused a second time', async () => {
    const { pool: open } = await scene()
    const unreachable = open({ max: 1, port: 1 })
    const answered = vi.fn()
    unreachable.connect(answered)
    await new Promise<void>((resolve) => {
      unreachable.end(resolve)
    })
    await new Promise(setImmediate)
    expect(answered).toHaveBeenCalledTimes(1)
    const pool = open({ max: 1 })
    const client = await pool.connect()
    const waiting = failureOf(who(pool))
    const ended = new Promise<void>((resolve) => {
      pool.end(resolve)
    })
    await expect(pool.end()).rejects.toThrow('more than once')
    client.release()
    await ended
    expect(await waiting).toMatchObject({ code: 'ERR_CLOSED' })
  })

  test('lets a login that is under way come to its end', async () => {
    const { pool: open, secrets, user } = await scene()
    await secrets.get(REF)
    const pool = open()
    const connecting = pool.connect()
    await new Promise(setImmediate)
    const ended = pool.end()
    const client = await connecting
    expect((await client.query<{ who: string }>(WHO)).rows).toEqual([{ who: user }])
    client.release()
    await ended
  })
})

describe('the password is nowhere to be seen', () => {
  test('in a pool, its clients, or a client of its own', async () => {
    const { pool: open, password, secrets, user } = await scene()
    const pool = open()
    const client = await pool.connect()
    const single = await connect(secrets, REF)
    for (const shown of [pool, client, single]) {
      const text = inspect(shown, { depth: Infinity, showHidden: true, getters: true })
      expect(text).toContain(user)
      expect(text).not.toContain(password)
    }
    client.release()
    await single.end()
  })
})

describe('a client of its own', () => {
  test('is a client that is connected', async () => {
    const { secrets, alter, put, user } = await scene()
    await secrets.get(REF)
    put(await alter())
    const client = await connect(secrets, REF, { application_name: 'mine' })
    expect(client).toBeInstanceOf(pg.Client)
    const { rows } = await client.query(`${WHO}, current_setting('application_name') AS app`)
    expect(rows).toEqual([{ who: user, app: 'mine' }])
    await client.end()
  })

  test('is waited for until a signal aborts', async () => {
    const { secrets, alter } = await scene()
    await alter()
    const reason = new Error('mine')
    const controller = new AbortController()
    const isRejected = afterRejections(rejectedByPostgres, 1, () => {
      setImmediate(() => {
        controller.abort(reason)
      })
    })
    const { signal } = controller
    expect(await failureOf(connect(secrets, REF, { signal, isRejected }))).toBe(reason)
  })

  test('is closed where a signal has aborted meanwhile', async () => {
    const { secrets } = await scene()
    const controller = new AbortController()
    const reason = new Error('mine')
    const proxy = await proxyTo(postgres.port, () => {
      controller.abort(reason)
    })
    const options = { port: proxy.port, signal: controller.signal }
    expect(await failureOf(connect(secrets, REF, options))).toBe(reason)
    await vi.waitFor(() => {
      expect(proxy.connections()).toBe(0)
    }, SOON)
  })

  test('fails with the error of the database', async () => {
    const { secrets, alter, password } = await scene()
    await alter()
    const error = await failureOf(connect(secrets, REF, { windowMs: 0 }))
    expect(error).toMatchObject({ code: '28P01' })
    expectNoNeedle(error, password)
  })
})

describe('arguments that cannot be are refused at once', () => {
  test.each<[string, Record<string, unknown>, string]>([
    ['a user', { user: 'app' }, 'user: leave it out'],
    ['a password', { password: 'x' }, 'password: leave it out'],
    ['a connection string', { connectionString: 'postgres://x' }, 'connectionString: leave it out'],
    ['a window', { windowMs: -1 }, 'windowMs: expected milliseconds, from 0 to 2147483647, got -1'],
    ['pending', { pending: 'yes' }, 'pending: expected a boolean, got string'],
    ['a predicate', { isRejected: true }, 'isRejected: expected a function, got boolean'],
    ['another case', { windowMS: 1 }, 'windowMS: unknown option, did you mean windowMs\\?$'],
    ['a capital', { Pending: true }, 'Pending: unknown option, did you mean pending\\?$'],
    [
      'a letter left out',
      { isRejcted: () => true },
      'isRejcted: unknown option, did you mean isRejected\\?$',
    ],
    ['another letter', { scheme: {} }, 'scheme: unknown option, did you mean schema\\?$'],
  ])('%s', async (_name, options, message) => {
    const { secrets } = await stageWith({})
    expect(() => createPool(secrets, REF, options)).toThrow(new RegExp(`^${message}`))
    await expect(connect(secrets, REF, options)).rejects.toThrow(TypeError)
  })

  test('a signal for a pool, which would end nothing', async () => {
    const { secrets } = await stageWith({})
    const options: Record<string, unknown> = { signal: new AbortController().signal }
    expect(() => createPool(secrets, REF, options)).toThrow('signal: not for a pool')
  })

  test('a reference that cannot be', async () => {
    const { secrets } = await stageWith({})
    expect(() => createPool(secrets, 'prod db')).toThrow(
      expect.objectContaining({ code: 'ERR_REFERENCE_INVALID' }),
    )
    expect((): unknown => Reflect.apply(createPool, undefined, [secrets, undefined])).toThrow(TypeError)
    await expect(connect(secrets, 'ssm:prod/db')).rejects.toMatchObject({ code: 'ERR_REFERENCE_INVALID' })
  })

  test('a client that is none, and options that are none', async () => {
    const { secrets } = await stageWith({})
    expect((): unknown => Reflect.apply(createPool, undefined, [{}, REF])).toThrow(
      'secrets: expected a SecretsClient, got object',
    )
    expect((): unknown => Reflect.apply(createPool, undefined, [secrets, REF, null])).toThrow(
      'options: expected an object, got null',
    )
    expect((): unknown =>
      Reflect.apply(createPool, undefined, [secrets, REF, { Client: pg.Client }]),
    ).toThrow('Client: leave it out')
  })
})

/** A server on loopback that does not answer. */
async function listening(): Promise<{ readonly port: number; readonly connections: () => number }> {
  let connections = 0
  const server = createServer((socket) => {
    connections += 1
    socket.on('error', () => undefined)
    onTestFinished(() => {
      socket.destroy()
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
  })
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('no port is free')
  return { port: address.port, connections: () => connections }
}
