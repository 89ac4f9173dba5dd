/**
 * Measures how long the compiler takes to check a manifest: `npx tsx bench/types.ts`. Each size is checked with and
 * without the load, and the difference is printed. Asserts nothing: numbers depend on the machine.
 *
 * @module
 */

import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { type Figure, tableOf } from './support/figure.js'

const ROOT = fileURLToPath(new URL('..', import.meta.url))

/** The file that is checked; it is never written. */
const FILE = fileURLToPath(new URL('manifest.generated.ts', import.meta.url))

const ROUNDS = 3

const GOAL_MS = 1000

const HEAD = `
import * as v from 'valibot'
import { z } from 'zod'
import { SecretsClient, apiToken, defineSecrets, rdsCredentials } from 'aws-secrets-client'
export const secrets = new SecretsClient()
export const tools = [apiToken, defineSecrets, rdsCredentials] as const
`

/** Schemas of validators cost what they cost without us, and are in the baseline. */
const schemasOf = (n: number): string =>
  `export const z${n} = z.object({ url: z.url(), port: z.coerce.number(), tags: z.array(z.string()) })
export const v${n} = v.object({ host: v.string(), port: v.pipe(v.string(), v.transform(Number)) })`

/** One entry of each kind, in turn; and the type that its value must have. */
const ENTRIES: readonly ((position: number) => readonly [entry: string, type: string])[] = [
  (n) => [`'prod/key-${n}'`, 'string'],
  (n) => [`{ ref: 'prod/json-${n}', as: 'json', field: 'a' }`, 'unknown'],
  (n) => [
    `{ ref: 'prod/schema-${n}', schema: { type: 'object', properties: {
      user${n}: { type: 'string' }, port: { type: 'integer' }, tls: { enum: ['require', 'verify-full'] },
      hosts: { type: 'array', items: { type: 'string' } },
      pool: { type: 'object', properties: { size: { type: 'number' } }, required: ['size'] },
    }, required: ['user${n}', 'port'], additionalProperties: false } }`,
    `{ readonly user${n}: string; readonly port: number }`,
  ],
  (n) => [`{ ref: 'prod/zod-${n}', schema: z${n} }`, '{ port: number }'],
  (n) => [`{ ref: 'prod/valibot-${n}', schema: v${n}, default: null }`, '{ port: number } | null'],
  (n) => [`{ ref: 'prod/db-${n}', schema: rdsCredentials }`, '{ readonly port: number }'],
  (n) => [`{ tree: 'ssm:/prod/${n}', flat: true }`, 'Readonly<Record<string, string | readonly string[]>>'],
  (n) => [`{ tree: 'ssm:/prod/${n}/z', schema: z${n} }`, '{ port: number }'],
  (n) => [`{ ref: 'ssm:/prod/level-${n}', default: 'info', redacted: true }`, '{ reveal(): string }'],
  (n) => [`{ ref: 'prod/tls-${n}', as: 'bytes', parts: true }`, 'Uint8Array'],
]

/** Where the JSON Schema is among the kinds. */
const JSON_SCHEMA = 2

interface Sources {
  readonly baseline: string
  readonly loaded: string
  readonly defined: string
}

function sourcesOf(aliases: number, kinds = ENTRIES): Sources {
  const positions = Array.from({ length: aliases }, (_, position) => position)
  const baseline = [HEAD, ...positions.map(schemasOf)].join('\n')
  const entries = positions.flatMap((n) => kinds[n % kinds.length]?.(n) ?? [])
  const members = positions.map((n) => `  alias${n}: ${entries[2 * n] ?? ''},`).join('\n')
  const uses = positions
    .map((n) => `export const use${n}: ${entries[2 * n + 1] ?? ''} = all.alias${n}`)
    .join('\n')
  return {
    baseline,
    loaded: `${baseline}\nconst all = await secrets.load({\n${members}\n})\n${uses}`,
    defined: `${baseline}\nconst all = await secrets.load(defineSecrets({\n${members}\n}))\n${uses}`,
  }
}

function compilerOptions(): ts.CompilerOptions {
  const config: unknown = ts.readConfigFile(`${ROOT}tsconfig.json`, (path) => ts.sys.readFile(path)).config
  return ts.parseJsonConfigFileContent(config, { ...ts.sys, readDirectory: () => [] }, ROOT).options
}

/** Files that are parsed already: parsing is not what is measured. */
const parsed = new Map<string, ts.SourceFile>()

/** Milliseconds of processor time that checking the text takes, with nothing checked before. */
function checkMs(text: string, options: ts.CompilerOptions): number {
  const base = ts.createCompilerHost(options)
  const host: ts.CompilerHost = {
    ...base,
    fileExists: (path) => path === FILE || base.fileExists(path),
    getSourceFile(path, languageVersion) {
      if (path === FILE) return ts.createSourceFile(path, text, languageVersion)
      const file = parsed.get(path) ?? base.getSourceFile(path, languageVersion)
      if (file !== undefined) parsed.set(path, file)
      return file
    },
  }
  const program = ts.createProgram([FILE], options, host)
  const started = process.cpuUsage()
  const [problem] = program.getSemanticDiagnostics(program.getSourceFile(FILE))
  const { user, system } = process.cpuUsage(started)
  if (problem !== undefined) throw new Error(ts.flattenDiagnosticMessageText(problem.messageText, '\n'))
  return (user + system) / 1000
}

function bestMs(text: string, options: ts.CompilerOptions): number {
  return Math.min(...Array.from({ length: ROUNDS }, () => checkMs(text, options)))
}

function figuresOf(aliases: number, options: ts.CompilerOptions): readonly Figure[] {
  const { baseline, loaded, defined } = sourcesOf(aliases)
  const { loaded: schemas } = sourcesOf(aliases, ENTRIES.slice(JSON_SCHEMA, JSON_SCHEMA + 1))
  const baselineMs = bestMs(baseline, options)
  const figure = (what: string, text: string): Figure => ({
    what: `${aliases} aliases, ${what}`,
    measured: `+${(bestMs(text, options) - baselineMs).toFixed(0)} ms`,
    ...(aliases === 50 && { goal: `< ${GOAL_MS} ms` }),
  })
  return [
    { what: `${aliases} aliases, baseline`, measured: `${baselineMs.toFixed(0)} ms` },
    figure('a literal', loaded),
    figure('of defineSecrets', defined),
    figure('all of them JSON Schemas', schemas),
  ]
}

const options = compilerOptions()
// The compiler itself gets faster while it runs.
bestMs(sourcesOf(50).loaded, options)
console.log(
  tableOf(
    'Type-checking a load',
    [25, 50, 100, 200].flatMap((aliases) => figuresOf(aliases, options)),
  ),
)
