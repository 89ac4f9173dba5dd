/**
 * What a hit costs, × the `await` of a promise in a `Map`.
 *
 * @module
 */

import { floorWithExpiry } from '../contenders/floor.js'
import { oursSchema, oursSchemaInPlace, oursText } from '../contenders/ours.js'
import { powertoolsRaw } from '../contenders/powertools.js'
import type { Bench, Bars, Results, Table, Target } from '../harness/bench.js'
import { ROOMY } from '../harness/allocation.js'
import type { Timing } from '../harness/rounds.js'
import { withServer } from '../harness/server.js'
import { inWorker } from '../harness/worker.js'
import { dbSecret } from '../support/secrets.js'
import { median, spread } from '../support/statistics.js'
import type { Allocation } from './hits/allocations.js'
import { LOADED } from './hits/loads.js'
import type { Draw } from './hits/many-keys.js'
import { HOT, HOT_PARAMETER, type HitsOrder } from './hits/set-up.js'

const WORKER = new URL('./hits/worker.ts', import.meta.url)

/** What all groups came to. */
interface Measured {
  readonly one: readonly Timing[]
  readonly many: readonly Draw[]
  readonly loaded: readonly Timing[]
  readonly turned: readonly Timing[]
  readonly allocated: readonly Allocation[]
}

/** The bench of cached reads. */
export const hits: Bench = {
  name: 'hits',
  title: 'A cached read',
  measure: async ({ isQuick }) => resultsOf(await measured(isQuick)),
}

function measured(isQuick: boolean): Promise<Measured> {
  return withServer({}, async (server) => {
    const text = JSON.stringify(dbSecret(0))
    const loaded = LOADED.map((name, position) => [name, JSON.stringify(dbSecret(position))] as const)
    await server.seed({
      secrets: { [HOT]: text, ...Object.fromEntries(loaded) },
      parameters: { [HOT_PARAMETER]: { type: 'SecureString', value: text } },
    })
    const order = (group: HitsOrder['group']): HitsOrder => ({ group, isQuick })
    return {
      one: await inWorker<readonly Timing[]>(WORKER, order('one-key')),
      many: await inWorker<readonly Draw[]>(WORKER, order('many-keys')),
      loaded: await inWorker<readonly Timing[]>(WORKER, order('loads')),
      turned: await inWorker<readonly Timing[]>(WORKER, order('turns')),
      allocated: await inWorker<readonly Allocation[]>(WORKER, order('allocation'), { flags: ROOMY }),
    }
  })
}

function resultsOf(measured: Measured): Results {
  const { one, many, loaded, turned, allocated } = measured
  return {
    tables: [
      ratioTable('One cached secret, read in a loop', one),
      manyTable(many),
      ratioTable('20 cached secrets at once; the floor is `Promise.all` of 20 `map.get`', loaded),
      turnTable(turned),
      allocationTable(allocated),
    ],
    targets: targetsOf(measured),
    charts: [
      { name: 'one-key', title: 'A cached read, × `await map.get(key)`', drawing: barsOf(one) },
      {
        name: 'load',
        title: '20 cached secrets at once, × Promise.all of 20 map.get',
        drawing: barsOf(loaded),
      },
    ],
    notes: [
      'Each contender has a loop that is compiled for it alone: a loop that were shared would be compiled for all kinds of calls at once, and be slower for every one.',
      'Times are processor time of the process, garbage collection included. Each sample is divided by the sample of the floor in the same round; a full garbage collection comes before each.',
      'Groups run in processes of their own. Nothing is fetched while they are timed: everything was read once before, through the AWS SDK (of 10 000 keys with answers from memory, otherwise from the emulator), and compared with what was stored.',
      'The floor never expires, and neither do `p-memoize` and `dataloader`; reading the clock once is most of what a lifetime costs.',
      '“Written in place” means a JSON Schema that is another object at each read: it cannot be known again, so that the value is checked anew.',
      'Bytes are what the heap grows by while nothing is collected. Who allocates is from V8’s sampling heap profile; the engine’s own objects for an `await` count for the loop that awaits. The 16 bytes of whoever reads the clock are the number that the engine makes for `Date.now()`.',
    ],
  }
}

