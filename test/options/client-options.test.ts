import { SSMClient } from '@aws-sdk/client-ssm'
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { SecretsClient } from '../../src/index.js'
import type { SecretsClientOptions } from '../../src/options/client-options.js'
import { resolveOptions } from '../../src/options/resolve-options.js'
import { systemClock } from '../../src/clock.js'
import { FakeSource, textSecret } from '../support/fake-source.js'
import { ManualClock } from '../support/manual-clock.js'
import { NEEDLE, expectNoNeedle } from '../support/needle.js'

/** Builds `{ cache: { ttlMs: value } }` from `cache.ttlMs`. */
const optionsWith = (path: string, value: unknown): object =>
  path.split('.').reduceRight<unknown>((inner, name) => ({ [name]: inner }), value) as object

function typeErrorOf(options: unknown): TypeError {
  try {
    resolveOptions(options as SecretsClientOptions)
  } catch (error) {
    expect(Object.getPrototypeOf(error)).toBe(TypeError.prototype)
    return error as TypeError
  }
  throw new Error('the options were accepted')
}

const MAX_TIMER = 2_147_483_647

describe('without options', () => {
  test('the defaults are those of the documentation', () => {
    expect(resolveOptions()).toEqual({
      region: undefined,
      secretsManager: undefined,
      ssm: undefined,
      maxEntries: 1000,
      maxBytes: 16_777_216,
      ttlMs: 300_000,
      staleWhileRevalidateMs: 60_000,
      staleIfErrorMs: 3_600_000,
      negativeTtlMs: 1_000,
      maxNegativeTtlMs: 60_000,
      maxAttempts: 3,
      timeoutMs: 5_000,
      attemptTimeoutMs: 2_000,
      isBatching: true,
      seal: false,
      canPoll: true,
      sources: [],
      clock: systemClock,
      onEvent: undefined,
      redactRefs: undefined,
    })
  })

  test('there is no polling in a Lambda environment, whose timers stand still', () => {
    vi.stubEnv('AWS_LAMBDA_FUNCTION_NAME', 'orders')
    expect(resolveOptions().canPoll).toBe(false)
    vi.unstubAllEnvs()
    expect(resolveOptions().canPoll).toBe(true)
  })

  test.each([
    [{}],
    [
      {
        region: undefined,
        clients: undefined,
        cache: undefined,
        retry: undefined,
        batch: undefined,
        sources: undefined,
        clock: undefined,
        onEvent: undefined,
        redactRefs: undefined,
      },
    ],
    [{ clients: {}, cache: {}, retry: {}, batch: {} }],
    [
      {
        cache: {
          maxEntries: undefined,
          maxBytes: undefined,
          ttlMs: undefined,
          staleWhileRevalidateMs: undefined,
          staleIfErrorMs: undefined,
          negativeTtlMs: undefined,
          maxNegativeTtlMs: undefined,
        },
        retry: { maxAttempts: undefined, timeoutMs: undefined, attemptTimeoutMs: undefined },
        batch: { enabled: undefined },
      },
    ],
    [{ clients: { secretsManager: undefined, ssm: undefined }, sources: [] }],
    [Object.create(null)],
  ])('and with options that say nothing, they are the same (%#)', (options) => {
    expect(resolveOptions(options as SecretsClientOptions)).toEqual(resolveOptions())
  })
})

