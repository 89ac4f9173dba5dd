/** What is served while the service fails, and for which failures nothing is. */

import { describe, expect, test } from 'vitest'
import type { Fault } from '../../src/emulator/index.js'
import { useAws } from '../support/aws.js'

const TTL = 300_000
const WINDOW = 60_000
const BOUND = 3_600_000
const aws = useAws()

/** A client without retries that has read a secret and a parameter, whose lifetime and window have passed. */
async function expired(cache = {}) {
  const { emulator, clock, observe, calls } = aws()
  const observed = observe({ cache, retry: { maxAttempts: 1 } })
  const { secrets } = observed
  emulator.seed({ secrets: { 'prod/db': 'first' }, parameters: { '/level': 'first' } })
  const { fetchedAt } = await secrets.read('prod/db')
  await secrets.get('ssm:/level')
  clock.advance(TTL + WINDOW + 1)
  calls()
  return { ...observed, fetchedAt }
}

const PASSING: readonly (readonly [string, Fault, string])[] = [
  ['a throttle', { error: 'ThrottlingException' }, 'ERR_THROTTLED'],
  ['an internal error', { error: 'InternalServiceError' }, 'ERR_UNAVAILABLE'],
  ['a service that is unavailable', { error: 'ServiceUnavailable', status: 503 }, 'ERR_UNAVAILABLE'],
  ['a page of a gateway', { body: '<html>', status: 502 }, 'ERR_UNAVAILABLE'],
  ['an expired token', { error: 'ExpiredTokenException' }, 'ERR_CREDENTIALS'],
  ['an empty body', { body: '' }, 'ERR_UNAVAILABLE'],
  ['an empty object', { body: '{}' }, 'ERR_UNAVAILABLE'],
  ['a cut connection', { drop: 'reset' }, 'ERR_UNAVAILABLE'],
  ['a cut body', { drop: 'truncate' }, 'ERR_UNAVAILABLE'],
]

describe('a failure that may pass', () => {
  test.each(PASSING)('%s is masked, visibly (I5, I6)', async (_title, fault, code) => {
    const { secrets, told, fetchedAt } = await expired()
    aws().emulator.fail('*', fault)
    await expect(secrets.read('prod/db')).resolves.toMatchObject({ value: 'first', stale: true, fetchedAt })
    await expect(secrets.read('ssm:/level')).resolves.toMatchObject({ value: 'first', stale: true })
    const ageMs = TTL + WINDOW + 1
    expect(told('stale')[0]).toMatchObject({ ref: 'prod/db', reason: 'error', code, ageMs })
    expect(secrets.stats()).toMatchObject({ stale: 2, failures: 2 })
  })

  test('a service that never answers is masked when time is up', async () => {
    const { secrets } = await expired()
    const { emulator, clock, until } = aws()
    emulator.fail('*', { drop: 'never-answer' })
    const read = secrets.read('prod/db')
    await until(() => emulator.count() === 1)
    clock.advance(2_000)
    await expect(read).resolves.toMatchObject({ value: 'first', stale: true })
  })

  test('is never masked past the bound, however often it was before, and re-stamps nothing (I3, I4)', async () => {
    const { secrets, fetchedAt } = await expired()
    const { emulator, clock } = aws()
    emulator.fail('*', { error: 'InternalServiceError' })
    for (let age = TTL + WINDOW + 1; age <= 0.9 * TTL + BOUND; age += 100_000) {
      await expect(secrets.read('prod/db')).resolves.toMatchObject({ value: 'first', stale: true, fetchedAt })
      clock.advance(100_000)
    }
    clock.advance(TTL)
    await expect(secrets.read('prod/db')).rejects.toMatchObject({ code: 'ERR_UNAVAILABLE' })
  })

  test('is not masked where the window is 0', async () => {
    const { secrets } = await expired({ staleIfErrorMs: 0 })
    aws().emulator.fail('*', { error: 'InternalServiceError' })
    await expect(secrets.read('prod/db')).rejects.toMatchObject({ code: 'ERR_UNAVAILABLE' })
  })

  test('is not masked for a reader who insists: `fresh`, `refresh` or a smaller age', async () => {
    const { secrets } = await expired()
    const { emulator } = aws()
    emulator.fail('*', { error: 'InternalServiceError' })
    const failed = { code: 'ERR_UNAVAILABLE' }
    await expect(secrets.read('prod/db', { fresh: true })).rejects.toMatchObject(failed)
    await expect(secrets.refresh('prod/db')).rejects.toMatchObject(failed)
    await expect(secrets.read('prod/db', { ttlMs: TTL })).rejects.toMatchObject(failed)
    await expect(secrets.read('prod/db')).resolves.toMatchObject({ value: 'first', stale: true })
  })

  test('nobody waits while it is known: a background request finds out when it has passed', async () => {
    const { secrets, told } = await expired()
    const { emulator, clock, calls, until } = aws()
    const mend = emulator.fail('*', { error: 'InternalServiceError' })
    await secrets.read('prod/db')
    emulator.seed({ secrets: { 'prod/db': 'second' } })
    calls()
    await expect(secrets.read('prod/db')).resolves.toMatchObject({ value: 'first', stale: true })
    expect(calls()).toBe(0)
    mend()
    clock.advance(1_001)
    await expect(secrets.read('prod/db')).resolves.toMatchObject({ value: 'first', stale: true })
    await until(() => told('refresh').some(({ ok, trigger }) => ok && trigger === 'background'))
    expect(calls()).toBe(1)
    await expect(secrets.read('prod/db')).resolves.toMatchObject({ value: 'second', stale: false })
  })
})

