import { describe, expect, test } from 'vitest'
import { parseReference } from '../../src/reference/parse.js'
import { isPinned, wireId } from '../../src/reference/reference.js'
import { parameterArn, secretArn, VERSION_ID } from './refused.js'

const HASH = 'a'.repeat(40)
const TERRAFORM = 'terraform-20240131235959123400000001'
const secret = (name: string) => ({ service: 'secretsmanager', name })
const parameter = (name: string) => ({ service: 'ssm', name })

describe('a secret by name', () => {
  test.each([
    ['prod/db', secret('prod/db'), 'prod/db'],
    ['secretsmanager:prod/db', secret('prod/db'), 'prod/db'],
    ['/prod/db/', secret('/prod/db/'), '/prod/db/'],
    ['rds!db-1234', secret('rds!db-1234'), 'rds!db-1234'],
    ['MySecret-abcdef', secret('MySecret-abcdef'), 'MySecret-abcdef'],
    ['a/b_c+d=e.f@g!h-i', secret('a/b_c+d=e.f@g!h-i'), 'a/b_c+d=e.f@g!h-i'],
    ['x'.repeat(512), secret('x'.repeat(512)), 'x'.repeat(512)],
    ['__proto__', secret('__proto__'), '__proto__'],
    ['constructor', secret('constructor'), 'constructor'],
    ['toString', secret('toString'), 'toString'],
    ['ssm', secret('ssm'), 'secretsmanager:ssm'],
    ['arn', secret('arn'), 'secretsmanager:arn'],
    [
      'secretsmanager:ssm:AWSPENDING',
      { ...secret('ssm'), versionStage: 'AWSPENDING' },
      'secretsmanager:ssm:AWSPENDING',
    ],
    ['secretsmanager:SSM:x', { ...secret('SSM'), versionStage: 'x' }, 'secretsmanager:SSM:x'],
  ])('%j', (text, members, ref) => {
    expect({ ...parseReference(text) }).toStrictEqual({ ...members, ref, key: ref })
  })
})

describe('the version of a secret', () => {
  test.each([
    ['db:AWSCURRENT', {}, 'db'],
    ['db:AWSCURRENT:', {}, 'db'],
    ['db:AWSPREVIOUS', { versionStage: 'AWSPREVIOUS' }, 'db:AWSPREVIOUS'],
    ['db:AWSPREVIOUS:', { versionStage: 'AWSPREVIOUS' }, 'db:AWSPREVIOUS'],
    ['db:blue+green', { versionStage: 'blue+green' }, 'db:blue+green'],
    ['sm:db', { name: 'sm', versionStage: 'db' }, 'sm:db'],
    [`db:${'s'.repeat(256)}`, { versionStage: 's'.repeat(256) }, `db:${'s'.repeat(256)}`],
    ['db:bläu', { versionStage: 'bläu' }, 'db:bläu'],
    [`db:${VERSION_ID}`, { versionId: VERSION_ID }, `db:${VERSION_ID}`],
    [`db::${VERSION_ID}`, { versionId: VERSION_ID }, `db:${VERSION_ID}`],
    [`db:${HASH}`, { versionId: HASH }, `db:${HASH}`],
    [`db:${'0'.repeat(31)}`, { versionStage: '0'.repeat(31) }, `db:${'0'.repeat(31)}`],
    [`db:${'0'.repeat(64)}`, { versionId: '0'.repeat(64) }, `db:${'0'.repeat(64)}`],
    [`db:${'0'.repeat(65)}`, { versionStage: '0'.repeat(65) }, `db:${'0'.repeat(65)}`],
    [`db:${TERRAFORM}`, { versionId: TERRAFORM }, `db:${TERRAFORM}`],
    [
      'db::my-own-release-token-of-32-characters',
      { versionId: 'my-own-release-token-of-32-characters' },
      undefined,
    ],
    [`db:${VERSION_ID}:`, { versionStage: VERSION_ID }, undefined],
  ])('%j', (text, members, key = text) => {
    expect({ ...parseReference(text) }).toStrictEqual({ ...secret('db'), ...members, ref: key, key })
  })
})