describe('a number out of place', () => {
  const ranges: [string, string, number, number][] = [
    ['cache.maxEntries', 'an integer', 1, 10_000_000],
    ['cache.maxBytes', 'an integer', 1, Number.MAX_SAFE_INTEGER],
    ['cache.ttlMs', 'milliseconds', 0, MAX_TIMER],
    ['cache.staleWhileRevalidateMs', 'milliseconds', 0, 86_400_000],
    ['cache.staleIfErrorMs', 'milliseconds', 0, 604_800_000],
    ['cache.negativeTtlMs', 'milliseconds', 0, 60_000],
    ['cache.maxNegativeTtlMs', 'milliseconds', 0, 3_600_000],
    ['retry.maxAttempts', 'an integer', 1, 10],
    ['retry.timeoutMs', 'milliseconds', 1, MAX_TIMER],
    ['retry.attemptTimeoutMs', 'milliseconds', 1, MAX_TIMER],
  ]

  test.each(ranges)('%s takes both ends of its range', (path, _what, min, max) => {
    const name = path.split('.')[1]
    expect(resolveOptions(optionsWith(path, min))).toHaveProperty(String(name), min)
    expect(resolveOptions(optionsWith(path, max))).toHaveProperty(String(name), max)
  })

  const wrong = (min: number, max: number): [unknown, string][] => [
    [min - 1, String(min - 1)],
    [max + 1, String(max + 1)],
    [NaN, 'NaN'],
    [Infinity, 'Infinity'],
    [-Infinity, '-Infinity'],
    [-1, '-1'],
    [null, 'null'],
    [true, 'boolean'],
    [NEEDLE, 'string'],
    ['5', 'string'],
    [5n, 'bigint'],
    [Symbol(NEEDLE), 'symbol'],
    [() => NEEDLE, 'function'],
    [[5], 'an array'],
    [{ [NEEDLE]: NEEDLE }, 'object'],
    [new Date(5), 'an instance of a class'],
    [Object(5), 'an instance of a class'],
  ]

  test.each(
    ranges.flatMap(([path, what, min, max]) =>
      wrong(min, max).map(
        ([value, got]) =>
          [path, got, `${path}: expected ${what} from ${min} to ${max}, got ${got}`, value] as const,
      ),
    ),
  )('%s refuses %s', (path, _got, message, value) => {
    const error = typeErrorOf(optionsWith(path, value))
    expect(error.message).toBe(message)
    expectNoNeedle(error, NEEDLE)
  })

  test.each([['cache.maxEntries'], ['cache.maxBytes'], ['retry.maxAttempts']])(
    '%s refuses a fraction',
    (path) => {
      expect(typeErrorOf(optionsWith(path, 1.5)).message).toContain('got 1.5')
    },
  )

  test.each(ranges.filter(([, what]) => what === 'milliseconds'))('%s takes a fraction', (path) => {
    expect(resolveOptions(optionsWith(path, 1.5))).toHaveProperty(String(path.split('.')[1]), 1.5)
  })
})

describe('the two bounds of the time for which failures are remembered', () => {
  test.each<[object, number, number]>([
    [{}, 1_000, 60_000],
    [{ negativeTtlMs: 0 }, 0, 60_000],
    [{ maxNegativeTtlMs: 500 }, 500, 500],
    [{ maxNegativeTtlMs: 0 }, 0, 0],
    [{ negativeTtlMs: 0, maxNegativeTtlMs: 0 }, 0, 0],
    [{ negativeTtlMs: 90_000, maxNegativeTtlMs: 90_000 }, 90_000, 90_000],
    [{ negativeTtlMs: 3_600_000, maxNegativeTtlMs: 3_600_000 }, 3_600_000, 3_600_000],
  ])('%j', (cache, negativeTtlMs, maxNegativeTtlMs) => {
    expect(resolveOptions({ cache })).toMatchObject({ negativeTtlMs, maxNegativeTtlMs })
  })

  test.each<[object, string]>([
    [{ negativeTtlMs: 60_001 }, 'from 0 to 60000, got 60001'],
    [{ negativeTtlMs: 5, maxNegativeTtlMs: 4 }, 'from 0 to 4, got 5'],
    [{ negativeTtlMs: 1, maxNegativeTtlMs: 0 }, 'from 0 to 0, got 1'],
  ])('the first cannot be longer than the second: %j', (cache, range) => {
    expect(typeErrorOf({ cache }).message).toBe(`cache.negativeTtlMs: expected milliseconds ${range}`)
  })
})

