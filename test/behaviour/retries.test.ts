/** What is tried again, how often and for how long, counted at the other end of the wire. */

import { describe, expect, test, vi } from 'vitest'
import type { Fault } from '../../src/emulator/index.js'
import { failureOf, useAws } from '../support/aws.js'

const aws = useAws()
const SKEWED = 'Signature expired: 20260101T000000Z is now earlier than 20260101T001000Z'

const TRANSIENT: readonly (readonly [string, Fault, string])[] = [
  ['a throttle', { error: 'ThrottlingException' }, 'ERR_THROTTLED'],
  ['too many requests', { error: 'TooManyRequestsException', status: 429 }, 'ERR_THROTTLED'],
  ['an internal error', { error: 'InternalServiceError' }, 'ERR_UNAVAILABLE'],
  ['an internal error with status 400', { error: 'InternalServiceError', status: 400 }, 'ERR_UNAVAILABLE'],
  ['a gateway without JSON', { body: '<html>', status: 502 }, 'ERR_UNAVAILABLE'],
  ['a login page with status 200', { body: '<html>' }, 'ERR_UNAVAILABLE'],
  ['an empty body', { body: '' }, 'ERR_UNAVAILABLE'],
  ['an answer without a value', { body: '{}' }, 'ERR_UNAVAILABLE'],
  ['a cut connection', { drop: 'reset' }, 'ERR_UNAVAILABLE'],
  ['a cut body', { drop: 'truncate' }, 'ERR_UNAVAILABLE'],
]

describe('what may pass is tried three times', () => {
  test.each(TRANSIENT)('%s', async (_title, fault, code) => {
    const { emulator, secrets, passing, calls } = aws()
    emulator.seed({ secrets: { 'prod/db': 'first' } })
    emulator.fail('*', fault, { times: 2 })
    await expect(passing(secrets.get('prod/db'))).resolves.toBe('first')
    expect(calls()).toBe(3)
    emulator.fail('*', fault)
    const failure = await failureOf(passing(secrets.get('prod/db', { fresh: true })))
    expect(failure).toMatchObject({ code, retryable: true, attempts: 3 })
    expect(calls()).toBe(3)
  })
})

describe('what cannot pass is not', () => {
  test.each([
    ['a denial', { error: 'AccessDeniedException' }, 'ERR_ACCESS_DENIED'],
    ['a missing secret', { error: 'ResourceNotFoundException' }, 'ERR_NOT_FOUND'],
    ['a refused key', { error: 'DecryptionFailure' }, 'ERR_DECRYPT'],
    ['an invalid request', { error: 'ValidationException' }, 'ERR_REQUEST_REFUSED'],
    ['unknown credentials', { error: 'UnrecognizedClientException' }, 'ERR_CREDENTIALS'],
    ['an error nobody knows', { error: 'OddException' }, 'ERR_REQUEST_REFUSED'],
    ['what does not know the operation', { body: '', status: 501 }, 'ERR_UNAVAILABLE'],
  ] as const)('%s', async (_title, fault, code) => {
    const { emulator, secrets, calls } = aws()
    emulator.fail('*', fault)
    await expect(secrets.get('prod/db')).rejects.toMatchObject({ code, retryable: false, attempts: 1 })
    expect(calls()).toBe(1)
  })
})

describe('credentials are renewed once', () => {
  test.each([
    ['an expired token', { error: 'ExpiredTokenException' }],
    ['a skewed clock', { error: 'InvalidSignatureException', message: SKEWED }],
    ['a request from the future', { error: 'RequestInTheFuture' }],
  ])('%s', async (_title, fault) => {
    const { emulator, secrets, passing, calls } = aws()
    emulator.seed({ secrets: { 'prod/db': 'first' } })
    emulator.fail('*', fault, { times: 1 })
    await expect(passing(secrets.get('prod/db'))).resolves.toBe('first')
    expect(calls()).toBe(2)
    emulator.fail('*', fault)
    const failure = await failureOf(passing(secrets.get('prod/db', { fresh: true })))
    expect(failure).toMatchObject({ code: 'ERR_CREDENTIALS', attempts: 2 })
    expect(calls()).toBe(2)
  })
})

describe('retries have one owner (I41)', () => {
  test.each([
    [1, 3, 3],
    [3, 3, 3],
    [10, 3, 3],
    [10, 1, 1],
    [3, 5, 5],
  ])("a user's client of %i attempts under a bound of %i: %i requests", async (its, ours, requests) => {
    const { emulator, connect, sdk, passing, calls } = aws()
    const secrets = connect({ clients: sdk(its), retry: { maxAttempts: ours } })
    emulator.fail('*', { error: 'InternalServiceError' })
    for (const ref of ['prod/db', 'ssm:/level']) {
      expect(await failureOf(passing(secrets.get(ref)))).toMatchObject({ attempts: requests })
      expect(calls()).toBe(requests)
    }
  })

  test('anything with a `send` is called as often, and no more', async () => {
    const { connect, passing } = aws()
    const send = vi.fn(() => Promise.reject(Object.assign(new Error('no'), { name: 'InternalServiceError' })))
    const secrets = connect({ clients: { secretsManager: { send } } })
    expect(await failureOf(passing(secrets.get('prod/db')))).toMatchObject({ attempts: 3 })
    expect(send).toHaveBeenCalledTimes(3)
  })
})

