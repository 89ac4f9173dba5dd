/**
 * Who reads many parameters at once against a rate limit, each with the SDK's defaults where it does not say otherwise.
 *
 * @module
 */

import { setTimeout as sleep } from 'node:timers/promises'
import { SSMProvider } from '@aws-lambda-powertools/parameters/ssm'
import { GetParametersCommand, SSMClient, type SSMClientConfig } from '@aws-sdk/client-ssm'
import type { EmulatorClientConfig } from 'aws-secrets-client/emulator'
import pRetry from 'p-retry'
import { fetchParameter } from '../../contenders/sdk.js'
import { builtLibrary } from '../../support/built.js'

const MOST = 10

/** A client with open connections and nothing cached. */
export interface Session {
  /** Reads all names at once, and resolves with how many were served. */
  readonly read: (names: readonly string[]) => Promise<number>
  readonly close: () => void
}

/** One way to read. */
export interface Reader {
  readonly title: string
  readonly isOurs: boolean
  /** So slow that it runs only once. */
  readonly isSlow: boolean
  readonly start: (config: EmulatorClientConfig) => Session | Promise<Session>
}

/** By the name that another process is told. */
export const READERS = {
  sdk: {
    title: 'SDK default, a call each',
    isOurs: false,
    isSlow: true,
    start: (config) => sdkEach(config, {}),
  },
  sdkPersistent: {
    title: 'SDK `maxAttempts: 10`, a call each',
    isOurs: false,
    isSlow: true,
    start: (config) => sdkEach(config, { maxAttempts: 10 }),
  },
  sdkAdaptive: {
    title: "SDK `retryMode: 'adaptive'`, a call each",
    isOurs: false,
    isSlow: true,
    start: (config) => sdkEach(config, { retryMode: 'adaptive' }),
  },
  powertools: {
    title: 'Powertools `get`',
    isOurs: false,
    isSlow: true,
    start: (config) => {
      const client = new SSMClient(config)
      const provider = new SSMProvider({ awsSdkV3Client: client })
      return sessionOf(client, (names) =>
        servedOf(names.map((name) => provider.get(name, { decrypt: true }))),
      )
    },
  },
  byName: {
    title: 'Powertools `getParametersByName`',
    isOurs: false,
    isSlow: false,
    start: (config) => {
      const client = new SSMClient(config)
      const provider = new SSMProvider({ awsSdkV3Client: client })
      return sessionOf(client, async (names) => {
        const wanted = Object.fromEntries(names.map((name) => [name, {}]))
        const values = await provider.getParametersByName(wanted, { decrypt: true }).catch(() => ({}))
        return Object.keys(values).length
      })
    },
  },
  batches: {
    title: 'GetParameters by hand, all at once, SDK default',
    isOurs: false,
    isSlow: false,
    start: (config) => {
      const client = new SSMClient(config)
      return sessionOf(client, (names) => batched(names, (some) => batchOf(client, some)))
    },
  },
  pRetry: {
    title: 'GetParameters by hand, `p-retry` with full jitter',
    isOurs: false,
    isSlow: false,
    start: (config) => {
      const client = new SSMClient({ ...config, maxAttempts: 1 })
      return sessionOf(client, (names) =>
        batched(names, (some) => withFullJitter(() => batchOf(client, some))),
      )
    },
  },
  ours: {
    title: 'aws-secrets-client',
    isOurs: true,
    isSlow: false,
    start: async (config) => {
      const { SecretsClient } = await builtLibrary()
      const client = new SSMClient(config)
      const secrets = new SecretsClient({ clients: { ssm: client } })
      return sessionOf(client, (names) => servedOf(names.map((name) => secrets.get(`ssm:${name}`))))
    },
  },
} satisfies Readonly<Record<string, Reader>>

/** What another process is told. */
export type ReaderName = keyof typeof READERS

function sdkEach(config: EmulatorClientConfig, settings: SSMClientConfig): Session {
  const client = new SSMClient({ ...config, ...settings })
  return sessionOf(client, (names) => servedOf(names.map((name) => fetchParameter(client, name))))
}

function sessionOf(client: SSMClient, read: Session['read']): Session {
  return {
    read,
    close: () => {
      client.destroy()
    },
  }
}

async function servedOf(reads: readonly Promise<unknown>[]): Promise<number> {
  const outcomes = await Promise.allSettled(reads)
  return outcomes.filter(({ status }) => status === 'fulfilled').length
}

async function batched(
  names: readonly string[],
  load: (some: readonly string[]) => Promise<number>,
): Promise<number> {
  const chunks = Array.from({ length: Math.ceil(names.length / MOST) }, (_, chunk) =>
    names.slice(chunk * MOST, (chunk + 1) * MOST),
  )
  const served = await Promise.allSettled(chunks.map(load))
  return served.reduce((sum, outcome) => sum + (outcome.status === 'fulfilled' ? outcome.value : 0), 0)
}

async function batchOf(client: SSMClient, names: readonly string[]): Promise<number> {
  const { Parameters = [] } = await client.send(
    new GetParametersCommand({ Names: [...names], WithDecryption: true }),
  )
  return Parameters.length
}

/** `p-retry` jitters by at most a factor of two; what AWS recommends is a wait from nothing to the whole bound. */
function withFullJitter(load: () => Promise<number>): Promise<number> {
  return pRetry(load, {
    retries: 30,
    minTimeout: 0,
    onFailedAttempt: async ({ attemptNumber }) => {
      await sleep(Math.random() * Math.min(20_000, 100 * 2 ** (attemptNumber - 1)))
    },
  })
}
