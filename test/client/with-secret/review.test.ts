/** What a hostile reader of `withSecret` looked for: loops, stampedes, versions that are no more, waits of nobody's. */

import type { StandardSchemaV1 } from '@standard-schema/spec'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, onTestFinished, test } from 'vitest'
import { SharedSignals } from '../../../src/abortable.js'
import type { Caller } from '../../../src/client/with-secret/caller.js'
import { WaitingRoom } from '../../../src/client/with-secret/waiting-room.js'
import { SecretsClient } from '../../../src/index.js'
import { FakeSource, textSecret } from '../../support/fake-source.js'
import { ManualClock, pass, whileTimePasses } from '../../support/manual-clock.js'
import { ARN, LoginError, Rotating, idOf, isRejected } from './rig.js'

const how = { isRejected }

const outcomeOf = (work: Promise<unknown>) =>
  work.then(
    (result) => ({ result }),
    (error: unknown) => ({ error }),
  )

/** What is known after some turns of the event loop in which no time passes. */
const soon = (work: Promise<unknown>) =>
  Promise.race([work, pass(new ManualClock(), 20, 1).then(() => 'still waiting')])

/** Takes any text, after some turns of the event loop. */
const slowly = (count: number): StandardSchemaV1<string, string> => ({
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: async (value) => {
      await turns(count)
      return { value: String(value) }
    },
  },
})

const turns = async (count: number) => {
  for (let left = count; left > 0; left -= 1) await new Promise(setImmediate)
}

describe('what is tried is not what was found', () => {
  test('a default that is refused ends with the window, after a handful of requests', async () => {
    const source = new FakeSource(textSecret('{"user":"app"}', idOf(1)))
    const clock = new ManualClock()
    const secrets = new SecretsClient({ sources: [source], clock, retry: { maxAttempts: 1 } })
    source.answer((reference, context) => {
      // Ends the loop, if there is one, which would not let the event loop turn.
      if (source.asked.length > 500) return new Promise<never>(() => undefined)
      return textSecret('{"user":"app"}', idOf(1))(reference, context)
    })
    const refused = new LoginError('no')
    const work = secrets.withSecret('prod/db#password', { ...how, default: 'dev', windowMs: 1_000 }, () => {
      throw refused
    })
    const outcome = outcomeOf(work)
    await pass(clock, 1_500)
    expect(source.asked.length).toBeLessThan(20)
    expect(await soon(outcome)).toEqual({ error: refused })
  })

  test('of replicas of AWS that disagree, none is asked without a pause', async () => {
    const clock = new ManualClock()
    const source = new FakeSource(textSecret('old', idOf(1)))
    const secrets = new SecretsClient({ sources: [source], clock, cache: { ttlMs: 0 } })
    let asked = 0
    source.answer((reference, context) => {
      asked += 1
      if (asked > 500) return new Promise<never>(() => undefined)
      const n = asked % 2 === 0 ? 2 : 1
      return textSecret(n === 2 ? 'new' : 'old', idOf(n))(reference, context)
    })
    const work = secrets.withSecret('prod/db', { ...how, windowMs: 1_000 }, (value) => {
      throw new LoginError(value)
    })
    const outcome = outcomeOf(work)
    await pass(clock, 1_500)
    expect(asked).toBeLessThan(30)
    expect(await soon(outcome)).toHaveProperty('error')
  })
})

