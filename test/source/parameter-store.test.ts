import {
  GetParameterCommand,
  type GetParameterCommandOutput,
  type Parameter,
  SSMClient,
} from '@aws-sdk/client-ssm'
import { mockClient } from 'aws-sdk-client-mock'
import { beforeEach, describe, expect, test } from 'vitest'
import { isSecretsError } from '../../src/errors.js'
import { parseReference } from '../../src/reference/parse.js'
import { ParameterStoreSource } from '../../src/source/parameter-store.js'

const ARN = 'arn:aws:ssm:eu-west-1:123456789012:parameter/prod/level'
const client = new SSMClient({
  region: 'eu-west-1',
  credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' },
})
const mock = mockClient(client)
const source = new ParameterStoreSource({ client })
const context = { signal: new AbortController().signal }

const answer = (fields: Partial<Parameter> = {}): GetParameterCommandOutput => ({
  Parameter: {
    ARN,
    Name: '/prod/level',
    Type: 'SecureString',
    Value: 'info',
    Version: 3,
    LastModifiedDate: new Date(1_700_000_000_123),
    DataType: 'text',
    ...fields,
  },
  $metadata: { requestId: 'f3b6-2', httpStatusCode: 200 },
})

async function load(ref: string) {
  const [result] = await source.load([parseReference(ref)], context)
  if (result === undefined) throw new Error('no result')
  return result
}

beforeEach(() => {
  mock.reset()
})

describe('what is sent', () => {
  test.each([
    ['ssm:/prod/level', '/prod/level', {}],
    ['ssm:/prod/level:3', '/prod/level:3', {}],
    ['ssm:/prod/level:stable', '/prod/level:stable', { Selector: ':stable' }],
    ['ssm:/prod/level#key', '/prod/level', {}],
    [ARN, ARN, {}],
    [`${ARN}:3`, `${ARN}:3`, {}],
    ['ssm:level', 'level', { Name: 'level', ARN: ARN.replace('/prod', '') }],
    ['ssm:/level', '/level', { Name: 'level', ARN: ARN.replace('/prod', '') }],
  ])('%s asks for %s, decrypted', async (ref, name, fields) => {
    mock.on(GetParameterCommand).resolves(answer(fields))
    await expect(load(ref)).resolves.toHaveProperty('value')
    expect(mock.commandCalls(GetParameterCommand).map(({ args }) => args[0].input)).toEqual([
      { Name: name, WithDecryption: true },
    ])
  })

  test('nothing is sent once the signal has aborted', async () => {
    const [result] = await source.load([parseReference('ssm:/x')], { signal: AbortSignal.abort('left') })
    expect(result).toEqual({ error: 'left' })
    expect(mock.calls()).toHaveLength(0)
  })
})

describe('what is made of an answer', () => {
  test.each(['String', 'StringList', 'SecureString'] as const)(
    'each field of a %s finds its place',
    async (Type) => {
      mock.on(GetParameterCommand).resolves(answer({ Type, Value: 'a,b' }))
      await expect(load('ssm:/prod/level')).resolves.toEqual({
        value: {
          text: 'a,b',
          arn: ARN,
          name: '/prod/level',
          version: 3,
          createdAt: new Date(1_700_000_000_123),
        },
      })
    },
  )

  test('the label that it was read by is told', async () => {
    mock.on(GetParameterCommand).resolves(answer({ Selector: ':stable' }))
    await expect(load('ssm:/prod/level:stable')).resolves.toMatchObject({
      value: { label: 'stable', version: 3 },
    })
  })

  test('a secret read through Parameter Store has no version number', async () => {
    const name = '/aws/reference/secretsmanager/prod/db'
    const arn = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-AbCdEf'
    mock
      .on(GetParameterCommand)
      .resolves(answer({ Name: name, ARN: arn, Version: 0, Selector: ':AWSCURRENT' }))
    const result = await load(`ssm:${name}`)
    expect(result).toMatchObject({ value: { text: 'info', arn } })
    expect(result).not.toHaveProperty('value.version')
  })

  test.each([
    ['an empty object, as an empty body with status 200 becomes', { $metadata: {} }],
    ['a parameter without a value', { Parameter: { Name: '/prod/level' }, $metadata: {} }],
  ])('%s is refused as malformed', async (_title, output) => {
    mock.on(GetParameterCommand).resolves(output)
    expect(isSecretsError((await load('ssm:/prod/level')).error, 'ERR_UNAVAILABLE')).toBe(true)
  })
})

describe('whose answer it is', () => {
  test.each([
    ['another name', 'ssm:/prod/level', { Name: '/prod/other' }],
    ['another ARN', ARN, { ARN: `${ARN}s` }],
    ['another ARN for a name', 'ssm:/prod/level', { ARN: `${ARN}s` }],
    ['another name for an ARN', ARN, { Name: '/prod/other' }],
    ['an ARN of another service', 'ssm:/prod/level', { ARN: ARN.replace('ssm', 'sns') }],
    ['another region', 'ssm:/prod/level', { ARN: ARN.replace('eu-west-1', 'us-east-1') }],
    ['another version', 'ssm:/prod/level:2', { Version: 3 }],
    ['another label', 'ssm:/prod/level:stable', { Selector: ':canary' }],
  ])('%s is refused', async (_title, ref, fields) => {
    mock.on(GetParameterCommand).resolves(answer(fields))
    const { error } = await load(ref)
    expect(isSecretsError(error, 'ERR_RESPONSE_MISMATCH')).toBe(true)
    expect(error).toMatchObject({ requestId: 'f3b6-2', attempts: 1 })
  })

  test('a shared parameter that is named by its ARN is matched', async () => {
    mock.on(GetParameterCommand).resolves(answer({ Name: ARN }))
    await expect(load(ARN)).resolves.toHaveProperty('value.text', 'info')
  })

  test('an ARN of another region than that of a client that was passed in is refused', async () => {
    const { error } = await load(ARN.replace('eu-west-1', 'us-east-1'))
    expect(isSecretsError(error, 'ERR_REFERENCE_INVALID')).toBe(true)
  })
})

test('a reference of another service is a mistake of the caller', async () => {
  await expect(load('prod/db')).resolves.toHaveProperty('error', expect.any(TypeError))
})
