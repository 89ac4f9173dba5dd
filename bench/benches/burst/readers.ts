/**
 * Who reads a thousand times at once with nothing cached: each gives every caller the value, parsed.
 *
 * @module
 */

import { SecretsProvider } from '@aws-lambda-powertools/parameters/secrets'
import { SSMProvider } from '@aws-lambda-powertools/parameters/ssm'
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { GetParametersCommand, SSMClient } from '@aws-sdk/client-ssm'
import type { EmulatorClientConfig } from 'aws-secrets-client/emulator'
import { Cacheable } from 'cacheable'
import DataLoader from 'dataloader'
import { LRUCache } from 'lru-cache'
import pMemoize from 'p-memoize'
import { fetchParameter, fetchSecret, fetchSecrets } from '../../contenders/sdk.js'
import { builtLibrary } from '../../support/built.js'

const TTL_MS = 3_600_000

/** Reads each of the names, some of them many times; in the order of the names. */
type ReadAll = (names: readonly string[]) => Promise<readonly unknown[]>

/** An SDK client of its own for one repetition, with what it can be asked for. */
export interface Upstream {
  /** One value by a call of its own. */
  readonly one: (name: string) => Promise<unknown>
  /** At most `most` values by one call, in the order of their names. */
  readonly many: (names: readonly string[]) => Promise<readonly unknown[]>
  readonly most: number
  readonly client: SecretsManagerClient | SSMClient
}

/** One way to read. */
export interface Reader {
  readonly title: string
  readonly isOurs: boolean
  /** So slow that it takes part in few rounds only. */
  readonly isSlow: boolean
  /** Sets it up, for one repetition and with nothing cached; this is not measured. */
  readonly start: (upstream: Upstream) => ReadAll | Promise<ReadAll>
}

/** The service that is asked. */
export type Service = 'secretsmanager' | 'ssm'

/** A new SDK client. */
export function upstreamOf(service: Service, config: EmulatorClientConfig): Upstream {
  return service === 'secretsmanager' ? secretsUpstream(config) : parametersUpstream(config)
}

function secretsUpstream(config: EmulatorClientConfig): Upstream {
  const client = new SecretsManagerClient(config)
  const many = async (names: readonly string[]) => {
    const texts = await fetchSecrets(client, names)
    return texts.map((text) => parsed(text))
  }
  return { client, most: 20, many, one: async (name) => parsed(await fetchSecret(client, name)) }
}

function parametersUpstream(config: EmulatorClientConfig): Upstream {
  const client = new SSMClient(config)
  const many = async (names: readonly string[]) => {
    const { Parameters = [] } = await client.send(
      new GetParametersCommand({ Names: [...names], WithDecryption: true }),
    )
    const texts = new Map(Parameters.map(({ Name, Value }) => [Name, Value]))
    return names.map((name) => parsed(texts.get(name)))
  }
  return { client, most: 10, many, one: async (name) => parsed(await fetchParameter(client, name)) }
}

function parsed(text: string | Error | undefined): unknown {
  if (typeof text !== 'string') throw text ?? new Error('a value did not come')
  return JSON.parse(text)
}

const theirs = { isOurs: false, isSlow: false } as const

const SHARED_READERS: readonly Reader[] = [
  {
    ...theirs,
    title: 'ideal batching by hand, SDK',
    start: (upstream) => async (names) => {
      const distinct = [...new Set(names)]
      const batches = await Promise.all(chunksOf(distinct, upstream.most).map((some) => upstream.many(some)))
      const values = batches.flat()
      const byName = new Map(distinct.map((name, position) => [name, values[position]]))
      return Promise.all(names.map((name) => Promise.resolve(byName.get(name))))
    },
  },
  {
    ...theirs,
    title: '`dataloader` + SDK batch',
    start: ({ many, most }) => {
      const loader = new DataLoader<string, unknown>(many, { maxBatchSize: most })
      return (names) => Promise.all(names.map((name) => loader.load(name)))
    },
  },
  {
    ...theirs,
    title: '`lru-cache` with `fetch` + SDK',
    start: ({ one }) => {
      const cache = new LRUCache<string, object>({
        max: 1000,
        ttl: TTL_MS,
        fetchMethod: async (name) => Object(await one(name)) as object,
      })
      return (names) => Promise.all(names.map((name) => cache.fetch(name)))
    },
  },
  {
    ...theirs,
    title: '`p-memoize` + SDK',
    start: ({ one }) => {
      const read = pMemoize(one)
      return (names) => Promise.all(names.map((name) => read(name)))
    },
  },
  {
    ...theirs,
    title: '`cacheable`, `wrap` + SDK',
    start: ({ one }) => {
      const read = new Cacheable({ ttl: TTL_MS }).wrap(one, { ttl: TTL_MS, keyPrefix: 'burst' })
      return (names) => Promise.all(names.map((name) => read(name)))
    },
  },
  {
    ...theirs,
    isSlow: true,
    title: 'hand-written helper, no single flight',
    start: ({ one }) => {
      const cache = new Map<string, unknown>()
      const read = async (name: string): Promise<unknown> => {
        if (cache.has(name)) return cache.get(name)
        const value = await one(name)
        cache.set(name, value)
        return value
      }
      return (names) => Promise.all(names.map(read))
    },
  },
]

