/** The strategies on a real MariaDB, where one is installed. */

import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { type Socket, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mysqlDatabase } from 'aws-secrets-client/rotation'
import { createConnection, escape } from 'mysql2/promise'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { selfSigned } from '../support/fault-server/certificate.js'
import { describeMariadb } from '../support/mariadb.js'
import { expectNoNeedle, NEEDLE } from '../support/needle.js'
import { describeStrategies } from './real-database.js'

await describeMariadb('MariaDB', (mariadb) => {
  const { host, port, database: dbname } = mariadb
  const database = mysqlDatabase({ tls: false })
  const admin = { username: mariadb.adminUser, password: mariadb.adminPassword }
  const place = { engine: 'mariadb', host, port, dbname }
  const account = (name: string) => `${escape(name)}@${escape(host)}`
  const grantsOf = async (name: string) => {
    const rows = await mariadb.query(`SHOW GRANTS FOR ${account(name)}`)
    return rows.map((row) => String(Object.values(row)[0]))
  }

  beforeAll(async () => {
    await mariadb.query('CREATE TABLE test.orders (id int)')
  })

  describeStrategies('MariaDB', {
    ...place,
    database,
    admin,
    async createReader(username, password) {
      await mariadb.query(`CREATE USER ${account(username)} IDENTIFIED BY ${escape(password)}`)
      await mariadb.query(`GRANT SELECT ON test.orders TO ${account(username)}`)
    },
    async read(user, password) {
      const connection = await createConnection({ host, port, database: dbname, user, password })
      await connection.query('SELECT * FROM orders')
      await expect(connection.query('DELETE FROM orders')).rejects.toMatchObject({ errno: 1142 })
      await connection.end()
    },
  })

  test('a clone has the rights, roles and TLS requirements of the original', async () => {
    await mariadb.query('CREATE ROLE reader')
    await mariadb.createUser('all', 'first')
    await mariadb.query(`GRANT reader TO ${account('all')}`)
    await mariadb.query(`SET DEFAULT ROLE reader FOR ${account('all')}`)
    await mariadb.query(`GRANT SELECT ON test.orders TO ${account('all')} WITH GRANT OPTION`)
    const clone = { username: 'all_clone', password: 'second' }
    const withoutPassword = (grant: string) => grant.replace(/ IDENTIFIED BY PASSWORD '[^']*'/, '')
    for (const [requirement, shown] of [
      ['NONE', ''],
      ['SSL', ' REQUIRE SSL'],
      ['X509', ' REQUIRE X509'],
      ["ISSUER '/CN=a' AND SUBJECT '/CN=it''s'", " REQUIRE ISSUER '/CN=a' SUBJECT '/CN=it"],
    ] as const) {
      await mariadb.query(`ALTER USER ${account('all')} REQUIRE ${requirement}`)
      await database.cloneUser({ ...place, ...admin }, 'all', clone)
      const original = (await grantsOf('all')).map(withoutPassword)
      expect(original.join('\n')).toContain(`GRANT USAGE ON *.* TO \`all\`@\`127.0.0.1\`${shown}`)
      expect(original).toHaveLength(5)
      const expected = original.map((grant) => grant.replace('`all`@', '`all_clone`@'))
      expect((await grantsOf('all_clone')).map(withoutPassword)).toEqual(expected)
    }
  })

  test('a clone of a user that is not there is refused', async () => {
    const clone = { username: 'ghost_clone', password: 'second' }
    await expect(database.cloneUser({ ...place, ...admin }, 'ghost', clone)).rejects.toMatchObject({
      what: 'the current user is not in the database',
    })
  })

  test('an error has no statement, in which a password stands', async () => {
    await mariadb.createUser('shown', 'first')
    const credentials = { ...place, username: 'shown', password: 'first' }
    await mariadb.query('SET GLOBAL read_only = 1')
    const error = await database.changePassword(credentials, NEEDLE).catch((thrown: unknown) => thrown)
    await mariadb.query('SET GLOBAL read_only = 0')
    expect(error).toMatchObject({ code: 'ER_OPTION_PREVENTS_STATEMENT' })
    expectNoNeedle(error, NEEDLE)
  })

  test('a server without TLS is no refusal of credentials', async () => {
    await expect(mysqlDatabase().logIn({ ...place, ...admin })).rejects.toBeInstanceOf(Error)
  })
})

const folder = await mkdtemp(join(tmpdir(), 'aws-secrets-client-tls-'))
const { cert, key } = selfSigned({ address: '127.0.0.1' })
await writeFile(join(folder, 'cert.pem'), cert)
await writeFile(join(folder, 'key.pem'), key, { mode: 0o600 })
afterAll(() => rm(folder, { recursive: true }))

await describeMariadb(
  'MariaDB with TLS',
  ({ host, port, adminUser, adminPassword }) => {
    const admin = { engine: 'mariadb', host, port, username: adminUser, password: adminPassword }

    test('is trusted by the certificate authority that is passed in, and by no other', async () => {
      const trusting = mysqlDatabase({ tls: { ca: cert } })
      expect(await trusting.logIn(admin)).toBe(true)
      expect(await trusting.logIn({ ...admin, password: 'wrong' })).toBe(false)
      const code = 'HANDSHAKE_SSL_ERROR'
      await expect(trusting.logIn({ ...admin, host: 'localhost' })).rejects.toMatchObject({
        code,
        message: expect.stringContaining('does not match') as unknown,
      })
      await expect(mysqlDatabase().logIn(admin)).rejects.toMatchObject({ code })
      const { cert: other } = selfSigned({ address: host })
      await expect(mysqlDatabase({ tls: { ca: other } }).logIn(admin)).rejects.toMatchObject({ code })
    })
  },
  { 'ssl-cert': join(folder, 'cert.pem'), 'ssl-key': join(folder, 'key.pem') },
)

/** Greets, lets everybody in, and answers no statement. */
async function silentServer(): Promise<number> {
  const sockets = new Set<Socket>()
  const text = (ascii: string) => [...Buffer.from(`${ascii}\0`)]
  const zeros = (length: number) => Array.from({ length }, () => 0)
  const greeting = [
    ...[10, ...text('8.0.0'), 1, 0, 0, 0, ...text('12345678')],
    // Capabilities: what a login with this plugin needs.
    ...[0x09, 0x82, 33, 2, 0, 0x08, 0, 21, ...zeros(10), ...text('123456789012')],
    ...text('mysql_native_password'),
  ]
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.write(Buffer.from([greeting.length, 0, 0, 0, ...greeting]))
    socket.once('data', () => socket.write(Buffer.from([7, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0])))
  }).listen(0, '127.0.0.1')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  await once(server, 'listening')
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('no port is free')
  return address.port
}

test('a statement that is not answered ends after the timeout', async () => {
  const port = await silentServer()
  const database = mysqlDatabase({ tls: false, timeoutMs: 50 })
  const credentials = { engine: 'mysql', host: '127.0.0.1', port, username: 'app', password: 'first' }
  const code = 'PROTOCOL_SEQUENCE_TIMEOUT'
  await expect(database.logIn(credentials)).rejects.toMatchObject({ code })
  await expect(database.changePassword(credentials, 'second')).rejects.toMatchObject({ code })
})
