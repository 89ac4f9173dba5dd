/** Failures are remembered for a short time: nobody hammers a service for what it has just refused. */

import { describe, expect, test } from 'vitest'
import { failureOf, useAws } from '../support/aws.js'

const NEGATIVE_TTL = 1_000
const MAX_NEGATIVE_TTL = 60_000
const MINUTE = 60_000
const aws = useAws()

/** Requests of a reader who asks every 100 milliseconds, by the minute. */
async function requestsPerMinute(minutes: number): Promise<number[]> {
  const { secrets, clock, calls } = aws()
  const counted: number[] = []
  calls()
  for (let minute = 0; minute < minutes; minute += 1) {
    for (let asked = 0; asked < MINUTE / 100; asked += 1) {
      await secrets.get('prod/none').catch(() => undefined)
      clock.advance(100)
    }
    counted.push(calls())
  }
  return counted
}

describe('a failure is remembered', () => {
  test.each([
    ['a missing secret', 'prod/none', 'ERR_NOT_FOUND'],
    ['a missing parameter', 'ssm:/none', 'ERR_NOT_FOUND'],
    ['a denied secret', 'prod/denied', 'ERR_ACCESS_DENIED'],
  ])('%s is asked for once, and each reader gets an error of its own (I27)', async (_title, ref, code) => {
    const { emulator, calls, observe } = aws()
    const { secrets, told } = observe()
    emulator.seed({ secrets: { 'prod/denied': 'x' } })
    emulator.deny('secretsmanager:GetSecretValue', 'prod/denied')
    const errors: unknown[] = []
    for (let read = 0; read < 10; read += 1) errors.push(await failureOf(secrets.get(ref)))
    expect(calls()).toBe(1)
    expect(new Set(errors).size).toBe(errors.length)
    for (const [read, error] of errors.entries()) {
      expect(error).toMatchObject({ code, ref, attempts: read === 0 ? 1 : 0 })
    }
    for (const [read, { remembered }] of told('miss').entries()) expect(remembered).toBe(read > 0)
  })

  test('so is an outage, which then fails at once (I27)', async () => {
    const { emulator, connect, calls } = aws()
    const secrets = connect({ retry: { maxAttempts: 1 } })
    emulator.fail('*', { error: 'InternalServiceError' })
    for (let read = 0; read < 10; read += 1) {
      await expect(secrets.get('prod/db')).rejects.toMatchObject({ code: 'ERR_UNAVAILABLE', retryable: true })
    }
    expect(calls()).toBe(1)
  })

  test('a default is given without a request while it is', async () => {
    const { secrets, calls } = aws()
    for (let read = 0; read < 10; read += 1) {
      await expect(secrets.get('ssm:/level', { default: 'info' })).resolves.toBe('info')
    }
    expect(calls()).toBe(1)
  })

  test('of one key and stage only', async () => {
    const { emulator, secrets, calls } = aws()
    emulator.seed({ secrets: { 'prod/db': 'first' } })
    await expect(secrets.get('prod/db:AWSPREVIOUS')).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' })
    await expect(secrets.get('prod/db')).resolves.toBe('first')
    await expect(secrets.get('prod/other')).rejects.toMatchObject({ code: 'ERR_NOT_FOUND', attempts: 1 })
    expect(calls()).toBe(3)
  })

  test('apart from the values: any number of failures evicts none (I30)', async () => {
    const { emulator, connect, calls } = aws()
    const secrets = connect({ cache: { maxEntries: 2 } })
    emulator.seed({ secrets: { 'prod/a': 'a', 'prod/b': 'b' } })
    await Promise.all([secrets.get('prod/a'), secrets.get('prod/b')])
    for (let name = 0; name < 50; name += 1) await failureOf(secrets.get(`prod/none-${name}`))
    calls()
    await expect(Promise.all([secrets.get('prod/a'), secrets.get('prod/b')])).resolves.toEqual(['a', 'b'])
    expect(calls()).toBe(0)
    expect(secrets.stats()).toMatchObject({ entries: 2, evictions: 0 })
  })
})

