import { once } from 'node:events'
import { Socket, connect as connectTo, createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { runInNewContext } from 'node:vm'
import type pg from 'pg'
import { expect, onTestFinished, test, vi } from 'vitest'
import { connect, createPool } from 'aws-secrets-client/pg'
import { REF, stageWith } from './credentials-stage.js'

const message = (type: string, body: Buffer) => {
  const length = Buffer.alloc(4)
  length.writeInt32BE(body.length + 4)
  return Buffer.concat([Buffer.from(type), length, body])
}

/** The login is accepted. */
const WELCOME = Buffer.concat([message('R', Buffer.alloc(4)), message('Z', Buffer.from('I'))])

const failure = (state: string) => message('E', Buffer.from(`SFATAL\0C${state}\0Mno\0\0`))

interface Script {
  /** The answer to a login. */
  readonly login: Buffer
  /** The answer to a goodbye. */
  readonly goodbye?: Buffer
  /** Whether the server does not close its side. */
  readonly isHanging?: boolean
  /** What a login waits for. */
  readonly held?: Promise<unknown>
}

/** Speaks as much of PostgreSQL's protocol as a login takes: with each connection according to the next script. */
async function scripted(scripts: readonly Script[]) {
  const sockets = new Set<Socket>()
  let connections = 0
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const { login, goodbye, isHanging, held } = scripts[connections] ?? { login: failure('58000') }
    connections += 1
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.on('close', () => sockets.delete(socket))
    socket.on('end', () => {
      if (isHanging !== true) socket.end()
    })
    socket.once('data', () => {
      void Promise.resolve(held).then(() => {
        socket.write(login)
        if (login !== WELCOME) socket.end()
      })
      // What comes then is a goodbye.
      socket.once('data', () => {
        if (goodbye !== undefined) socket.write(goodbye)
      })
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('no port is free')
  return { port: address.port, open: () => sockets.size, connections: () => connections }
}

const credentials = (port: number, password = 'one') => ({
  ...{ username: 'app', password, host: '127.0.0.1', port, dbname: 'app' },
})

function opened(pool: pg.Pool): pg.Pool {
  pool.on('error', () => undefined)
  onTestFinished(async () => {
    if (!pool.ending) await pool.end()
  })
  return pool
}

test('a server that breaks the connection of a trial in the end breaks nothing else', async () => {
  const server = await scripted([
    { login: failure('28P01') },
    { login: WELCOME, goodbye: failure('57P01') },
    { login: WELCOME },
  ])
  const { secrets, put } = await stageWith(credentials(server.port))
  await secrets.get(REF)
  put(credentials(server.port, 'two'))
  const pool = opened(createPool(secrets, REF))
  const client = await pool.connect()
  await vi.waitFor(
    () => {
      expect(server.open()).toBe(1)
    },
    { timeout: 10_000 },
  )
  client.release(true)
})

test('a server that does not close the connection of a trial keeps nobody waiting', async () => {
  const server = await scripted([
    { login: failure('28P01') },
    { login: WELCOME, isHanging: true },
    { login: WELCOME },
  ])
  const { secrets, put } = await stageWith(credentials(server.port))
  await secrets.get(REF)
  put(credentials(server.port, 'two'))
  const pool = opened(createPool(secrets, REF))
  const client = await pool.connect()
  client.release(true)
})

test('the timeout of who waits for a client begins anew when a rotation is over', async () => {
  const connectionTimeoutMillis = 2_000
  const server = await scripted([
    { login: failure('28P01') },
    { login: WELCOME, held: delay(0.75 * connectionTimeoutMillis) },
    { login: WELCOME, held: delay(1.25 * connectionTimeoutMillis) },
  ])
  const { secrets, put } = await stageWith(credentials(server.port))
  await secrets.get(REF)
  put(credentials(server.port, 'two'))
  const pool = opened(createPool(secrets, REF, { max: 1, connectionTimeoutMillis }))
  const first = pool.connect()
  const second = pool.connect()
  const client = await first
  client.release()
  expect(await second).toBe(client)
  client.release(true)
})

/** As the connectors of clouds make them: it connects by itself. */
function tunnelTo(port: number): Socket {
  const socket = connectTo(port, '127.0.0.1')
  return Object.assign(socket, { connect: () => socket })
}

test('streams of its own: one for each connection, and none that nobody uses', async () => {
  const server = await scripted([{ login: WELCOME }, { login: WELCOME }])
  const { secrets } = await stageWith(credentials(server.port))
  const stream = vi.fn(() => tunnelTo(server.port))
  const pool = opened(createPool(secrets, REF, { stream }))
  const clients = await Promise.all([pool.connect(), pool.connect()])
  expect(stream).toHaveBeenCalledTimes(2)
  expect(server.connections()).toBe(2)
  for (const client of clients) client.release(true)
})

test('an error of another realm, as those of Node.js are in jest, is told as it is', async () => {
  const { secrets } = await stageWith(credentials(1))
  const foreign: unknown = runInNewContext("Object.assign(new Error('foreign'), { code: 'ECONNREFUSED' })")
  const stream = () => {
    const socket = new Socket()
    process.nextTick(() => socket.emit('error', foreign))
    return Object.assign(socket, { connect: () => socket })
  }
  await expect(connect(secrets, REF, { stream })).rejects.toBe(foreign)
  const pool = opened(createPool(secrets, REF, { stream }))
  await expect(pool.connect()).rejects.toBe(foreign)
})