const SECRET_READERS: readonly Reader[] = [
  {
    ...theirs,
    isSlow: true,
    title: 'Powertools, `get`, json',
    start: ({ client }) => {
      const provider = new SecretsProvider({ awsSdkV3Client: asSecretsManager(client) })
      return (names) =>
        Promise.all(names.map((name): Promise<unknown> => provider.get(name, { transform: 'json' })))
    },
  },
  {
    title: "aws-secrets-client, `get(ref, { as: 'json' })`",
    isOurs: true,
    isSlow: false,
    start: async ({ client }) => {
      const { SecretsClient } = await builtLibrary()
      const secrets = new SecretsClient({ clients: { secretsManager: client } })
      return (names) => Promise.all(names.map((name) => secrets.get(name, { as: 'json' })))
    },
  },
]

const PARAMETER_READERS: readonly Reader[] = [
  {
    ...theirs,
    isSlow: true,
    title: 'Powertools, `get`, json',
    start: ({ client }) => {
      const provider = new SSMProvider({ awsSdkV3Client: asSsm(client) })
      const settings = { transform: 'json', decrypt: true } as const
      return (names) => Promise.all(names.map((name): Promise<unknown> => provider.get(name, settings)))
    },
  },
  {
    ...theirs,
    title: 'Powertools, `getParametersByName`, one call',
    start: ({ client }) => {
      const provider = new SSMProvider({ awsSdkV3Client: asSsm(client) })
      return async (names) => {
        const values = await byName(provider, names)
        return names.map((name) => values[name])
      }
    },
  },
  {
    ...theirs,
    title: 'Powertools, `getParametersByName`, 10 callers',
    start: ({ client }) => {
      const provider = new SSMProvider({ awsSdkV3Client: asSsm(client) })
      return async (names) => {
        const callers = chunksOf(names, Math.ceil(names.length / 10))
        const values = await Promise.all(callers.map((some) => byName(provider, some)))
        return callers.flatMap((some, caller) => some.map((name) => values[caller]?.[name]))
      }
    },
  },
  {
    title: "aws-secrets-client, `get(ref, { as: 'json' })`",
    isOurs: true,
    isSlow: false,
    start: async ({ client }) => {
      const { SecretsClient } = await builtLibrary()
      const secrets = new SecretsClient({ clients: { ssm: client } })
      return (names) => Promise.all(names.map((name) => secrets.get(`ssm:${name}`, { as: 'json' })))
    },
  },
]

/** All who read from a service. */
export const READERS: Readonly<Record<Service, readonly Reader[]>> = {
  secretsmanager: [...SHARED_READERS, ...SECRET_READERS],
  ssm: [...SHARED_READERS, ...PARAMETER_READERS],
}

function byName(provider: SSMProvider, names: readonly string[]): Promise<Record<string, unknown>> {
  const wanted = Object.fromEntries(names.map((name) => [name, {}]))
  return provider.getParametersByName(wanted, { transform: 'json', decrypt: true })
}

function chunksOf<Item>(items: readonly Item[], most: number): readonly (readonly Item[])[] {
  return Array.from({ length: Math.ceil(items.length / most) }, (_, chunk) =>
    items.slice(chunk * most, (chunk + 1) * most),
  )
}

function asSecretsManager(client: Upstream['client']): SecretsManagerClient {
  if (client instanceof SecretsManagerClient) return client
  throw new TypeError('expected a client of Secrets Manager')
}

function asSsm(client: Upstream['client']): SSMClient {
  if (client instanceof SSMClient) return client
  throw new TypeError('expected a client of Parameter Store')
}