describe('it is forgotten', () => {
  test('soon: a secret that is created is found after one negative TTL (I29)', async () => {
    const { emulator, secrets, clock } = aws()
    await failureOf(secrets.get('prod/none'))
    emulator.seed({ secrets: { 'prod/none': 'there now' } })
    clock.advance(NEGATIVE_TTL)
    await expect(secrets.get('prod/none')).resolves.toBe('there now')
  })

  test('later with each in a row, up to a minute (I28)', async () => {
    const [first = 0, ...others] = await requestsPerMinute(10)
    expect(first).toBeGreaterThanOrEqual(5)
    expect(first).toBeLessThanOrEqual(9)
    for (const count of others) expect(count).toBeLessThanOrEqual(2)
    expect(others.reduce((sum, count) => sum + count)).toBeGreaterThanOrEqual(8)
  })

  test('at the latest after the longest time: a secret that was long missed is found (I29)', async () => {
    const { emulator, secrets, clock } = aws()
    await requestsPerMinute(5)
    emulator.seed({ secrets: { 'prod/none': 'there now' } })
    clock.advance(MAX_NEGATIVE_TTL)
    await expect(secrets.get('prod/none')).resolves.toBe('there now')
  })

  test('by a success: the next failure is the first again (I28)', async () => {
    const { emulator, secrets, clock } = aws()
    await requestsPerMinute(5)
    emulator.seed({ secrets: { 'prod/none': 'there now' } })
    await secrets.refresh('prod/none')
    emulator.call('DeleteSecret', { SecretId: 'prod/none', ForceDeleteWithoutRecovery: true })
    const ask = () => secrets.get('prod/none', { ttlMs: 0 })
    clock.advance(1)
    await expect(ask()).rejects.toMatchObject({ code: 'ERR_NOT_FOUND', attempts: 1 })
    await expect(ask()).rejects.toMatchObject({ code: 'ERR_NOT_FOUND', attempts: 0 })
    clock.advance(NEGATIVE_TTL)
    await expect(ask()).rejects.toMatchObject({ code: 'ERR_NOT_FOUND', attempts: 1 })
  })

  test('by a failure of another kind, which is the first of its own', async () => {
    const { emulator, secrets, clock } = aws()
    await requestsPerMinute(5)
    emulator.deny('secretsmanager:GetSecretValue')
    clock.advance(MAX_NEGATIVE_TTL)
    await expect(secrets.get('prod/none')).rejects.toMatchObject({ code: 'ERR_ACCESS_DENIED', attempts: 1 })
    clock.advance(NEGATIVE_TTL)
    await expect(secrets.get('prod/none')).rejects.toMatchObject({ code: 'ERR_ACCESS_DENIED', attempts: 1 })
  })

  test('at once by `invalidate`', async () => {
    const { emulator, secrets } = aws()
    for (const refs of [['prod/none'], []] as const) {
      await failureOf(secrets.get('prod/none'))
      emulator.seed({ secrets: { 'prod/none': 'there now' } })
      secrets.invalidate(...refs)
      await expect(secrets.get('prod/none')).resolves.toBe('there now')
      emulator.call('DeleteSecret', { SecretId: 'prod/none', ForceDeleteWithoutRecovery: true })
      secrets.invalidate('prod/none')
    }
  })

  test.each([['fresh'], ['refresh']] as const)(
    'and it does not bind a reader who insists: %s',
    async (how) => {
      const { emulator, secrets } = aws()
      await failureOf(secrets.get('prod/none'))
      emulator.seed({ secrets: { 'prod/none': 'there now' } })
      await (how === 'fresh' ? secrets.get('prod/none', { fresh: true }) : secrets.refresh('prod/none'))
      await expect(secrets.get('prod/none')).resolves.toBe('there now')
    },
  )
})

describe('what the service says about time', () => {
  const readAfter = async (seconds: string, ms: number) => {
    const { emulator, connect, clock, calls } = aws()
    const secrets = connect({ retry: { maxAttempts: 1 } })
    const headers = { 'retry-after': seconds }
    emulator.fail('*', { error: 'ThrottlingException', headers }, { times: 1 })
    await failureOf(secrets.get('prod/none'))
    calls()
    clock.advance(ms)
    await failureOf(secrets.get('prod/none'))
    return calls()
  }

  test('Retry-After prolongs it (I28)', async () => {
    await expect(readAfter('30', 29_900)).resolves.toBe(0)
    await expect(readAfter('30', 30_000)).resolves.toBe(1)
  })

  test('and not beyond the longest time', async () => {
    await expect(readAfter('3600', MAX_NEGATIVE_TTL)).resolves.toBe(1)
  })
})

describe('what is not remembered', () => {
  test('an abort (I19)', async () => {
    const { emulator, secrets, until } = aws()
    emulator.seed({ secrets: { 'prod/db': 'first' } })
    emulator.fail('*', { drop: 'never-answer' }, { times: 1 })
    const controller = new AbortController()
    const read = secrets.get('prod/db', { signal: controller.signal })
    await until(() => emulator.count() === 1)
    controller.abort('enough')
    await expect(read).rejects.toBe('enough')
    await expect(secrets.get('prod/db')).resolves.toBe('first')
    expect(secrets.stats().failures).toBe(0)
  })

  test.each([[{ negativeTtlMs: 0 }], [{ ttlMs: 0 }]])('anything, with %j', async (cache) => {
    const { connect, calls } = aws()
    const secrets = connect({ cache })
    for (let read = 0; read < 3; read += 1) {
      await expect(secrets.get('prod/none')).rejects.toMatchObject({ attempts: 1 })
    }
    expect(calls()).toBe(3)
  })
})
