import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import {
  SecretsClient,
  type SecretsClientOptions,
  type StoredValue,
  isSecretsError,
} from '../../src/index.js'
import { FakeSource, deferred, textSecret } from '../support/fake-source.js'
import { ManualClock, whileTimePasses } from '../support/manual-clock.js'

const NEEDLE = 'NEEDLE-correct-horse-battery'
const V1 = 'EXAMPLE1-90ab-cdef-fedc-ba987SECRET1'
const V2 = 'EXAMPLE2-90ab-cdef-fedc-ba987SECRET2'
const TTL = 300_000
const SWR = 60_000
/** For what is to be seen of a single request. */
const ONCE = { retry: { maxAttempts: 1 } }

function build(source = new FakeSource(textSecret(NEEDLE, V1)), options: SecretsClientOptions = {}) {
  const clock = new ManualClock()
  const secrets = new SecretsClient({ clock, sources: [source], ...options })
  return { secrets, source, clock }
}

const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  )
/** A request in the background has been answered by a source that answers at once. */
const landed = () => new Promise(setImmediate)
const serviceError = (name: string) =>
  Object.assign(new Error(NEEDLE), { name, $metadata: { requestId: 'r-1' } })

describe('get', () => {
  test('one secret, a thousand concurrent callers, one request; a hit makes none', async () => {
    const { secrets, source } = build()
    const values = await Promise.all(Array.from({ length: 1000 }, () => secrets.get('prod/db')))
    expect(new Set(values)).toEqual(new Set([NEEDLE]))
    await secrets.get('prod/db')
    expect(source.asked).toHaveLength(1)
    expect(secrets.stats()).toMatchObject({ hits: 1, misses: 1000, requests: 1, failures: 0, entries: 1 })
  })

  test('a hit returns the very promise that is stored', async () => {
    const { secrets } = build()
    await secrets.get('prod/db')
    expect(secrets.get('prod/db')).toBe(secrets.get('prod/db:AWSCURRENT'))
  })

  test('fields and whole of one secret share its entry', async () => {
    const { secrets, source } = build(new FakeSource(textSecret('{"user":"app","port":5432}', V1)))
    await expect(
      Promise.all([secrets.get('prod/db#user'), secrets.get('prod/db#port'), secrets.get('prod/db')]),
    ).resolves.toEqual(['app', '5432', '{"user":"app","port":5432}'])
    expect(source.asked).toHaveLength(1)
  })

  test('version stages are entries of their own (I13, Powertools #5622)', async () => {
    const source = new FakeSource((reference) => ({
      text: reference.service === 'secretsmanager' ? (reference.versionStage ?? 'AWSCURRENT') : 'no',
    }))
    const { secrets } = build(source)
    const refs = ['prod/db', 'prod/db:AWSPREVIOUS', 'prod/db:AWSPENDING', 'prod/db']
    const values: string[] = []
    for (const ref of refs) values.push(await secrets.get(ref))
    expect(values).toEqual(['AWSCURRENT', 'AWSPREVIOUS', 'AWSPENDING', 'AWSCURRENT'])
    expect(source.asked).toHaveLength(3)
  })

  test('`/X` and `X` are one parameter', async () => {
    const source = new FakeSource({ text: 'info' }, 'ssm')
    const { secrets } = build(source)
    await secrets.get('ssm:/level')
    await secrets.get('ssm:level')
    expect(source.asked).toHaveLength(1)
  })

  test('after the lifetime a rotation is seen by the read after next: the next one starts the request', async () => {
    const { secrets, source, clock } = build()
    await secrets.get('prod/db')
    source.answer(textSecret('rotated', V2))
    await expect(secrets.get('prod/db')).resolves.toBe(NEEDLE)
    expect(source.asked).toHaveLength(1)
    clock.advance(TTL + 1)
    await expect(secrets.get('prod/db')).resolves.toBe(NEEDLE)
    await landed()
    await expect(secrets.get('prod/db')).resolves.toBe('rotated')
    expect(source.asked).toHaveLength(2)
  })

  test.each([
    ['where nothing stale is to be had', { cache: { staleWhileRevalidateMs: 0 } }, TTL + 1],
    ['past the time for stale values', {}, TTL + SWR + 1],
  ])('after the lifetime a rotation is seen by the next read %s', async (_title, options, age) => {
    const { secrets, source, clock } = build(undefined, options)
    await secrets.get('prod/db')
    source.answer(textSecret('rotated', V2))
    clock.advance(age)
    await expect(secrets.get('prod/db')).resolves.toBe('rotated')
  })

  test('a version of a parameter does: it may be deleted and created again', async () => {
    const source = new FakeSource({ text: 'one', version: 1 }, 'ssm')
    const { secrets, clock } = build(source, { cache: { staleWhileRevalidateMs: 0 } })
    await secrets.get('ssm:/p:1')
    source.answer({ text: 'two', version: 1 })
    clock.advance(TTL + 1)
    await expect(secrets.get('ssm:/p:1')).resolves.toBe('two')
  })

  test('a version id never expires', async () => {
    const { secrets, source, clock } = build()
    await secrets.get(`prod/db:${V1}`)
    clock.advance(1000 * TTL)
    await secrets.get(`prod/db:${V1}`)
    expect(source.asked).toHaveLength(1)
  })

  test('ttlMs is the oldest age that this reader accepts', async () => {
    const { secrets, source, clock } = build()
    await secrets.get('prod/db')
    clock.advance(1000)
    await secrets.get('prod/db', { ttlMs: 1000 })
    expect(source.asked).toHaveLength(1)
    await secrets.get('prod/db', { ttlMs: 999 })
    expect(source.asked).toHaveLength(2)
  })

  test('fresh asks the service whatever is cached, and fails rather than serve the cached value', async () => {
    const { secrets, source } = build(undefined, ONCE)
    await secrets.get('prod/db')
    source.answer(textSecret('rotated', V2))
    await expect(secrets.get('prod/db', { fresh: true })).resolves.toBe('rotated')
    source.answer(() => Promise.reject(serviceError('ThrottlingException')))
    const error = await failureOf(secrets.get('prod/db', { fresh: true }))
    expect(isSecretsError(error, 'ERR_THROTTLED')).toBe(true)
    await expect(secrets.get('prod/db')).resolves.toBe('rotated')
  })

  test('bytes are a copy: what one caller does to them no other sees (I54)', async () => {
    const { secrets } = build(new FakeSource({ bytes: Uint8Array.of(1, 2, 3) }))
    const bytes = await secrets.get('key', { as: 'bytes' })
    bytes.fill(0)
    await expect(secrets.get('key', { as: 'bytes' })).resolves.toEqual(Uint8Array.of(1, 2, 3))
  })

  test('decoded objects are frozen, and the same object as long as the version is the same', async () => {
    const source = new FakeSource(textSecret('{"a":{"b":1}}', V1))
    const { secrets } = build(source)
    const first = await secrets.get('prod/db', { as: 'json' })
    expect(Object.isFrozen(first)).toBe(true)
    await secrets.refresh('prod/db')
    expect(await secrets.get('prod/db', { as: 'json' })).toBe(first)
    source.answer(textSecret('{"a":{"b":1}}', V2))
    await secrets.refresh('prod/db')
    expect(await secrets.get('prod/db', { as: 'json' })).not.toBe(first)
  })

  test('a parameter that is created anew with version 1 is not mistaken for the old one', async () => {
    const source = new FakeSource({ text: '{"a":1}', arn: 'arn', version: 1 }, 'ssm')
    const { secrets } = build(source)
    await secrets.get('ssm:/x', { as: 'json' })
    source.answer({ text: '{"a":2}', arn: 'arn', version: 1 })
    await expect(secrets.get('ssm:/x', { as: 'json', fresh: true })).resolves.toEqual({ a: 2 })
  })
})

