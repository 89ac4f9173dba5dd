/** Callers who cannot wait: a window of 0, or of less than a search takes to look again. */

import type { StandardSchemaV1 } from '@standard-schema/spec'
import { describe, expect, test } from 'vitest'
import { pass, until, whileTimePasses } from '../../support/manual-clock.js'
import { LoginError, Rotating, isRejected } from './rig.js'

const how = { isRejected }
const impatient = { isRejected, windowMs: 0 }

const outcomeOf = (work: Promise<unknown>) =>
  work.then(
    (result) => ({ result }),
    (error: unknown) => ({ error }),
  )

const turns = async (count: number) => {
  for (let left = count; left > 0; left -= 1) await new Promise(setImmediate)
}

/** One caller with a window of 0, who is refused. */
async function refused(options: ConstructorParameters<typeof Rotating>[0] = {}): Promise<Rotating> {
  const rig = new Rotating(options)
  rig.accepted = new Set()
  await outcomeOf(rig.secrets.withSecret('prod/db', impatient, rig.logIn))
  return rig
}

describe('where nobody waits', () => {
  test('a version that was refused is tried again, by one who was not, when it is time', async () => {
    const rig = await refused()
    await pass(rig.clock, 60_000, 1_000)
    rig.setPassword(1)
    const next = rig.secrets.withSecret('prod/db', impatient, rig.logIn)
    expect(await whileTimePasses(rig.clock, outcomeOf(next))).toEqual({ result: 1 })
  })

  test('and all who came with that one wait for its outcome', async () => {
    const rig = await refused()
    await pass(rig.clock, 60_000, 1_000)
    rig.setPassword(1)
    const all = Array.from({ length: 100 }, () => rig.secrets.withSecret('prod/db', impatient, rig.logIn))
    expect(await whileTimePasses(rig.clock, Promise.all(all))).toEqual(new Array(100).fill(1))
  })

  test('also where others come meanwhile', async () => {
    const rig = await refused()
    await pass(rig.clock, 60_000, 1_000)
    rig.setPassword(1)
    const slowly = async (password: string) => {
      await rig.clock.sleep(100)
      return rig.logIn(password)
    }
    const works: Promise<unknown>[] = []
    for (let times = 0; times < 3; times += 1) {
      works.push(...Array.from({ length: 10 }, () => rig.secrets.withSecret('prod/db', impatient, slowly)))
      await pass(rig.clock, 30)
    }
    expect(await whileTimePasses(rig.clock, Promise.all(works))).toEqual(new Array(30).fill(1))
  })

  test('and for a moment only', async () => {
    const rig = await refused()
    await pass(rig.clock, 60_000, 1_000)
    const startedAt = rig.clock.mono
    const all = Array.from({ length: 100 }, () =>
      outcomeOf(rig.secrets.withSecret('prod/db', impatient, () => new Promise<never>(() => undefined))),
    )
    await whileTimePasses(rig.clock, Promise.all(all.slice(0, 99)))
    expect(rig.clock.mono - startedAt).toBeLessThanOrEqual(300)
  })

  test('and AWS is slower than the window, too', async () => {
    const rig = await refused()
    await pass(rig.clock, 60_000, 1_000)
    rig.setPassword(1)
    rig.source.answer(async () => {
      await rig.clock.sleep(150)
      return rig.answer()
    })
    const next = rig.secrets.withSecret('prod/db', { isRejected, windowMs: 100 }, rig.logIn)
    expect(await whileTimePasses(rig.clock, outcomeOf(next))).toEqual({ result: 1 })
  })

  test('and AWS is down, too', async () => {
    const rig = await refused()
    await pass(rig.clock, 60_000, 1_000)
    rig.setPassword(1)
    rig.trouble = 'InternalServiceError'
    const next = rig.secrets.withSecret('prod/db', impatient, rig.logIn)
    expect(await whileTimePasses(rig.clock, outcomeOf(next))).toEqual({ result: 1 })
  })

  test('a dead version is tried no more often than where everybody does', async () => {
    const rig = await refused()
    for (let times = 0; times < 600; times += 1) {
      await outcomeOf(rig.secrets.withSecret('prod/db', impatient, rig.logIn))
      await pass(rig.clock, 100)
    }
    expect(rig.deadTries).toBeLessThan(60)
  })

  test('an environment that was frozen for an hour is no reason to put off the next try', async () => {
    const rig = await refused()
    for (let times = 0; times < 20; times += 1) {
      await pass(rig.clock, 1_000)
      await outcomeOf(rig.secrets.withSecret('prod/db', impatient, rig.logIn))
    }
    // The monotonic clock stands still meanwhile.
    rig.clock.wall += 3_600_000
    rig.setPassword(1)
    const next = rig.secrets.withSecret('prod/db', impatient, rig.logIn)
    expect(await whileTimePasses(rig.clock, outcomeOf(next))).toEqual({ result: 1 })
    expect(rig.clock.mono).toBeLessThan(21_000)
  })
})

