import { SSMClient } from '@aws-sdk/client-ssm'
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { mockClient } from 'aws-sdk-client-mock'
import { describe, expectTypeOf, test } from 'vitest'
import {
  type ClientStats,
  type Clock,
  type LoadContext,
  type LoadResult,
  ParameterStoreSource,
  type PrefetchOptions,
  type PrefetchResult,
  type Reference,
  type ReferenceInput,
  type ReferenceObject,
  type RefreshResult,
  type RefRedaction,
  type SdkClient,
  type SecretsEvent,
  type SecretsEventListener,
  type Source,
  type StoredValue,
  SecretsClient,
  SecretsError,
  type SecretsErrorCode,
  SecretsManagerSource,
  defaultClient,
  isSecretsError,
  parseReference,
} from '../../src/index.js'

declare const secrets: SecretsClient

describe('references', () => {
  test('are text or an object', () => {
    expectTypeOf<string | ReferenceObject | Reference>().toExtend<ReferenceInput>()
    expectTypeOf(secrets.get({ name: 'x' })).toEqualTypeOf<Promise<string>>()
    expectTypeOf(secrets.get({ service: 'ssm', name: '/x', version: 3, field: 'a' })).toEqualTypeOf<
      Promise<string>
    >()
    expectTypeOf(secrets.get({ arn: 'arn:…', versionStage: 'AWSPREVIOUS' }, { as: 'bytes' })).toEqualTypeOf<
      Promise<Uint8Array>
    >()
    expectTypeOf(parseReference('x')).toEqualTypeOf<Reference>()
  })

  test('refuse other members, services and types', () => {
    // @ts-expect-error: unknown member
    void secrets.get({ name: 'x', stage: 'AWSPREVIOUS' })
    // @ts-expect-error: unknown service
    void secrets.get({ service: 'appconfig', name: 'x' })
    // @ts-expect-error: a version of a parameter is a number
    void secrets.get({ service: 'ssm', name: '/x', version: '3' })
    // @ts-expect-error: an environment variable may be undefined
    void secrets.get(process.env['SECRET'])
    // @ts-expect-error: nothing to read
    void secrets.get()
    // @ts-expect-error: several are not read at once
    void secrets.get(['x'])
  })

  test('that are parsed tell the services apart', () => {
    const reference = parseReference('x')
    if (reference.service === 'ssm') {
      expectTypeOf(reference.version).toEqualTypeOf<number | undefined>()
      // @ts-expect-error: a version stage is of a secret
      expectTypeOf(reference.versionStage)
    } else {
      expectTypeOf(reference.versionStage).toEqualTypeOf<string | undefined>()
    }
  })
})

describe('the other methods', () => {
  test('have the types of the documentation', () => {
    expectTypeOf(secrets.refresh('x')).toEqualTypeOf<Promise<RefreshResult>>()
    expectTypeOf<SecretsClient['invalidate']>().toEqualTypeOf<(...ref: [] | [ref: ReferenceInput]) => void>()
    expectTypeOf(secrets.stats()).toEqualTypeOf<ClientStats>()
    expectTypeOf(secrets.close()).toEqualTypeOf<Promise<void>>()
    expectTypeOf(secrets[Symbol.asyncDispose]()).toEqualTypeOf<Promise<void>>()
    expectTypeOf(secrets.isClosed).toEqualTypeOf<boolean>()
    expectTypeOf(defaultClient()).toEqualTypeOf<SecretsClient>()
    expectTypeOf<RefreshResult['changed']>().toEqualTypeOf<boolean>()
  })

  test('results cannot be written to', () => {
    const stats = secrets.stats()
    // @ts-expect-error: read-only
    stats.hits = 0
    // @ts-expect-error: read-only
    stats.requestsByOperation['GetSecretValue'] = 0
  })
})

describe('statistics', () => {
  test('are numbers, and requests by operation', () => {
    expectTypeOf<Omit<ClientStats, 'requestsByOperation'>>().toExtend<Readonly<Record<string, number>>>()
    expectTypeOf<ClientStats['requestsByOperation']>().toEqualTypeOf<Readonly<Record<string, number>>>()
    expectTypeOf<keyof ClientStats>().toEqualTypeOf<
      | 'hits'
      | 'misses'
      | 'stale'
      | 'staleOnError'
      | 'refreshes'
      | 'failures'
      | 'retries'
      | 'throttles'
      | 'batches'
      | 'evictions'
      | 'clockAnomalies'
      | 'identityChanges'
      | 'decodeFailures'
      | 'rejections'
      | 'recoveries'
      | 'givenUp'
      | 'listenerFailures'
      | 'requests'
      | 'requestsByOperation'
      | 'costUsd'
      | 'entries'
      | 'bytes'
    >()
  })
})

