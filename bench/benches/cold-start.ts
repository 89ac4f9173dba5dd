/**
 * How long a fresh process takes to its first value.
 *
 * @module
 */

import type { Bars, Bench, Results, Table, Target } from '../harness/bench.js'
import { type Server, startServer } from '../harness/server.js'
import { median, spread } from '../support/statistics.js'
import { type Interval, medianInterval, shownInterval } from './cold-start/interval.js'
import { checkedLoads } from './cold-start/loads.js'
import { type Layout, type Scratch, prepareScratch } from './cold-start/scratch.js'
import { type Start, startInTurn } from './cold-start/starts.js'

const NOTHING = 'empty'

/** Contenders of one service; the second is what the others are compared with. */
interface Service {
  readonly name: string
  readonly floor: string
  readonly sdk: string
  readonly ours: string
  readonly others: readonly string[]
}

const SERVICES: readonly Service[] = [
  {
    name: 'secret',
    floor: 'signed-secret',
    sdk: 'sdk-secret',
    ours: 'ours-secret',
    others: ['lean-secret', 'lean-source', 'ours-schema', 'powertools-secret', 'middy-secret'],
  },
  {
    name: 'parameter',
    floor: 'signed-parameter',
    sdk: 'sdk-parameter',
    ours: 'ours-parameter',
    others: ['lean-parameter', 'powertools-parameter', 'middy-parameter'],
  },
]

const LABELS: Readonly<Record<string, string>> = {
  [NOTHING]: 'Node.js alone',
  'signed-secret': 'floor: signed by hand over `node:http`',
  'signed-parameter': 'floor: signed by hand over `node:http`',
  'sdk-secret': 'SDK alone',
  'sdk-parameter': 'SDK alone',
  'ours-secret': 'aws-secrets-client',
  'ours-schema': 'aws-secrets-client, with a JSON Schema',
  'ours-parameter': 'aws-secrets-client',
  'lean-secret': 'aws-secrets-client with `leanSources()`',
  'lean-source': 'a lean source alone, without the client',
  'lean-parameter': 'aws-secrets-client with `leanSources()`',
  'powertools-secret': 'powertools `getSecret`',
  'powertools-parameter': 'powertools `getParameter`',
  'middy-secret': 'middy handler',
  'middy-parameter': 'middy handler',
}

const LAYOUTS: Readonly<Partial<Record<Layout, string>>> = {
  import: 'from node_modules',
  bundle: 'bundled',
}

const LIMIT = 1.1

/** Rounds: of the pairs that a target is judged by, and of everything else. */
interface Rounds {
  readonly pairs: number
  readonly others: number
}

/** What one table comes from. */
interface Measured {
  readonly service: Service
  readonly layout: Layout
  /** By entry, each measured with all others. */
  readonly starts: ReadonlyMap<string, readonly Start[]>
  /** The library over the SDK, and the SDK over itself. */
  readonly ours: Interval
  readonly same: Interval
  /** The library over the SDK in processor time. */
  readonly cpu: Interval
}

/** The bench of cold starts. */
export const coldStart: Bench = {
  name: 'cold-start',
  title: 'Cold start: from the start of the process to the first value',
  async measure({ isQuick }) {
    const rounds = isQuick ? { pairs: 3, others: 1 } : { pairs: 48, others: 12 }
    const server = await startServer()
    try {
      return await measure(server, rounds)
    } finally {
      await server.close()
    }
  },
}

async function measure(server: Server, rounds: Rounds): Promise<Results> {
  const db = { username: 'orders_app', password: 'p'.repeat(40), port: 5432 }
  await server.seed({ secrets: { 'prod/db': db }, parameters: { '/prod/level': 'info' } })
  const env = { ...process.env, ...server.env, NODE_OPTIONS: '' }
  const entries = SERVICES.flatMap(({ floor, sdk, ours, others }) => [floor, sdk, ours, ...others])
  const scratch = await prepareScratch([NOTHING, ...entries])
  const all: Measured[] = []
  for (const service of SERVICES) {
    for (const layout of ['import', 'bundle'] as const) {
      all.push(await measureOne(scratch, { service, layout, env, rounds }))
    }
  }
  const required = await measureRequired(scratch, env, rounds)
  const loads = await checkedLoads(scratch, env)
  return {
    tables: [...all.map((measured) => tableOf(measured, scratch)), required, loads.table],
    targets: [...all.map(targetOf), ...loads.targets],
    charts: all.map((measured) => ({
      name: `${measured.service.name}-${measured.layout}`,
      title: `First ${measured.service.name} of a process, ${LAYOUTS[measured.layout] ?? ''}`,
      drawing: barsOf(measured),
    })),
    notes: NOTES,
  }
}

const NOTES = [
  'Each start is a process of its own that reads one value over loopback HTTP, without TLS, and ends; the time is told by that process, from its start to the value.',
  'Ratios are taken start by start against the SDK alone of the same round, and the order turns; shown are the median and its 95 % interval by bootstrap. The SDK alone runs twice a round: what its second start shows is the noise.',
  '`× floor` divides what is added to Node.js alone.',
  'A bundle is one minified ES module by esbuild, without the SDK clients that a script has no use for, as where they are not installed; where they are, `--external` or `--splitting` leaves them out.',
  'The packed library lies in node_modules as it would after an installation, and every contender loads the same copy of the SDK.',
]

