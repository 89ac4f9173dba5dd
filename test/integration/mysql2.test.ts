import { randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import type { Pool, RowDataPacket } from 'mysql2/promise'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { type MysqlPoolOptions, connect, createCallbackPool, createPool } from 'aws-secrets-client/mysql2'
import { rejectedByMysql } from 'aws-secrets-client/rejections'
import { describeMariadb } from '../support/mariadb.js'
import { expectNoNeedle } from '../support/needle.js'
import { REF, afterRejections, proxyTo, stageWith } from './credentials-stage.js'

/** What a login may take, also on a machine that has much else to do. */
const LOGIN_MS = 1_000

/** What is waited for comes, but on a machine that has much else to do not at once. */
const SOON = { timeout: 10_000 }

/** The pauses of a search grow to seconds. */
const PATIENT = { timeout: 20_000 }

const newPassword = () => `needle-${randomBytes(18).toString('base64url')}`

const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => {
      throw new Error('it did not fail')
    },
    (error: unknown) => error,
  )

/** Ends with the test, whatever becomes of it. */
function opened(pool: Pool): Pool {
  onTestFinished(async () => {
    await pool.end().catch(() => undefined)
  })
  return pool
}

const WHO = "SELECT SUBSTRING_INDEX(USER(), '@', 1) AS who"

interface Row extends RowDataPacket {
  readonly who: string
}

async function who(pool: Pick<Pool, 'query'>): Promise<string | undefined> {
  const [rows] = await pool.query<Row[]>(WHO)
  return rows[0]?.who
}

