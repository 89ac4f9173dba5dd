/**
 * Cold starts against a rate limit: of one process, and of a fleet.
 *
 * @module
 */

import type { Bars, Bench, Chart, Results, Table, Target } from '../harness/bench.js'
import { rotated } from '../harness/rounds.js'
import { type Server, startServer, withServer } from '../harness/server.js'
import { LATENCY_MS, secretText } from '../support/emulated.js'
import { median, spread } from '../support/statistics.js'
import { type Fleet, startFleet } from './throttle/fleet.js'
import { type Reader, type ReaderName, READERS } from './throttle/readers.js'

const THROTTLE = { ratePerSecond: 40, burst: 40 }
const PARAMETERS = 300
const PROCESSES = 20
const PARAMETERS_EACH = 30

/** 60 batches, of which a full bucket lets 40 through at once and one more each 25 ms. */
const FLEET_FLOOR_MS = 500

/** Served values, time and calls of cold starts that are too many for the quota. */
export const throttle: Bench = {
  name: 'throttle',
  title: `Throttle: ${THROTTLE.ratePerSecond} requests/s, burst ${THROTTLE.burst}`,
  measure: ({ isQuick }) =>
    withServer({ latency: LATENCY_MS }, async (server): Promise<Results> => {
      const [one, many] = await Promise.all([startFleet(1, server.env), startFleet(PROCESSES, server.env)])
      try {
        const [ofOne, ofMany] = [runOf(one, 1, PARAMETERS), runOf(many, PROCESSES, PARAMETERS_EACH)]
        const single = await inTurns(server, FAST, isQuick ? QUICK : SINGLE, ofOne)
        const fleet = await inTurns(server, FAST, isQuick ? QUICK : FLEET, ofMany)
        if (isQuick) return resultsOf(single, fleet)
        // They wait most of the time, so both kinds may do it together.
        const [slowSingle, slowFleet] = await Promise.all([slowSingles(server, ofOne), slowFleets(ofMany)])
        return resultsOf([...slowSingle, ...single], [...slowFleet, ...fleet])
      } finally {
        one.close()
        many.close()
      }
    }),
}

interface Rounds {
  readonly warmUp: number
  readonly measured: number
}

const SINGLE: Rounds = { warmUp: 2, measured: 10 }
const FLEET: Rounds = { warmUp: 1, measured: 7 }
const QUICK: Rounds = { warmUp: 1, measured: 1 }

/** One cold start. */
interface Run {
  readonly served: number
  readonly wallMs: number
  readonly calls: number
  /** Calls that were refused. */
  readonly wasted: number
}

/** Cold starts with one reader. */
interface Measured {
  readonly reader: Reader
  readonly runs: readonly Run[]
}

type RunWith = (server: Server, reader: ReaderName) => Promise<Run>

const NAMES: readonly ReaderName[] = [
  'sdk',
  'sdkPersistent',
  'sdkAdaptive',
  'powertools',
  'byName',
  'batches',
  'pRetry',
  'ours',
]
const FAST = NAMES.filter((name) => !READERS[name].isSlow)

async function inTurns(
  server: Server,
  names: readonly ReaderName[],
  { warmUp, measured }: Rounds,
  runWith: RunWith,
): Promise<readonly Measured[]> {
  const runs = new Map<ReaderName, Run[]>(names.map((name) => [name, []]))
  for (let round = 0; round < warmUp + measured; round += 1) {
    for (const name of rotated(names, round)) {
      const run = await runWith(server, name)
      if (round >= warmUp) runs.get(name)?.push(run)
    }
  }
  return [...runs].map(([name, own]) => ({ reader: READERS[name], runs: own }))
}

function runOf(fleet: Fleet, size: number, each: number): RunWith {
  const warm = (process: number) => namesOf(`warm-${process}`, each)
  const cold = (process: number) => namesOf(`cold-${process}`, each)
  const all = Array.from({ length: size }, (_, process) => [...warm(process), ...cold(process)]).flat()
  return async (server, name) => {
    await server.seed({ parameters: textsOf(all) })
    await server.setThrottle(undefined)
    await fleet.ask({ reader: name, config: server.clientConfig }, warm)
    return throttled(server, () => fleet.ask({ reader: name }, cold))
  }
}

/** Measures with full buckets. */
async function throttled(server: Server, read: () => Promise<number>): Promise<Run> {
  await server.setThrottle(THROTTLE)
  await server.clearRequests()
  const startedAt = performance.now()
  const served = await read()
  const wallMs = performance.now() - startedAt
  const requests = await server.requests()
  const wasted = requests.filter(({ error }) => error === 'ThrottlingException').length
  return { served, wallMs, calls: requests.length, wasted }
}

function namesOf(path: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, position) => `/prod/throttle/${path}/${position}`)
}

function textsOf(names: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(names.map((name, position) => [name, secretText(position)]))
}

const ONCE: Rounds = { warmUp: 0, measured: 1 }

