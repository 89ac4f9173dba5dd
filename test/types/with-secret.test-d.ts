import { describe, expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import { type Redacted, type SecretRead, type SecretsClient, rdsCredentials } from '../../src/index.js'

declare const secrets: SecretsClient
const isRejected = (error: unknown): boolean => error === undefined

describe('use', () => {
  test('is handed text where nothing is said', () => {
    void secrets.withSecret('x', { isRejected }, (value, read) => {
      expectTypeOf(value).toEqualTypeOf<string>()
      expectTypeOf(read).toEqualTypeOf<SecretRead<string>>()
    })
  })

  test('is handed what the schema says', () => {
    void secrets.withSecret('x', { schema: rdsCredentials, isRejected }, (db) => {
      expectTypeOf(db.port).toEqualTypeOf<number>()
    })
    const schema = z.object({ n: z.number() })
    void secrets.withSecret('x', { schema, isRejected }, ({ n }) => {
      expectTypeOf(n).toEqualTypeOf<number>()
    })
    const inline = {
      schema: { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] },
      isRejected,
    } as const
    void secrets.withSecret('x', inline, ({ n }) => {
      expectTypeOf(n).toEqualTypeOf<number>()
    })
  })

  test('is handed what `as` and `redacted` say', () => {
    void secrets.withSecret('x', { as: 'bytes', isRejected }, (value) => {
      expectTypeOf(value).toEqualTypeOf<Uint8Array>()
    })
    void secrets.withSecret('x', { redacted: true, isRejected }, (value) => {
      expectTypeOf(value).toEqualTypeOf<Redacted<string>>()
    })
  })

  test('decides the type of the result', () => {
    expectTypeOf(secrets.withSecret('x', { isRejected }, () => 1)).toEqualTypeOf<Promise<number>>()
    const later = () => Promise.resolve('x')
    expectTypeOf(secrets.withSecret('x', { isRejected }, later)).toEqualTypeOf<Promise<string>>()
  })
})

describe('the options', () => {
  test('have the error of a predicate unknown', () => {
    void secrets.withSecret(
      'x',
      {
        isRejected: (error) => {
          expectTypeOf(error).toBeUnknown()
          return false
        },
      },
      () => 1,
    )
  })

  test('need a predicate', () => {
    // @ts-expect-error: no predicate
    void secrets.withSecret('x', {}, () => 1)
    // @ts-expect-error: a promise is no answer
    void secrets.withSecret('x', { isRejected: () => Promise.resolve(true) }, () => 1)
  })

  test('have no members that are not known', () => {
    // @ts-expect-error: misspelt
    void secrets.withSecret('x', { isRejected, window: 1 }, () => 1)
  })
})
