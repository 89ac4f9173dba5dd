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

/** Who was not turned away for so many milliseconds is taken to be in, and twice as many may follow. */
const TAKEN_FOR_IN_MS = 250

interface Stampede {
  readonly failures: readonly unknown[]
  readonly seconds: number
  /** How many may log in with a dead password before one is turned away, where so many may begin at once. */
  readonly unaware: (atOnce: number) => number
}

/** Logs in and leaves at once, a thousand times. */
async function stampede({ secrets }: Stage): Promise<Stampede> {
  const startedAt = performance.now()
  let firstRefusalMs: number | undefined
  const isRejected = (error: unknown) => {
    const isRefusal = engine.isRejected(error)
    if (isRefusal) firstRefusalMs ??= performance.now() - startedAt
    return isRefusal
  }
  const settled = await Promise.allSettled(
    Array.from({ length: CALLERS }, () =>
      secrets.withSecret(REF, { schema: rdsCredentials, isRejected }, async (credentials) => {
        const session = await engine.login(credentials)
        await session.end()
      }),
    ),
  )
  return {
    failures: settled.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : [])),
    seconds: (performance.now() - startedAt) / 1000,
    unaware: (atOnce) => atOnce * (2 ** (1 + Math.floor((firstRefusalMs ?? 0) / TAKEN_FOR_IN_MS)) - 1),
  }
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
    const { failures, unaware } = await stampede(stage)
    expect(failures).toEqual([])
    const { refused, requests } = await report('1000 callers after a rotation', stage)
    // Four, but where the machine is so busy that nobody is turned away in time.
    expect(refused).toBeLessThanOrEqual(unaware(4))
    expect(requests).toBe(2)
  })

  test('in a new process, while AWSCURRENT holds a dead password', async ({ stage }) => {
    const rotation = createSecret(stage, stage.users[0])
    await rotation.setSecret()
    const callers = stampede(stage)
    setTimeout(rotation.finishSecret, 400)
    const { failures, seconds, unaware } = await callers
    expect(failures).toEqual([])
    const { refused, requests } = await report('1000 callers during a rotation', stage)
    const bound = unaware(1) + 8 * seconds
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