describe('a parameter by name', () => {
  test.each([
    ['ssm:/prod/db/host', parameter('/prod/db/host'), undefined],
    ['ssm:/X', parameter('/X'), undefined],
    ['ssm:X', parameter('X'), 'ssm:/X'],
    ['ssm:/arn:3', { ...parameter('/arn'), version: 3 }, undefined],
    ['ssm:/a_b.c-d', parameter('/a_b.c-d'), undefined],
    ['ssm:/prod/x:3', { ...parameter('/prod/x'), version: 3 }, undefined],
    ['ssm:X:3', { ...parameter('X'), version: 3 }, 'ssm:/X:3'],
    [
      'ssm:/prod/x:9007199254740991',
      { ...parameter('/prod/x'), version: Number.MAX_SAFE_INTEGER },
      undefined,
    ],
    ['ssm:/prod/x:blue', { ...parameter('/prod/x'), label: 'blue' }, undefined],
    ['ssm:/prod/x:_a.b-3', { ...parameter('/prod/x'), label: '_a.b-3' }, undefined],
    [`ssm:/x:${'l'.repeat(100)}`, { ...parameter('/x'), label: 'l'.repeat(100) }, undefined],
    [`ssm:${'/l'.repeat(15)}`, parameter('/l'.repeat(15)), undefined],
    [`ssm:/${'x'.repeat(1010)}`, parameter(`/${'x'.repeat(1010)}`), undefined],
    ['ssm:/aws/service/ami/latest', parameter('/aws/service/ami/latest'), undefined],
  ])('%j', (text, members, key = text) => {
    expect({ ...parseReference(text) }).toStrictEqual({ ...members, ref: key, key })
  })
})

describe('a secret through Parameter Store', () => {
  const path = '/aws/reference/secretsmanager/'
  test.each([
    [`ssm:${path}rds!db`, `${path}rds!db`, {}],
    [`ssm:${path}${'l/'.repeat(20)}x@y`, `${path}${'l/'.repeat(20)}x@y`, {}],
    [`ssm:${path}db:AWSCURRENT`, `${path}db`, { label: 'AWSCURRENT' }],
    [`ssm:${path}db:${VERSION_ID}`, `${path}db`, { label: VERSION_ID }],
    [`ssm:${path}db:0123`, `${path}db`, { label: '0123' }],
  ])('%j', (text, name, members) => {
    expect({ ...parseReference(text) }).toStrictEqual({
      ...parameter(name),
      ...members,
      ref: text,
      key: text,
    })
  })
})

describe('a field', () => {
  test.each([
    ['#password', 'password', ['password']],
    ['#a:b#c', 'a:b#c', ['a:b#c']],
    ['#a/b', 'a/b', ['a/b']],
    ['#~', '~', ['~']],
    ['##', '#', ['#']],
    ['#😀 key', '😀 key', ['😀 key']],
    ['#__proto__', '__proto__', ['__proto__']],
    ['#https://x', 'https://x', ['https://x']],
    ['#/a/b/0', '/a/b/0', ['a', 'b', '0']],
    ['#/', '/', ['']],
    ['#//', '//', ['', '']],
    ['#/a~1b~0c', '/a~1b~0c', ['a/b~c'], 'a/b~c'],
    ['#/~01', '/~01', ['~1'], '~1'],
    ['#/~1a', '/~1a', ['/a']],
    ['#/password', 'password', ['password']],
  ])('%j', (suffix, printed, path, canonical: string = printed) => {
    for (const id of ['db', 'db:AWSPREVIOUS', 'ssm:/x:3', secretArn('db')]) {
      const reference = parseReference(id + suffix)
      expect(reference.path).toStrictEqual(path)
      expect(reference.field).toBe(canonical)
      expect(reference.ref).toBe(`${id}#${canonical}`)
      expect(reference.key).toBe(id)
    }
  })
})

describe('the wire id and the pin', () => {
  test.each([
    ['db:AWSPREVIOUS#x', 'db', false],
    [`db:${VERSION_ID}`, 'db', true],
    [secretArn('db::AWSPREVIOUS:'), secretArn('db'), false],
    ['ssm:X', 'X', false],
    ['ssm:/X#a', '/X', false],
    ['ssm:X:3', 'X:3', false],
    ['ssm:/prod/x:blue', '/prod/x:blue', false],
    [parameterArn('prod/x:blue'), parameterArn('prod/x:blue'), false],
  ])('of %j are %j and %j', (text, id, pinned) => {
    const reference = parseReference(text)
    expect(wireId(reference)).toBe(id)
    expect(isPinned(reference)).toBe(pinned)
  })
})

describe('the result', () => {
  test('is frozen, its path too', () => {
    const reference = parseReference('db#/a/b')
    expect(Object.isFrozen(reference)).toBe(true)
    expect(Object.isFrozen(reference.path)).toBe(true)
  })

  test('has no member that a polluted prototype could add', () => {
    Object.defineProperty(Object.prototype, 'versionId', { value: VERSION_ID, configurable: true })
    try {
      for (const input of ['db', 'db:AWSPREVIOUS', secretArn('db'), { name: 'db' }]) {
        expect('versionId' in parseReference(input)).toBe(false)
        expect(parseReference(input).key).not.toContain(VERSION_ID)
      }
    } finally {
      Reflect.deleteProperty(Object.prototype, 'versionId')
    }
  })
})
