/** A thousand callers at once with a dead password, on a real PostgreSQL; and the helper that people write. */

import { rdsCredentials } from 'aws-secrets-client'
import { describe, expect } from 'vitest'
import { expectNoNeedle } from '../support/needle.js'
import { startPostgres } from '../support/postgres.js'
import { postgresEngine } from './engine.js'
import { createSecret } from './rotation.js'
import { rotateSingleUser, underLoad } from './scenes.js'
import { REF, type Stage, testOn } from './stage.js'
import { cachedHelper } from './ways.js'

const CALLERS = 1000

const engine = postgresEngine(
  await startPostgres({ max_connections: String(CALLERS + 100), superuser_reserved_connections: '10' }),
)

const test = testOn(engine)

/** Logs in and leaves at once, a thousand times. */
async function stampede({ secrets }: Stage): Promise<unknown[]> {
  const settled = await Promise.allSettled(
    Array.from({ length: CALLERS }, () =>
      secrets.withSecret(
        REF,
        { schema: rdsCredentials, isRejected: engine.isRejected },
        async (credentials) => {
          const session = await engine.login(credentials)
          await session.end()
        },
      ),
    ),
  )
  return settled.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []))
}

async function report(title: string, stage: Stage): Promise<{ refused: number; requests: number }> {
  const { refused, accepted, requests } = await stage.cost()
  const line = `${engine.name}, ${title}: ${refused} logins with a dead password, ${accepted} others, ${requests} reads of AWS`
  console.log(line)
  for (const password of stage.passwords()) expectNoNeedle([line, stage.events], password)
  return { refused, requests }
}

describe('a thousand callers at once', { timeout: 30_000 }, () => {
  test('after a rotation that this process did not notice: one refresh, a handful of dead logins', async ({
    stage,
  }) => {
    await stage.secrets.withSecret(REF, { schema: rdsCredentials, isRejected: engine.isRejected }, () => 1)
    await rotateSingleUser(stage, () => Promise.resolve())
    expect(await stampede(stage)).toEqual([])
    const { refused, requests } = await report('1000 callers after a rotation', stage)
    // Four, and four more where the machine is so busy that a login of 250 ms is taken for one that is in.
    expect(refused).toBeLessThanOrEqual(8)
    expect(requests).toBe(2)
  })

  test('in a new process, while AWSCURRENT holds a dead password', async ({ stage }) => {
    const rotation = createSecret(stage, stage.users[0])
    await rotation.setSecret()
    const startedAt = performance.now()
    const callers = stampede(stage)
    setTimeout(rotation.finishSecret, 400)
    expect(await callers).toEqual([])
    const { refused, requests } = await report('1000 callers during a rotation', stage)
    const bound = 1 + 8 * ((performance.now() - startedAt) / 1000)
    expect(refused).toBeLessThanOrEqual(bound)
    expect(requests).toBeLessThanOrEqual(1 + bound)
  })
})

test('for comparison: a helper that caches for five minutes fails until they have passed', async ({
  stage,
}) => {
  const outcome = await underLoad(stage, cachedHelper, 'single user', () => rotateSingleUser(stage))
  expect(outcome.failures.length).toBeGreaterThan(10)
  expect(outcome.refused).toBeGreaterThan(10)
})
