import {
  BatchGetSecretValueCommand,
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
} from '@aws-sdk/client-secrets-manager'
import {
  GetParameterCommand,
  GetParameterHistoryCommand,
  GetParametersCommand,
  PutParameterCommand,
} from '@aws-sdk/client-ssm'
import { describe, expect, test } from 'vitest'
import { failureOf, outcomeOf } from '../support/sdk.js'
import { start } from './setup.js'

const KEY_ARN = 'arn:aws:kms:us-east-1:123456789012:key/1111'
const DECRYPT_REFUSED = /^The ciphertext refers to a customer master key that does not exist.*AWSKMS/

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

describe('a key that refuses to decrypt', () => {
  test('is AccessDeniedException with each service’s own text', async () => {
    const { emulator, secret, parameter, parameters } = await startSeeded()
    emulator.deny('kms:Decrypt', '*prod/*')
    const status = 400
    expect(await failureOf(secret('prod/a'))).toEqual({
      name: 'AccessDeniedException',
      message: 'Access to KMS is not allowed',
      status,
    })
    const refused = {
      name: 'AccessDeniedException',
      message: expect.stringMatching(DECRYPT_REFUSED) as string,
      status,
    }
    expect(await failureOf(parameter('/prod/s'))).toEqual(refused)
    expect(await failureOf(parameters('/other', '/prod/s'))).toEqual(refused)
    expect(await outcomeOf(secret('other'))).toBe('success')
  })

  test('is not asked for what is not encrypted or not to be decrypted', async () => {
    const { emulator, parameter } = await startSeeded()
    emulator.deny('kms:Decrypt')
    expect(await outcomeOf(parameter('/prod/a'))).toBe('success')
    expect(await outcomeOf(parameter('/prod/s', false))).toBe('success')
  })

  test('is one secret’s own error in a batch', async () => {
    const { emulator, batch } = await startSeeded()
    emulator.deny('kms:Decrypt', 'prod/a')
    const { SecretValues, Errors } = await batch('prod/a', 'prod/b')
    expect(SecretValues).toHaveLength(1)
    expect(Errors).toMatchObject([
      { ErrorCode: 'AccessDeniedException', Message: 'Access to KMS is not allowed' },
    ])
  })
})

describe('a disabled key', () => {
  test('fails reading and writing of secrets until it is enabled again', async () => {
    const { emulator, secret, secretsManager } = await startSeeded()
    const enable = emulator.disableKey('alias/aws/secretsmanager')
    expect(await failureOf(secret('prod/a'))).toMatchObject({ name: 'DecryptionFailure', status: 400 })
    const put = () =>
      secretsManager.send(new PutSecretValueCommand({ SecretId: 'prod/a', SecretString: 'newer' }))
    expect(await outcomeOf(put())).toBe('EncryptionFailure')
    expect(await outcomeOf(secretsManager.send(new DescribeSecretCommand({ SecretId: 'prod/a' })))).toBe(
      'success',
    )
    enable()
    expect((await secret('prod/a')).SecretString).toBe('va')
  })

  test('fails SecureStrings with InvalidKeyId, and plain parameters not at all', async () => {
    const { emulator, parameter, parameters, ssm } = await startSeeded()
    emulator.disableKey('alias/aws/ssm')
    expect(await failureOf(parameter('/prod/s'))).toEqual({
      name: 'InvalidKeyId',
      message:
        'alias/aws/ssm is disabled. (Service: AWSKMS; Status Code: 400; Error Code: DisabledException)',
      status: 400,
    })
    expect(await outcomeOf(parameters('/prod/a', '/prod/s'))).toBe('InvalidKeyId')
    expect(await outcomeOf(parameter('/prod/a'))).toBe('success')
    expect(await outcomeOf(ssm.send(new GetParameterHistoryCommand({ Name: '/prod/s' })))).toBe('success')
    const put = new PutParameterCommand({ Name: '/prod/s', Value: 'newer', Overwrite: true })
    expect(await outcomeOf(ssm.send(put))).toBe('InvalidKeyId')
  })

  test.each(['1111', 'key/1111', KEY_ARN])('is the same key when it is called %s', async (keyId) => {
    const { emulator, secret } = await startSeeded()
    emulator.call('CreateSecret', { Name: 'own', SecretString: 'v', KmsKeyId: KEY_ARN })
    emulator.disableKey(keyId)
    expect(await outcomeOf(secret('own'))).toBe('DecryptionFailure')
    expect(await outcomeOf(secret('prod/a'))).toBe('success')
  })

  test('leaves no half-made secret behind', async () => {
    const { emulator, secretsManager, secret } = await startSeeded()
    emulator.disableKey('alias/aws/secretsmanager')
    const create = new CreateSecretCommand({ Name: 'new', SecretString: 'v' })
    expect(await outcomeOf(secretsManager.send(create))).toBe('EncryptionFailure')
    expect(await outcomeOf(secret('new'))).toBe('ResourceNotFoundException')
  })

  test('must have a name', async () => {
    const { emulator } = await start()
    expect(() => emulator.disableKey('')).toThrow('keyId: expected a string that is not empty')
  })
})
