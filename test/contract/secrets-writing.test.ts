import {
  CreateSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  UpdateSecretCommand,
  UpdateSecretVersionStageCommand,
} from '@aws-sdk/client-secrets-manager'
import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { failureOf } from '../support/sdk.js'
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

/** Version id to sorted labels; leaves out versions without any, which only moto describes. */
async function stages(target: Target, SecretId: string) {
  const { VersionIdsToStages = {} } = await client(target).send(new DescribeSecretCommand({ SecretId }))
  const labelled = Object.entries(VersionIdsToStages).filter(([, held]) => held.length > 0)
  return Object.fromEntries(labelled.map(([id, held]) => [id, held.toSorted()]))
}

const read = (target: Target, SecretId: string, VersionStage = 'AWSCURRENT') =>
  client(target).send(new GetSecretValueCommand({ SecretId, VersionStage }))

contract('writing secrets', (target) => {
  test('a name that is taken cannot be created again', async () => {
    const { Name } = await create(target)
    const again = client(target).send(new CreateSecretCommand({ Name, SecretString: 'other' }))
    expect(await failureOf(again)).toMatchObject({ name: 'ResourceExistsException', status: 400 })
  })

  test('a new version is current, and the one before becomes previous', async () => {
    const { Name, VersionId } = await create(target)
    const second = await put(target, Name, 'v2')
    expect(await stages(target, Name)).toEqual({ [VersionId]: ['AWSPREVIOUS'], [second]: ['AWSCURRENT'] })
    const third = await put(target, Name, 'v3')
    expect(await stages(target, Name)).toEqual({ [second]: ['AWSPREVIOUS'], [third]: ['AWSCURRENT'] })
  })

  test('a description leaves out versions without a label', async () => {
    const { Name, VersionId } = await create(target)
    await put(target, Name, 'v2')
    await put(target, Name, 'v3')
    const { VersionIdsToStages = {} } = await client(target).send(
      new DescribeSecretCommand({ SecretId: Name }),
    )
    expect(VersionId in VersionIdsToStages ? 'all' : 'labelled only').toBe(
      target.expects('versionsOfDescribe'),
    )
  })

  test('a version with a stage of its own leaves the current one alone', async () => {
    const { Name, VersionId } = await create(target)
    const pending = await put(target, Name, 'v2', { VersionStages: ['AWSPENDING'] })
    expect(await stages(target, Name)).toEqual({ [VersionId]: ['AWSCURRENT'], [pending]: ['AWSPENDING'] })
    expect((await read(target, Name)).SecretString).toBe('v1')
    expect((await read(target, Name, 'AWSPENDING')).SecretString).toBe('v2')
  })

  test('the request token becomes the version id', async () => {
    const { Name } = await create(target)
    const ClientRequestToken = randomUUID()
    expect(await put(target, Name, 'v2', { ClientRequestToken })).toBe(ClientRequestToken)
  })

  test('the same token with the same value changes nothing', async () => {
    const { Name } = await create(target)
    const ClientRequestToken = randomUUID()
    await put(target, Name, 'v2', { ClientRequestToken })
    const third = await put(target, Name, 'v3')
    expect(await put(target, Name, 'v2', { ClientRequestToken })).toBe(ClientRequestToken)
    expect((await read(target, Name)).VersionId).toBe(third)
  })

  test('the same token with another value is refused', async () => {
    const { Name } = await create(target)
    const ClientRequestToken = randomUUID()
    await put(target, Name, 'v2', { ClientRequestToken })
    const failure = await failureOf(put(target, Name, 'other', { ClientRequestToken }))
    expect(failure).toMatchObject({ name: 'ResourceExistsException', status: 400 })
  })

  test('an update without a value makes no version', async () => {
    const { Name, VersionId } = await create(target)
    const answer = await client(target).send(
      new UpdateSecretCommand({ SecretId: Name, Description: 'new words' }),
    )
    expect(answer.VersionId).toBeUndefined()
    expect(await stages(target, Name)).toEqual({ [VersionId]: ['AWSCURRENT'] })
    const { Description } = await client(target).send(new DescribeSecretCommand({ SecretId: Name }))
    expect(Description).toBe('new words')
  })

  test('an update with a value makes a current version', async () => {
    const { Name, VersionId } = await create(target)
    await client(target).send(new UpdateSecretCommand({ SecretId: Name, SecretString: 'v2' }))
    expect((await read(target, Name)).SecretString).toBe('v2')
    expect((await read(target, Name, 'AWSPREVIOUS')).VersionId).toBe(VersionId)
  })

  test('moving AWSCURRENT back takes AWSPREVIOUS along', async () => {
    const { Name, VersionId: first } = await create(target)
    const second = await put(target, Name, 'v2')
    const move = {
      SecretId: Name,
      VersionStage: 'AWSCURRENT',
      RemoveFromVersionId: second,
      MoveToVersionId: first,
    }
    await client(target).send(new UpdateSecretVersionStageCommand(move))
    expect(await stages(target, Name)).toEqual({ [first]: ['AWSCURRENT'], [second]: ['AWSPREVIOUS'] })
    expect((await read(target, Name)).SecretString).toBe('v1')
  })

  test('AWSCURRENT does not move unless the request names the version that has it', async () => {
    const { Name, VersionId: first } = await create(target)
    const second = await put(target, Name, 'v2')
    const move = { SecretId: Name, VersionStage: 'AWSCURRENT', MoveToVersionId: first }
    const failure = await failureOf(client(target).send(new UpdateSecretVersionStageCommand(move)))
    expect(failure.name).toBe('InvalidParameterException')
    expect(failure.message).toContain(`currently attached to version ${second}`)
  })

  test('a label of one own is attached, moved and removed', async () => {
    const { Name, VersionId: first } = await create(target)
    const second = await put(target, Name, 'v2')
    const update = (input: object) =>
      client(target).send(
        new UpdateSecretVersionStageCommand({ SecretId: Name, VersionStage: 'canary', ...input }),
      )
    await update({ MoveToVersionId: first })
    expect((await read(target, Name, 'canary')).VersionId).toBe(first)
    await update({ RemoveFromVersionId: first, MoveToVersionId: second })
    expect(await stages(target, Name)).toEqual({
      [first]: ['AWSPREVIOUS'],
      [second]: ['AWSCURRENT', 'canary'],
    })
    await update({ RemoveFromVersionId: second })
    expect(await stages(target, Name)).toEqual({ [first]: ['AWSPREVIOUS'], [second]: ['AWSCURRENT'] })
  })
})