describe('a value of the wrong type', () => {
  const values: [string, unknown][] = [
    ['null', null],
    ['number', 7],
    ['number', NaN],
    ['boolean', true],
    ['string', NEEDLE],
    ['string', ''],
    ['symbol', Symbol(NEEDLE)],
    ['bigint', 7n],
  ]
  const groups = ['options', 'clients', 'cache', 'retry', 'batch']
  const inGroup = (group: string, value: unknown) => (group === 'options' ? value : optionsWith(group, value))

  test.each(
    groups.flatMap((group) =>
      [...values, ['function', () => NEEDLE] as const, ['an array', [NEEDLE]] as const].map(
        ([got, value]) => [group, got, value] as const,
      ),
    ),
  )('%s refuses %s', (group, got, value) => {
    const error = typeErrorOf(inGroup(group, value))
    expect(error.message).toBe(`${group}: expected a plain object, got ${got}`)
    expectNoNeedle(error, NEEDLE)
  })

  test.each(
    groups.flatMap((group) =>
      [
        new Date(),
        new Map([['ttlMs', 1]]),
        new (class Config {
          ttlMs = 1
        })(),
        Object.create({ ttlMs: 1 }) as unknown,
        Promise.resolve({}),
      ].map((value) => [group, value] as const),
    ),
  )('%s refuses an object whose members would silently not count (%#)', (group, value) => {
    expect(typeErrorOf(inGroup(group, value)).message).toBe(
      `${group}: expected a plain object, got an instance of a class`,
    )
  })

  test.each<[string, unknown]>([
    ...values.filter(([got]) => got !== 'boolean'),
    ['function', () => true],
    ['an array', [true]],
    ['object', {}],
    ['an instance of a class', Object(true)],
  ])('batch.enabled refuses %s', (got, value) => {
    const error = typeErrorOf({ batch: { enabled: value } })
    expect(error.message).toBe(`batch.enabled: expected a boolean, got ${got}`)
    expectNoNeedle(error, NEEDLE)
  })

  test.each<[string, unknown]>([
    ...values,
    ['an array', [() => undefined]],
    ['object', { handleEvent: () => undefined }],
    ['an instance of a class', new Date()],
  ])('onEvent refuses %s', (got, value) => {
    const error = typeErrorOf({ onEvent: value })
    expect(error.message).toBe(`onEvent: expected a function, got ${got}`)
    expectNoNeedle(error, NEEDLE)
  })

  test.each<[string, unknown]>([
    ...values.filter(([got]) => got !== 'boolean'),
    ['an array', []],
    ['object', { salt: NEEDLE }],
    ['an instance of a class', /prod/],
  ])('redactRefs refuses %s', (got, value) => {
    const error = typeErrorOf({ redactRefs: value })
    expect(error.message).toBe(`redactRefs: expected a boolean or a function, got ${got}`)
    expectNoNeedle(error, NEEDLE)
  })

  test.each(values)('clients refuse %s', (got, value) => {
    for (const name of ['clients.secretsManager', 'clients.ssm']) {
      const error = typeErrorOf(optionsWith(name, value))
      expect(error.message).toBe(`${name}: expected an AWS SDK client or an object with send(), got ${got}`)
      expectNoNeedle(error, NEEDLE)
    }
  })

  test.each<[string, unknown]>([
    ['an object without send', {}],
    ['send that is no function', { send: NEEDLE }],
    [
      'a getter that throws',
      {
        get send() {
          throw new Error(NEEDLE)
        },
      },
    ],
  ])('clients refuse %s', (_title, value) => {
    expectNoNeedle(typeErrorOf({ clients: { ssm: value } }), NEEDLE)
  })

  test.each<[string, unknown]>([...values.slice(0, -2), ['function', () => NEEDLE], ['object', {}]])(
    'sources refuse %s in place of a list',
    (got, value) => {
      expect(typeErrorOf({ sources: value }).message).toBe(
        `sources: expected an array of sources, got ${got}`,
      )
    },
  )

  const source = { service: 'ssm', maxBatch: 1, load: () => undefined }
  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['text', NEEDLE],
    ['an object', {}],
    ['no service', { ...source, service: undefined }],
    ['another service', { ...source, service: NEEDLE }],
    ['no load', { ...source, load: undefined }],
    ['no maxBatch', { ...source, maxBatch: undefined }],
    ['maxBatch 0', { ...source, maxBatch: 0 }],
    ['maxBatch NaN', { ...source, maxBatch: NaN }],
    ['maxBatch Infinity', { ...source, maxBatch: Infinity }],
    ['maxBatch 1.5', { ...source, maxBatch: 1.5 }],
    ['maxBatch as text', { ...source, maxBatch: '1' }],
    [
      'a getter that throws',
      {
        load: () => undefined,
        get service() {
          throw new Error(NEEDLE)
        },
      },
    ],
  ])('sources refuse %s as a source, and say which one', (_title, value) => {
    const error = typeErrorOf({ sources: [source, value] })
    expect(error.message).toContain(
      "sources[1]: expected { service: 'secretsmanager' | 'ssm', maxBatch, load() }",
    )
    expectNoNeedle(error, NEEDLE)
  })

  test.each<[string, unknown]>([
    ...values,
    ['an array', []],
    ['object', {}],
    ['object', { now: 1, monotonic: 2, sleep: 3 }],
    ['an instance of a class', new Date()],
  ])('clock refuses %s', (got, value) => {
    const error = typeErrorOf({ clock: value })
    expect(error.message).toBe(`clock: expected an object with now(), monotonic() and sleep(), got ${got}`)
    expectNoNeedle(error, NEEDLE)
  })

  test.each<unknown>([
    '',
    ' ',
    'EU-WEST-1',
    'eu-west-1\n',
    'eu_west_1',
    'https://example.com',
    NEEDLE,
    'x'.repeat(64),
    7,
    null,
    {},
    [],
  ])('region refuses what is none (%#)', (value) => {
    const error = typeErrorOf({ region: value })
    expect(error.message).toContain('region: expected a region such as "eu-west-1", got ')
    expectNoNeedle(error, NEEDLE)
  })
})

