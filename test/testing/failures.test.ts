/** What goes wrong in a fake goes through the client's own retries, cache, codes and hints. */

import { isSecretsError } from 'aws-secrets-client'
import { type FakeFailureCode, ManualClock, createFakeSecrets } from 'aws-secrets-client/testing'
import { describe, expect, test } from 'vitest'
import { failureOf, outcomeOf } from '../support/aws.js'

const SCENE = { 'prod/db': 'x', 'prod/other': 'y', 'ssm:/prod/level': 'info', 'ssm:/prod/size': '3' }
const FRESH = { fresh: true } as const
/** So long that real time is over before only where the machine stands still. */
const PATIENT = { timeoutMs: 50_000, attemptTimeoutMs: 40_000 } as const

describe('codes', () => {
  const codes: readonly FakeFailureCode[] = [
    'ERR_NOT_FOUND',
    'ERR_ACCESS_DENIED',
    'ERR_DECRYPT',
    'ERR_CREDENTIALS',
    'ERR_THROTTLED',
    'ERR_TIMEOUT',
    'ERR_UNAVAILABLE',
    'ERR_REQUEST_REFUSED',
    'ERR_RESPONSE_MISMATCH',
  ]
  test.each(codes)('%s is what the client rejects with, for both services and a tree', async (code) => {
    const { secrets, vault } = createFakeSecrets(SCENE)
    vault.fail('*', code)
    const reads = [secrets.get('prod/db'), secrets.get('ssm:/prod/level'), secrets.tree('ssm:/prod')]
    expect(await Promise.all(reads.map(outcomeOf))).toEqual([code, code, code])
  })

  test.each([
    ['ThrottlingException', 'ERR_THROTTLED'],
    ['InternalServiceError', 'ERR_UNAVAILABLE'],
    ['ServiceUnavailableException', 'ERR_UNAVAILABLE'],
    ['KMSAccessDeniedException', 'ERR_DECRYPT'],
    ['UnrecognizedClientException', 'ERR_CREDENTIALS'],
    ['InvalidRequestException', 'ERR_REQUEST_REFUSED'],
    ['SomethingNewException', 'ERR_REQUEST_REFUSED'],
    ['ECONNRESET', 'ERR_UNAVAILABLE'],
    ['EAI_AGAIN', 'ERR_UNAVAILABLE'],
  ])('%s, as AWS or Node.js calls it, is %s', async (name, code) => {
    const { secrets, vault } = createFakeSecrets(SCENE)
    vault.fail('prod/db', name)
    expect(await outcomeOf(secrets.get('prod/db'))).toBe(code)
  })

  test('hints and request ids are those of the client', async () => {
    const { secrets, vault } = createFakeSecrets(SCENE)
    vault.deny('prod/db')
    const error = await failureOf(secrets.get('prod/db'))
    expect(error).toMatchObject({ code: 'ERR_ACCESS_DENIED', attempts: 1, retryable: false })
    expect(error).toMatchObject({ hint: expect.stringContaining('secretsmanager:GetSecretValue') as unknown })
    expect(error).toMatchObject({ requestId: '00000000-0000-4000-8000-000000000001' })
  })
})

