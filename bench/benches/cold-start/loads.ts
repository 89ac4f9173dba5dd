/**
 * What a first read loads, and what it must leave alone.
 *
 * @module
 */

import type { Table, Target } from '../../harness/bench.js'
import { type Loaded, filesOf, loadedBy } from './loaded.js'
import type { Layout, Scratch } from './scratch.js'

/** What a script must not load, as parts of paths; those of chunks as the build names them. */
interface Rule {
  readonly entry: string
  readonly layout: Layout
  readonly unwanted: Readonly<Record<string, string>>
}

const UNUSED = { 'schema checking': 'cfworker' }

const RULES: readonly Rule[] = (['import', 'require'] as const).flatMap((layout) => [
  { entry: 'ours-secret', layout, unwanted: { ...UNUSED, 'the client of SSM': 'client-ssm' } },
  {
    entry: 'ours-parameter',
    layout,
    unwanted: { ...UNUSED, 'the client of Secrets Manager': 'client-secrets' },
  },
  { entry: 'lean-secret', layout, unwanted: { ...UNUSED, 'the SDK': '@aws-sdk' } },
])

const COMPARED = [
  ['sdk-secret', 'import'],
  ['ours-secret', 'import'],
  ['ours-schema', 'import'],
  ['lean-secret', 'import'],
  ['ours-secret', 'require'],
  ['sdk-parameter', 'import'],
  ['ours-parameter', 'import'],
  ['ours-parameter', 'require'],
  ['ours-secret', 'split'],
  ['ours-parameter', 'split'],
] as const

/** Lists what is loaded, and holds it to the rules. */
export async function checkedLoads(
  scratch: Scratch,
  env: NodeJS.ProcessEnv,
): Promise<{ readonly table: Table; readonly targets: readonly Target[] }> {
  const rows: string[][] = []
  for (const [entry, layout] of COMPARED) {
    const loaded = await loadedBy(scratch.scriptOf(entry, layout), env)
    const own = filesOf(loaded, 'node_modules/aws-secrets-client/')
    const cells = [loaded.files.length, loaded.kiB.toFixed(0), own.files.length, own.kiB.toFixed(0)]
    rows.push([`${entry}, by ${layout}`, ...cells.map(String)])
  }
  const columns = ['script', 'files', 'KiB', "of them the library's", 'KiB']
  const targets: Target[] = []
  for (const rule of RULES) {
    targets.push(targetOf(rule, await loadedBy(scratch.scriptOf(rule.entry, rule.layout), env)))
  }
  return { table: { title: 'What is loaded by the first value', columns, rows }, targets }
}

function targetOf({ entry, layout, unwanted }: Rule, loaded: Loaded): Target {
  const found = Object.entries(unwanted).flatMap(([what, part]) =>
    filesOf(loaded, part).files.length > 0 ? [what] : [],
  )
  return {
    what: `${entry} by ${layout} loads nothing of ${Object.keys(unwanted).join(', ')}`,
    goal: 'none',
    measured: found.length === 0 ? 'none' : found.join(', '),
    isMet: found.length === 0,
  }
}