describe('default', () => {
  const missing = new FakeSource(() => Promise.reject(serviceError('ResourceNotFoundException')))
  const fields = () => new FakeSource(textSecret('{"a":1}', V1))

  test.each([
    ['text', 'info'],
    ['undefined', undefined],
    ['null', null],
    ['false', false],
  ])('%s is returned when nothing is there', async (_title, value) => {
    await expect(build(missing).secrets.get('prod/db', { default: value })).resolves.toBe(value)
  })

  test('is returned for a missing field, from the cache too', async () => {
    const { secrets } = build(fields())
    await expect(secrets.get('prod/db#b', { default: 'none' })).resolves.toBe('none')
    await expect(secrets.get('prod/db#b', { default: 'none' })).resolves.toBe('none')
    await expect(secrets.get('prod/db#a', { default: 'none' })).resolves.toBe('1')
  })

  test.each(['AccessDeniedException', 'ThrottlingException', 'DecryptionFailure', 'InternalServiceError'])(
    'is not returned for %s',
    async (name) => {
      const { secrets } = build(new FakeSource(() => Promise.reject(serviceError(name))), ONCE)
      expect(isSecretsError(await failureOf(secrets.get('prod/db', { default: 'x' })))).toBe(true)
    },
  )

  test('is not returned for a value that does not decode', async () => {
    const { secrets } = build()
    const error = await failureOf(secrets.get('prod/db', { as: 'json', default: {} }))
    expect(isSecretsError(error, 'ERR_DECODE')).toBe(true)
  })

  test('read tells that it is the default', async () => {
    const read = await build(missing).secrets.read('prod/db', { default: 'info' })
    expect(read).toMatchObject({ value: 'info', isDefault: true, ref: 'prod/db' })
    const field = await build(fields()).secrets.read('prod/db#b', { default: 'info' })
    expect(field).toMatchObject({ value: 'info', isDefault: true, versionId: V1 })
    expect(isSecretsError(await failureOf(build(missing).secrets.read('prod/db')), 'ERR_NOT_FOUND')).toBe(
      true,
    )
  })
})

