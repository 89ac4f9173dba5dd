import {
  BatchGetSecretValueCommand,
  CreateSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
} from '@aws-sdk/client-secrets-manager'
import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { failureOf, outcomeOf } from '../support/sdk.js'
import { contract, unique, type Target } from './target.js'

async function create(target: Target, value: string | Uint8Array = 'v1') {
  const Name = unique('contract/reading')
  const content = typeof value === 'string' ? { SecretString: value } : { SecretBinary: value }
  const { ARN = '', VersionId = '' } = await target
    .sdk()
    .secretsManager.send(new CreateSecretCommand({ Name, ...content }))
  return { Name, ARN, VersionId }
}

const read = (target: Target, input: ConstructorParameters<typeof GetSecretValueCommand>[0]) =>
  target.sdk().secretsManager.send(new GetSecretValueCommand(input))

const put = (target: Target, SecretId: string, SecretString: string, VersionStages?: string[]) =>
  target
    .sdk()
    .secretsManager.send(
      new PutSecretValueCommand({ SecretId, SecretString, ...(VersionStages && { VersionStages }) }),
    )

contract('reading secrets', (target) => {
  test('a text is read back with its identity, its stage and its date', async () => {
    const secret = await create(target, '{"a":1}')
    const answer = await read(target, { SecretId: secret.Name })
    expect(answer).toMatchObject({ ...secret, SecretString: '{"a":1}', VersionStages: ['AWSCURRENT'] })
    expect(answer.SecretBinary).toBeUndefined()
    expect(answer.CreatedDate).toBeInstanceOf(Date)
    expect(answer.ARN).toMatch(new RegExp(`:secret:${secret.Name}-[A-Za-z0-9]{6}$`))
  })

  test('bytes are read back as bytes, without a text', async () => {
    const { Name } = await create(target, new Uint8Array([0, 255, 128]))
    const answer = await read(target, { SecretId: Name })
    expect(answer.SecretBinary).toEqual(new Uint8Array([0, 255, 128]))
    expect(answer.SecretString).toBeUndefined()
  })

  test('a secret answers to its ARN', async () => {
    const { ARN, Name } = await create(target)
    expect(await read(target, { SecretId: ARN })).toMatchObject({ Name, SecretString: 'v1' })
  })

  test('a secret answers to its ARN without the suffix', async () => {
    const { ARN, Name } = await create(target)
    expect(await read(target, { SecretId: ARN.slice(0, -7) })).toMatchObject({ Name, SecretString: 'v1' })
  })

  test('a partial ARN whose name ends like a suffix looks complete and is not found', async () => {
    const Name = `${unique('contract/trap')}-abcdef`
    const { ARN = '' } = await target
      .sdk()
      .secretsManager.send(new CreateSecretCommand({ Name, SecretString: 'v' }))
    expect(await outcomeOf(read(target, { SecretId: ARN.slice(0, -7) }))).toBe(
      target.expects('hyphenatedPartialArn'),
    )
  })

  test('versions are read by stage and by id', async () => {
    const { Name, VersionId } = await create(target)
    const second = await put(target, Name, 'v2')
    expect(await read(target, { SecretId: Name })).toMatchObject({
      SecretString: 'v2',
      VersionId: second.VersionId,
    })
    expect(await read(target, { SecretId: Name, VersionStage: 'AWSPREVIOUS' })).toMatchObject({
      SecretString: 'v1',
      VersionId,
    })
    expect(await read(target, { SecretId: Name, VersionId })).toMatchObject({
      SecretString: 'v1',
      VersionStages: ['AWSPREVIOUS'],
    })
  })

  test('a version without any label stays readable by its id', async () => {
    const { Name, VersionId } = await create(target)
    await put(target, Name, 'v2')
    await put(target, Name, 'v3')
    expect(await read(target, { SecretId: Name, VersionId })).toMatchObject({ SecretString: 'v1' })
  })

  test('an id and a stage that belong together select the version', async () => {
    const { Name, VersionId } = await create(target)
    const answer = await read(target, { SecretId: Name, VersionId, VersionStage: 'AWSCURRENT' })
    expect(answer.SecretString).toBe('v1')
  })

  test('an id and a stage of different versions are refused', async () => {
    const { Name, VersionId } = await create(target)
    await put(target, Name, 'v2')
    expect(await failureOf(read(target, { SecretId: Name, VersionId, VersionStage: 'AWSCURRENT' }))).toEqual({
      name: 'InvalidRequestException',
      message: 'You provided a VersionStage that is not associated to the provided VersionId.',
      status: target.expects('statusOfStageMismatch'),
    })
  })

  test('a secret that is not there is not found', async () => {
    expect(await failureOf(read(target, { SecretId: unique('contract/none') }))).toEqual({
      name: 'ResourceNotFoundException',
      message: "Secrets Manager can't find the specified secret.",
      status: target.expects('statusOfNotFound'),
    })
  })

  test('a stage that is not there is not found', async () => {
    const { Name } = await create(target)
    expect(await failureOf(read(target, { SecretId: Name, VersionStage: 'AWSPENDING' }))).toMatchObject({
      name: 'ResourceNotFoundException',
      message: target.expects('missingStage'),
    })
  })

  test('a version id that is not there is not found', async () => {
    const { Name } = await create(target)
    const VersionId = randomUUID()
    expect(await failureOf(read(target, { SecretId: Name, VersionId }))).toMatchObject({
      name: 'ResourceNotFoundException',
      message: `Secrets Manager can't find the specified secret value for VersionId: ${VersionId}`,
    })
  })

  test('a secret that was created without a value has no current version', async () => {
    const Name = unique('contract/empty')
    const { VersionId } = await target.sdk().secretsManager.send(new CreateSecretCommand({ Name }))
    expect(VersionId).toBeUndefined()
    expect(await failureOf(read(target, { SecretId: Name }))).toMatchObject({
      name: 'ResourceNotFoundException',
      message: "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT",
    })
  })

  test('a batch answers for each secret on its own, and what fails for one lands in Errors', async () => {
    const [first, second, missing] = [
      await create(target, 'one'),
      await create(target, 'two'),
      unique('contract/none'),
    ]
    const SecretIdList = [second.ARN, missing, first.Name]
    const answer = await target.sdk().secretsManager.send(new BatchGetSecretValueCommand({ SecretIdList }))
    const byName = new Map(answer.SecretValues?.map((value) => [value.Name, value]))
    expect(byName.get(first.Name)).toMatchObject({
      ...first,
      SecretString: 'one',
      VersionStages: ['AWSCURRENT'],
    })
    expect(byName.get(second.Name)).toMatchObject({ ...second, SecretString: 'two' })
    expect(answer.Errors).toEqual([
      {
        SecretId: missing,
        ErrorCode: 'ResourceNotFoundException',
        Message: "Secrets Manager can't find the specified secret.",
      },
    ])
  })

  test('a batch by filter finds secrets by the beginning of their name', async () => {
    const { Name } = await create(target, 'filtered')
    const Filters = [{ Key: 'name' as const, Values: [Name.slice(0, -1)] }]
    const answer = await target.sdk().secretsManager.send(new BatchGetSecretValueCommand({ Filters }))
    expect(answer.SecretValues).toMatchObject([{ Name, SecretString: 'filtered' }])
  })

  test('a batch takes ids or filters, not both', async () => {
    const input = { SecretIdList: ['a'], Filters: [{ Key: 'name' as const, Values: ['a'] }] }
    const failure = await failureOf(target.sdk().secretsManager.send(new BatchGetSecretValueCommand(input)))
    expect(failure).toMatchObject({ name: 'InvalidParameterException', status: 400 })
  })

  test('a batch of more than 20 ids is refused', async () => {
    const { Name } = await create(target)
    const SecretIdList = Array.from({ length: 21 }, () => Name)
    const sent = target.sdk().secretsManager.send(new BatchGetSecretValueCommand({ SecretIdList }))
    expect(await outcomeOf(sent)).toBe(target.expects('twentyOneIds'))
  })
})
