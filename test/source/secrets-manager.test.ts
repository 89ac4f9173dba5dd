import {
  GetSecretValueCommand,
  type GetSecretValueCommandOutput,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager'
import { mockClient } from 'aws-sdk-client-mock'
import { beforeEach, describe, expect, test } from 'vitest'
import { isSecretsError } from '../../src/errors.js'
import { parseReference } from '../../src/reference/parse.js'
import { SecretsManagerSource } from '../../src/source/secrets-manager.js'

const ARN = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-AbCdEf'
const ID = 'EXAMPLE1-90ab-cdef-fedc-ba987EXAMPLE'
const client = new SecretsManagerClient({
  region: 'eu-west-1',
  credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
})
const mock = mockClient(client)
const source = new SecretsManagerSource({ client })
const context = { signal: new AbortController().signal }

const answer = (fields: Partial<GetSecretValueCommandOutput> = {}): GetSecretValueCommandOutput => ({
  ARN,
  Name: 'prod/db',
  VersionId: ID,
  SecretString: 'value',
  VersionStages: ['AWSCURRENT'],
  CreatedDate: new Date(1_700_000_000_123),
  $metadata: { requestId: 'f3b6-1', httpStatusCode: 200 },
  ...fields,
})

/** The answer without some of its members. */
const without = (...names: (keyof GetSecretValueCommandOutput)[]) =>
  Object.fromEntries(
    Object.entries(answer()).filter(([name]) => !names.some((left) => left === name)),
  ) as unknown as GetSecretValueCommandOutput

async function load(ref: string | Parameters<typeof parseReference>[0]) {
  const [result] = await source.load([parseReference(ref)], context)
  if (result === undefined) throw new Error('no result')
  return result
}

beforeEach(() => {
  mock.reset()
})

describe('what is sent', () => {
  test.each([
    ['prod/db', { SecretId: 'prod/db' }],
    ['prod/db:AWSCURRENT', { SecretId: 'prod/db' }],
    ['prod/db:AWSPREVIOUS', { SecretId: 'prod/db', VersionStage: 'AWSPREVIOUS' }],
    [`prod/db:${ID}`, { SecretId: 'prod/db', VersionId: ID }],
    ['prod/db#password', { SecretId: 'prod/db' }],
    [ARN, { SecretId: ARN }],
    [`${ARN}::AWSPENDING:`, { SecretId: ARN, VersionStage: 'AWSPENDING' }],
    [
      { name: 'prod/db', versionId: ID, versionStage: 'AWSPENDING' },
      { SecretId: 'prod/db', VersionId: ID, VersionStage: 'AWSPENDING' },
    ],
  ])('%j sends %j', async (ref, input) => {
    mock
      .on(GetSecretValueCommand)
      .resolves(answer({ VersionStages: ['AWSCURRENT', 'AWSPREVIOUS', 'AWSPENDING'] }))
    await expect(load(ref)).resolves.toHaveProperty('value')
    expect(mock.commandCalls(GetSecretValueCommand).map(({ args }) => args[0].input)).toEqual([input])
  })

  test('the abort signal goes with the request', async () => {
    mock.on(GetSecretValueCommand).resolves(answer())
    await load('prod/db')
    const [, options]: readonly unknown[] = mock.commandCalls(GetSecretValueCommand)[0]?.args ?? []
    expect(options).toEqual({ abortSignal: context.signal })
  })

  test('nothing is sent once the signal has aborted', async () => {
    const [result] = await source.load([parseReference('prod/db')], { signal: AbortSignal.abort('left') })
    expect(result).toEqual({ error: 'left' })
    expect(mock.calls()).toHaveLength(0)
  })
})

describe('what is made of an answer', () => {
  test('each field finds its place', async () => {
    mock.on(GetSecretValueCommand).resolves(answer())
    await expect(load('prod/db')).resolves.toEqual({
      value: {
        text: 'value',
        arn: ARN,
        name: 'prod/db',
        versionId: ID,
        versionStages: ['AWSCURRENT'],
        createdAt: new Date(1_700_000_000_123),
      },
    })
  })

  test('binary is bytes', async () => {
    const bytes = Uint8Array.of(0, 255, 1)
    mock.on(GetSecretValueCommand).resolves({ ...without('SecretString'), SecretBinary: bytes })
    await expect(load('prod/db')).resolves.toMatchObject({ value: { bytes } })
  })

  test('an empty text is a value', async () => {
    mock.on(GetSecretValueCommand).resolves(answer({ SecretString: '' }))
    await expect(load('prod/db')).resolves.toMatchObject({ value: { text: '' } })
  })

  test('members that the answer leaves out are left out, as answers of test doubles are', async () => {
    mock.on(GetSecretValueCommand).resolves({ SecretString: 'value', $metadata: {} })
    await expect(load('prod/db')).resolves.toEqual({ value: { text: 'value' } })
  })

  test.each([
    ['an empty object, as an empty body with status 200 becomes', { $metadata: {} }],
    ['neither text nor binary', without('SecretString')],
    ['both text and binary', answer({ SecretBinary: Uint8Array.of(1) })],
  ])('%s is refused as malformed', async (_title, output) => {
    mock.on(GetSecretValueCommand).resolves(output)
    const { error } = await load('prod/db')
    expect(isSecretsError(error, 'ERR_UNAVAILABLE')).toBe(true)
  })

  test('no answer at all is refused as malformed', async () => {
    mock.on(GetSecretValueCommand).callsFake(() => undefined)
    expect(isSecretsError((await load('prod/db')).error, 'ERR_UNAVAILABLE')).toBe(true)
  })
})

describe('whose answer it is', () => {
  test.each([
    ['another name', 'prod/db', { Name: 'prod/other' }],
    ['another name for an ARN', ARN, { Name: 'prod/other' }],
    ['another ARN for a name', 'prod/db', { ARN: ARN.replace('prod/db', 'prod/other') }],
    ['an ARN of another service', 'prod/db', { ARN: 'arn:aws:ssm:eu-west-1:123456789012:parameter/prod/db' }],
    ['no ARN at all', 'prod/db', { ARN: 'prod/db' }],
    ['a suffix that is none', ARN.slice(0, -7), { ARN: ARN.replace('AbCdEf', 'a/b/cd') }],
    ['another secret for an ARN', ARN, { ARN: ARN.replace('prod/db', 'prod/dx') }],
    ['another suffix: deleted and created again', ARN, { ARN: ARN.replace('AbCdEf', 'GhIjKl') }],
    ['a longer name for a partial ARN', ARN.slice(0, -7), { ARN: ARN.replace('prod/db', 'prod/db-two') }],
    ['another region', 'prod/db', { ARN: ARN.replace('eu-west-1', 'us-east-1') }],
    ['another version id', `prod/db:${ID}`, { VersionId: ID.replace('90ab', '90ac') }],
    ['another version stage', 'prod/db:AWSPENDING', { VersionStages: ['AWSCURRENT'] }],
    ['a version that is not current', 'prod/db', { VersionStages: ['AWSPREVIOUS'] }],
  ])('%s is refused', async (_title, ref, fields) => {
    mock.on(GetSecretValueCommand).resolves(answer(fields))
    const { error } = await load(ref)
    expect(isSecretsError(error, 'ERR_RESPONSE_MISMATCH')).toBe(true)
    expect(error).toMatchObject({ requestId: 'f3b6-1', attempts: 1 })
  })

  test.each([
    ['a partial ARN', ARN.slice(0, -7)],
    ['a full ARN', ARN],
    ['a version id without a stage', `prod/db:${ID}`],
  ])('%s is matched', async (_title, ref) => {
    mock.on(GetSecretValueCommand).resolves(answer())
    await expect(load(ref)).resolves.toHaveProperty('value.text', 'value')
  })

  test('an ARN of another region than that of a client that was passed in is refused, naming both', async () => {
    const { error } = await load(ARN.replace('eu-west-1', 'us-east-1'))
    expect(isSecretsError(error, 'ERR_REFERENCE_INVALID')).toBe(true)
    expect(error).toHaveProperty('message', expect.stringMatching(/us-east-1.*eu-west-1/))
    expect(mock.calls()).toHaveLength(0)
  })
})

test('a client of another region than the option says is refused', async () => {
  const other = new SecretsManagerSource({ client, region: 'us-east-1' })
  const [result] = await other.load([parseReference('prod/db')], context)
  expect(isSecretsError(result?.error, 'ERR_REFERENCE_INVALID')).toBe(true)
  expect(result?.error).toHaveProperty('message', expect.stringMatching(/us-east-1.*eu-west-1/))
})

test('a client that cannot tell its region is trusted', async () => {
  const plain = new SecretsManagerSource({ client: { send: () => Promise.resolve(answer()) } })
  const [result] = await plain.load([parseReference(ARN)], context)
  expect(result).toHaveProperty('value.text', 'value')
})

test('a reference of another service is a mistake of the caller', async () => {
  await expect(load('ssm:/x')).resolves.toHaveProperty('error', expect.any(TypeError))
})
