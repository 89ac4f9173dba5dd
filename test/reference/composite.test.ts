/** References to paths of parameters, and to values that are split. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isSecretsError } from '../../src/errors.js'
import { composedOf, inParts, isInParts, isTree, parseTree, partOf } from '../../src/reference/composite.js'
import { parseReference } from '../../src/reference/parse.js'
import { NEEDLE, expectNoNeedle } from '../support/needle.js'
import { REFERENCE } from './arbitraries.js'
import { VERSION_ID, parameterArn, secretArn, thrownBy } from './refused.js'

const parseAnything = parseTree as (path: unknown) => unknown
const levels = (count: number) => '/l'.repeat(count)

describe('a path', () => {
  test.each([
    ['ssm:/prod/app', '/prod/app/'],
    ['ssm:/prod/app/', '/prod/app/'],
    ['/prod/app', '/prod/app/'],
    ['/prod/app/', '/prod/app/'],
    ['/', '/'],
    ['ssm:/', '/'],
    ['/aws', '/aws/'],
    ['/aws/reference', '/aws/reference/'],
    ['/aws/service/eks', '/aws/service/eks/'],
    ['/a.b_c-D9', '/a.b_c-D9/'],
    ['/__proto__', '/__proto__/'],
    [levels(15), `${levels(15)}/`],
  ])('%s is %s', (given, name) => {
    const tree = parseTree(given)
    expect(tree).toEqual({ service: 'ssm', name, ref: `ssm:${name}`, key: `ssm:${name}` })
    expect(Object.isFrozen(tree)).toBe(true)
    expect(Object.getPrototypeOf(tree)).toBeNull()
    expect([isTree(tree), isInParts(tree)]).toEqual([true, false])
  })

  test.each([
    ['nothing', ''],
    ['the prefix alone', 'ssm:'],
    ['a secret', 'prod/app'],
    ['a secret with its prefix', 'secretsmanager:prod/app'],
    ['a name without levels', 'ssm:app'],
    ['two prefixes', 'ssm:ssm:/prod'],
    ['a prefix in capitals', 'SSM:/prod'],
    ['two slashes', '//'],
    ['two slashes in front', '//prod'],
    ['two slashes inside', '/prod//app'],
    ['two slashes at the end', '/prod//'],
    ['16 levels', levels(16)],
    ['more than 1011 characters', `/${'x'.repeat(1011)}`],
    ['a version', '/prod/app:3'],
    ['a label', '/prod/app:blue'],
    ['a field', '/prod/app#key'],
    ['a pointer', 'ssm:/prod/app#/a/b'],
    ['the ARN of a parameter', parameterArn('prod/app')],
    ['the ARN of a secret', secretArn('prod/app')],
    ['a space', '/prod/my app'],
    ['a letter beyond ASCII', '/prod/é'],
    ['a wild card', '/prod/*'],
    ['NUL', '/prod/\0'],
    ['a line break', '/prod\n'],
    ['secrets through Parameter Store', '/aws/reference/secretsmanager'],
    ['a secret through Parameter Store', '/aws/reference/secretsmanager/prod/db'],
  ])('cannot be %s', (_title, given) => {
    const error = thrownBy(() => parseTree(given))
    expect(error).toMatchObject({ code: 'ERR_REFERENCE_INVALID', attempts: 0, retryable: false })
    expect(isSecretsError(error) && error.hint).toBeTruthy()
  })

  test.each([
    undefined,
    null,
    0,
    true,
    {},
    [],
    ['/prod'],
    { name: '/prod' },
    new String('/prod'),
    Symbol('/prod'),
    () => '/prod',
  ])('is text, not %j', (given) => {
    expect(thrownBy(() => parseAnything(given))).toEqual(
      new TypeError(`path must be a string, got ${typeof given}`),
    )
  })

  test.each([
    NEEDLE,
    `/${NEEDLE}`,
    `/prod:${NEEDLE}`,
    `ssm:/prod/${NEEDLE}`,
    `/prod#${NEEDLE}`,
    `{"password":"${NEEDLE}"}`,
    `/prod//${NEEDLE}/`,
  ])('that is a pasted secret is not quoted: %j', (given) => {
    expectNoNeedle(
      thrownBy(() => parseTree(given)),
      NEEDLE,
    )
  })

  test.each([
    'postgres://app:hunter2hunter2@db',
    '/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.x:y',
    '/AKIAIOSFODNN7EXAMPLE#x',
  ])('that looks like a credential is not quoted: %s', (given) => {
    const error = thrownBy(() => parseTree(given))
    expect(error).toMatchObject({ code: 'ERR_REFERENCE_INVALID' })
    expect(String(error)).not.toContain(given)
    expect(JSON.stringify(error)).not.toContain(given)
  })

  test('that is spelt otherwise comes to the same key, and no other path does', () => {
    const level = fc.string({ unit: fc.constantFrom(...Array.from('aB0_.-')), minLength: 1, maxLength: 3 })
    const path = fc.array(level, { minLength: 1, maxLength: 15 }).map((names) => `/${names.join('/')}`)
    fc.assert(
      fc.property(path, path, (one, other) => {
        const keys = [one, `${one}/`, `ssm:${one}`, `ssm:${one}/`].map((spelt) => parseTree(spelt).key)
        expect(new Set(keys).size).toBe(1)
        expect(parseTree(other).key === keys[0]).toBe(one === other)
      }),
    )
  })
})

describe('what is one value is no tree', () => {
  test.each(['prod/db', 'prod/', 'ssm:/prod', 'ssm:/aws/reference/secretsmanager/prod/', secretArn('prod/')])(
    '%s',
    (ref) => {
      const reference = parseReference(ref)
      expect([isTree(reference), isInParts(reference)]).toEqual([false, false])
    },
  )

  test('nor any reference that parses', () => {
    fc.assert(
      fc.property(REFERENCE, (given) => {
        const reference = parseReference(given)
        return !isTree(reference) && !isInParts(reference)
      }),
    )
  })
})

describe('a value in parts', () => {
  test('has a key of its own, and the reference of its first part', () => {
    const one = parseReference('prod/db#user')
    const whole = inParts(one)
    expect(whole).toEqual({ ...one, key: `${one.key} in parts` })
    expect(whole.key).not.toBe(one.key)
    expect([isInParts(whole), isTree(whole)]).toEqual([true, false])
    expect(Object.isFrozen(whole)).toBe(true)
    expect(Object.getPrototypeOf(whole)).toBeNull()
  })

  test('has a key that no reference has', () => {
    fc.assert(fc.property(REFERENCE, (reference) => !parseReference(reference).key.includes(' ')))
  })

  test.each([
    `prod/db:${VERSION_ID}`,
    `${secretArn('prod/db-AbCdEf')}:::${VERSION_ID}`,
    'ssm:/prod/db:3',
    `${parameterArn('prod/db')}:3`,
  ])('has no version: %s', (ref) => {
    const reference = parseReference(ref)
    expect(thrownBy(() => inParts(reference))).toMatchObject({
      code: 'ERR_REFERENCE_INVALID',
      ref: reference.ref,
      hint: expect.stringContaining('version stage or label') as string,
    })
    expect(composedOf(reference).some(isInParts)).toBe(false)
  })

  test.each(['prod/db', 'prod/db:AWSPREVIOUS', 'ssm:/prod/db', 'ssm:/prod/db:blue'])(
    'may be what is put together of %s',
    (ref) => {
      const reference = parseReference(ref)
      expect(composedOf(reference).filter(isInParts)).toEqual([inParts(reference)])
    },
  )

  test('may have been put together by way of any of its parts', () => {
    const keys = (ref: string) => composedOf(parseReference(ref)).map(({ key }) => key)
    expect(keys('prod/db.part2')).toEqual(['prod/db.part2 in parts', 'prod/db in parts'])
    expect(keys('prod/db.part123')).toEqual(['prod/db.part123 in parts'])
  })

  test.each(['ssm:/prod/app/x', 'ssm:/prod/app/x:3', parameterArn('prod/app/x')])(
    'is in every tree above it, and may be the path of one: %s',
    (ref) => {
      const trees = composedOf(parseReference(ref)).filter(isTree)
      expect(trees.map(({ key }) => key)).toEqual([
        'ssm:/',
        'ssm:/prod/',
        'ssm:/prod/app/',
        'ssm:/prod/app/x/',
      ])
    },
  )

  test('is not put together of itself, nor a tree of anything', () => {
    expect(composedOf(inParts(parseReference('prod/db')))).toEqual([])
    expect(composedOf(parseTree('/prod'))).toEqual([])
  })
})

describe('one part', () => {
  test.each([
    ['prod/db', undefined, 'prod/db', 'prod/db.part2'],
    ['prod/db#user', undefined, 'prod/db', 'prod/db.part2'],
    ['prod/db:AWSPREVIOUS', undefined, 'prod/db:AWSPREVIOUS', 'prod/db.part2:AWSPREVIOUS'],
    ['prod/db-abcdef', undefined, 'prod/db-abcdef', 'prod/db-abcdef.part2'],
    ['ssm:/prod/db', undefined, 'ssm:/prod/db', 'ssm:/prod/db.part2'],
    ['ssm:db', undefined, 'ssm:/db', 'ssm:/db.part2'],
    ['ssm:/prod/db:blue', undefined, 'ssm:/prod/db:blue', 'ssm:/prod/db.part2:blue'],
    [secretArn('prod/db-AbCdEf'), 'prod/db', secretArn('prod/db-AbCdEf'), secretArn('prod/db.part2')],
    [secretArn('prod/db'), 'prod/db', secretArn('prod/db'), secretArn('prod/db.part2')],
    [
      `${secretArn('prod/db-AbCdEf')}::AWSPENDING:`,
      'prod/db',
      `${secretArn('prod/db-AbCdEf')}::AWSPENDING:`,
      `${secretArn('prod/db.part2')}::AWSPENDING:`,
    ],
    [parameterArn('prod/db'), '/prod/db', parameterArn('prod/db'), parameterArn('prod/db.part2')],
    [
      `${parameterArn('prod/db')}:blue`,
      '/prod/db',
      `${parameterArn('prod/db')}:blue`,
      `${parameterArn('prod/db.part2')}:blue`,
    ],
  ])('of %s, called %s: %s and %s', (ref, name, first, second) => {
    const whole = inParts(parseReference(ref))
    expect(partOf(whole, 1, undefined).key).toBe(parseReference(first).key)
    expect(partOf(whole, 2, name).key).toBe(parseReference(second).key)
    expect(partOf(whole, 99, name).key).toBe(parseReference(second.replace('part2', 'part99')).key)
    expect(isInParts(partOf(whole, 2, name))).toBe(false)
  })
})