describe('an unknown option', () => {
  const OPTIONS = 'region, clients, cache, retry, batch, sources, seal, clock, onEvent, redactRefs'
  const CACHE =
    'maxEntries, maxBytes, ttlMs, staleWhileRevalidateMs, staleIfErrorMs, negativeTtlMs, maxNegativeTtlMs'
  const RETRY = 'maxAttempts, timeoutMs, attemptTimeoutMs'

  test.each([
    [{ ttlMs: 5 }, `options: unknown option "ttlMs", expected one of ${OPTIONS}`],
    [{ clients: { s3: {} } }, 'clients: unknown option "…", expected one of secretsManager, ssm'],
    [{ cache: { ttl: 5 } }, `cache: unknown option "ttl", expected one of ${CACHE}`],
    [{ retry: { timeout: 5 } }, `retry: unknown option "timeout", expected one of ${RETRY}`],
    [{ retry: { retries: 5 } }, `retry: unknown option "retries", expected one of ${RETRY}`],
    [{ batch: { maxSize: 5 } }, 'batch: unknown option "maxSize", expected one of enabled'],
    [{ maxAttempts: 5 }, `options: unknown option "maxAttempts", expected one of ${OPTIONS}`],
    [{ cache: { ttlMs: 5, TTLMS: 5 } }, `cache: unknown option "TTLMS", expected one of ${CACHE}`],
    [JSON.parse('{"__proto__":{"region":"x"}}'), `options: unknown option "…", expected one of ${OPTIONS}`],
    [JSON.parse('{"cache":{"__proto__":{}}}'), `cache: unknown option "…", expected one of ${CACHE}`],
    [{ constructor: 1 }, `options: unknown option "constructor", expected one of ${OPTIONS}`],
    [{ undefinedToo: undefined }, `options: unknown option "undefinedToo", expected one of ${OPTIONS}`],
  ])('is named (%#)', (options: unknown, message) => {
    expect(typeErrorOf(options).message).toBe(message)
  })

  test.each<[object, string]>([
    [{ ttl_Ms: 5 }, 'ttl_Ms'],
    [{ stale_while_revalidateMs: 5 }, 'stale_while_revalidateMs'],
    [{ maxEntries1: 5 }, 'maxEntries1'],
    [{ 'ttl-Ms-1': 5 }, '…'],
    [{ sk_live_SECRETSECRET: 5 }, '…'],
    [{ abcdefghijklmnopqrstuvwx: 5 }, 'abcdefghijklmnopqrstuvwx'],
    [{ abcdefghijklmnopqrstuvwxy: 5 }, '…'],
  ])('is quoted where it is a word or nearly an option (%#)', (cache, name) => {
    expect(typeErrorOf({ cache }).message).toBe(`cache: unknown option "${name}", expected one of ${CACHE}`)
  })

  test.each([NEEDLE, 'x'.repeat(41), '', 'ttl ms', 'ttl\n'])(
    'is not quoted where it looks like a value (%#)',
    (name) => {
      const error = typeErrorOf({ [name]: 1 })
      expect(error.message).toContain('options: unknown option "…", expected one of')
      expectNoNeedle(error, NEEDLE)
    },
  )
})

