/**
 * A fleet that starts cold against one rate limit: 20 processes read 30 parameters each, of 40 requests per second
 * and a burst of 40.
 *
 * @module
 */

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Emulator } from 'aws-secrets-client/emulator'
import { parameterRefs, seedAll, withEmulator } from '../support/emulated.js'
import type { Figure } from '../support/figure.js'
import { median, spread } from '../support/statistics.js'
import type { Order, WorkerReport } from './fleet-worker.js'

const PROCESSES = 20
const PARAMETERS = 30
const ROUNDS = 15
const THROTTLE = { ratePerSecond: 40, burst: 40 }

/** 60 batches, of which a full bucket lets 40 through at once and one more each 25 ms. */
const FLOOR_MS = 500

const WORKER = fileURLToPath(new URL('./fleet-worker.ts', import.meta.url))

interface Round {
  readonly wallMs: number
  readonly requests: number
  readonly reports: readonly WorkerReport[]
}

/** Measures the cold start of a fleet; the first round, in which code is compiled, does not count. */
export function fleet(): Promise<readonly Figure[]> {
  return withEmulator(async (emulator) => {
    const workers = Array.from({ length: PROCESSES }, () => fork(WORKER))
    try {
      await Promise.all(workers.map((worker) => once(worker, 'message')))
      const rounds: Round[] = []
      for (let round = 0; round <= ROUNDS; round += 1) rounds.push(await oneRound(emulator, workers, round))
      return figuresOf(rounds.slice(1))
    } finally {
      for (const worker of workers) worker.kill()
    }
  })
}

async function oneRound(emulator: Emulator, workers: readonly ChildProcess[], round: number): Promise<Round> {
  const refsOf = (what: string, position: number) =>
    parameterRefs(`round-${round}/${what}-${position}`, PARAMETERS)
  for (const position of workers.keys()) {
    seedAll(emulator, [...refsOf('warm', position), ...refsOf('cold', position)])
  }
  emulator.setThrottle(undefined)
  await Promise.all(workers.map((worker, position) => ask(worker, { warmUp: refsOf('warm', position) })))
  emulator.setThrottle(THROTTLE)
  emulator.clearRequests()
  const startedAt = performance.now()
  const reports = await Promise.all(
    workers.map((worker, position) => ask(worker, { read: refsOf('cold', position) })),
  )
  const wallMs = performance.now() - startedAt
  return { wallMs, requests: emulator.count(), reports: reports.filter((report) => isReport(report)) }
}

async function ask(worker: ChildProcess, order: Order): Promise<unknown> {
  worker.send(order)
  const messages: readonly unknown[] = await once(worker, 'message')
  return messages[0]
}

function isReport(report: unknown): report is WorkerReport {
  return typeof report === 'object' && report !== null && 'wallMs' in report
}

function figuresOf(rounds: readonly Round[]): readonly Figure[] {
  const walls = rounds.map(({ wallMs }) => wallMs)
  const own = rounds.flatMap(({ reports }) => reports.map(({ wallMs }) => wallMs))
  const total = PROCESSES * PARAMETERS
  const ok = rounds.map(({ reports }) => reports.reduce((sum, report) => sum + report.ok, 0))
  const retries = rounds.flatMap(({ reports }) => reports.flatMap(({ delaysMs }) => delaysMs))
  return [
    { what: `values of ${total}, ${rounds.length} rounds`, measured: spread(ok), goal: `${total}` },
    {
      what: 'wall, ms, from the order to the last answer',
      measured: spread(walls),
      goal: `≤ ${1.5 * FLOOR_MS}`,
    },
    {
      what: `… × the floor of ${FLOOR_MS} ms`,
      measured: spread(
        walls.map((wall) => wall / FLOOR_MS),
        2,
      ),
      goal: '≤ 1.5',
    },
    { what: 'requests', measured: spread(rounds.map(({ requests }) => requests)), goal: '≤ 100' },
    { what: 'wall of one process, ms', measured: spread(own) },
    { what: 'wait before a retry, ms', measured: `median ${median(retries).toFixed(0)}` },
  ]
}
