import { SecretsClient } from 'aws-secrets-client'
import type { Emulator } from 'aws-secrets-client/emulator'
import { describe, expect, test } from 'vitest'
import { readFeatureKey } from '../../examples/error-handling.js'
import { NEEDLE, useStage } from './stage.js'

const stage = useStage()

async function read(ref: string, setScene: (emulator: Emulator) => void) {
  const { emulator } = stage()
  emulator.seed({ secrets: { 'prod/maps': { apiKey: NEEDLE } } })
  setScene(emulator)
  await using secrets = new SecretsClient({ retry: { maxAttempts: 1 } })
  return await readFeatureKey(secrets, ref)
}

const nothing = () => undefined

describe('readFeatureKey', () => {
  test('enables the feature with the key', async () => {
    await expect(read('prod/maps#apiKey', nothing)).resolves.toEqual({ status: 'enabled', apiKey: NEEDLE })
    expect(stage().printed).toEqual([])
  })

  test.each(['prod/other#apiKey', 'prod/maps#otherKey', 'ssm:/prod/maps'])(
    'disables the feature without %s',
    async (ref) => {
      await expect(read(ref, nothing)).resolves.toEqual({ status: 'disabled' })
    },
  )

  test.each<[string, Parameters<Emulator['fail']>[1]]>([
    ['throttled', { error: 'ThrottlingException' }],
    ['out of order', { error: 'InternalServiceError' }],
    ['not understood', { body: `{"SecretString":${NEEDLE}` }],
    ['asked with credentials that are about to be renewed', { error: 'ExpiredTokenException' }],
  ])('asks to come back later when AWS is %s', async (_title, fault) => {
    const outcome = read('prod/maps#apiKey', (emulator) => emulator.fail('GetSecretValue', fault))
    await expect(outcome).resolves.toEqual({ status: 'later' })
    expect(stage().printed).toContainEqual(expect.objectContaining({ ref: 'prod/maps#apiKey' }))
  })

  test.each<[string, string, (emulator: Emulator) => void]>([
    [
      'IAM denies',
      'Allow secretsmanager:GetSecretValue',
      (emulator) => emulator.deny('secretsmanager:GetSecretValue'),
    ],
    ['KMS denies', 'Allow kms:Decrypt', (emulator) => emulator.deny('kms:Decrypt')],
    [
      'credentials are not accepted',
      'Check the role',
      (emulator) => emulator.fail('*', { error: 'UnrecognizedClientException' }),
    ],
    [
      'the value is no JSON',
      'Leave out the field',
      (emulator) => {
        emulator.seed({ secrets: { 'prod/maps': NEEDLE } })
      },
    ],
  ])('says what to do when %s', async (_title, advice, setScene) => {
    await expect(read('prod/maps#apiKey', setScene)).resolves.toEqual({
      status: 'broken',
      advice: expect.stringContaining(advice) as string,
    })
  })

  test.each(['ssm:prod/maps', ''])('does not hide the bug of reading "%s"', async (ref) => {
    await expect(read(ref, nothing)).rejects.toMatchObject({ code: 'ERR_REFERENCE_INVALID' })
  })
})
