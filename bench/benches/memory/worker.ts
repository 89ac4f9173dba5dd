/**
 * The process in which one contender keeps its secrets.
 *
 * @module
 */

import { Session } from 'node:inspector/promises'
import { isDeepStrictEqual } from 'node:util'
import { type Clients, type Contender, type Scope, readOf } from '../../contenders/contender.js'
import { fetchSecret } from '../../contenders/sdk.js'
import { serveWorker } from '../../harness/worker.js'
import { sdkClients } from '../../support/clients.js'
import { dbSecret, namesOf } from '../../support/secrets.js'
import { KEEPERS } from './contenders.js'

/** What is measured. */
export interface MemoryOrder {
  readonly name: string
  readonly secrets: number
  readonly bytes: number
}

/** Reads that are under way at a time. */
const AT_ONCE = 500

/** Secrets that the contender reads before anything is counted, so that its code is there. */
const REHEARSED = 200

/** Secrets that the SDK reads by itself before anything is counted. */
const FETCHED = 2000

/** Held for as long as the process lives. */
const held: Scope[] = []

serveWorker(async ({ name, secrets, bytes }: MemoryOrder): Promise<number> => {
  const contender = KEEPERS.find((keeper) => keeper.name === name)
  if (contender === undefined) throw new TypeError(`there is no contender ${name}`)
  const clients = sdkClients()
  const keys = namesOf('prod/kept', secrets)
  // A key is the contender's own from the first use on: hashed, and no longer in pieces.
  for (const key of keys) new Map([[key, 1]]).get(key)
  await inTurns(keys.slice(0, FETCHED), (key) => fetchSecret(clients.secretsManager, key))
  await readAll(contender, clients, keys.slice(0, REHEARSED))
  const before = await heldBytes()
  held.push(await readAll(contender, clients, keys))
  const after = await heldBytes()
  await check(contender, held, keys, bytes)
  return (after - before) / secrets
})

async function readAll(contender: Contender, clients: Clients, keys: readonly string[]): Promise<Scope> {
  const scope = await contender.create(clients, keys)
  await inTurns(keys, readOf(contender, scope))
  return scope
}

async function inTurns(keys: readonly string[], read: (key: string) => Promise<unknown>): Promise<void> {
  for (let from = 0; from < keys.length; from += AT_ONCE) {
    await Promise.all(keys.slice(from, from + AT_ONCE).map(read))
    // Some of what a call leaves behind is let go of only between two turns.
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/**
 * Heap, and tables that are outside of it, once everything that can be collected is. The inspector collects until nothing
 * more goes, and empties V8's own caches; a plain forced collection leaves megabytes behind.
 */
async function heldBytes(): Promise<number> {
  const session = new Session()
  session.connect()
  for (let time = 0; time < 3; time += 1) {
    await session.post('HeapProfiler.collectGarbage')
    // What waits for a finaliser or a timer goes with the next collection.
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  session.disconnect()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

async function check(
  contender: Contender,
  [scope = {}]: readonly Scope[],
  keys: readonly string[],
  bytes: number,
): Promise<void> {
  const last = keys.length - 1
  const value = await readOf(contender, scope)(keys[last] ?? '')
  const secret = dbSecret(last, bytes)
  const expected = contender.gives === 'json' ? secret : JSON.stringify(secret)
  if (!isDeepStrictEqual(value, expected)) throw new Error(`${contender.name} gave something else`)
}
