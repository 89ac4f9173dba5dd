import { getEventListeners } from 'node:events'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import fc from 'fast-check'
import { AgeMeter, MAX_TIMER_MS, ageMs, skewMs, stampOf, systemClock } from '../src/clock.js'
import { ManualClock } from './support/manual-clock.js'

const HOUR = 3_600_000

describe('systemClock', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  test('tells wall-clock and monotonic time', () => {
    const [wall, mono] = [systemClock.now(), systemClock.monotonic()]
    vi.advanceTimersByTime(5)
    expect([systemClock.now() - wall, systemClock.monotonic() - mono]).toEqual([5, 5])
  })

  test('sleeps as long as it is told', async () => {
    const woken = vi.fn()
    const sleep = systemClock.sleep(100).then(woken)
    await vi.advanceTimersByTimeAsync(99)
    expect(woken).not.toHaveBeenCalled()
    await vi.advanceTimersByTimeAsync(1)
    await sleep
    expect(woken).toHaveBeenCalledTimes(1)
  })

  test('a sleep ends at once by its signal, with its reason, and leaves neither timer nor listener', async () => {
    const controller = new AbortController()
    const sleep = systemClock.sleep(100, { signal: controller.signal }).catch((reason: unknown) => reason)
    controller.abort('enough')
    await expect(sleep).resolves.toBe('enough')
    expect(vi.getTimerCount()).toBe(0)
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0)
  })

  test('a sleep that ends by itself leaves no listener', async () => {
    const controller = new AbortController()
    const sleep = systemClock.sleep(100, { signal: controller.signal })
    await vi.advanceTimersByTimeAsync(100)
    await sleep
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0)
  })

  test('a signal that has aborted starts no timer', async () => {
    const sleep = systemClock
      .sleep(100, { signal: AbortSignal.abort('before') })
      .catch((reason: unknown) => reason)
    await expect(sleep).resolves.toBe('before')
    expect(vi.getTimerCount()).toBe(0)
  })

  test('a sleep beyond the range of timers does not fire at once', async () => {
    const woken = vi.fn()
    void systemClock.sleep(Number.MAX_SAFE_INTEGER).then(woken)
    await vi.advanceTimersByTimeAsync(MAX_TIMER_MS - 1)
    expect(woken).not.toHaveBeenCalled()
  })
})

test.each([
  ['keeps the process alive for what somebody awaits', true],
  ['lets the process end during a background sleep', false],
])('%s', (_title, ref) => {
  const controller = new AbortController()
  const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
  const before = timers()
  const sleep = systemClock.sleep(60_000, { ref, signal: controller.signal }).catch(() => undefined)
  expect(timers() - before).toBe(ref ? 1 : 0)
  controller.abort()
  return sleep
})

describe('ageMs: the larger of both clocks (I46–I50)', () => {
  test.each([
    ['both clocks agree', { wall: 10_000, mono: 10_000 }, 10_000],
    ['the environment was frozen and the monotonic clock stood still', { wall: HOUR, mono: 0 }, HOUR],
    ['the wall clock was set back by an hour', { wall: -HOUR, mono: 10_000 }, 10_000],
    ['the wall clock was set forward by an hour', { wall: HOUR, mono: 10_000 }, HOUR],
    ['both clocks lie', { wall: -HOUR, mono: -5 }, 0],
  ])('%s', (_title, moved, age) => {
    const clock = new ManualClock()
    const stamp = stampOf(clock)
    clock.wall += moved.wall
    clock.mono += moved.mono
    expect(ageMs(stamp, clock)).toBe(age)
  })

  test('clocks that start at zero age like any other', () => {
    const clock = new ManualClock(0, 0)
    const stamp = stampOf(clock)
    clock.advance(7)
    expect(ageMs(stamp, clock)).toBe(7)
  })
})

describe('skewMs: how far the wall clock ran ahead', () => {
  test.each([
    ['both clocks agree', { wall: HOUR, mono: HOUR }, 0],
    ['the environment was frozen', { wall: HOUR, mono: 0 }, HOUR],
    ['the wall clock was set back while time passed', { wall: -HOUR, mono: 10_000 }, -HOUR - 10_000],
  ])('%s', (_title, moved, skew) => {
    const clock = new ManualClock(0, 5)
    const from = stampOf(clock)
    clock.wall += moved.wall
    clock.mono += moved.mono
    expect(skewMs(from, stampOf(clock))).toBe(skew)
  })
})

