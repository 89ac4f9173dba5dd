import { getEventListeners } from 'node:events'
import { describe, expect, test, vi } from 'vitest'
import { SecretsError } from '../../src/errors.js'
import { Governor } from '../../src/retry/governor.js'
import { ManualClock } from '../support/manual-clock.js'

const KEY = 'GetSecretValue'
const throttle = () => new SecretsError('ERR_THROTTLED', { what: 'the service is throttling requests' })
const settled = () => new Promise(setImmediate)

/** A request whose end is the test's to choose. */
interface Request {
  readonly isBegun: boolean
  readonly outcome: Promise<unknown>
  readonly succeed: (answer?: string) => void
  readonly fail: (reason: unknown) => void
}

function build(maxConcurrent?: number) {
  const clock = new ManualClock()
  const governor = new Governor({ clock, ...(maxConcurrent !== undefined && { maxConcurrent }) })
  const { signal: neverAborted } = new AbortController()
  const begin = ({ key = KEY, signal = neverAborted, isBackground = false } = {}): Request => {
    let succeed: (answer?: string) => void = () => undefined
    let fail: (reason: unknown) => void = () => undefined
    const answer = new Promise<string | undefined>((resolve, reject) => {
      succeed = resolve
      fail = reject
    })
    // A request that never begins is given no one to fail to.
    answer.catch(() => undefined)
    const state = { isBegun: false }
    const work = () => {
      state.isBegun = true
      return answer
    }
    const verdictOf = (given: string | undefined) => (given === 'partly throttled' ? 'throttled' : 'ok')
    const outcome = governor
      .run(key, { isBackground, signal, verdictOf }, work)
      .catch((reason: unknown) => ({ reason }))
    return {
      get isBegun() {
        return state.isBegun
      },
      outcome,
      succeed,
      fail,
    }
  }
  const beginMany = (count: number) => Array.from({ length: count }, () => begin())
  const throttleAll = async (requests: readonly Request[]) => {
    for (const { fail } of requests) fail(throttle())
    await settled()
  }
  return { clock, governor, begin, beginMany, throttleAll }
}

/** Begins so many at once that some must wait, tells how many did not, and ends all of them. */
async function capacity({ beginMany }: ReturnType<typeof build>): Promise<number> {
  const requests = beginMany(60)
  await settled()
  const begun = requests.filter(({ isBegun }) => isBegun).length
  for (const { fail } of requests) fail(new Error('over'))
  await settled()
  return begun
}

describe('before any throttle', () => {
  test('nothing waits below 50, and the 51st begins when one ends', async () => {
    const { governor, beginMany } = build()
    const requests = beginMany(51)
    await settled()
    expect(requests.map(({ isBegun }) => isBegun)).toEqual([...Array<boolean>(50).fill(true), false])
    requests[7]?.succeed()
    await settled()
    expect(requests[50]?.isBegun).toBe(true)
    expect(governor.limit(KEY)).toBe(50)
  })

  test('work begins in the same tick as the call', () => {
    const { governor } = build()
    const work = vi.fn(() => Promise.resolve())
    void governor.run(KEY, { isBackground: true, signal: new AbortController().signal }, work)
    expect(work).toHaveBeenCalledOnce()
  })

  test('passes on answers and failures unchanged', async () => {
    const { begin } = build()
    const [good, bad] = [begin(), begin()]
    const reason = new Error('down')
    good.succeed('answer')
    bad.fail(reason)
    await expect(good.outcome).resolves.toBe('answer')
    await expect(bad.outcome).resolves.toEqual({ reason })
  })

  test('work that throws at once gives its slot back', async () => {
    const { governor } = build(1)
    const options = { isBackground: false, signal: new AbortController().signal }
    const broken = () => {
      throw new Error('broken')
    }
    await expect(governor.run(KEY, options, broken)).rejects.toThrow('broken')
    await expect(governor.run(KEY, options, () => Promise.resolve('next'))).resolves.toBe('next')
  })

  test('failures other than throttles change nothing', async () => {
    const built = build()
    for (const { fail } of built.beginMany(20)) fail(new SecretsError('ERR_UNAVAILABLE', { what: 'down' }))
    await settled()
    expect(built.governor.limit(KEY)).toBe(50)
  })
})

