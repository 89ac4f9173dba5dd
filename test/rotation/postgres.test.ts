/** The strategies on a real PostgreSQL. */

import { once } from 'node:events'
import { type AddressInfo, type Socket, createServer } from 'node:net'
import { isRotationError, postgresDatabase } from 'aws-secrets-client/rotation'
import pg from 'pg'
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { selfSigned } from '../support/fault-server/certificate.js'
import { startPostgres } from '../support/postgres.js'
import { describeStrategies } from './real-database.js'

const postgres = await startPostgres()
const { host, port, database: dbname } = postgres
const database = postgresDatabase({ tls: false })
const admin = { username: 'postgres', password: postgres.adminPassword }
const place = { engine: 'postgres', host, port, dbname }

beforeAll(async () => {
  await postgres.query('CREATE TABLE orders (id int)')
})

describeStrategies('PostgreSQL', {
  ...place,
  database,
  admin,
  async createReader(username, password) {
    await postgres.createUser(username, password)
    await postgres.query(`GRANT SELECT ON orders TO ${pg.escapeIdentifier(username)}`)
  },
  async read(user, password) {
    const client = new pg.Client({ host, port, database: dbname, user, password })
    await client.connect()
    await client.query('SELECT * FROM orders')
    await expect(client.query('DELETE FROM orders')).rejects.toMatchObject({ code: '42501' })
    await client.end()
  },
})

test('PostgreSQL never gets the password, but what it stores of one', async () => {
  await postgres.createUser('stored', 'first')
  await database.changePassword({ ...place, username: 'stored', password: 'first' }, 'second')
  const [row] = await postgres.query("SELECT rolpassword FROM pg_authid WHERE rolname = 'stored'")
  // The server's own would have 16 iterations.
  expect(row?.['rolpassword']).toMatch(/^SCRAM-SHA-256\$4096:/)
})

test('PostgreSQL keeps no half of a clone that could not be made', async () => {
  await postgres.createUser('weak', 'first')
  await postgres.query('ALTER ROLE weak CREATEROLE')
  await postgres.createUser('owner', 'first')
  const weak = { ...place, username: 'weak', password: 'first' }
  const clone = { username: 'owner_clone', password: 'second' }
  await expect(database.cloneUser(weak, 'owner', clone)).rejects.toMatchObject({
    reason: 'failed',
    what: 'the administrator may not make the other user a member of the current one',
  })
  expect(await postgres.query("SELECT 1 FROM pg_roles WHERE rolname = 'owner_clone'")).toEqual([])
})

describe('a clone of PostgreSQL that is there already', () => {
  const groupsOf = async (name: string) => {
    const rows = await postgres.query(
      `SELECT roleid::regrole::text AS name FROM pg_auth_members WHERE member = '${name}'::regrole`,
    )
    return rows.map(({ name: group }) => group)
  }

  test('has the rights of the original, though it was made by hand or lost them', async () => {
    await postgres.createUser('byhand', 'first')
    await postgres.createUser('byhand_clone', 'first')
    const clone = { username: 'byhand_clone', password: 'second' }
    for (const reason of ['made by hand', 'lost']) {
      expect(await groupsOf('byhand_clone'), reason).toEqual([])
      await database.cloneUser({ ...place, ...admin }, 'byhand', clone)
      expect(await groupsOf('byhand_clone')).toEqual(['byhand'])
      await postgres.query('REVOKE byhand FROM byhand_clone')
    }
    expect(await database.logIn({ ...place, ...clone })).toBe(true)
  })

  test('gives the original no rights when it is its turn', async () => {
    await postgres.createUser('turn', 'first')
    await postgres.createUser('turn_clone', 'first')
    const original = { username: 'turn', password: 'second' }
    await database.cloneUser({ ...place, ...admin }, 'turn_clone', original)
    await database.cloneUser({ ...place, ...admin }, 'turn', { ...original, username: 'turn_clone' })
    await database.cloneUser({ ...place, ...admin }, 'turn_clone', original)
    expect(await groupsOf('turn')).toEqual([])
    expect(await groupsOf('turn_clone')).toEqual(['turn'])
  })

  test('needs no right of the administrator to make it a member where it is one', async () => {
    await postgres.createUser('keeper', 'first')
    await postgres.query('ALTER ROLE keeper CREATEROLE')
    await postgres.createUser('kept', 'first')
    await postgres.query("CREATE ROLE kept_clone LOGIN PASSWORD 'first'")
    await postgres.query('GRANT kept_clone TO keeper WITH ADMIN OPTION')
    const keeper = { ...place, username: 'keeper', password: 'first' }
    const clone = { username: 'kept_clone', password: 'second' }
    await expect(database.cloneUser(keeper, 'kept', clone)).rejects.toMatchObject({ reason: 'failed' })
    expect(await database.logIn({ ...place, ...clone, password: 'first' })).toBe(true)
    await postgres.query('GRANT kept TO kept_clone')
    await database.cloneUser(keeper, 'kept', clone)
    expect(await database.logIn({ ...place, ...clone })).toBe(true)
  })
})

