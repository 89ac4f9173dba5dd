/**
 * Measures what sealing costs a hit and prints it: `npx tsx bench/sealed.ts`. Each way to read a cached value takes
 * turns with the same of a client that does not seal. Asserts nothing: numbers depend on the machine.
 *
 * @module
 */

import { SecretsClient } from 'aws-secrets-client'
import { type Figure, tableOf } from './support/figure.js'
import { garbageCollector } from './support/garbage.js'
import { SimulatedService } from './support/simulated-service.js'
import { median, spread } from './support/statistics.js'
import { VirtualClock } from './support/virtual-clock.js'

const ROUNDS = 15
const WARM_UP_ROUNDS = 3
const SAMPLE_MS = 40
const BATCH = 500
const collectGarbage = garbageCollector()
const REF = 'prod/hot'
const FIELD = 'prod/hot#password'
const SCHEMA = {
  type: 'object',
  properties: { username: { type: 'string' }, password: { type: 'string' }, port: { type: 'integer' } },
  required: ['username', 'password', 'port'],
} as const

/** One way to read, of a client that keeps plaintext and of one that seals. */
interface Pair {
  readonly name: string
  readonly plain: Contender
  readonly sealed: Contender
}

/** A loop of its own for each, so that none is compiled for the kinds of another. */
interface Contender {
  readonly loop: (times: number) => Promise<void>
  readonly nsPerRead: number[]
}

/** Measures hits; the contenders take turns in rotated order. */
async function sealedHits(): Promise<readonly Figure[]> {
  const [plain, sealed] = [loopsOf(await warmClient(false)), loopsOf(await warmClient(true))]
  const pairs = plain.flatMap(({ name, ...one }, position): Pair[] => {
    const other = sealed[position]
    return other === undefined ? [] : [{ name, plain: one, sealed: other }]
  })
  const all = pairs.flatMap((pair) => [pair.plain, pair.sealed])
  for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round += 1) {
    for (const position of all.keys()) {
      const contender = all[(position + round) % all.length]
      const ns = contender === undefined ? NaN : await sample(contender)
      if (round >= WARM_UP_ROUNDS) contender?.nsPerRead.push(ns)
    }
  }
  return pairs.map(figureOf)
}

function figureOf({ name, plain, sealed }: Pair): Figure {
  const ratios = sealed.nsPerRead.map((ns, round) => ns / (plain.nsPerRead[round] ?? NaN))
  const [plainNs, sealedNs] = [plain, sealed].map(({ nsPerRead }) => median(nsPerRead).toFixed(0))
  return {
    what: name,
    measured: `× ${spread(ratios, 1)}; ${String(sealedNs)} ns beside ${String(plainNs)} ns`,
  }
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

/** Reads by the clock of the machine, like any client; only the service is simulated. The value is of about 1 KB. */
async function warmClient(seal: boolean): Promise<SecretsClient> {
  const clock = new VirtualClock()
  const service = new SimulatedService({
    clock,
    isDown: () => false,
    outage: 'refuses',
    ratePerSecond: 10_000,
  })
  const client = new SecretsClient({ seal, sources: [service], cache: { ttlMs: 86_400_000 } })
  const reads = Promise.all([client.get(REF), client.get(FIELD), client.get(REF, { schema: SCHEMA })])
  await new Promise((resolve) => setTimeout(resolve, 20))
  await clock.run(Infinity)
  await reads
  return client
}

function loopsOf(client: SecretsClient): readonly (Contender & { readonly name: string })[] {
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
    ['get(ref)', plain],
    ["get('…#field')", field],
    ['get(ref, { schema })', schema],
  ]
  return loops.map(([name, loop]) => ({ name, loop, nsPerRead: [] }))
}

// tsx switches them on: with them each error that is made costs what a hundred reads cost.
process.setSourceMapsEnabled(false)
console.log(`\n${tableOf('A hit of a sealed value, × one that is not', await sealedHits())}`)