describe('time', () => {
  test('an attempt that is not answered is given up after two seconds, and repeated', async () => {
    const { emulator, secrets, clock, passing, until } = aws()
    emulator.seed({ secrets: { 'prod/db': 'first' } })
    emulator.fail('*', { drop: 'never-answer' }, { times: 1 })
    const read = secrets.get('prod/db')
    await until(() => emulator.count() === 1)
    clock.advance(2_000)
    await expect(passing(read)).resolves.toBe('first')
    expect(emulator.count()).toBe(2)
  })

  test('a read is settled by its deadline, whatever happens (I22)', async () => {
    const { emulator, secrets, clock, until } = aws()
    emulator.fail('*', { drop: 'never-answer' })
    const started = clock.now()
    const state: { failure?: unknown } = {}
    void failureOf(secrets.get('prod/db')).then((failure) => (state.failure = failure))
    await until(() => {
      clock.advance(1)
      return state.failure !== undefined
    })
    expect(state.failure).toMatchObject({ code: 'ERR_TIMEOUT', retryable: true })
    expect(clock.now() - started).toBeLessThanOrEqual(5_050)
    expect(clock.sleeping).toBe(0)
  })

  test('no attempt starts that has no time left (I43)', async () => {
    const { emulator, connect, passing, calls } = aws()
    const secrets = connect({ retry: { timeoutMs: 99 } })
    emulator.fail('*', { error: 'InternalServiceError' })
    expect(await failureOf(passing(secrets.get('prod/db')))).toMatchObject({ attempts: 1 })
    expect(calls()).toBe(1)
  })

  test('an abort during the wait ends it at once, with its own reason (I17, I44)', async () => {
    const { emulator, clock, observe, until } = aws()
    const { secrets, told } = observe()
    emulator.fail('*', { error: 'ThrottlingException' })
    const controller = new AbortController()
    const read = secrets.get('prod/db', { signal: controller.signal })
    await until(() => told('retry').length === 1)
    controller.abort('enough')
    await expect(read).rejects.toBe('enough')
    await new Promise(setImmediate)
    expect([emulator.count(), clock.sleeping]).toEqual([1, 0])
  })

  test('and ends it for that reader only (I17, I18)', async () => {
    const { emulator, observe, passing, until } = aws()
    const { secrets, told } = observe()
    emulator.seed({ secrets: { 'prod/db': 'first' } })
    emulator.fail('*', { error: 'InternalServiceError' }, { times: 1 })
    const controller = new AbortController()
    const [leaves, stays] = [secrets.get('prod/db', { signal: controller.signal }), secrets.get('prod/db')]
    await until(() => told('retry').length === 1)
    controller.abort('enough')
    await expect(leaves).rejects.toBe('enough')
    await expect(passing(stays)).resolves.toBe('first')
  })
})

describe('Retry-After', () => {
  test.each([
    ['is waited for', '2', 2_000, 2_000],
    ['prolongs our own wait by five seconds at most', '3600', 5_000, 6_000],
    ['is ignored where it says nothing', 'soon', 0, 1_000],
  ])('%s', async (_title, header, least, most) => {
    const { emulator, observe, passing } = aws()
    const { secrets, told } = observe({ retry: { timeoutMs: 60_000 } })
    emulator.seed({ secrets: { 'prod/db': 'first' } })
    const headers = { 'retry-after': header }
    emulator.fail('*', { error: 'ThrottlingException', headers }, { times: 1 })
    await expect(passing(secrets.get('prod/db'))).resolves.toBe('first')
    const [{ delayMs } = { delayMs: NaN }] = told('retry')
    expect(delayMs).toBeGreaterThanOrEqual(least)
    expect(delayMs).toBeLessThanOrEqual(most)
  })

  test('that is past the deadline is not slept for: the read fails at once', async () => {
    const { emulator, secrets } = aws()
    const headers = { 'retry-after': '30' }
    emulator.fail('*', { error: 'ThrottlingException', headers })
    await expect(secrets.get('prod/db')).rejects.toMatchObject({ code: 'ERR_THROTTLED', attempts: 1 })
  })
})

describe('the budget (I42)', () => {
  test('where everything fails, reads soon make one request each', async () => {
    const { emulator, secrets, passing, calls } = aws()
    emulator.fail('*', { error: 'InternalServiceError' })
    const readAll = async (from: number, to: number) => {
      for (let name = from; name < to; name += 1) await failureOf(passing(secrets.get(`prod/${name}`)))
      return calls()
    }
    await expect(readAll(0, 40)).resolves.toBe(40 + 35)
    await expect(readAll(40, 60)).resolves.toBe(20)
    expect(secrets.stats().retries).toBe(35)
  })

  test('a service that is known to be down is asked with one request', async () => {
    const { emulator, connect, clock, passing, calls } = aws()
    const secrets = connect()
    emulator.fail('*', { error: 'InternalServiceError' })
    const counted: number[] = []
    for (let read = 0; read < 4; read += 1) {
      await failureOf(passing(secrets.get('prod/db')))
      counted.push(calls())
      clock.advance(60_000)
    }
    expect(counted).toEqual([3, 3, 1, 1])
  })
})
