/**
 * One process of the fleet: reads what it is told to, when it is told to, with connections that are open by then.
 *
 * @module
 */

import type { EmulatorClientConfig } from 'aws-secrets-client/emulator'
import { serveOrders } from '../../harness/plain-process.js'
import { type ReaderName, READERS, type Session } from './readers.js'

/** What a process is asked for; the answer is how many values were served. */
export interface Order {
  readonly reader: ReaderName
  readonly names: readonly string[]
  /** Starts over with a client for this service, and nothing cached; without it the client at hand reads. */
  readonly config?: EmulatorClientConfig
}

const sessions = new Map<ReaderName, Session>()

serveOrders(async ({ reader, names, config }: Order): Promise<number> => {
  if (config !== undefined) {
    sessions.get(reader)?.close()
    sessions.set(reader, await READERS[reader].start(config))
  }
  return (await sessions.get(reader)?.read(names)) ?? 0
})
