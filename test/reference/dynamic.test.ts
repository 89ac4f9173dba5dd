import { describe, expect, test } from 'vitest'
import { parseReference } from '../../src/reference/parse.js'
import { secretArn, VERSION_ID } from './refused.js'

describe("CloudFormation's dynamic references", () => {
  const arn = secretArn('db-AbCdEf')
  test.each([
    ['{{resolve:secretsmanager:prod/db}}', 'prod/db'],
    ['{{resolve:secretsmanager:prod/db:SecretString}}', 'prod/db'],
    ['{{resolve:secretsmanager:prod/db::::}}', 'prod/db'],
    ['{{resolve:secretsmanager:prod/db:SecretString:password}}', 'prod/db#password'],
    ['{{resolve:secretsmanager:prod/db:SecretString:a#b::}}', 'prod/db#a#b'],
    ['{{resolve:secretsmanager:prod/db:SecretString:/a}}', 'prod/db#/~1a'],
    ['{{resolve:secretsmanager:prod/db:SecretString:k:AWSPREVIOUS}}', 'prod/db:AWSPREVIOUS#k'],
    ['{{resolve:secretsmanager:prod/db:SecretString::AWSCURRENT:}}', 'prod/db'],
    [`{{resolve:secretsmanager:prod/db:SecretString:k::${VERSION_ID}}}`, `prod/db:${VERSION_ID}#k`],
    [`{{resolve:secretsmanager:${arn}}}`, arn],
    [`{{resolve:secretsmanager:${arn}:SecretString:k:AWSPREVIOUS:}}`, `${arn}::AWSPREVIOUS:#k`],
    ['{{resolve:ssm:/prod/x}}', 'ssm:/prod/x'],
    ['{{resolve:ssm:X:3}}', 'ssm:/X:3'],
    ['{{resolve:ssm-secure:/prod/x:3}}', 'ssm:/prod/x:3'],
  ])('%j is %j', (text, ref) => {
    const expected = parseReference(ref)
    expect(parseReference(text)).toMatchObject({
      ref: expected.ref,
      key: expected.key,
      service: expected.service,
    })
    expect(parseReference(text).path).toStrictEqual(expected.path)
    expect(parseReference(text).arn).toBe(expected.arn)
    expect(parseReference(text).region).toBe(expected.region)
  })

  test('keep the name as it was given', () => {
    expect(parseReference('{{resolve:ssm:X}}').name).toBe('X')
  })
})
