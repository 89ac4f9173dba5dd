/** A real MariaDB for one test file, where the machine has one (Debian: `apt-get install mariadb-server`). */

import { execFile, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { type Pool, type RowDataPacket, createConnection, createPool, escape } from 'mysql2/promise'
import { afterAll, describe, it } from 'vitest'
import { type DataDirectory, type Logins, createDataDirectory, onFreePort } from './database-server.js'

export interface Mariadb {
  readonly host: '127.0.0.1'
  readonly port: number
  readonly database: 'test'
  /** The superuser. */
  readonly adminUser: typeof ADMIN
  readonly adminPassword: string
  /** Runs SQL as the superuser. */
  readonly query: (sql: string) => Promise<readonly Record<string, unknown>[]>
  /** Makes a user who may do everything in `database`. */
  readonly createUser: (name: string, password: string) => Promise<void>
  readonly setPassword: (name: string, password: string) => Promise<void>
  /** All logins of a user since the start, also those that a refused password ended. */
  readonly logins: (name: string) => Promise<Logins>
}

/** No disk is waited for, and each user's logins are counted. */
const SETTINGS = {
  'bind-address': '127.0.0.1',
  'max-connections': '300',
  'skip-name-resolve': '1',
  userstat: '1',
  'innodb-flush-log-at-trx-commit': '0',
  'innodb-buffer-pool-size': '16M',
  'innodb-log-file-size': '8M',
  // Each dead password on the way would count towards a refusal of the whole host.
  'max-connect-errors': '1000000',
}

const ADMIN = 'admin'

/** Names the host where MariaDB's users live: without name resolution it sees addresses. */
const account = (name: string) => `${escape(name)}@'127.0.0.1'`

/**
 * Starts a MariaDB on loopback that ends with the test file: to be called at the top of the file.
 *
 * @param settings - options of `mariadbd`
 * @returns `undefined` where none is installed
 * @throws in CI, where none is installed
 */
async function startMariadb(settings: Readonly<Record<string, string>> = {}): Promise<Mariadb | undefined> {
  const programs = { server: find('mariadbd'), install: find('mariadb-install-db') }
  if (programs.server === undefined || programs.install === undefined) {
    if (process.env['CI'] !== undefined) throw new Error('MariaDB is missing: install mariadb-server')
    return undefined
  }
  const stops: (() => Promise<unknown>)[] = []
  afterAll(async () => {
    for (const stop of stops.reverse()) await stop()
  })
  const directory = await createDataDirectory('mariadb', 'mariadbd.pid')
  stops.push(directory.remove)
  await install(programs.install, directory)
  const { server: program } = programs
  const { port, stop } = await onFreePort((free) =>
    start(program, directory, free, { ...SETTINGS, ...settings }),
  )
  stops.push(stop)
  const adminPassword = randomUUID()
  await protect(port, adminPassword)
  const admin = createPool({
    host: '127.0.0.1',
    port,
    user: ADMIN,
    password: adminPassword,
    connectionLimit: 2,
  })
  stops.push(() => admin.end())
  return handle(admin, port, adminPassword)
}

/** A `describe` with a MariaDB of its own; skipped where none is installed, but in CI that fails. */
export async function describeMariadb(
  title: string,
  body: (mariadb: Mariadb) => void,
  settings?: Readonly<Record<string, string>>,
): Promise<void> {
  const mariadb = await startMariadb(settings)
  if (mariadb === undefined)
    describe.skip(title, () => {
      it('needs a MariaDB: install mariadb-server', () => undefined)
    })
  else
    describe(title, () => {
      body(mariadb)
    })
}

/** Makes the database, and a superuser with a password: `root` comes without one. */
async function protect(port: number, password: string): Promise<void> {
  const root = await createConnection({ host: '127.0.0.1', port, user: 'root' })
  await root.query('CREATE DATABASE IF NOT EXISTS test')
  await root.query(`CREATE USER ${account(ADMIN)} IDENTIFIED BY ${escape(password)}`)
  await root.query(`GRANT ALL ON *.* TO ${account(ADMIN)} WITH GRANT OPTION`)
  await root.end()
}

function handle(admin: Pool, port: number, adminPassword: string): Mariadb {
  const query = async (sql: string) => {
    const [rows] = await admin.query<RowDataPacket[]>(sql)
    return rows
  }
  return {
    host: '127.0.0.1',
    port,
    database: 'test',
    adminUser: ADMIN,
    adminPassword,
    query,
    async createUser(name, password) {
      await query(`CREATE USER ${account(name)} IDENTIFIED BY ${escape(password)}`)
      await query(`GRANT ALL ON test.* TO ${account(name)}`)
    },
    async setPassword(name, password) {
      await query(`ALTER USER ${account(name)} IDENTIFIED BY ${escape(password)}`)
    },
    async logins(name) {
      const [counts] = await query(
        `SELECT TOTAL_CONNECTIONS AS accepted, DENIED_CONNECTIONS AS refused
           FROM information_schema.USER_STATISTICS WHERE USER = ${escape(name)}`,
      )
      return { accepted: Number(counts?.['accepted'] ?? 0), refused: Number(counts?.['refused'] ?? 0) }
    },
  }
}

/** Where a program is; Debian's users do not have `/usr/sbin` on their path. */
function find(program: string): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']
  return folders
    .map((folder) => join(folder, program))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK)
        return true
      } catch {
        return false
      }
    })
}

/** As root, MariaDB wants to be told that this is meant. */
const asRoot = () => (process.getuid?.() === 0 ? ['--user=root'] : [])

async function install(program: string, { path }: DataDirectory): Promise<void> {
  await promisify(execFile)(program, [
    '--no-defaults',
    ...asRoot(),
    `--datadir=${path}`,
    '--auth-root-authentication-method=normal',
    '--skip-name-resolve',
    '--skip-test-db',
    '--innodb-log-file-size=8M',
  ])
}

async function start(
  program: string,
  { path, pidFile }: DataDirectory,
  port: number,
  settings: Readonly<Record<string, string>>,
): Promise<{ readonly port: number; readonly stop: () => Promise<void> }> {
  const server = spawn(
    program,
    [
      '--no-defaults',
      ...asRoot(),
      `--datadir=${path}`,
      `--pid-file=${pidFile}`,
      `--socket=${join(path, 'mariadbd.sock')}`,
      `--port=${port}`,
      ...Object.entries(settings).map(([name, value]) => `--${name}=${value}`),
    ],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  )
  const exited = once(server, 'exit')
  await new Promise<void>((resolve, reject) => {
    let log = ''
    server.stderr.on('data', (chunk: Buffer) => {
      log = (log + chunk.toString()).slice(-10_000)
      if (log.includes('ready for connections')) resolve()
    })
    exited.then(() => {
      reject(new Error(`MariaDB did not start: ${log}`))
    }, reject)
  })
  const stop = async () => {
    server.kill('SIGTERM')
    await exited
  }
  return { port, stop }
}
