/**
 * Defects of AWS's own caching clients (Java, Python, Go, .NET, the Rust agent) and of two libraries near them, each as
 * a test that fails where it is repeated.
 */

import { describe, expect, test, vi } from 'vitest'
import { failureOf, useAws } from '../support/aws.js'

const TTL = 300_000
const WINDOW = 60_000
const BOUND = 3_600_000
const aws = useAws()

const seed = (value: string) => {
  aws().emulator.seed({ secrets: { 'prod/db': value } })
}

describe('Python', () => {
  test('a refresh while an error is remembered raises TypeError, and its result is dropped', async () => {
    const { secrets, calls } = aws()
    await failureOf(secrets.get('prod/db'))
    seed('first')
    await expect(secrets.refresh('prod/db')).resolves.toMatchObject({ changed: true })
    calls()
    await expect(secrets.get('prod/db')).resolves.toBe('first')
    expect(calls()).toBe(0)
  })

  test('get, refresh, get asks three times', async () => {
    const { secrets, calls } = aws()
    seed('first')
    await secrets.get('prod/db')
    await secrets.refresh('prod/db')
    await secrets.get('prod/db')
    expect(calls()).toBe(2)
  })

  test('and Java, Go: a forced refresh sleeps for seconds before it asks', async () => {
    const { secrets, clock } = aws()
    seed('first')
    await secrets.get('prod/db')
    const now = clock.monotonic()
    await secrets.refresh('prod/db')
    expect([clock.monotonic() - now, clock.sleeping]).toEqual([0, 0])
  })

  test('and Java: stale for ever once there is a value, revoked or not', async () => {
    const { emulator, connect, clock, calls } = aws()
    const secrets = connect({ retry: { maxAttempts: 1 } })
    seed('first')
    await secrets.get('prod/db')
    emulator.fail('*', { error: 'InternalServiceError' })
    clock.advance(TTL + BOUND + 1)
    await expect(secrets.get('prod/db')).rejects.toMatchObject({ code: 'ERR_UNAVAILABLE' })
    expect(calls()).toBe(2)
  })
})

describe('Java', () => {
  test('a stage that is missing is cached as null for a whole TTL', async () => {
    const { emulator, secrets, clock } = aws()
    seed('first')
    await expect(secrets.get('prod/db:AWSPENDING')).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' })
    const VersionStages = ['AWSPENDING']
    emulator.call('PutSecretValue', { SecretId: 'prod/db', SecretString: 'second', VersionStages })
    clock.advance(1_000)
    await expect(secrets.get('prod/db:AWSPENDING')).resolves.toBe('second')
  })

  test('every reader of a secret waits while it is refreshed', async () => {
    const { emulator, secrets, clock } = aws()
    seed('first')
    await secrets.get('prod/db')
    clock.advance(TTL + 1)
    emulator.fail('*', { drop: 'never-answer' })
    await expect(Promise.all([secrets.get('prod/db'), secrets.get('prod/db')])).resolves.toEqual([
      'first',
      'first',
    ])
  })

  test('a cache of size 0 is a NullPointerException at the first read', () => {
    expect(() => aws().connect({ cache: { maxEntries: 0 } })).toThrow(/cache\.maxEntries/)
  })
})

describe('Go', () => {
  test("the cancellation of one caller is cached as everyone's error", async () => {
    const { emulator, secrets, clock, passing, until } = aws()
    seed('first')
    emulator.fail('*', { drop: 'never-answer' }, { times: 1 })
    const controller = new AbortController()
    const cancelled = secrets.get('prod/db', { signal: controller.signal })
    const other = secrets.get('prod/db')
    await until(() => emulator.count() === 1)
    controller.abort(new Error('cancelled'))
    await expect(cancelled).rejects.toThrow('cancelled')
    clock.advance(2_000)
    await expect(passing(other)).resolves.toBe('first')
    await expect(secrets.get('prod/db')).resolves.toBe('first')
  })

  test('the back-off of a version is in nanoseconds, that is none', async () => {
    const { secrets, clock, calls } = aws()
    seed('first')
    for (let read = 0; read < 100; read += 1) {
      await failureOf(secrets.get('prod/db:EXAMPLE1-90ab-cdef-fedc-ba987EXAMPLE'))
      clock.advance(10)
    }
    expect(calls()).toBeLessThanOrEqual(2)
  })

  test('a forced refresh after an error sleeps for decades', async () => {
    const { secrets, clock } = aws()
    await failureOf(secrets.get('prod/db'))
    const now = clock.monotonic()
    seed('first')
    await secrets.refresh('prod/db')
    expect(clock.monotonic()).toBe(now)
  })

  test('bytes that were returned are those of the cache', async () => {
    const { emulator, secrets } = aws()
    emulator.seed({ secrets: { 'prod/key': Uint8Array.of(1, 2, 3) } })
    const mine = await secrets.get('prod/key', { as: 'bytes' })
    mine.fill(0)
    await expect(secrets.get('prod/key', { as: 'bytes' })).resolves.toEqual(Uint8Array.of(1, 2, 3))
  })
})

