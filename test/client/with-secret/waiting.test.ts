/** How long `withSecret` waits, what ends that, and what never begins it. */

import { describe, expect, test } from 'vitest'
import { pass, whileTimePasses } from '../../support/manual-clock.js'
import { LoginError, Rotating, isRejected } from './rig.js'

const how = { isRejected }

/** Nothing works. */
function hopeless(): Rotating {
  const rig = new Rotating()
  rig.accepted = new Set()
  return rig
}

const outcomeOf = (work: Promise<unknown>) =>
  work.then(
    (result) => ({ result }),
    (error: unknown) => ({ error }),
  )

const never = () => new Promise<never>(() => undefined)

describe('the window', () => {
  test.each([1_000, 10_000, 60_000])(
    'of %d ms ends with the last error of the database',
    async (windowMs) => {
      const rig = hopeless()
      const work = outcomeOf(rig.secrets.withSecret('prod/db', { isRejected, windowMs }, rig.logIn))
      await new Promise(setImmediate)
      const startedAt = rig.clock.mono
      const outcome = await whileTimePasses(rig.clock, work, 10)
      expect(outcome).toEqual({ error: rig.errors.at(-1) })
      expect(rig.clock.mono - startedAt).toBeGreaterThanOrEqual(windowMs - 10)
      expect(rig.clock.mono - startedAt).toBeLessThanOrEqual(windowMs + 50)
      expect(rig.clock.sleeping).toBe(0)
      expect(rig.told('gave-up')).toHaveLength(1)
    },
  )

  test('is a minute where nothing is said', async () => {
    const rig = hopeless()
    await whileTimePasses(rig.clock, outcomeOf(rig.secrets.withSecret('prod/db', how, rig.logIn)))
    expect(rig.clock.mono).toBeGreaterThanOrEqual(60_000)
    expect(rig.clock.mono).toBeLessThan(60_500)
  })

  test('of 0 asks AWS once, tries nothing again and does not wait', async () => {
    const rig = hopeless()
    const work = rig.secrets.withSecret('prod/db', { isRejected, windowMs: 0 }, rig.logIn)
    expect(await outcomeOf(work)).toEqual({ error: rig.errors[0] })
    expect(rig.tried).toEqual([1])
    expect(rig.asked).toBe(2)
    expect(rig.clock.mono).toBe(0)
  })

  test('of 0 is enough where the rotation is over', async () => {
    const rig = new Rotating()
    await rig.secrets.withSecret('prod/db', how, rig.logIn)
    rig.rotate()
    const options = { isRejected, windowMs: 0 }
    const all = Array.from({ length: 100 }, () => rig.secrets.withSecret('prod/db', options, rig.logIn))
    await expect(Promise.all(all)).resolves.toEqual(new Array(100).fill(2))
    expect(rig.asked).toBe(2)
  })

  test('of 0 has the pending version tried', async () => {
    const rig = new Rotating()
    rig.pending = 2
    rig.setPassword(2)
    const options = { isRejected, windowMs: 0, pending: true } as const
    await expect(rig.secrets.withSecret('prod/db', options, rig.logIn)).resolves.toBe(2)
  })

  test('belongs to each caller', async () => {
    const rig = hopeless()
    const short = outcomeOf(rig.secrets.withSecret('prod/db', { isRejected, windowMs: 500 }, rig.logIn))
    const long = rig.secrets.withSecret('prod/db', { isRejected, windowMs: 50_000 }, rig.logIn)
    await pass(rig.clock, 600)
    expect(await short).toHaveProperty('error')
    await pass(rig.clock, 20_000)
    rig.setPassword(1)
    await expect(whileTimePasses(rig.clock, long)).resolves.toBe(1)
  })

  test('counts for those too who came later and did not try', async () => {
    const rig = hopeless()
    const first = outcomeOf(rig.secrets.withSecret('prod/db', { isRejected, windowMs: 50_000 }, rig.logIn))
    await pass(rig.clock, 20_000)
    const late = outcomeOf(rig.secrets.withSecret('prod/db', { isRejected, windowMs: 0 }, rig.logIn))
    const { error } = { error: undefined, ...(await whileTimePasses(rig.clock, late)) }
    expect(error).toBeInstanceOf(LoginError)
    expect(rig.errors).toContain(error)
    await whileTimePasses(rig.clock, first)
  })

  test('long after everybody has given up, one more caller tries at once', async () => {
    const rig = hopeless()
    await whileTimePasses(rig.clock, outcomeOf(rig.secrets.withSecret('prod/db', how, rig.logIn)))
    await pass(rig.clock, 60_000, 1_000)
    rig.setPassword(1)
    const startedAt = rig.clock.mono
    await expect(rig.secrets.withSecret('prod/db', how, rig.logIn)).resolves.toBe(1)
    expect(rig.clock.mono).toBe(startedAt)
  })

  test('a clock that stops working ends every wait', async () => {
    const rig = hopeless()
    await rig.secrets.get('prod/db')
    const work = outcomeOf(rig.secrets.withSecret('prod/db', how, rig.logIn))
    rig.clock.sleep = () => Promise.reject(new Error('no clock'))
    const outcome = await work
    expect(outcome).toEqual({ error: rig.errors.at(-1) })
  })
})

