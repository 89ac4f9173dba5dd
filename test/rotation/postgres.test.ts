/** The strategies on a real PostgreSQL. */

import { postgresDatabase } from 'aws-secrets-client/rotation'
import pg from 'pg'
import { beforeAll, expect, test, vi } from 'vitest'
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
  await expect(database.cloneUser(weak, 'owner', clone)).rejects.toMatchObject({ code: '42501' })
  expect(await postgres.query("SELECT 1 FROM pg_roles WHERE rolname = 'owner_clone'")).toEqual([])
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
  await vi.waitFor(async () => {
    expect(await trusting.logIn({ ...place, ...admin })).toBe(true)
  })
  expect(await trusting.logIn({ ...place, ...admin, password: 'wrong' })).toBe(false)
  const renamed = { ...place, ...admin, host: 'localhost' }
  await expect(trusting.logIn(renamed)).rejects.toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' })
  const code = 'DEPTH_ZERO_SELF_SIGNED_CERT'
  await expect(postgresDatabase().logIn({ ...place, ...admin })).rejects.toMatchObject({ code })
  const { cert: other } = selfSigned({ address: host })
  const mistaken = postgresDatabase({ tls: { ca: other } })
  await expect(mistaken.logIn({ ...place, ...admin })).rejects.toMatchObject({ code })
})