describe('which requests fail', () => {
  test('those for a reference, by name and by ARN', async () => {
    const { secrets, vault } = createFakeSecrets(SCENE)
    vault.deny('prod/db')
    expect(await outcomeOf(secrets.get(vault.arn('prod/db')))).toBe('ERR_ACCESS_DENIED')
    expect(await outcomeOf(secrets.get('prod/db:AWSPREVIOUS'))).toBe('ERR_ACCESS_DENIED')
    expect(await secrets.get('prod/other')).toBe('y')
  })

  test('those for a reference, by an ARN without the six characters at its end', async () => {
    const { secrets, vault } = createFakeSecrets(SCENE, { cache: { negativeTtlMs: 0 } })
    const partial = vault.arn('prod/db').slice(0, -7)
    vault.deny(partial, { times: 3 })
    for (const ref of ['prod/db', vault.arn('prod/db'), partial]) {
      expect(await outcomeOf(secrets.get(ref)), ref).toBe('ERR_ACCESS_DENIED')
    }
    expect(await secrets.get('prod/db')).toBe('x')
  })

  test('those for a version of it', async () => {
    const { secrets, vault } = createFakeSecrets(SCENE)
    vault.rotate('prod/db', 'new')
    vault.deny('prod/db:AWSPREVIOUS')
    expect(await outcomeOf(secrets.get('prod/db:AWSPREVIOUS'))).toBe('ERR_ACCESS_DENIED')
    expect(await secrets.get('prod/db')).toBe('new')
  })

  test('those for a pattern', async () => {
    const { secrets, vault } = createFakeSecrets(SCENE)
    vault.deny('ssm:/prod/*')
    const refs = ['ssm:/prod/level', 'ssm:/prod/size', 'prod/db']
    expect(await Promise.all(refs.map((ref) => outcomeOf(secrets.get(ref))))).toEqual([
      'ERR_ACCESS_DENIED',
      'ERR_ACCESS_DENIED',
      'x',
    ])
    expect(await outcomeOf(secrets.tree('ssm:/prod'))).toBe('ERR_ACCESS_DENIED')
  })

  test('in a batch one fails, and the others are read', async () => {
    const { secrets, vault } = createFakeSecrets(SCENE)
    vault.fail('prod/db', 'ERR_DECRYPT')
    const refs = ['prod/db', 'prod/other', 'prod/none']
    expect(await Promise.all(refs.map((ref) => outcomeOf(secrets.get(ref))))).toEqual([
      'ERR_DECRYPT',
      'y',
      'ERR_NOT_FOUND',
    ])
    expect(vault.requests).toMatchObject([{ operation: 'BatchGetSecretValue', error: 'DecryptionFailure' }])
  })

  test('so many times, the oldest script first', async () => {
    const { secrets, vault } = createFakeSecrets(SCENE, { cache: { negativeTtlMs: 0 } })
    vault.fail('prod/db', 'ERR_ACCESS_DENIED', { times: 1 })
    vault.fail('prod/*', 'ERR_DECRYPT', { times: 1 })
    const codes = []
    for (let read = 0; read < 3; read += 1) codes.push(await outcomeOf(secrets.get('prod/db')))
    expect(codes).toEqual(['ERR_ACCESS_DENIED', 'ERR_DECRYPT', 'x'])
  })

  test('until it is taken back, each by itself or all at once', async () => {
    const { secrets, vault } = createFakeSecrets(SCENE, { cache: { negativeTtlMs: 0, ttlMs: 0 } })
    const allow = vault.deny('prod/db')
    expect(await outcomeOf(secrets.get('prod/db'))).toBe('ERR_ACCESS_DENIED')
    allow()
    expect(await secrets.get('prod/db')).toBe('x')
    vault.throttle()
    vault.delay(60_000)
    vault.goDown()
    vault.heal()
    expect(await secrets.get('prod/db')).toBe('x')
    expect(vault.requests.map(({ error }) => error)).toEqual(['AccessDeniedException', undefined, undefined])
  })
})

describe('retries', () => {
  test('are made, and nobody waits for them', async () => {
    const { secrets, vault } = createFakeSecrets(SCENE, { retry: PATIENT })
    const startedAt = performance.now()
    vault.throttle('*', { times: 2, retryAfterMs: 4_000 })
    expect(await secrets.get('prod/db')).toBe('x')
    expect(performance.now() - startedAt).toBeLessThan(8_000)
    expect([vault.count(), secrets.stats().retries]).toEqual([3, 2])
    const [first, , third] = vault.requests
    // The machine's wall clock has whole milliseconds only.
    expect((third?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThan(8_000 - 2)
  })

  test('end after maxAttempts', async () => {
    const { secrets, vault } = createFakeSecrets(SCENE, { retry: { maxAttempts: 2 } })
    vault.fail('*', 'InternalServiceError')
    expect(await failureOf(secrets.get('prod/db'))).toMatchObject({ code: 'ERR_UNAVAILABLE', attempts: 2 })
    expect(vault.count()).toBe(2)
  })

  test('wait for a clock that was passed', async () => {
    const clock = new ManualClock()
    const { secrets, vault } = createFakeSecrets(SCENE, { clock })
    vault.throttle('*', { times: 1, retryAfterMs: 800 })
    const read = secrets.get('prod/db')
    await clock.advance(799)
    expect(vault.count()).toBe(1)
    await clock.advance(1_001)
    expect(await read).toBe('x')
    expect(vault.count()).toBe(2)
  })
})

describe('delays', () => {
  test('are those of the clock, and take no time without one', async () => {
    const { secrets, vault } = createFakeSecrets(SCENE, { retry: PATIENT })
    vault.delay(8_000)
    const startedAt = performance.now()
    await secrets.get('prod/db')
    expect(performance.now() - startedAt).toBeLessThan(8_000)
    vault.set('prod/db', 'later')
    const [first, second] = vault.secretVersions('prod/db').map(({ createdAt }) => createdAt.getTime())
    expect((second ?? 0) - (first ?? 0)).toBeGreaterThan(8_000 - 2)
  })

  test('longer than an attempt are a timeout', async () => {
    const { secrets, vault } = createFakeSecrets(SCENE)
    vault.delay(3_000, 'prod/db')
    expect(await failureOf(secrets.get('prod/db'))).toMatchObject({ code: 'ERR_TIMEOUT', attempts: 3 })
    expect(await secrets.get('prod/other')).toBe('y')
  })

  test('the answer is what was there as the request came', async () => {
    const clock = new ManualClock()
    const { secrets, vault } = createFakeSecrets(SCENE, { clock })
    vault.delay(500, 'prod/db')
    const read = secrets.get('prod/db')
    await clock.advance(100)
    vault.set('prod/db', 'newer')
    await clock.advance(400)
    expect(await read).toBe('x')
    expect(clock.sleeping).toBe(0)
  })

  test('deadlines of real work are not skipped to', async () => {
    const { secrets, vault } = createFakeSecrets(SCENE, { retry: PATIENT })
    vault.throttle('*', { times: 1 })
    const schema = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: async (value: unknown) => {
          for (let turn = 0; turn < 50; turn += 1) await new Promise(setImmediate)
          return { value }
        },
      },
    } as const
    expect(await secrets.get('prod/db', { schema, as: 'text' })).toBe('x')
  })
})

