/**
 * Random schedules against values that take several requests to read, while they are being written.
 *
 * What holds of a value in parts: whoever gets one gets it as it was written as a whole, and one whose writing had
 * ended, or could have ended, no longer ago than the client may serve it for.
 *
 * What holds of a tree, which AWS does not read in one piece: each parameter is as it was at some time during one walk
 * over the pages, which lasts from its first request to its last answer; so that one that did not change during it is
 * exactly that, and none is as it was before. Two parameters may be of different times.
 */

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { SecretsClient, type SecretsClientOptions, isSecretsError, splitValue } from '../../src/index.js'
import type { Reference } from '../../src/reference/reference.js'
import { FakeTree } from '../client/composite/fake-tree.js'
import { FakeSource } from '../support/fake-source.js'
import { ManualClock, pass } from '../support/manual-clock.js'

const TTL = 4000
const WINDOW = 1000
const BOUND = 10_000
const TIMEOUT = 3000
const CACHE: SecretsClientOptions = {
  cache: {
    ttlMs: TTL,
    staleWhileRevalidateMs: WINDOW,
    staleIfErrorMs: BOUND,
    negativeTtlMs: 200,
    maxNegativeTtlMs: 400,
  },
  retry: { timeoutMs: TIMEOUT, attemptTimeoutMs: 1000, maxAttempts: 2 },
}
/** A walk, with as long again for a second one that a reader joins. */
const SLACK = 2 * TIMEOUT

type Step =
  | { readonly does: 'write'; readonly which: number; readonly size: number }
  | { readonly does: 'read'; readonly fresh: boolean; readonly which: number }
  | { readonly does: 'pass'; readonly ms: number }
  | { readonly does: 'step wall'; readonly ms: number }
  | { readonly does: 'fail'; readonly times: number }
  | { readonly does: 'invalidate' }

const STEP: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      does: fc.constant('write' as const),
      which: fc.nat({ max: 4 }),
      size: fc.constantFrom(1, 600, 900, 1700, 2600),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      does: fc.constant('read' as const),
      fresh: fc.nat({ max: 5 }).map((odds) => odds === 0),
      which: fc.nat({ max: 3 }),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      does: fc.constant('pass' as const),
      ms: fc.constantFrom(1, 20, 150, 700, TTL, TTL + WINDOW),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      does: fc.constant('step wall' as const),
      ms: fc.constantFrom(-60_000, -10, 10, 60_000),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ does: fc.constant('fail' as const), times: fc.integer({ min: 1, max: 4 }) }),
  },
  { weight: 1, arbitrary: fc.constant({ does: 'invalidate' as const }) },
)
const STEPS = fc.array(STEP, { minLength: 10, maxLength: 60 })
const RUNS = { numRuns: 150 }
/** Of all runs: fewer would not see enough, however busy the machine is. */
const SCENARIO_MS = 600_000

/** Delays by turns, so that requests and writes interleave in every way. */
const DELAYS_MS = [0, 0, 5, 40, 0, 180, 15]

class Service {
  readonly clock = new ManualClock()
  failing = 0
  #requests = 0