describe('slow start', () => {
  test('doubles in 250 ms, and no more, where a database is slow to refuse', async () => {
    const rig = new Rotating()
    await rig.secrets.get('prod/db')
    rig.rotate()
    const all = Promise.all(
      Array.from({ length: 1_000 }, () =>
        rig.secrets.withSecret('prod/db', how, async (password) => {
          if (password.endsWith('-1')) await rig.clock.sleep(1_000)
          return rig.logIn(password)
        }),
      ),
    )
    await whileTimePasses(rig.clock, all)
    // 1 at once, 1 + 1 more after 250 ms, 2 + 2 after 500, 4 + 4 after 750.
    expect(rig.deadTries).toBeLessThanOrEqual(32)
  })

  test('of a new version learns nothing from logins with the old one', async () => {
    const rig = new Rotating()
    rig.accepted = new Set([1])
    await rig.secrets.withSecret('prod/db', how, rig.logIn)
    const slow = Array.from({ length: 100 }, () =>
      rig.secrets.withSecret('prod/db', how, async () => {
        await rig.clock.sleep(2_000)
        return 1
      }),
    )
    await pass(rig.clock, 1_900)
    rig.current = 2
    rig.accepted = new Set()
    await rig.secrets.refresh('prod/db')
    const all = Array.from({ length: 200 }, () =>
      outcomeOf(
        rig.secrets.withSecret('prod/db', { ...how, windowMs: 0 }, async (password) => {
          await rig.clock.sleep(150)
          return rig.logIn(password)
        }),
      ),
    )
    await whileTimePasses(rig.clock, Promise.all([...slow, ...all]))
    expect(rig.deadTries).toBeLessThanOrEqual(4)
  })

  test('lets failures that are no rejections come to everybody within seconds', async () => {
    const rig = new Rotating()
    await rig.secrets.get('prod/db')
    const outage = new Error('ECONNREFUSED')
    const all = Array.from({ length: 200 }, () =>
      outcomeOf(
        rig.secrets.withSecret('prod/db', how, async () => {
          await rig.clock.sleep(200)
          throw outage
        }),
      ),
    )
    await whileTimePasses(rig.clock, Promise.all(all))
    expect(rig.clock.mono).toBeLessThanOrEqual(10_000)
  })

  test('lets nobody wait for ever, nor spins, where the clock fails', async () => {
    const rig = new Rotating()
    await rig.secrets.get('prod/db')
    let sleeps = 0
    const sleep = rig.clock.sleep.bind(rig.clock)
    rig.clock.sleep = (ms, options) => {
      sleeps += 1
      // Ends the loop, if there is one, which would not let the event loop turn.
      return sleeps > 500 ? sleep(ms, options) : Promise.reject(new Error('no clock'))
    }
    void rig.secrets.withSecret('prod/db', how, () => new Promise<never>(() => undefined))
    const second = rig.secrets.withSecret('prod/db', how, rig.logIn)
    expect(await soon(outcomeOf(second))).toEqual({ result: 1 })
    expect(sleeps).toBeLessThan(20)
  })
})

describe('a caller who comes while others search', () => {
  /** One who searches in vain, and has done so for some seconds. */
  async function searching(options: ConstructorParameters<typeof Rotating>[0] = {}) {
    const rig = new Rotating(options)
    await rig.secrets.withSecret('prod/db', how, rig.logIn)
    rig.setPassword(2)
    const first = rig.secrets.withSecret('prod/db', how, rig.logIn)
    await pass(rig.clock, 10_000)
    return { rig, first }
  }

  test('tries what was found, and not what was cached when it came', async () => {
    const { rig, first } = await searching()
    const tried: string[] = []
    const schema = slowly(5)
    const late = Array.from({ length: 5 }, () =>
      rig.secrets.withSecret('prod/db', { ...how, schema, as: 'text' }, (password) => {
        tried.push(password.slice(-2))
        return rig.logIn(password)
      }),
    )
    rig.current = 2
    await whileTimePasses(rig.clock, Promise.all([first, ...late]))
    expect(new Set(tried)).toEqual(new Set(['-2']))
  })

  test('has AWS asked no more often for that', async () => {
    const { rig, first } = await searching()
    const late = Array.from({ length: 5 }, () => rig.secrets.withSecret('prod/db', how, rig.logIn))
    rig.current = 2
    const before = rig.asked
    await whileTimePasses(rig.clock, Promise.all([first, ...late]))
    expect(rig.asked - before).toBe(1)
  })

  test.each([false, true])('gets what was found after several rotations (seal: %s)', async (seal) => {
    const { rig, first } = await searching({ seal })
    rig.trouble = 'InternalServiceError'
    const late = outcomeOf(rig.secrets.withSecret('prod/db', how, rig.logIn))
    rig.trouble = undefined
    for (let times = 0; times < 3; times += 1) {
      rig.current += 1
      await rig.secrets.refresh('prod/db')
      await rig.secrets.get('prod/db')
      await turns(5)
    }
    rig.setPassword(rig.current)
    await expect(whileTimePasses(rig.clock, first)).resolves.toBe(4)
    expect(await whileTimePasses(rig.clock, late)).toEqual({ result: 4 })
  })

  test('with a window of 0 has AWS asked once, whatever the others wait for', async () => {
    const { rig, first } = await searching()
    rig.current = 2
    const late = rig.secrets.withSecret('prod/db', { ...how, windowMs: 0 }, rig.logIn)
    await expect(whileTimePasses(rig.clock, late)).resolves.toBe(2)
    await first
  })

  test(
    'with a window that is over before the next question has AWS asked too',
    { timeout: 60_000 },
    async () => {
      const outcomes: unknown[] = []
      // Waits are random: in one of fifty, the next question was due just when the window ended.
      for (let times = 0; times < 300; times += 1) {
        const { rig, first } = await searching()
        rig.current = 2
        const late = outcomeOf(rig.secrets.withSecret('prod/db', { ...how, windowMs: 100 }, rig.logIn))
        outcomes.push(await whileTimePasses(rig.clock, late))
        await whileTimePasses(rig.clock, first)
      }
      expect(outcomes).toEqual(new Array(300).fill({ result: 2 }))
    },
  )

  test('has AWS asked where the one before hangs in `use`', async () => {
    const rig = new Rotating()
    await rig.secrets.withSecret('prod/db', how, rig.logIn)
    rig.setPassword(2)
    let times = 0
    void rig.secrets.withSecret('prod/db', how, (password) => {
      times += 1
      return times === 1 ? rig.logIn(password) : new Promise<never>(() => undefined)
    })
    await pass(rig.clock, 30_000)
    rig.rotate()
    await pass(rig.clock, 30_000)
    const late = rig.secrets.withSecret('prod/db', { ...how, windowMs: 0 }, rig.logIn)
    expect(await whileTimePasses(rig.clock, outcomeOf(late))).toEqual({ result: 2 })
  })
})

