/**
 * Defects of middy, aws-parameter-cache, cacheable and of apps that were written around them, each as a test that fails
 * where it is repeated.
 */

import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { describe, expect, test } from 'vitest'
import { startEmulator } from '../../src/emulator/index.js'
import { failureOf, outcomeOf, useAws } from '../support/aws.js'

const HOUR = 3_600_000
const TTL = 300_000
const WINDOW = 60_000
const aws = useAws()

describe('middy', () => {
  test('two instances share one cache of the module: one tenant gets the secret of the other', async () => {
    const { emulator, secrets, connect } = aws()
    await using other = await startEmulator({ region: 'eu-west-1' })
    emulator.seed({ secrets: { 'prod/db': 'of tenant A' } })
    other.seed({ secrets: { 'prod/db': 'of tenant B' } })
    const secretsManager = new SecretsManagerClient({ ...other.clientConfig, maxAttempts: 1 })
    const tenantB = connect({ clients: { secretsManager } })
    const reads = [secrets.get('prod/db'), tenantB.get('prod/db')]
    await expect(Promise.all(reads)).resolves.toEqual(['of tenant A', 'of tenant B'])
    await expect(tenantB.get('prod/db')).resolves.toBe('of tenant B')
    await tenantB.close()
    await expect(secrets.get('prod/db')).resolves.toBe('of tenant A')
  })

  test('a TTL above a day is taken for a point in time: nothing is cached', async () => {
    const { emulator, connect, clock, calls } = aws()
    const secrets = connect({ cache: { ttlMs: 25 * HOUR } })
    emulator.seed({ secrets: { 'prod/db': 'first' } })
    for (let read = 0; read < 3; read += 1) {
      await secrets.get('prod/db')
      clock.advance(HOUR)
    }
    expect(calls()).toBe(1)
  })

  test('a failure drops the good value', async () => {
    const { emulator, connect, clock } = aws()
    const secrets = connect({ retry: { maxAttempts: 1 } })
    emulator.seed({ secrets: { 'prod/db': 'first' } })
    await secrets.get('prod/db')
    clock.advance(TTL + 1)
    emulator.fail('*', { error: 'ThrottlingException' })
    for (let read = 0; read < 5; read += 1) {
      await expect(secrets.get('prod/db')).resolves.toBe('first')
      clock.advance(10 * WINDOW)
    }
  })

  test('by default nothing ever expires: a rotated secret is never seen', async () => {
    const { emulator, secrets, clock } = aws()
    emulator.seed({ secrets: { 'prod/db': 'first' } })
    await secrets.get('prod/db')
    emulator.seed({ secrets: { 'prod/db': 'second' } })
    clock.advance(TTL + WINDOW + 1)
    await expect(secrets.get('prod/db')).resolves.toBe('second')
  })

  test('a rotation that is overdue costs two requests for each invocation', async () => {
    const { emulator, secrets, calls } = aws()
    emulator.seed({ secrets: { 'prod/db': 'first' } })
    emulator.call('RotateSecret', {
      SecretId: 'prod/db',
      RotationLambdaARN: 'arn:aws:lambda:eu-west-1:123456789012:function:rotate',
      RotationRules: { AutomaticallyAfterDays: 1 },
      RotateImmediately: false,
    })
    for (let read = 0; read < 3; read += 1) await secrets.get('prod/db')
    expect(calls('DescribeSecret')).toBe(0)
    expect(secrets.stats().requests).toBe(1)
  })

  test('contents are guessed: a password in quotes loses them, a list becomes one', async () => {
    const { emulator, secrets } = aws()
    for (const text of ['"hunter2"', '[1,2]', '{oops']) {
      emulator.seed({ secrets: { 'prod/db': text } })
      await expect(secrets.get('prod/db', { fresh: true })).resolves.toBe(text)
    }
    await expect(secrets.get('prod/db', { as: 'json' })).rejects.toMatchObject({ code: 'ERR_DECODE' })
  })

  test('names that differ in punctuation only are one key', async () => {
    const { emulator, secrets } = aws()
    const names = ['/app/db-url', '/app/db_url', '/app/db/url', '/app/db.url']
    emulator.seed({ parameters: Object.fromEntries(names.map((name) => [name, name])) })
    const read = () => Promise.all(names.map((name) => secrets.get(`ssm:${name}`)))
    await expect(read()).resolves.toEqual(names)
    await expect(read()).resolves.toEqual(names)
  })

  test('one invalid parameter fails the handler', async () => {
    const { emulator, secrets } = aws()
    emulator.seed({ parameters: { '/a': 'a', '/b': 'b' } })
    const reads = ['ssm:/a', 'ssm:/none', 'ssm:/b'].map((ref) => outcomeOf(secrets.get(ref)))
    await expect(Promise.all(reads)).resolves.toEqual(['a', 'ERR_NOT_FOUND', 'b'])
  })

  test('binary secrets and versions of parameters are undefined', async () => {
    const { emulator, secrets } = aws()
    emulator.seed({ secrets: { 'prod/key': Uint8Array.of(1, 2) } })
    for (const value of ['1', '2']) emulator.seed({ parameters: { '/v': value } })
    await expect(secrets.get('prod/key', { as: 'bytes' })).resolves.toEqual(Uint8Array.of(1, 2))
    await expect(Promise.all([secrets.get('ssm:/v:1'), secrets.get('ssm:/v')])).resolves.toEqual(['1', '2'])
  })
})