describe('order', () => {
  test('first come, first served, and foreground before background', async () => {
    const { begin } = build(1)
    const first = begin()
    const order: string[] = []
    const queue = (name: string, isBackground: boolean) => {
      const request = begin({ isBackground })
      request.succeed()
      void request.outcome.then(() => order.push(name))
    }
    queue('background 1', true)
    queue('foreground 1', false)
    queue('background 2', true)
    queue('foreground 2', false)
    await settled()
    expect(order).toEqual([])
    first.succeed()
    await settled()
    expect(order).toEqual(['foreground 1', 'foreground 2', 'background 1', 'background 2'])
  })
})

describe('after a throttle', () => {
  test.each([
    [1, 1],
    [3, 1],
    [8, 4],
    [50, 25],
  ])('with %i under way the limit is %i', async (underWay, limit) => {
    const built = build()
    const requests = built.beginMany(underWay)
    requests[0]?.fail(throttle())
    await settled()
    expect(built.governor.limit(KEY)).toBe(limit)
    for (const { fail } of requests) fail(new Error('over'))
    await settled()
    await expect(capacity(built)).resolves.toBe(limit)
  })

  test('a round of throttles decreases the limit once, the next round once more', async () => {
    const { governor, beginMany, throttleAll } = build()
    await throttleAll(beginMany(40))
    expect(governor.limit(KEY)).toBe(20)
    await throttleAll(beginMany(20))
    expect(governor.limit(KEY)).toBe(10)
  })

  test('the limit never falls below 1', async () => {
    const { governor, beginMany, throttleAll } = build()
    for (let round = 0; round < 10; round++) await throttleAll(beginMany(3))
    expect(governor.limit(KEY)).toBe(1)
  })

  test('an answer that is throttled in part counts as a throttle', async () => {
    const { governor, beginMany } = build()
    const [request] = beginMany(10)
    request?.succeed('partly throttled')
    await expect(request?.outcome).resolves.toBe('partly throttled')
    expect(governor.limit(KEY)).toBe(5)
  })

  test('each success adds 1/limit, up to the maximum', async () => {
    const { governor, begin, beginMany, throttleAll } = build(6)
    await throttleAll(beginMany(4))
    const limits: number[] = []
    for (let successes = 0; successes < 40; successes++) {
      const request = begin()
      request.succeed()
      await request.outcome
      limits.push(governor.limit(KEY))
    }
    // 2, 2.5, 2.9, 3.24 …
    expect(limits.slice(0, 3)).toEqual([2, 2, 3])
    expect(limits.at(-1)).toBe(6)
    expect(Math.max(...limits)).toBe(6)
  })

  test('60 s after the last throttle the limit is the maximum again, and not before', async () => {
    const built = build()
    const { clock, governor, beginMany, throttleAll } = built
    await throttleAll(beginMany(4))
    clock.advance(30_000)
    await throttleAll(beginMany(1))
    clock.advance(59_999)
    await expect(capacity(built)).resolves.toBe(1)
    clock.advance(1)
    expect(governor.limit(KEY)).toBe(50)
    await expect(capacity(built)).resolves.toBe(50)
  })

  test('a throttle that decreases nothing is remembered all the same', async () => {
    const { clock, governor, beginMany, throttleAll } = build()
    const [early, late] = [beginMany(2), beginMany(2)]
    await throttleAll(early)
    clock.advance(30_000)
    await throttleAll(late)
    clock.advance(59_999)
    expect(governor.limit(KEY)).toBe(2)
    clock.advance(1)
    expect(governor.limit(KEY)).toBe(50)
  })

  test('only the monotonic clock counts', async () => {
    const { clock, governor, beginMany, throttleAll } = build()
    await throttleAll(beginMany(4))
    clock.wall += 3_600_000
    expect(governor.limit(KEY)).toBe(2)
  })

  test('operations know nothing of each other', async () => {
    const { governor, begin, throttleAll } = build()
    await throttleAll([begin({ key: 'BatchGetSecretValue' })])
    expect(governor.limit('BatchGetSecretValue')).toBe(1)
    expect(governor.limit(KEY)).toBe(50)
    expect(begin().isBegun).toBe(true)
  })

  test('what is remembered does not grow with the number of operations', async () => {
    const { clock, governor, begin, throttleAll } = build()
    for (let key = 0; key < 100; key++) await throttleAll([begin({ key: `operation ${key}` })])
    expect(governor.size).toBe(100)
    clock.advance(60_000)
    for (let key = 0; key < 100; key++) {
      const request = begin({ key: `another ${key}` })
      request.succeed()
      await request.outcome
    }
    expect(governor.size).toBe(1)
  })
})

