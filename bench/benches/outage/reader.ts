/**
 * Who reads through the outage: each with the same TTL, the same time limit of a request, and three attempts.
 *
 * @module
 */

import { SecretsProvider } from '@aws-lambda-powertools/parameters/secrets'
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { LRUCache } from 'lru-cache'
import { helper } from '../../contenders/helper.js'
import { fetchSecret } from '../../contenders/sdk.js'
import { builtLibrary } from '../../support/built.js'
import { PATIENCE_MS } from './plan.js'

/** Reads one secret, parsed. */
export interface Reader {
  readonly read: (name: string) => Promise<unknown>
  /** What it offers to someone whose value was refused: a value asked for now. */
  readonly readAnew?: (name: string) => Promise<unknown>
  /** Where it looks by itself for a value that is accepted: whether it has found one. */
  readonly use?: (name: string, accepts: (value: unknown) => boolean) => Promise<boolean>
}

/** Readers by the name that a process is started with. */
export const READERS = {
  helper: {
    title: 'hand-written helper',
    start: (ttlMs) => {
      return { read: helper({ secretsManager: sdkClient() }, ttlMs) }
    },
  },
  lruFetch: {
    title: 'lru-cache.fetch, allowStaleOnFetchRejection',
    start: (ttlMs) => {
      const client = sdkClient()
      const cache = new LRUCache<string, object>({
        max: 1000,
        ttl: ttlMs,
        allowStaleOnFetchRejection: true,
        noDeleteOnFetchRejection: true,
        fetchMethod: async (name) => Object(JSON.parse(await fetchSecret(client, name))) as object,
      })
      return { read: (name) => cache.fetch(name) }
    },
  },
  powertools: {
    title: 'powertools',
    start: (ttlMs) => ({ read: powertools(ttlMs).read }),
  },
  powertoolsForced: {
    title: 'powertools, forceFetch once refused',
    start: (ttlMs) => powertools(ttlMs),
  },
  ours: {
    title: 'aws-secrets-client',
    start: async (ttlMs) => ({ read: (await ours(ttlMs)).read }),
  },
  oursWithSecret: {
    title: 'aws-secrets-client, withSecret',
    start: (ttlMs) => ours(ttlMs),
  },
} satisfies Readonly<Record<string, Entry>>

/** What a process is started with. */
export type ReaderName = keyof typeof READERS

interface Entry {
  readonly title: string
  readonly start: (ttlMs: number) => Reader | Promise<Reader>
}

/** Without a limit of its own, the SDK waits for an answer for ever. */
function sdkClient(): SecretsManagerClient {
  return new SecretsManagerClient({ requestHandler: { requestTimeout: 2_000, throwOnRequestTimeout: true } })
}

function powertools(ttlMs: number): Reader {
  const provider = new SecretsProvider({ awsSdkV3Client: sdkClient() })
  const settings = { transform: 'json', maxAge: ttlMs / 1000 } as const
  return {
    read: (name) => provider.get(name, settings),
    readAnew: (name) => provider.get(name, { ...settings, forceFetch: true }),
  }
}

class Refused extends Error {}

async function ours(ttlMs: number): Promise<Reader> {
  const { SecretsClient } = await builtLibrary()
  const client = new SecretsClient({ cache: { ttlMs } })
  const isRejected = (error: unknown): boolean => error instanceof Refused
  const how = { as: 'json', isRejected, windowMs: PATIENCE_MS } as const
  return {
    read: (name) => client.get(name, { as: 'json' }),
    use: (name, accepts) =>
      client
        .withSecret(name, how, (value) => {
          if (!accepts(value)) throw new Refused()
          return true
        })
        .catch((error: unknown) => {
          if (isRejected(error)) return false
          throw error
        }),
  }
}
