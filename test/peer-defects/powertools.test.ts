/** Defects of Powertools for AWS Lambda (TypeScript), parameters 2.35.0, each as a test that fails where it is repeated. */

import { describe, expect, test, vi } from 'vitest'
import { failureOf, useAws } from '../support/aws.js'
import { NEEDLE, expectNoNeedle } from '../support/needle.js'

const TTL = 300_000
const WINDOW = 60_000
const aws = useAws()

describe('the cache', () => {
  test('its key has no version or stage: the wrong version is served', async () => {
    const { emulator, secrets } = aws()
    for (const value of ['first', 'second']) {
      emulator.seed({ secrets: { 'prod/db': value }, parameters: { '/level': value } })
    }
    const refs = ['prod/db', 'prod/db:AWSPREVIOUS', 'ssm:/level', 'ssm:/level:1']
    const values = []
    for (const ref of refs) values.push(await secrets.get(ref))
    expect(values).toEqual(['second', 'first', 'second', 'first'])
  })

  test('a wall clock that steps back makes a value live an hour longer', async () => {
    const { emulator, secrets, clock } = aws()
    emulator.seed({ secrets: { 'prod/db': 'first' } })
    await secrets.get('prod/db')
    emulator.seed({ secrets: { 'prod/db': 'second' } })
    clock.wall -= 3_600_000
    clock.advance(TTL + WINDOW + 1)
    await expect(secrets.get('prod/db')).resolves.toBe('second')
  })

  test('a reader who accepts no age gets the cached value', async () => {
    const { emulator, secrets, clock } = aws()
    emulator.seed({ secrets: { 'prod/db': 'first' } })
    await secrets.get('prod/db')
    emulator.seed({ secrets: { 'prod/db': 'second' } })
    clock.advance(1)
    await expect(secrets.get('prod/db', { ttlMs: 0 })).resolves.toBe('second')
  })

  test('it has no bound', async () => {
    const { emulator, connect } = aws()
    const secrets = connect({ cache: { maxEntries: 20 } })
    const names = Array.from({ length: 100 }, (_, position) => `/app/${position}`)
    emulator.seed({ parameters: Object.fromEntries(names.map((name) => [name, 'x'])) })
    await Promise.all(names.map((name) => secrets.get(`ssm:${name}`)))
    expect(secrets.stats()).toMatchObject({ entries: 20, evictions: 80 })
  })

  test('no single flight: ten cold reads are ten requests', async () => {
    const { emulator, secrets, calls } = aws()
    emulator.seed({ secrets: { 'prod/db': 'first' } })
    await Promise.all(Array.from({ length: 10 }, () => secrets.get('prod/db')))
    expect(calls()).toBe(1)
  })

  test('no stale-if-error: a throttle after the lifetime fails the read', async () => {
    const { emulator, connect, clock } = aws()
    const secrets = connect({ retry: { maxAttempts: 1 } })
    emulator.seed({ parameters: { '/level': 'info' } })
    await secrets.get('ssm:/level')
    clock.advance(TTL + WINDOW + 1)
    emulator.fail('*', { error: 'ThrottlingException' })
    await expect(secrets.get('ssm:/level')).resolves.toBe('info')
  })

  test('`false`, `0`, `null` and the empty text are never cached', async () => {
    const { emulator, secrets, calls } = aws()
    const texts = ['false', '0', 'null', '""']
    emulator.seed({ parameters: Object.fromEntries(texts.map((text, position) => [`/v/${position}`, text])) })
    const read = () =>
      Promise.all(texts.map((_, position) => secrets.get(`ssm:/v/${position}`, { as: 'json' })))
    await expect(read()).resolves.toEqual([false, 0, null, ''])
    calls()
    await expect(read()).resolves.toEqual([false, 0, null, ''])
    expect(calls()).toBe(0)
  })

  test('one caller changes what the next one gets', async () => {
    const { emulator, secrets } = aws()
    emulator.seed({ secrets: { 'prod/db': { user: 'app', tags: ['a'] } } })
    const schema = { type: 'object', properties: { user: { type: 'string' } } } as const
    const mine = await secrets.get('prod/db', { schema })
    expect(Reflect.deleteProperty(mine, 'user')).toBe(false)
    await expect(secrets.get('prod/db', { schema })).resolves.toBe(mine)
    await expect(secrets.get('prod/db', { as: 'json' })).resolves.toEqual({ user: 'app', tags: ['a'] })
  })
})