describe('abort', () => {
  test.each<[string, unknown]>([
    ['an error', new Error('left')],
    ['a string', 'left'],
    ['null', null],
    ['zero', 0],
  ])('a waiter leaves at once with the signal’s own reason: %s', async (_title, reason) => {
    const { begin } = build(1)
    const controller = new AbortController()
    const first = begin()
    const waiter = begin({ signal: controller.signal })
    await settled()
    controller.abort(reason)
    await expect(waiter.outcome).resolves.toEqual({ reason })
    expect(waiter.isBegun).toBe(false)
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0)
    first.succeed()
    await settled()
    const next = begin()
    expect(next.isBegun).toBe(true)
  })

  test('whoever has left already takes no slot', async () => {
    const { governor, begin } = build(1)
    const request = begin({ signal: AbortSignal.abort('left') })
    await expect(request.outcome).resolves.toEqual({ reason: 'left' })
    expect(governor.size).toBe(0)
    expect(begin().isBegun).toBe(true)
  })

  test('a slot that comes in the same tick as the abort is passed on, whichever is first', async () => {
    const { governor, begin } = build(1)
    const run = async (signal: AbortSignal, work: () => Promise<unknown>) =>
      governor.run(KEY, { isBackground: false, signal }, work).catch((reason: unknown) => reason)
    for (const ticks of [0, 1, 2, 3, 4, 5, 6, 7, 8]) {
      const controller = new AbortController()
      const first = begin()
      const work = vi.fn(() => Promise.resolve('worked'))
      const waiter = run(controller.signal, work)
      const next = begin()
      first.succeed()
      for (let tick = 0; tick < ticks; tick++) await Promise.resolve()
      const begun = work.mock.calls.length
      controller.abort('left')
      await settled()
      expect(work).toHaveBeenCalledTimes(begun)
      await expect(waiter).resolves.toBe(begun === 0 ? 'left' : 'worked')
      expect(next.isBegun).toBe(true)
      next.succeed()
      await settled()
      expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0)
    }
    const [one, two] = [begin(), begin()]
    await settled()
    expect([one.isBegun, two.isBegun]).toEqual([true, false])
  })

  test('a hundred waiters of one signal are one listener, and none once they run', async () => {
    const { begin } = build(1)
    const { signal } = new AbortController()
    const first = begin()
    const waiters = Array.from({ length: 100 }, () => begin({ signal }))
    expect(getEventListeners(signal, 'abort')).toHaveLength(1)
    for (const { succeed } of [first, ...waiters]) succeed()
    await Promise.all(waiters.map(({ outcome }) => outcome))
    await settled()
    expect(waiters.every(({ isBegun }) => isBegun)).toBe(true)
    expect(getEventListeners(signal, 'abort')).toHaveLength(0)
  })
})

describe('a wait for a slot', () => {
  test('is told when it begins and when it ends, by a slot or by an abort', async () => {
    const { governor, begin } = build(1)
    const controller = new AbortController()
    const told: string[] = []
    const run = (name: string, signal: AbortSignal) => {
      const onWait = () => {
        told.push(`${name} waits`)
        return () => told.push(`${name} waits no more`)
      }
      return governor.run(KEY, { isBackground: false, signal, onWait }, () => Promise.resolve(name))
    }
    const first = begin()
    const waits = run('one', new AbortController().signal)
    const leaves = run('two', controller.signal)
    expect(told).toEqual(['one waits', 'two waits'])
    controller.abort('left')
    await expect(leaves).rejects.toBe('left')
    expect(told).toEqual(['one waits', 'two waits', 'two waits no more'])
    first.succeed()
    await expect(waits).resolves.toBe('one')
    expect(told).toHaveLength(4)
    await run('three', new AbortController().signal)
    expect(told).toHaveLength(4)
  })
})