describe('while AWS is down', () => {
  test('a pending version that serves is not lost by a rejection that passes', async () => {
    const rig = new Rotating()
    const options = { isRejected, pending: true } as const
    rig.pending = 2
    rig.setPassword(2)
    await rig.secrets.withSecret('prod/db', options, rig.logIn)
    rig.trouble = 'InternalServiceError'
    rig.accepted = new Set()
    const blip = rig.secrets.withSecret('prod/db', options, rig.logIn)
    await pass(rig.clock, 2_000)
    rig.setPassword(2)
    await expect(whileTimePasses(rig.clock, blip)).resolves.toBe(2)
    const before = rig.deadTries
    const next = rig.secrets.withSecret('prod/db', { ...options, windowMs: 10_000 }, rig.logIn)
    expect(await whileTimePasses(rig.clock, outcomeOf(next))).toEqual({ result: 2 })
    expect(rig.deadTries).toBe(before)
    expect(rig.told('recovered').at(-1)).toMatchObject({ pending: true })
  })

  test.each(['InternalServiceError', 'AccessDeniedException', 'ThrottlingException'])(
    'callers wait on also where nothing is cached: %s',
    async (trouble) => {
      const rig = new Rotating({ cache: { ttlMs: 0 } })
      await rig.secrets.withSecret('prod/db', how, rig.logIn)
      rig.setPassword(2)
      const works = Array.from({ length: 5 }, () =>
        outcomeOf(rig.secrets.withSecret('prod/db', how, rig.logIn)),
      )
      await turns(3)
      rig.trouble = trouble
      await pass(rig.clock, 15_000)
      rig.trouble = undefined
      rig.rotate()
      const outcomes = await whileTimePasses(rig.clock, Promise.all(works))
      expect(outcomes).toEqual(new Array(5).fill({ result: 2 }))
    },
  )

  test('and what was tried for all is cached no more, those wait on who were refused', async () => {
    const rig = new Rotating()
    await rig.secrets.withSecret('prod/db', how, rig.logIn)
    rig.accepted = new Set()
    rig.trouble = 'ThrottlingException'
    const works = Array.from({ length: 4 }, () =>
      outcomeOf(
        rig.secrets.withSecret('prod/db', how, (password) => {
          if (rig.deadTries > 6) {
            rig.setPassword(1)
            rig.secrets.invalidate('prod/db')
          }
          return rig.logIn(password)
        }),
      ),
    )
    await pass(rig.clock, 30_000)
    rig.trouble = undefined
    const outcomes = await whileTimePasses(rig.clock, Promise.all(works))
    expect(outcomes).toEqual(new Array(4).fill({ result: 1 }))
  })

  test('and does not answer, a window lasts no longer than it was to, and the time of one read', async () => {
    const rig = new Rotating({ retry: { maxAttempts: 1, timeoutMs: 5_000, attemptTimeoutMs: 5_000 } })
    rig.accepted = new Set()
    const options = { isRejected, pending: true, windowMs: 3_000 } as const
    await rig.secrets.get('prod/db')
    const work = outcomeOf(rig.secrets.withSecret('prod/db', options, rig.logIn))
    rig.source.answer(() => new Promise<never>(() => undefined))
    await whileTimePasses(rig.clock, work)
    expect(rig.clock.mono).toBeLessThanOrEqual(3_000 + 5_000 + 500)
  })
})