describe('a signal', () => {
  test('ends a wait at once, with its own reason, and the search with it', async () => {
    const rig = hopeless()
    const aborter = new AbortController()
    const options = { isRejected, signal: aborter.signal }
    const work = outcomeOf(rig.secrets.withSecret('prod/db', options, rig.logIn))
    await pass(rig.clock, 3_000)
    const reason = { why: 'shutdown' }
    aborter.abort(reason)
    expect(await work).toEqual({ error: reason })
    const { asked } = rig
    await pass(rig.clock, 20_000)
    expect(rig.asked).toBe(asked)
    expect(rig.clock.sleeping).toBe(0)
  })

  test('ends the wait of one, not of the others', async () => {
    const rig = hopeless()
    const aborter = new AbortController()
    const one = outcomeOf(
      rig.secrets.withSecret('prod/db', { isRejected, signal: aborter.signal }, rig.logIn),
    )
    const other = rig.secrets.withSecret('prod/db', how, rig.logIn)
    await pass(rig.clock, 3_000)
    aborter.abort('bye')
    expect(await one).toEqual({ error: 'bye' })
    rig.setPassword(1)
    await expect(whileTimePasses(rig.clock, other)).resolves.toBe(1)
  })

  test('ends a wait for a `use` that never settles, from whose place others go on', async () => {
    const rig = new Rotating()
    const aborter = new AbortController()
    const options = { isRejected, signal: aborter.signal }
    const hanging = outcomeOf(
      rig.secrets.withSecret('prod/db', options, () => new Promise<never>(() => undefined)),
    )
    const next = rig.secrets.withSecret('prod/db', how, rig.logIn)
    await pass(rig.clock, 300)
    await expect(next).resolves.toBe(1)
    aborter.abort('enough')
    expect(await hanging).toEqual({ error: 'enough' })
  })

  test('that has aborted keeps anything from being tried', async () => {
    const rig = new Rotating()
    await rig.secrets.get('prod/db')
    const signal = AbortSignal.abort('too late')
    const work = rig.secrets.withSecret('prod/db', { isRejected, signal }, rig.logIn)
    expect(await outcomeOf(work)).toEqual({ error: 'too late' })
    expect(rig.tried).toEqual([])
  })

  test('while waiting behind the first ones keeps `use` from being run', async () => {
    const rig = new Rotating()
    const aborter = new AbortController()
    void rig.secrets.withSecret('prod/db', how, () => new Promise<never>(() => undefined))
    const options = { isRejected, signal: aborter.signal }
    const behind = outcomeOf(rig.secrets.withSecret('prod/db', options, rig.logIn))
    await pass(rig.clock, 100)
    aborter.abort('bye')
    expect(await behind).toEqual({ error: 'bye' })
    await pass(rig.clock, 1_000)
    expect(rig.tried).toEqual([])
    expect(rig.clock.sleeping).toBe(0)
  })
})