describe('a refusal is never masked: revocation bites at the next refresh (I6)', () => {
  const REFUSALS: readonly (readonly [string, () => unknown, string, string])[] = [
    ['denied', () => aws().emulator.deny('secretsmanager:*'), 'prod/db', 'ERR_ACCESS_DENIED'],
    ['a denied parameter', () => aws().emulator.deny('ssm:*'), 'ssm:/level', 'ERR_ACCESS_DENIED'],
    ['key denied', () => aws().emulator.deny('kms:Decrypt'), 'prod/db', 'ERR_DECRYPT'],
    ['key disabled', () => aws().emulator.disableKey('alias/aws/secretsmanager'), 'prod/db', 'ERR_DECRYPT'],
    [
      'scheduled for deletion',
      () => aws().emulator.call('DeleteSecret', { SecretId: 'prod/db' }),
      'prod/db',
      'ERR_NOT_FOUND',
    ],
    [
      'deleted',
      () => aws().emulator.call('DeleteSecret', { SecretId: 'prod/db', ForceDeleteWithoutRecovery: true }),
      'prod/db',
      'ERR_NOT_FOUND',
    ],
    [
      'a deleted parameter',
      () => aws().emulator.call('DeleteParameter', { Name: '/level' }),
      'ssm:/level',
      'ERR_NOT_FOUND',
    ],
  ]

  test.each(REFUSALS)('%s: the reader who waits gets it', async (_title, refuse, ref, code) => {
    const { secrets } = await expired()
    refuse()
    await expect(secrets.get(ref)).rejects.toMatchObject({ code, retryable: false })
  })

  test.each(REFUSALS)(
    '%s: found in the background, the next reader gets it',
    async (_title, refuse, ref, code) => {
      const { secrets, told } = await expired()
      const { clock, until } = aws()
      await secrets.refresh(ref)
      clock.advance(TTL + 1)
      refuse()
      await expect(secrets.read(ref)).resolves.toMatchObject({ value: 'first', stale: true })
      await until(() => told('refresh').some(({ ok }) => !ok))
      await expect(secrets.get(ref)).rejects.toMatchObject({ code })
    },
  )

  test('not even when the service fails afterwards', async () => {
    const { secrets } = await expired()
    const { emulator, clock } = aws()
    emulator.deny('secretsmanager:*')
    await expect(secrets.get('prod/db')).rejects.toMatchObject({ code: 'ERR_ACCESS_DENIED' })
    emulator.fail('*', { error: 'InternalServiceError' })
    clock.advance(60_001)
    await expect(secrets.get('prod/db')).rejects.toMatchObject({ code: 'ERR_UNAVAILABLE' })
  })

  test('a value that is refused early is read until its lifetime ends, and not a moment longer', async () => {
    const { secrets } = await expired()
    const { emulator, clock } = aws()
    await secrets.refresh('prod/db')
    emulator.deny('secretsmanager:*')
    await expect(secrets.refresh('prod/db')).rejects.toMatchObject({ code: 'ERR_ACCESS_DENIED' })
    clock.advance(0.9 * TTL)
    await expect(secrets.read('prod/db')).resolves.toMatchObject({ value: 'first', stale: false })
    clock.advance(0.1 * TTL + 1)
    await expect(secrets.get('prod/db')).rejects.toMatchObject({ code: 'ERR_ACCESS_DENIED' })
  })

  test('and it is over when the refusal is taken back', async () => {
    const { secrets } = await expired()
    const { emulator, clock } = aws()
    const allow = emulator.deny('secretsmanager:*')
    await expect(secrets.get('prod/db')).rejects.toMatchObject({ code: 'ERR_ACCESS_DENIED' })
    allow()
    clock.advance(1_001)
    await expect(secrets.read('prod/db')).resolves.toMatchObject({ value: 'first', stale: false })
  })
})
