import { BatchGetSecretValueCommand, GetSecretValueCommand } from '@aws-sdk/client-secrets-manager'
import { GetParameterCommand, GetParametersByPathCommand } from '@aws-sdk/client-ssm'
import { describe, expect, test } from 'vitest'
import { RequestLog } from '../../src/emulator/request-log.js'
import { outcomeOf, sdkFor } from '../support/sdk.js'
import { post, signedFor, start } from './setup.js'

const SIGNED = signedFor('us-east-1', 'secretsmanager')
const readSecret = (SecretId: string) => new GetSecretValueCommand({ SecretId })
const readParameter = (Name: string) => new GetParameterCommand({ Name, WithDecryption: true })

async function startSeeded() {
  const started = await start()
  started.emulator.seed({
    secrets: { a: 'va', b: 'vb' },
    parameters: { '/a': 'va', '/s': { type: 'SecureString', value: 'vs' } },
  })
  return started
}

describe('the request log', () => {
  test('tells who asked for what, and how it ended', async () => {
    const { emulator, clock, secretsManager, ssm } = await startSeeded()
    await secretsManager.send(readSecret('a'))
    clock.advance(5)
    await outcomeOf(secretsManager.send(new BatchGetSecretValueCommand({ SecretIdList: ['a', 'b'] })))
    await outcomeOf(ssm.send(readParameter('/none')))
    await ssm.send(new GetParametersByPathCommand({ Path: '/' }))
    const at = clock.now()
    const common = { region: 'us-east-1', attempt: 1 }
    expect(emulator.requests).toMatchObject([
      {
        ...common,
        at: at - 5,
        service: 'secretsmanager',
        operation: 'GetSecretValue',
        ids: ['a'],
        status: 200,
      },
      {
        ...common,
        at,
        service: 'secretsmanager',
        operation: 'BatchGetSecretValue',
        ids: ['a', 'b'],
        status: 200,
      },
      {
        ...common,
        at,
        service: 'ssm',
        operation: 'GetParameter',
        ids: ['/none'],
        status: 400,
        error: 'ParameterNotFound',
      },
      { ...common, at, service: 'ssm', operation: 'GetParametersByPath', ids: ['/'], status: 200 },
    ])
    expect(emulator.requests[0]).not.toHaveProperty('error')
  })

  test('counts by operation or in all, and can be cleared', async () => {
    const { emulator, secretsManager } = await startSeeded()
    await secretsManager.send(readSecret('a'))
    await secretsManager.send(readSecret('b'))
    expect(emulator.count()).toBe(2)
    expect(emulator.count('GetSecretValue')).toBe(2)
    expect(emulator.count('secretsmanager.GetSecretValue')).toBe(2)
    expect(emulator.count('GetParameter')).toBe(0)
    emulator.clearRequests()
    expect([emulator.count(), emulator.count('GetSecretValue'), emulator.requests.length]).toEqual([0, 0, 0])
  })

  test('tells the attempts of the SDK apart, and does without the header', async () => {
    const { emulator } = await startSeeded()
    const sdk = sdkFor(emulator.clientConfig, 2)
    emulator.fail('GetSecretValue', { error: 'InternalServiceError' }, { times: 1 })
    await sdk.secretsManager.send(readSecret('a'))
    await post(emulator.url, 'secretsmanager.GetSecretValue', '{"SecretId":"a"}', SIGNED)
    expect(emulator.requests.map(({ attempt }) => attempt)).toEqual([1, 2, undefined])
    sdk.destroy()
  })

  test('keeps the newest ten thousand, and counts on', () => {
    const log = new RequestLog()
    const record = {
      requestId: '',
      service: 'ssm',
      operation: 'GetParameter',
      ids: [],
      region: 'us-east-1',
    } as const
    for (let at = 0; at <= 10_000; at += 1) log.add({ ...record, at })
    expect(log.records()).toHaveLength(10_000)
    expect(log.records()[0]?.at).toBe(1)
    expect(log.count('GetParameter')).toBe(10_001)
  })

  test('is frozen, and a copy', async () => {
    const { emulator, secretsManager } = await startSeeded()
    await secretsManager.send(readSecret('a'))
    expect(Object.isFrozen(emulator.requests[0])).toBe(true)
    expect(emulator.requests).not.toBe(emulator.requests)
  })
})
