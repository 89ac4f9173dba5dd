/**
 * A fleet of 1000 clients, all cold, in an outage of 30 s: how hard it knocks, and when the last one has its value.
 *
 * Real clients under one virtual clock. When each client starts is drawn from a seeded generator; the jitter of the
 * clients comes from `node:crypto` and cannot be seeded, so the whole is repeated and the range is printed.
 *
 * @module
 */

import type { SecretsClient } from 'aws-secrets-client'
import type { Table } from '../../harness/bench.js'
import { builtLibrary } from '../../support/built.js'
import { seededRandom } from '../../support/seeded-random.js'
import { type Outage, SimulatedService } from '../../support/simulated-service.js'
import { mean, spread } from '../../support/statistics.js'
import { VirtualClock } from '../../support/virtual-clock.js'

const CLIENTS = 1000
const OUTAGE_MS = 30_000
const LIMIT_MS = 300_000
const READ_EVERY_MS = 250
const RATE_PER_SECOND = 200
const RUNS = 2

interface Run {
  /** When the last client had its value, in milliseconds from the beginning of the outage. */
  readonly recoveredMs: number
  /** Clients that never had it. */
  readonly lost: number
  /** Requests of each client while the service was down. */
  readonly knocks: readonly number[]
  /** Most requests in one second of the outage, and after it. */
  readonly peakDuring: number
  readonly peakAfter: number
  readonly requestsAfter: number
}

/** Measures recovery from both kinds of outage. */
export async function recovery(isQuick: boolean): Promise<Table> {
  const rows: (readonly string[])[] = []
  // Half a million reads fail in each run, and nobody looks at where they came from.
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0
  for (const outage of ['refuses', 'hangs'] as const) {
    const runs: Run[] = []
    for (let seed = 1; seed <= (isQuick ? 1 : RUNS); seed += 1) {
      runs.push(await run(outage, seed, isQuick ? CLIENTS / 10 : CLIENTS))
    }
    rows.push(rowOf(outage === 'refuses' ? 'answers 503' : 'never answers', runs))
  }
  Error.stackTraceLimit = stackTraceLimit
  return {
    title: `${isQuick ? CLIENTS / 10 : CLIENTS} cold clients that read 4 times a second, 30 s outage, then 200 requests/s (virtual time)`,
    columns: [
      'the service',
      'clients without a value',
      'last client recovered, s',
      'requests of a client in the outage, mean',
      '… most',
      'peak in the outage, requests/s',
      'peak after it, requests/s',
      'requests after it',
    ],
    rows,
  }
}

async function run(outage: Outage, seed: number, count: number): Promise<Run> {
  const { SecretsClient } = await builtLibrary()
  const clock = new VirtualClock()
  const isDown = () => clock.monotonic() < OUTAGE_MS
  const service = new SimulatedService({ clock, isDown, outage, ratePerSecond: RATE_PER_SECOND })
  const random = seededRandom(seed)
  const clients = Array.from({ length: count }, () => new SecretsClient({ clock, sources: [service] }))
  const recoveredAt = new Map<SecretsClient, number>()
  const knocks: number[] = []
  for (const [position, client] of clients.entries()) {
    clock.every(READ_EVERY_MS, Math.floor(random() * READ_EVERY_MS), () => {
      const arrived = () => recoveredAt.set(client, recoveredAt.get(client) ?? clock.monotonic())
      client.get(`prod/client-${position}`).then(arrived, () => undefined)
      return !recoveredAt.has(client) && clock.monotonic() < LIMIT_MS
    })
  }
  clock.at(OUTAGE_MS, () => {
    for (const client of clients) knocks.push(client.stats().requests)
  })
  await clock.run(LIMIT_MS)
  const { arrivals } = service
  return {
    recoveredMs: Math.max(...recoveredAt.values()),
    lost: count - recoveredAt.size,
    knocks,
    peakDuring: peakPerSecond(arrivals.filter((at) => at < OUTAGE_MS)),
    peakAfter: peakPerSecond(arrivals.filter((at) => at >= OUTAGE_MS)),
    requestsAfter: arrivals.filter((at) => at >= OUTAGE_MS).length,
  }
}

/** The most arrivals within any second. */
function peakPerSecond(arrivals: readonly number[]): number {
  let [peak, first] = [0, 0]
  for (const [position, at] of arrivals.entries()) {
    while ((arrivals[first] ?? Infinity) <= at - 1000) first += 1
    peak = Math.max(peak, position - first + 1)
  }
  return peak
}

function rowOf(outage: string, runs: readonly Run[]): readonly string[] {
  const of = (value: (run: Run) => number, digits = 0) => spread(runs.map(value), digits)
  return [
    outage,
    of(({ lost }) => lost),
    of(({ recoveredMs }) => recoveredMs / 1000, 1),
    of(({ knocks }) => mean(knocks), 1),
    of(({ knocks }) => Math.max(...knocks)),
    of(({ peakDuring }) => peakDuring),
    of(({ peakAfter }) => peakAfter),
    of(({ requestsAfter }) => requestsAfter),
  ]
}
