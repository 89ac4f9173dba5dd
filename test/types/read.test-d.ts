import { type } from 'arktype'
import * as v from 'valibot'
import { describe, expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import {
  type As,
  type Exactly,
  type JsonSchema,
  type ReadOptions,
  type ReadValue,
  type Schema,
  type SecretRead,
  type SecretsClient,
  getSecret,
} from '../../src/index.js'

declare const secrets: SecretsClient

describe('as', () => {
  test('decides the type, and text is the default', () => {
    expectTypeOf(secrets.get('x')).toEqualTypeOf<Promise<string>>()
    expectTypeOf(secrets.get('x', {})).toEqualTypeOf<Promise<string>>()
    expectTypeOf(secrets.get('x', { as: 'text' })).toEqualTypeOf<Promise<string>>()
    expectTypeOf(secrets.get('x', { as: 'json' })).toEqualTypeOf<Promise<unknown>>()
    expectTypeOf(secrets.get('x', { as: 'bytes' })).toEqualTypeOf<Promise<Uint8Array>>()
    expectTypeOf(secrets.get('x', { as: 'list' })).toEqualTypeOf<Promise<readonly string[]>>()
  })

  test('other options have no say', () => {
    const { signal } = new AbortController()
    expectTypeOf(secrets.get('x', { signal, fresh: true, ttlMs: 0 })).toEqualTypeOf<Promise<string>>()
    expectTypeOf(secrets.get('x', { as: 'list', fresh: true })).toEqualTypeOf<Promise<readonly string[]>>()
  })

  test('of a choice gives every type that it may be', () => {
    const as = 'json' as 'text' | 'bytes'
    expectTypeOf(secrets.get('x', { as })).toEqualTypeOf<Promise<string | Uint8Array>>()
    const maybe: { as?: 'bytes' } = {}
    expectTypeOf(secrets.get('x', maybe)).toEqualTypeOf<Promise<string | Uint8Array>>()
    expectTypeOf<ReadValue<{ as: As }>>().toBeUnknown()
  })

  test('refuses other words', () => {
    // @ts-expect-error: not a way to decode
    void secrets.get('x', { as: 'buffer' })
    // @ts-expect-error: not a way to decode
    void secrets.get('x', { as: 'JSON' })
    const word = ['json'].join()
    // @ts-expect-error: any string
    void secrets.get('x', { as: word })
    // @ts-expect-error: null is no choice
    void secrets.get('x', { as: null })
  })
})

describe('a JSON Schema', () => {
  test('is inferred where it is written, without as const', () => {
    expectTypeOf(
      secrets.get('x', {
        schema: {
          type: 'object',
          properties: {
            username: { type: 'string' },
            port: { type: 'integer' },
            tls: { enum: ['require', 'verify-full'] },
            hosts: { type: 'array', items: { type: 'string' } },
            pool: {
              type: 'object',
              properties: { size: { type: 'number' } },
              required: ['size'],
              additionalProperties: false,
            },
            note: { type: ['string', 'null'] },
          },
          required: ['username', 'tls', 'pool', 'note'],
          additionalProperties: false,
        },
      }),
    ).toEqualTypeOf<
      Promise<{
        username: string
        port?: number
        tls: 'require' | 'verify-full'
        hosts?: string[]
        pool: { size: number }
        note: string | null
      }>
    >()
  })

  test('without additionalProperties: false leaves room for more', () => {
    const _value = secrets.get('x', { schema: { type: 'object', properties: { a: { type: 'string' } } } })
    expectTypeOf<Awaited<typeof _value>['a']>().toEqualTypeOf<string | undefined>()
    expectTypeOf<Awaited<typeof _value>['other']>().toBeUnknown()
  })

  test('is inferred from a constant', () => {
    const schema = {
      type: 'object',
      properties: { a: { type: 'string' } },
      required: ['a'],
      additionalProperties: false,
    } as const
    expectTypeOf(secrets.get('x', { schema })).toEqualTypeOf<Promise<{ a: string }>>()
    expectTypeOf(getSecret('x', { schema })).toEqualTypeOf<Promise<{ a: string }>>()
    expectTypeOf(secrets.read('x', { schema })).toEqualTypeOf<Promise<SecretRead<{ a: string }>>>()
  })

  test('of arrays, choices and references', () => {
    expectTypeOf(secrets.get('x', { schema: { type: 'array', items: { type: 'number' } } })).toEqualTypeOf<
      Promise<number[]>
    >()
    expectTypeOf(secrets.get('x', { schema: { enum: ['a', 1, null] } })).toEqualTypeOf<
      Promise<'a' | 1 | null>
    >()
    expectTypeOf(secrets.get('x', { schema: { const: 'a' } })).toEqualTypeOf<Promise<'a'>>()
    expectTypeOf(
      secrets.get('x', { schema: { anyOf: [{ type: 'string' }, { type: 'number' }] } }),
    ).toEqualTypeOf<Promise<string | number>>()
  })

  test('has a say over the type where as has too', () => {
    expectTypeOf(secrets.get('x', { as: 'text', schema: { type: 'string' } })).toEqualTypeOf<
      Promise<string>
    >()
    expectTypeOf(
      secrets.get('x', { as: 'list', schema: { type: 'array', items: { enum: ['a'] } } }),
    ).toEqualTypeOf<Promise<'a'[]>>()
  })

  test('that is known as a JSON Schema only gives unknown, and never text', () => {
    const schema: JsonSchema = { type: 'object' }
    expectTypeOf(secrets.get('x', { schema })).toEqualTypeOf<Promise<unknown>>()
  })

  test('refuses what is none', () => {
    // @ts-expect-error: no such type in JSON Schema
    void secrets.get('x', { schema: { type: 'strin' } })
    // @ts-expect-error: JSON text
    void secrets.get('x', { schema: '{}' })
    // @ts-expect-error: null is no schema
    void secrets.get('x', { schema: null })
    // @ts-expect-error: a boolean schema checks nothing
    void secrets.get('x', { schema: true })
  })
})

describe('a Standard Schema', () => {
  test('of zod gives its output', () => {
    expectTypeOf(
      secrets.get('x', { schema: z.object({ a: z.string(), b: z.number().optional() }) }),
    ).toEqualTypeOf<Promise<{ a: string; b?: number | undefined }>>()
    expectTypeOf(secrets.get('x', { schema: z.string().transform(Number) })).toEqualTypeOf<Promise<number>>()
    expectTypeOf(secrets.get('x', { as: 'text', schema: z.coerce.date() })).toEqualTypeOf<Promise<Date>>()
    expectTypeOf(secrets.get('x', { schema: z.any() })).resolves.toBeAny()
    expectTypeOf(secrets.read('x', { schema: z.object({ a: z.string() }) })).toEqualTypeOf<
      Promise<SecretRead<{ a: string }>>
    >()
  })

  test('of valibot gives its output', () => {
    expectTypeOf(secrets.get('x', { schema: v.object({ a: v.optional(v.string(), 'x') }) })).toEqualTypeOf<
      Promise<{ a: string }>
    >()
    expectTypeOf(secrets.get('x', { schema: v.pipe(v.string(), v.transform(Number)) })).toEqualTypeOf<
      Promise<number>
    >()
    expectTypeOf(secrets.get('x', { schema: v.objectAsync({ a: v.string() }) })).toEqualTypeOf<
      Promise<{ a: string }>
    >()
  })

  test('of arktype gives its output', () => {
    expectTypeOf(secrets.get('x', { schema: type({ a: 'string', 'b?': 'number' }) })).toEqualTypeOf<
      Promise<{ a: string; b?: number }>
    >()
    expectTypeOf(secrets.get('x', { schema: type('string.numeric.parse') })).toEqualTypeOf<Promise<number>>()
  })

  test('is known to getSecret too', () => {
    expectTypeOf(getSecret('x', { schema: z.object({ a: z.string() }) })).toEqualTypeOf<
      Promise<{ a: string }>
    >()
  })
})

describe('default', () => {
  test('adds its type', () => {
    expectTypeOf(secrets.get('x', { default: undefined })).toEqualTypeOf<Promise<string | undefined>>()
    expectTypeOf(secrets.get('x', { default: null })).toEqualTypeOf<Promise<string | null>>()
    expectTypeOf(secrets.get('x', { default: 'info' })).toEqualTypeOf<Promise<string>>()
    expectTypeOf(secrets.get('x', { default: 7 })).toEqualTypeOf<Promise<string | 7>>()
    expectTypeOf(secrets.get('x', { as: 'bytes', default: null })).toEqualTypeOf<Promise<Uint8Array | null>>()
    expectTypeOf(secrets.get('x', { as: 'list', default: [] })).toEqualTypeOf<
      Promise<readonly string[] | readonly []>
    >()
    expectTypeOf(secrets.get('x', { as: 'json', default: null })).toEqualTypeOf<Promise<unknown>>()
  })

  test('joins the type of a schema', () => {
    const schema = z.object({ level: z.string() })
    const _value = secrets.get('x', { schema, default: undefined })
    expectTypeOf<Awaited<typeof _value>>().toEqualTypeOf<{ level: string } | undefined>()
    const _withDefault = secrets.get('x', { schema, default: { level: 'info' } })
    expectTypeOf<Awaited<typeof _withDefault>['level']>().toEqualTypeOf<string>()
    expectTypeOf(secrets.get('x', { schema: { type: 'number' }, default: false })).toEqualTypeOf<
      Promise<number | false>
    >()
  })

  test('joins in read and getSecret', () => {
    expectTypeOf(secrets.read('x', { default: null })).toEqualTypeOf<Promise<SecretRead<string | null>>>()
    expectTypeOf(getSecret('x', { as: 'bytes', default: null })).toEqualTypeOf<Promise<Uint8Array | null>>()
  })

  test('that may be absent keeps the type of the value', () => {
    const options: { default?: null } = {}
    expectTypeOf(secrets.get('x', options)).toEqualTypeOf<Promise<string | null | undefined>>()
  })
})

describe('read and getSecret', () => {
  test('take what get takes', () => {
    expectTypeOf(secrets.read('x')).toEqualTypeOf<Promise<SecretRead<string>>>()
    expectTypeOf(secrets.read('x', { as: 'json' })).toEqualTypeOf<Promise<SecretRead<unknown>>>()
    expectTypeOf(secrets.read('x', { as: 'bytes' })).toEqualTypeOf<Promise<SecretRead<Uint8Array>>>()
    expectTypeOf(secrets.read('x', { as: 'list' })).toEqualTypeOf<Promise<SecretRead<readonly string[]>>>()
    expectTypeOf(getSecret('x')).toEqualTypeOf<Promise<string>>()
    expectTypeOf(getSecret('x', { as: 'json' })).toEqualTypeOf<Promise<unknown>>()
    expectTypeOf(getSecret('x', { as: 'list' })).toEqualTypeOf<Promise<readonly string[]>>()
  })

  test('read tells where a value came from', () => {
    expectTypeOf<SecretRead<string>['value']>().toEqualTypeOf<string>()
    expectTypeOf<SecretRead<string>['versionId']>().toEqualTypeOf<string | undefined>()
    expectTypeOf<SecretRead<string>['version']>().toEqualTypeOf<number | undefined>()
    expectTypeOf<SecretRead<string>['fetchedAt']>().toEqualTypeOf<Date>()
    expectTypeOf<SecretRead<string>['isDefault']>().toEqualTypeOf<boolean>()
  })
})

describe('options that are wide or wrong', () => {
  test('a variable of type ReadOptions gives unknown, and never text', () => {
    const options: ReadOptions = {}
    expectTypeOf(secrets.get('x', options)).toEqualTypeOf<Promise<unknown>>()
    expectTypeOf(getSecret('x', options)).toEqualTypeOf<Promise<unknown>>()
    expectTypeOf(secrets.read('x', options)).toEqualTypeOf<Promise<SecretRead<unknown>>>()
    const schema: Schema = z.string()
    expectTypeOf(secrets.get('x', { schema })).toEqualTypeOf<Promise<unknown>>()
  })

  test('a wrapper can pass its options on', () => {
    const wrapped = <const Options extends ReadOptions>(options: Options & Exactly<Options>) =>
      secrets.get<Options>('x', options)
    expectTypeOf(wrapped({ as: 'bytes' })).toEqualTypeOf<Promise<Uint8Array>>()
  })

  test('a misspelt name is an error', () => {
    // @ts-expect-error: unknown option
    void secrets.get('x', { ass: 'json' })
    // @ts-expect-error: unknown option beside a known one
    void secrets.get('x', { as: 'json', transform: 'json' })
    // @ts-expect-error: unknown option
    void secrets.read('x', { maxAge: 5 })
    // @ts-expect-error: unknown option
    void getSecret('x', { ttl: 5 })
    const options = { as: 'json', ttl: 5 } as const
    // @ts-expect-error: unknown option in a variable
    void secrets.get('x', options)
  })

  test('a wrong type is an error', () => {
    // @ts-expect-error: text is no number
    void secrets.get('x', { ttlMs: '5' })
    // @ts-expect-error: a controller is no signal
    void secrets.get('x', { signal: new AbortController() })
    // @ts-expect-error: null is no boolean
    void secrets.get('x', { fresh: null })
    // @ts-expect-error: options are no text
    void secrets.get('x', 'json')
    // @ts-expect-error: options are no text
    void getSecret('x', 'json')
    // @ts-expect-error: options are no number
    void secrets.read('x', 60_000)
    // @ts-expect-error: options are no null
    void secrets.get('x', null)
    // @ts-expect-error: options are no function
    void secrets.get('x', () => 'json')
    // @ts-expect-error: a schema is an option
    void secrets.get('x', z.string())
    // @ts-expect-error: the signal goes into an object
    void secrets.refresh('x', new AbortController().signal)
    // @ts-expect-error: a refresh has a signal only
    void secrets.refresh('x', { fresh: true })
  })
})

test('a member with a default may be missing: defaults are not filled in', () => {
  const schema = { type: 'object', properties: { port: { type: 'integer', default: 5432 } } } as const
  expectTypeOf(secrets.get('x', { schema }))
    .resolves.toHaveProperty('port')
    .toEqualTypeOf<number | undefined>()
})

test('prefixItems of draft 2020-12 is a tuple, at any depth', () => {
  const pair = {
    type: 'array',
    prefixItems: [{ type: 'string' }, { type: 'integer' }],
    items: false,
    minItems: 2,
  } as const
  expectTypeOf(secrets.get('x', { schema: pair })).resolves.toEqualTypeOf<[string, number]>()
  const schema = {
    type: 'object',
    properties: { pair },
    required: ['pair'],
    additionalProperties: false,
  } as const
  expectTypeOf(secrets.get('x', { schema })).resolves.toEqualTypeOf<{ pair: [string, number] }>()
})

describe('watch', () => {
  test('yields reads of the type that `read` resolves with', () => {
    expectTypeOf(secrets.watch('x')).toEqualTypeOf<AsyncGenerator<SecretRead<string>, void, undefined>>()
    expectTypeOf(secrets.watch('x', { as: 'bytes' })).toEqualTypeOf<
      AsyncGenerator<SecretRead<Uint8Array>, void, undefined>
    >()
    const { signal } = new AbortController()
    expectTypeOf(secrets.watch({ name: 'x' }, { signal })).toEqualTypeOf<
      AsyncGenerator<SecretRead<string>, void, undefined>
    >()
  })

  test('infers a schema where it is written, without as const', async () => {
    const watch = secrets.watch('x', {
      schema: { type: 'object', properties: { port: { type: 'integer' } }, required: ['port'] },
    })
    for await (const { value } of watch) expectTypeOf(value.port).toEqualTypeOf<number>()
    for await (const { value } of secrets.watch('x', { schema: z.object({ port: z.number() }) })) {
      expectTypeOf(value).toEqualTypeOf<{ port: number }>()
    }
  })

  test('refuses what a watch does not have, and what is misspelt', () => {
    // @ts-expect-error: each look decides by itself
    secrets.watch('x', { fresh: true })
    // @ts-expect-error: nothing there is nothing to yield
    secrets.watch('x', { default: '' })
    // @ts-expect-error: the client's lifetime decides
    secrets.watch('x', { ttlMs: 5 })
    // @ts-expect-error: misspelt
    secrets.watch('x', { shema: z.string() })
    // @ts-expect-error: misspelt, beside what is right
    secrets.watch('x', { as: 'json', signals: new AbortController().signal })
    // @ts-expect-error: not a way to decode
    secrets.watch('x', { as: 'buffer' })
    // @ts-expect-error: nothing to watch
    secrets.watch()
  })
})
