import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { Emulator } from '../../src/emulator/index.js'
import { refusalOf, start } from './setup.js'

const put = (emulator: Emulator, SecretString: string, options: object = {}) =>
  String(emulator.call('PutSecretValue', { SecretId: 'a', SecretString, ...options })['VersionId'])

const stages = (emulator: Emulator) =>
  emulator.call('DescribeSecret', { SecretId: 'a' })['VersionIdsToStages']

const read = (emulator: Emulator, input: object = {}) =>
  emulator.call('GetSecretValue', { SecretId: 'a', ...input })

const move = (emulator: Emulator, VersionStage: string, input: object) =>
  emulator.call('UpdateSecretVersionStage', { SecretId: 'a', VersionStage, ...input })

async function startWithVersions() {
  const { emulator, ...rest } = await start()
  const first = String(emulator.call('CreateSecret', { Name: 'a', SecretString: 'v1' })['VersionId'])
  const second = put(emulator, 'v2')
  return { emulator, first, second, ...rest }
}

describe('rotation', () => {
  const RotationLambdaARN = 'arn:aws:lambda:us-east-1:123456789012:function:rotate'
  const rotate = (emulator: Emulator, input: object = { RotationLambdaARN }) =>
    emulator.call('RotateSecret', { SecretId: 'a', ...input })

  test('announces a pending version that has no value yet', async () => {
    const { emulator, second } = await startWithVersions()
    const pending = String(rotate(emulator)['VersionId'])
    expect(stages(emulator)).toMatchObject({ [second]: ['AWSCURRENT'], [pending]: ['AWSPENDING'] })
    expect(refusalOf(() => read(emulator, { VersionStage: 'AWSPENDING' }))).toEqual({
      code: 'ResourceNotFoundException',
      text: "Secrets Manager can't find the specified secret value for staging label: AWSPENDING",
    })
    expect(refusalOf(() => read(emulator, { VersionId: pending, VersionStage: 'AWSPENDING' }))).toEqual({
      code: 'ResourceNotFoundException',
      text: `Secrets Manager can't find the specified secret value for VersionId: ${pending}`,
    })
  })

  test('can be played to its end by hand, and then again', async () => {
    const { emulator, second } = await startWithVersions()
    const pending = String(rotate(emulator)['VersionId'])
    put(emulator, 'rotated', { ClientRequestToken: pending, VersionStages: ['AWSPENDING'] })
    expect(read(emulator, { VersionStage: 'AWSPENDING' })['SecretString']).toBe('rotated')
    move(emulator, 'AWSCURRENT', { RemoveFromVersionId: second, MoveToVersionId: pending })
    expect(stages(emulator)).toEqual({ [pending]: ['AWSPENDING', 'AWSCURRENT'], [second]: ['AWSPREVIOUS'] })
    const next = String(rotate(emulator, {})['VersionId'])
    expect(stages(emulator)).toEqual({
      [pending]: ['AWSCURRENT'],
      [second]: ['AWSPREVIOUS'],
      [next]: ['AWSPENDING'],
    })
  })

  test('is refused while one is under way, unless it is the same request again', async () => {
    const { emulator } = await startWithVersions()
    const ClientRequestToken = randomUUID()
    const first = rotate(emulator, { RotationLambdaARN, ClientRequestToken })
    expect(rotate(emulator, { ClientRequestToken })).toEqual(first)
    expect(refusalOf(() => rotate(emulator))).toEqual({
      code: 'InvalidRequestException',
      text: "A previous rotation isn't complete. That rotation will be reattempted.",
    })
  })

  test('needs a function, now or before', async () => {
    const { emulator } = await startWithVersions()
    const code = 'InvalidRequestException'
    const text = 'No Lambda rotation function ARN is associated with this secret.'
    expect(refusalOf(() => rotate(emulator, {}))).toEqual({ code, text })
    expect(refusalOf(() => emulator.call('CancelRotateSecret', { SecretId: 'a' }))).toEqual({ code, text })
  })

  test('can be configured without starting, described, and cancelled', async () => {
    const { emulator, clock } = await startWithVersions()
    const RotationRules = { AutomaticallyAfterDays: 30, Duration: '3h' }
    const answer = rotate(emulator, { RotationLambdaARN, RotationRules, RotateImmediately: false })
    expect(answer).not.toHaveProperty('VersionId')
    const describe = () => emulator.call('DescribeSecret', { SecretId: 'a' })
    expect(describe()).toMatchObject({ RotationEnabled: true, RotationLambdaARN, RotationRules })
    expect(describe()).not.toHaveProperty('LastRotatedDate')
    const pending = rotate(emulator, {})['VersionId']
    expect(describe()).toMatchObject({ LastRotatedDate: clock.now() / 1000, RotationRules })
    expect(emulator.call('CancelRotateSecret', { SecretId: 'a' })).toMatchObject({ VersionId: pending })
    expect(describe()).toMatchObject({ RotationEnabled: false })
    expect(stages(emulator)).toHaveProperty(String(pending))
  })
})