describe('aws-parameter-cache', () => {
  test('a rejected promise is cached for ever', async () => {
    const { emulator, connect, clock } = aws()
    const secrets = connect({ retry: { maxAttempts: 1 } })
    emulator.seed({ parameters: { '/level': 'info' } })
    emulator.fail('*', { error: 'ThrottlingException' }, { times: 1 })
    await expect(secrets.get('ssm:/level')).rejects.toMatchObject({ code: 'ERR_THROTTLED' })
    clock.advance(1_000)
    await expect(secrets.get('ssm:/level')).resolves.toBe('info')
  })

  test('a field that is missing is undefined, and typed as text', async () => {
    const { emulator, secrets } = aws()
    emulator.seed({ secrets: { 'prod/db': { user: 'app' } } })
    await expect(secrets.get('prod/db#none')).rejects.toMatchObject({ code: 'ERR_FIELD_NOT_FOUND' })
  })
})

describe('cacheable', () => {
  test('equal keys share a flight across instances', async () => {
    const { emulator, secrets, connect, calls } = aws()
    emulator.seed({ secrets: { 'prod/db': 'first' } })
    await Promise.all([secrets.get('prod/db'), connect().get('prod/db')])
    expect(calls()).toBe(2)
    expect(secrets.stats().requests).toBe(1)
  })
})

describe('apps', () => {
  test.each([
    ['a throttle', { error: 'ThrottlingException' }, 'ERR_THROTTLED'],
    ['a denial', { error: 'AccessDeniedException' }, 'ERR_ACCESS_DENIED'],
    ['a failure', { error: 'InternalServiceError' }, 'ERR_UNAVAILABLE'],
  ])(
    '%s is taken for "not found", and a new key is made in place of the old',
    async (_title, fault, code) => {
      const { emulator, connect } = aws()
      const secrets = connect({ retry: { maxAttempts: 1 } })
      emulator.seed({ secrets: { 'prod/key': 'the one and only' } })
      emulator.fail('*', fault)
      const failure = await failureOf(secrets.get('prod/key', { default: 'made anew' }))
      expect(failure).toMatchObject({ code })
      // Neither by what is remembered.
      await expect(secrets.get('prod/key', { default: 'made anew' })).rejects.toMatchObject({ code })
    },
  )

  test('last good values mask a denial: revocation is late', async () => {
    const { emulator, secrets, clock } = aws()
    emulator.seed({ secrets: { 'prod/db': 'first' } })
    await secrets.get('prod/db')
    emulator.deny('secretsmanager:GetSecretValue')
    clock.advance(TTL + WINDOW + 1)
    await expect(secrets.get('prod/db')).rejects.toMatchObject({ code: 'ERR_ACCESS_DENIED' })
  })
})
