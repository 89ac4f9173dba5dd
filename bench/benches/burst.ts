/**
 * A thousand reads at once with nothing cached: how many calls they cost, and how long they take.
 *
 * @module
 */

import type { Bars, Bench, Chart, Results, Table, Target } from '../harness/bench.js'
import { compiled, PlainProcess } from '../harness/plain-process.js'
import { rotated } from '../harness/rounds.js'
import { type Server, withServer } from '../harness/server.js'
import { LATENCY_MS, secretText } from '../support/emulated.js'
import { median, spread } from '../support/statistics.js'
import type { Order } from './burst/burst-worker.js'
import { type Reader, READERS, type Service } from './burst/readers.js'

/** Readers in one burst. */
const READS = 1000

/** Calls and time of a cold burst, as multiples of one round trip. */
export const burst: Bench = {
  name: 'burst',
  title: `Burst: ${READS} concurrent cold reads`,
  measure: ({ isQuick }) =>
    withServer({ latency: LATENCY_MS }, async (server): Promise<Results> => {
      const file = await compiled(new URL('./burst/burst-worker.ts', import.meta.url))
      const compared: Compared[] = []
      for (const scene of SCENES) {
        const child: Child = new PlainProcess(file, server.env)
        compared.push(await compare({ server, child }, scene, isQuick ? QUICK : FULL))
        child.close()
      }
      return {
        tables: compared.map(tableOf),
        targets: compared.flatMap(targetsOf),
        charts: compared.map(chartOf),
        notes: NOTES,
      }
    }),
}

const NOTES: readonly string[] = [
  `The service answers after ${LATENCY_MS} ms. Every repetition has a new SDK client, new sockets and an empty cache; they are set up before the clock starts, for everybody. Code is warm.`,
  `The floor is one call that is signed by hand, on a new socket: the median of five in the same round.`,
  'Ideal batching knows all names beforehand; `dataloader` is the only other one that batches by itself, and it never expires and never retries a batch in parts.',
]

/** The process that reads. */
type Child = PlainProcess<Order, number>

interface Stage {
  readonly server: Server
  readonly child: Child
}

interface Scene {
  readonly service: Service
  readonly what: string
  readonly names: readonly string[]
  /** What must show. */
  readonly goal: { readonly calls: number; readonly ratio: number }
}

const SCENES: readonly Scene[] = [
  {
    service: 'secretsmanager',
    what: '50 secrets of 1 KB',
    names: Array.from({ length: 50 }, (_, id) => `prod/burst-${id}`),
    goal: { calls: 3, ratio: 1.8 },
  },
  {
    service: 'ssm',
    what: '100 parameters of 1 KB',
    names: Array.from({ length: 100 }, (_, id) => `/prod/burst/${id}`),
    goal: { calls: 10, ratio: 2.6 },
  },
]

interface Rounds {
  readonly warmUp: number
  readonly measured: number
  /** One measured round in so many has the slow ones too. */
  readonly slowEvery: number
}

const FULL: Rounds = { warmUp: 5, measured: 25, slowEvery: 5 }
const QUICK: Rounds = { warmUp: 1, measured: 3, slowEvery: 3 }

/** One burst. */
interface Sample {
  readonly calls: number
  readonly wallMs: number
  /** How many times as long as a round trip in the same round. */
  readonly ratio: number
}

interface Compared {
  readonly scene: Scene
  readonly floorMs: readonly number[]
  readonly samples: ReadonlyMap<Reader, readonly Sample[]>
}

async function compare({ server, child }: Stage, scene: Scene, rounds: Rounds): Promise<Compared> {
  const { service, names } = scene
  const order = { config: server.clientConfig, service, names }
  const texts = Object.fromEntries(names.map((name, id) => [name, secretText(id)]))
  await server.seed(service === 'secretsmanager' ? { secrets: texts } : { parameters: texts })
  const floorMs: number[] = []
  const samples = new Map<Reader, Sample[]>(READERS[service].map((reader) => [reader, []]))
  for (let round = 0; round < rounds.warmUp + rounds.measured; round += 1) {
    const isCounted = round >= rounds.warmUp
    const hasSlow = (round - rounds.warmUp) % rounds.slowEvery === 0
    const trip = await child.ask(order)
    if (isCounted) floorMs.push(trip)
    const taking = [...READERS[service].entries()].filter(([, { isSlow }]) => hasSlow || !isSlow)
    for (const [place, reader] of rotated(taking, round)) {
      await server.clearRequests()
      const wallMs = await child.ask({ ...order, reader: place })
      const calls = await server.count()
      if (isCounted) samples.get(reader)?.push({ calls, wallMs, ratio: wallMs / trip })
    }
  }
  return { scene, floorMs, samples }
}

function tableOf({ scene, floorMs, samples }: Compared): Table {
  return {
    title: `${READS} concurrent cold reads of ${scene.what}`,
    columns: ['reader', 'calls', 'wall, ms', '× one round trip', 'samples'],
    rows: [
      ['floor: one round trip, signed by hand', '1', spread(floorMs, 1), '1', `${floorMs.length}`],
      ...[...samples].map(([{ title }, taken]) => [
        title,
        spread(taken.map(({ calls }) => calls)),
        spread(
          taken.map(({ wallMs }) => wallMs),
          1,
        ),
        spread(
          taken.map(({ ratio }) => ratio),
          2,
        ),
        `${taken.length}`,
      ]),
    ],
  }
}

function targetsOf({ scene, samples }: Compared): readonly Target[] {
  const ours = [...samples].filter(([{ isOurs }]) => isOurs).flatMap(([, taken]) => taken)
  const calls = ours.map((sample) => sample.calls)
  const ratios = ours.map(({ ratio }) => ratio)
  return [
    {
      what: `${READS} reads of ${scene.what}: calls`,
      goal: `${scene.goal.calls}`,
      measured: spread(calls),
      isMet: calls.every((count) => count === scene.goal.calls),
    },
    {
      what: `${READS} reads of ${scene.what}: × one round trip`,
      goal: `≤ ${scene.goal.ratio} ×`,
      measured: spread(ratios, 2),
      isMet: median(ratios) <= scene.goal.ratio,
    },
  ]
}

function chartOf({ scene, samples }: Compared): Chart {
  const bars: Bars['bars'] = [...samples].map(([{ title, isOurs }, taken]) => {
    const ratios = taken.map(({ ratio }) => ratio)
    const label = title.replaceAll('`', '')
    return { label, isOurs, median: median(ratios), min: Math.min(...ratios), max: Math.max(...ratios) }
  })
  return {
    name: scene.service,
    title: `${READS} concurrent cold reads of ${scene.what}`,
    drawing: { kind: 'bars', unit: '× one round trip', isLogarithmic: true, bars },
  }
}
