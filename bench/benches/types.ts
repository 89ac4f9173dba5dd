/**
 * How long the compiler takes to check a manifest.
 *
 * @module
 */

import type { Bench, Table } from '../harness/bench.js'
import { median, spread } from '../support/statistics.js'
import { type Check, WarmCompiler, checkCold } from './types/compiler.js'
import { EMPTY, ONLY_JSON_SCHEMAS, sourcesOf } from './types/projects.js'

const ALIASES = 50

const GOAL_MS = 1000

/** The bench of the compiler. */
export const types: Bench = {
  name: 'types',
  title: 'Types: what a manifest costs the compiler',
  async measure({ isQuick }) {
    const rounds = isQuick ? 1 : 7
    const { cold, overEmptyMs } = await measureCold(rounds)
    const warm = measureWarm(isQuick ? [ALIASES] : [25, ALIASES, 100, 200], isQuick ? 1 : 3)
    const least = Math.min(...overEmptyMs)
    const label = `\`tsc\`, ${ALIASES} aliases, over an empty project`
    return {
      tables: [cold, warm.table],
      targets: [
        {
          what: `${label} with the same schemas`,
          goal: `≤ ${GOAL_MS} ms`,
          measured: `${spread(overEmptyMs)} ms of processor time`,
          isMet: median(overEmptyMs) <= GOAL_MS,
        },
        {
          what: `a warm compiler, ${ALIASES} aliases, over an empty project with the same schemas`,
          goal: `≤ ${GOAL_MS} ms`,
          measured: `${warm.addedMs.toFixed(0)} ms of processor time`,
          isMet: warm.addedMs <= GOAL_MS,
        },
      ],
      charts: [
        {
          name: 'tsc',
          title: `tsc: a manifest of ${ALIASES} aliases over an empty project`,
          drawing: {
            kind: 'bars',
            unit: 'ms of processor time',
            isLogarithmic: false,
            bars: [
              {
                label: 'added by the manifest',
                median: median(overEmptyMs),
                min: least,
                max: Math.max(...overEmptyMs),
                isOurs: true,
              },
            ],
          },
        },
      ],
      notes: [
        'The manifest has an entry of each kind in turn: references, JSON Schemas, zod, valibot, ready-made schemas, trees and parts; every value is assigned to the type that it must have.',
        'Schemas of zod and valibot cost what they cost without the library, and are in the project without the manifest too.',
        '`tsc` runs in a fresh process each time, and checks no declaration files; the warm compiler has parsed all files and checked nothing.',
      ],
    }
  },
}

async function measureCold(rounds: number): Promise<{ cold: Table; overEmptyMs: readonly number[] }> {
  const { baseline, loaded, defined } = sourcesOf(ALIASES)
  const jsonSchemas = sourcesOf(ALIASES, ONLY_JSON_SCHEMAS).loaded
  const projects = [
    ['nothing but the import of the library', 'empty', EMPTY],
    ['with schemas of zod and valibot', 'baseline', baseline],
    [`and with a manifest of ${ALIASES} aliases`, 'loaded', loaded],
    ['the same by `defineSecrets`', 'defined', defined],
    [`${ALIASES} JSON Schemas`, 'json-schemas', jsonSchemas],
  ] as const
  const checks = projects.map((): Check[] => [])
  for (let round = 0; round < rounds; round += 1) {
    for (const [position, [, name, text]] of projects.entries()) {
      checks[position]?.push(await checkCold(name, text))
    }
  }
  const cpuMs = (position: number) => checks[position]?.map((check) => check.cpuMs) ?? []
  const over = (position: number, others: number) =>
    cpuMs(position).map((ms, round) => ms - (cpuMs(others)[round] ?? NaN))
  const rows = projects.map(([label], position) => {
    const wall = spread(checks[position]?.map(({ wallMs }) => wallMs) ?? [])
    const memory = spread(checks[position]?.map(({ memoryMiB }) => memoryMiB) ?? [])
    const added = position === 0 ? '–' : spread(over(position, position === 1 ? 0 : 1))
    return [label, spread(cpuMs(position)), added, wall, memory]
  })
  const columns = ['project', 'processor ms', 'added', 'ms', 'MiB']
  return { cold: { title: '`tsc` from nothing', columns, rows }, overEmptyMs: over(2, 1) }
}

function measureWarm(sizes: readonly number[], rounds: number): { table: Table; addedMs: number } {
  const compiler = new WarmCompiler()
  // The compiler itself gets faster while it runs.
  compiler.leastMs(sourcesOf(ALIASES).loaded, rounds)
  let addedMs = NaN
  const rows = sizes.map((aliases) => {
    const { baseline, loaded, defined } = sourcesOf(aliases)
    const baselineMs = compiler.leastMs(baseline, rounds)
    const added = [loaded, defined, sourcesOf(aliases, ONLY_JSON_SCHEMAS).loaded].map(
      (text) => compiler.leastMs(text, rounds) - baselineMs,
    )
    if (aliases === ALIASES) addedMs = added[0] ?? NaN
    return [String(aliases), ...[baselineMs, ...added].map((ms) => ms.toFixed(0))]
  })
  const columns = ['aliases', 'without, ms', 'a manifest adds', 'by `defineSecrets`', 'all JSON Schemas']
  return { table: { title: 'A warm compiler, ms of processor time', columns, rows }, addedMs }
}
