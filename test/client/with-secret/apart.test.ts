/** Callers whom a version does not let in though it does others, when it is refused for all after that. */

import { describe, expect, test } from 'vitest'
import { pass, whileTimePasses } from '../../support/manual-clock.js'
import { LoginError, Rotating, isRejected } from './rig.js'

const how = { isRejected }

const outcomeOf = (work: Promise<unknown>) =>
  work.then(
    (result) => ({ result }),
    (error: unknown) => ({ error }),
  )

/** One caller whose own database refuses it, while another lets everybody in. */
async function lagging() {
  const rig = new Rotating()
  await rig.secrets.withSecret('prod/db', how, rig.logIn)
  const state = { isLagging: true, takesMs: 0 }
  const late = outcomeOf(
    rig.secrets.withSecret('prod/db', { isRejected, windowMs: 600_000 }, async (password) => {
      if (state.takesMs > 0) await rig.clock.sleep(state.takesMs)
      return rig.logIn(state.isLagging ? 'x-99' : password)
    }),
  )
  const others = async (count: number) => {
    for (let left = count; left > 0; left -= 1) {
      void outcomeOf(rig.secrets.withSecret('prod/db', how, rig.logIn))
      await pass(rig.clock, 700)
    }
  }
  await others(10)
  return { rig, late, state, others }
}

describe('while one waits apart', () => {
  test.each([1, 20])(
    'a dead version is tried a handful of times, whoever comes: %d times',
    async (bursts) => {
      const { rig, late, state } = await lagging()
      rig.setPassword(2)
      const before = rig.deadTries
      const works: Promise<unknown>[] = []
      for (let times = 0; times < bursts; times += 1) {
        works.push(
          ...Array.from({ length: 1_000 / bursts }, () =>
            outcomeOf(rig.secrets.withSecret('prod/db', how, rig.logIn)),
          ),
        )
        await pass(rig.clock, 500)
      }
      expect(rig.deadTries - before).toBeLessThan(40)
      state.isLagging = false
      rig.current = 2
      const outcomes = await whileTimePasses(rig.clock, Promise.all([late, ...works]))
      expect(outcomes).toEqual(new Array(outcomes.length).fill({ result: 2 }))
    },
  )

  test('its login, which began before the version was refused, proves nothing afterwards', async () => {
    for (let times = 0; times < 20; times += 1) {
      const rig = new Rotating()
      await rig.secrets.withSecret('prod/db', how, rig.logIn)
      let tries = 0
      const apart = outcomeOf(
        rig.secrets.withSecret('prod/db', { isRejected, windowMs: 600_000 }, async () => {
          tries += 1
          // Twice by itself, then for all who wait apart: that takes long, and succeeds.
          if (tries < 3) return rig.logIn('x-99')
          await rig.clock.sleep(2_000)
          return 1
        }),
      )
      while (tries < 3) {
        void outcomeOf(rig.secrets.withSecret('prod/db', how, rig.logIn))
        await pass(rig.clock, 100)
      }
      rig.accepted = new Set()
      const options = (index: number) => ({ isRejected, windowMs: 100 * index })
      const works: Promise<unknown>[] = []
      for (let index = 0; index < 60; index += 1) {
        works.push(outcomeOf(rig.secrets.withSecret('prod/db', options(index), rig.logIn)))
        await pass(rig.clock, 50)
      }
      for (const outcome of await whileTimePasses(rig.clock, Promise.all(works))) {
        expect(outcome).toHaveProperty('error', expect.any(LoginError))
      }
      await whileTimePasses(rig.clock, apart)
    }
  })
})