describe('a hostile object', () => {
  const thrower = () => {
    throw new Error(NEEDLE)
  }
  const traps = {
    ownKeys: thrower,
    get: thrower,
    has: thrower,
    getPrototypeOf: thrower,
    getOwnPropertyDescriptor: thrower,
  }
  const revoked = () => {
    const { proxy, revoke } = Proxy.revocable([], {})
    revoke()
    return proxy
  }

  test.each<[string, () => unknown]>([
    ['a proxy that throws', () => new Proxy({}, traps)],
    ['a proxy whose keys throw', () => new Proxy({}, { ownKeys: thrower })],
    ['a revoked proxy', revoked],
    [
      'a getter that throws',
      () => ({
        get region() {
          return thrower()
        },
      }),
    ],
    [
      'a getter in a group',
      () => ({
        cache: {
          get ttlMs() {
            return thrower()
          },
        },
      }),
    ],
    ['a group that is a proxy', () => ({ retry: new Proxy({}, traps) })],
    ['a batch group that is a proxy', () => ({ batch: new Proxy({}, traps) })],
    ['a listener that is a proxy of an object', () => ({ onEvent: new Proxy({}, traps) })],
    ['a redaction that is a proxy of an object', () => ({ redactRefs: new Proxy({}, traps) })],
    ['a client that is a proxy', () => ({ clients: { ssm: new Proxy({}, traps) } })],
    ['a list that is a proxy', () => ({ sources: new Proxy([], traps) })],
    ['a revoked list', () => ({ sources: revoked() })],
    ['a source that is a proxy', () => ({ sources: [new Proxy({}, traps)] })],
    ['a clock that is a proxy', () => ({ clock: new Proxy({}, traps) })],
    ['a region that is a proxy', () => ({ region: new Proxy({}, traps) })],
  ])('%s is a TypeError of ours', (_title, options) => {
    expectNoNeedle(typeErrorOf(options()), NEEDLE)
  })

  test('an option is read once, so it cannot change after the check', () => {
    let reads = 0
    const options = {
      cache: {
        get ttlMs() {
          return (reads += 1)
        },
      },
    }
    expect(resolveOptions(options).ttlMs).toBe(1)
    expect(reads).toBe(1)
  })
})

