import { randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { type Socket, createServer } from 'node:net'
import { SecretsClient } from 'aws-secrets-client'
import { rejectedByRedis } from 'aws-secrets-client/rejections'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openRedis as openIoredis } from '../../examples/databases/ioredis.js'
import { openKnex } from '../../examples/databases/knex.js'
import { Mongo } from '../../examples/databases/mongodb.js'
import { openPool as openMysqlPool } from '../../examples/databases/mysql2.js'
import { openPool } from '../../examples/databases/pg.js'
import { openAdapter } from '../../examples/databases/prisma.js'
import { openRedis } from '../../examples/databases/redis.js'
import { openDataSource } from '../../examples/databases/typeorm.js'
import { describeMariadb } from '../support/mariadb.js'
import { startPostgres } from '../support/postgres.js'
import { useStage } from './stage.js'

const stage = useStage()
const postgres = await startPostgres()

const newPassword = () => randomBytes(18).toString('base64url')

interface Server {
  readonly host: string
  readonly port: number
  readonly database: string
  readonly createUser: (name: string, password: string) => Promise<void>
  readonly setPassword: (name: string, password: string) => Promise<void>
}

/** A user of the server, in the secret of the examples; `rotate` leaves the cached password dead. */
async function userOf(server: Server, engine: string) {
  const username = `app_${randomUUID().slice(0, 8)}`
  const { host, port, database: dbname } = server
  const put = (password: string) => {
    stage().emulator.seed({ secrets: { 'prod/db': { engine, host, port, dbname, username, password } } })
  }
  const first = newPassword()
  await server.createUser(username, first)
  put(first)
  const secrets = new SecretsClient()
  onTestFinished(() => secrets.close())
  return {
    username,
    secrets,
    rotate: async () => {
      const next = newPassword()
      await server.setPassword(username, next)
      put(next)
    },
  }
}

const WHO = 'SELECT current_user AS who'

describe('on PostgreSQL, before and after a rotation', () => {
  test('pg', async () => {
    const { secrets, username, rotate } = await userOf(postgres, 'postgres')
    const pool = openPool(secrets, { maxUses: 1 })
    expect((await pool.query(WHO)).rows).toEqual([{ who: username }])
    await rotate()
    expect((await pool.query(WHO)).rows).toEqual([{ who: username }])
    await pool.end()
  })

  test('knex', async () => {
    const { secrets, username, rotate } = await userOf(postgres, 'postgres')
    const { db, close } = openKnex(secrets, { maxUses: 1 })
    expect(await db.select(db.raw('current_user AS who'))).toEqual([{ who: username }])
    await rotate()
    expect(await db.select(db.raw('current_user AS who'))).toEqual([{ who: username }])
    const rows: unknown = await db.transaction(async (trx): Promise<unknown> => {
      return await trx.select(trx.raw('current_user AS who'))
    })
    expect(rows).toEqual([{ who: username }])
    await close()
  })

  test('TypeORM', async () => {
    const { secrets, username, rotate } = await userOf(postgres, 'postgres')
    const source = await openDataSource(secrets, { maxUses: 1 })
    expect(await source.query(WHO)).toEqual([{ who: username }])
    await rotate()
    expect(await source.query(WHO)).toEqual([{ who: username }])
    await source.destroy()
  })

  test('Prisma', async () => {
    const { secrets, username, rotate } = await userOf(postgres, 'postgres')
    const adapter = await openAdapter(secrets, { maxUses: 1 }).connect()
    const query = { sql: 'SELECT current_user::text AS who', args: [], argTypes: [] }
    expect((await adapter.queryRaw(query)).rows).toEqual([[username]])
    await rotate()
    expect((await adapter.queryRaw(query)).rows).toEqual([[username]])
    await adapter.dispose()
  })
})

await describeMariadb('on MariaDB, before and after a rotation', (mariadb) => {
  test('mysql2', async () => {
    const { secrets, username, rotate } = await userOf(mariadb, 'mariadb')
    const pool = openMysqlPool(secrets, {})
    const query = async () => {
      const connection = await pool.getConnection()
      const [rows] = await connection.query("SELECT SUBSTRING_INDEX(USER(), '@', 1) AS who")
      connection.destroy()
      return rows
    }
    expect(await query()).toEqual([{ who: username }])
    await rotate()
    expect(await query()).toEqual([{ who: username }])
    await pool.end()
  })
})

