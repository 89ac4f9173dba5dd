import { describe, expect, test } from 'vitest'
import { parseArn } from '../../src/reference/arn.js'
import { parseReference } from '../../src/reference/parse.js'
import { parameterArn, secretArn, VERSION_ID } from './refused.js'

const byArn = (service: string, arn: string) => ({ service, arn, region: 'eu-west-1' })
const field = (name: string) => ({ field: name, path: [name] })

describe('an ARN', () => {
  const full = secretArn('prod/db-AbCdEf')
  test.each([
    [full, byArn('secretsmanager', full), full],
    [secretArn('db'), byArn('secretsmanager', secretArn('db')), secretArn('db')],
    [secretArn('//db'), byArn('secretsmanager', secretArn('//db')), secretArn('//db')],
    [`secretsmanager:${full}`, byArn('secretsmanager', full), full],
    [parameterArn('prod/x'), byArn('ssm', parameterArn('prod/x')), parameterArn('prod/x')],
    [`ssm:${parameterArn('X')}`, byArn('ssm', parameterArn('X')), parameterArn('X')],
    [parameterArn('x:3'), { ...byArn('ssm', parameterArn('x')), version: 3 }, parameterArn('x:3')],
    [parameterArn('x:blue'), { ...byArn('ssm', parameterArn('x')), label: 'blue' }, parameterArn('x:blue')],
    [
      parameterArn('aws/reference/secretsmanager/db:1'),
      { ...byArn('ssm', parameterArn('aws/reference/secretsmanager/db')), label: '1' },
      parameterArn('aws/reference/secretsmanager/db:1'),
    ],
    [
      'arn:aws:ssm:eu-west-1::parameter/aws/service/x',
      byArn('ssm', 'arn:aws:ssm:eu-west-1::parameter/aws/service/x'),
      'arn:aws:ssm:eu-west-1::parameter/aws/service/x',
    ],
  ])('%j', (text, members, key) => {
    expect({ ...parseReference(text) }).toStrictEqual({ ...members, ref: key, key })
  })

  test.each(['aws', 'aws-cn', 'aws-us-gov', 'aws-iso', 'aws-iso-b', 'aws-iso-e', 'aws-iso-f', 'aws-eusc'])(
    'is accepted in partition %s',
    (partition) => {
      const arn = full.replace('arn:aws:', `arn:${partition}:`)
      expect(parseReference(arn).arn).toBe(arn)
    },
  )

  test('is accepted up to 2048 characters', () => {
    const arn = secretArn('x').padEnd(2048, 'x')
    expect(parseReference(arn).arn).toBe(arn)
  })
})

describe('what ECS writes behind an ARN', () => {
  const arn = secretArn('prod/db-AbCdEf')
  test.each([
    [':::', {}, ''],
    [':password::', field('password'), '#password'],
    ['::AWSPREVIOUS:', { versionStage: 'AWSPREVIOUS' }, '::AWSPREVIOUS:'],
    ['::AWSCURRENT:', {}, ''],
    [`:::${VERSION_ID}`, { versionId: VERSION_ID }, `:::${VERSION_ID}`],
    [`::${VERSION_ID}:`, { versionStage: VERSION_ID }, `::${VERSION_ID}:`],
    [':my key:AWSPENDING:', { ...field('my key'), versionStage: 'AWSPENDING' }, '::AWSPENDING:#my key'],
    [
      '::AWSPREVIOUS:#/a/0',
      { field: '/a/0', path: ['a', '0'], versionStage: 'AWSPREVIOUS' },
      '::AWSPREVIOUS:#/a/0',
    ],
    [':/a~b::', { field: '/~1a~0b', path: ['/a~b'] }, '#/~1a~0b'],
  ])('%j', (rest, members, printed) => {
    const { ref, key, ...found } = parseReference(arn + rest)
    expect(found).toStrictEqual({ ...byArn('secretsmanager', arn), ...members })
    expect(ref).toBe(arn + printed)
    expect(key).toBe(ref.split('#')[0])
  })
})

describe('parseArn', () => {
  test('gives the parts of a secret, its name whole', () => {
    expect(parseArn(secretArn('prod/db-AbCdEf'))).toStrictEqual({
      partition: 'aws',
      service: 'secretsmanager',
      region: 'eu-west-1',
      account: '123456789012',
      resource: 'secret:prod/db-AbCdEf',
    })
  })

  test('gives the parts of any service, empty ones too', () => {
    expect(parseArn('arn:aws-cn:s3:::bucket/a:b')).toStrictEqual({
      partition: 'aws-cn',
      service: 's3',
      region: '',
      account: '',
      resource: 'bucket/a:b',
    })
  })

  test.each([
    '',
    'arn',
    'arn:',
    'arn:aws',
    'arn:aws:s3',
    'arn:aws:s3::',
    'arn:aws::::x',
    'arn:gcp:s3:::x',
    'ARN:aws:s3:::x',
  ])('gives nothing for %j', (text) => {
    expect(parseArn(text)).toBeUndefined()
  })
})