describe('a server of PostgreSQL that goes silent', () => {
  const message = (type: string, body: string) => {
    const head = Buffer.alloc(5)
    head.write(type)
    head.writeInt32BE(body.length + 4, 1)
    return Buffer.concat([head, Buffer.from(body, 'latin1')])
  }
  const READY = message('Z', 'I')
  const LOGGED_IN = Buffer.concat([message('R', '\0\0\0\0'), READY])
  const ANSWER = Buffer.concat([message('C', 'SELECT 1\0'), READY])

  test.each<[string, readonly Buffer[], unknown]>([
    ['at the login', [], 'the database did not answer the login within timeoutMs'],
    ['at the statement', [LOGGED_IN], 'a statement was not answered within timeoutMs'],
    ['instead of hanging up', [LOGGED_IN, ANSWER], true],
  ])('%s is not waited for', async (_when, answers, expected) => {
    const sockets = new Set<Socket>()
    const server = createServer({ allowHalfOpen: true }, (socket) => {
      sockets.add(socket)
      const left = [...answers]
      socket.on('error', () => undefined)
      socket.on('data', () => {
        const answer = left.shift()
        if (answer !== undefined) socket.write(answer)
      })
    })
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy()
      server.close()
    })
    await once(server.listen(0, host), 'listening')
    const { port: own } = server.address() as AddressInfo
    const silent = { ...place, ...admin, port: own }
    const asked = postgresDatabase({ tls: false, timeoutMs: 100 }).logIn(silent)
    expect(await asked.catch((error: unknown) => isRotationError(error, 'failed') && error.what)).toBe(
      expected,
    )
  })
})

test('PostgreSQL that hangs up is told from one that refuses', async () => {
  const server = createServer((socket) => socket.destroy())
  onTestFinished(() => void server.close())
  await once(server.listen(0, host), 'listening')
  const { port: own } = server.address() as AddressInfo
  await expect(database.logIn({ ...place, ...admin, port: own })).rejects.toMatchObject({
    reason: 'failed',
    retryable: true,
    what: 'the database closed the connection',
  })
})

test('PostgreSQL without TLS is told from one that is down', async () => {
  await expect(postgresDatabase().logIn({ ...place, ...admin })).rejects.toMatchObject({
    code: 'ERR_ROTATION',
    what: 'the database does not speak TLS',
  })
})

test('PostgreSQL with TLS is trusted by the certificate authority that is passed in, and by no other', async () => {
  const { cert, key } = selfSigned({ address: host })
  for (const [file, text] of Object.entries({ 'server.crt': cert, 'server.key': key })) {
    const lines = `SELECT unnest(string_to_array(${pg.escapeLiteral(text.trim())}, E'\\n'))`
    await postgres.query(`COPY (${lines}) TO PROGRAM 'umask 077; cat > ${file}'`)
  }
  await postgres.query('ALTER SYSTEM SET ssl = on')
  await postgres.query('SELECT pg_reload_conf()')
  const trusting = postgresDatabase({ tls: { ca: cert } })
  await vi.waitFor(
    async () => {
      expect(await trusting.logIn({ ...place, ...admin })).toBe(true)
    },
    { timeout: 10_000 },
  )
  expect(await trusting.logIn({ ...place, ...admin, password: 'wrong' })).toBe(false)
  const renamed = { ...place, ...admin, host: 'localhost' }
  await expect(trusting.logIn(renamed)).rejects.toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' })
  const code = 'DEPTH_ZERO_SELF_SIGNED_CERT'
  await expect(postgresDatabase().logIn({ ...place, ...admin })).rejects.toMatchObject({ code })
  const { cert: other } = selfSigned({ address: host })
  const mistaken = postgresDatabase({ tls: { ca: other } })
  await expect(mistaken.logIn({ ...place, ...admin })).rejects.toMatchObject({ code })
})
