import { GetSecretValueCommand, PutSecretValueCommand } from '@aws-sdk/client-secrets-manager'
import {
  GetParameterCommand,
  GetParametersByPathCommand,
  GetParametersCommand,
  PutParameterCommand,
} from '@aws-sdk/client-ssm'
import { describe, expect, test } from 'vitest'
import { failureOf, outcomeOf } from '../support/sdk.js'
import { start, until } from './setup.js'

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

describe('latency', () => {
  test('delays the answer and not the operation', async () => {
    const { emulator, clock, secretsManager } = await startSeeded()
    emulator.setLatency({ GetSecretValue: 100 })
    const slow = secretsManager.send(readSecret('a'))
    await until(() => clock.sleeping === 1)
    await secretsManager.send(new PutSecretValueCommand({ SecretId: 'a', SecretString: 'newer' }))
    clock.advance(100)
    expect((await slow).SecretString).toBe('va')
  })

  test('may hold for all operations, and ends with 0', async () => {
    const { emulator, clock, ssm } = await startSeeded()
    emulator.setLatency(10)
    const slow = ssm.send(readParameter('/a'))
    await until(() => clock.sleeping === 1)
    clock.advance(10)
    await slow
    emulator.setLatency(0)
    await ssm.send(readParameter('/a'))
  })
})

describe('a throttle', () => {
  test('lets a burst pass, then a request for each refilled token', async () => {
    const { emulator, clock, secretsManager } = await startSeeded()
    emulator.setThrottle({ ratePerSecond: 2, burst: 3 })
    const read = () => outcomeOf(secretsManager.send(readSecret('a')))
    const outcomes = [await read(), await read(), await read(), await read()]
    expect(outcomes).toEqual(['success', 'success', 'success', 'ThrottlingException'])
    clock.advance(499)
    expect(await read()).toBe('ThrottlingException')
    clock.advance(1)
    expect(await read()).toBe('success')
    clock.advance(3_600_000)
    expect([await read(), await read(), await read(), await read()]).toEqual(outcomes)
  })

  test('answers as AWS does', async () => {
    const { emulator, secretsManager } = await startSeeded()
    emulator.setThrottle({ ratePerSecond: 0.1 })
    await secretsManager.send(readSecret('a'))
    expect(await failureOf(secretsManager.send(readSecret('a')))).toEqual({
      name: 'ThrottlingException',
      message: 'Rate exceeded',
      status: 400,
    })
  })

  test('is one for the reads of Parameter Store, and one for each other operation', async () => {
    const { emulator, secretsManager, ssm } = await startSeeded()
    emulator.setThrottle({ ratePerSecond: 1 })
    expect(await outcomeOf(ssm.send(readParameter('/a')))).toBe('success')
    expect(await outcomeOf(ssm.send(new GetParametersCommand({ Names: ['/a'] })))).toBe('ThrottlingException')
    expect(await outcomeOf(ssm.send(new GetParametersByPathCommand({ Path: '/' })))).toBe(
      'ThrottlingException',
    )
    expect(await outcomeOf(secretsManager.send(readSecret('a')))).toBe('success')
    expect(
      await outcomeOf(ssm.send(new PutParameterCommand({ Name: '/n', Type: 'String', Value: 'v' }))),
    ).toBe('success')
  })

  test('can be held to some operations, and ended', async () => {
    const { emulator, secretsManager, ssm } = await startSeeded()
    emulator.setThrottle({ ratePerSecond: 1, operations: ['AmazonSSM.GetParameter'] })
    const both = async () => [
      await outcomeOf(ssm.send(readParameter('/a'))),
      await outcomeOf(secretsManager.send(readSecret('a'))),
    ]
    expect(await both()).toEqual(['success', 'success'])
    expect(await both()).toEqual(['ThrottlingException', 'success'])
    emulator.setThrottle(undefined)
    expect(await both()).toEqual(['success', 'success'])
  })

  test('takes no harm from a clock that goes back', async () => {
    const { emulator, clock, secretsManager } = await startSeeded()
    emulator.setThrottle({ ratePerSecond: 1, burst: 2 })
    await secretsManager.send(readSecret('a'))
    clock.wall -= 3_600_000
    expect(await outcomeOf(secretsManager.send(readSecret('a')))).toBe('success')
    expect(await outcomeOf(secretsManager.send(readSecret('a')))).toBe('ThrottlingException')
  })
})