describe('several parameters', () => {
  test('a version or an ARN among the names is a TypeError', async () => {
    const { emulator, connect } = aws()
    const secrets = connect({ region: 'eu-west-1' })
    for (const value of ['1', '2', '3', '4']) emulator.seed({ parameters: { '/a': value, '/b': value } })
    const arn = 'arn:aws:ssm:eu-west-1:123456789012:parameter/b'
    const refs = ['ssm:/a:3', arn, 'ssm:/a', `${arn}:2`]
    await expect(Promise.all(refs.map((ref) => secrets.get(ref)))).resolves.toEqual(['3', '4', '4', '2'])
    expect(emulator.count('GetParameters')).toBe(1)
  })

  test('a throttle of the second chunk loses the first', async () => {
    const { emulator, connect } = aws()
    const secrets = connect({ retry: { timeoutMs: 99 } })
    const names = Array.from({ length: 20 }, (_, position) => `/app/${position}`)
    emulator.seed({ parameters: Object.fromEntries(names.map((name) => [name, name])) })
    emulator.fail('GetParameters', { error: 'ThrottlingException' }, { match: (id) => id === '/app/15' })
    const reads = await Promise.allSettled(names.map((name) => secrets.get(`ssm:${name}`)))
    expect(reads.slice(0, 10).every(({ status }) => status === 'fulfilled')).toBe(true)
    for (const read of reads.slice(10)) {
      expect(read).toMatchObject({ reason: { code: 'ERR_THROTTLED', ref: expect.any(String) as string } })
    }
    await expect(secrets.get('ssm:/app/0')).resolves.toBe('/app/0')
  })

  test("the caller's own objects are changed", async () => {
    const { emulator, secrets } = aws()
    emulator.seed({ parameters: { '/level': '[1]' } })
    const ref = Object.freeze({ service: 'ssm', name: '/level' } as const)
    const options = Object.freeze({ as: 'json', ttlMs: 1_000 } as const)
    await expect(secrets.get(ref, options)).resolves.toEqual([1])
  })
})

describe('late answers', () => {
  const shared = useAws({ sharesClock: true })

  test('an older answer that comes late replaces the newer one', async () => {
    const { emulator, secrets, clock, until } = shared()
    emulator.seed({ secrets: { 'prod/db': 'first' } })
    emulator.setLatency(50)
    const late = secrets.get('prod/db')
    await until(() => emulator.count() === 1)
    emulator.setLatency(0)
    emulator.seed({ secrets: { 'prod/db': 'second' } })
    await secrets.get('prod/db', { fresh: true })
    clock.advance(50)
    await late
    await expect(secrets.get('prod/db')).resolves.toBe('second')
  })

  test('what is cleared while it is loaded is cached all the same', async () => {
    const { emulator, secrets, clock, until } = shared()
    emulator.seed({ secrets: { 'prod/db': 'first' } })
    emulator.setLatency(50)
    const late = secrets.get('prod/db')
    await until(() => emulator.count() === 1)
    secrets.invalidate()
    clock.advance(50)
    await late
    expect(secrets.stats().entries).toBe(0)
  })
})

describe('values and errors', () => {
  test('a SecureString is returned as ciphertext unless one asks', async () => {
    const { emulator, secrets } = aws()
    emulator.seed({ parameters: { '/key': { type: 'SecureString', value: 'plain' } } })
    await expect(secrets.get('ssm:/key')).resolves.toBe('plain')
  })

  test('the secret stands in the error about its JSON', async () => {
    const { emulator, secrets } = aws()
    emulator.seed({ secrets: { text: NEEDLE, broken: `{"password": ${NEEDLE}}` } })
    for (const ref of ['text', 'broken']) {
      const failure = await failureOf(secrets.get(ref, { as: 'json' }))
      expect(failure).toMatchObject({ code: 'ERR_DECODE', ref })
      expectNoNeedle(failure, NEEDLE)
    }
  })

  test('an error does not say which secret', async () => {
    const { emulator, connect } = aws()
    const secrets = connect({ retry: { maxAttempts: 1 } })
    emulator.fail('*', { error: 'ThrottlingException' })
    const failure = await failureOf(secrets.get('prod/db'))
    expect(failure).toHaveProperty('message', expect.stringContaining('prod/db'))
  })

  test('an empty secret is undefined', async () => {
    const { emulator, secrets } = aws()
    emulator.fail('GetSecretValue', { body: '{"Name":"prod/empty","SecretString":""}' })
    await expect(secrets.get('prod/empty')).resolves.toBe('')
  })

  test('a missing secret is told by the class of the error, which another copy of the SDK does not share', async () => {
    const missing = Object.assign(new Error('no'), { name: 'ResourceNotFoundException' })
    const secrets = aws().connect({
      clients: { secretsManager: { send: vi.fn().mockRejectedValue(missing) } },
    })
    await expect(secrets.get('prod/db', { default: 'mine' })).resolves.toBe('mine')
  })
})