await describeMariadb('with a server', (mariadb) => {
  /** A user, whose live password is in the secret. */
  const scene = async (members: object = {}) => {
    const user = `app_${randomUUID().slice(0, 8)}`
    const password = newPassword()
    await mariadb.createUser(user, password)
    const { host, port, database: dbname } = mariadb
    const secret = (other: object = {}) => ({
      ...{ engine: 'mariadb', host, port: String(port), dbname, username: user, password },
      ...members,
      ...other,
    })
    const stage = await stageWith(secret())
    return {
      ...stage,
      user,
      password,
      secret,
      alter: async (username = user) => {
        const changed = newPassword()
        await mariadb.setPassword(username, changed)
        return secret({ username, password: changed })
      },
      open: (options?: MysqlPoolOptions) => opened(createPool(stage.secrets, REF, options)),
    }
  }

  describe('a pool connects with what the secret says', () => {
    test('user, password, host, port and database', async () => {
      const { open, user, requests } = await scene()
      const [rows] = await open().query<RowDataPacket[]>(`${WHO}, DATABASE() AS db`)
      expect(rows).toEqual([{ who: user, db: mariadb.database }])
      expect(requests()).toBe(1)
    })

    test('once for all connections, and not at all for one that is idle', async () => {
      const { open, requests, emulator, user } = await scene()
      const pool = open({ connectionLimit: 3 })
      await Promise.all(Array.from({ length: 30 }, () => who(pool)))
      expect((await mariadb.logins(user)).accepted).toBe(3)
      emulator.fail('*', { error: 'AccessDeniedException' })
      expect(await who(pool)).toBe(user)
      expect(requests()).toBe(1)
    })

    test('but for what the options say, which goes first', async () => {
      const { host, port, database } = mariadb
      const { open, user } = await scene({ host: 'db.invalid', port: 1, dbname: 'nowhere' })
      expect(await who(open({ host, port, database }))).toBe(user)
    })

    test('in the styles of the library: promises, callbacks, events, limits', async () => {
      const { secrets, user } = await scene()
      const pool = createCallbackPool(secrets, REF, { connectionLimit: 1, queueLimit: 1 })
      const events: string[] = []
      for (const name of ['connection', 'acquire', 'release', 'enqueue'])
        pool.on(name, () => events.push(name))
      const query = () =>
        new Promise((resolve, reject) => {
          pool.query<Row[]>(WHO, (error, rows) => {
            if (error === null) resolve(rows[0]?.who)
            else reject(error)
          })
        })
      const [first, second, third] = await Promise.allSettled([query(), query(), query()])
      expect([first, second]).toEqual([
        { status: 'fulfilled', value: user },
        { status: 'fulfilled', value: user },
      ])
      expect(third).toMatchObject({ status: 'rejected', reason: { message: 'Queue limit reached.' } })
      expect(await who(pool.promise())).toBe(user)
      const [rows] = await pool.promise().execute<Row[]>(`${WHO} WHERE ?`, [1])
      expect(rows[0]?.who).toBe(user)
      expect(events.slice(0, 3)).toEqual(['enqueue', 'connection', 'acquire'])
      expect(events).toContain('release')
      await pool.promise().end()
      await expect(pool.promise().query(WHO)).rejects.toThrow('Pool is closed.')
    })
  })

  describe('no query fails in a rotation', () => {
    test('where the cached password is dead', async () => {
      const { open, alter, put, user, secrets } = await scene()
      await secrets.get(REF)
      put(await alter())
      const pool = open({ connectionLimit: 4 })
      expect(await Promise.all(Array.from({ length: 20 }, () => who(pool)))).toEqual(Array(20).fill(user))
      expect((await mariadb.logins(user)).refused).toBeLessThanOrEqual(4)
    })

    test(
      'where the password is dead for a while, and the timeout is shorter than that',
      PATIENT,
      async () => {
        const { open, alter, put, user } = await scene()
        const changed = await alter()
        const isRejected = afterRejections(rejectedByMysql, 1, () => {
          setTimeout(() => {
            put(changed)
          }, 1.5 * LOGIN_MS)
        })
        const pool = open({ connectionLimit: 2, connectTimeout: LOGIN_MS, isRejected })
        expect(await Promise.all(Array.from({ length: 10 }, () => who(pool)))).toEqual(Array(10).fill(user))
      },
    )

    test('of alternating users, under churn, and no connection mixes two versions', async () => {
      const { open, alter, put, user } = await scene()
      const clone = `${user}_clone`
      await mariadb.createUser(clone, newPassword())
      const pool = open({ connectionLimit: 4 })
      const queries: Promise<unknown>[] = []
      for (const current of [clone, user, clone]) {
        const changed = await alter(current)
        queries.push(
          ...Array.from({ length: 10 }, async () => {
            const connection = await pool.getConnection()
            const name = await who(connection)
            connection.destroy()
            return name
          }),
        )
        put(changed)
        await who(pool)
      }
      for (const name of await Promise.all(queries)) expect([user, clone]).toContain(name)
    })

    test('with the pending version, where that is opted for', async () => {
      const { open, alter, putPending, user } = await scene()
      putPending(await alter())
      expect(await who(open({ pending: true }))).toBe(user)
      expect(await failureOf(who(open({ windowMs: 0 })))).toMatchObject({ errno: 1045 })
    })
  })

  describe('a failure is that of the database', () => {
    test('for a password that stays wrong, when the window is over', async () => {
      const { open, alter, password } = await scene()
      await alter()
      for (const options of [{ windowMs: 0 }, { windowMs: 1.5 * LOGIN_MS, connectTimeout: LOGIN_MS }]) {
        const error = await failureOf(who(open(options)))
        expect(error).toMatchObject({ errno: 1045, code: 'ER_ACCESS_DENIED_ERROR', sqlState: '28000' })
        expect(rejectedByMysql(error)).toBe(true)
        expectNoNeedle(error, password)
      }
    })

    test('at once, for anything but a rejection', async () => {
      const { open, user } = await scene({ dbname: 'nowhere' })
      expect(await failureOf(who(open()))).toMatchObject({ code: 'ER_DBACCESS_DENIED_ERROR' })
      expect((await mariadb.logins(user)).refused).toBe(0)
    })

    test('of a server without TLS, for a pool that wants it', async () => {
      const { open } = await scene()
      expect(await failureOf(who(open({ ssl: {} })))).toMatchObject({
        code: expect.stringMatching(/^HANDSHAKE_(?:NO_SSL_SUPPORT|SSL_ERROR)$/) as unknown,
      })
    })
  })

  describe('the end of a pool', () => {
    test('ends the waits for a rotation', async () => {
      const { open, alter } = await scene()
      await alter()
      const refused = vi.fn()
      const pool = open({
        connectionLimit: 2,
        isRejected: (error) => {
          refused()
          return rejectedByMysql(error)
        },
      })
      const failures = Promise.all([failureOf(who(pool)), failureOf(who(pool))])
      await vi.waitFor(() => {
        expect(refused).toHaveBeenCalled()
      }, SOON)
      await pool.end()
      for (const error of await failures) expect(error).toMatchObject({ code: 'ERR_CLOSED' })
      await expect(pool.query(WHO)).rejects.toThrow('Pool is closed.')
    })
  })

  describe('a connection of its own', () => {
    test('is one that is connected', async () => {
      const { secrets, alter, put, user } = await scene()
      await secrets.get(REF)
      put(await alter())
      const connection = await connect(secrets, REF, { dateStrings: true })
      expect(await who(connection)).toBe(user)
      await connection.end()
    })

    test('is waited for until a signal aborts', async () => {
      const { secrets, alter } = await scene()
      await alter()
      const reason = new Error('mine')
      const controller = new AbortController()
      const isRejected = afterRejections(rejectedByMysql, 1, () => {
        setImmediate(() => {
          controller.abort(reason)
        })
      })
      const { signal } = controller
      expect(await failureOf(connect(secrets, REF, { signal, isRejected }))).toBe(reason)
    })
  })

  test('a connection of its own is closed where a signal has aborted meanwhile', async () => {
    const { secrets } = await scene()
    const controller = new AbortController()
    const reason = new Error('mine')
    const proxy = await proxyTo(mariadb.port, () => {
      controller.abort(reason)
    })
    const options = { port: proxy.port, signal: controller.signal }
    expect(await failureOf(connect(secrets, REF, options))).toBe(reason)
    await vi.waitFor(() => {
      expect(proxy.connections()).toBe(0)
    }, SOON)
  })

  test('the password is nowhere to be seen', async () => {
    const { open, password, secrets, user } = await scene()
    const pool = open()
    const connection = await pool.getConnection()
    const single = await connect(secrets, REF)
    for (const shown of [pool, pool.pool, connection, single]) {
      const text = inspect(shown, { depth: Infinity, showHidden: true, getters: true })
      expect(text).toContain(user)
      expect(text).not.toContain(password)
    }
    connection.release()
    await single.end()
  })
})