function slowSingles(server: Server, ofOne: RunWith): Promise<readonly Measured[]> {
  const slow = NAMES.filter((name) => READERS[name].isSlow)
  return inTurns(server, slow, ONCE, ofOne)
}

/** The two that take longest at the same time, each against a service of its own. */
async function slowFleets(ofMany: RunWith): Promise<readonly Measured[]> {
  const alone = async (...names: readonly ReaderName[]) => {
    const server = await startServer({ latency: LATENCY_MS })
    const measured = await inTurns(server, names, ONCE, ofMany)
    await server.close()
    return measured
  }
  const others = await alone('sdk', 'powertools')
  const longest = await Promise.all([alone('sdkPersistent'), alone('sdkAdaptive')])
  return [...others, ...longest.flat()]
}

function resultsOf(single: readonly Measured[], fleet: readonly Measured[]): Results {
  const total = PROCESSES * PARAMETERS_EACH
  return {
    tables: [
      tableOf(`${PARAMETERS} parameters in one process`, PARAMETERS, single),
      tableOf(
        `fleet: ${PROCESSES} processes × ${PARAMETERS_EACH} parameters; floor ${FLEET_FLOOR_MS} ms, 60 calls`,
        total,
        fleet,
      ),
    ],
    targets: [...singleTargets(single), ...fleetTargets(fleet, total)],
    charts: [
      chartOf('single', `${PARAMETERS} parameters in one process`, single),
      chartOf('fleet', `A fleet of ${PROCESSES} processes × ${PARAMETERS_EACH} parameters`, fleet),
    ],
    notes: NOTES,
  }
}

const NOTES: readonly string[] = [
  `The limit is that of Parameter Store: ${THROTTLE.ratePerSecond} requests per second and a burst of ${THROTTLE.burst}, shared by all. The bucket is full when the order to read comes, connections are open and code is loaded; the service answers after ${LATENCY_MS} ms.`,
  'Readers that make a call for each value need seconds whatever they do (the floor is 6.5 s for one process, 14 s for the fleet); they run once, in part at the same time, and not with `--quick`.',
  'Wasted calls are those that were answered with ThrottlingException. A reader that gives up is quick: look at the values first.',
]

function tableOf(title: string, total: number, measured: readonly Measured[]): Table {
  const of = (runs: readonly Run[], value: (run: Run) => number) => spread(runs.map(value))
  return {
    title,
    columns: ['reader', `values of ${total}`, 'wall, ms', 'calls', 'wasted', 'runs'],
    rows: measured.map(({ reader, runs }) => [
      reader.title,
      of(runs, ({ served }) => served),
      of(runs, ({ wallMs }) => wallMs),
      of(runs, ({ calls }) => calls),
      of(runs, ({ wasted }) => wasted),
      `${runs.length}`,
    ]),
  }
}

function oursOf(measured: readonly Measured[]): readonly Run[] {
  return measured.filter(({ reader }) => reader.isOurs).flatMap(({ runs }) => runs)
}

function singleTargets(measured: readonly Measured[]): readonly Target[] {
  const runs = oursOf(measured)
  const calls = runs.map((run) => run.calls)
  return [
    servedTarget('one process', runs, PARAMETERS),
    {
      what: 'one process: calls',
      goal: '30',
      measured: spread(calls),
      isMet: calls.every((count) => count === 30),
    },
  ]
}

function fleetTargets(measured: readonly Measured[], total: number): readonly Target[] {
  const runs = oursOf(measured)
  const ratios = runs.map(({ wallMs }) => wallMs / FLEET_FLOOR_MS)
  const calls = runs.map((run) => run.calls)
  return [
    servedTarget('fleet', runs, total),
    {
      what: `fleet: × the floor of ${FLEET_FLOOR_MS} ms`,
      goal: '≤ 1.4 ×',
      measured: spread(ratios, 2),
      isMet: median(ratios) <= 1.4,
    },
    { what: 'fleet: calls', goal: '≤ 90', measured: spread(calls), isMet: median(calls) <= 90 },
  ]
}

function servedTarget(what: string, runs: readonly Run[], total: number): Target {
  const served = runs.map((run) => run.served)
  return {
    what: `${what}: values served`,
    goal: `${total}`,
    measured: spread(served),
    isMet: served.every((count) => count === total),
  }
}

function chartOf(name: string, title: string, measured: readonly Measured[]): Chart {
  const bars: Bars['bars'] = measured.map(({ reader, runs }) => {
    const walls = runs.map(({ wallMs }) => wallMs)
    const served = spread(runs.map((run) => run.served))
    return {
      label: `${reader.title.replaceAll('`', '')}: ${served} values`,
      isOurs: reader.isOurs,
      median: median(walls),
      min: Math.min(...walls),
      max: Math.max(...walls),
    }
  })
  return {
    name,
    title,
    drawing: { kind: 'bars', unit: 'ms until the last answer', isLogarithmic: true, bars },
  }
}
