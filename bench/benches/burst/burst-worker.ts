/**
 * The process that reads: one repetition for each order, with everything new but the code.
 *
 * @module
 */

import type { EmulatorClientConfig } from 'aws-secrets-client/emulator'
import { serveOrders } from '../../harness/plain-process.js'
import { garbageCollector } from '../../support/garbage.js'
import { median } from '../../support/statistics.js'
import { READERS, type Service, upstreamOf } from './readers.js'
import { roundTrip } from './round-trip.js'

/** What is measured; the answer is how long it took, in milliseconds. */
export interface Order {
  readonly config: EmulatorClientConfig
  readonly service: Service
  /** What each of the names holds is `{ id }` with its place, among others. */
  readonly names: readonly string[]
  /** Place in `READERS` of the service; without it, one round trip. */
  readonly reader?: number
}

const READS = 1000

/** The floor is their median. */
const ROUND_TRIPS = 5

const collectGarbage = garbageCollector('minor')

serveOrders(({ reader, ...order }: Order) => (reader === undefined ? floor(order) : burst(order, reader)))

async function floor({ config, service, names: [name] }: Order): Promise<number> {
  const call =
    service === 'secretsmanager'
      ? { service, target: 'secretsmanager.GetSecretValue', input: { SecretId: name } }
      : { service, target: 'AmazonSSM.GetParameter', input: { Name: name, WithDecryption: true } }
  collectGarbage()
  const trips: number[] = []
  for (let trip = 0; trip < ROUND_TRIPS; trip += 1) {
    const startedAt = performance.now()
    await roundTrip(config, call)
    trips.push(performance.now() - startedAt)
  }
  return median(trips)
}

async function burst({ config, service, names }: Order, place: number): Promise<number> {
  const reader = READERS[service][place]
  if (reader === undefined) throw new Error(`there is no reader ${place}`)
  const reads = Array.from({ length: READS }, (_, position) => names[position % names.length] ?? '')
  const upstream = upstreamOf(service, config)
  const readAll = await reader.start(upstream)
  collectGarbage()
  const startedAt = performance.now()
  const values = await readAll(reads)
  const wallMs = performance.now() - startedAt
  upstream.client.destroy()
  if (!values.every((value, position) => isOf(value, position % names.length))) {
    throw new Error(`${reader.title} gave another value`)
  }
  return wallMs
}

function isOf(value: unknown, id: number): boolean {
  return typeof value === 'object' && value !== null && Reflect.get(value, 'id') === id
}
