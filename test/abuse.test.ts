/** Misuse and hostility: whatever is passed in, what comes out is ours, nothing was sent and nothing leaked. */

import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import {
  type ReadOptions,
  type ReferenceInput,
  type SecretsClientOptions,
  type SecretsErrorCode,
  type Source,
  type WatchOptions,
  SecretsClient,
  SecretsError,
  getSecret,
  isSecretsError,
  parseReference,
} from '../src/index.js'
import { FakeSource, textSecret } from './support/fake-source.js'
import { ManualClock, pass, whileTimePasses } from './support/manual-clock.js'
import { NEEDLE, expectNoNeedle } from './support/needle.js'

const thrower = (): never => {
  throw new Error(NEEDLE)
}

const traps: ProxyHandler<object> = {
  get: thrower,
  has: thrower,
  ownKeys: thrower,
  getPrototypeOf: thrower,
  getOwnPropertyDescriptor: thrower,
}

/** What is wrong wherever a reference, options or a code belongs. */
const JUNK: readonly (readonly [string, unknown])[] = [
  ['null', null],
  ['a number', 42],
  ['NaN', NaN],
  ['true', true],
  ['false', false],
  ['a symbol', Symbol(NEEDLE)],
  ['a bigint', 42n],
  ['a function', () => NEEDLE],
  ['an array', [NEEDLE]],
  ['an empty array', []],
  ['a date', new Date(0)],
  ['a map', new Map([[NEEDLE, NEEDLE]])],
  ['a set', new Set([NEEDLE])],
  ['bytes', new TextEncoder().encode(NEEDLE)],
  ['a promise', Promise.resolve(NEEDLE)],
  ['an error', new Error(NEEDLE)],
  ['a regular expression', new RegExp(NEEDLE.slice(0, 7))],
  [
    'a class instance',
    new (class Reference {
      value = NEEDLE
    })(),
  ],
  ['an object of unknown members', { [NEEDLE]: NEEDLE }],
  ['an object whose conversion gives text', { toString: () => 'prod/db', toJSON: () => 'prod/db' }],
  ['a wrapped string', Object('prod/db')],
  ['a proxy that throws', new Proxy({}, traps)],
  ['a proxy of a function that throws', new Proxy(() => undefined, traps)],
]

/** Texts that are no reference. */
const BAD_TEXTS: readonly (readonly [string, string])[] = [
  ['the empty text', ''],
  ['a space', ' '],
  ['a tab and a line break', '\t\n'],
  ['text with a line break at the end', 'prod/db\n'],
  ['text with a NUL', 'prod\0db'],
  ['text with an escape sequence', '\u001B[31mprod/db'],
  ['text with a zero-width space', 'prod\u200B/db'],
  ['composed characters', 'prod/\u00E9'],
  ['decomposed characters', 'prod/e\u0301'],
  ['a lone surrogate', 'prod/\uD800'],
  ['an emoji', 'prod/🔑'],
  ['2049 characters', 'x'.repeat(2049)],
  ['100 000 characters', NEEDLE.repeat(4000).slice(0, 100_000)],
  ['a secret value', NEEDLE],
  ['a URL', `https://user:${NEEDLE}@example.com/`],
  ['JSON', JSON.stringify({ password: NEEDLE })],
  ['only a field', '#password'],
  ['only a selector', ':AWSCURRENT'],
  ['an empty field', 'prod/db#'],
  ['too many selectors', 'prod/db:a:b:c:d'],
  ['a dynamic reference cut short', '{{resolve:secretsmanager:prod/db'],
  ['an ARN of another service', 'arn:aws:s3:::bucket'],
]

