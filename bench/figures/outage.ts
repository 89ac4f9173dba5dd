/**
 * An outage while warm secrets are read 200 times a second: how many reads fail, and when all values are fresh again.
 *
 * Once by the virtual clock, with real lengths of time, and once by that of the machine, with shorter ones.
 *
 * @module
 */

import { type CacheSettings, SecretsClient } from 'aws-secrets-client'
import { secretRefs, seedAll, withEmulator } from '../support/emulated.js'
import type { Figure } from '../support/figure.js'
import { SimulatedService } from '../support/simulated-service.js'
import { spread } from '../support/statistics.js'
import { VirtualClock } from '../support/virtual-clock.js'

const SECRETS = 20
const READ_EVERY_MS = 5
const RUNS = 5

/** When what happens, in milliseconds from the start. */
interface Plan {
  readonly cache: CacheSettings
  readonly ttlMs: number
  readonly downAt: number
  readonly upAt: number
  readonly end: number
}

// The TTL is drawn from 270 to 300 s, so that every value expires within the outage.
const REAL: Plan = { cache: {}, ttlMs: 300_000, downAt: 270_000, upAt: 300_000, end: 600_000 }
const SHORT_TTL: Plan = {
  cache: { ttlMs: 10_000 },
  ttlMs: 10_000,
  downAt: 15_000,
  upAt: 45_000,
  end: 120_000,
}
// The defaults, about 300 times shorter.
const SCALED: Plan = {
  cache: {
    ttlMs: 1000,
    staleWhileRevalidateMs: 200,
    staleIfErrorMs: 12_000,
    negativeTtlMs: 10,
    maxNegativeTtlMs: 200,
  },
  ttlMs: 1000,
  downAt: 2000,
  upAt: 7000,
  end: 10_000,
}

/** What the readers saw. */
interface Course {
  reads: number
  failed: number
  stale: number
  /** For each secret when the first value was read that was asked for after the outage. */
  readonly freshAt: Map<string, number>
}

/** Measures the outage by both clocks. */
export async function outage(): Promise<readonly Figure[]> {
  return [
    ...figuresOf('default TTL, 30 s', REAL, await repeated(() => virtually(REAL))),
    ...figuresOf('TTL 10 s, 30 s', SHORT_TTL, await repeated(() => virtually(SHORT_TTL))),
    ...figuresOf('real time, TTL 1 s, 5 s', SCALED, [await emulated(SCALED)]),
  ]
}

async function repeated(run: () => Promise<Course>): Promise<readonly Course[]> {
  const courses: Course[] = []
  for (let round = 0; round < RUNS; round += 1) courses.push(await run())
  return courses
}

async function virtually(plan: Plan): Promise<Course> {
  const clock = new VirtualClock()
  const isDown = () => clock.monotonic() >= plan.downAt && clock.monotonic() < plan.upAt
  const service = new SimulatedService({ clock, isDown, outage: 'refuses', ratePerSecond: 10_000 })
  const client = new SecretsClient({ clock, sources: [service], cache: plan.cache })
  const readers = new Readers(client, () => clock.monotonic(), clock.now() + plan.upAt)
  clock.every(READ_EVERY_MS, 0, () => {
    readers.readNext()
    return clock.monotonic() < plan.end
  })
  await clock.run(plan.end)
  await client.close()
  return readers.course
}

function emulated(plan: Plan): Promise<Course> {
  return withEmulator(async (emulator) => {
    seedAll(emulator, secretRefs('prod/warm', SECRETS))
    const client = new SecretsClient({ cache: plan.cache })
    const startedAt = performance.now()
    const elapsed = () => performance.now() - startedAt
    const readers = new Readers(client, elapsed, Date.now() + plan.upAt)
    const timers = [
      setTimeout(
        () => emulator.fail('*', { error: 'ServiceUnavailableException', status: 503 }),
        plan.downAt,
      ),
      setTimeout(() => {
        emulator.reset()
        seedAll(emulator, secretRefs('prod/warm', SECRETS))
      }, plan.upAt),
    ]
    await readers.warmUp()
    for (let due = elapsed(); due < plan.end; due += READ_EVERY_MS) {
      const restMs = due - elapsed()
      if (restMs > 0) await new Promise((resolve) => setTimeout(resolve, restMs))
      readers.readNext()
    }
    for (const timer of timers) clearTimeout(timer)
    await client.close()
    return readers.course
  })
}

/** Reads one secret after the other. */
class Readers {
  readonly course: Course = { reads: 0, failed: 0, stale: 0, freshAt: new Map() }
  readonly #refs = secretRefs('prod/warm', SECRETS)
  readonly #client: SecretsClient
  readonly #elapsed: () => number
  readonly #upAtWall: number

  constructor(client: SecretsClient, elapsed: () => number, upAtWall: number) {
    this.#client = client
    this.#elapsed = elapsed
    this.#upAtWall = upAtWall
  }

  async warmUp(): Promise<void> {
    await Promise.all(this.#refs.map((ref) => this.#client.get(ref)))
  }

  readNext(): void {
    const { course } = this
    const ref = this.#refs[course.reads % this.#refs.length] ?? ''
    course.reads += 1
    this.#client.read(ref).then(
      ({ stale, fetchedAt }) => {
        if (stale) course.stale += 1
        else if (fetchedAt.getTime() >= this.#upAtWall && !course.freshAt.has(ref))
          course.freshAt.set(ref, this.#elapsed())
      },
      () => {
        course.failed += 1
      },
    )
  }
}

function figuresOf(what: string, { upAt, ttlMs }: Plan, courses: readonly Course[]): readonly Figure[] {
  return [
    {
      what: `${what}: failed reads of ${courses[0]?.reads ?? 0}`,
      measured: spread(courses.map(({ failed }) => failed)),
      goal: '0',
    },
    { what: `${what}: stale reads`, measured: spread(courses.map(({ stale }) => stale)) },
    {
      what: `${what}: last of ${SECRETS} values asked for anew, s after the outage`,
      measured: spread(
        courses.map(({ freshAt }) => (lastOf(freshAt) - upAt) / 1000),
        1,
      ),
      goal: `≤ ${ttlMs / 1000} (one TTL)`,
    },
  ]
}

/** `NaN` where one was not read by the end. */
function lastOf(freshAt: ReadonlyMap<string, number>): number {
  return freshAt.size < SECRETS ? NaN : Math.max(...freshAt.values())
}