describe('read', () => {
  test('tells where the value came from', async () => {
    const { secrets, clock } = build()
    const startedAt = new Date(clock.now())
    await secrets.get('prod/db')
    clock.advance(1000)
    await expect(secrets.read('prod/db')).resolves.toMatchObject({
      value: NEEDLE,
      ref: 'prod/db',
      arn: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-AbCdEf',
      name: 'prod/db',
      versionId: V1,
      versionStages: ['AWSCURRENT'],
      createdAt: new Date(1_799_999_000_000),
      fetchedAt: startedAt,
      stale: false,
      isDefault: false,
    })
  })

  test('prints everything but the value', async () => {
    const read = await build().secrets.read('prod/db')
    const printed = [
      inspect(read, { depth: Infinity, showHidden: true, getters: true }),
      JSON.stringify(read),
      Object.entries(read).join(),
    ].join()
    expect(printed).toContain(V1)
    expect(printed).not.toContain(NEEDLE)
    expect(inspect(structuredClone(read))).not.toContain(NEEDLE)
  })

  test('a date that one caller changes stays unchanged for the next', async () => {
    const { secrets } = build()
    const first = await secrets.read('prod/db')
    first.createdAt?.setTime(0)
    expect((await secrets.read('prod/db')).createdAt).toEqual(new Date(1_799_999_000_000))
  })
})

