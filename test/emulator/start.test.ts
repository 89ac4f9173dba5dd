import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager'
import { GetParameterCommand } from '@aws-sdk/client-ssm'
import { createServer } from 'node:http'
import { once } from 'node:events'
import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { startEmulator, type EmulatorOptions } from '../../src/emulator/index.js'
import { onFreePort } from '../support/database-server.js'
import { sdkFor } from '../support/sdk.js'
import { post, signedFor, start, until } from './setup.js'

describe('startEmulator', () => {
  test('listens on loopback and tells where, for clients and for the environment', async () => {
    const { emulator } = await start({ region: 'eu-west-1' })
    expect(emulator.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    expect(emulator.region).toBe('eu-west-1')
    expect(emulator.clientConfig).toEqual({
      endpoint: emulator.url,
      region: 'eu-west-1',
      credentials: { accessKeyId: 'emulator', secretAccessKey: 'emulator' },
    })
    expect(emulator.env).toEqual({
      AWS_ENDPOINT_URL_SECRETS_MANAGER: emulator.url,
      AWS_ENDPOINT_URL_SSM: emulator.url,
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'emulator',
      AWS_SECRET_ACCESS_KEY: 'emulator',
      AWS_SESSION_TOKEN: '',
      AWS_PROFILE: '',
      AWS_WEB_IDENTITY_TOKEN_FILE: '',
      AWS_CONFIG_FILE: '/dev/null/none',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null/none',
      AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: 'false',
      AWS_USE_FIPS_ENDPOINT: 'false',
      AWS_USE_DUALSTACK_ENDPOINT: 'false',
    })
  })

  test('takes the port and the account that it is given', async () => {
    const probe = createServer().listen(0, '127.0.0.1')
    await once(probe, 'listening')
    const address = probe.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    await expect(startEmulator({ port })).rejects.toMatchObject({ code: 'EADDRINUSE' })
    await new Promise((resolve) => probe.close(resolve))
    const { emulator, free } = await onFreePort(async (free) => {
      const { emulator } = await start({ port: free, accountId: '111122223333' })
      return { emulator, free }
    })
    expect(emulator.url).toBe(`http://127.0.0.1:${free}`)
    expect(emulator.call('CreateSecret', { Name: 'a' })['ARN']).toMatch(/:111122223333:secret:a-/)
  })

  test.each([
    ['cn-north-1', 'arn:aws-cn:secretsmanager:cn-north-1:'],
    ['us-gov-west-1', 'arn:aws-us-gov:secretsmanager:us-gov-west-1:'],
    ['eu-west-1', 'arn:aws:secretsmanager:eu-west-1:'],
  ])('names the partition of %s in its ARNs', async (region, beginning) => {
    const { emulator } = await start({ region })
    expect(String(emulator.call('CreateSecret', { Name: 'a' })['ARN']).startsWith(beginning)).toBe(true)
  })

  test('keeps each region to itself', async () => {
    const { emulator, secretsManager } = await start({ region: 'eu-west-1' })
    emulator.seed({ secrets: { a: 'here' } })
    emulator.seed({ secrets: { a: 'there' } }, { region: 'us-west-2' })
    const other = sdkFor({ ...emulator.clientConfig, region: 'us-west-2' })
    const read = new GetSecretValueCommand({ SecretId: 'a' })
    expect((await secretsManager.send(read)).SecretString).toBe('here')
    expect((await other.secretsManager.send(read)).SecretString).toBe('there')
    expect(emulator.requests.map(({ region }) => region)).toEqual(['eu-west-1', 'us-west-2'])
    expect(emulator.call('GetSecretValue', { SecretId: 'a' }, { region: 'us-west-2' })['SecretString']).toBe(
      'there',
    )
    other.destroy()
  })

  test.each<[EmulatorOptions & Record<string, unknown>, string]>([
    [{ port: -1 }, 'port: expected a whole number from 0 to 65535; got -1'],
    [{ port: 1.5 }, 'port: expected a whole number from 0 to 65535; got 1.5'],
    [{ region: 'Europe' }, "region: expected a region such as 'eu-west-1'; got 'Europe'"],
    [{ accountId: '12' }, "accountId: expected a string of 12 digits; got '12'"],
    [{ latency: -1 }, 'latency: expected a finite number of milliseconds of at least 0; got -1'],
    [
      { latency: { GetSecretValue: Infinity } },
      'latency.GetSecretValue: expected a finite number of milliseconds',
    ],
    [{ throttle: { ratePerSecond: 0 } }, 'throttle.ratePerSecond: expected a finite number above 0; got 0'],
    [
      { throttle: { ratePerSecond: 5, burst: 0.5 } },
      'throttle.burst: expected a finite number of at least 1; got 0.5',
    ],
    [
      { regoin: 'eu-west-1' },
      'startEmulator: expected only port, region, accountId, clock, latency, throttle',
    ],
  ])('refuses %o', async (options, message) => {
    await expect(startEmulator(options)).rejects.toThrow(TypeError)
    await expect(startEmulator(options)).rejects.toThrow(message)
  })

  test.each([
    [
      { clock: {} },
      'clock: expected an object with the methods now() and sleep(ms); got a value of type object',
    ],
    [{ clock: { now: 1, sleep: 2 } }, 'clock: expected'],
    [{ clock: null }, 'clock: expected an object with the methods now() and sleep(ms); got null'],
    [{ keepProcessAlive: 'yes' }, "keepProcessAlive: expected a boolean; got 'yes'"],
    [
      { latency: 'x'.repeat(65) },
      'latency: expected milliseconds, or an object of them by operation; got a long string',
    ],
    [{ latency: { NoSuch: 1 } }, 'operation: expected one of BatchGetSecretValue'],
    [{ throttle: true }, 'throttle: expected an object with ratePerSecond; got true'],
  ])('refuses what no type checker would let through: %o', async (options, message) => {
    await expect(startEmulator({ ...options } as object)).rejects.toThrow(message)
  })

  test('stays with the process when asked to, and closes promptly all the same', async () => {
    const emulator = await startEmulator({ keepProcessAlive: true })
    const answer = await post(emulator.url, 'AmazonSSM.GetParameter', '{}', signedFor('us-east-1', 'ssm'))
    expect(answer.status).toBe(400)
    await emulator.close()
    await expect(fetch(emulator.url)).rejects.toThrow()
  })

  test('runs on the machine’s clock unless it is given another', async () => {
    const before = Date.now()
    await using emulator = await startEmulator({ latency: 1 })
    emulator.seed({ parameters: { '/a': 'v' } })
    const sdk = sdkFor(emulator.clientConfig)
    const { Parameter } = await sdk.ssm.send(new GetParameterCommand({ Name: '/a' }))
    expect(Parameter?.LastModifiedDate?.getTime()).toBeGreaterThanOrEqual(before)
    sdk.destroy()
  })

  test('cuts off on close what it was about to answer on the machine’s clock', async () => {
    const emulator = await startEmulator({ latency: 3_600_000 })
    const pending = post(emulator.url, 'AmazonSSM.GetParameter', '{}', signedFor('us-east-1', 'ssm'))
    await Promise.all([
      expect(pending).rejects.toThrow(),
      until(() => emulator.count() === 1).then(() => emulator.close()),
    ])
  })

  test('closes with a request on its way, and may be closed again', async () => {
    const { emulator, clock } = await start({ latency: 1000 })
    const pending = post(emulator.url, 'AmazonSSM.GetParameter', '{}', signedFor('us-east-1', 'ssm'))
    const rejected = expect(pending).rejects.toThrow()
    await until(() => clock.sleeping === 1)
    await emulator.close()
    await emulator[Symbol.asyncDispose]()
    await rejected
    expect(clock.sleeping).toBe(0)
  })

  test('shows no value to anyone who inspects or serialises it', async () => {
    const { emulator, secretsManager, ssm } = await start()
    const needle = 'hunter2-NEEDLE'
    emulator.seed({
      secrets: { a: needle, b: { password: needle }, c: Buffer.from(needle) },
      parameters: { '/a': needle, '/b': { type: 'SecureString', value: needle } },
    })
    await secretsManager.send(new GetSecretValueCommand({ SecretId: 'a' }))
    await ssm.send(new GetParameterCommand({ Name: '/b', WithDecryption: true }))
    const shown = inspect(emulator, { depth: 20, showHidden: true, getters: true }) + JSON.stringify(emulator)
    expect(shown + JSON.stringify(emulator.requests)).not.toContain(needle)
    expect(shown).not.toContain(Buffer.from(needle).toString('base64'))
  })

  test('is as new after a reset', async () => {
    const { emulator, clock, secretsManager } = await start({ latency: 50, throttle: { ratePerSecond: 1 } })
    emulator.seed({ secrets: { a: 'v' } })
    emulator.deny('*')
    emulator.disableKey('alias/aws/secretsmanager')
    emulator.fail('*', { body: '' })
    const read = () => secretsManager.send(new GetSecretValueCommand({ SecretId: 'a' }))
    const first = read()
    await until(() => clock.sleeping === 1)
    clock.advance(50)
    await first
    emulator.reset()
    expect(emulator.requests).toEqual([])
    expect(emulator.count()).toBe(0)
    await expect(read()).rejects.toThrow("can't find the specified secret")
    emulator.seed({ secrets: { a: 'v' } })
    expect((await read()).SecretString).toBe('v')
    expect((await read()).SecretString).toBe('v')
  })
})
