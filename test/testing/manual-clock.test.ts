/** The clock that a test moves. */

import { ManualClock } from 'aws-secrets-client/testing'
import { expect, test, vi } from 'vitest'

test('stands still until it is moved, on both hands', async () => {
  const clock = new ManualClock()
  expect([clock.now(), clock.monotonic()]).toEqual([1_800_000_000_000, 0])
  await clock.advance(1_500)
  expect([clock.now(), clock.monotonic()]).toEqual([1_800_000_001_500, 1_500])
})

test('starts where it is told to', () => {
  expect(new ManualClock({ startAt: new Date('2030-01-01') }).now()).toBe(Date.UTC(2030, 0))
  expect(new ManualClock({ startAt: 5 }).now()).toBe(5)
})

test('wakes who is due in order, each at its own time', async () => {
  const clock = new ManualClock()
  const woken: [string, number][] = []
  const sleep = async (name: string, ms: number) => {
    await clock.sleep(ms)
    woken.push([name, clock.monotonic()])
  }
  void sleep('late', 300)
  void sleep('early', 100)
  void sleep('twin', 100)
  void sleep('never', 1_001)
  await clock.advance(1_000)
  expect(woken).toEqual([
    ['early', 100],
    ['twin', 100],
    ['late', 300],
  ])
  expect(clock.sleeping).toBe(1)
})

test('what is woken may sleep again within the same advance', async () => {
  const clock = new ManualClock()
  const ticks: number[] = []
  const tick = async () => {
    for (;;) {
      await clock.sleep(100)
      ticks.push(clock.monotonic())
    }
  }
  void tick()
  await clock.advance(350)
  expect(ticks).toEqual([100, 200, 300])
})

test('two advances follow each other', async () => {
  const clock = new ManualClock()
  const slept = clock.sleep(150).then(() => clock.monotonic())
  await Promise.all([clock.advance(100), clock.advance(100)])
  expect(await slept).toBe(150)
  expect(clock.monotonic()).toBe(200)
})

test('freeze moves the wall clock alone, in both directions, and wakes nobody', () => {
  const clock = new ManualClock({ startAt: 10_000 })
  void clock.sleep(100)
  clock.freeze(3_600_000)
  expect([clock.now(), clock.monotonic(), clock.sleeping]).toEqual([3_610_000, 0, 1])
  clock.freeze(-3_600_000)
  expect(clock.now()).toBe(10_000)
})

test('an abort ends a sleep with its reason, also one that is over before it began', async () => {
  const clock = new ManualClock()
  const controller = new AbortController()
  const reason = new Error('stop')
  const slept = clock.sleep(100, { signal: controller.signal })
  controller.abort(reason)
  await expect(slept).rejects.toBe(reason)
  await expect(clock.sleep(0, { signal: controller.signal })).rejects.toBe(reason)
  expect(clock.sleeping).toBe(0)
})

test('a sleep of no length is over at once', async () => {
  const clock = new ManualClock()
  await clock.sleep(0)
  expect(clock.sleeping).toBe(0)
})

test('until lets time pass for as long as work takes, and hands on its outcome', async () => {
  const clock = new ManualClock()
  const work = async () => {
    await clock.sleep(1_000)
    await clock.sleep(60_000)
    return 'done'
  }
  expect(await clock.until(work())).toBe('done')
  expect(clock.monotonic()).toBe(61_000)
  const reason = new Error('no')
  await expect(clock.until(Promise.reject(reason))).rejects.toBe(reason)
})

test('until waits for work that is not asleep yet', async () => {
  const clock = new ManualClock()
  const turns = async () => {
    for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate)
  }
  const work = turns().then(() => clock.sleep(50))
  await clock.until(work)
  expect(clock.monotonic()).toBe(50)
})

test('works while the runner has replaced the timers', async () => {
  vi.useFakeTimers()
  try {
    const clock = new ManualClock()
    const slept = clock.sleep(100)
    await clock.advance(100)
    await expect(slept).resolves.toBeUndefined()
  } finally {
    vi.useRealTimers()
  }
})

test('refuses what is no duration', () => {
  const clock = new ManualClock()
  expect(() => clock.advance(-1)).toThrow(new TypeError('ms: expected a number of at least 0, got -1'))
  expect(() => clock.advance(NaN)).toThrow('ms: expected a finite number of milliseconds, got NaN')
  expect(() => {
    clock.freeze(Infinity)
  }).toThrow(TypeError)
  expect(() => new ManualClock({ startAt: new Date('no date') })).toThrow('startAt: expected a finite number')
  const wrong: unknown = 'soon'
  expect(() => clock.advance(wrong as number)).toThrow('got string')
})

test('waits for a promise, and for nothing else', async () => {
  const clock = new ManualClock()
  await expect(clock.until(Promise.resolve(5))).resolves.toBe(5)
  for (const work of [5, undefined, {}]) {
    const waiting: unknown = Reflect.apply(Reflect.get(clock, 'until') as () => unknown, clock, [work])
    await expect(waiting).rejects.toThrow(new TypeError('until: expected a promise'))
  }
})

test('until waits for what waits for nothing of this clock, though somebody sleeps for ever', async () => {
  const clock = new ManualClock()
  const controller = new AbortController()
  const asleep = clock.sleep(Infinity, { signal: controller.signal })
  const slept = clock.sleep(100)
  const work = slept.then(() => new Promise((resolve) => setTimeout(resolve, 5, 'done')))
  expect(await clock.until(work)).toBe('done')
  expect([clock.monotonic(), clock.sleeping]).toEqual([100, 1])
  controller.abort(new Error('stop'))
  await expect(asleep).rejects.toThrow('stop')
})