describe('two databases with one secret, one of which refuses', () => {
  /** Both are used all the time, for a minute. */
  async function mixed(bad: number) {
    const rig = new Rotating()
    await rig.secrets.withSecret('prod/db', how, rig.logIn)
    const works = Array.from({ length: bad }, () =>
      outcomeOf(rig.secrets.withSecret('prod/db', how, () => rig.logIn('another-99'))),
    )
    return { rig, works }
  }

  test('the other one is used all the same, whatever the number of those who are refused', async () => {
    const { rig, works } = await mixed(50)
    await pass(rig.clock, 5_000)
    const startedAt = rig.clock.mono
    const good = outcomeOf(rig.secrets.withSecret('prod/db', how, rig.logIn))
    expect(await whileTimePasses(rig.clock, good)).toEqual({ result: 1 })
    expect(rig.clock.mono - startedAt).toBeLessThan(15_000)
    await whileTimePasses(rig.clock, Promise.all(works))
  })

  test('AWS is asked, and the one that refuses is tried, a few times a minute', async () => {
    const { rig, works } = await mixed(5)
    const others: Promise<unknown>[] = []
    for (let times = 0; times < 240; times += 1) {
      others.push(outcomeOf(rig.secrets.withSecret('prod/db', how, rig.logIn)))
      await pass(rig.clock, 250)
    }
    await whileTimePasses(rig.clock, Promise.all([...works, ...others]))
    expect({ asked: rig.asked < 80, tried: rig.deadTries < 120 }, `${rig.asked} ${rig.deadTries}`).toEqual({
      asked: true,
      tried: true,
    })
  })
})

describe('a caller who was refused with what lets others in', () => {
  /** It uses a replica that lags behind; then the password is rotated, and nobody else is there. */
  async function lagging(others: number) {
    const rig = new Rotating()
    await rig.secrets.withSecret('prod/db', how, rig.logIn)
    let isLagging = true
    const late = outcomeOf(
      rig.secrets.withSecret('prod/db', how, (password) => rig.logIn(isLagging ? 'x-99' : password)),
    )
    for (let times = 0; times < others; times += 1) {
      void outcomeOf(rig.secrets.withSecret('prod/db', how, rig.logIn))
      await pass(rig.clock, 700)
    }
    return {
      rig,
      late,
      catchUp: () => {
        isLagging = false
      },
    }
  }

  test('is let in when that is over', async () => {
    const { rig, late, catchUp } = await lagging(10)
    catchUp()
    const startedAt = rig.clock.mono
    expect(await whileTimePasses(rig.clock, late)).toEqual({ result: 1 })
    expect(rig.clock.mono - startedAt).toBeLessThan(12_000)
  })

  test('is led through the next rotation, also where nobody else comes', async () => {
    const { rig, late, catchUp } = await lagging(10)
    catchUp()
    rig.rotate()
    const startedAt = rig.clock.mono
    expect(await whileTimePasses(rig.clock, late)).toEqual({ result: 2 })
    expect(rig.clock.mono - startedAt).toBeLessThan(12_000)
  })

  test('tries a handful of times, however many there are of its kind', async () => {
    const rig = new Rotating()
    await rig.secrets.withSecret('prod/db', how, rig.logIn)
    const works = Array.from({ length: 200 }, () =>
      outcomeOf(rig.secrets.withSecret('prod/db', how, () => rig.logIn('x-99'))),
    )
    for (let times = 0; times < 60; times += 1) {
      works.push(outcomeOf(rig.secrets.withSecret('prod/db', how, rig.logIn)))
      await pass(rig.clock, 500)
    }
    await whileTimePasses(rig.clock, Promise.all(works))
    expect(rig.deadTries).toBeLessThan(1_000)
  })
})