describe('abort', () => {
  test('an aborted signal ends a read at once, hit or miss, and nothing is sent (I20)', async () => {
    const { secrets, source } = build()
    const signal = AbortSignal.abort('left')
    await expect(failureOf(secrets.get('prod/db', { signal }))).resolves.toBe('left')
    expect(source.asked).toHaveLength(0)
    await secrets.get('prod/db')
    await expect(failureOf(secrets.get('prod/db', { signal }))).resolves.toBe('left')
    await expect(failureOf(secrets.refresh('prod/db', { signal }))).resolves.toBe('left')
  })

  test("an abort ends that caller's wait only, and is not remembered (I17, I19)", async () => {
    const answer = deferred<{ text: string }>()
    const { secrets, source } = build(new FakeSource(() => answer.promise))
    const controller = new AbortController()
    const leaves = failureOf(secrets.get('prod/db', { signal: controller.signal }))
    const stays = secrets.get('prod/db')
    controller.abort('left')
    await expect(leaves).resolves.toBe('left')
    answer.resolve({ text: 'value' })
    await expect(stays).resolves.toBe('value')
    expect(source.asked).toHaveLength(1)
    expect(secrets.stats().failures).toBe(0)
  })

  test('the last caller to leave aborts the request', async () => {
    let seen: AbortSignal | undefined
    const { secrets, clock } = build(
      new FakeSource((_reference, { signal }) => {
        seen = signal
        return new Promise<never>(() => undefined)
      }),
    )
    const controller = new AbortController()
    const leaves = failureOf(secrets.get('prod/db', { signal: controller.signal }))
    await new Promise(setImmediate)
    controller.abort('left')
    await leaves
    await new Promise(setImmediate)
    expect(seen?.aborted).toBe(true)
    expect(clock.sleeping).toBe(0)
  })

  test('a caller may leave a refresh, which goes on', async () => {
    const answer = deferred<{ text: string }>()
    const { secrets } = build(new FakeSource(() => answer.promise))
    const controller = new AbortController()
    const leaves = failureOf(secrets.refresh('prod/db', { signal: controller.signal }))
    controller.abort('left')
    await expect(leaves).resolves.toBe('left')
    answer.resolve({ text: 'value' })
    await expect(secrets.get('prod/db')).resolves.toBe('value')
  })

  test('a caller may leave while a schema decides', async () => {
    const { secrets } = build()
    const never = {
      '~standard': {
        version: 1 as const,
        vendor: 'test',
        validate: () => new Promise<never>(() => undefined),
      },
    }
    const controller = new AbortController()
    const leaves = failureOf(secrets.get('prod/db', { schema: never, as: 'text', signal: controller.signal }))
    await new Promise(setImmediate)
    controller.abort('left')
    await expect(leaves).resolves.toBe('left')
  })
})

describe('deadline', () => {
  test('a source that never settles is given up, and leaves no timer (I22)', async () => {
    let seen: AbortSignal | undefined
    const { secrets, clock } = build(
      new FakeSource((_reference, { signal }) => {
        seen = signal
        return new Promise<never>(() => undefined)
      }),
      { retry: { timeoutMs: 700 } },
    )
    const failure = failureOf(secrets.get('prod/db'))
    await new Promise(setImmediate)
    clock.advance(700)
    const error = await failure
    expect(isSecretsError(error, 'ERR_TIMEOUT')).toBe(true)
    expect(error).toMatchObject({ retryable: true, attempts: 1, ref: 'prod/db' })
    expect(seen?.aborted).toBe(true)
    expect(clock.sleeping).toBe(0)
  })

  test('an answer in time leaves no timer', async () => {
    const { secrets, clock } = build()
    await secrets.get('prod/db')
    expect(clock.sleeping).toBe(0)
  })
})

