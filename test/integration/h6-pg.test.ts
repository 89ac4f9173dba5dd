import pg from 'pg'
import { randomUUID } from 'node:crypto'
import { expect, onTestFinished, test } from 'vitest'
import { createPool } from 'aws-secrets-client/pg'
import { startPostgres } from '../support/postgres.js'
import { REF, stageWith } from './credentials-stage.js'
const postgres = await startPostgres()
const settled = (p: Promise<unknown>, ms = 1500) => Promise.race([p.then(() => 'ok', (e: unknown) => e), new Promise((r) => setTimeout(() => r('HANGS'), ms))])
async function scene() {
  const user = `app_${randomUUID().slice(0, 8)}`
  await postgres.createUser(user, 'good')
  const { host, port, database: dbname } = postgres
  const secret = (password: string) => ({ engine: 'postgres', host, port, dbname, username: user, password })
  const stage = await stageWith(secret('good'))
  return { ...stage, user, secret }
}
const msg = (e: any) => e?.code ?? e?.message ?? e
test('all rejected, queue', async () => {
  const { secrets, user } = await scene()
  await postgres.setPassword(user, 'other')
  const pool = createPool(secrets, REF, { max: 2, windowMs: 0 })
  const r = await Promise.all([1, 2, 3, 4, 5, 6].map(() => settled(pool.query('SELECT 1'))))
  console.log(r.map(msg), pool.totalCount, pool.idleCount, pool.waitingCount)
  console.log(await settled(pool.end()))
})
test('end with queue', async () => {
  const { secrets, user } = await scene()
  await postgres.setPassword(user, 'other')
  const pool = createPool(secrets, REF, { max: 1 })
  const rs = [1, 2, 3, 4].map(() => settled(pool.query('SELECT 1')))
  await new Promise((r) => setTimeout(r, 300))
  const e = settled(pool.end())
  console.log((await Promise.all(rs)).map(msg), await e, pool.totalCount, pool.idleCount, pool.waitingCount)
})
test('STOCK end with queue', async () => {
  const { user } = await scene()
  const { host, port, database } = postgres
  const pool = new pg.Pool({ host, port, database, user, password: 'good', max: 1 })
  const rs = [1, 2, 3, 4].map(() => settled(pool.query('SELECT pg_sleep(0.3)')))
  const e = settled(pool.end())
  console.log('stock', (await Promise.all(rs)).map(msg), await e, pool.totalCount, pool.idleCount, pool.waitingCount)
})
test('rotation with max 2, 20 callers', async () => {
  const { secrets, user, put, secret } = await scene()
  const pool = createPool(secrets, REF, { max: 2, connectionTimeoutMillis: 200 })
  await postgres.setPassword(user, 'other')
  setTimeout(() => put(secret('other')), 900)
  const rs = await Promise.all(Array.from({ length: 20 }, () => settled(pool.query('SELECT pg_sleep(0.01)'), 8000)))
  console.log(rs.map(msg), pool.totalCount, pool.idleCount, pool.waitingCount)
  console.log(await postgres.logins(user))
  console.log(await settled(pool.end()))
}, 12000)
test('listeners', async () => {
  const { secrets } = await scene()
  const pool = createPool(secrets, REF, { max: 2 })
  const c = await pool.connect()
  console.log('ours', c.eventNames().map((n) => [n, c.listenerCount(n)]))
  c.release()
  const c2 = await pool.connect()
  console.log(c2 === c, c.listenerCount('error'))
  c2.release()
  await pool.end()
  const { host, port, database } = postgres
})
test('killed backend in pool', async () => {
  const { secrets } = await scene()
  const pool = createPool(secrets, REF, { max: 2 })
  const errors: unknown[] = []
  pool.on('error', (e) => errors.push(e))
  await pool.query('SELECT 1')
  const { rows } = await pool.query('SELECT pg_backend_pid() AS pid')
  const { rows: k } = await pool.query('SELECT pg_terminate_backend($1)', [rows[0].pid]).catch((e) => ({ rows: [msg(e)] }))
  await new Promise((r) => setTimeout(r, 200))
  console.log(k, errors.length, pool.totalCount, await settled(pool.query('SELECT 1')), pool.totalCount)
  await pool.end()
})
test('onConnect/verify and client.end w/ connect listeners', async () => {
  const { secrets } = await scene()
  const seen: string[] = []
  const pool = createPool(secrets, REF, { max: 1, onConnect: async (c: any) => { await c.query('SELECT 1'); seen.push('onConnect') } } as any)
  pool.on('connect', () => seen.push('connect'))
  await pool.query('SELECT 1')
  console.log(seen)
  const bad = createPool(secrets, REF, { max: 1, onConnect: async () => { throw new Error('mine') } } as any)
  console.log(await settled(bad.query('SELECT 1')), bad.totalCount, await settled(bad.end()))
  await pool.end()
})
test('the same pool, secrets.close() during wait', async () => {
  const { secrets, user } = await scene()
  await postgres.setPassword(user, 'other')
  const pool = createPool(secrets, REF, { max: 1 })
  const r = settled(pool.query('SELECT 1'))
  await new Promise((r) => setTimeout(r, 300))
  await secrets.close()
  console.log(msg(await r), pool.totalCount, await settled(pool.end()))
})