interface Setting {
  readonly service: Service
  readonly layout: Layout
  readonly env: NodeJS.ProcessEnv
  readonly rounds: Rounds
}

async function measureOne(scratch: Scratch, { service, layout, env, rounds }: Setting): Promise<Measured> {
  const { floor, sdk, ours, others } = service
  const run = (entries: readonly string[], times: number) =>
    startInTurn(
      entries.map((entry) => scratch.scriptOf(entry, layout)),
      env,
      times,
    )
  const [first = [], second = [], library = []] = await run([sdk, sdk, ours], rounds.pairs)
  const entries = [NOTHING, floor, sdk, ours, ...others]
  const starts = await run(entries, rounds.others)
  return {
    service,
    layout,
    starts: new Map(entries.map((entry, position) => [entry, starts[position] ?? []])),
    ours: medianInterval(ratios(library, first)),
    same: medianInterval(ratios(second, first)),
    cpu: medianInterval(ratios(library, first, 'cpuMs')),
  }
}

/** The library and the SDK by `require`, which is where the two differ most in what they load. */
async function measureRequired(scratch: Scratch, env: NodeJS.ProcessEnv, rounds: Rounds): Promise<Table> {
  const rows: string[][] = []
  for (const { name, sdk, ours } of SERVICES) {
    const scripts = [sdk, ours].map((entry) => scratch.scriptOf(entry, 'require'))
    const [bare = [], library = []] = await startInTurn(scripts, env, rounds.others)
    const times = [bare, library].map((starts) => spread(starts.map(({ valueMs }) => valueMs)))
    rows.push([name, ...times, shownInterval(medianInterval(ratios(library, bare)))])
  }
  return {
    title: 'By `require`, from node_modules',
    columns: ['first', 'SDK alone: ms', 'aws-secrets-client: ms', '× SDK'],
    rows,
  }
}

function ratios(
  starts: readonly Start[],
  others: readonly Start[],
  of: 'valueMs' | 'cpuMs' = 'valueMs',
): readonly number[] {
  return starts.map((started, round) => started[of] / (others[round]?.[of] ?? NaN))
}

function tableOf({ service, layout, starts, ours, same }: Measured, scratch: Scratch): Table {
  const empty = medianOf(starts.get(NOTHING) ?? [])
  const floor = medianOf(starts.get(service.floor) ?? []) - empty
  const rows = [...starts].map(([entry, measured]) => [
    LABELS[entry] ?? entry,
    spread(measured.map(({ valueMs }) => valueMs)),
    spread(measured.map(({ cpuMs }) => cpuMs)),
    spread(measured.map(({ wallMs }) => wallMs)),
    entry === NOTHING ? '–' : ((medianOf(measured) - empty) / floor).toFixed(1),
    ratioOf(entry, measured, { service, starts, ours }),
    layout === 'bundle' ? scratch.bundleKiB(entry).toFixed(0) : '–',
  ])
  const again = ['SDK alone, against itself', '–', '–', '–', '–', shownInterval(same), '–']
  return {
    title: `First ${service.name}, ${LAYOUTS[layout] ?? ''}`,
    columns: ['', 'ms to value', 'processor ms', 'wall ms', '× floor', '× SDK', 'KiB'],
    rows: [...rows, again],
  }
}

function ratioOf(
  entry: string,
  measured: readonly Start[],
  { service, starts, ours }: Pick<Measured, 'service' | 'starts' | 'ours'>,
): string {
  if (entry === service.sdk) return '1'
  if (entry === service.ours) return shownInterval(ours)
  return shownInterval(medianInterval(ratios(measured, starts.get(service.sdk) ?? [])))
}

function targetOf({ service, layout, ours, same, cpu }: Measured): Target {
  return {
    what: `first ${service.name}, ${LAYOUTS[layout] ?? ''}, beside the SDK alone`,
    goal: `≤ ${LIMIT.toFixed(2)} ×`,
    measured: `${shownInterval(ours)}; in processor time ${shownInterval(cpu)}; the SDK against itself ${shownInterval(same)}`,
    isMet: ours.median <= LIMIT,
  }
}

function barsOf({ service, starts }: Measured): Bars {
  const bars = [...starts].map(([entry, measured]) => {
    const times = measured.map(({ valueMs }) => valueMs)
    return {
      label: (LABELS[entry] ?? entry).replaceAll('`', ''),
      median: median(times),
      min: Math.min(...times),
      max: Math.max(...times),
      isOurs: entry === service.ours || entry === 'ours-schema',
    }
  })
  return { kind: 'bars', unit: 'ms to the first value', isLogarithmic: false, bars }
}

function medianOf(starts: readonly Start[]): number {
  return median(starts.map(({ valueMs }) => valueMs))
}
