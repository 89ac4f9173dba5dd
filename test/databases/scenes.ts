/** What may happen to a password while queries run, for each database and each way of connecting. */

import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect } from 'vitest'
import { expectNoNeedle } from '../support/needle.js'
import type { Engine } from './engine.js'
import { type LoadReport, WORKERS, startLoad } from './load.js'
import { createSecret } from './rotation.js'
import { type Stage, testOn } from './stage.js'
import type { Way, Window } from './ways.js'

/** Queries that end before a rotation, and again after it: of each worker several, so that new logins are among them. */
const SETTLED = 10 * WORKERS

/** AWS is down for so long after the rotation. */
const OUTAGE_MS = 250

/** Between setSecret and finishSecret: the time in which AWSCURRENT of a single user holds a dead password. */
export const DEAD_MS = 400

/** How long a login waits where nothing else is said. */
const WINDOW_MS = 60_000

/** Far more than a scene takes, also where all the others run beside it. */
export const PATIENT = { timeout: 60_000 }

/** What a run came to, with what it cost. */
interface Outcome extends LoadReport {
  /** Logins with a dead password, as the server has counted them. */
  readonly refused: number
  readonly accepted: number
  /** Reads that the client asked of AWS. */
  readonly requests: number
}

/** Runs the load while something happens; what it printed holds no password. */
export async function underLoad(
  stage: Stage,
  way: Way,
  title: string,
  happens: () => Promise<void>,
  { settled = SETTLED, ...window }: Window & { readonly settled?: number } = {},
): Promise<Outcome> {
  const load = await startLoad(way.open(stage, window))
  await load.more(SETTLED)
  await happens()
  await load.more(settled)
  const outcome = { ...(await load.stop()), ...(await stage.cost()) }
  const line = lineOf(`${stage.engine.name}, ${way.name}, ${title}`, outcome)
  console.log(line)
  for (const password of stage.passwords()) {
    expectNoNeedle([line, stage.events, outcome, stage.secrets, stage.secrets.stats()], password)
  }
  return outcome
}

function lineOf(title: string, outcome: Outcome): string {
  const { queries, failures, refused, accepted, requests, seconds, slowestMs } = outcome
  const facts = [
    `${queries} queries in ${seconds.toFixed(1)} s`,
    `${failures.length} failed`,
    `${refused} of ${refused + accepted} logins with a dead password`,
    `${requests} reads of AWS`,
    `slowest query ${slowestMs.toFixed(0)} ms`,
  ]
  return `${title}: ${facts.join(', ')}`
}

/** What a load may cost. */
interface Toll {
  /** Versions that the application had logged in with before they died. */
  readonly deadVersions: number
  /** Logins of the rotation itself that were refused. */
  readonly ownRefusals?: number
}

/**
 * Of one dead version: the four that may log in at once with a version that was accepted before. And of each second
 * that a search goes on, the tries of a wait that doubles from 250 ms: 8 even where chance makes all waits short, or
 * where the machine is so busy that a login of 250 ms is taken for one that is in, and makes room for the next.
 */
const triesIn = ({ deadVersions }: Toll, { seconds }: Outcome) => 4 * deadVersions + 8 * seconds

/** No query fails, the session that was open goes on, and neither the database nor AWS is asked too often. */
export function expectSurvived(outcome: Outcome, toll: Toll): void {
  expect(outcome.failures).toEqual([])
  expect(outcome.queries).toBeGreaterThanOrEqual(2 * SETTLED)
  expect(outcome.heldQueries).toBeGreaterThan(10)
  expect(outcome.refused).toBeLessThanOrEqual(triesIn(toll, outcome) + (toll.ownRefusals ?? 0))
  // One read for each of those tries, and the first of all.
  expect(outcome.requests).toBeLessThanOrEqual(1 + triesIn(toll, outcome))
}

/** Single user: the old password dies at setSecret, and AWSCURRENT names it until finishSecret. */
export async function rotateSingleUser(
  stage: Stage,
  during: () => Promise<unknown> = () => delay(DEAD_MS),
): Promise<void> {
  const rotation = createSecret(stage, stage.users[0])
  await rotation.setSecret()
  await during()
  await rotation.testSecret()
  rotation.finishSecret()
}

