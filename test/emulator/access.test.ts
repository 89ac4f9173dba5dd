import {
  BatchGetSecretValueCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
} from '@aws-sdk/client-secrets-manager'
import { GetParameterCommand, GetParametersByPathCommand, GetParametersCommand } from '@aws-sdk/client-ssm'
import { describe, expect, test } from 'vitest'
import { failureOf, outcomeOf } from '../support/sdk.js'
import { start } from './setup.js'

const CALLER = 'arn:aws:sts::123456789012:assumed-role/emulator/session'
const denial = (action: string, resource: string) => ({
  name: 'AccessDeniedException',
  message:
    `User: ${CALLER} is not authorized to perform: ${action} on resource: ${resource} ` +
    `because no identity-based policy allows the ${action} action`,
  status: 400,
})

async function startSeeded() {
  const started = await start()
  started.emulator.seed({
    secrets: { 'prod/a': 'va', 'prod/b': 'vb', other: 'vo' },
    parameters: { '/prod/a': 'va', '/prod/s': { type: 'SecureString', value: 'vs' }, '/other': 'vo' },
  })
  const { secretsManager, ssm } = started
  const secret = (SecretId: string) => secretsManager.send(new GetSecretValueCommand({ SecretId }))
  const parameter = (Name: string, WithDecryption = true) =>
    ssm.send(new GetParameterCommand({ Name, WithDecryption }))
  const parameters = (...Names: string[]) =>
    ssm.send(new GetParametersCommand({ Names, WithDecryption: true }))
  const batch = (...SecretIdList: string[]) =>
    secretsManager.send(new BatchGetSecretValueCommand({ SecretIdList }))
  return { ...started, secret, parameter, parameters, batch }
}

describe('a denied action', () => {
  test('is refused with AWS’s text, which names the secret as it was asked for', async () => {
    const { emulator, secret, parameter } = await startSeeded()
    emulator.deny('secretsmanager:GetSecretValue')
    expect(await failureOf(secret('prod/a'))).toEqual(denial('secretsmanager:GetSecretValue', 'prod/a'))
    expect(await outcomeOf(parameter('/prod/a'))).toBe('success')
  })

  test('names a parameter by its ARN', async () => {
    const { emulator, parameter } = await startSeeded()
    emulator.deny('ssm:GetParameter')
    const arn = 'arn:aws:ssm:us-east-1:123456789012:parameter/prod/a'
    expect(await failureOf(parameter('/prod/a'))).toEqual(denial('ssm:GetParameter', arn))
    expect(await failureOf(parameter(arn))).toEqual(denial('ssm:GetParameter', arn))
  })

  test('hides whether a secret exists', async () => {
    const { emulator, secret } = await startSeeded()
    emulator.deny('secretsmanager:*')
    expect(await failureOf(secret('none'))).toEqual(denial('secretsmanager:GetSecretValue', 'none'))
  })

  test.each([
    ['prod/*', ['AccessDeniedException', 'success']],
    ['arn:aws:secretsmanager:*:*:secret:prod/a-??????', ['AccessDeniedException', 'success']],
    ['arn:aws:secretsmanager:eu-west-1:*', ['success', 'success']],
    ['*', ['AccessDeniedException', 'AccessDeniedException']],
  ])('holds for the secrets that %s fits', async (resource, outcomes) => {
    const { emulator, secret } = await startSeeded()
    emulator.deny('secretsmanager:GetSecretValue', resource)
    expect([await outcomeOf(secret('prod/a')), await outcomeOf(secret('other'))]).toEqual(outcomes)
  })

  test('holds for a secret under its name and its ARN', async () => {
    const { emulator, secret } = await startSeeded()
    emulator.deny('*', 'prod/a')
    const { ARN } = emulator.call('DescribeSecret', { SecretId: 'prod/a' })
    expect(await outcomeOf(secret(String(ARN)))).toBe('AccessDeniedException')
  })

  test('is allowed again once the denial is taken back', async () => {
    const { emulator, secret } = await startSeeded()
    const allow = emulator.deny('secretsmanager:GetSecretValue')
    expect(await outcomeOf(secret('prod/a'))).toBe('AccessDeniedException')
    allow()
    expect(await outcomeOf(secret('prod/a'))).toBe('success')
  })

  test('of a batch fails the call', async () => {
    const { emulator, batch, secret } = await startSeeded()
    emulator.deny('secretsmanager:BatchGetSecretValue')
    expect(await failureOf(batch('prod/a'))).toEqual(denial('secretsmanager:BatchGetSecretValue', '*'))
    expect(await outcomeOf(secret('prod/a'))).toBe('success')
  })

  test('of one secret in a batch is that secret’s own error', async () => {
    const { emulator, batch } = await startSeeded()
    emulator.deny('secretsmanager:GetSecretValue', 'prod/a')
    const { SecretValues, Errors } = await batch('prod/a', 'prod/b')
    expect(SecretValues).toMatchObject([{ Name: 'prod/b' }])
    const { name: ErrorCode, message: Message } = denial('secretsmanager:GetSecretValue', 'prod/a')
    expect(Errors).toEqual([{ SecretId: 'prod/a', ErrorCode, Message }])
  })

  test('of one name fails all of GetParameters', async () => {
    const { emulator, parameters } = await startSeeded()
    emulator.deny('ssm:GetParameters', '/prod/*')
    expect(await outcomeOf(parameters('/other', '/prod/a'))).toBe('AccessDeniedException')
    expect(await outcomeOf(parameters('/other'))).toBe('success')
  })

  test('of a parameter does not hold for a path above it', async () => {
    const { emulator, ssm } = await startSeeded()
    emulator.deny('ssm:GetParametersByPath', '/prod/a')
    const { Parameters } = await ssm.send(new GetParametersByPathCommand({ Path: '/prod' }))
    expect(Parameters?.map(({ Name }) => Name)).toEqual(['/prod/a', '/prod/s'])
  })

  test('without a resource of its own is denied for everything', async () => {
    const { emulator, secretsManager } = await startSeeded()
    emulator.deny('secretsmanager:ListSecrets')
    const failure = await failureOf(secretsManager.send(new ListSecretsCommand({})))
    expect(failure).toEqual(denial('secretsmanager:ListSecrets', '*'))
  })

  test('of a secret also holds for its way through Parameter Store', async () => {
    const { emulator, parameter } = await startSeeded()
    emulator.deny('secretsmanager:GetSecretValue', 'prod/*')
    const failure = await failureOf(parameter('/aws/reference/secretsmanager/prod/a'))
    expect(failure).toEqual(denial('secretsmanager:GetSecretValue', 'prod/a'))
  })

  test('does not hold for scenes', async () => {
    const { emulator } = await startSeeded()
    emulator.deny('*')
    emulator.seed({ secrets: { 'prod/a': 'newer' } })
    expect(emulator.call('GetSecretValue', { SecretId: 'prod/a' })['SecretString']).toBe('newer')
  })

  test.each([
    ['secretsmanager:GetSecret', "action: expected an action such as 'secretsmanager:GetSecretValue'"],
    ['kms:Encrypt', "got 'kms:Encrypt'"],
    ['', "got ''"],
  ])('that nothing ever asks for is refused: %j', async (action, message) => {
    const { emulator } = await start()
    expect(() => emulator.deny(action)).toThrow(TypeError)
    expect(() => emulator.deny(action)).toThrow(message)
  })

  test('needs a pattern that can fit', async () => {
    const { emulator } = await start()
    expect(() => emulator.deny('*', '')).toThrow("resource: expected a string that is not empty; got ''")
  })
})