describe('refresh and invalidate', () => {
  test('refresh tells whether the version changed; on a cold entry it did', async () => {
    const { secrets, source } = build()
    await expect(secrets.refresh('prod/db')).resolves.toEqual({ changed: true, versionId: V1 })
    await expect(secrets.refresh('prod/db')).resolves.toEqual({ changed: false, versionId: V1 })
    source.answer(textSecret(NEEDLE, V2))
    await expect(secrets.refresh('prod/db')).resolves.toEqual({ changed: true, versionId: V2 })
    source.answer({ text: 'x', version: 4 })
    await expect(secrets.refresh('prod/db')).resolves.toEqual({ changed: true, version: 4 })
  })

  test('each refresh asks; those at the same time share', async () => {
    const { secrets, source } = build()
    await Promise.all(Array.from({ length: 100 }, () => secrets.refresh('prod/db')))
    expect(source.asked).toHaveLength(1)
    await secrets.refresh('prod/db')
    expect(source.asked).toHaveLength(2)
  })

  test('a refresh that fails rejects and leaves the old value readable', async () => {
    const { secrets, source } = build(undefined, ONCE)
    await secrets.get('prod/db')
    source.answer(() => Promise.reject(serviceError('InternalServiceError')))
    expect(isSecretsError(await failureOf(secrets.refresh('prod/db')), 'ERR_UNAVAILABLE')).toBe(true)
    await expect(secrets.get('prod/db')).resolves.toBe(NEEDLE)
  })

  test('a request under way does not bring back what was invalidated (Powertools: late-response overwrite)', async () => {
    const old = deferred<{ text: string }>()
    const { secrets, source } = build(new FakeSource(() => old.promise))
    const before = secrets.get('prod/db')
    await new Promise(setImmediate)
    secrets.invalidate('prod/db')
    source.answer({ text: 'new' })
    await expect(secrets.get('prod/db')).resolves.toBe('new')
    old.resolve({ text: 'old' })
    await expect(before).resolves.toBe('old')
    await expect(secrets.get('prod/db')).resolves.toBe('new')
  })

  test('invalidate by a variable that is not set is a mistake, and forgets nothing', async () => {
    const { secrets } = build()
    await secrets.get('prod/db')
    const unset = undefined as unknown as string
    expect(() => {
      secrets.invalidate(unset)
    }).toThrow(TypeError)
    expect(secrets.stats().entries).toBe(1)
  })

  test('invalidate without a reference forgets everything', async () => {
    const { secrets, source } = build()
    await Promise.all([secrets.get('a'), secrets.get('b')])
    secrets.invalidate()
    expect(secrets.stats()).toMatchObject({ entries: 0, bytes: 0 })
    await secrets.get('a')
    expect(source.asked).toHaveLength(3)
  })
})

