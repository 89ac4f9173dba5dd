/**
 * What a hit costs, as a ratio to `await map.get(key)` of a map of promises in the same round.
 *
 * @module
 */

import { SecretsClient } from 'aws-secrets-client'
import { garbageCollector } from '../support/garbage.js'
import type { Figure } from '../support/figure.js'
import { median, spread } from '../support/statistics.js'
import { SimulatedService } from '../support/simulated-service.js'
import { VirtualClock } from '../support/virtual-clock.js'

const ROUNDS = 15
const WARM_UP_ROUNDS = 3
const SAMPLE_MS = 40
const BATCH = 2000
const collectGarbage = garbageCollector()
const REF = 'prod/hot'
const FIELD = 'prod/hot#password'
const SCHEMA = {
  type: 'object',
  properties: { username: { type: 'string' }, password: { type: 'string' }, port: { type: 'integer' } },
  required: ['username', 'password', 'port'],
} as const

/** A loop of its own for each, so that none is compiled for the kinds of another. */
interface Contender {
  readonly name: string
  readonly loop: (times: number) => Promise<void>
  readonly nsPerRead: number[]
}

/** Measures hits with and without a listener; the contenders take turns in rotated order. */
export async function hitPath(): Promise<readonly Figure[]> {
  const [floor, ...others] = await contenders()
  if (floor === undefined) return []
  const all = [floor, ...others]
  for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round += 1) {
    for (const position of all.keys()) {
      const contender = all[(position + round) % all.length]
      const ns = contender === undefined ? NaN : await sample(contender)
      if (round >= WARM_UP_ROUNDS) contender?.nsPerRead.push(ns)
    }
  }
  return all.map(({ name, nsPerRead }) => {
    const ratios = nsPerRead.map((ns, round) => ns / (floor.nsPerRead[round] ?? NaN))
    return { what: name, measured: `× ${spread(ratios, 2)}; ${median(nsPerRead).toFixed(0)} ns` }
  })
}

async function sample({ loop }: Contender): Promise<number> {
  collectGarbage()
  const startedAt = performance.now()
  let reads = 0
  let elapsedMs = 0
  while (elapsedMs < SAMPLE_MS) {
    await loop(BATCH)
    reads += BATCH
    elapsedMs = performance.now() - startedAt
  }
  return (elapsedMs * 1e6) / reads
}

async function contenders(): Promise<readonly Contender[]> {
  const text = JSON.stringify({ username: 'orders_app', password: 'p', port: 5432 })
  const map = new Map([[REF, Promise.resolve(text)]])
  const floor = async (times: number) => {
    for (let time = 0; time < times; time += 1) await map.get(REF)
  }
  const quiet = await warmClient()
  const heard = await warmClient(() => undefined)
  return [
    { name: 'await map.get(key)', loop: floor, nsPerRead: [] },
    ...loopsOf(quiet, ''),
    ...loopsOf(heard, ', with onEvent'),
  ]
}

/** Reads by the clock of the machine, like any client; only the service is simulated. */
async function warmClient(onEvent?: () => void): Promise<SecretsClient> {
  const clock = new VirtualClock()
  const service = new SimulatedService({
    clock,
    isDown: () => false,
    outage: 'refuses',
    ratePerSecond: 10_000,
  })
  const client = new SecretsClient({ sources: [service], onEvent, cache: { ttlMs: 86_400_000 } })
  const reads = Promise.all([
    client.get(REF),
    client.get(FIELD),
    client.get(REF, { schema: SCHEMA }),
    client.get(REF, { as: 'json' }),
  ])
  await new Promise((resolve) => setTimeout(resolve, 20))
  await clock.run(Infinity)
  await reads
  return client
}

function loopsOf(client: SecretsClient, suffix: string): readonly Contender[] {
  const plain = async (times: number) => {
    for (let time = 0; time < times; time += 1) await client.get(REF)
  }
  const field = async (times: number) => {
    for (let time = 0; time < times; time += 1) await client.get(FIELD)
  }
  const schema = async (times: number) => {
    for (let time = 0; time < times; time += 1) await client.get(REF, { schema: SCHEMA })
  }
  const loops: readonly [string, Contender['loop']][] = [
    [`get(ref)${suffix}`, plain],
    [`get('…#field')${suffix}`, field],
    [`get(ref, { schema })${suffix}`, schema],
  ]
  return loops.map(([name, loop]) => ({ name, loop, nsPerRead: [] }))
}
