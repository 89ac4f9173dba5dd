import { describe, expect, test } from 'vitest'
import type { OperationName } from '../../src/emulator/index.js'
import { refusalOf, start } from './setup.js'

const eleven = Array.from({ length: 11 }, (_, index) => `n${index}`)
const required = (member: string) =>
  `Value null at '${member}' failed to satisfy constraint: Member must not be null`
const failed = (shown: string, member: string, constraint: string) =>
  `Value '${shown}' at '${member}' failed to satisfy constraint: Member must ${constraint}`

describe('constraints of the service models', () => {
  test.each<[OperationName, object, string]>([
    ['GetSecretValue', {}, required('secretId')],
    ['GetSecretValue', { SecretId: '' }, failed('', 'secretId', 'have length greater than or equal to 1')],
    [
      'GetSecretValue',
      { SecretId: 'a', VersionId: 'short' },
      failed('short', 'versionId', 'have length greater than or equal to 32'),
    ],
    [
      'GetSecretValue',
      { SecretId: 'a', VersionStage: '' },
      failed('', 'versionStage', 'have length greater than or equal to 1'),
    ],
    [
      'PutSecretValue',
      { SecretId: 'a', SecretString: 'v', VersionStages: [] },
      failed('[]', 'versionStages', 'have length greater than or equal to 1'),
    ],
    [
      'PutSecretValue',
      { SecretId: 'a', SecretString: 'v', VersionStages: [''] },
      failed('', 'versionStages', 'have length between 1 and 256'),
    ],
    [
      'PutSecretValue',
      { SecretId: 'a', SecretBinary: '' },
      "Value at 'secretBinary' failed to satisfy constraint: Member must have length greater than or equal to 1",
    ],
    ['CreateSecret', { Name: 'n'.repeat(513) }, 'Member must have length less than or equal to 512'],
    [
      'CreateSecret',
      { Name: 'n', ClientRequestToken: 'short' },
      failed('short', 'clientRequestToken', 'have length greater than or equal to 32'),
    ],
    ['CreateSecret', { Name: 'n', Tags: [{ Value: 'v' }] }, required('key')],
    ['ListSecrets', { MaxResults: 0 }, failed('0', 'maxResults', 'have value greater than or equal to 1')],
    ['ListSecrets', { MaxResults: 101 }, failed('101', 'maxResults', 'have value less than or equal to 100')],
    ['ListSecrets', { SortOrder: 'up' }, failed('up', 'sortOrder', 'satisfy enum value set: [asc, desc]')],
    ['ListSecrets', { Filters: [{ Key: 'name' }] }, required('values')],
    [
      'ListSecrets',
      { Filters: [{ Key: 'name', Values: ['#'] }] },
      "Value '#' at 'values' failed to satisfy constraint: Member must satisfy regular expression pattern",
    ],
    [
      'ListSecrets',
      { Filters: [{ Key: 'name', Values: ['v'.repeat(513)] }] },
      'Member must have length less than or equal to 512',
    ],
    [
      'ListSecrets',
      { Filters: eleven.map(() => ({})) },
      failed('[11 members]', 'filters', 'have length less than or equal to 10'),
    ],
    [
      'BatchGetSecretValue',
      { SecretIdList: [] },
      failed('[]', 'secretIdList', 'have length greater than or equal to 1'),
    ],
    [
      'BatchGetSecretValue',
      { SecretIdList: [...eleven, ...eleven] },
      failed(
        `[${[...eleven, ...eleven].join(', ')}]`,
        'secretIdList',
        'have length less than or equal to 20',
      ),
    ],
    [
      'RotateSecret',
      { SecretId: 'a', RotationLambdaARN: 'l', RotationRules: { AutomaticallyAfterDays: 0 } },
      failed('0', 'automaticallyAfterDays', 'have value greater than or equal to 1'),
    ],
    ['UntagResource', { SecretId: 'a' }, required('tagKeys')],
    ['GetParameter', {}, required('name')],
    ['GetParameters', {}, required('names')],
    [
      'GetParameters',
      { Names: eleven },
      failed(`[${eleven.join(', ')}]`, 'names', 'have length less than or equal to 10'),
    ],
    ['DeleteParameters', { Names: [] }, failed('[]', 'names', 'have length greater than or equal to 1')],
    [
      'GetParametersByPath',
      { Path: '/', MaxResults: 11 },
      failed('11', 'maxResults', 'have value less than or equal to 10'),
    ],
    [
      'GetParameterHistory',
      { Name: '/a', MaxResults: 51 },
      failed('51', 'maxResults', 'have value less than or equal to 50'),
    ],
    [
      'DescribeParameters',
      { MaxResults: 51 },
      failed('51', 'maxResults', 'have value less than or equal to 50'),
    ],
    [
      'PutParameter',
      { Name: '/b', Value: 'v', Type: 'Number' },
      failed('Number', 'type', 'satisfy enum value set: [SecureString, String, StringList]'),
    ],
    [
      'PutParameter',
      { Name: '/b', Type: 'String' },
      "Value at 'value' failed to satisfy constraint: Member must not be null",
    ],
    [
      'LabelParameterVersion',
      { Name: '/a', Labels: ['l'.repeat(101)] },
      "at 'labels' failed to satisfy constraint: Member must satisfy constraint: [Member must have length less than or equal to 100",
    ],
    ['LabelParameterVersion', { Name: '/a', Labels: [''] }, "Value '[]' at 'labels'"],
    [
      'LabelParameterVersion',
      { Name: '/a', Labels: eleven },
      "at 'labels' failed to satisfy constraint: Member must have length less than or equal to 10",
    ],
    ['UnlabelParameterVersion', { Name: '/a', Labels: ['l'] }, required('parameterVersion')],
  ])('%s refuses %j', async (operation, input, text) => {
    const { emulator } = await start()
    emulator.seed({ secrets: { a: 'v' }, parameters: { '/a': 'v' } })
    const refused = refusalOf(() => emulator.call(operation, input))
    expect(refused.code).toBe('ValidationException')
    expect(refused.text).toContain(`1 validation error detected: `)
    expect(refused.text).toContain(text)
  })

  test.each<[OperationName, object, string]>([
    ['GetSecretValue', { SecretId: {} }, 'SecretId is not a string'],
    ['BatchGetSecretValue', { SecretIdList: 'a' }, 'SecretIdList is not a list'],
    ['BatchGetSecretValue', { SecretIdList: [1] }, 'SecretIdList is not a list of strings'],
    ['ListSecrets', { MaxResults: '5' }, 'MaxResults is not an integer'],
    ['ListSecrets', { MaxResults: 1.5 }, 'MaxResults is not an integer'],
    ['ListSecrets', { IncludePlannedDeletion: 'yes' }, 'IncludePlannedDeletion is not a boolean'],
    ['ListSecrets', { Filters: ['name'] }, 'Filters is not a list of structures'],
    [
      'RotateSecret',
      { SecretId: 'a', RotationLambdaARN: 'l', RotationRules: 5 },
      'RotationRules is not a structure',
    ],
    ['PutSecretValue', { SecretId: 'a', SecretBinary: 'no base64!' }, 'SecretBinary is not base64'],
  ])('%s cannot read %j', async (operation, input, text) => {
    const { emulator } = await start()
    emulator.seed({ secrets: { a: 'v' } })
    expect(refusalOf(() => emulator.call(operation, input))).toEqual({ code: 'SerializationException', text })
  })

  test.each<[OperationName, object, string]>([
    ['ListSecrets', {}, 'InvalidNextTokenException'],
    ['ListSecretVersionIds', { SecretId: 'a' }, 'InvalidNextTokenException'],
    ['BatchGetSecretValue', { Filters: [{ Values: ['a'] }] }, 'InvalidNextTokenException'],
    ['DescribeParameters', {}, 'InvalidNextToken'],
    ['GetParameterHistory', { Name: '/a' }, 'InvalidNextToken'],
  ])('%s refuses a token that it did not give', async (operation, input, code) => {
    const { emulator } = await start()
    emulator.seed({ secrets: { a: 'v' }, parameters: { '/a': 'v', '/p/1': 'v', '/p/2': 'v' } })
    const foreign = emulator.call('GetParametersByPath', { Path: '/p', MaxResults: 1 })['NextToken']
    for (const NextToken of ['nonsense', foreign, Buffer.from(`${operation}:x`).toString('base64url')]) {
      expect(refusalOf(() => emulator.call(operation, { ...input, NextToken })).code).toBe(code)
    }
  })

  test.each<[OperationName, object, string, string]>([
    [
      'PutSecretValue',
      { SecretId: 'a' },
      'InvalidRequestException',
      'You must provide either SecretString or SecretBinary.',
    ],
    [
      'PutSecretValue',
      { SecretId: 'a', SecretString: 'v', SecretBinary: 'dg==' },
      'InvalidParameterException',
      "You can't specify both",
    ],
    [
      'CreateSecret',
      { Name: 'n', AddReplicaRegions: [{ Region: 'eu-west-1' }] },
      'InvalidRequestException',
      'The emulator does not replicate',
    ],
  ])('%s refuses %j', async (operation, input, code, text) => {
    const { emulator } = await start()
    emulator.seed({ secrets: { a: 'v' } })
    const refused = refusalOf(() => emulator.call(operation, input))
    expect(refused.code).toBe(code)
    expect(refused.text).toContain(text)
  })
})
