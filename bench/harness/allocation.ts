/**
 * How many bytes a loop allocates each time, counted and not sampled: what the heap grows by while nothing is collected.
 *
 * @module
 */

import { Session } from 'node:inspector/promises'
import { GCProfiler, getHeapStatistics } from 'node:v8'
import { garbageCollector } from '../support/garbage.js'
import { median } from '../support/statistics.js'

/** Flags of a process that measures: a young generation that is not collected before {@link MOST_BYTES}. */
export const ROOMY = ['--max-semi-space-size=128', '--min-semi-space-size=128']

const MOST_BYTES = 48 * 2 ** 20
const REPEATS = 7

/** Enough for the optimising compiler, which does away with some allocations. */
const WARM_UP_TIMES = 60_000

type Loop = (times: number) => Promise<void>

/** Bytes each time. */
export async function bytesPerTime(loop: Loop, isQuick = false): Promise<number> {
  const collectGarbage = garbageCollector()
  await loop(isQuick ? WARM_UP_TIMES / 10 : WARM_UP_TIMES)
  collectGarbage()
  const few = (await grownBy(loop, 500)) ?? MOST_BYTES
  const times = Math.max(500, Math.min(200_000, Math.floor(MOST_BYTES / (few / 500))))
  const counts: number[] = []
  for (let repeat = 0; repeat < (isQuick ? 3 : REPEATS); repeat += 1) {
    collectGarbage()
    const bytes = await grownBy(loop, times)
    if (bytes !== undefined) counts.push(bytes / times)
  }
  return median(counts)
}

/** `undefined` where a collection came in between. */
async function grownBy(loop: Loop, times: number): Promise<number | undefined> {
  const profiler = new GCProfiler()
  profiler.start()
  const before = getHeapStatistics().used_heap_size
  await loop(times)
  const bytes = getHeapStatistics().used_heap_size - before
  return profiler.stop().statistics.length === 0 ? bytes : undefined
}

/** A function that allocates, and its share of the bytes. */
export interface Allocator {
  readonly name: string
  readonly share: number
}

/**
 * Who allocates in a loop, by V8's sampling heap profiler, those that allocate most first. What the engine allocates for
 * an `await` counts for the function that awaits.
 */
export async function allocatorsOf(loop: Loop, times = 20_000): Promise<readonly Allocator[]> {
  const session = new Session()
  session.connect()
  await session.post('HeapProfiler.startSampling', {
    samplingInterval: 128,
    includeObjectsCollectedByMajorGC: true,
    includeObjectsCollectedByMinorGC: true,
  })
  await loop(times)
  const { profile } = await session.post('HeapProfiler.stopSampling')
  session.disconnect()
  const bytes = new Map<string, number>()
  const nodes = [profile.head]
  for (let node = nodes.pop(); node !== undefined; node = nodes.pop()) {
    nodes.push(...node.children)
    const name = nameOf(node.callFrame)
    bytes.set(name, (bytes.get(name) ?? 0) + node.selfSize)
  }
  const total = [...bytes.values()].reduce((sum, own) => sum + own, 0)
  return [...bytes]
    .map(([name, own]) => ({ name, share: own / total }))
    .sort((one, other) => other.share - one.share)
}

function nameOf({ functionName, url }: { readonly functionName: string; readonly url: string }): string {
  const file = url.split('?')[0]?.split('/').slice(-2).join('/') ?? ''
  return file === '' ? functionName || '(anonymous)' : `${functionName || '(anonymous)'} in ${file}`
}
