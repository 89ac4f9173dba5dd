import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { everythingIn, parseAnything, refusalOf, secretArn, thrownBy } from './refused.js'

const NEEDLE = 'n33dle-in-a-haystack'

describe('a value passed where its reference belongs', () => {
  test.each([
    ['a passphrase', `correct horse ${NEEDLE}`],
    ['a password with a line break', `${NEEDLE}\n`],
    ['a password of other characters', `${NEEDLE}?%&`],
    ['a password with a prefix', `sm:${NEEDLE}/ x`],
    ['a password behind ssm', `ssm:${NEEDLE}$`],
    ['a password as a label', `ssm:/x:9${NEEDLE}$`],
    ['a password as a stage', `db:${NEEDLE} x`],
    ['a password as the service of an ARN', `arn:aws:${NEEDLE}:::x y`],
    ['a connection string', `postgres://user:${NEEDLE}@host/db`],
    ['a connection string with a fragment', `db:x:y:://${NEEDLE}`],
    ['JSON', JSON.stringify({ password: NEEDLE })],
    ['a private key', `-----BEGIN PRIVATE KEY-----\n${NEEDLE}\n-----END PRIVATE KEY-----\n`],
    ['a long token', `sm:/${NEEDLE}${'A'.repeat(128)}`],
    ['a token that is too long', NEEDLE.repeat(300)],
    ['a dynamic reference that is none', `{{${NEEDLE} }}`],
    ['two parts behind an ARN', secretArn(`db:${NEEDLE}:a b`)],
    ['one part behind a long ARN', secretArn(`${'x'.repeat(99)}:${NEEDLE}`)],
    ['a name in an object', { name: `${NEEDLE} ` }],
    ['an ARN in an object', { arn: `${NEEDLE} ` }],
    ['a stage in an object', { name: 'db', versionStage: `${NEEDLE} ` }],
    ['a label in an object', { service: 'ssm', name: 'x', label: `${NEEDLE} ` }],
    ['a service in an object', { service: `${NEEDLE} `, name: 'x' }],
    ['a field in an object', { name: 'db', field: `/~${NEEDLE} ` }],
    ['a member name in an object', { name: 'db', [`${NEEDLE} `]: 'x' }],
    ['a long member name in an object', { name: 'db', [NEEDLE.replaceAll('-', '_').repeat(9)]: 'x' }],
    ['an unknown member in an object', { name: 'db', password: NEEDLE }],
  ])('is not repeated: %s', (_title, input: unknown) => {
    expect(everythingIn(refusalOf(input))).not.toMatch(/n33dle/)
  })

  test.each([
    ['an array', [NEEDLE]],
    ['bytes', Buffer.from(NEEDLE)],
    ['a function', { [NEEDLE]: () => NEEDLE }[NEEDLE]],
    ['a member', { name: [NEEDLE] }],
    ['a member that is no number', { service: 'ssm', name: 'x', version: NEEDLE }],
  ])('is not repeated by a TypeError: %s', (_title, input: unknown) => {
    const error = thrownBy(() => parseAnything(input))
    expect(error).toBeInstanceOf(TypeError)
    expect(error instanceof Error && everythingIn(error)).not.toMatch(/n33dle/)
  })

  test('is not repeated wherever in it a character stands that no reference has', () => {
    const around = fc.string({
      unit: fc.constantFrom(...Array.from('aZ0/:#~{}=+@!-_. \n"$%&*?é')),
      maxLength: 40,
    })
    const inputs = fc.tuple(around, fc.constantFrom(...Array.from(' "$%&*?é\n\u0000')), around)
    fc.assert(
      fc.property(inputs, ([before, foreign, after]) => {
        const text = `${before}${NEEDLE}${foreign}${after}`
        try {
          parseAnything(text)
        } catch (error) {
          expect(error instanceof Error && everythingIn(error)).not.toMatch(/n33dle/)
        }
      }),
      { numRuns: 3000 },
    )
  })
})

test('a short text of reference characters is quoted, so that the mistake can be found', () => {
  expect(refusalOf('sm:prod/db').ref).toBe('sm:prod/db')
  expect(refusalOf({ name: 'db', versionStage: '' }).ref).toBe('db')
  expect(refusalOf('sm:/'.padEnd(128, 'x')).ref).toHaveLength(128)
  expect(refusalOf('sm:/'.padEnd(129, 'x')).ref).toBeUndefined()
  expect(refusalOf('https://prod/db').ref).toBeUndefined()
})

test.each([
  'app:hunter2@db.internal:5432/app',
  'ssm:hunter2/K7MDENG/bPxRfiCYEXAMPLEKEY',
  'AKIAIOSFODNN7EXAMPLE:hunter2/K7MDENG',
  'sk-proj-hunter2:abc:def:ghi',
  'ghp_hunter2hunter2:a:b:c',
  'eyJhunter2:a:b:c',
])('a credential of reference characters only is not repeated: %s', (pasted) => {
  const error = refusalOf(pasted)
  expect([error.message, error.ref, error.hint, error.stack].join()).not.toContain('hunter2')
})