describe('failures', () => {
  const missing = () => new FakeSource(() => Promise.reject(serviceError('ResourceNotFoundException')))

  test('are remembered for a second, and a secret that is created is found after it', async () => {
    const { secrets, source, clock } = build(missing())
    const first = await failureOf(secrets.get('prod/db'))
    expect(first).toMatchObject({ code: 'ERR_NOT_FOUND', attempts: 1 })
    source.answer(textSecret('created', V1))
    const second = await failureOf(secrets.get('prod/db'))
    expect(second).toMatchObject({ code: 'ERR_NOT_FOUND', attempts: 0, ref: 'prod/db', requestId: 'r-1' })
    expect(second).toHaveProperty('message', expect.stringContaining('remembered from a moment ago'))
    expect(second).not.toBe(first)
    expect(source.asked).toHaveLength(1)
    clock.advance(1_000)
    await expect(secrets.get('prod/db')).resolves.toBe('created')
    expect(secrets.stats()).toMatchObject({ requests: 2, failures: 1 })
  })

  test.each<[string, (secrets: SecretsClient) => Promise<unknown>]>([
    ['a fresh read', (secrets) => secrets.get('prod/db', { fresh: true })],
    ['a refresh', (secrets) => secrets.refresh('prod/db')],
    [
      'a read after invalidate',
      (secrets) => {
        secrets.invalidate('prod/db')
        return secrets.get('prod/db')
      },
    ],
  ])('are not remembered for %s', async (_title, ask) => {
    const { secrets, source } = build(missing())
    await failureOf(secrets.get('prod/db'))
    source.answer(textSecret('created', V1))
    await ask(secrets)
    await expect(secrets.get('prod/db')).resolves.toBe('created')
    expect(source.asked).toHaveLength(2)
  })

  test.each([
    ['negativeTtlMs 0', { negativeTtlMs: 0 }],
    ['ttlMs 0', { ttlMs: 0 }],
  ])('are not remembered with %s, so a secret that is created is found at once', async (_title, cache) => {
    const { secrets, source } = build(missing(), { cache })
    expect(isSecretsError(await failureOf(secrets.get('prod/db')), 'ERR_NOT_FOUND')).toBe(true)
    source.answer(textSecret('created', V1))
    await expect(secrets.get('prod/db')).resolves.toBe('created')
  })

  test('are an object of its own for each caller, with the frames of that caller', async () => {
    const { secrets } = build(new FakeSource(() => Promise.reject(serviceError('ThrottlingException'))), ONCE)
    async function askedByAlice() {
      return secrets.get('prod/db')
    }
    async function askedByBob() {
      return secrets.read('prod/db')
    }
    const [alice, bob] = await Promise.all([failureOf(askedByAlice()), failureOf(askedByBob())])
    expect(alice).not.toBe(bob)
    expect(alice).toEqual(bob)
    expect(alice).toHaveProperty('stack', expect.stringMatching(/^SecretsError: prod\/db: [^]*askedByAlice/))
    expect(bob).toHaveProperty('stack', expect.stringContaining('askedByBob'))
    expect(await failureOf(secrets.refresh('prod/db'))).toHaveProperty(
      'stack',
      expect.stringContaining(import.meta.filename),
    )
  })

  test('that come after the answer count the request that was made, and none on a hit', async () => {
    const { secrets } = build()
    const ask = () => failureOf(secrets.get('prod/db', { as: 'json' }))
    expect(await ask()).toMatchObject({ code: 'ERR_DECODE', attempts: 1 })
    expect(await ask()).toMatchObject({ code: 'ERR_DECODE', attempts: 0 })
  })

  test('of a value that does not decode too, from the cache', async () => {
    const { secrets } = build()
    await secrets.get('prod/db')
    const ask = () => failureOf(secrets.get('prod/db', { as: 'json' }))
    const [first, second] = await Promise.all([ask(), ask()])
    expect(first).not.toBe(second)
    expect(first).toHaveProperty('stack', expect.stringContaining(import.meta.filename))
    expect(isSecretsError(second, 'ERR_DECODE')).toBe(true)
  })

  test('carry reference, request id and attempts, and nothing of the foreign error', async () => {
    const { secrets } = build(new FakeSource(() => Promise.reject(serviceError('AccessDeniedException'))))
    const error = await failureOf(secrets.get('prod/db#password'))
    expect(error).toMatchObject({
      code: 'ERR_ACCESS_DENIED',
      ref: 'prod/db#password',
      requestId: 'r-1',
      attempts: 1,
    })
    expect(inspect(error, { showHidden: true })).not.toContain(NEEDLE)
  })

  test.each([
    [
      'throws',
      () => {
        throw new Error(NEEDLE)
      },
    ],
    ['rejects', () => Promise.reject(new Error(NEEDLE))],
    ['gives nothing', () => Promise.resolve(undefined)],
    ['gives too few results', () => Promise.resolve([])],
    ['gives too many results', () => Promise.resolve([{ value: { text: 'a' } }, { value: { text: 'b' } }])],
    ['gives null', () => Promise.resolve([null])],
    ['gives an empty result', () => Promise.resolve([{}])],
    ['gives a value without a payload', () => Promise.resolve([{ value: {} }])],
    [
      'gives a value with both payloads',
      () => Promise.resolve([{ value: { text: '', bytes: Uint8Array.of() } }]),
    ],
    ['gives no object as value', () => Promise.resolve([{ value: 'text' }])],
  ])('a source that %s is contained', async (_title, load) => {
    const source = { service: 'secretsmanager' as const, maxBatch: 1, load: load as () => Promise<never> }
    const clock = new ManualClock()
    const secrets = new SecretsClient({ sources: [source], clock })
    const error = await failureOf(whileTimePasses(clock, secrets.get('prod/db')))
    expect(error).toMatchObject({ code: 'ERR_UNAVAILABLE', attempts: 3 })
    expect(clock.sleeping).toBe(0)
    expect(inspect(error, { showHidden: true })).not.toContain(NEEDLE)
  })
})

