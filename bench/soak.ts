/**
 * Looks for leaks: `npm run bench:soak -- --seconds 120`. A million keys go through one client in random order, with
 * refreshes, invalidations, aborts and failures. Exits with 1 only if a bound is exceeded or something is still under
 * way at the end; the heap is printed, not judged, since its numbers depend on the machine.
 *
 * @module
 */

import { parseArgs } from 'node:util'
import { SecretsClient } from 'aws-secrets-client'
import { Churn, KEYS } from './support/churn.js'
import { ChurningSource } from './support/churning-source.js'
import { garbageCollector } from './support/garbage.js'
import { seededRandom } from './support/seeded-random.js'
import { slope } from './support/statistics.js'

const MAX_ENTRIES = 2_000
const MAX_BYTES = 3 * 1024 * 1024
const SAMPLES = 40

/** Part of the time that does not count for the slope: code is compiled and the cache fills. */
const WARM_UP = 0.25

interface Sample {
  readonly minutes: number
  readonly heapMiB: number
}

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '600' } } })
const durationMs = Number(values.seconds) * 1000
if (!(durationMs > 0)) throw new TypeError('--seconds: expected a number above 0')
process.setSourceMapsEnabled(false)
await soak()

async function soak(): Promise<void> {
  const collectGarbage = garbageCollector()
  const source = new ChurningSource(seededRandom(1))
  const client = new SecretsClient({
    sources: [source],
    cache: {
      maxEntries: MAX_ENTRIES,
      maxBytes: MAX_BYTES,
      ttlMs: 2_000,
      staleWhileRevalidateMs: 1_000,
      negativeTtlMs: 100,
    },
  })
  const churn = new Churn(client, seededRandom(2))
  const samples: Sample[] = []
  const startedAt = performance.now()
  const elapsed = () => performance.now() - startedAt
  const working = churn.run(() => elapsed() >= durationMs)
  while (elapsed() < durationMs) {
    await new Promise((resolve) => setTimeout(resolve, durationMs / SAMPLES))
    collectGarbage()
    const heapMiB = process.memoryUsage().heapUsed / 1024 / 1024
    samples.push({ minutes: elapsed() / 60_000, heapMiB })
    const { entries, bytes } = client.stats()
    const seconds = (elapsed() / 1000).toFixed(0)
    console.log(
      `${seconds.padStart(4)} s  heap ${heapMiB.toFixed(1)} MiB  ${churn.steps} reads  ${entries} entries  ${bytes} bytes`,
    )
  }
  await working
  await settled(source)
  report(client, churn, source, samples)
  await client.close()
}

/** Requests in the background may outlast their readers by their time limit. */
async function settled(source: ChurningSource): Promise<void> {
  for (let waited = 0; source.inFlight > 0 && waited < 10_000; waited += 50) {
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

function report(
  client: SecretsClient,
  churn: Churn,
  source: ChurningSource,
  samples: readonly Sample[],
): void {
  const steady = samples.slice(Math.floor(samples.length * WARM_UP))
  const { requests, hits, misses, stale, failures, evictions } = client.stats()
  const growth = slope(steady.map(({ minutes, heapMiB }) => ({ x: minutes, y: heapMiB })))
  console.log(
    `reads ${churn.steps}, of distinct keys ${churn.distinctKeys} of ${KEYS}, failed ${churn.failed}`,
  )
  console.log(
    `requests ${requests}, hits ${hits}, misses ${misses}, stale ${stale}, failed loads ${failures}, evictions ${evictions}`,
  )
  console.log(`heap after the first quarter: ${growth.toFixed(2)} MiB/min (least squares)`)
  console.log(
    `most entries ${churn.mostEntries} of ${MAX_ENTRIES}, most bytes ${churn.mostBytes} of ${MAX_BYTES}`,
  )
  console.log(`under way at the end: ${source.inFlight}`)
  const isWithin = churn.mostEntries <= MAX_ENTRIES && churn.mostBytes <= MAX_BYTES && source.inFlight === 0
  if (!isWithin || churn.foreign > 0) {
    console.error(`a bound was exceeded, or ${churn.foreign} reads failed with what is no SecretsError`)
    process.exitCode = 1
  }
}
