/**
 * Completes and checks the options of a client. One constant holds the defaults, and every value is checked before it
 * is used.
 *
 * @module
 */

import { type Clock, MAX_TIMER_MS, systemClock } from '../clock.js'
import type { SecretsEventListener } from '../observe/events.js'
import type { RefRedaction } from '../redact/redact.js'
import type { SdkClient } from '../source/sdk-client.js'
import type { Source } from '../source/source.js'
import { duration, entriesOf, flag, hasMethods, integer, membersOf, passes, typeName } from './checks.js'
import type { SecretsClientOptions } from './client-options.js'

/** What every option is where the caller does not say. */
const DEFAULTS = {
  maxEntries: 1000,
  maxBytes: 16 * 1024 * 1024,
  ttlMs: 300_000,
  staleWhileRevalidateMs: 60_000,
  staleIfErrorMs: 3_600_000,
  negativeTtlMs: 1_000,
  maxNegativeTtlMs: 60_000,
  maxAttempts: 3,
  timeoutMs: 5_000,
  attemptTimeoutMs: 2_000,
} as const

/** The cache reserves its index at construction: more entries than this would reserve gigabytes. */
const MAX_ENTRIES = 10_000_000

/** Longer than a day, stale-while-revalidate is a lifetime that nobody meant. */
const MAX_REVALIDATE_MS = 86_400_000

/** RFC 8767 §5 gives stale data a week at most. */
const MAX_STALE_MS = 604_800_000

/** A failure that is remembered for longer outlives whatever mended it by too much. */
const MAX_NEGATIVE_MS = 3_600_000

/** Options of a client, complete and checked. */
export interface ResolvedOptions extends ResolvedCache, ResolvedRetry {
  readonly region: string | undefined
  readonly secretsManager: SdkClient | undefined
  readonly ssm: SdkClient | undefined
  readonly isBatching: boolean
  readonly seal: boolean
  /** Whether timers can be relied on: a Lambda environment is frozen between invocations. */
  readonly canPoll: boolean
  readonly sources: readonly Source[]
  readonly clock: Clock
  readonly onEvent: SecretsEventListener | undefined
  readonly redactRefs: RefRedaction | undefined
}

/** Options of the cache, complete and checked. */
interface ResolvedCache {
  readonly maxEntries: number
  readonly maxBytes: number
  readonly ttlMs: number
  readonly staleWhileRevalidateMs: number
  readonly staleIfErrorMs: number
  readonly negativeTtlMs: number
  readonly maxNegativeTtlMs: number
}

/** Attempts and deadlines, complete and checked. */
interface ResolvedRetry {
  readonly maxAttempts: number
  readonly timeoutMs: number
  readonly attemptTimeoutMs: number
}

const OPTIONS = [
  'region',
  'clients',
  'cache',
  'retry',
  'batch',
  'sources',
  'seal',
  'clock',
  'onEvent',
  'redactRefs',
] as const

/**
 * Completes and checks the options of a client.
 *
 * Only own properties count, so a polluted `Object.prototype` changes nothing.
 *
 * @throws TypeError naming the option, what was expected and the type of what was given.
 */
export function resolveOptions(options: SecretsClientOptions = {}): ResolvedOptions {
  const top = membersOf('options', options, OPTIONS)
  const clients = membersOf('clients', top.get('clients'), ['secretsManager', 'ssm'])
  const batch = membersOf('batch', top.get('batch'), ['enabled'])
  const upstream = {
    region: regionOption(top.get('region')),
    secretsManager: clientOption('clients.secretsManager', clients.get('secretsManager')),
    ssm: clientOption('clients.ssm', clients.get('ssm')),
    sources: sourcesOption(top.get('sources')),
  }
  refuseConflicts(upstream)
  return {
    ...upstream,
    ...resolveCache(top.get('cache')),
    ...resolveRetry(top.get('retry')),
    canPoll: process.env['AWS_LAMBDA_FUNCTION_NAME'] === undefined,
    isBatching: flag('batch.enabled', batch.get('enabled')) ?? true,
    seal: flag('seal', top.get('seal')) ?? false,
    clock: clockOption(top.get('clock')) ?? systemClock,
    onEvent: listenerOption(top.get('onEvent')),
    redactRefs: redactOption(top.get('redactRefs')),
  }
}

