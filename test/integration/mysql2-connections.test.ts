import { once } from 'node:events'
import { type Socket, createServer } from 'node:net'
import type { Pool } from 'mysql2/promise'
import { expect, onTestFinished, test, vi } from 'vitest'
import { createPool } from 'aws-secrets-client/mysql2'
import { REF, stageWith } from './credentials-stage.js'

/** A packet in hexadecimal digits. */
const packet = (sequence: number, hex: string) => {
  const body = Buffer.from(hex, 'hex')
  return Buffer.concat([Buffer.from([body.length, 0, 0, sequence]), body])
}

const hexOf = (text: string) => Buffer.from(text).toString('hex')

/** Version 10 of the protocol, a connection's number, 20 bytes of salt, and capabilities without TLS and compression. */
const GREETING = packet(
  0,
  [
    ...['0a', hexOf('8.0.0\0'), '01000000', '61'.repeat(8), '00', 'dff7', '210200', '0f00', '15'],
    ...['00'.repeat(10), '61'.repeat(12), '00', hexOf('mysql_native_password\0')],
  ].join(''),
)

const ACCEPTED = packet(2, '00000002000000')

const error = (sequence: number, code: string) => packet(sequence, `ff${code}${hexOf('#28000no')}`)

const DENIED = error(2, '1504')

const TOO_MANY_CONNECTIONS = error(0, '1004')

/** What the server sends, first by itself and then as the answer to a login; and whether it closes a connection. */
interface Script {
  readonly greeting?: Buffer
  readonly login?: Buffer
  readonly isHanging?: boolean
}

/** Speaks as much of MySQL's protocol as a login takes: with each connection according to the next script. */
async function scripted(scripts: readonly Script[]) {
  const loggedIn = new Set<Socket>()
  let connections = 0
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const { greeting = GREETING, login = DENIED, isHanging = false } = scripts[connections] ?? {}
    connections += 1
    onTestFinished(() => {
      socket.destroy()
    })
    socket.on('error', () => undefined)
    socket.on('end', () => loggedIn.delete(socket))
    socket.write(greeting)
    socket.once('data', () => {
      if (login === ACCEPTED) loggedIn.add(socket)
      socket.write(login)
      // What comes then is a goodbye.
      socket.once(login === ACCEPTED ? 'data' : 'end', () => {
        if (!isHanging) socket.end()
      })
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
  })
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('no port is free')
  return {
    port: address.port,
    connections: () => connections,
    loggedIn: () => loggedIn.size,
  }
}

const credentials = (port: number, password = 'one') => ({
  ...{ username: 'app', password, host: '127.0.0.1', port, dbname: 'app' },
})

function opened(pool: Pool): Pool {
  onTestFinished(async () => {
    await pool.end().catch(() => undefined)
  })
  return pool
}

test('a server that is full and does not close the connection fails that login, and nothing else', async () => {
  const server = await scripted([{ greeting: TOO_MANY_CONNECTIONS, isHanging: true }])
  const { secrets } = await stageWith(credentials(server.port))
  const pool = opened(createPool(secrets, REF))
  await expect(pool.getConnection()).rejects.toMatchObject({ errno: 1040 })
  // What breaks by it breaks in the next tick.
  await new Promise(setImmediate)
})

test('a server that does not close the connection of a trial keeps nobody waiting, and none open', async () => {
  const server = await scripted([{}, { login: ACCEPTED, isHanging: true }, { login: ACCEPTED }])
  const { secrets, put } = await stageWith(credentials(server.port))
  await secrets.get(REF)
  put(credentials(server.port, 'two'))
  const pool = opened(createPool(secrets, REF))
  const connection = await pool.getConnection()
  await vi.waitFor(
    () => {
      expect(server.loggedIn()).toBe(1)
    },
    { timeout: 10_000 },
  )
  expect(server.connections()).toBe(3)
  connection.release()
})

test('a pool that is ended twice before it has connected ends both times without an error', async () => {
  const server = await scripted([])
  const { secrets, emulator } = await stageWith(credentials(server.port))
  emulator.setLatency(100)
  const pool = createPool(secrets, REF)
  const outcomes = await Promise.allSettled([pool.getConnection(), pool.end(), pool.end()])
  expect(outcomes).toMatchObject([
    { status: 'rejected', reason: { code: 'ERR_CLOSED' } },
    { status: 'fulfilled' },
    { status: 'fulfilled' },
  ])
  expect(server.connections()).toBe(0)
})