describe('.NET', () => {
  test('null is cached after an exception that is not AWS’s own', async () => {
    const { connect, sdk, clock } = aws()
    seed('first')
    const { secretsManager } = sdk(1)
    const send = vi.spyOn(secretsManager, 'send')
    send.mockImplementationOnce(() => {
      throw new TypeError('fetch failed')
    })
    const secrets = connect({ clients: { secretsManager }, retry: { maxAttempts: 1 } })
    await expect(secrets.get('prod/db')).rejects.toMatchObject({ code: 'ERR_UNAVAILABLE' })
    clock.advance(1_000)
    await expect(secrets.get('prod/db')).resolves.toBe('first')
  })

  test('all entries of a moment expire together', async () => {
    const { emulator, secrets, clock } = aws()
    const names = Array.from({ length: 100 }, (_, position) => `/app/${position}`)
    emulator.seed({ parameters: Object.fromEntries(names.map((name) => [name, 'x'])) })
    const read = () => Promise.all(names.map((name) => secrets.get(`ssm:${name}`)))
    await read()
    clock.advance(0.95 * TTL)
    await read()
    const { hits, stale } = secrets.stats()
    expect(hits).toBeGreaterThan(10)
    expect(stale).toBeGreaterThan(10)
  })

  test('one lock for the process: a secret that hangs holds up every other', async () => {
    const { emulator, secrets, until } = aws()
    emulator.seed({ secrets: { 'prod/db': 'first', 'prod/hangs': 'x' } })
    emulator.fail('*', { drop: 'never-answer' }, { match: 'prod/hangs' })
    const controller = new AbortController()
    const hangs = secrets.get('prod/hangs', { signal: controller.signal })
    await until(() => emulator.count() === 1)
    await expect(secrets.get('prod/db')).resolves.toBe('first')
    controller.abort('enough')
    await expect(hangs).rejects.toBe('enough')
  })
})

describe('External Secrets Operator and go-cloud', () => {
  test('ESO ignores the errors in an answer to BatchGetSecretValue', async () => {
    const { emulator, secrets } = aws()
    emulator.seed({ secrets: { 'prod/db': 'first', 'prod/denied': 'x' } })
    emulator.deny('secretsmanager:GetSecretValue', 'prod/denied')
    const refs = ['prod/db', 'prod/denied', 'prod/none']
    const reads = await Promise.allSettled(refs.map((ref) => secrets.get(ref)))
    expect(emulator.count('BatchGetSecretValue')).toBe(1)
    expect(reads).toMatchObject([
      { value: 'first' },
      { reason: { code: 'ERR_ACCESS_DENIED' } },
      { reason: { code: 'ERR_NOT_FOUND' } },
    ])
  })

  test('ESO answers a forced refresh from its cache', async () => {
    const { secrets } = aws()
    seed('first')
    await secrets.get('prod/db')
    seed('second')
    await expect(secrets.get('prod/db', { fresh: true })).resolves.toBe('second')
  })

  test('go-cloud forgets the known version at an error, and yields it again as a change', async () => {
    const { emulator, secrets, clock, until } = aws()
    seed('first')
    const values: string[] = []
    const watch = async () => {
      for await (const { value } of secrets.watch('prod/db')) values.push(value)
    }
    const ended = watch()
    await until(() => values.length === 1 && clock.sleeping === 1)
    const allow = emulator.deny('secretsmanager:*')
    clock.advance(1.1 * TTL + WINDOW)
    await until(() => secrets.stats().failures === 1 && clock.sleeping === 1)
    allow()
    clock.advance(1.1 * TTL)
    await until(() => secrets.stats().refreshes === 3 && clock.sleeping === 1)
    await secrets.close()
    await ended
    expect(values).toEqual(['first'])
  })
})