/** Members that do not fit into a reference object. */
const BAD_OBJECTS: readonly (readonly [string, object])[] = [
  ['no member', {}],
  ['name and ARN', { name: 'a', arn: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:a-AbCdEf' }],
  ['an own __proto__', JSON.parse('{"name":"a","__proto__":{"name":"b"}}') as object],
  ['an own constructor', { name: 'a', constructor: 'b' }],
  ['an inherited name', Object.create({ name: 'prod/db' }) as object],
  ...['name', 'arn', 'service', 'versionId', 'versionStage', 'label', 'field'].flatMap((member) =>
    [null, 7, NaN, true, {}, [], Symbol(NEEDLE), NEEDLE, '', '\uD800', 'x'.repeat(100_000)].map(
      (value): [string, object] => [
        `${member} ${typeof value}`,
        member === 'name'
          ? { name: value }
          : { ...(member !== 'arn' && { name: 'prod/db' }), [member]: value },
      ],
    ),
  ),
  ...[null, '3', NaN, -1, 0, 1.5, Infinity, 2 ** 53, {}].map((version): [string, object] => [
    'version',
    { service: 'ssm', name: '/a', version },
  ]),
  [
    'a getter that throws',
    {
      get name() {
        return thrower()
      },
    },
  ],
  [
    'a getter of an unknown member',
    {
      name: 'a',
      get [NEEDLE]() {
        return thrower()
      },
    },
  ],
]

/** What fits in `BAD_OBJECTS` but is a reference all the same. */
const isFine = (value: object): boolean => {
  try {
    parseReference(value)
    return true
  } catch {
    return false
  }
}

const REFERENCES: readonly (readonly [string, unknown])[] = [
  ...JUNK.filter(([title]) => title !== 'a proxy that throws'),
  ...BAD_TEXTS,
  ...BAD_OBJECTS.filter(([, value]) => !isFine(value)),
]

const rejections: unknown[] = []
const note = (reason: unknown) => {
  rejections.push(reason)
}
beforeAll(() => {
  process.on('unhandledRejection', note)
})
afterEach(async () => {
  // Unhandled rejections are reported after the microtasks of a turn.
  await new Promise((resolve) => setImmediate(resolve))
  expect(rejections).toEqual([])
})
afterAll(() => {
  process.off('unhandledRejection', note)
})

function setUp(source: Source = new FakeSource(textSecret('{"a":"value"}'))) {
  const clock = new ManualClock()
  return { clock, client: new SecretsClient({ sources: [source], clock }) }
}

/** What `act` throws or rejects with; fails where a promise was promised and something was thrown. */
async function rejectionOf(act: () => Promise<unknown>): Promise<unknown> {
  let promise: Promise<unknown>
  try {
    promise = act()
  } catch {
    throw new Error('it threw synchronously')
  }
  expect(promise).toBeInstanceOf(Promise)
  return promise.then(
    () => {
      throw new Error('it resolved')
    },
    (error: unknown) => error,
  )
}

function thrownBy(act: () => unknown): unknown {
  try {
    act()
  } catch (error) {
    return error
  }
  throw new Error('it returned')
}

function expectOurs(error: unknown): void {
  expect(error instanceof TypeError || isSecretsError(error)).toBe(true)
  expectNoNeedle(error, NEEDLE)
}

describe('a reference that is none', () => {
  const readers: [string, (client: SecretsClient, ref: ReferenceInput) => Promise<unknown>][] = [
    ['get', (client, ref) => client.get(ref)],
    ['get with a default', (client, ref) => client.get(ref, { default: 'x' })],
    ['read', (client, ref) => client.read(ref)],
    ['read with a default', (client, ref) => client.read(ref, { default: 'x' })],
    ['refresh', (client, ref) => client.refresh(ref)],
    ['watch', (client, ref) => client.watch(ref).next()],
    [
      'prefetch',
      async (client, ref) => {
        const { failed } = await client.prefetch([ref])
        return Promise.reject(failed[0] ?? new Error('none failed'))
      },
    ],
    ['getSecret', (_client, ref) => getSecret(ref)],
  ]

  test.each(readers)('is refused by %s, by rejection, before anything is sent', async (_name, read) => {
    for (const [title, ref] of [['undefined', undefined] as const, ...REFERENCES]) {
      const source = new FakeSource(textSecret('x'))
      const error = await rejectionOf(() => read(setUp(source).client, ref as ReferenceInput))
      expect([title, source.asked]).toEqual([title, []])
      expectOurs(error)
    }
  })

  test('is refused by invalidate, and nothing is forgotten', async () => {
    const { client } = setUp()
    await client.get('prod/db')
    for (const [, ref] of REFERENCES) {
      expectOurs(
        thrownBy(() => {
          client.invalidate(ref as ReferenceInput)
        }),
      )
    }
    expect(client.stats().entries).toBe(1)
  })

  test('is refused by parseReference', () => {
    for (const [, ref] of [['undefined', undefined] as const, ...REFERENCES]) {
      expectOurs(thrownBy(() => parseReference(ref as ReferenceInput)))
    }
  })

  test('is a TypeError where its type is wrong, and ERR_REFERENCE_INVALID where its text is', async () => {
    const { client } = setUp()
    for (const ref of [undefined, null, 42, true, Symbol('x'), 42n, []]) {
      expect(await rejectionOf(() => client.get(ref as unknown as ReferenceInput))).toBeInstanceOf(TypeError)
    }
    for (const [, ref] of BAD_TEXTS) {
      expect(await rejectionOf(() => client.get(ref))).toMatchObject({
        code: 'ERR_REFERENCE_INVALID',
        attempts: 0,
      })
    }
  })
})

describe('names that are words of JavaScript', () => {
  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'prototype'])(
    '%s is a name like others',
    async (name) => {
      const { client } = setUp()
      await expect(client.get(name)).resolves.toBe('{"a":"value"}')
      await expect(client.get(`${name}#${name}`)).rejects.toMatchObject({ code: 'ERR_FIELD_NOT_FOUND' })
      await expect(client.get(`${name}#a`)).resolves.toBe('value')
      await expect(client.refresh(name)).resolves.toMatchObject({ changed: false })
    },
  )
})

