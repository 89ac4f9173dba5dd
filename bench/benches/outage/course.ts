/**
 * Plays one plan to every reader at the same time, each an app and a service in processes of their own.
 *
 * @module
 */

import { setTimeout as sleep } from 'node:timers/promises'
import { compiled, PlainProcess } from '../../harness/plain-process.js'
import { type Server, startServer } from '../../harness/server.js'
import { LATENCY_MS } from '../../support/emulated.js'
import { type Plan, secretsOf } from './plan.js'
import type { ReaderName } from './reader.js'
import type { AppReport, Order } from './reader-worker.js'

/** How one reader fared, and what it asked AWS for. */
export interface Course extends AppReport {
  readonly reader: ReaderName
  /** Requests that reached AWS by the end of each bin. */
  readonly calls: readonly number[]
}

/** Plays the plan. */
export async function play(plan: Plan, readers: readonly ReaderName[]): Promise<readonly Course[]> {
  const file = await compiled(new URL('./reader-worker.ts', import.meta.url))
  const stages = await Promise.all(readers.map((reader) => stageFor(reader, file, plan)))
  try {
    return await Promise.all(stages.map((stage) => courseOf(stage, plan)))
  } finally {
    for (const { app } of stages) app.close()
    await Promise.all(stages.map(({ server }) => server.close()))
  }
}

type App = PlainProcess<Order, AppReport | undefined>

interface Stage {
  readonly reader: ReaderName
  readonly server: Server
  readonly app: App
}

async function stageFor(reader: ReaderName, file: string, { ttlMs }: Plan): Promise<Stage> {
  const server = await startServer({ latency: LATENCY_MS })
  await server.seed({ secrets: secretsOf(1) })
  const app: App = new PlainProcess(file, server.env)
  await app.ask({ kind: 'warm up', reader, ttlMs })
  return { reader, server, app }
}

async function courseOf({ reader, server, app }: Stage, plan: Plan): Promise<Course> {
  await server.clearRequests()
  const startedAt = performance.now()
  const at = (ms: number) => sleep(Math.max(0, startedAt + ms - performance.now()))
  const [report, calls] = await Promise.all([
    app.ask({ kind: 'play', plan }),
    callsOf(server, plan, at),
    service(server, plan, at),
    rotations(server, app, plan, at),
  ])
  if (report === undefined) throw new Error(`${reader} did not report`)
  return { ...report, reader, calls }
}

type At = (ms: number) => Promise<unknown>

async function callsOf(server: Server, { endAt, binMs }: Plan, at: At): Promise<readonly number[]> {
  const calls: number[] = []
  for (let end = binMs; end <= endAt; end += binMs) {
    await at(end)
    calls.push(await server.count())
  }
  return calls
}

async function service(server: Server, { storm, refusing, silent }: Plan, at: At): Promise<void> {
  await at(storm.from)
  await server.setThrottle({ ratePerSecond: 1, burst: 1 })
  await at(storm.to)
  await server.setThrottle(undefined)
  await at(refusing.from)
  const answerAgain = await server.fail('*', { error: 'ServiceUnavailableException', status: 503 })
  await at(refusing.to)
  await answerAgain()
  await at(silent.from)
  const recover = await server.fail('*', { drop: 'never-answer' })
  await at(silent.to)
  await recover()
}

async function rotations(server: Server, app: App, { rotatedAt }: Plan, at: At): Promise<void> {
  for (const [position, due] of rotatedAt.entries()) {
    const generation = position + 2
    await at(due)
    await server.seed({ secrets: secretsOf(generation) })
    await app.ask({ kind: 'rotated', generation })
  }
}