  /** Lets time pass as a request does, and fails where the schedule says so. */
  async request<T>(look: () => T): Promise<T> {
    this.#requests += 1
    const ms = DELAYS_MS[this.#requests % DELAYS_MS.length] ?? 0
    if (ms > 0) await this.clock.sleep(ms)
    if (this.failing > 0) {
      this.failing -= 1
      throw Object.assign(new Error('it fails'), { name: 'InternalServerError' })
    }
    const found = look()
    if (ms > 0) await this.clock.sleep(ms)
    return found
  }

  /** Lets everything end that is under way. */
  async rest(): Promise<void> {
    this.failing = 0
    await pass(this.clock, SLACK + TTL, 50)
  }
}

/** A failure that may pass is none of the value's. */
function expectPassing(error: unknown): void {
  if (!isSecretsError(error)) throw error
  expect(['ERR_UNAVAILABLE', 'ERR_TIMEOUT', 'ERR_THROTTLED']).toContain(error.code)
  expect(error.retryable).toBe(true)
}

interface Written {
  readonly value: string
  /** When its first part was written, and when another value began to take its place. */
  readonly from: number
  until: number
}

test('a value in parts is one that was written as a whole', { timeout: SCENARIO_MS }, async () => {
  const seen = { values: 0, failures: 0, generations: new Set<string>() }
  const schedule = fc.asyncProperty(STEPS, fc.boolean(), async (steps, seal) => {
    const service = new Service()
    const { clock } = service
    const stored = new Map<string, string>()
    const source = new FakeSource(async ({ name = '' }: Reference) => {
      const text = await service.request(() => stored.get(name))
      if (text === undefined) throw Object.assign(new Error('none'), { name: 'ResourceNotFoundException' })
      return { text, name, versionId: text.slice(0, 100) }
    })
    const secrets = new SecretsClient({ sources: [source], clock, seal, ...CACHE })
    const history: Written[] = []
    let pending: { readonly name: string; readonly text: string }[] = []
    let value = ''
    let n = 0
    const writeOne = () => {
      const part = pending.shift()
      if (part === undefined) return
      stored.set(part.name, part.text)
      if (pending.length > 0) return
      const before = history.at(-1)
      if (before !== undefined) before.until = Math.min(before.until, clock.mono)
      history.push({ value, from: clock.mono, until: Infinity })
    }
    const begin = (size: number) => {
      value = `${(n += 1)}:${'v'.repeat(size)}`
      pending = [...splitValue('v', value, { maxPartBytes: 1024 })]
    }
    begin(900)
    while (pending.length > 0) writeOne()
    const reads: Promise<void>[] = []
    const violations: unknown[] = []
    const read = async (fresh: boolean) => {
      const since = clock.mono
      try {
        const got = await secrets.get('v', { parts: true, fresh })
        const written = history.find((one) => one.value === got)
        // It was found by a request no older than a value may be served for, and then it was the current one.
        const oldest = fresh ? since : since - BOUND - TTL - SLACK
        expect(written, 'a value that was never written as a whole').toBeDefined()
        expect(written?.until, 'a value that is too old').toBeGreaterThanOrEqual(oldest)
        seen.values += 1
        seen.generations.add(got)
      } catch (error) {
        expectPassing(error)
        seen.failures += 1
      }
    }
    for (const step of steps) {
      if (step.does === 'write') {
        if (pending.length === 0) begin(step.size)
        for (let parts = 0; parts <= step.which % 3; parts += 1) writeOne()
      }
      if (step.does === 'read')
        reads.push(read(step.fresh).catch((broken: unknown) => void violations.push(broken)))
      if (step.does === 'pass') await pass(clock, step.ms, Math.max(5, step.ms / 40))
      if (step.does === 'step wall') clock.wall += step.ms
      if (step.does === 'fail') service.failing = step.times
      if (step.does === 'invalidate') secrets.invalidate('v')
      await new Promise(setImmediate)
    }
    while (pending.length > 0) writeOne()
    await service.rest()
    await Promise.all(reads)
    if (violations.length > 0) throw violations[0]
    clock.advance(TTL + WINDOW + 1)
    const last = Promise.all([0, 1, 2].map(() => secrets.get('v', { parts: true })))
    await pass(clock, SLACK, 50)
    await expect(last).resolves.toEqual([value, value, value])
    await secrets.close()
    await pass(clock, SLACK, 500)
    expect(clock.sleeping, 'timers that were left behind').toBe(0)
  })
  await fc.assert(schedule, RUNS)
  expect(seen.values).toBeGreaterThan(500)
  expect(seen.generations.size).toBeGreaterThan(3)
})

test('the parameters of a tree are each of the time of one walk', { timeout: SCENARIO_MS }, async () => {
  const seen = { values: 0, failures: 0 }
  const NAMES = ['a', 'b', 'deep/c', 'deep/d', 'e']
  const schedule = fc.asyncProperty(STEPS, fc.boolean(), async (steps, seal) => {
    const service = new Service()
    const { clock } = service
    const current = new Map(NAMES.map((name) => [name, 0]))
    /** Until when each number of each parameter was current. */
    const until = new Map<string, number>()
    const source = new FakeTree((token) =>
      service.request(() => {
        const at = Number(token ?? '0')
        const parameters = NAMES.slice(at, at + 2).map((name) => {
          const number = current.get(name) ?? 0
          return { name: `/t/${name}`, text: String(number), isList: false, version: number + 1 }
        })
        return { parameters, ...(at + 2 < NAMES.length && { nextToken: String(at + 2) }) }
      }),
    )
    const secrets = new SecretsClient({ sources: [source], clock, seal, ...CACHE })
    const change = (which: number) => {
      const name = NAMES[which] ?? ''
      const number = current.get(name) ?? 0
      until.set(`${name}=${number}`, clock.mono)
      current.set(name, number + 1)
    }
    const reads: Promise<void>[] = []
    const violations: unknown[] = []
    const read = async (fresh: boolean) => {
      const since = clock.mono
      try {
        const tree = await secrets.tree('/t', { flat: true, fresh })
        expect(Object.keys(tree).toSorted()).toEqual(NAMES)
        const ends = NAMES.map((name) => until.get(`${name}=${String(Reflect.get(tree, name))}`) ?? Infinity)
        const oldest = fresh ? since : since - BOUND - TTL - SLACK
        expect(Math.min(...ends), 'a parameter that is too old').toBeGreaterThanOrEqual(oldest)
        // One walk: nothing had ended before what else was on it had begun, but for the time of the walk.
        const begun = NAMES.map((name) => {
          const before = Number(Reflect.get(tree, name)) - 1
          return until.get(`${name}=${before}`) ?? 0
        })
        expect(Math.min(...ends) + TIMEOUT, 'a mixture of two walks').toBeGreaterThanOrEqual(
          Math.max(...begun),
        )
        seen.values += 1
      } catch (error) {
        expectPassing(error)
        seen.failures += 1
      }
    }
    for (const step of steps) {
      if (step.does === 'write') change(step.which)
      if (step.does === 'read')
        reads.push(read(step.fresh).catch((broken: unknown) => void violations.push(broken)))
      if (step.does === 'pass') await pass(clock, step.ms, Math.max(5, step.ms / 40))
      if (step.does === 'step wall') clock.wall += step.ms
      if (step.does === 'fail') service.failing = step.times
      if (step.does === 'invalidate') secrets.invalidate()
      await new Promise(setImmediate)
    }
    await service.rest()
    await Promise.all(reads)
    if (violations.length > 0) throw violations[0]
    clock.advance(TTL + WINDOW + 1)
    const last = Promise.all([0, 1, 2].map(() => secrets.tree('/t', { flat: true })))
    await pass(clock, SLACK, 50)
    const expected = Object.fromEntries(Array.from(current, ([name, number]) => [name, String(number)]))
    await expect(last).resolves.toEqual([expected, expected, expected])
    await secrets.close()
    await pass(clock, SLACK, 500)
    expect(clock.sleeping, 'timers that were left behind').toBe(0)
  })
  await fc.assert(schedule, RUNS)
  expect(seen.values).toBeGreaterThan(500)
})
