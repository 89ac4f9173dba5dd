/**
 * The process of one bench.
 *
 * @module
 */

import { BENCHES } from './benches.js'
import { serveWorker } from './worker.js'

/** What is measured. */
export interface Order {
  readonly name: string
  readonly isQuick: boolean
}

serveWorker(async ({ name, isQuick }: Order) => {
  const bench = await BENCHES[name]?.()
  if (bench === undefined) throw new TypeError(`there is no bench ${name}`)
  return { title: bench.title, results: await bench.measure({ isQuick }) }
})
