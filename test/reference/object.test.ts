import { describe, expect, test } from 'vitest'
import { parseReference } from '../../src/reference/parse.js'
import type { ReferenceObject } from '../../src/reference/reference.js'
import {
  examplesIn,
  parameterArn,
  parseAnything,
  refusalOf,
  secretArn,
  thrownBy,
  VERSION_ID,
} from './refused.js'

const TOKEN = 'release-of-2024-01-31-by-the-pipeline'

describe('a reference as an object', () => {
  test.each<readonly [ReferenceObject, string]>([
    [{ name: 'prod/db' }, 'prod/db'],
    [{ service: 'secretsmanager', name: 'prod/db' }, 'prod/db'],
    [{ name: 'db', versionStage: 'AWSCURRENT' }, 'db'],
    [{ name: 'db', versionStage: 'AWSPREVIOUS', field: 'a:b' }, 'db:AWSPREVIOUS#a:b'],
    [{ name: 'db', versionId: VERSION_ID }, `db:${VERSION_ID}`],
    [{ name: 'db', versionId: TOKEN }, `db::${TOKEN}`],
    [{ name: 'db', versionStage: VERSION_ID }, `db:${VERSION_ID}:`],
    [{ name: 'ssm', versionStage: 'x' }, 'secretsmanager:ssm:x'],
    [{ name: 'db', field: '/a/0' }, 'db#/a/0'],
    [{ service: 'ssm', name: 'X' }, 'ssm:X'],
    [{ service: 'ssm', name: '/prod/x', version: 3 }, 'ssm:/prod/x:3'],
    [{ service: 'ssm', name: '/prod/x', label: 'blue' }, 'ssm:/prod/x:blue'],
    [{ arn: secretArn('db'), versionStage: 'AWSPREVIOUS' }, secretArn('db::AWSPREVIOUS:')],
    [{ arn: secretArn('db'), versionId: TOKEN, field: 'k' }, secretArn(`db:::${TOKEN}#k`)],
    [{ service: 'ssm', arn: parameterArn('x'), version: 3 }, parameterArn('x:3')],
    [
      { arn: parameterArn('aws/reference/secretsmanager/db'), label: '3' },
      parameterArn('aws/reference/secretsmanager/db:3'),
    ],
  ])('%j equals the string %j', (object, text) => {
    expect(parseReference(object)).toStrictEqual(parseReference(text))
  })

  test.each<readonly [ReferenceObject, string]>([
    [{ name: 'db', versionStage: 'AWSPREVIOUS', versionId: VERSION_ID }, `db:AWSPREVIOUS:${VERSION_ID}`],
    [{ name: 'db', versionStage: 'AWSCURRENT', versionId: VERSION_ID }, `db:AWSCURRENT:${VERSION_ID}`],
    [{ arn: secretArn('db'), versionStage: 'a', versionId: TOKEN }, secretArn(`db::a:${TOKEN}`)],
    [{ name: 'db', versionStage: 'team/blue' }, 'db:team/blue'],
    [{ name: 'arn', versionStage: 'blue' }, 'secretsmanager:arn:blue'],
    [{ name: 'db', field: 'password ' }, 'db#password '],
  ])('%j says what no string can', (object, ref) => {
    const reference = parseReference(object)
    expect(reference).toMatchObject(object)
    expect(reference.ref).toBe(ref)
    expect(refusalOf(ref).code).toBe('ERR_REFERENCE_INVALID')
  })

  test('may have undefined members, as if they were absent', () => {
    const object = { name: 'db', arn: undefined, version: undefined, field: undefined, service: undefined }
    expect(parseAnything(object)).toStrictEqual(parseReference('db'))
  })

  test('may have no prototype, or members that are no strings by name', () => {
    expect(parseAnything(Object.assign(Object.create(null), { name: 'db' }))).toStrictEqual(
      parseReference('db'),
    )
    expect(parseAnything({ name: 'db', [Symbol('x')]: 1 })).toStrictEqual(parseReference('db'))
  })

  test('is read by its own members only', () => {
    const inherited: unknown = Object.create({ name: 'db' })
    expect(refusalOf(inherited).message).toContain('exactly one')
  })
})

