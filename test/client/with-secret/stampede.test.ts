/** Many callers at once: one search for all, and a handful of tries with a dead password. */

import { describe, expect, test } from 'vitest'
import { pass, whileTimePasses } from '../../support/manual-clock.js'
import { Rotating, isRejected } from './rig.js'

const THOUSAND = Array.from({ length: 1_000 })
const how = { isRejected }

/** All at once. */
function stampede(rig: Rotating, options: { readonly windowMs?: number; readonly pending?: boolean } = {}) {
  return Promise.allSettled(
    THOUSAND.map(() => rig.secrets.withSecret('prod/db', { ...how, ...options }, rig.logIn)),
  )
}

const served = (results: readonly PromiseSettledResult<unknown>[]) =>
  results.filter(({ status }) => status === 'fulfilled').length

describe('a thousand callers', () => {
  test('with a dead version that nobody has used: one tries it', async () => {
    const rig = new Rotating()
    await rig.secrets.get('prod/db')
    rig.rotate()
    expect(served(await whileTimePasses(rig.clock, stampede(rig)))).toBe(1_000)
    expect(rig.deadTries).toBe(1)
    expect(rig.asked).toBe(2)
    expect(rig.clock.sleeping).toBe(0)
  })

  test('with one that was good until now: four try it', async () => {
    const rig = new Rotating()
    await rig.secrets.withSecret('prod/db', how, rig.logIn)
    rig.rotate()
    expect(served(await whileTimePasses(rig.clock, stampede(rig)))).toBe(1_000)
    expect(rig.deadTries).toBe(4)
    expect(rig.asked).toBe(2)
  })

  test('who were let in a moment ago, all at once: as many as were under way when the first was refused', async () => {
    const rig = new Rotating()
    await stampede(rig)
    rig.rotate()
    expect(served(await whileTimePasses(rig.clock, stampede(rig)))).toBe(1_000)
    expect(rig.deadTries).toBe(4)
  })

  test('while the pending version is the one that works, for twenty seconds', async () => {
    const rig = new Rotating()
    rig.setPassword(2)
    const all = stampede(rig)
    await pass(rig.clock, 20_000)
    rig.current = 2
    expect(served(await whileTimePasses(rig.clock, all))).toBe(1_000)
    // 250 ms doubling to 5 s, each wait drawn from all of it: about twelve in twenty seconds.
    expect(rig.deadTries).toBeLessThan(40)
    expect(rig.asked).toBeLessThan(42)
    expect(rig.told('recovered')).toHaveLength(1)
  })

  test('with nothing that works: everybody gets an error of the database', async () => {
    const rig = new Rotating()
    rig.accepted = new Set()
    const results = await whileTimePasses(rig.clock, stampede(rig))
    expect(served(results)).toBe(0)
    for (const result of results) {
      if (result.status === 'rejected') expect(rig.errors).toContain(result.reason)
    }
    expect(rig.deadTries).toBeLessThan(80)
    expect(rig.asked).toBeLessThan(80)
    expect(rig.secrets.stats().givenUp).toBe(1_000)
    expect(rig.clock.sleeping).toBe(0)
  })

  test('and later ones join the search instead of trying', async () => {
    const rig = new Rotating()
    rig.accepted = new Set()
    const first = stampede(rig)
    await pass(rig.clock, 30_000)
    const tries = rig.deadTries
    const second = stampede(rig)
    await pass(rig.clock, 250)
    expect(rig.deadTries - tries).toBeLessThanOrEqual(3)
    rig.setPassword(1)
    expect(served(await whileTimePasses(rig.clock, first))).toBe(1_000)
    expect(served(await second)).toBe(1_000)
  })

  test('whose logins never end hold nobody up for long', async () => {
    const rig = new Rotating()
    const hanging = new Promise<never>(() => undefined)
    let started = 0
    void Promise.all(
      THOUSAND.map(() =>
        rig.secrets.withSecret('prod/db', how, () => {
          started += 1
          return hanging
        }),
      ),
    )
    await pass(rig.clock, 3_000)
    expect(started).toBe(1_000)
    expect(rig.clock.sleeping).toBe(0)
  })

  test('after a dead version, behind a login that never ends', async () => {
    const rig = new Rotating()
    await rig.secrets.withSecret('prod/db', how, rig.logIn)
    rig.accepted = new Set()
    let hanging = 0
    const lateOnes = Array.from({ length: 20 }, () =>
      rig.secrets.withSecret('prod/db', how, (password) => {
        if (rig.accepted.size > 0 && hanging === 0) {
          hanging += 1
          return new Promise<number>(() => undefined)
        }
        return rig.logIn(password)
      }),
    )
    await pass(rig.clock, 1_000)
    rig.setPassword(1)
    await pass(rig.clock, 30_000)
    const settled = await Promise.all(
      lateOnes.map((work) => Promise.race([work, new Promise((resolve) => setImmediate(resolve, 'hangs'))])),
    )
    expect(settled.filter((result) => result === 1)).toHaveLength(19)
  })
})

test('callers of two databases with one secret do not keep each other out', async () => {
  const rig = new Rotating()
  const other = Promise.allSettled([
    rig.secrets.withSecret('prod/db', { isRejected, windowMs: 20_000 }, () => rig.logIn('another-99')),
  ])
  const outcomes: Promise<number>[] = []
  for (let times = 0; times < 20; times += 1) {
    outcomes.push(rig.secrets.withSecret('prod/db', how, rig.logIn))
    await pass(rig.clock, 500)
  }
  await expect(whileTimePasses(rig.clock, Promise.all(outcomes))).resolves.toEqual(new Array(20).fill(1))
  expect(await whileTimePasses(rig.clock, other)).toMatchObject([{ status: 'rejected' }])
})