describe('a polluted Object.prototype', () => {
  const names = [
    'region',
    'clients',
    'cache',
    'retry',
    'batch',
    'sources',
    'clock',
    'onEvent',
    'redactRefs',
    'ttlMs',
    'maxEntries',
    'maxBytes',
    'staleWhileRevalidateMs',
    'staleIfErrorMs',
    'negativeTtlMs',
    'maxNegativeTtlMs',
    'maxAttempts',
    'timeoutMs',
    'attemptTimeoutMs',
    'enabled',
    'secretsManager',
    'ssm',
  ]
  afterEach(() => {
    for (const name of names) Reflect.deleteProperty(Object.prototype, name)
  })

  test('changes nothing', () => {
    const expected = resolveOptions({ cache: {}, clients: {}, retry: {}, batch: {} })
    for (const name of names) {
      Object.defineProperty(Object.prototype, name, {
        value: 7,
        configurable: true,
        enumerable: true,
        writable: true,
      })
    }
    const resolved = resolveOptions({ cache: {}, clients: {}, retry: {}, batch: {} })
    for (const name of names) Reflect.deleteProperty(Object.prototype, name)
    expect(resolved).toEqual(expected)
  })
})

describe('what is accepted', () => {
  test.each([
    [
      'SDK clients',
      () => ({
        clients: {
          secretsManager: new SecretsManagerClient({ region: 'eu-west-1' }),
          ssm: new SSMClient({ region: 'eu-west-1' }),
        },
      }),
    ],
    ['anything with send', () => ({ clients: { ssm: { send: () => Promise.resolve({}) } } })],
    ['a clock that is an instance of a class', () => ({ clock: new ManualClock() })],
    ['a source that is an instance of a class', () => ({ sources: [new FakeSource(textSecret('x'))] })],
    [
      'an object without a prototype',
      () => Object.assign(Object.create(null) as object, { region: 'eu-west-1' }),
    ],
    ['a region of another partition', () => ({ region: 'us-gov-east-1' })],
    ['a listener that is an asynchronous function', () => ({ onEvent: () => Promise.resolve() })],
    ['references in events as they are', () => ({ redactRefs: false })],
    ['references in events as hashes', () => ({ redactRefs: true })],
    ['references in events as a function makes them', () => ({ redactRefs: () => 'hidden' })],
    ['no batches', () => ({ batch: { enabled: false } })],
  ])('%s', async (_title, options) => {
    const client = new SecretsClient(options())
    expect(client.isClosed).toBe(false)
    await client.close()
  })

  test('options are read at construction and not later', async () => {
    const source = new FakeSource(textSecret('x'))
    const options = { sources: [source], cache: { ttlMs: 0 }, clock: new ManualClock() }
    const client = new SecretsClient(options)
    options.sources.pop()
    options.cache.ttlMs = 1000
    await client.get('prod/db')
    await client.get('prod/db')
    expect(source.asked).toHaveLength(2)
  })
})

test('two sources for one service are refused: one would be ignored in silence', () => {
  const source = { service: 'ssm' as const, maxBatch: 1, load: () => Promise.resolve([]) }
  expect(() => resolveOptions({ sources: [source, { ...source }] })).toThrow(/one source per service/)
})

describe('a source reads from where it was told to', () => {
  const sources = [new FakeSource(textSecret('x')), new FakeSource(textSecret('x'), 'ssm')]

  test.each([
    [{ sources, region: 'us-west-2' }, 'region'],
    [
      { sources: sources.slice(0, 1), clients: { secretsManager: { send: vi.fn() } } },
      'clients.secretsManager',
    ],
    [{ sources: sources.slice(1), clients: { ssm: { send: vi.fn() } } }, 'clients.ssm'],
  ])('so that what it would never hear of is refused: %#', (options, name) => {
    expect(typeErrorOf(options).message).toMatch(new RegExp(`^${name}: expected none beside`))
  })

  test('what another service needs may stand beside it', () => {
    const client = { send: vi.fn() }
    const options = { sources: sources.slice(0, 1), clients: { ssm: client }, region: 'us-west-2' }
    expect(resolveOptions(options)).toMatchObject({ ssm: client, region: 'us-west-2' })
  })
})