describe('outages', () => {
  test('are lived through on stale values, and end', async () => {
    const clock = new ManualClock()
    const { secrets, vault } = createFakeSecrets(SCENE, { clock })
    await secrets.get('prod/db')
    vault.set('prod/db', 'newer')
    vault.goDown()
    await clock.advance(10 * 60_000)
    expect(await clock.until(secrets.read('prod/db'))).toMatchObject({ value: 'x', stale: true })
    expect(await clock.until(outcomeOf(secrets.get('prod/other')))).toBe('ERR_UNAVAILABLE')
    vault.comeBack()
    await clock.advance(2 * 60_000)
    expect(await clock.until(secrets.read('prod/db', FRESH))).toMatchObject({ value: 'newer', stale: false })
  })

  test('without any answer are timeouts, which take no time', async () => {
    const { secrets, vault } = createFakeSecrets(SCENE)
    vault.goDown({ silent: true })
    expect(await outcomeOf(secrets.get('prod/db'))).toBe('ERR_TIMEOUT')
    expect(vault.requests[0]?.error).toBe('no answer')
  })

  test('without any answer end by the deadlines of a clock that was passed', async () => {
    const clock = new ManualClock()
    const { secrets, vault } = createFakeSecrets(SCENE, { clock })
    vault.goDown({ silent: true })
    expect(await clock.until(outcomeOf(secrets.get('prod/db')))).toBe('ERR_TIMEOUT')
    expect([clock.monotonic(), clock.sleeping]).toEqual([5_000, 0])
  })

  test('a caller may stop waiting', async () => {
    const { secrets, vault } = createFakeSecrets(SCENE, { clock: new ManualClock() })
    vault.goDown({ silent: true })
    const controller = new AbortController()
    const read = secrets.get('prod/db', { signal: controller.signal })
    const reason = new Error('stop')
    controller.abort(reason)
    expect(await failureOf(read)).toBe(reason)
  })
})

test('a failure is remembered for as long as the client does', async () => {
  const clock = new ManualClock()
  const { secrets, vault } = createFakeSecrets(SCENE, { clock })
  vault.deny('prod/db', { times: 1 })
  expect(await outcomeOf(secrets.get('prod/db'))).toBe('ERR_ACCESS_DENIED')
  expect(await outcomeOf(secrets.get('prod/db'))).toBe('ERR_ACCESS_DENIED')
  expect(vault.count()).toBe(1)
  await clock.advance(1_000)
  expect(await secrets.get('prod/db')).toBe('x')
})

test('a denial is never hidden by a stale value', async () => {
  const clock = new ManualClock()
  const { secrets, vault } = createFakeSecrets(SCENE, { clock })
  await secrets.get('prod/db')
  vault.deny('prod/db')
  await clock.advance(10 * 60_000)
  const error = await clock.until(failureOf(secrets.get('prod/db')))
  expect(isSecretsError(error, 'ERR_ACCESS_DENIED')).toBe(true)
})

test('a thawed environment asks anew', async () => {
  const clock = new ManualClock()
  const { secrets, vault } = createFakeSecrets(SCENE, { clock })
  await secrets.get('prod/db')
  vault.rotate('prod/db', 'newer')
  clock.freeze(2 * 60 * 60_000)
  expect(await clock.until(secrets.get('prod/db'))).toBe('newer')
})

test('a watch yields what a test sets', async () => {
  const clock = new ManualClock()
  const { secrets, vault } = createFakeSecrets(SCENE, { clock })
  const watch = secrets.watch('prod/db')
  expect((await watch.next()).value).toMatchObject({ value: 'x' })
  vault.set('prod/db', 'newer')
  const next = watch.next()
  await clock.advance(6 * 60_000)
  expect((await next).value).toMatchObject({ value: 'newer' })
  await secrets.close()
})
