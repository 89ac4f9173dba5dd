import {
  CancelRotateSecretCommand,
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetRandomPasswordCommand,
  GetSecretValueCommand,
  ListSecretsCommand,
  ListSecretVersionIdsCommand,
  PutSecretValueCommand,
  RestoreSecretCommand,
  RotateSecretCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-secrets-manager'
import { expect, test } from 'vitest'
import { failureOf, outcomeOf } from '../support/sdk.js'
import { contract, unique, type Target } from './target.js'

const client = (target: Target) => target.sdk().secretsManager

async function create(target: Target, SecretString = 'v1') {
  const Name = unique('contract/writing')
  const { ARN = '', VersionId = '' } = await client(target).send(
    new CreateSecretCommand({ Name, SecretString }),
  )
  return { Name, ARN, VersionId }
}

async function put(target: Target, SecretId: string, SecretString: string, options: object = {}) {
  const { VersionId = '' } = await client(target).send(
    new PutSecretValueCommand({ SecretId, SecretString, ...options }),
  )
  return VersionId
}

const read = (target: Target, SecretId: string, VersionStage = 'AWSCURRENT') =>
  client(target).send(new GetSecretValueCommand({ SecretId, VersionStage }))

contract('the life of a secret', (target) => {
  test('a secret scheduled for deletion is not readable and can be restored', async () => {
    const { Name } = await create(target)
    const { DeletionDate } = await client(target).send(
      new DeleteSecretCommand({ SecretId: Name, RecoveryWindowInDays: 7 }),
    )
    expect(DeletionDate).toBeInstanceOf(Date)
    expect(await failureOf(read(target, Name))).toMatchObject({
      name: 'InvalidRequestException',
      status: 400,
    })
    const { DeletedDate } = await client(target).send(new DescribeSecretCommand({ SecretId: Name }))
    expect(DeletedDate).toEqual(DeletionDate)
    await client(target).send(new RestoreSecretCommand({ SecretId: Name }))
    expect((await read(target, Name)).SecretString).toBe('v1')
  })

  test('a forced deletion frees the name at once, and a new secret has a new ARN', async () => {
    const { Name, ARN } = await create(target)
    await client(target).send(new DeleteSecretCommand({ SecretId: Name, ForceDeleteWithoutRecovery: true }))
    expect(await failureOf(read(target, Name))).toMatchObject({ name: 'ResourceNotFoundException' })
    const again = await client(target).send(new CreateSecretCommand({ Name, SecretString: 'again' }))
    expect(again.ARN).not.toBe(ARN)
  })

  test('a name that is scheduled for deletion cannot be created', async () => {
    const { Name } = await create(target)
    await client(target).send(new DeleteSecretCommand({ SecretId: Name }))
    const again = client(target).send(new CreateSecretCommand({ Name, SecretString: 'again' }))
    expect(await outcomeOf(again)).toBe(target.expects('creationWhileScheduled'))
  })

  test('a forced deletion excludes a recovery window', async () => {
    const input = {
      SecretId: unique('contract/none'),
      ForceDeleteWithoutRecovery: true,
      RecoveryWindowInDays: 7,
    }
    const failure = await failureOf(client(target).send(new DeleteSecretCommand(input)))
    expect(failure.name).toBe('InvalidParameterException')
  })

  test('the list of versions leaves out those without a label, unless asked', async () => {
    const { Name, VersionId: first } = await create(target)
    const second = await put(target, Name, 'v2')
    const third = await put(target, Name, 'v3')
    const list = async (IncludeDeprecated: boolean) => {
      const { Versions = [] } = await client(target).send(
        new ListSecretVersionIdsCommand({ SecretId: Name, IncludeDeprecated }),
      )
      return Versions.map(({ VersionId }) => VersionId).toSorted()
    }
    expect(await list(true)).toEqual([first, second, third].toSorted())
    expect((await list(false)).includes(first) ? 'listed' : 'left out').toBe(
      target.expects('deprecatedVersions'),
    )
  })

  test('secrets are listed by filter, with their stages and without their values', async () => {
    const { Name, VersionId } = await create(target)
    const Filters = [{ Key: 'name' as const, Values: [Name] }]
    const { SecretList } = await client(target).send(new ListSecretsCommand({ Filters }))
    expect(SecretList).toMatchObject([{ Name, SecretVersionsToStages: { [VersionId]: ['AWSCURRENT'] } }])
    expect(SecretList?.[0]).not.toHaveProperty('SecretString')
  })

  test('tags come and go', async () => {
    const { Name } = await create(target)
    const describe = () => client(target).send(new DescribeSecretCommand({ SecretId: Name }))
    await client(target).send(new TagResourceCommand({ SecretId: Name, Tags: [{ Key: 'team', Value: 'a' }] }))
    expect((await describe()).Tags).toEqual([{ Key: 'team', Value: 'a' }])
    await client(target).send(new UntagResourceCommand({ SecretId: Name, TagKeys: ['team'] }))
    expect((await describe()).Tags ?? []).toEqual([])
  })

  test('a rotation announces a pending version before there is a value', async () => {
    const { Name } = await create(target)
    const RotationLambdaARN = 'arn:aws:lambda:us-east-1:123456789012:function:rotate'
    const rotation = client(target).send(new RotateSecretCommand({ SecretId: Name, RotationLambdaARN }))
    expect(await outcomeOf(rotation)).toBe(target.expects('rotationWithoutFunction'))
    expect(await failureOf(read(target, Name, 'AWSPENDING'))).toMatchObject({
      name: 'ResourceNotFoundException',
    })
  })

  test('what does not rotate cannot stop rotating', async () => {
    const { Name } = await create(target)
    const failure = await failureOf(client(target).send(new CancelRotateSecretCommand({ SecretId: Name })))
    expect(failure.name).toBe('InvalidRequestException')
  })

  test('a random password has the length and the characters that were asked for', async () => {
    const input = { PasswordLength: 40, ExcludePunctuation: true, ExcludeCharacters: 'abc' }
    const { RandomPassword } = await client(target).send(new GetRandomPasswordCommand(input))
    expect(RandomPassword).toMatch(/^[A-Zd-z0-9]{40}$/)
  })
})