test('sealed: a version that is forgotten while the pending one is asked for is no error', async () => {
  const rig = new Rotating({ seal: true })
  const options = { isRejected, pending: true } as const
  rig.accepted = new Set()
  rig.pending = 2
  const work = outcomeOf(rig.secrets.withSecret('prod/db', { ...options, windowMs: 20_000 }, rig.logIn))
  await pass(rig.clock, 5_000)
  for (let times = 0; times < 200; times += 1) {
    rig.secrets.invalidate('prod/db')
    await pass(rig.clock, 50)
  }
  const { error } = { error: undefined, ...(await whileTimePasses(rig.clock, work)) }
  expect(error).toBeInstanceOf(LoginError)
})

test.each([false, true])(
  'sealed: what is tried for all can be read when it is accepted, however late (pending: %s)',
  async (pending) => {
    const rig = new Rotating({ seal: true })
    const options = { isRejected, pending } as const
    const good = pending ? 2 : 1
    if (pending) rig.pending = good
    rig.accepted = new Set()
    await outcomeOf(rig.secrets.withSecret('prod/db', { ...options, windowMs: 0 }, rig.logIn))
    await pass(rig.clock, 60_000, 1_000)
    const seen = { isTrying: false }
    const slow = rig.secrets.withSecret('prod/db', options, async (password) => {
      if (password.endsWith(String(good))) {
        seen.isTrying = true
        await rig.clock.sleep(100)
      }
      return rig.logIn(password)
    })
    while (!seen.isTrying) await pass(rig.clock, 50)
    // For the one in haste AWS is about to be asked: the search waits for the trial no more.
    const late = outcomeOf(rig.secrets.withSecret('prod/db', { ...options, windowMs: 0 }, rig.logIn))
    await turns(5)
    rig.trouble = 'InternalServiceError'
    rig.secrets.invalidate()
    await turns(5)
    rig.accepted = new Set([good])
    await expect(whileTimePasses(rig.clock, slow)).resolves.toBe(good)
    expect(await soon(late)).toEqual({ result: good })
  },
)

test('a window ends though the version is always another by the time that it is refused', async () => {
  const rig = new Rotating()
  rig.accepted = new Set()
  let endedAt = Infinity
  const work = outcomeOf(
    rig.secrets.withSecret('prod/db', { ...how, windowMs: 10_000 }, async (password) => {
      await rig.clock.sleep(20_000)
      return rig.logIn(password)
    }),
  ).finally(() => {
    endedAt = rig.clock.mono
  })
  for (let times = 0; times < 12; times += 1) {
    await pass(rig.clock, 15_000, 500)
    rig.current += 1
    await rig.secrets.refresh('prod/db')
  }
  // Refused first after 20 s, a window of 10 s, and one more login that began inside.
  expect(endedAt).toBeLessThanOrEqual(60_000)
  await whileTimePasses(rig.clock, work)
})

test('a thousand without a window do not have a thousand who wait looked at each time', async () => {
  let looks = 0
  const aborter = new AbortController()
  const callerFor = (windowMs: number): Caller => {
    let deadline: number | undefined
    return {
      signal: aborter.signal,
      windowMs,
      rejection: undefined,
      failure: undefined,
      isServed: false,
      isApart: false,
      get deadline() {
        looks += 1
        return deadline
      },
      set deadline(at) {
        deadline = at
      },
    }
  }
  const room = new WaitingRoom({
    clock: new ManualClock(),
    signals: new SharedSignals(),
    lastRejection: () => ({ error: undefined }),
    onGivenUp: () => undefined,
  })
  const waiting = Array.from({ length: 1_000 }, () => outcomeOf(room.join(callerFor(60_000))))
  await Promise.all(Array.from({ length: 1_000 }, () => room.join(callerFor(0))))
  aborter.abort('enough')
  await Promise.all(waiting)
  expect(looks).toBeLessThan(50_000)
})