describe('options that are none', () => {
  const BAD_OPTIONS: readonly (readonly [string, unknown])[] = [
    ...JUNK,
    ['text', NEEDLE],
    ['the empty text', ''],
    ...['as', 'schema', 'signal', 'fresh', 'ttlMs'].flatMap((option) => [
      ...JUNK.filter(
        ([, value]) =>
          !(option === 'ttlMs' && value === 42) &&
          !(option === 'fresh' && typeof value === 'boolean') &&
          !isPlainSchema(option, value),
      ).map(([title, value]) => [`${option}: ${title}`, { [option]: value }] as const),
      [`${option}: text`, { [option]: NEEDLE }] as const,
      [
        `${option}: a getter that throws`,
        Object.defineProperty({}, option, { get: thrower, enumerable: true }),
      ] as const,
    ]),
    [
      'a getter of default that throws',
      Object.defineProperty({}, 'default', { get: thrower, enumerable: true }),
    ],
    ['an own __proto__', JSON.parse('{"__proto__":{"as":"json"}}')],
    ['a misspelt name', { ttl: 5 }],
  ]

  const methods: [string, (client: SecretsClient, options: ReadOptions) => Promise<unknown>][] = [
    ['get', (client, options) => client.get('prod/db', options)],
    ['read', (client, options) => client.read('prod/db', options)],
    ['getSecret', (_client, options) => getSecret('prod/db', options)],
    ['refresh', (client, options) => client.refresh('prod/db', options)],
    ['watch', (client, options) => client.watch<WatchOptions>('prod/db', options).next()],
    ['prefetch', (client, options) => client.prefetch(['prod/db'], options)],
  ]

  test.each(methods)('are refused by %s with a TypeError, before anything is sent', async (_name, read) => {
    for (const [title, options] of BAD_OPTIONS) {
      const source = new FakeSource(textSecret('x'))
      const error = await rejectionOf(() => read(setUp(source).client, options as ReadOptions))
      expect([title, source.asked]).toEqual([title, []])
      expect([title, Object.getPrototypeOf(error) === TypeError.prototype]).toEqual([title, true])
      expectNoNeedle(error, NEEDLE)
    }
  })

  test('are refused by the constructor with a TypeError', () => {
    const groups = [
      'clients',
      'cache',
      'retry',
      'batch',
      'region',
      'sources',
      'clock',
      'onEvent',
      'redactRefs',
    ]
    /** What is fine in that place. */
    const isFine = (group: string, value: unknown) =>
      (group === 'sources' && Array.isArray(value) && value.length === 0) ||
      (group === 'onEvent' && typeof value === 'function') ||
      (group === 'redactRefs' && (typeof value === 'function' || typeof value === 'boolean'))
    const bad = [
      ...JUNK,
      ['text', NEEDLE] as const,
      ...groups.flatMap((group) =>
        JUNK.filter(([, value]) => !isFine(group, value)).map(
          ([title, value]) => [`${group}: ${title}`, { [group]: value }] as const,
        ),
      ),
    ]
    for (const [title, options] of bad) {
      const error = thrownBy(() => new SecretsClient(options as SecretsClientOptions))
      expect([title, Object.getPrototypeOf(error) === TypeError.prototype]).toEqual([title, true])
      expectNoNeedle(error, NEEDLE)
    }
  })
})

