/**
 * Projects to type-check: a manifest of every kind of entry, and the same project without it.
 *
 * @module
 */

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

/** Entries with a JSON Schema each. */
export const ONLY_JSON_SCHEMAS = ENTRIES.slice(2, 3)

/** A project that does nothing but import the library. */
export const EMPTY = `import { SecretsClient } from 'aws-secrets-client'
export const secrets = new SecretsClient()
`

/** One project in three states. */
export interface Sources {
  /** Imports, and schemas of validators, which cost what they cost without the library. */
  readonly baseline: string
  /** With a manifest that is loaded. */
  readonly loaded: string
  /** With a manifest that is declared by itself and then loaded. */
  readonly defined: string
}

/** The project with so many aliases. */
export function sourcesOf(aliases: number, kinds = ENTRIES): Sources {
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
