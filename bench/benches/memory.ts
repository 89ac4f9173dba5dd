/**
 * What a cached secret takes of the heap, × that of a `Map` of parsed objects.
 *
 * @module
 */

import type { Contender } from '../contenders/contender.js'
import { oursSchema, oursText } from '../contenders/ours.js'
import type { Bench, Results, Target } from '../harness/bench.js'
import { type Server, withServer } from '../harness/server.js'
import { inWorker } from '../harness/worker.js'
import { dbSecret, namesOf } from '../support/secrets.js'
import { KEEPERS } from './memory/contenders.js'
import type { MemoryOrder } from './memory/worker.js'

const WORKER = new URL('./memory/worker.ts', import.meta.url)
const SECRET_BYTES = 1024

/** What the targets need, besides the floor. */
const NEEDED: readonly (Contender | undefined)[] = [KEEPERS[0], oursText, oursSchema]

/** What one contender came to. */
interface Kept {
  readonly name: string
  readonly isOurs: boolean
  readonly bytes: number
  /** × the floor. */
  readonly ratio: number
}

/** The bench of what is kept. */
export const memory: Bench = {
  name: 'memory',
  title: 'Heap of a cached secret',
  measure: ({ isQuick }) =>
    withServer({}, async (server) => {
      const secrets = isQuick ? 1000 : 10_000
      await seed(server, secrets)
      const keepers = isQuick ? KEEPERS.filter((keeper) => NEEDED.includes(keeper)) : KEEPERS
      const bytes = await inPairs(keepers.map((keeper) => () => bytesOf(keeper, secrets)))
      const [floor = NaN] = bytes
      const kept = keepers.map(({ name, isOurs }, position) => {
        const own = bytes[position] ?? NaN
        return { name, isOurs, bytes: own, ratio: own / floor }
      })
      return resultsOf(kept, secrets)
    }),
}

function bytesOf({ name }: Contender, secrets: number): Promise<number> {
  const order: MemoryOrder = { name, secrets, bytes: SECRET_BYTES }
  return inWorker<number>(WORKER, order)
}

async function seed(server: Server, secrets: number): Promise<void> {
  const entries = namesOf('prod/kept', secrets).map((name, position): [string, string] => [
    name,
    JSON.stringify(dbSecret(position, SECRET_BYTES)),
  ])
  await server.seed({ secrets: Object.fromEntries(entries) })
}

/** Two at a time: what is counted does not depend on speed. */
async function inPairs(tasks: readonly (() => Promise<number>)[]): Promise<readonly number[]> {
  const done: number[] = []
  for (let from = 0; from < tasks.length; from += 2) {
    done.push(...(await Promise.all(tasks.slice(from, from + 2).map((task) => task()))))
  }
  return done
}

function resultsOf(kept: readonly Kept[], secrets: number): Results {
  const target = (contender: Contender): Target => {
    const ratio = kept.find(({ name }) => name === contender.name)?.ratio ?? NaN
    return {
      what: `heap of a cached secret of ${SECRET_BYTES} bytes, ${contender.name}`,
      goal: '≤ 1.1 × a Map of parsed objects',
      measured: ratio.toFixed(2),
      isMet: ratio <= 1.1,
    }
  }
  return {
    tables: [
      {
        title: `${secrets} secrets of ${SECRET_BYTES} bytes of JSON, read and kept`,
        columns: ['contender', '× the floor', 'bytes of a secret'],
        rows: kept.map(({ name, ratio, bytes }) => [name, ratio.toFixed(2), bytes.toFixed(0)]),
      },
    ],
    targets: [target(oursSchema), target(oursText)],
    charts: [
      {
        name: 'heap',
        title: 'Heap of a cached secret, × a Map of parsed objects',
        drawing: {
          kind: 'bars',
          unit: '× the floor',
          isLogarithmic: false,
          bars: kept.map(({ name, isOurs, ratio }) => ({
            label: name.replaceAll('`', ''),
            median: ratio,
            min: ratio,
            max: ratio,
            isOurs,
          })),
        },
      },
    ],
    notes: [
      'Each contender reads in a fresh process, through the AWS SDK from the emulator; what is left when nothing more can be collected is counted, tables that are allocated in advance included. Repeated, it differs by 1 to 4 %.',
      'Bounds are raised for all alike, to twice as many entries as there are.',
      'Only this library keeps what it needs to follow versions, serve through outages and mask values in logs; the others keep a value and, some of them, when it expires.',
    ],
  }
}
