/**
 * Measures what the library promises and prints it: `npm run bench:figures`, or with the names of sections to measure
 * only those. Asserts nothing: numbers depend on the machine.
 *
 * @module
 */

import { coldReads } from './figures/cold-reads.js'
import { fleet } from './figures/fleet.js'
import { hitPath } from './figures/hit-path.js'
import { outage } from './figures/outage.js'
import { recovery } from './figures/recovery.js'
import { throttled } from './figures/throttled.js'
import { type Section, tableOf } from './support/figure.js'

const SECTIONS: readonly Section[] = [
  { name: 'cold', title: 'Cold burst', measure: coldReads },
  {
    name: 'throttled',
    title: 'Throttled: 300 parameters, 40 requests/s, burst 40, one process',
    measure: throttled,
  },
  { name: 'fleet', title: 'Fleet: 20 processes × 30 parameters, 40 requests/s, burst 40', measure: fleet },
  { name: 'outage', title: 'Outage: warm secrets, 200 reads/s', measure: outage },
  {
    name: 'recovery',
    title: 'Recovery: 1000 cold clients, 30 s outage, then 200 requests/s',
    measure: recovery,
  },
  { name: 'hits', title: 'A hit, × the floor', measure: hitPath },
]

// tsx switches them on: with them each error that is made costs what a hundred reads cost.
process.setSourceMapsEnabled(false)
const wanted = process.argv.slice(2)
for (const { name, title, measure } of SECTIONS) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  console.log(`\n${tableOf(title, await measure())}`)
}