test('an error of the database is not kept once a version is accepted', async () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const rig = new Rotating()
  let refused: WeakRef<Error> | undefined
  await rig.secrets.withSecret('prod/db', how, async (password) => {
    if (refused !== undefined) return password
    rig.rotate()
    const error = new LoginError('no')
    refused = new WeakRef(error)
    await turns(1)
    throw error
  })
  for (let times = 0; times < 5; times += 1) {
    await turns(5)
    collect()
  }
  expect(refused?.deref()).toBeUndefined()
})

test('a clock that fails while somebody waits is no unhandled rejection, and nobody waits for ever', async () => {
  const unhandled: unknown[] = []
  const note = (error: unknown) => unhandled.push(error)
  process.on('unhandledRejection', note)
  onTestFinished(() => {
    process.off('unhandledRejection', note)
  })
  const rig = new Rotating()
  rig.accepted = new Set()
  const work = outcomeOf(rig.secrets.withSecret('prod/db', { ...how, windowMs: 3_000 }, rig.logIn))
  await pass(rig.clock, 1_000)
  rig.clock.monotonic = () => {
    throw new Error('no clock')
  }
  await pass(rig.clock, 20_000)
  expect(await soon(work)).toHaveProperty('error')
  expect(unhandled).toEqual([])
})

test('work that has succeeded is not lost by a clock that fails', async () => {
  const rig = new Rotating()
  await rig.secrets.get('prod/db')
  rig.accepted = new Set()
  const work = rig.secrets.withSecret('prod/db', how, (password) => {
    if (rig.accepted.size > 0) {
      rig.clock.monotonic = () => {
        throw new Error('no clock')
      }
    }
    return rig.logIn(password)
  })
  await pass(rig.clock, 1_000)
  rig.setPassword(1)
  const outcome = outcomeOf(work)
  await pass(rig.clock, 20_000)
  expect(await soon(outcome)).toEqual({ result: 1 })
})

test('the pending version is tried again though the current one is slow to be refused', async () => {
  const rig = new Rotating()
  await rig.secrets.withSecret('prod/db', how, rig.logIn)
  rig.pending = 2
  rig.accepted = new Set()
  const work = rig.secrets.withSecret('prod/db', { isRejected, pending: true }, async (password) => {
    if (password.endsWith('-1')) await rig.clock.sleep(6_000)
    return rig.logIn(password)
  })
  await pass(rig.clock, 10_000)
  rig.accepted = new Set([2])
  const startedAt = rig.clock.mono
  expect(await whileTimePasses(rig.clock, outcomeOf(work))).toEqual({ result: 2 })
  expect(rig.clock.mono - startedAt).toBeLessThan(25_000)
})

test('who asks by an ARN is never handed the secret that was created anew under the name', async () => {
  const clock = new ManualClock()
  const gone = Object.assign(new Error('gone'), { name: 'ResourceNotFoundException', $fault: 'client' })
  let suffix = 'AbCdEf'
  const source = new FakeSource((reference) => {
    if (suffix !== 'AbCdEf' && reference.arn === ARN) throw gone
    const arn = ARN.replace('AbCdEf', suffix)
    return { text: suffix, arn, name: 'prod/db', versionId: idOf(1), versionStages: ['AWSCURRENT'] }
  })
  const secrets = new SecretsClient({ sources: [source], clock, retry: { maxAttempts: 1 } })
  for (const ref of ['prod/db', 'prod/db', ARN]) await secrets.withSecret(ref, how, () => undefined)
  suffix = 'GhIjKl'
  const tried = new Set<string>()
  const refused = new LoginError('no')
  const work = secrets.withSecret(ARN, { ...how, windowMs: 3_000 }, (password) => {
    tried.add(password)
    throw refused
  })
  expect(await whileTimePasses(clock, outcomeOf(work))).toEqual({ error: refused })
  expect(tried).toEqual(new Set(['AbCdEf']))
})