describe('without a server', () => {
  const NEEDLE = 'needle-hunter2-4711-SECRET'

  test.each([
    ['no password', { username: 'app' }, '/password is missing'],
    ['a port that is none', { username: 'app', password: NEEDLE, port: '33x6' }, '/port must be an integer'],
    [
      'another engine',
      { username: 'app', password: NEEDLE, engine: 'postgres' },
      '/engine must be one that is spoken here: mysql, mariadb',
    ],
  ])('a secret with %s is refused, without a word of it', async (_name, value, what) => {
    const { secrets } = await stageWith(value)
    const pool = opened(createPool(secrets, REF))
    const single = await failureOf(connect(secrets, REF))
    expect(single).toMatchObject({ name: 'SecretsError', ref: REF })
    // Of the error of a pool older versions of mysql2 hand out a copy.
    for (const error of [await failureOf(who(pool)), single]) {
      expect(error).toMatchObject({ code: 'ERR_SCHEMA' })
      expect(String(error)).toContain(what)
      expectNoNeedle(error, NEEDLE)
    }
    await pool.end()
  })

  test('a server that does not answer is given up after the timeout', async () => {
    let connections = 0
    const server = createServer((socket) => {
      connections += 1
      onTestFinished(() => {
        socket.destroy()
      })
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => {
      server.close()
    })
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : undefined
    const { secrets } = await stageWith({ username: 'app', password: NEEDLE, host: '127.0.0.1', port })
    const pool = opened(createPool(secrets, REF, { connectTimeout: 50 }))
    expect(await failureOf(who(pool))).toMatchObject({ code: 'ETIMEDOUT', message: 'connect ETIMEDOUT' })
    await vi.waitFor(() => {
      expect(connections).toBe(1)
    }, SOON)
  })

  test('a socket file goes before an address', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'aws-secrets-client-'))
    onTestFinished(() => rm(directory, { recursive: true }))
    const socketPath = join(directory, 'mysqld.sock')
    let connections = 0
    const server = createServer((socket) => {
      connections += 1
      socket.destroy()
    }).listen(socketPath)
    await once(server, 'listening')
    onTestFinished(() => {
      server.close()
    })
    const { secrets } = await stageWith({ username: 'app', password: NEEDLE, host: 'db.invalid' })
    const error = await failureOf(who(opened(createPool(secrets, REF, { socketPath }))))
    expect(error).toMatchObject({ code: 'PROTOCOL_CONNECTION_LOST' })
    expect(connections).toBe(1)
  })

  test('a server that is not there', async () => {
    const { secrets } = await stageWith({ username: 'app', password: NEEDLE, host: '127.0.0.1', port: 1 })
    const error = await failureOf(who(opened(createPool(secrets, REF))))
    expect(error).toMatchObject({ code: 'ECONNREFUSED' })
    expectNoNeedle(error, NEEDLE)
  })

  test.each<[string, Record<string, unknown>, string]>([
    ['a user', { user: 'app' }, 'user: leave it out'],
    ['a password', { password: 'x' }, 'password: leave it out'],
    ['a URI', { uri: 'mysql://x' }, 'uri: leave it out'],
    ['a stream', { stream: () => undefined }, 'stream: leave it out'],
    ['a letter too many', { pendings: true }, 'pendings: unknown option, did you mean pending\\?$'],
    ['a window', { windowMs: NaN }, 'windowMs: expected milliseconds, from 0 to 2147483647, got NaN'],
  ])('%s is refused at once', async (_name, options, message) => {
    const { secrets } = await stageWith({})
    expect(() => createPool(secrets, REF, options)).toThrow(new RegExp(`^${message}`))
    await expect(connect(secrets, REF, options)).rejects.toThrow(TypeError)
  })

  test('a signal is refused for a pool, where it would end nothing', async () => {
    const { secrets } = await stageWith({})
    const options: Record<string, unknown> = { signal: new AbortController().signal }
    expect(() => createPool(secrets, REF, options)).toThrow('signal: not for a pool')
  })
})
