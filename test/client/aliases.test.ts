import { describe, expect, test } from 'vitest'
import { Aliases } from '../../src/client/aliases.js'
import { parseReference } from '../../src/reference/parse.js'

const ARN = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-AbCdEf'
const PARTIAL = ARN.slice(0, -7)
const RECREATED = ARN.replace('AbCdEf', 'GhIjKl')
const PARAMETER = 'arn:aws:ssm:eu-west-1:123456789012:parameter/level'

const keyOf = (ref: string) => parseReference(ref).key

function build(maxEntries = 100) {
  const held = new Set<string>()
  const aliases = new Aliases(maxEntries, (home) => held.has(home))
  let sequence = 0
  const learn = (ref: string, arn: string | undefined, at = (sequence += 1)) =>
    aliases.learn(parseReference(ref), arn, at)
  const homeOf = (ref: string) => aliases.homeOf(keyOf(ref))
  return { learn, homeOf, held }
}

describe('Aliases', () => {
  test('a key is its own home until something is learned', () => {
    expect(build().homeOf('prod/db')).toBe('prod/db')
  })

  test.each(['prod/db', PARTIAL, ARN])('the full ARN is the home of %s', (ref) => {
    const { learn, homeOf } = build()
    expect(learn(ref, ARN)).toBe(ARN)
    expect(homeOf(ref)).toBe(ARN)
  })

  test.each([
    ['prod/db:AWSPREVIOUS', `${ARN}::AWSPREVIOUS:`],
    ['prod/db:EXAMPLE1-90ab-cdef-fedc-ba987EXAMPLE', `${ARN}:::EXAMPLE1-90ab-cdef-fedc-ba987EXAMPLE`],
    ['ssm:level', PARAMETER],
    ['ssm:level:3', `${PARAMETER}:3`],
    ['ssm:/level:stable', `${PARAMETER}:stable`],
  ])('selectors are kept apart: %s', (ref, home) => {
    const { learn, homeOf } = build()
    learn(ref, ref.startsWith('ssm') ? PARAMETER : ARN)
    expect(homeOf(ref)).toBe(home)
    expect(homeOf('prod/db')).toBe('prod/db')
  })

  test('a secret that was created again leaves its old ARN behind', () => {
    const { learn, homeOf } = build()
    learn('prod/db', ARN)
    learn('prod/db', RECREATED)
    expect([homeOf('prod/db'), homeOf(ARN)]).toEqual([RECREATED, ARN])
  })

  test('an older answer that comes late does not lead back to the old one', () => {
    const { learn, homeOf } = build()
    learn('prod/db', RECREATED, 2)
    expect(learn('prod/db', ARN, 1)).toBe(ARN)
    expect(homeOf('prod/db')).toBe(RECREATED)
  })

  test.each([
    undefined,
    'arn',
    'arn:aws:ssm:eu-west-1:123456789012:parameter/prod/db',
    ARN.replace('prod/db', 'prod/other'),
    ARN.replace('AbCdEf', 'Ab/dEf'),
  ])('an ARN that cannot be that of the secret binds nothing: %s', (arn) => {
    const { learn, homeOf } = build()
    expect(learn('prod/db', arn)).toBe('prod/db')
    expect(homeOf('prod/db')).toBe('prod/db')
  })

  test('is bounded: what the cache does not hold is forgotten first', () => {
    const { learn, homeOf, held } = build(2)
    const arnOf = (name: string) => ARN.replace('prod/db', name)
    held.add(arnOf('a'))
    for (const name of ['a', 'b', 'c']) learn(name, arnOf(name))
    expect(['a', 'b', 'c'].map(homeOf)).toEqual([arnOf('a'), 'b', arnOf('c')])
  })
})