const CACHE_DURATIONS = {
  ttlMs: MAX_TIMER_MS,
  staleWhileRevalidateMs: MAX_REVALIDATE_MS,
  staleIfErrorMs: MAX_STALE_MS,
  maxNegativeTtlMs: MAX_NEGATIVE_MS,
} as const

function resolveCache(value: unknown): ResolvedCache {
  const cache = membersOf('cache', value, [
    'maxEntries',
    'maxBytes',
    'ttlMs',
    'staleWhileRevalidateMs',
    'staleIfErrorMs',
    'negativeTtlMs',
    'maxNegativeTtlMs',
  ])
  const lasting = (name: keyof typeof CACHE_DURATIONS) =>
    duration(`cache.${name}`, cache.get(name), 0, CACHE_DURATIONS[name]) ?? DEFAULTS[name]
  const maxNegativeTtlMs = lasting('maxNegativeTtlMs')
  return {
    maxEntries: integer('cache.maxEntries', cache.get('maxEntries'), 1, MAX_ENTRIES) ?? DEFAULTS.maxEntries,
    maxBytes:
      integer('cache.maxBytes', cache.get('maxBytes'), 1, Number.MAX_SAFE_INTEGER) ?? DEFAULTS.maxBytes,
    ttlMs: lasting('ttlMs'),
    staleWhileRevalidateMs: lasting('staleWhileRevalidateMs'),
    staleIfErrorMs: lasting('staleIfErrorMs'),
    negativeTtlMs:
      duration('cache.negativeTtlMs', cache.get('negativeTtlMs'), 0, maxNegativeTtlMs) ??
      Math.min(DEFAULTS.negativeTtlMs, maxNegativeTtlMs),
    maxNegativeTtlMs,
  }
}

function resolveRetry(value: unknown): ResolvedRetry {
  const retry = membersOf('retry', value, ['maxAttempts', 'timeoutMs', 'attemptTimeoutMs'])
  return {
    maxAttempts: integer('retry.maxAttempts', retry.get('maxAttempts'), 1, 10) ?? DEFAULTS.maxAttempts,
    timeoutMs: duration('retry.timeoutMs', retry.get('timeoutMs'), 1, MAX_TIMER_MS) ?? DEFAULTS.timeoutMs,
    attemptTimeoutMs:
      duration('retry.attemptTimeoutMs', retry.get('attemptTimeoutMs'), 1, MAX_TIMER_MS) ??
      DEFAULTS.attemptTimeoutMs,
  }
}

function listenerOption(value: unknown): SecretsEventListener | undefined {
  if (value === undefined || isListener(value)) return value
  throw new TypeError(`onEvent: expected a function, got ${typeName(value)}`)
}

function redactOption(value: unknown): RefRedaction | undefined {
  if (value === undefined || typeof value === 'boolean' || isRedactor(value)) return value
  throw new TypeError(`redactRefs: expected a boolean or a function, got ${typeName(value)}`)
}

/** What it takes cannot be checked; what it does is contained. */
function isListener(value: unknown): value is SecretsEventListener {
  return typeof value === 'function'
}

/** What it returns is checked when it is called. */
function isRedactor(value: unknown): value is (ref: string) => string {
  return typeof value === 'function'
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

type UpstreamOption = 'region' | 'sources' | 'secretsManager' | 'ssm'

/** A source reads from where it was told to, whatever a client says: nobody must believe otherwise. */
function refuseConflicts({ region, sources, ...clients }: Pick<ResolvedOptions, UpstreamOption>): void {
  const names = { secretsmanager: 'secretsManager', ssm: 'ssm' } as const
  for (const { service } of sources) {
    if (clients[names[service]] === undefined) continue
    throw new TypeError(`clients.${names[service]}: expected none beside a source for ${service}`)
  }
  if (region === undefined || sources.length < Object.keys(names).length) return
  throw new TypeError('region: expected none beside sources for both services, which have their own')
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