/** A plain object is a JSON Schema, whatever it says. */
function isPlainSchema(option: string, value: unknown): boolean {
  return (
    option === 'schema' &&
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    hasPlainPrototype(value)
  )
}

function hasPlainPrototype(value: object): boolean {
  try {
    return Object.getPrototypeOf(value) === Object.prototype
  } catch {
    return false
  }
}

describe('a list of references that is none', () => {
  const REFUSED = JUNK.filter(
    ([title]) =>
      !/^(an array|an empty array|an object of unknown members|a map|a set|bytes|a wrapped string)$/.test(
        title,
      ),
  )

  test.each([['undefined', undefined] as const, ['text', NEEDLE] as const, ...REFUSED])(
    'is refused by prefetch: %s',
    async (_title, refs) => {
      const source = new FakeSource(textSecret('x'))
      const { client } = setUp(source)
      const error = await rejectionOf(() => client.prefetch(refs as Iterable<ReferenceInput>))
      expect(source.asked).toEqual([])
      expectOurs(error)
    },
  )

  test('and whose iterator throws is refused too', async () => {
    const refs = { [Symbol.iterator]: thrower }
    expectOurs(await rejectionOf(() => setUp().client.prefetch(refs)))
  })
})

describe('arguments that nobody asked for', () => {
  test.each(JUNK)('close and stats ignore %s', async (_title, junk) => {
    const { client } = setUp()
    const stats: unknown = Reflect.apply(Reflect.get(client, 'stats'), client, [junk])
    expect(stats).toMatchObject({ hits: 0 })
    const closed: unknown = Reflect.apply(Reflect.get(client, 'close'), client, [junk])
    await expect(closed).resolves.toBeUndefined()
    expect(client.isClosed).toBe(true)
  })

  test('a method that is torn off its client rejects with a TypeError', async () => {
    for (const name of ['get', 'read', 'refresh', 'prefetch'] as const) {
      const torn = Reflect.get(SecretsClient.prototype, name) as (ref: string) => Promise<unknown>
      expect(await rejectionOf(() => torn.call(undefined, 'prod/db'))).toBeInstanceOf(TypeError)
    }
  })
})

describe('isSecretsError', () => {
  test.each([
    ['undefined', undefined] as const,
    ...JUNK.filter(([title]) => !title.startsWith('a proxy')),
    ['text', NEEDLE] as const,
  ])('is false for %s', (_title, value) => {
    expect(isSecretsError(value)).toBe(false)
    expect(isSecretsError(value, 'ERR_DECODE')).toBe(false)
  })

  test.each(JUNK)('is false for the code %s', (_title, code) => {
    const error = new SecretsError('ERR_DECODE', { what: 'x' })
    expect(isSecretsError(error, code as SecretsErrorCode)).toBe(false)
  })

  test('is true for a copy that lost its prototype members, and not for one that lost its brand', () => {
    const error = new SecretsError('ERR_DECODE', { what: 'x' })
    expect(isSecretsError(error)).toBe(true)
    expect(isSecretsError(Object.create(error), 'ERR_DECODE')).toBe(true)
    expect(isSecretsError(structuredClone(error))).toBe(false)
  })
})

