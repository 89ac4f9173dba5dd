/**
 * This library, as it is built.
 *
 * @module
 */

import { z } from 'zod'
import { builtLibrary } from '../support/built.js'
import type { Clients, Contender, Scope } from './contender.js'
import { TTL_MS } from './contender.js'
import { MAX_ENTRIES } from './lru-fetch.js'

/** The JSON Schema of a secret in these benches. */
const DB_CREDENTIALS = {
  type: 'object',
  properties: {
    id: { type: 'integer' },
    username: { type: 'string' },
    password: { type: 'string' },
    port: { type: 'integer' },
  },
  required: ['id', 'username', 'password', 'port'],
} as const

const DB_CREDENTIALS_ZOD = z.object({
  id: z.int(),
  username: z.string(),
  password: z.string(),
  port: z.int(),
})

/** A client, and the schemas that a read may name. */
export async function ourScope({ secretsManager, ssm }: Clients, onEvent?: () => void): Promise<Scope> {
  const { SecretsClient } = await builtLibrary(onEvent === undefined ? '' : 'heard')
  const secrets = new SecretsClient({
    clients: { secretsManager, ssm },
    cache: { ttlMs: TTL_MS, maxEntries: MAX_ENTRIES, maxBytes: 2 ** 30 },
    ...(onEvent !== undefined && { onEvent }),
  })
  return { secrets, DbCredentials: DB_CREDENTIALS, DbCredentialsZod: DB_CREDENTIALS_ZOD }
}

const ours = {
  isOurs: true,
  service: 'secretsmanager',
  create: (clients) => ourScope(clients),
} satisfies Partial<Contender>

/** Secrets as text. */
export const oursText: Contender = {
  ...ours,
  name: 'ours: `get(ref)`',
  read: 'secrets.get(key)',
  gives: 'text',
}

/** Secrets in JSON. */
export const oursJson: Contender = {
  ...ours,
  name: "ours: `get(ref, { as: 'json' })`",
  read: "secrets.get(key, { as: 'json' })",
  gives: 'json',
}

/** One field of a secret. */
export const oursField: Contender = {
  ...ours,
  name: "ours: `get('…#field')`",
  read: 'secrets.get(key)',
  gives: 'password',
}

/** Secrets that are checked by a JSON Schema. */
export const oursSchema: Contender = {
  ...ours,
  name: 'ours: `get(ref, { schema })`',
  read: 'secrets.get(key, { schema: DbCredentials })',
  gives: 'json',
}

/** The same with the JSON Schema written where it is used, so that it is another object at each read. */
export const oursSchemaInPlace: Contender = {
  ...ours,
  name: 'ours: `get(ref, { schema: {…} })`, written in place',
  read: `secrets.get(key, { schema: ${JSON.stringify(DB_CREDENTIALS)} })`,
  gives: 'json',
}

/** Secrets that are checked by zod. */
export const oursZod: Contender = {
  ...ours,
  name: 'ours: `get(ref, { schema: zodSchema })`',
  read: 'secrets.get(key, { schema: DbCredentialsZod })',
  gives: 'json',
}

/** Parameters as text; keys are behind `ssm:`. */
export const oursParameter: Contender = {
  ...ours,
  service: 'ssm',
  name: 'ours: `get(ref)` of a parameter',
  read: 'secrets.get(key)',
  gives: 'text',
}