describe('AgeMeter', () => {
  const COARSE = 100

  test('a clock that was passed in is read each time, that of the machine is not', () => {
    const clock = new ManualClock()
    const monotonic = vi.spyOn(clock, 'monotonic')
    const machine = vi.spyOn(systemClock, 'monotonic')
    // No 100 ms pass between two ages, however busy the machine is.
    const wall = vi.spyOn(systemClock, 'now').mockReturnValue(clock.wall)
    const [own, stamp] = [new AgeMeter(clock), stampOf(clock)]
    const ofMachine = new AgeMeter(systemClock)
    for (let times = 0; times < 3; times += 1) {
      own.ageMs(stamp)
      ofMachine.ageMs(stamp)
    }
    expect(monotonic).toHaveBeenCalledTimes(4)
    expect(machine).toHaveBeenCalledTimes(1)
    machine.mockRestore()
    wall.mockRestore()
  })

  test('a wall clock that stands still hides an age 64 times at most', () => {
    const clock = new ManualClock()
    const [meter, stamp] = [new AgeMeter(clock, COARSE), stampOf(clock)]
    meter.ageMs(stamp)
    clock.mono += HOUR
    const told = Array.from({ length: 64 }, () => meter.ageMs(stamp))
    expect(told.filter((age) => age === HOUR)).toHaveLength(1)
    expect(told.at(-1)).toBe(HOUR)
  })

  test('reads the wall clock each time, and the monotonic one every 100 ms or 64 ages', () => {
    const clock = new ManualClock()
    const monotonic = vi.spyOn(clock, 'monotonic')
    const [meter, stamp] = [new AgeMeter(clock, COARSE), { wall: clock.wall, monotonic: clock.mono }]
    for (let ms = 0; ms <= 1000; ms += 1) {
      expect(meter.ageMs(stamp)).toBe(ms)
      clock.advance(1)
    }
    expect(monotonic).toHaveBeenCalledTimes(1 + Math.floor(1000 / 64))
  })

  test('a freeze, which stops the monotonic clock, shows at once (I48)', () => {
    const clock = new ManualClock()
    const [meter, stamp] = [new AgeMeter(clock, COARSE), stampOf(clock)]
    meter.ageMs(stamp)
    clock.wall += HOUR
    expect(meter.ageMs(stamp)).toBe(HOUR)
  })

  test('a wall clock that was set back hides an age for 100 ms at most', () => {
    const clock = new ManualClock()
    const [meter, stamp] = [new AgeMeter(clock, COARSE), stampOf(clock)]
    meter.ageMs(stamp)
    // The worst case: after an hour it is set back to just behind where it was read last.
    clock.advance(HOUR)
    clock.wall -= HOUR - 1
    expect(meter.ageMs(stamp)).toBe(1)
    clock.advance(COARSE - 1)
    expect(meter.ageMs(stamp)).toBe(HOUR + COARSE - 1)
  })

  test('whatever the clocks do: nothing is older by 100 ms than it is, nor younger 100 ms after a step', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('pass' as const), ms: fc.nat(300) }),
      fc.record({ kind: fc.constant('freeze' as const), ms: fc.nat(5_000) }),
      fc.record({ kind: fc.constant('back' as const), ms: fc.integer({ min: 1, max: 5_000 }) }),
      fc.record({ kind: fc.constant('stamp' as const), ms: fc.constant(0) }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60, size: 'max' }), (steps) => {
        const clock = new ManualClock()
        const meter = new AgeMeter(clock, COARSE)
        let stamp = stampOf(clock)
        let setBackAt = -Infinity
        for (const { kind, ms } of steps) {
          if (kind === 'pass') clock.advance(ms)
          if (kind === 'freeze') clock.wall += ms
          if (kind === 'back') [clock.wall, setBackAt] = [clock.wall - ms, clock.mono]
          if (kind === 'stamp') stamp = stampOf(clock)
          const [told, exact] = [meter.ageMs(stamp), ageMs(stamp, clock)]
          expect(told).toBeLessThan(exact + COARSE)
          if (clock.mono - setBackAt >= COARSE) expect(told).toBeGreaterThanOrEqual(exact)
        }
      }),
      { numRuns: 2_000 },
    )
  })
})