describe('AWS is asked for whoever comes', () => {
  test.each([0, 1_000])('while another one tries for all: %d ms', async (windowMs) => {
    const rig = new Rotating()
    await rig.secrets.withSecret('prod/db', how, rig.logIn)
    rig.setPassword(2)
    let [isSlow, isTrying] = [false, false]
    const first = rig.secrets.withSecret('prod/db', how, async (password) => {
      if (isSlow) {
        isTrying = true
        await rig.clock.sleep(4_500)
      }
      return rig.logIn(password)
    })
    await pass(rig.clock, 1_000)
    isSlow = true
    await whileTimePasses(
      rig.clock,
      until(() => isTrying),
    )
    isSlow = false
    rig.current = 2
    const late = rig.secrets.withSecret('prod/db', { isRejected, windowMs }, rig.logIn)
    expect(await whileTimePasses(rig.clock, outcomeOf(late))).toEqual({ result: 2 })
    await whileTimePasses(rig.clock, first)
  })

  test.each([300, 1_000])('while AWS is being asked for others: %d ms', async (windowMs) => {
    for (let times = 0; times < 30; times += 1) {
      const rig = new Rotating()
      await rig.secrets.withSecret('prod/db', how, rig.logIn)
      rig.setPassword(2)
      const first = rig.secrets.withSecret('prod/db', how, rig.logIn)
      await pass(rig.clock, 15_000)
      const { asked, clock } = rig
      // As AWS does, it answers with what was current when it was asked.
      rig.source.answer(async () => {
        const answer = rig.answer()
        await clock.sleep(150)
        return answer
      })
      await whileTimePasses(
        clock,
        until(() => rig.asked > asked),
        10,
      )
      rig.current = 2
      const late = rig.secrets.withSecret('prod/db', { isRejected, windowMs }, rig.logIn)
      expect(await whileTimePasses(clock, outcomeOf(late), 10)).toEqual({ result: 2 })
      await whileTimePasses(clock, first)
    }
  })

  test('where the one before hangs in `use` and came a moment ago', async () => {
    const rig = new Rotating()
    await rig.secrets.withSecret('prod/db', how, rig.logIn)
    rig.setPassword(2)
    rig.pending = 3
    let times = 0
    const options = { isRejected, pending: true } as const
    await outcomeOf(rig.secrets.withSecret('prod/db', { ...options, windowMs: 0 }, rig.logIn))
    await pass(rig.clock, 10_000)
    void rig.secrets.withSecret('prod/db', options, (password) => {
      times += 1
      return times === 1 ? rig.logIn(password) : new Promise<never>(() => undefined)
    })
    for (let left = 20; left > 0; left -= 1) {
      await pass(rig.clock, 500)
      rig.current += 10
      rig.setPassword(rig.current)
      const late = rig.secrets.withSecret('prod/db', { ...options, windowMs: 0 }, rig.logIn)
      expect(await whileTimePasses(rig.clock, outcomeOf(late))).toEqual({ result: rig.current })
      rig.accepted = new Set()
    }
  })

  test('at any moment after one who tried for all has failed', async () => {
    for (let ticks = 0; ticks < 40; ticks += 1) {
      const rig = new Rotating()
      await rig.secrets.withSecret('prod/db', how, rig.logIn)
      rig.setPassword(2)
      const first = rig.secrets.withSecret('prod/db', how, rig.logIn)
      await pass(rig.clock, 10_000)
      const down = rig.secrets.withSecret('prod/db', how, () => Promise.reject(new Error('ECONNREFUSED')))
      const late = down.catch(async () => {
        for (let left = ticks; left > 0; left -= 1) await Promise.resolve()
        rig.current = 2
        return rig.secrets.withSecret('prod/db', impatient, rig.logIn)
      })
      expect(await whileTimePasses(rig.clock, outcomeOf(late))).toEqual({ result: 2 })
      await whileTimePasses(rig.clock, first)
    }
  })

  test('with a copy of what was refused meanwhile', async () => {
    const rig = new Rotating()
    await rig.secrets.get('prod/db')
    rig.rotate()
    const slowSchema: StandardSchemaV1<string, string> = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: async (value) => {
          await turns(10)
          return { value: String(value) }
        },
      },
    }
    const late = outcomeOf(
      rig.secrets.withSecret('prod/db', { ...impatient, schema: slowSchema, as: 'text' }, rig.logIn),
    )
    // With the new version, which is not known to be accepted yet.
    const slow = rig.secrets.withSecret('prod/db', how, async (password) => {
      if (password.endsWith('-2')) await rig.clock.sleep(1_000)
      return rig.logIn(password)
    })
    await turns(20)
    expect(await whileTimePasses(rig.clock, late)).toEqual({ result: 2 })
    await expect(whileTimePasses(rig.clock, slow)).resolves.toBe(2)
  })
})

test('a window of 0 that is refused twice tries nothing a third time', async () => {
  const rig = await refused()
  await pass(rig.clock, 60_000, 1_000)
  const before = rig.tried.length
  const work = rig.secrets.withSecret('prod/db', impatient, rig.logIn)
  const { error } = { error: undefined, ...(await whileTimePasses(rig.clock, outcomeOf(work))) }
  expect(error).toBeInstanceOf(LoginError)
  expect(rig.tried.length - before).toBeLessThanOrEqual(1)
})