describe('prefetch', () => {
  test('takes anything iterable of references, and tells what was loaded and what failed', () => {
    expectTypeOf(secrets.prefetch(['x', { name: 'y' }])).toEqualTypeOf<Promise<PrefetchResult>>()
    expectTypeOf(secrets.prefetch(new Set(['x']), { throwOnFailure: true })).toEqualTypeOf<
      Promise<PrefetchResult>
    >()
    expectTypeOf<PrefetchResult['loaded']>().toEqualTypeOf<readonly string[]>()
    expectTypeOf<PrefetchResult['failed']>().toEqualTypeOf<readonly SecretsError[]>()
    expectTypeOf<keyof PrefetchOptions>().toEqualTypeOf<'signal' | 'throwOnFailure'>()
  })

  test('decodes nothing, and refuses other options', () => {
    // @ts-expect-error: nothing is decoded
    void secrets.prefetch(['x'], { as: 'json' })
    // @ts-expect-error: what is fresh is left alone
    void secrets.prefetch(['x'], { fresh: true })
    // @ts-expect-error: misspelt
    void secrets.prefetch(['x'], { throwOnFailures: true })
    // @ts-expect-error: no manifest either
    void secrets.prefetch({ db: 1 })
    // @ts-expect-error: an environment variable may be undefined
    void secrets.prefetch([process.env['SECRET']])
  })
})

describe('events', () => {
  test('are told apart by their type in the listener', () => {
    expectTypeOf(SecretsClient).toBeConstructibleWith({
      onEvent: (event) => {
        expectTypeOf(event).toEqualTypeOf<SecretsEvent>()
        if (event.type === 'stale') expectTypeOf(event.reason).toEqualTypeOf<'revalidating' | 'error'>()
        if (event.type === 'retry') expectTypeOf(event.delayMs).toBeNumber()
        if (event.type === 'refresh' && !event.ok) expectTypeOf(event.code).toEqualTypeOf<SecretsErrorCode>()
        if (event.type === 'refresh' && event.ok) expectTypeOf(event.changed).toBeBoolean()
        // @ts-expect-error: no such event
        if (event.type === 'loaded') return
      },
    })
    expectTypeOf<() => Promise<void>>().toExtend<SecretsEventListener>()
  })

  test('have no member with a value', () => {
    new SecretsClient({
      onEvent: (event) => {
        // @ts-expect-error: no event holds a value
        expectTypeOf(event.value)
      },
    })
  })

  test('show references as the option says', () => {
    expectTypeOf<RefRedaction>().toEqualTypeOf<boolean | ((ref: string) => string)>()
    expectTypeOf(SecretsClient).toBeConstructibleWith({ redactRefs: (ref) => ref.slice(0, 4) })
    // @ts-expect-error: no text comes of it
    new SecretsClient({ redactRefs: () => 7 })
  })
})

describe('options of a client', () => {
  test('may all be left out', () => {
    expectTypeOf(SecretsClient).toBeConstructibleWith()
    expectTypeOf(SecretsClient).toBeConstructibleWith({})
    expectTypeOf(SecretsClient).toBeConstructibleWith({ region: 'eu-west-1' })
    expectTypeOf(SecretsClient).toBeConstructibleWith({
      cache: {
        maxEntries: 1,
        maxBytes: 1,
        ttlMs: 0,
        staleWhileRevalidateMs: 0,
        staleIfErrorMs: 0,
        negativeTtlMs: 0,
        maxNegativeTtlMs: 0,
      },
      retry: { maxAttempts: 1, timeoutMs: 1, attemptTimeoutMs: 1 },
      batch: { enabled: false },
      sources: [],
      onEvent: () => undefined,
      redactRefs: true,
    })
  })

  test('refuse unknown names and wrong types', () => {
    // @ts-expect-error: unknown option
    new SecretsClient({ ttlMs: 5 })
    // @ts-expect-error: unknown option of a group
    new SecretsClient({ cache: { maxAge: 5 } })
    // @ts-expect-error: text is no number
    new SecretsClient({ cache: { ttlMs: '5m' } })
    // @ts-expect-error: misspelt
    new SecretsClient({ retry: { maxAttempt: 5 } })
    // @ts-expect-error: a group, not a switch
    new SecretsClient({ batch: false })
    // @ts-expect-error: a listener is a function
    new SecretsClient({ onEvent: { handleEvent: () => undefined } })
    // @ts-expect-error: sources are a list
    new SecretsClient({ sources: {} })
    // @ts-expect-error: a client is not its configuration
    new SecretsClient({ clients: { ssm: { region: 'eu-west-1' } } })
    // @ts-expect-error: half a clock
    new SecretsClient({ clock: { now: () => 0 } })
  })

  test('take a clock', () => {
    const clock: Clock = { now: () => 0, monotonic: () => 0, sleep: () => Promise.resolve() }
    expectTypeOf(SecretsClient).toBeConstructibleWith({ clock })
  })
})

