/**
 * What a client can be told at construction. One constant holds the defaults, and every value is checked
 * before it is used.
 *
 * @module
 */

import { type Clock, MAX_TIMER_MS, systemClock } from '../clock.js'
import { duration, entriesOf, hasMethods, integer, membersOf, passes, typeName } from './checks.js'
import type { SdkClient } from '../source/sdk-client.js'
import type { Source } from '../source/source.js'

/** How much is cached and for how long. */
export interface CacheSettings {
  /**
   * Entries kept, the least recently read leave first; an integer from 1 to 10000000.
   *
   * @defaultValue 1000
   */
  readonly maxEntries?: number | undefined
  /**
   * Payload bytes kept in all, in UTF-8; an integer from 1. A larger value is returned and not cached.
   *
   * @defaultValue 16777216 (16 MiB)
   */
  readonly maxBytes?: number | undefined
  /**
   * Milliseconds for which a value is fresh, from 0 to 2147483647; each entry draws its own lifetime from [0.9, 1] × this. `0` turns
   * caching off: callers at the same time still share one request. A version id never expires.
   *
   * @defaultValue 300000 (5 minutes)
   */
  readonly ttlMs?: number | undefined
}

/** How long the client tries. */
export interface RetrySettings {
  /**
   * Milliseconds after which a read that waits for AWS gives up with `ERR_TIMEOUT`, and one that waits for an
   * asynchronous schema with `ERR_SCHEMA`; from 1 to 2147483647.
   *
   * @defaultValue 5000
   */
  readonly timeoutMs?: number | undefined
}

/** AWS SDK clients of the caller's own. */
export interface SdkClientSettings {
  /** A `SecretsManagerClient`, or anything with a compatible `send`. */
  readonly secretsManager?: SdkClient | undefined
  /** An `SSMClient`, or anything with a compatible `send`. */
  readonly ssm?: SdkClient | undefined
}

/** Options of a `SecretsClient`. Every one has a default. */
export interface SecretsClientOptions {
  /**
   * AWS region of references that name none.
   *
   * @defaultValue as the AWS SDK finds it: `AWS_REGION`, then the shared configuration file
   */
  readonly region?: string | undefined
  /**
   * SDK clients to use instead of ones made on first use. They are never closed by the library.
   *
   * @defaultValue one client per service and region, with the default credential chain
   */
  readonly clients?: SdkClientSettings | undefined
  /** Bounds and lifetime of the cache. */
  readonly cache?: CacheSettings | undefined
  /** Deadline of a read. */
  readonly retry?: RetrySettings | undefined
  /**
   * Sources that replace the built-in one of their service.
   *
   * @defaultValue Secrets Manager and Parameter Store through the AWS SDK
   */
  readonly sources?: readonly Source[] | undefined
  /**
   * Where time comes from.
   *
   * @defaultValue the machine's clocks
   */
  readonly clock?: Clock | undefined
}

/** What every option is where the caller does not say. */
const DEFAULTS = {
  maxEntries: 1000,
  maxBytes: 16 * 1024 * 1024,
  ttlMs: 300_000,
  timeoutMs: 5_000,
} as const

/** The cache reserves its index at construction: more entries than this would reserve gigabytes. */
const MAX_ENTRIES = 10_000_000

/** Options of a client, complete and checked. */
export interface ResolvedOptions {
  readonly region: string | undefined
  readonly secretsManager: SdkClient | undefined
  readonly ssm: SdkClient | undefined
  readonly maxEntries: number
  readonly maxBytes: number
  readonly ttlMs: number
  readonly timeoutMs: number
  readonly sources: readonly Source[]
  readonly clock: Clock
}

/**
 * Completes and checks the options of a client.
 *
 * Only own properties count, so a polluted `Object.prototype` changes nothing.
 *
 * @throws TypeError naming the option, what was expected and the type of what was given.
 */
export function resolveOptions(options: SecretsClientOptions = {}): ResolvedOptions {
  const top = membersOf('options', options, ['region', 'clients', 'cache', 'retry', 'sources', 'clock'])
  const clients = membersOf('clients', top.get('clients'), ['secretsManager', 'ssm'])
  const cache = membersOf('cache', top.get('cache'), ['maxEntries', 'maxBytes', 'ttlMs'])
  const retry = membersOf('retry', top.get('retry'), ['timeoutMs'])
  return {
    region: regionOption(top.get('region')),
    secretsManager: clientOption('clients.secretsManager', clients.get('secretsManager')),
    ssm: clientOption('clients.ssm', clients.get('ssm')),
    maxEntries: integer('cache.maxEntries', cache.get('maxEntries'), 1, MAX_ENTRIES) ?? DEFAULTS.maxEntries,
    maxBytes:
      integer('cache.maxBytes', cache.get('maxBytes'), 1, Number.MAX_SAFE_INTEGER) ?? DEFAULTS.maxBytes,
    ttlMs: duration('cache.ttlMs', cache.get('ttlMs'), 0, MAX_TIMER_MS) ?? DEFAULTS.ttlMs,
    timeoutMs: duration('retry.timeoutMs', retry.get('timeoutMs'), 1, MAX_TIMER_MS) ?? DEFAULTS.timeoutMs,
    sources: sourcesOption(top.get('sources')),
    clock: clockOption(top.get('clock')) ?? systemClock,
  }
}

function regionOption(value: unknown): string | undefined {
  if (value === undefined) return undefined
  if (typeof value === 'string' && /^[a-z0-9-]{1,63}$/.test(value)) return value
  throw new TypeError(`region: expected a region such as "eu-west-1", got ${typeName(value)}`)
}

function clientOption(name: string, value: unknown): SdkClient | undefined {
  if (value === undefined) return undefined
  if (isSdkClient(value)) return value
  throw new TypeError(`${name}: expected an AWS SDK client or an object with send(), got ${typeName(value)}`)
}

function isSdkClient(value: unknown): value is SdkClient {
  return hasMethods(value, ['send'])
}

function sourcesOption(value: unknown): readonly Source[] {
  if (value === undefined) return []
  if (!passes(() => Array.isArray(value))) {
    throw new TypeError(`sources: expected an array of sources, got ${typeName(value)}`)
  }
  const sources = entriesOf('sources', value).map(([position, source]) => sourceAt(position, source))
  if (new Set(sources.map(({ service }) => service)).size < sources.length) {
    throw new TypeError('sources: expected one source per service, got two for one service')
  }
  return sources
}

function sourceAt(position: string, value: unknown): Source {
  if (isSource(value)) return value
  const expected = "{ service: 'secretsmanager' | 'ssm', maxBatch, load() }"
  throw new TypeError(`sources[${position}]: expected ${expected}, got ${typeName(value)}`)
}

function isSource(value: unknown): value is Source {
  return hasMethods(value, ['load']) && passes(() => hasIdentity(value))
}

function hasIdentity(value: object): boolean {
  const service: unknown = Reflect.get(value, 'service')
  const maxBatch: unknown = Reflect.get(value, 'maxBatch')
  const isKnown = service === 'secretsmanager' || service === 'ssm'
  return isKnown && typeof maxBatch === 'number' && Number.isInteger(maxBatch) && maxBatch >= 1
}

function clockOption(value: unknown): Clock | undefined {
  if (value === undefined) return undefined
  if (isClock(value)) return value
  throw new TypeError(`clock: expected an object with now(), monotonic() and sleep(), got ${typeName(value)}`)
}

function isClock(value: unknown): value is Clock {
  return hasMethods(value, ['now', 'monotonic', 'sleep'])
}