describe('an impossible object', () => {
  test.each([
    ['without name and arn', {}, 'exactly one'],
    ['with name and arn', { name: 'db', arn: secretArn('db') }, 'exactly one'],
    ['with a misspelt member', { name: 'db', versionid: 'x' }, '"versionid"'],
    ['with a member of a strange name', { name: 'db', 'version id': 'x' }, 'of that name'],
    ['with an own __proto__', { name: 'db', ['__proto__']: { versionId: VERSION_ID } }, '"__proto__"'],
    ['with a name of slashes alone', { service: 'ssm', name: '///' }, 'end with "/"'],
    ['with an unknown service', { service: 'vault', name: 'db' }, '"vault"'],
    ['with a selector in the name', { name: 'db:AWSPREVIOUS' }, 'a name alone'],
    ['with a field in the name', { name: 'db#x' }, 'a name alone'],
    ['with a prefix in the name', { name: 'ssm:/x' }, 'a name alone'],
    ['with an ARN as the name', { name: secretArn('db') }, 'the name is an ARN'],
    ['with an empty name', { name: '' }, 'empty'],
    ['with a forbidden character in the name', { name: 'a b' }, 'U+0020'],
    ['with a parameter name that has levels only', { service: 'ssm', name: 'a/b' }, 'starts with "/"'],
    ['with a name as the arn', { arn: 'db' }, 'incomplete'],
    ['with a selector in the arn', { arn: secretArn('db::AWSPREVIOUS:') }, 'takes no selector'],
    ['with a version in the arn', { arn: parameterArn('x:3') }, 'takes no selector'],
    ['with a field in the arn', { arn: secretArn('db#x') }, 'U+0023'],
    ['with a service that the arn is not of', { service: 'ssm', arn: secretArn('db') }, 'the service is ssm'],
    ['with a version of a secret', { name: 'db', version: 3 }, 'of a parameter, not of a secret'],
    ['with a label of a secret', { name: 'db', label: 'blue' }, 'of a parameter, not of a secret'],
    [
      'with a version id of a parameter',
      { service: 'ssm', name: 'x', versionId: VERSION_ID },
      'of a secret, not',
    ],
    ['with a stage of a parameter', { service: 'ssm', name: 'x', versionStage: 'a' }, 'of a secret, not'],
    [
      'with a version and a label',
      { service: 'ssm', name: 'x', version: 3, label: 'a' },
      'exclude each other',
    ],
    ['with version 0', { service: 'ssm', name: 'x', version: 0 }, 'at least 1'],
    ['with version 1.5', { service: 'ssm', name: 'x', version: 1.5 }, 'at least 1'],
    ['with version NaN', { service: 'ssm', name: 'x', version: Number.NaN }, 'at least 1'],
    ['with a label that is a number', { service: 'ssm', name: 'x', label: '3' }, 'label'],
    [
      'with a version of a secret through Parameter Store',
      { service: 'ssm', name: '/aws/reference/secretsmanager/db', version: 3 },
      'no version numbers',
    ],
    ['with a short version id', { name: 'db', versionId: 'x' }, '32 to 64'],
    ['with an empty stage', { name: 'db', versionStage: '' }, 'stage is empty'],
    ['with a colon in the stage', { name: 'db', versionStage: 'a:b' }, 'U+003A'],
    ['with a hash in the id', { name: 'db', versionId: '#'.repeat(32) }, 'U+0023'],
    ['with an empty field', { name: 'db', field: '' }, 'nothing follows'],
    ['with a broken pointer', { name: 'db', field: '/~' }, '~0'],
    ['with a member of more than 4096 characters', { name: 'db', field: 'x'.repeat(4097) }, 'more than 4096'],
    ['that prints more than 4096 characters', { name: 'db', field: 'x'.repeat(4096) }, 'at most 4096'],
  ])('%s is refused with a correct example', (_title, object: unknown, words) => {
    const error = refusalOf(object)
    expect(error.message).toContain(words)
    const examples = examplesIn(error)
    expect(examples).not.toHaveLength(0)
    for (const example of examples) expect(() => parseAnything(example)).not.toThrow()
  })
})

describe('a member of a wrong type', () => {
  test.each([
    [{ name: 5 }, 'reference.name must be a string, got number'],
    [{ name: null }, 'reference.name must be a string, got null'],
    [{ arn: ['x'] }, 'reference.arn must be a string, got array'],
    [{ name: 'db', versionId: 5 }, 'reference.versionId must be a string, got number'],
    [{ name: 'db', version: '3' }, 'reference.version must be a number, got string'],
    [{ name: 'db', version: 3n }, 'reference.version must be a number, got bigint'],
    [{ name: 'db', field: Buffer.from('x') }, 'reference.field must be a string, got typed array'],
    [{ name: 'db', service: {} }, 'reference.service must be a string, got object'],
  ])('%o is a TypeError', (object: unknown, message) => {
    expect(thrownBy(() => parseAnything(object))).toStrictEqual(new TypeError(message))
  })

  test('and one that throws when read is a TypeError without what it threw', () => {
    const object = {
      get name(): string {
        throw new Error('hunter2')
      },
    }
    const error = thrownBy(() => parseReference(object))
    expect(error).toStrictEqual(new TypeError('reference.name cannot be read: its getter threw'))
  })
})

test('an object that cannot be read is a TypeError, without what it threw', () => {
  const hostile = new Proxy(
    {},
    {
      ownKeys: () => {
        throw new Error('NEEDLE')
      },
    },
  )
  expect(() => parseReference(hostile)).toThrow(TypeError)
  expect(() => parseReference(hostile)).not.toThrow(/NEEDLE/)
})
