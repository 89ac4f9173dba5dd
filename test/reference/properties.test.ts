import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isSecretsError } from '../../src/errors.js'
import { sameParameterName } from '../../src/reference/name.js'
import { parseReference } from '../../src/reference/parse.js'
import type { Reference, ReferenceObject } from '../../src/reference/reference.js'
import { ANY_TEXT, FIELD, OBJECT, REFERENCE } from './arbitraries.js'
import { examplesIn, parameterArn, parseAnything, secretArn, VERSION_ID } from './refused.js'

/** What a reference addresses, with one spelling for each: the tuple behind the key. */
function addressOf(reference: Reference): string {
  const { service, name, arn, versionId, versionStage, version, label }: ReferenceObject = reference
  const canonical = service === 'ssm' && name !== undefined ? `/${name.replace(/^\//, '')}` : name
  return JSON.stringify({ service, arn, canonical, versionId, versionStage, version, label })
}

describe('the canonical string', () => {
  test('parses to an equal reference and prints the same again', () => {
    fc.assert(
      fc.property(REFERENCE, fc.option(FIELD, { nil: undefined }), (object, field) => {
        const reference = parseReference(field === undefined ? object : { ...object, field })
        const again = parseReference(reference.ref)
        expect({ ...again, name: undefined }).toStrictEqual({ ...reference, name: undefined })
        expect(sameParameterName(again.name ?? '', reference.name ?? '')).toBe(true)
        expect(parseReference(again.ref).ref).toBe(again.ref)
      }),
      { numRuns: 5000 },
    )
  })

  test('without the field is the key, and the key is a reference to the whole value', () => {
    fc.assert(
      fc.property(REFERENCE, FIELD, (object, field) => {
        const { key, ref, path } = parseReference({ ...object, field })
        expect(ref.startsWith(`${key}#`)).toBe(true)
        expect(parseReference(key).ref).toBe(key)
        expect(parseReference(ref).path).toStrictEqual(path)
      }),
      { numRuns: 2000 },
    )
  })

  test('I55: is shared by references to the same value and version, and by no others', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(OBJECT, { minLength: 2, maxLength: 40, selector: (object) => JSON.stringify(object) }),
        (objects) => {
          const addresses = new Map<string, string>()
          for (const reference of objects.map(parseReference)) {
            const address = addressOf(reference)
            expect(addresses.get(reference.key) ?? address).toBe(address)
            addresses.set(reference.key, address)
          }
          expect(new Set(addresses.values()).size).toBe(addresses.size)
        },
      ),
      { numRuns: 2000 },
    )
  })

  test('keeps apart what glued-together parts would not', () => {
    const keys = [
      { name: 'a', versionStage: 'b' },
      { name: 'a', versionStage: 'c', versionId: VERSION_ID },
      { name: 'a', versionStage: VERSION_ID },
      { name: 'a', versionId: VERSION_ID },
      { name: 'ssm', versionStage: 'a' },
      { service: 'ssm', name: 'a' },
      { name: 'secretsmanager', versionStage: 'a' },
      { name: 'a' },
      { service: 'ssm', name: 'a', label: 'b' },
      { arn: secretArn('a') },
      { arn: parameterArn('a') },
      { arn: secretArn('a'), versionStage: 'b' },
      { arn: secretArn('a'), versionId: VERSION_ID },
      { arn: secretArn('a'), versionStage: VERSION_ID },
    ].map((object) => parseAnything(object).key)
    expect(new Set(keys).size).toBe(keys.length)
  })
})

describe('any input', () => {
  test('is parsed or refused with a correct example, and nothing else is thrown', () => {
    fc.assert(
      fc.property(ANY_TEXT, (text) => {
        try {
          const { ref } = parseReference(text)
          expect(parseReference(ref).ref).toBe(ref)
        } catch (error) {
          if (!isSecretsError(error, 'ERR_REFERENCE_INVALID')) throw error
          const examples = examplesIn(error)
          expect(examples).not.toHaveLength(0)
          for (const example of examples) parseAnything(example)
        }
      }),
      { numRuns: 10_000 },
    )
  })

  test('that is an object is parsed, or refused by one of the two errors', () => {
    const member = fc.oneof(
      fc.string(),
      fc.integer(),
      fc.constantFrom(undefined, null, 'ssm', 'secretsmanager', VERSION_ID),
    )
    const keys = fc.constantFrom(
      'service',
      'name',
      'arn',
      'versionId',
      'versionStage',
      'version',
      'label',
      'field',
      'x',
    )
    fc.assert(
      fc.property(fc.oneof(fc.dictionary(keys, member), fc.anything()), (input) => {
        try {
          parseAnything(input)
        } catch (error) {
          if (!(error instanceof TypeError)) expect(isSecretsError(error, 'ERR_REFERENCE_INVALID')).toBe(true)
        }
      }),
      { numRuns: 5000 },
    )
  })

  test.each([
    ':',
    '/',
    '#',
    '~',
    '{',
    '}',
    '/~',
    '~1',
    'a:',
    'a/',
    'a-',
    '-',
    'arn:',
    '{{',
    '}}',
    'aws-',
    '0',
    ' a',
    '\u200B',
  ])('of 4096 characters that repeat %j ends in a reference or a refusal, behind every opening', (unit) => {
    const openings = [
      '',
      'db:',
      'db#',
      'db#/',
      'ssm:/',
      'ssm:/x:',
      'arn:',
      'arn:aws',
      secretArn('db'),
      parameterArn('x'),
      '{{resolve:',
    ]
    for (const opening of openings) {
      for (const length of [4096, 4097, 1_000_000]) {
        const text = opening + unit.repeat(length).slice(0, length - opening.length)
        try {
          expect(parseReference(text).ref.length).toBeLessThanOrEqual(4096)
        } catch (error) {
          if (!isSecretsError(error, 'ERR_REFERENCE_INVALID')) throw error
          expect(error.message.length).toBeLessThan(600)
        }
      }
    }
  })
})