describe('what a source of anybody hands over', () => {
  test('is copied: bytes that it changes afterwards are not changed in the cache', async () => {
    const bytes = new TextEncoder().encode('original')
    const { secrets } = build(new FakeSource({ bytes }))
    await secrets.get('key')
    bytes.fill(0x78)
    await expect(secrets.get('key', { as: 'list' })).resolves.toEqual(['original'])
  })

  test('provenance of a wrong type is left out', async () => {
    const odd = {
      text: 'x',
      arn: 7,
      name: null,
      versionStages: 'AWSCURRENT',
      version: '3',
      createdAt: 'yesterday',
    }
    const { secrets } = build(new FakeSource(odd as unknown as StoredValue))
    const read = await secrets.read('key')
    expect(Object.keys(read).sort()).toEqual(['fetchedAt', 'isDefault', 'ref', 'stale'])
  })

  test('a getter that throws is contained', async () => {
    const hostile = {
      get text(): string {
        throw new Error(NEEDLE)
      },
    }
    const error = await failureOf(build(new FakeSource(hostile), ONCE).secrets.get('key'))
    expect(isSecretsError(error, 'ERR_UNAVAILABLE')).toBe(true)
    expect(inspect(error, { showHidden: true })).not.toContain(NEEDLE)
  })
})

describe('a schema of the user', () => {
  const schemaOf = (validate: () => Promise<never>) => ({
    '~standard': { version: 1 as const, vendor: 'test', validate },
  })

  test('that never settles is given up at the deadline, and the next reader asks it again', async () => {
    const { secrets, clock } = build()
    let asked = 0
    const schema = schemaOf(() => {
      asked += 1
      return new Promise<never>(() => undefined)
    })
    for (let round = 1; round <= 2; round += 1) {
      const failure = failureOf(secrets.get('prod/db', { schema, as: 'text' }))
      await new Promise(setImmediate)
      clock.advance(5000)
      expect(isSecretsError(await failure, 'ERR_SCHEMA')).toBe(true)
      expect(asked).toBe(round)
    }
    expect(clock.sleeping).toBe(0)
  })

  test('does not outlive the client', async () => {
    const { secrets } = build()
    const schema = schemaOf(() => new Promise<never>(() => undefined))
    const failure = failureOf(secrets.get('prod/db', { schema, as: 'text' }))
    await new Promise(setImmediate)
    await secrets.close()
    expect(isSecretsError(await failure, 'ERR_CLOSED')).toBe(true)
  })
})

describe('close', () => {
  test('rejects those who wait and every later read, forgets, and closes the sources', async () => {
    const { secrets, source } = build(new FakeSource(() => new Promise<never>(() => undefined)))
    const waits = failureOf(secrets.get('prod/db'))
    await new Promise(setImmediate)
    await secrets.close()
    await secrets.close()
    for (const error of [
      await waits,
      await failureOf(secrets.get('x')),
      await failureOf(secrets.read('x')),
      await failureOf(secrets.refresh('x')),
    ]) {
      expect(isSecretsError(error, 'ERR_CLOSED')).toBe(true)
    }
    expect(source.isClosed).toBe(true)
    expect(secrets.isClosed).toBe(true)
    expect(secrets.stats()).toMatchObject({ requests: 1, entries: 0 })
  })

  test('a source whose close throws does not keep the others open', async () => {
    const broken = Object.assign(new FakeSource({ text: '' }, 'ssm'), {
      close: () => {
        throw new Error(NEEDLE)
      },
    })
    const other = new FakeSource({ text: '' })
    const secrets = new SecretsClient({ sources: [broken, other] })
    await secrets.close()
    expect(other.isClosed).toBe(true)
  })

  test('an `await using` block closes at its end', async () => {
    const { secrets } = build()
    await secrets[Symbol.asyncDispose]()
    expect(secrets.isClosed).toBe(true)
  })
})

test('two clients share nothing (middy: values of one tenant served to another)', async () => {
  const [a, b] = [build(new FakeSource({ text: 'tenant a' })), build(new FakeSource({ text: 'tenant b' }))]
  await expect(Promise.all([a.secrets.get('prod/db'), b.secrets.get('prod/db')])).resolves.toEqual([
    'tenant a',
    'tenant b',
  ])
})

test('inspecting a client prints no value (I51)', async () => {
  const { secrets } = build()
  await secrets.get('prod/db')
  expect(inspect(secrets, { depth: Infinity, showHidden: true }) + JSON.stringify(secrets)).not.toContain(
    NEEDLE,
  )
})