function ratioTable(title: string, timings: readonly Timing[]): Table {
  return {
    title,
    columns: ['contender', '× the floor', 'ns'],
    rows: timings.map(({ name, ratios, ns }) => [name, spread(ratios, 2), median(ns).toFixed(0)]),
  }
}

function manyTable(draws: readonly Draw[]): Table {
  const [uniform, zipf] = draws
  return {
    title: '10 000 cached secrets, read in the order of a draw',
    columns: ['contender', ...draws.flatMap(({ order }) => [`${order}, × the floor`, 'ns'])],
    rows: (uniform?.timings ?? []).map(({ name, ratios, ns }, position) => {
      const other = zipf?.timings[position]
      return [
        name,
        spread(ratios, 2),
        median(ns).toFixed(0),
        spread(other?.ratios ?? [], 2),
        median(other?.ns ?? []).toFixed(0),
      ]
    }),
  }
}

function turnTable(timings: readonly Timing[]): Table {
  const floor = timings[0]?.ns ?? []
  return {
    title: 'One read in each turn of the event loop; the floor has the turn and `map.get`',
    columns: ['contender', '× the floor', 'ns more than the floor'],
    rows: timings.map(({ name, ratios, ns }) => {
      const more = ns.map((own, round) => own - (floor[round] ?? NaN))
      return [name, spread(ratios, 2), spread(more)]
    }),
  }
}

function allocationTable(allocated: readonly Allocation[]): Table {
  const floor = allocated[0]?.bytes ?? NaN
  return {
    title: 'Bytes allocated by a cached read',
    columns: ['contender', 'bytes', 'more than the floor', 'allocated by'],
    rows: allocated.map(({ name, bytes, allocators }) => [
      name,
      bytes.toFixed(1),
      (bytes - floor).toFixed(1),
      allocators
        .filter(({ share }) => share >= 0.02)
        .map(({ name: by, share }) => `${by} ${(share * 100).toFixed(0)} %`)
        .join(', '),
    ]),
  }
}

function barsOf(timings: readonly Timing[]): Bars {
  return {
    kind: 'bars',
    unit: '× the floor',
    isLogarithmic: true,
    bars: timings.map(({ name, isOurs, ratios }) => ({
      label: name.replaceAll('`', ''),
      median: median(ratios),
      min: Math.min(...ratios),
      max: Math.max(...ratios),
      isOurs,
    })),
  }
}

function targetsOf({ one, allocated }: Measured): readonly Target[] {
  const ratiosOf = (name: string) => one.find((timing) => timing.name === name)?.ratios ?? []
  const atMost = (name: string, most: number): Target => ({
    what: `a hit, ${name}`,
    goal: `≤ ${most} × the floor`,
    measured: spread(ratiosOf(name), 2),
    isMet: median(ratiosOf(name)) <= most,
  })
  const own = ratiosOf(oursText.name)
  const theirs = ratiosOf(powertoolsRaw.name)
  const faster = theirs.map((ratio, round) => ratio / (own[round] ?? NaN))
  const bytesOf = (name: string) => allocated.find((allocation) => allocation.name === name)?.bytes ?? NaN
  const more = bytesOf(oursText.name) - bytesOf(floorWithExpiry.name)
  return [
    atMost(oursText.name, 2.2),
    atMost(oursSchema.name, 2.5),
    atMost(oursSchemaInPlace.name, 2.5),
    {
      what: 'a hit, `get(ref)` beside Powertools, raw',
      goal: '≥ 4 × faster',
      measured: spread(faster, 1),
      isMet: median(faster) >= 4,
    },
    {
      what: 'bytes that `get(ref)` allocates beyond the promise job and the number of `Date.now()`',
      goal: '0',
      measured: more.toFixed(1),
      isMet: more < 1,
    },
  ]
}
