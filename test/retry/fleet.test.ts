import { describe, expect, test } from 'vitest'
import { jitteredTtlMs } from '../../src/cache/freshness.js'
import { SecretsError } from '../../src/errors.js'
import { RetryBudget } from '../../src/retry/budget.js'
import { Governor } from '../../src/retry/governor.js'
import { retrying } from '../../src/retry/retry.js'
import { ManualClock } from '../support/manual-clock.js'

const DEADLINE_MS = 5_000
const settled = () => new Promise(setImmediate)

/** Chance that is the same in every run (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** A service with a token bucket that starts full, 5 ms away; it notes when each request came. */
class Service {
  readonly requestedAt: number[] = []
  readonly #clock: ManualClock
  readonly #rate: { readonly perSecond: number; readonly burst: number }
  #tokens: number
  #filledAt = 0

  constructor(clock: ManualClock, rate: { readonly perSecond: number; readonly burst: number }) {
    this.#clock = clock
    this.#rate = rate
    this.#tokens = rate.burst
  }

  async request(): Promise<void> {
    const now = this.#clock.mono
    this.requestedAt.push(now)
    const { perSecond, burst } = this.#rate
    this.#tokens = Math.min(burst, this.#tokens + ((now - this.#filledAt) / 1_000) * perSecond)
    this.#filledAt = now
    const isAdmitted = this.#tokens >= 1
    if (isAdmitted) this.#tokens -= 1
    await this.#clock.sleep(5)
    if (!isAdmitted) throw new SecretsError('ERR_THROTTLED', { what: 'the service is throttling requests' })
  }

  /** The most requests within any second. */
  peakPerSecond(): number {
    const times = this.requestedAt
    let first = 0
    let peak = 0
    times.forEach((time, last) => {
      while ((times[first] ?? time) <= time - 1_000) first += 1
      peak = Math.max(peak, last - first + 1)
    })
    return peak
  }
}

/** One process: loads share its budget and its governor. */
function processOn(service: Service, clock: ManualClock, random: () => number, isBatch: boolean) {
  const governor = new Governor({ clock })
  const budget = new RetryBudget()
  const { signal } = new AbortController()
  return async (): Promise<void> => {
    const deadline = clock.mono + DEADLINE_MS
    const options = {
      clock,
      signal,
      budget,
      random,
      remainingMs: () => deadline - clock.mono,
      maxAttempts: 3,
      isBatch: () => isBatch,
      isBackground: false,
      onRetry: () => undefined,
    }
    await retrying(options, () =>
      governor.run('read', { signal, isBackground: false }, () => service.request()),
    )
  }
}

/** Lets time pass in steps until all of `loads` are over. */
async function passTime(clock: ManualClock, stepMs: number, loads: readonly Promise<unknown>[]) {
  const state = { isOver: false }
  void Promise.allSettled(loads).then(() => {
    state.isOver = true
  })
  await settled()
  while (!state.isOver) {
    clock.advance(stepMs)
    await settled()
  }
}

describe('1000 instances that cached the same value at the same time, while every request is throttled', () => {
  const INSTANCES = 1_000

  const peak = async ({ isBatch, random }: { isBatch: boolean; random: () => number }) => {
    const clock = new ManualClock()
    const service = new Service(clock, { perSecond: 0, burst: 0 })
    const loads = Array.from({ length: INSTANCES }, async () => {
      const load = processOn(service, clock, random, isBatch)
      await clock.sleep(jitteredTtlMs(300_000, random()))
      await load()
    })
    clock.advance(269_999)
    await passTime(clock, 20, loads)
    expect(clock.sleeping).toBe(0)
    expect(service.requestedAt.length).toBeGreaterThan(INSTANCES)
    return service.peakPerSecond()
  }

  test.each([false, true])(
    'stay below 1.5 requests per second and instance (I45), batch: %s',
    async (isBatch) => {
      await expect(peak({ isBatch, random: seeded(45) })).resolves.toBeLessThan(1.5 * INSTANCES)
    },
  )

  test('and would not without jitter: the bound is one that bites', async () => {
    await expect(peak({ isBatch: false, random: () => 0.5 })).resolves.toBeGreaterThan(1.5 * INSTANCES)
  })
})

describe('batches at once, against 40 requests per second with a burst of 40', () => {
  const run = async (processes: number, batches: number, seed: number) => {
    const clock = new ManualClock()
    const service = new Service(clock, { perSecond: 40, burst: 40 })
    const random = seeded(seed)
    const loads = Array.from({ length: processes }, () => processOn(service, clock, random, true)).flatMap(
      (load) => Array.from({ length: batches }, () => load()),
    )
    await passTime(clock, 1, loads)
    await Promise.all(loads)
    return { lastAt: clock.mono, requests: service.requestedAt.length }
  }

  test('60 of 20 processes are all read, within 700 ms as a rule, by at most 100 requests', async () => {
    const runs = await Promise.all(Array.from({ length: 31 }, (_, seed) => run(20, 3, seed + 1)))
    const lastAt = runs.map((one) => one.lastAt).sort((a, b) => a - b)
    expect(lastAt[15]).toBeLessThanOrEqual(700)
    expect(Math.max(...runs.map(({ requests }) => requests))).toBeLessThanOrEqual(100)
  })

  // It takes 2000 and 1500 ms at least.
  test.each([
    [4, 30],
    [1, 100],
  ])('of %i processes with %i each are all read before the deadline', async (processes, batches) => {
    for (let seed = 1; seed <= 10; seed += 1) {
      const { requests } = await run(processes, batches, seed)
      expect(requests).toBeLessThan(6 * processes * batches)
    }
  })
})