describe('clients', () => {
  test('may be those of the AWS SDK', () => {
    const secretsManager = new SecretsManagerClient({})
    const ssm = new SSMClient({})
    expectTypeOf(secretsManager).toExtend<SdkClient>()
    expectTypeOf(ssm).toExtend<SdkClient>()
    expectTypeOf(SecretsClient).toBeConstructibleWith({ clients: { secretsManager, ssm } })
  })

  test('may be mocked with aws-sdk-client-mock', () => {
    const secretsManager = new SecretsManagerClient({})
    const mock = mockClient(secretsManager)
    mock.resolves({})
    expectTypeOf(SecretsClient).toBeConstructibleWith({ clients: { secretsManager } })
  })

  test('may be anything with send', () => {
    const bare = { send: (_command: object) => Promise.resolve({}) }
    const full = {
      config: { region: () => Promise.resolve('eu-west-1') },
      send: (_command: object, _options?: { readonly abortSignal?: AbortSignal }) =>
        Promise.resolve({ SecretString: 'x' }),
      destroy: () => undefined,
    }
    expectTypeOf(SecretsClient).toBeConstructibleWith({ clients: { ssm: bare } })
    expectTypeOf(SecretsClient).toBeConstructibleWith({ clients: { secretsManager: full } })
    expectTypeOf(SecretsClient).toBeConstructibleWith({
      clients: { secretsManager: { send: () => Promise.resolve({}) } },
    })
  })
})

describe('errors', () => {
  test('isSecretsError narrows what is unknown', () => {
    const error: unknown = undefined
    if (isSecretsError(error)) {
      expectTypeOf(error).toEqualTypeOf<SecretsError>()
      expectTypeOf(error.code).toEqualTypeOf<SecretsErrorCode>()
      expectTypeOf(error.hint).toEqualTypeOf<string | undefined>()
      expectTypeOf(error.retryable).toEqualTypeOf<boolean>()
    } else {
      expectTypeOf(error).toBeUnknown()
    }
  })

  test('codes are checked', () => {
    expectTypeOf(isSecretsError).parameter(1).toEqualTypeOf<SecretsErrorCode | undefined>()
    // @ts-expect-error: no such code
    isSecretsError(undefined, 'ERR_NOTFOUND')
    expectTypeOf(SecretsError).toBeConstructibleWith('ERR_DECODE', { what: 'x', ref: 'y' })
  })

  test('a code can be switched on without a default', () => {
    const isOurs = (code: SecretsErrorCode): boolean => {
      switch (code) {
        case 'ERR_NOT_FOUND':
        case 'ERR_FIELD_NOT_FOUND':
          return true
        default:
          expectTypeOf(code).toExtend<Exclude<SecretsErrorCode, 'ERR_NOT_FOUND' | 'ERR_FIELD_NOT_FOUND'>>()
          return false
      }
    }
    expectTypeOf(isOurs).returns.toBeBoolean()
  })
})

describe('a source', () => {
  test('can be written by a user, as a class', () => {
    class VaultSource implements Source {
      readonly service = 'secretsmanager'
      readonly maxBatch = 10
      load(references: readonly Reference[], { signal }: LoadContext): Promise<readonly LoadResult[]> {
        signal.throwIfAborted()
        return Promise.resolve(references.map(({ ref }) => ({ value: { text: ref, versionId: '1' } })))
      }
    }
    expectTypeOf(SecretsClient).toBeConstructibleWith({ sources: [new VaultSource()] })
  })

  test('can be written by a user, as an object with mixed results', () => {
    const source = {
      service: 'ssm',
      maxBatch: 1,
      load: () =>
        Promise.resolve([
          { value: { bytes: new Uint8Array() } },
          { error: new Error('x') },
          { isUnanswered: true },
        ]),
      isBatchable: ({ name }: Reference) => name !== 'x',
      close: () => undefined,
    } as const satisfies Source
    expectTypeOf(SecretsClient).toBeConstructibleWith({ sources: [source] })
  })

  test('the built-in ones can be passed', () => {
    expectTypeOf(SecretsManagerSource).instance.toExtend<Source>()
    expectTypeOf(ParameterStoreSource).instance.toExtend<Source>()
  })

  test('a stored value has text or bytes, and never both', () => {
    expectTypeOf<{ text: string }>().toExtend<StoredValue>()
    expectTypeOf<{ bytes: Uint8Array }>().toExtend<StoredValue>()
    expectTypeOf<{ text: string; bytes: Uint8Array }>().not.toExtend<StoredValue>()
    expectTypeOf<object>().not.toExtend<StoredValue>()
  })
})
