/** Reads of one tick share requests, and none of them pays for another. */

import { afterEach, describe, expect, test, vi } from 'vitest'
import { useAws } from '../support/aws.js'
import { useMany } from '../support/many.js'

const aws = useAws()
const { names, all, outcomes, requests } = useMany(aws)

describe('in as few requests as may be', () => {
  test('50 secrets are 3, 100 parameters are 10 (I33)', async () => {
    const { secrets, parameters, secretValues, parameterValues } = names(100)
    await expect(all(secrets.slice(0, 50))).resolves.toEqual(secretValues.slice(0, 50))
    expect(requests()).toEqual({ BatchGetSecretValue: 3 })
    await expect(all(parameters)).resolves.toEqual(parameterValues)
    expect(requests()).toEqual({ GetParameters: 10 })
  })

  test('a lone read is a plain one, and is no slower for it (I39)', async () => {
    const { secrets, parameters } = names(1)
    await all(secrets)
    await all(parameters)
    expect(requests()).toEqual({ GetSecretValue: 1, GetParameter: 1 })
    expect(aws().clock.sleeping).toBe(0)
  })

  test('what is left over alone is a plain one too', async () => {
    await all(names(21).secrets)
    expect(requests()).toEqual({ BatchGetSecretValue: 1, GetSecretValue: 1 })
  })

  test('both services in one tick go to their own', async () => {
    const { secrets, parameters, secretValues, parameterValues } = names(5)
    await expect(all([...parameters, ...secrets])).resolves.toEqual([...parameterValues, ...secretValues])
    expect(requests()).toEqual({ BatchGetSecretValue: 1, GetParameters: 1 })
  })

  test('fields and concurrent readers of one secret are one id (I33)', async () => {
    const { emulator } = aws()
    emulator.seed({ secrets: { 'prod/db': { user: 'app', port: 5432 }, 'prod/other': 'x' } })
    const refs = ['prod/db#user', 'prod/db#port', 'prod/other', 'prod/db#user']
    await expect(all(refs)).resolves.toEqual(['app', '5432', 'x', 'app'])
    expect(emulator.requests.map(({ ids }) => ids)).toEqual([['prod/db', 'prod/other']])
  })

  test('a name and the ARNs of the same secret each get their answer (I33)', async () => {
    const { secrets } = names(2)
    const { arn = '' } = await aws().connect().read('app/0')
    const refs = [...secrets, arn, arn.slice(0, -7)]
    await expect(all(refs)).resolves.toEqual(['secret 0', 'secret 1', 'secret 0', 'secret 0'])
  })

  test('versions and labels of parameters too, each answered with its own (I38)', async () => {
    const { emulator } = aws()
    for (const value of ['one', 'two', 'three']) emulator.seed({ parameters: { '/v': value, '/w': value } })
    emulator.call('LabelParameterVersion', { Name: '/v', ParameterVersion: 2, Labels: ['stable'] })
    const { arn = '' } = await aws().connect().read('ssm:/w')
    requests()
    const refs = ['ssm:/v', 'ssm:/v:1', 'ssm:/v:stable', 'ssm:/w:3', `${arn}:1`]
    await expect(all(refs, aws().connect({ region: 'eu-west-1' }))).resolves.toEqual([
      'three',
      'one',
      'two',
      'three',
      'one',
    ])
    expect(requests()).toEqual({ GetParameters: 1 })
  })

  test('a version id or stage never goes through the batch of secrets (I36)', async () => {
    const { emulator, connect } = aws()
    emulator.seed({ secrets: { 'app/0': 'old', 'app/1': 'x' } })
    const { versionId = '' } = await connect().read('app/0')
    emulator.seed({ secrets: { 'app/0': 'new' } })
    requests()
    const refs = ['app/0', 'app/1', `app/0:${versionId}`, 'app/0:AWSPREVIOUS', 'app/0:AWSCURRENT']
    await expect(all(refs)).resolves.toEqual(['new', 'x', 'old', 'old', 'new'])
    expect(requests()).toEqual({ BatchGetSecretValue: 1, GetSecretValue: 2 })
  })

  test('unless it is turned off', async () => {
    const { secrets, parameters } = names(5)
    await all([...secrets, ...parameters], aws().connect({ batch: { enabled: false } }))
    expect(requests()).toEqual({ GetSecretValue: 5, GetParameter: 5 })
  })
})

