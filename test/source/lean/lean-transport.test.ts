/** What the environment asks of the AWS SDK is left to it, region by region, and only then is it needed. */

import { describe, expect, test, vi } from 'vitest'
import { SecretsError } from '../../../src/errors.js'
import type { SdkClient } from '../../../src/source/sdk-client.js'
import type { SdkCommand } from '../../../src/source/single-attempt.js'
import { LeanClient, LeanCommand } from '../../../src/source/lean/lean-client.js'
import { leanTransport } from '../../../src/source/lean/lean-transport.js'
import type { SecretsManagerRequest } from '../../../src/source/transport.js'
import { failureOf } from '../../support/aws.js'
import { LEAN_ENVIRONMENT } from '../../support/lean.js'
import { ManualClock } from '../../support/manual-clock.js'

const REQUEST: SecretsManagerRequest = { operation: 'GetSecretValue', input: { SecretId: 'prod/db' } }
const sdkClient: SdkClient = { send: () => Promise.resolve({}) }
const sdkCommand: SdkCommand = { middlewareStack: { add: () => undefined } }

function build(variables: Readonly<Record<string, string>> = {}) {
  const create = vi.fn((_region: string | undefined) => Promise.resolve(sdkClient))
  const command = vi.fn(() => Promise.resolve(sdkCommand))
  const settings = {
    environment: { ...LEAN_ENVIRONMENT, ...variables },
    clock: new ManualClock(),
    agent: undefined,
    credentials: () => Promise.resolve({ accessKeyId: 'AKID', secretAccessKey: 'x' }),
  }
  return { create, command, transport: leanTransport('secretsmanager', { create, command }, settings) }
}

test('where nothing else is asked for, the SDK is not touched', async () => {
  const { transport, create, command } = build()
  const client = await transport.create('eu-west-1')
  expect(client).toBeInstanceOf(LeanClient)
  await expect(transport.command(client, REQUEST)).resolves.toBeInstanceOf(LeanCommand)
  expect([create, command].map(({ mock }) => mock.calls.length)).toEqual([0, 0])
  client.destroy?.()
})

describe('what it does not know is left to the SDK', () => {
  test('for one region, and not for another', async () => {
    const { transport, create } = build()
    await expect(transport.create('us-iso-east-1')).resolves.toBe(sdkClient)
    await expect(transport.create('cn-north-1')).resolves.toBeInstanceOf(LeanClient)
    expect(create.mock.calls).toEqual([['us-iso-east-1']])
  })

  test('with its commands', async () => {
    const { transport, command } = build({ AWS_PROFILE: 'work' })
    const client = await transport.create(undefined)
    await expect(transport.command(client, REQUEST)).resolves.toBe(sdkCommand)
    expect(command).toHaveBeenCalledExactlyOnceWith(sdkClient, REQUEST)
  })

  test('and where it is missing, the error says why it is needed, and both ways out', async () => {
    const { transport, create } = build({ AWS_PROFILE: 'work' })
    const hint = 'Install it: npm install @aws-sdk/client-ssm'
    create.mockRejectedValue(new SecretsError('ERR_MISSING_PEER', { what: 'it is not installed', hint }))
    await expect(failureOf(transport.create(undefined))).resolves.toMatchObject({
      code: 'ERR_MISSING_PEER',
      hint: 'Lean sources need it because AWS_PROFILE is set. Unset AWS_PROFILE, or install it: npm install @aws-sdk/client-ssm',
    })
  })

  test('any other failure of it is passed on', async () => {
    const { transport, create } = build({ AWS_PROFILE: 'work' })
    const error = new Error('no')
    create.mockRejectedValue(error)
    await expect(failureOf(transport.create(undefined))).resolves.toBe(error)
  })
})

describe('a lean client', () => {
  test('sends nothing but its own commands', async () => {
    const client = await build().transport.create('eu-west-1')
    await expect(failureOf(client.send({}))).resolves.toBeInstanceOf(TypeError)
  })

  test('says its region', async () => {
    const { config } = await build().transport.create(undefined)
    expect(config).toMatchObject({ region: 'eu-west-1' })
  })
})