describe('on a Redis, before and after a rotation', () => {
  const put = (password: string) => {
    stage().emulator.seed({ secrets: { 'prod/redis': { username: 'app', password } } })
  }

  test('node-redis', async () => {
    const redis = await startRedis()
    put(redis.password)
    await using secrets = new SecretsClient()
    const client = await openRedis(secrets, `redis://127.0.0.1:${redis.port}`).connect()
    expect(await client.ping()).toBe('PONG')
    put(redis.rotate())
    const ready = new Promise((resolve) => client.once('ready', resolve))
    redis.disconnectAll()
    await ready
    expect(await client.ping()).toBe('PONG')
    expect(redis.refusals()).toBe(1)
    client.destroy()
  })

  test('ioredis', async () => {
    const redis = await startRedis()
    put(redis.password)
    await using secrets = new SecretsClient()
    const client = await openIoredis(secrets, { host: '127.0.0.1', port: redis.port, protocol: 2 })
    expect(await client.ping()).toBe('PONG')
    put(redis.rotate())
    const ready = new Promise((resolve) => client.once('ready', resolve))
    redis.disconnectAll()
    await ready
    expect(await client.ping()).toBe('PONG')
    expect(redis.refusals()).toBe(1)
    client.disconnect()
  })

  test('whose refusals are told by the predicate, as the two clients word them', async () => {
    const redis = await startRedis()
    const { createClient } = await import('redis')
    const wrong = createClient({
      url: `redis://app:wrong@127.0.0.1:${redis.port}`,
      socket: { reconnectStrategy: false },
    })
    wrong.on('error', () => undefined)
    const error: unknown = await wrong.connect().catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(Error)
    expect(rejectedByRedis(error)).toBe(true)
  })
})

describe('MongoDB', () => {
  test('one client makes the requests of a version', async () => {
    const put = (password: string) => {
      const user = { engine: 'mongo', host: 'db.invalid', username: 'app', password }
      stage().emulator.seed({ secrets: { 'prod/docdb': user } })
    }
    put(newPassword())
    await using secrets = new SecretsClient()
    const mongo = new Mongo(secrets)
    const first = await mongo.run((client) => Promise.resolve(client))
    expect(await mongo.run((client) => Promise.resolve(client))).toBe(first)
    put(newPassword())
    const seen: unknown[] = []
    const rejection = Object.assign(new Error('Authentication failed.'), {
      name: 'MongoServerError',
      code: 18,
      codeName: 'AuthenticationFailed',
    })
    const second = await mongo.run((client) => {
      seen.push(client)
      return client === first ? Promise.reject(rejection) : Promise.resolve(client)
    })
    expect(seen).toEqual([first, second])
    expect(second).not.toBe(first)
    await mongo.close()
  })
})

/** As much of a Redis as a client needs to log in and to ping. */
async function startRedis() {
  let password = newPassword()
  const initial = password
  let refusals = 0
  const sockets = new Set<Socket>()
  const reply = (socket: Socket, [name = '', ...args]: readonly string[]) => {
    const auth = name === 'AUTH' ? args : args.slice(args.indexOf('AUTH') + 1)
    const isLogin = name === 'AUTH' || args.includes('AUTH')
    if (isLogin && auth[1] !== password) {
      refusals += 1
      socket.write('-WRONGPASS invalid username-password pair or user is disabled.\r\n')
    } else if (name === 'HELLO') socket.write('%1\r\n$5\r\nproto\r\n:3\r\n')
    else if (name === 'INFO') socket.write('$9\r\nloading:0\r\n')
    else socket.write(name === 'PING' ? '+PONG\r\n' : '+OK\r\n')
  }
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => undefined)
    let text = ''
    socket.on('data', (chunk) => {
      text += chunk.toString()
      for (let command = take(text); command !== undefined; command = take(text)) {
        text = command.rest
        reply(socket, command.words)
      }
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const disconnectAll = () => {
    for (const socket of sockets) socket.destroy()
  }
  onTestFinished(() => {
    disconnectAll()
    server.close()
  })
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('no port is free')
  return {
    port: address.port,
    password: initial,
    disconnectAll,
    refusals: () => refusals,
    rotate: () => {
      password = newPassword()
      return password
    },
  }
}

/** The first command of a text in Redis's protocol, if it is all there. */
function take(text: string): { readonly words: readonly string[]; readonly rest: string } | undefined {
  const count = Number(/^\*(\d+)\r\n/.exec(text)?.[1] ?? NaN)
  if (Number.isNaN(count)) return undefined
  const lines = text.split('\r\n')
  if (lines.length < 2 * count + 2) return undefined
  const words = Array.from({ length: count }, (_, index) => lines[2 * index + 2] ?? '')
  return {
    words: [words[0]?.toUpperCase() ?? '', ...words.slice(1)],
    rest: lines.slice(2 * count + 1).join('\r\n'),
  }
}
