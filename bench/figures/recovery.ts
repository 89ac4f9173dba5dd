/**
 * A fleet of 1000 clients, all cold, in an outage of 30 s: how hard it knocks, and when the last one has its value.
 *
 * Real clients under one virtual clock. When each client starts is drawn from a seeded generator; the jitter of the
 * clients comes from `node:crypto` and cannot be seeded, so the whole is repeated and the range is printed.
 *
 * @module
 */

import { SecretsClient } from 'aws-secrets-client'
import type { Figure } from '../support/figure.js'
import { seededRandom } from '../support/seeded-random.js'
import { type Outage, SimulatedService } from '../support/simulated-service.js'
import { mean, spread } from '../support/statistics.js'
import { VirtualClock } from '../support/virtual-clock.js'

const CLIENTS = 1000
const OUTAGE_MS = 30_000
const LIMIT_MS = 300_000
const READ_EVERY_MS = 100
const RATE_PER_SECOND = 200
const RUNS = 3

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
export async function recovery(): Promise<readonly Figure[]> {
  const figures: Figure[] = []
  // Half a million reads fail in each run, and nobody looks at where they came from.
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0
  for (const outage of ['refuses', 'hangs'] as const) {
    const runs: Run[] = []
    for (let seed = 1; seed <= RUNS; seed += 1) runs.push(await run(outage, seed))
    figures.push(...figuresOf(outage === 'refuses' ? 'answers 503' : 'never answers', runs))
  }
  Error.stackTraceLimit = stackTraceLimit
  return figures
}

async function run(outage: Outage, seed: number): Promise<Run> {
  const clock = new VirtualClock()
  const isDown = () => clock.monotonic() < OUTAGE_MS
  const service = new SimulatedService({ clock, isDown, outage, ratePerSecond: RATE_PER_SECOND })
  const random = seededRandom(seed)
  const clients = Array.from({ length: CLIENTS }, () => new SecretsClient({ clock, sources: [service] }))
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
    lost: CLIENTS - recoveredAt.size,
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

function figuresOf(outage: string, runs: readonly Run[]): readonly Figure[] {
  const of = (value: (run: Run) => number, digits = 0) => spread(runs.map(value), digits)
  return [
    {
      what: `${outage}: clients without a value after ${LIMIT_MS / 1000} s`,
      measured: of(({ lost }) => lost),
      goal: '0',
    },
    {
      what: `${outage}: last client recovered, s from the beginning`,
      measured: of(({ recoveredMs }) => recoveredMs / 1000, 1),
      goal: '≤ 65',
    },
    {
      what: `${outage}: requests of a client in the outage, mean`,
      measured: of(({ knocks }) => mean(knocks), 1),
      goal: '≤ 10',
    },
    { what: `${outage}: … of the busiest client`, measured: of(({ knocks }) => Math.max(...knocks)) },
    { what: `${outage}: peak, requests/s, in the outage`, measured: of(({ peakDuring }) => peakDuring) },
    { what: `${outage}: peak, requests/s, after it`, measured: of(({ peakAfter }) => peakAfter) },
    {
      what: `${outage}: requests after it, for ${CLIENTS} values`,
      measured: of(({ requestsAfter }) => requestsAfter),
    },
  ]
}
