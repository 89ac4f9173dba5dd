/**
 * Measures the library beside what a user would pick instead: `npm run bench`, or with the names of benches to run only
 * those. Prints tables, and the figures that must show, met or not; keeps both with charts in `bench/results/`.
 * `--quick` only tries whether everything works, and keeps nothing. Exits with 1 if a bench fails; figures fail nothing,
 * since they depend on the machine.
 *
 * @module
 */

import { parseArgs } from 'node:util'
import type { Results, Target } from './harness/bench.js'
import { BENCHES } from './harness/benches.js'
import { svgOf } from './harness/charts.js'
import { circumstances } from './harness/machine.js'
import { reportOf, targetsOf } from './harness/report.js'
import { keepIndex, keepReport } from './harness/results.js'
import { inWorker } from './harness/worker.js'

/** Charts are shown in READMEs. */
const MOST_SVG_BYTES = 40_000

const ONE = new URL('./harness/one.ts', import.meta.url)

const { values, positionals } = parseArgs({
  options: { quick: { type: 'boolean', default: false } },
  allowPositionals: true,
})
const unknown = positionals.filter((name) => !(name in BENCHES))
if (unknown.length > 0) {
  throw new TypeError(`${unknown.join(', ')}: expected ${Object.keys(BENCHES).join(', ')}`)
}
const wanted = positionals.length > 0 ? positionals : Object.keys(BENCHES)
const targets: Target[] = []
for (const name of wanted) targets.push(...(await run(name, values.quick)))
console.log(`\n# What must show\n\n${targetsOf(targets)}\n`)

async function run(name: string, isQuick: boolean): Promise<readonly Target[]> {
  console.error(`${name} …`)
  const startedAt = performance.now()
  const endOf = await circumstances()
  try {
    const { title, results } = await inWorker<{ title: string; results: Results }>(ONE, { name, isQuick })
    const report = { name, title, circumstances: endOf(), results }
    const charts = results.charts.map((chart) => ({ name: `${name}-${chart.name}`, svg: svgOf(chart) }))
    console.log(`\n${reportOf(report)}`)
    for (const { name: drawn, svg } of charts) {
      if (svg.length > MOST_SVG_BYTES) throw new Error(`${drawn}.svg has ${svg.length} bytes`)
    }
    if (!isQuick) await keepReport(report, charts)
    if (!isQuick) await keepIndex(Object.keys(BENCHES))
    return results.targets
  } catch (error) {
    console.error(error)
    process.exitCode = 1
    return [{ what: name, goal: 'it runs', measured: 'failed', isMet: false }]
  } finally {
    console.error(`${name}: ${((performance.now() - startedAt) / 1000).toFixed(0)} s`)
  }
}
