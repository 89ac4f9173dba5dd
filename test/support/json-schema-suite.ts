/** The JSON-Schema-Test-Suite: its required cases, each with a schema that needs nothing from elsewhere. */

import { readFileSync, readdirSync } from 'node:fs'
import type { JsonSchema } from '../../src/decode/json-schema/json-schema.js'

const SUITE = new URL('../data/json-schema-test-suite/', import.meta.url)

/** Where the suite expects its `remotes` to be served. */
const SERVER = 'http://localhost:1234/'

const METASCHEMA = 'http://json-schema.org/draft-07/schema'

/** A draft of the suite, as its directories are called. */
export type Draft = 'draft7' | 'draft2020-12'

/** One case: whether `schema` accepts `data`. */
export interface Case {
  readonly title: string
  readonly schema: JsonSchema
  readonly data: unknown
  readonly valid: boolean
}

interface Group {
  readonly description: string
  readonly schema: object | boolean
  readonly tests: readonly { readonly description: string; readonly data: unknown; readonly valid: boolean }[]
}

/** Every case of a draft. */
export function casesOf(draft: Draft): readonly Case[] {
  const remotes = remotesOf(draft)
  const directory = new URL(`tests/${draft}/`, SUITE)
  return readdirSync(directory)
    .sort()
    .flatMap((file) => {
      const groups = read(new URL(file, directory)) as readonly Group[]
      return groups.flatMap(({ description, schema, tests }) => {
        const bundled = bundle(schema, draft, remotes)
        return tests.map((test) => ({
          title: `${file.replace('.json', '')}: ${description}: ${test.description}`,
          schema: bundled,
          data: test.data,
          valid: test.valid,
        }))
      })
    })
}

function read(file: URL): object {
  return JSON.parse(readFileSync(file, 'utf8')) as object
}

/** Schemas that the suite serves or takes for known, by their address. */
function remotesOf(draft: Draft): ReadonlyMap<string, object> {
  const directory = new URL('remotes/', SUITE)
  const metaschema = new URL('metaschemas/draft7.json', SUITE)
  const files = readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => file.endsWith('.json') && (!file.startsWith('draft') || file.startsWith(`${draft}/`)))
  const remotes = files.map((file) => [`${SERVER}${file}`, read(new URL(file, directory))] as const)
  return new Map(draft === 'draft7' ? [...remotes, [METASCHEMA, read(metaschema)]] : remotes)
}

/**
 * One document, as the specification calls a bundle: remote schemas among the definitions, under the address
 * at which they would be served. A boolean schema becomes an object that says the same.
 */
function bundle(schema: object | boolean, draft: Draft, remotes: ReadonlyMap<string, object>): JsonSchema {
  const keyword = draft === 'draft7' ? 'definitions' : '$defs'
  const $schema = draft === 'draft7' ? `${METASCHEMA}#` : undefined
  const root = typeof schema === 'boolean' ? { allOf: [schema] } : schema
  const needed = neededBy(root, remotes)
  const own = (Reflect.get(root, keyword) ?? {}) as object
  const definitions = {
    ...own,
    ...Object.fromEntries(needed.flatMap((uri) => served(uri, remotes.get(uri)))),
  }
  return {
    ...($schema !== undefined && { $schema }),
    ...root,
    ...(needed.length > 0 && { [keyword]: definitions }),
  }
}

/** A schema under its address; one with an identifier of its own gets a second name that refers to it. */
function served(uri: string, remote: object | undefined): [string, object][] {
  const id: unknown = Reflect.get(remote ?? {}, '$id')
  if (typeof id !== 'string' || new URL(id, uri).href.replace(/#$/, '') === uri) {
    return [[uri, { ...remote, $id: uri }]]
  }
  const alias = { $id: uri, allOf: [{ $ref: id }] }
  return [
    [uri, alias],
    [`${uri} itself`, remote ?? {}],
  ]
}

/** Addresses that a schema and the schemas at them refer to; also relative ones, which end like an address. */
function neededBy(schema: object, remotes: ReadonlyMap<string, object>): readonly string[] {
  const needed = new Set<string>()
  const pending: object[] = [schema]
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const text = JSON.stringify(next, (key, value: unknown) => (key === '$schema' ? undefined : value))
    for (const [uri, remote] of remotes) {
      const file = uri === METASCHEMA ? uri : uri.slice(uri.lastIndexOf('/') + 1)
      if (needed.has(uri) || !text.includes(file)) continue
      needed.add(uri)
      pending.push(remote)
    }
  }
  return [...needed]
}