export function rotationScenes(engine: Engine, way: Way): void {
  const test = testOn(engine)

  describe.concurrent(`${engine.name} through ${way.name}: no query fails`, PATIENT, () => {
    test('while a single user is rotated', async ({ stage }) => {
      const outcome = await underLoad(stage, way, 'single user', () => rotateSingleUser(stage))
      expectSurvived(outcome, { deadVersions: 1 })
      expect(outcome.refused).toBeGreaterThan(0)
    })

    test('while a single user is rotated and AWSPENDING may be used', async ({ stage }) => {
      const outcome = await underLoad(stage, way, 'single user, pending', () => rotateSingleUser(stage), {
        pending: true,
      })
      expectSurvived(outcome, { deadVersions: 1 })
    })

    test('while two users alternate, and no dead password is tried at the first turn', async ({ stage }) => {
      const [single, clone] = stage.users
      await engine.createUser(clone, stage.credentials(clone).password)
      const turn = async (user: string) => {
        const rotation = createSecret(stage, user)
        await rotation.setSecret()
        await delay(DEAD_MS)
        await rotation.testSecret()
        rotation.finishSecret()
      }
      const refused: number[] = []
      const outcome = await underLoad(stage, way, 'alternating users, twice', async () => {
        await turn(clone)
        await delay(DEAD_MS)
        refused.push((await stage.cost()).refused)
        await turn(single)
      })
      expectSurvived(outcome, { deadVersions: 1 })
      expect(refused).toEqual([0])
    })

    test.for([
      { name: 'AWSPENDING not asked for', pending: false },
      { name: 'AWSPENDING allowed', pending: true },
    ])('while a rotation fails at testSecret and is rolled back, $name', async ({ pending }, { stage }) => {
      const title = `rolled back${pending ? ', pending' : ''}`
      const outcome = await underLoad(
        stage,
        way,
        title,
        async () => {
          const rotation = createSecret(stage, stage.users[0])
          await rotation.setSecret()
          await delay(DEAD_MS)
          await rotation.rollBack()
        },
        { pending },
      )
      expectSurvived(outcome, { deadVersions: pending ? 2 : 1 })
    })

    test('while a rotation is stuck and AWSPENDING may be used', async ({ stage }) => {
      const outcome = await underLoad(
        stage,
        way,
        'stuck, pending',
        async () => {
          await createSecret(stage, stage.users[0]).setSecret()
          await delay(4 * DEAD_MS)
        },
        { pending: true },
      )
      expectSurvived(outcome, { deadVersions: 1 })
      // Nobody waits for AWSCURRENT, which does not come.
      expect(outcome.slowestMs).toBeLessThan(WINDOW_MS / 10)
    })

    test('while two rotations follow each other at once', async ({ stage }) => {
      const outcome = await underLoad(stage, way, 'two rotations', async () => {
        await rotateSingleUser(stage)
        await rotateSingleUser(stage)
      })
      expectSurvived(outcome, { deadVersions: 2 })
    })

    test('while AWS throttles', async ({ stage }) => {
      const outcome = await underLoad(stage, way, 'throttled', async () => {
        stage.emulator.setThrottle({ ratePerSecond: 2, burst: 1, operations: ['GetSecretValue'] })
        await rotateSingleUser(stage)
      })
      expectSurvived(outcome, { deadVersions: 1 })
    })

    test.for([
      { name: 'AWS answers 500', fault: { error: 'InternalServiceError' } },
      { name: 'AWS cuts connections', fault: { drop: 'reset' } },
    ] as const)('while $name', async ({ name, fault }, { stage }) => {
      const outcome = await underLoad(stage, way, name, async () => {
        const restore = stage.emulator.fail('*', fault)
        await rotateSingleUser(stage)
        await delay(OUTAGE_MS)
        restore()
      })
      expectSurvived(outcome, { deadVersions: 1 })
    })
  })

  describe.concurrent(`${engine.name} through ${way.name}: without a working credential`, PATIENT, () => {
    test("the window ends with the database's own error", async ({ stage }) => {
      const windowMs = 1_500
      const outcome = await underLoad(
        stage,
        way,
        'stuck',
        async () => {
          await createSecret(stage, stage.users[0]).setSecret()
          await delay(1.5 * windowMs)
        },
        { windowMs, settled: 0 },
      )
      expect(outcome.failures.length).toBeGreaterThan(0)
      for (const failure of outcome.failures) expect(failure).toMatchObject(engine.refusal)
      for (const password of stage.passwords()) expectNoNeedle(outcome.failures, password)
      expect(outcome.slowestMs).toBeGreaterThan(windowMs / 2)
      // One window each, and no second one.
      expect(stage.secrets.stats().givenUp).toBeLessThanOrEqual(outcome.failures.length)
      expect(outcome.refused).toBeLessThanOrEqual(triesIn({ deadVersions: 1 }, outcome))
      expect(outcome.heldQueries).toBeGreaterThan(10)
    })
  })
}