describe('close', () => {
  test('ends every wait, and the search', async () => {
    const rig = hopeless()
    const works = Array.from({ length: 5 }, () =>
      outcomeOf(rig.secrets.withSecret('prod/db', how, rig.logIn)),
    )
    await pass(rig.clock, 3_000)
    const { asked } = rig
    await rig.secrets.close()
    for (const work of works) expect(await work).toMatchObject({ error: { code: 'ERR_CLOSED' } })
    await pass(rig.clock, 20_000)
    expect(rig.asked).toBe(asked)
    expect(rig.clock.sleeping).toBe(0)
  })

  test('by a listener who is told that a window is over, ends all others', async () => {
    const rig: Rotating = new Rotating({
      onEvent: ({ type }) => {
        if (type === 'gave-up') void rig.secrets.close()
      },
    })
    rig.accepted = new Set()
    const works = [60_000, 60_000, 1_000, 1_000, 1_000].map((windowMs) =>
      outcomeOf(
        rig.secrets.withSecret('prod/db', { isRejected, windowMs }, (password) => {
          // One who tries for all and hangs keeps the search.
          return rig.tried.length > 0 ? never() : rig.logIn(password)
        }),
      ),
    )
    await pass(rig.clock, 1_500)
    expect(rig.clock.sleeping).toBe(0)
    expect(rig.secrets.stats().givenUp).toBe(1)
    const settled = await Promise.all(works.map((work) => Promise.race([work, pass(rig.clock, 50)])))
    expect(settled.filter((outcome) => outcome !== undefined)).toHaveLength(4)
  })

  test('by such a listener while one tries for all leaves no timer behind', async () => {
    let isClosing = false
    const rig: Rotating = new Rotating({
      onEvent: ({ type }) => {
        if (type === 'gave-up' && isClosing) void rig.secrets.close()
      },
    })
    rig.accepted = new Set()
    const impatient = { isRejected, windowMs: 0 }
    await outcomeOf(rig.secrets.withSecret('prod/db', impatient, rig.logIn))
    await pass(rig.clock, 60_000, 1_000)
    isClosing = true
    for (let left = 3; left > 0; left -= 1) {
      void outcomeOf(rig.secrets.withSecret('prod/db', impatient, never))
    }
    await pass(rig.clock, 400)
    expect(rig.secrets.stats().givenUp).toBe(2)
    expect(rig.clock.sleeping).toBe(0)
  })

  test('lets work that is under way come to its end', async () => {
    const rig = new Rotating()
    const work = rig.secrets.withSecret('prod/db', how, async (password) => {
      await rig.secrets.close()
      return rig.logIn(password)
    })
    await expect(work).resolves.toBe(1)
    await expect(rig.secrets.withSecret('prod/db', how, rig.logIn)).rejects.toMatchObject({
      code: 'ERR_CLOSED',
    })
  })

  test('gives work that is refused afterwards no second try', async () => {
    const rig = hopeless()
    const work = rig.secrets.withSecret('prod/db', how, async (password) => {
      await rig.secrets.close()
      return rig.logIn(password)
    })
    await expect(work).rejects.toMatchObject({ code: 'ERR_CLOSED' })
  })
})

describe('an error that is no rejection', () => {
  const thrown: readonly (readonly [string, unknown])[] = [
    ['an error', new Error('ECONNREFUSED')],
    ['undefined', undefined],
    ['a text', 'no'],
  ]
  test.each(thrown)('passes untouched and at once: %s', async (_title, error) => {
    const rig = new Rotating()
    const use = (): Promise<never> => Promise.reject(error)
    expect(await outcomeOf(rig.secrets.withSecret('prod/db', how, use))).toEqual({ error })
    expect(rig.clock.mono).toBe(0)
    expect(rig.told('rejected')).toEqual([])
  })

  test('passes in the middle of a search to the one who met it; the others wait on', async () => {
    const rig = hopeless()
    const works = Array.from({ length: 3 }, () =>
      outcomeOf(rig.secrets.withSecret('prod/db', how, rig.logIn)),
    )
    await pass(rig.clock, 2_000)
    const outage = new Error('ECONNREFUSED')
    rig.outage = outage
    const first = await whileTimePasses(rig.clock, Promise.race(works))
    expect(first).toEqual({ error: outage })
    rig.outage = undefined
    rig.setPassword(1)
    const results = await whileTimePasses(rig.clock, Promise.all(works))
    expect(results.filter((outcome) => 'result' in outcome).length).toBeGreaterThanOrEqual(1)
  })

  test('of another secret that is read inside stays what it is', async () => {
    const rig = new Rotating()
    const work = rig.secrets.withSecret('prod/db', how, async () => {
      rig.trouble = 'ResourceNotFoundException'
      return rig.secrets.get('prod/other')
    })
    await expect(work).rejects.toMatchObject({ code: 'ERR_NOT_FOUND', ref: 'prod/other' })
  })
})