describe('a source that breaks its contract', () => {
  const load = (answer: () => unknown): Source => ({
    service: 'secretsmanager',
    maxBatch: 1,
    load: answer as Source['load'],
  })

  test.each<[string, () => unknown]>([
    ['throws synchronously', thrower],
    ['rejects', () => Promise.reject(new Error(NEEDLE))],
    ['returns undefined', () => undefined],
    ['returns null', () => null],
    ['returns a text', () => NEEDLE],
    ['returns an object', () => ({})],
    ['resolves with nothing', () => Promise.resolve()],
    ['gives no result', () => Promise.resolve([])],
    ['gives two results', () => Promise.resolve([{ value: { text: NEEDLE } }, { value: { text: NEEDLE } }])],
    ['gives undefined as result', () => Promise.resolve([undefined])],
    ['gives a text as result', () => Promise.resolve([NEEDLE])],
    ['gives an empty result', () => Promise.resolve([{}])],
    ['gives an undefined error', () => Promise.resolve([{ error: undefined }])],
    ['gives null as value', () => Promise.resolve([{ value: null }])],
    ['gives a text as value', () => Promise.resolve([{ value: NEEDLE }])],
    ['gives a value without payload', () => Promise.resolve([{ value: { name: NEEDLE } }])],
    ['gives text and bytes', () => Promise.resolve([{ value: { text: NEEDLE, bytes: new Uint8Array(1) } }])],
    ['gives text that is none', () => Promise.resolve([{ value: { text: { toString: () => NEEDLE } } }])],
    ['gives bytes that are none', () => Promise.resolve([{ value: { bytes: [1, 2] } }])],
    [
      'gives a getter that throws',
      () =>
        Promise.resolve([
          {
            get value() {
              return thrower()
            },
          },
        ]),
    ],
    [
      'gives a payload in a getter that throws',
      () =>
        Promise.resolve([
          {
            value: {
              get text() {
                return thrower()
              },
            },
          },
        ]),
    ],
    ['gives a proxy that throws', () => Promise.resolve([new Proxy({}, traps)])],
    [
      'gives a thenable that throws',
      () => ({
        get then() {
          return thrower()
        },
      }),
    ],
    ['gives a list that throws', () => Promise.resolve(new Proxy([], { get: thrower }))],
  ])('%s: the read fails with a SecretsError', async (_title, answer) => {
    for (const read of ['get', 'read', 'refresh'] as const) {
      const { client, clock } = setUp(load(answer))
      const error = await rejectionOf(() => whileTimePasses<unknown>(clock, client[read]('prod/db')))
      expect(error).toBeInstanceOf(SecretsError)
      expect(error).toMatchObject({ code: 'ERR_UNAVAILABLE', ref: 'prod/db', attempts: 3 })
      expectNoNeedle(error, NEEDLE)
      expect(clock.sleeping).toBe(0)
      expect(client.stats()).toMatchObject({ entries: 0, failures: 1 })
    }
  })

  const withGetter = (name: string) => Object.defineProperty(new Error('x'), name, { get: thrower })
  test.each<[string, unknown]>([
    ['undefined', undefined],
    ['null', null],
    ['a text', NEEDLE],
    ['a number', 42],
    ['a symbol', Symbol(NEEDLE)],
    ['a function', () => NEEDLE],
    ['a frozen object', Object.freeze({ message: NEEDLE, name: NEEDLE })],
    ['a frozen error', Object.freeze(new Error(NEEDLE))],
    [
      'an error that is its own cause',
      Object.assign(
        new Error(NEEDLE),
        (() => {
          const cause: { cause?: unknown } = {}
          cause.cause = cause
          return { cause }
        })(),
      ),
    ],
    [
      'an error with a long chain of causes',
      Array.from({ length: 1000 }).reduce<Error>((cause) => new Error(NEEDLE, { cause }), new Error(NEEDLE)),
    ],
    [
      'an error whose members are of wrong types',
      Object.assign(new Error(NEEDLE), { name: 7, code: {}, $metadata: NEEDLE, cause: NEEDLE }),
    ],
    [
      'an error whose metadata is of wrong types',
      Object.assign(new Error(NEEDLE), {
        $metadata: { httpStatusCode: NEEDLE, attempts: NEEDLE, requestId: NEEDLE },
      }),
    ],
    ['an error whose name is the secret', Object.assign(new Error(NEEDLE), { name: NEEDLE })],
    ['an aggregate', new AggregateError([new Error(NEEDLE)], NEEDLE)],
    ['an error without a prototype', Object.setPrototypeOf(new Error(NEEDLE), null)],
    ...['name', 'message', 'code', 'cause', '$metadata', 'stack'].map((name): [string, unknown] => [
      `an error whose ${name} throws`,
      withGetter(name),
    ]),
    ['metadata that throws', Object.assign(new Error('x'), { $metadata: new Proxy({}, traps) })],
    ['a proxy that throws', new Proxy({}, traps)],
    ['a proxy of an error that throws', new Proxy(new Error(NEEDLE), traps)],
  ])('throws %s: the read fails with a SecretsError that quotes nothing', async (_title, thrown) => {
    const ways: (() => unknown)[] = [
      () => {
        throw thrown
      },
      () => Promise.reject(thrown),
      ...(thrown === undefined ? [] : [() => Promise.resolve([{ error: thrown }])]),
    ]
    for (const way of ways) {
      const { client, clock } = setUp(load(way))
      const error = await rejectionOf(() => whileTimePasses(clock, client.get('prod/db', { default: 'x' })))
      expect(error).toBeInstanceOf(SecretsError)
      expect(error).toMatchObject({ code: 'ERR_UNAVAILABLE', ref: 'prod/db', retryable: true })
      expectNoNeedle(error, NEEDLE)
      expect(clock.sleeping).toBe(0)
    }
  })

  test('never answers: each request is given up in time, and the read at its deadline, no sooner', async () => {
    const signals: AbortSignal[] = []
    const { client, clock } = setUp({
      service: 'secretsmanager',
      maxBatch: 1,
      load: (_references, { signal }) => {
        signals.push(signal)
        return new Promise(() => undefined)
      },
    })
    let isSettled = false
    const outcome = rejectionOf(() => client.get('prod/db')).finally(() => (isSettled = true))
    await new Promise((resolve) => setImmediate(resolve))
    const aborted = () => signals.map((signal) => signal.aborted)
    await pass(clock, 1_999)
    expect(aborted()).toEqual([false])
    await pass(clock, 1)
    expect(aborted()).toEqual([true])
    await pass(clock, 2_999)
    expect(aborted()).toEqual([true, true, false])
    expect(isSettled).toBe(false)
    await pass(clock, 1)
    await expect(outcome).resolves.toMatchObject({
      code: 'ERR_TIMEOUT',
      ref: 'prod/db',
      retryable: true,
      attempts: 3,
    })
    expect(aborted()).toEqual([true, true, true])
    expect(clock.sleeping).toBe(0)
  })

  test('answers after the deadline: the answer is thrown away', async () => {
    let settle: (results: readonly { value: { text: string } }[]) => void = () => undefined
    const { client, clock } = setUp(
      load(
        () =>
          new Promise((resolve) => {
            settle = resolve
          }),
      ),
    )
    const outcome = rejectionOf(() => client.get('prod/db'))
    await new Promise((resolve) => setImmediate(resolve))
    clock.advance(5_000)
    await expect(outcome).resolves.toMatchObject({ code: 'ERR_TIMEOUT' })
    settle([{ value: { text: NEEDLE } }])
    await new Promise((resolve) => setImmediate(resolve))
    expect(client.stats()).toMatchObject({ entries: 0, bytes: 0 })
  })

  test('rejects after the deadline: nobody hears of it', async () => {
    let fail: (reason: unknown) => void = () => undefined
    const { client, clock } = setUp(
      load(
        () =>
          new Promise((_resolve, reject) => {
            fail = reject
          }),
      ),
    )
    const outcome = rejectionOf(() => client.get('prod/db'))
    await new Promise((resolve) => setImmediate(resolve))
    clock.advance(5_000)
    await expect(outcome).resolves.toMatchObject({ code: 'ERR_TIMEOUT' })
    fail(new Error(NEEDLE))
  })

  test.each([
    ['throws', thrower],
    ['is no function', NEEDLE],
  ])('has a close that %s: the client closes all the same', async (_title, close) => {
    const source = Object.assign(
      load(() => []),
      { close },
    ) as Source
    const { client } = setUp(source)
    await expect(client.close()).resolves.toBeUndefined()
    await expect(client.get('prod/db')).rejects.toMatchObject({ code: 'ERR_CLOSED' })
  })
})

describe('a clock that breaks its contract', () => {
  test.each<[string, () => Promise<void>]>([
    ['rejects', () => Promise.reject(new Error(NEEDLE))],
    ['throws', thrower],
  ])('whose sleep %s: the read fails at once, since it would have no deadline', async (_title, sleep) => {
    const clock = Object.assign(new ManualClock(), { sleep })
    const client = new SecretsClient({ sources: [new FakeSource(textSecret('x'))], clock })
    const error: unknown = await client.get('prod/db').catch((thrown: unknown) => thrown)
    expect(error).toMatchObject({ code: 'ERR_TIMEOUT' })
    expectNoNeedle(error, NEEDLE)
  })
})
