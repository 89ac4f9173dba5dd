import { describe, expect, test } from 'vitest'
import { Aliases } from '../../src/client/aliases.js'
import { parseReference } from '../../src/reference/parse.js'

const ARN = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-AbCdEf'
const PARTIAL = ARN.slice(0, -7)
const RECREATED = ARN.replace('AbCdEf', 'GhIjKl')
const PARAMETER = 'arn:aws:ssm:eu-west-1:123456789012:parameter/level'

const keyOf = (ref: string) => parseReference(ref).key

function build(maxEntries = 100) {
  const aliases = new Aliases(maxEntries)
  const learn = (ref: string, arn?: string) => aliases.learn(parseReference(ref), arn)
  const homeOf = (ref: string) => aliases.homeOf(keyOf(ref))
  return { learn, homeOf }
}

describe('Aliases', () => {
  test('a key is its own home until something is learned', () => {
    expect(build().homeOf('prod/db')).toBe('prod/db')
  })

  test('a name is the home of the ARN that its answer had', () => {
    const { learn, homeOf } = build()
    expect(learn('prod/db', ARN)).toBe('prod/db')
    expect(homeOf(ARN)).toBe('prod/db')
  })

  test('whichever is read first is the home of all that turn out to be it', () => {
    const { learn, homeOf } = build()
    expect(learn(PARTIAL, ARN)).toBe(PARTIAL)
    expect(learn('prod/db', ARN)).toBe(PARTIAL)
    expect(learn(ARN, ARN)).toBe(PARTIAL)
    expect(['prod/db', ARN, PARTIAL].map(homeOf)).toEqual([PARTIAL, PARTIAL, PARTIAL])
  })

  test.each([
    ['prod/db:AWSPREVIOUS', `${ARN}::AWSPREVIOUS:`],
    ['prod/db:EXAMPLE1-90ab-cdef-fedc-ba987EXAMPLE', `${ARN}:::EXAMPLE1-90ab-cdef-fedc-ba987EXAMPLE`],
  ])('selectors are kept apart: %s', (ref, withArn) => {
    const { learn, homeOf } = build()
    learn(ref, ARN)
    expect(homeOf(withArn)).toBe(keyOf(ref))
    expect(homeOf(ARN)).toBe(ARN)
  })

  test('parameters too, with version and label', () => {
    const { learn, homeOf } = build()
    for (const selector of ['', ':3', ':stable']) {
      learn(`ssm:level${selector}`, PARAMETER)
      expect(homeOf(`${PARAMETER}${selector}`)).toBe(keyOf(`ssm:/level${selector}`))
    }
  })

  test('a secret that was created again leaves its old ARN behind', () => {
    const { learn, homeOf } = build()
    learn('prod/db', ARN)
    learn(PARTIAL, ARN)
    expect(learn('prod/db', RECREATED)).toBe('prod/db')
    expect([homeOf(ARN), homeOf(PARTIAL), homeOf(RECREATED)]).toEqual([ARN, PARTIAL, 'prod/db'])
  })

  test('a name that was an alias of the old ARN becomes the home of the new one', () => {
    const { learn, homeOf } = build()
    learn(ARN, ARN)
    learn('prod/db', ARN)
    expect(learn('prod/db', RECREATED)).toBe('prod/db')
    expect([homeOf(ARN), homeOf('prod/db'), homeOf(RECREATED)]).toEqual([ARN, 'prod/db', 'prod/db'])
  })

  test.each([undefined, 'arn', 'arn:aws:ssm:eu-west-1:123456789012:parameter/x'])(
    'nothing is learned from %s',
    (arn) => {
      const { learn, homeOf } = build()
      expect(learn('prod/db', arn)).toBe('prod/db')
      expect(homeOf(ARN)).toBe(ARN)
    },
  )

  test('is bounded', () => {
    const { learn, homeOf } = build(2)
    for (const name of ['a', 'b', 'c']) learn(name, ARN.replace('prod/db', name))
    expect(homeOf(ARN.replace('prod/db', 'a'))).toBe(ARN.replace('prod/db', 'a'))
    expect(homeOf(ARN.replace('prod/db', 'c'))).toBe('c')
  })
})
