/**
 * An outage of 30 s while warm secrets are read 200 times a second, by a virtual clock: with the TTL as it is by default,
 * and with a short one.
 *
 * @module
 */

import type { CacheSettings, SecretsClient } from 'aws-secrets-client'
import type { Table } from '../../harness/bench.js'
import { builtLibrary } from '../../support/built.js'
import { namesOf } from '../../support/secrets.js'
import { SimulatedService } from '../../support/simulated-service.js'
import { spread } from '../../support/statistics.js'
import { VirtualClock } from '../../support/virtual-clock.js'

const SECRETS = 20
const READ_EVERY_MS = 5
const RUNS = 3

/** When what happens, in milliseconds from the start. */
interface Plan {
  readonly cache: CacheSettings
  readonly downAt: number
  readonly upAt: number
  readonly end: number
}

// The TTL is drawn from 270 to 300 s, so that every value expires within the outage.
const DEFAULT_TTL: Plan = { cache: {}, downAt: 270_000, upAt: 300_000, end: 600_000 }
const SHORT_TTL: Plan = { cache: { ttlMs: 10_000 }, downAt: 15_000, upAt: 45_000, end: 120_000 }

/** What the readers saw. */
interface Course {
  reads: number
  failed: number
  stale: number
  /** For each secret when the first value was read that was asked for after the outage. */
  readonly freshAt: Map<string, number>
}

/** Measures what readers see of it, and when the last value is fresh again. */
export async function warmOutage(isQuick: boolean): Promise<Table> {
  const rows: (readonly string[])[] = []
  if (!isQuick) rows.push(rowOf('300 s (default)', DEFAULT_TTL, await repeated(DEFAULT_TTL, RUNS)))
  rows.push(rowOf('10 s', SHORT_TTL, await repeated(SHORT_TTL, isQuick ? 1 : RUNS)))
  return {
    title: `aws-secrets-client in an outage of 30 s, ${1000 / READ_EVERY_MS} reads/s (virtual time)`,
    columns: ['TTL', 'reads', 'failed', 'stale', 'last value asked for anew, s after the outage'],
    rows,
  }
}

async function repeated(plan: Plan, runs: number): Promise<readonly Course[]> {
  const courses: Course[] = []
  for (let round = 0; round < runs; round += 1) courses.push(await course(plan))
  return courses
}

async function course(plan: Plan): Promise<Course> {
  const { SecretsClient } = await builtLibrary()
  const clock = new VirtualClock()
  const isDown = () => clock.monotonic() >= plan.downAt && clock.monotonic() < plan.upAt
  const service = new SimulatedService({ clock, isDown, outage: 'refuses', ratePerSecond: 10_000 })
  const client = new SecretsClient({ clock, sources: [service], cache: plan.cache })
  const upAtWall = clock.now() + plan.upAt
  const seen: Course = { reads: 0, failed: 0, stale: 0, freshAt: new Map() }
  clock.every(READ_EVERY_MS, 0, () => {
    readNext(client, seen, (ref, fetchedAt) => {
      if (fetchedAt.getTime() >= upAtWall && !seen.freshAt.has(ref)) seen.freshAt.set(ref, clock.monotonic())
    })
    return clock.monotonic() < plan.end
  })
  await clock.run(plan.end)
  await client.close()
  return seen
}

const REFS = namesOf('prod/warm', SECRETS)

function readNext(
  client: SecretsClient,
  seen: Course,
  onFresh: (ref: string, fetchedAt: Date) => void,
): void {
  const ref = REFS[seen.reads % REFS.length] ?? ''
  seen.reads += 1
  client.read(ref).then(
    ({ stale, fetchedAt }) => {
      if (stale) seen.stale += 1
      else onFresh(ref, fetchedAt)
    },
    () => {
      seen.failed += 1
    },
  )
}

function rowOf(ttl: string, { upAt }: Plan, courses: readonly Course[]): readonly string[] {
  return [
    ttl,
    spread(courses.map(({ reads }) => reads)),
    spread(courses.map(({ failed }) => failed)),
    spread(courses.map(({ stale }) => stale)),
    spread(
      courses.map(({ freshAt }) => (lastOf(freshAt) - upAt) / 1000),
      1,
    ),
  ]
}

/** `NaN` where one was not read by the end. */
function lastOf(freshAt: ReadonlyMap<string, number>): number {
  return freshAt.size < SECRETS ? NaN : Math.max(...freshAt.values())
}