describe('one bad item fails nobody else', () => {
  test('a secret that is missing, deleted, denied or sealed by a disabled key (I33)', async () => {
    const { emulator, secrets } = aws()
    const { secrets: refs, secretValues } = names(19)
    emulator.call('DeleteSecret', { SecretId: 'app/0' })
    emulator.deny('secretsmanager:GetSecretValue', 'app/1')
    emulator.deny('kms:Decrypt', 'app/2')
    const came = await outcomes([...refs, 'app/none'])
    expect(came.slice(0, 3)).toEqual(['ERR_NOT_FOUND', 'ERR_ACCESS_DENIED', 'ERR_DECRYPT'])
    expect(came.slice(3)).toEqual([...secretValues.slice(3), 'ERR_NOT_FOUND'])
    expect(requests()).toEqual({ BatchGetSecretValue: 1 })
    expect(secrets.stats()).toMatchObject({ batches: 1, failures: 4, entries: 16 })
  })

  test('a parameter that is missing (I38)', async () => {
    const { parameters, parameterValues } = names(9)
    const came = await outcomes([...parameters, 'ssm:/app/none'])
    expect(came).toEqual([...parameterValues, 'ERR_NOT_FOUND'])
    expect(requests()).toEqual({ GetParameters: 1 })
  })

  test('a denied parameter, which fails the whole call, is asked for alone from then on', async () => {
    const { emulator, secrets } = aws()
    const { parameters, parameterValues } = names(10)
    emulator.deny('ssm:GetParameter*', '/app/3')
    const expected = parameterValues.with(3, 'ERR_ACCESS_DENIED')
    await expect(outcomes(parameters)).resolves.toEqual(expected)
    expect(requests()).toEqual({ GetParameters: 1, GetParameter: 10 })
    secrets.invalidate()
    await expect(outcomes(parameters)).resolves.toEqual(expected)
    expect(requests()).toEqual({ GetParameters: 1, GetParameter: 1 })
  })

  test('an item that is in no part of the answer is asked for alone, and not left hanging (I35)', async () => {
    const { emulator } = aws()
    const { secrets } = names(2)
    const whole = emulator.call('BatchGetSecretValue', { SecretIdList: secrets })
    const values: unknown = whole['SecretValues']
    const body = JSON.stringify({ SecretValues: Array.isArray(values) ? values.slice(0, 1) : [] })
    emulator.fail('BatchGetSecretValue', { body })
    await expect(all(secrets)).resolves.toEqual(['secret 0', 'secret 1'])
    await expect(outcomes(['app/0', 'app/none'], aws().connect())).resolves.toEqual([
      'secret 0',
      'ERR_NOT_FOUND',
    ])
    expect(requests()).toEqual({ BatchGetSecretValue: 2, GetSecretValue: 2 })
  })

  test('an item that failed in passing is tried again, and only that one', async () => {
    const { emulator, passing } = aws()
    const { secrets, secretValues } = names(3)
    const whole = emulator.call('BatchGetSecretValue', { SecretIdList: secrets })
    const values: unknown = whole['SecretValues']
    const Errors = [{ SecretId: 'app/0', ErrorCode: 'InternalServiceError', Message: 'x' }]
    const SecretValues: unknown[] = Array.isArray(values)
      ? values.filter((value) => Reflect.get(Object(value), 'Name') !== 'app/0')
      : []
    emulator.fail('BatchGetSecretValue', { body: JSON.stringify({ SecretValues, Errors }) }, { times: 1 })
    await expect(passing(all(secrets))).resolves.toEqual(secretValues)
    expect(emulator.requests.map(({ ids }) => ids)).toEqual([secrets, ['app/0']])
  })

  test('pages that never end are followed to an end (I37)', async () => {
    const { emulator } = aws()
    const { secrets, secretValues } = names(5)
    emulator.fail('BatchGetSecretValue', { body: '{"SecretValues":[],"NextToken":"again"}' })
    await expect(all(secrets)).resolves.toEqual(secretValues)
    expect(requests()).toEqual({ BatchGetSecretValue: 2, GetSecretValue: 5 })
  })
})

describe('clients that the library makes', () => {
  afterEach(() => {
    vi.unstubAllEnvs()
  })

  test('batch by region: two regions and two services in one tick are four requests', async () => {
    const { emulator, connect } = aws()
    for (const [name, value] of Object.entries(emulator.env)) vi.stubEnv(name, String(value))
    const here = names(2)
    const there = ['prod/a', 'prod/b']
    emulator.seed(
      { secrets: { 'prod/a': 'a', 'prod/b': 'b' }, parameters: { '/a': 'A', '/b': 'B' } },
      { region: 'us-east-1' },
    )
    const arns = there.map((SecretId) =>
      String(emulator.call('DescribeSecret', { SecretId }, { region: 'us-east-1' })['ARN']),
    )
    const parameterArns = ['a', 'b'].map((name) => `arn:aws:ssm:us-east-1:123456789012:parameter/${name}`)
    const refs = [...here.secrets, ...arns, ...here.parameters, ...parameterArns]
    await expect(all(refs, connect({ clients: {} }))).resolves.toEqual([
      ...here.secretValues,
      'a',
      'b',
      ...here.parameterValues,
      'A',
      'B',
    ])
    const sent = emulator.requests.map(({ operation, region }) => `${operation} ${region}`)
    expect(sent.sort()).toEqual([
      'BatchGetSecretValue eu-west-1',
      'BatchGetSecretValue us-east-1',
      'GetParameters eu-west-1',
      'GetParameters us-east-1',
    ])
  })
})
