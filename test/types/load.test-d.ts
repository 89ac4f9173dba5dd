import * as v from 'valibot'
import { describe, expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import {
  type ExactManifest,
  type FlatParameterTree,
  type LoadOptions,
  type LoadedSecrets,
  type Manifest,
  type ManifestEntry,
  type ParameterTree,
  type RdsCredentials,
  type Redacted,
  type SecretRead,
  type ReferenceInput,
  type SecretsClient,
  apiToken,
  defineSecrets,
  parseReference,
  rdsCredentials,
} from '../../src/index.js'

declare const secrets: SecretsClient
declare const flag: boolean

const zod = z.object({ port: z.coerce.number() })
const valibot = v.object({ port: v.pipe(v.string(), v.transform(Number)) })

interface Port {
  port: number
}

describe('an entry', () => {
  test('that is a reference is text', async () => {
    const all = await secrets.load({ a: 'prod/a', b: 'ssm:/b', c: 'prod/c#field' })
    expectTypeOf(all).toEqualTypeOf<{ readonly a: string; readonly b: string; readonly c: string }>()
  })

  test('is what `as` says, with and without a field, in parts or whole', async () => {
    const all = await secrets.load({
      plain: { ref: 'a' },
      text: { ref: 'a', as: 'text' },
      json: { ref: 'a', as: 'json' },
      bytes: { ref: 'a', as: 'bytes', parts: true },
      list: { ref: 'ssm:/a', as: 'list' },
      field: { ref: 'a', field: 'password', ttlMs: 5 },
      object: { ref: { service: 'ssm', name: '/a', version: 3 } },
      parsed: { ref: parseReference('a'), as: 'bytes' },
    })
    expectTypeOf(all).toEqualTypeOf<{
      readonly plain: string
      readonly text: string
      readonly json: unknown
      readonly bytes: Uint8Array
      readonly list: readonly string[]
      readonly field: string
      readonly object: string
      readonly parsed: Uint8Array
    }>()
  })

  test('with a JSON Schema has its type, without `as const`', async () => {
    const all = await secrets.load({
      db: {
        ref: 'prod/db',
        schema: {
          type: 'object',
          properties: {
            user: { type: 'string' },
            port: { type: 'integer' },
            tls: { enum: ['require', 'verify-full'] },
            pool: {
              type: 'array',
              prefixItems: [{ type: 'string' }, { type: 'number' }],
              items: false,
              minItems: 2,
            },
          },
          required: ['user', 'tls', 'pool'],
          additionalProperties: false,
        },
      },
      level: { ref: 'ssm:/level', as: 'text', schema: { enum: ['debug', 'info'] } },
    })
    expectTypeOf(all.db).toEqualTypeOf<{
      user: string
      port?: number
      tls: 'require' | 'verify-full'
      pool: [string, number]
    }>()
    expectTypeOf(all.level).toEqualTypeOf<'debug' | 'info'>()
  })

  test('with a schema of a validator or of ours has what the schema makes', async () => {
    const all = await secrets.load({
      zod: { ref: 'a', schema: zod },
      asText: { ref: 'a', as: 'text', schema: z.coerce.date() },
      valibot: { ref: 'a', field: 'x', schema: valibot },
      db: { ref: 'a', schema: rdsCredentials },
      token: { ref: 'a', schema: apiToken },
    })
    expectTypeOf(all.zod).toEqualTypeOf<Port>()
    expectTypeOf(all.asText).toEqualTypeOf<Date>()
    expectTypeOf(all.valibot).toEqualTypeOf<Port>()
    expectTypeOf(all.db).toEqualTypeOf<RdsCredentials>()
    expectTypeOf(all.token).toEqualTypeOf<string>()
  })

  test('with a default adds its type', async () => {
    const maybe: { readonly ref: string; readonly default?: null } = { ref: 'a' }
    const all = await secrets.load({
      none: { ref: 'a', default: undefined },
      text: { ref: 'a', default: 'info' },
      number: { ref: 'a', default: 7 },
      bytes: { ref: 'a', as: 'bytes', default: null },
      zod: { ref: 'a', schema: zod, default: null },
      ready: { ref: 'a', schema: rdsCredentials, default: undefined },
      json: { ref: 'a', schema: { type: 'number' }, default: false },
      maybe,
    })
    expectTypeOf(all).toEqualTypeOf<{
      readonly none: string | undefined
      readonly text: string
      readonly number: string | 7
      readonly bytes: Uint8Array | null
      readonly zod: Port | null
      readonly ready: RdsCredentials | undefined
      readonly json: number | false
      readonly maybe: string | null | undefined
    }>()
  })

  test('that is a tree is an object of parameters, flat or nested, or what its schema makes of them', async () => {
    const maybeFlat: { readonly tree: string; readonly flat?: true } = { tree: '/a' }
    const all = await secrets.load({
      nested: { tree: 'ssm:/a' },
      unset: { tree: '/a', flat: false },
      flat: { tree: '/a', flat: true },
      either: { tree: '/a', flat: flag },
      orNot: maybeFlat,
      zod: { tree: '/a', schema: zod },
      flatZod: { tree: '/a', schema: zod, flat: true, default: null },
      ours: { tree: '/a', schema: rdsCredentials, redacted: true },
      orNone: { tree: '/a', default: undefined, ttlMs: 0 },
    })
    expectTypeOf(all).toEqualTypeOf<{
      readonly nested: ParameterTree
      readonly unset: ParameterTree
      readonly flat: FlatParameterTree
      readonly either: ParameterTree | FlatParameterTree
      readonly orNot: ParameterTree | FlatParameterTree
      readonly zod: Port
      readonly flatZod: Port | null
      readonly ours: Redacted<RdsCredentials>
      readonly orNone: ParameterTree | undefined
    }>()
  })

  test('of a choice is either', async () => {
    const as = 'text' as 'text' | 'bytes'
    const kind = { ref: 'a' } as { readonly ref: string } | { readonly tree: string }
    const all = await secrets.load({
      as: { ref: 'a', as },
      entry: flag ? 'prod/a' : { ref: 'prod/b', as: 'bytes' },
      kind,
    })
    expectTypeOf(all.as).toEqualTypeOf<string | Uint8Array>()
    expectTypeOf(all.entry).toEqualTypeOf<string | Uint8Array>()
    expectTypeOf(all.kind).toEqualTypeOf<string | ParameterTree>()
  })
})

describe('redacted', () => {
  test('by entry boxes what the entry is, its default too', async () => {
    const all = await secrets.load({
      text: { ref: 'a', redacted: true },
      bytes: { ref: 'a', as: 'bytes', redacted: true },
      zod: { ref: 'a', schema: zod, redacted: true, default: null },
      ready: { ref: 'a', schema: rdsCredentials, redacted: true },
      tree: { tree: '/a', redacted: true },
      flat: { tree: '/a', flat: true, redacted: true },
      open: { ref: 'a', redacted: false },
    })
    expectTypeOf(all).toEqualTypeOf<{
      readonly text: Redacted<string>
      readonly bytes: Redacted<Uint8Array>
      readonly zod: Redacted<Port | null>
      readonly ready: Redacted<RdsCredentials>
      readonly tree: Redacted<ParameterTree>
      readonly flat: Redacted<FlatParameterTree>
      readonly open: string
    }>()
  })

  test('by load boxes every entry that does not say otherwise', async () => {
    const all = await secrets.load(
      {
        text: 'a',
        json: { ref: 'a', schema: { type: 'number' } },
        tree: { tree: '/a', flat: true },
        open: { ref: 'a', redacted: false },
        openTree: { tree: '/a', redacted: false },
        unset: { ref: 'a', redacted: undefined },
        boxed: { ref: 'a', redacted: true },
        either: { ref: 'a', redacted: flag },
      },
      { redacted: true, fresh: true, ttlMs: 5, signal: new AbortController().signal },
    )
    expectTypeOf(all).toEqualTypeOf<{
      readonly text: Redacted<string>
      readonly json: Redacted<number>
      readonly tree: Redacted<FlatParameterTree>
      readonly open: string
      readonly openTree: ParameterTree
      readonly unset: Redacted<string>
      readonly boxed: Redacted<string>
      readonly either: string | Redacted<string>
    }>()
  })

  test('of a boolean is either: whoever does not look may not use it', async () => {
    const { a } = await secrets.load({ a: 'a' }, { redacted: flag })
    expectTypeOf(a).toEqualTypeOf<string | Redacted<string>>()
    const { b } = await secrets.load({ b: { ref: 'b', redacted: flag } })
    expectTypeOf(b).toEqualTypeOf<string | Redacted<string>>()
    const options: LoadOptions = {}
    const { c } = await secrets.load({ c: { tree: '/c' } }, options)
    expectTypeOf(c).toEqualTypeOf<ParameterTree | Redacted<ParameterTree>>()
  })

  test('that may be missing is either', async () => {
    const maybe: { readonly redacted?: true } = {}
    expectTypeOf(await secrets.get('a', maybe)).toEqualTypeOf<string | Redacted<string>>()
    expectTypeOf(await secrets.tree('/a', maybe)).toEqualTypeOf<ParameterTree | Redacted<ParameterTree>>()
    expectTypeOf(await secrets.load({ a: 'a' }, maybe)).toEqualTypeOf<{
      readonly a: string | Redacted<string>
    }>()
    const entry: { readonly ref: string; readonly redacted?: false } = { ref: 'a' }
    expectTypeOf(await secrets.load({ entry }, { redacted: true })).toEqualTypeOf<{
      readonly entry: string | Redacted<string>
    }>()
    expectTypeOf(await secrets.load({ entry })).toEqualTypeOf<{ readonly entry: string }>()
  })

  test('is known to get, read, watch and tree', () => {
    expectTypeOf(secrets.get('a', { redacted: true })).resolves.toEqualTypeOf<Redacted<string>>()
    expectTypeOf(secrets.get('a', { redacted: true, default: null })).resolves.toEqualTypeOf<
      Redacted<string | null>
    >()
    expectTypeOf(secrets.get('a', { redacted: false })).resolves.toEqualTypeOf<string>()
    expectTypeOf(secrets.read('a', { redacted: true, schema: zod }))
      .resolves.toHaveProperty('value')
      .toEqualTypeOf<Redacted<Port>>()
    expectTypeOf(secrets.tree('/a', { redacted: true })).resolves.toEqualTypeOf<Redacted<ParameterTree>>()
    const watch = secrets.watch('a', { redacted: true, as: 'bytes' })
    expectTypeOf(watch).toEqualTypeOf<AsyncGenerator<SecretRead<Redacted<Uint8Array>>, void, undefined>>()
  })
})

describe('refused at compile time', () => {
  test('members that no entry has, those of a tree on a value, and those of a value on a tree', () => {
    // @ts-expect-error: misspelt
    void secrets.load({ a: { ref: 'a', shema: zod } })
    // @ts-expect-error: misspelt, beside entries that are right
    void secrets.load({ a: 'a', b: { ref: 'b', as: 'json' }, c: { ref: 'c', redact: true } })
    // @ts-expect-error: a value is not flat
    void secrets.load({ a: { ref: 'a', flat: true } })
    // @ts-expect-error: a tree has no field
    void secrets.load({ a: { tree: '/a', field: 'x' } })
    // @ts-expect-error: a tree is an object
    void secrets.load({ a: { tree: '/a', as: 'json' } })
    // @ts-expect-error: a tree is not in parts
    void secrets.load({ a: { tree: '/a', parts: true } })
    // @ts-expect-error: neither or both
    void secrets.load({ a: { tree: '/a', ref: 'a' } })
    // @ts-expect-error: the signal is that of the load
    void secrets.load({ a: { ref: 'a', signal: new AbortController().signal } })
    // @ts-expect-error: neither a value nor a tree
    void secrets.load({ a: { as: 'json' } })
    // @ts-expect-error: a reference object goes into `ref`
    void secrets.load({ a: { name: 'prod/a' } })
  })

  test('members of a wrong type', () => {
    // @ts-expect-error: not a way to decode
    void secrets.load({ a: { ref: 'a', as: 'buffer' } })
    // @ts-expect-error: a path is text
    void secrets.load({ a: { tree: { name: '/a' } } })
    // @ts-expect-error: no schema
    void secrets.load({ a: { ref: 'a', schema: '{}' } })
    // @ts-expect-error: no such type in JSON Schema
    void secrets.load({ a: { ref: 'a', schema: { type: 'strin' } } })
    // @ts-expect-error: text is no number
    void secrets.load({ a: { ref: 'a', ttlMs: '5' } })
    // @ts-expect-error: a number is no boolean
    void secrets.load({ a: { ref: 'a', redacted: 1 } })
    // @ts-expect-error: no entry
    void secrets.load({ a: null })
    // @ts-expect-error: no entry
    void secrets.load({ a: undefined })
    // @ts-expect-error: one entry, not several
    void secrets.load({ a: ['a', 'b'] })
    // @ts-expect-error: a function reads nothing
    void secrets.load({ a: () => 'a' })
  })

  test('reserved aliases', () => {
    // @ts-expect-error: it would make the result a promise
    void secrets.load({ then: 'a' })
    // @ts-expect-error: the text of the result
    void secrets.load({ toString: 'a' })
    // @ts-expect-error: the JSON of the result
    void secrets.load({ toJSON: { ref: 'a' } })
    // @ts-expect-error: the primitive of the result
    void secrets.load({ valueOf: 'a' })
    // @ts-expect-error: the class of the result
    void secrets.load({ constructor: 'a' })
    // @ts-expect-error: a prototype
    void secrets.load({ prototype: { tree: '/a' } })
    // @ts-expect-error: an alias has a name
    void secrets.load({ '': 'a' })
    // @ts-expect-error: a prototype
    void secrets.load({ ['__proto__']: 'a' })
    // @ts-expect-error: declared away it is none either
    defineSecrets({ then: 'a' })
    // @ts-expect-error: in the second of two
    defineSecrets({ a: 'a' }, { then: 'a' })
    // @ts-expect-error: in the third of three
    defineSecrets({ a: 'a' }, { b: 'b' }, { then: 'a' })
    const away = { then: 'prod/a' } as const
    // @ts-expect-error: in a variable
    void secrets.load(away)
  })

  test('what is no manifest, and options that a load does not have', () => {
    // @ts-expect-error: a prefetch takes those
    void secrets.load(['a', 'b'])
    // @ts-expect-error: one reference
    void secrets.load('a')
    // @ts-expect-error: nothing to load
    void secrets.load()
    // @ts-expect-error: null is no manifest
    void secrets.load(null)
    // @ts-expect-error: a map has no aliases that the compiler knows
    void secrets.load(new Map([['a', 'a']]))
    // @ts-expect-error: each entry has its own
    void secrets.load({ a: 'a' }, { as: 'json' })
    // @ts-expect-error: each entry has its own
    void secrets.load({ a: 'a' }, { default: null })
    // @ts-expect-error: misspelt, beside what is right
    void secrets.load({ a: 'a' }, { fresh: true, redact: true })
    // @ts-expect-error: of a wrong type
    void secrets.load({ a: 'a' }, { redacted: 'yes' })
  })

  test('values are read only, and aliases that are not there are none', async () => {
    const all = await secrets.load({ a: 'a' })
    // @ts-expect-error: it is read only
    all.a = 'b'
    // @ts-expect-error: no such alias
    expectTypeOf(all.b).toBeString()
  })
})

describe('a manifest that is declared away', () => {
  const manifest = defineSecrets({
    db: { ref: 'prod/db', schema: rdsCredentials },
    key: 'prod/key',
    pool: {
      ref: 'prod/pool',
      schema: { type: 'object', properties: { size: { type: 'integer' } }, required: ['size'] },
    },
    flags: { tree: 'ssm:/flags', flat: true },
  })

  test('keeps what is inferred', async () => {
    const all = await secrets.load(manifest)
    expectTypeOf(all.db).toEqualTypeOf<RdsCredentials>()
    expectTypeOf(all.key).toEqualTypeOf<string>()
    expectTypeOf(all.pool.size).toEqualTypeOf<number>()
    expectTypeOf(all.flags).toEqualTypeOf<FlatParameterTree>()
    expectTypeOf<keyof typeof all>().toEqualTypeOf<'db' | 'key' | 'pool' | 'flags'>()
    const boxed = await secrets.load(manifest, { redacted: true })
    expectTypeOf(boxed.db).toEqualTypeOf<Redacted<RdsCredentials>>()
  })

  test('is put together with others', async () => {
    const two = defineSecrets(manifest, { more: { ref: 'x', as: 'bytes' } })
    const all = await secrets.load(two)
    expectTypeOf(all.more).toEqualTypeOf<Uint8Array>()
    expectTypeOf(all.db).toEqualTypeOf<RdsCredentials>()
    const three = defineSecrets({ a: 'a' }, { b: { ref: 'b', as: 'list' } }, { c: { ref: 'c', schema: zod } })
    const loaded = await secrets.load(three)
    expectTypeOf(loaded.a).toEqualTypeOf<string>()
    expectTypeOf(loaded.b).toEqualTypeOf<readonly string[]>()
    expectTypeOf(loaded.c).toEqualTypeOf<Port>()
    const four = defineSecrets(
      two,
      three,
      { d: { tree: '/d' } },
      { e: { ref: 'e', schema: { type: 'number' } } },
    )
    const most = await secrets.load(four)
    expectTypeOf(most.more).toEqualTypeOf<Uint8Array>()
    expectTypeOf(most.d).toEqualTypeOf<ParameterTree>()
    expectTypeOf(most.e).toEqualTypeOf<number>()
  })

  test('is a manifest to prefetch, and to whoever takes one', () => {
    void secrets.prefetch(manifest)
    void secrets.prefetch(defineSecrets(manifest, { more: 'x' }), { throwOnFailure: true })
    expectTypeOf(manifest).toExtend<Manifest>()
    expectTypeOf(manifest).toExtend<Readonly<Record<string, ManifestEntry>>>()
    expectTypeOf<ReferenceInput>().not.toExtend<Manifest>()
  })

  test('as const, or by satisfies, is inferred too', async () => {
    const constant = { a: { ref: 'a', as: 'bytes' }, b: { tree: '/b', flat: true } } as const
    expectTypeOf(await secrets.load(constant)).toEqualTypeOf<{
      readonly a: Uint8Array
      readonly b: FlatParameterTree
    }>()
    const satisfying = { a: { ref: 'a', as: 'bytes' }, b: 'b' } satisfies Manifest
    expectTypeOf(await secrets.load(satisfying)).toEqualTypeOf<{
      readonly a: Uint8Array
      readonly b: string
    }>()
  })

  test('that is wide gives unknown, and never text', async () => {
    const wide: Manifest = {}
    expectTypeOf(await secrets.load(wide)).toEqualTypeOf<Readonly<Record<string, unknown>>>()
    const references: Readonly<Record<string, string>> = {}
    expectTypeOf(await secrets.load(references)).toEqualTypeOf<Readonly<Record<string, string>>>()
  })

  test('may be empty', async () => {
    const nothing = await secrets.load({})
    expectTypeOf<keyof typeof nothing>().toEqualTypeOf<never>()
    // @ts-expect-error: no such alias
    expectTypeOf(nothing.a).toBeUnknown()
  })
})

describe('a function that is generic over a manifest', () => {
  test('passes its types on', async () => {
    const loadAll = <const Entries extends Manifest>(entries: Entries & ExactManifest<Entries>) =>
      secrets.load<Entries>(entries)
    const all = await loadAll({ a: { ref: 'a', schema: zod }, b: 'b', c: { tree: '/c' } })
    expectTypeOf(all).toEqualTypeOf<{ readonly a: Port; readonly b: string; readonly c: ParameterTree }>()
    // @ts-expect-error: misspelt
    void loadAll({ a: { ref: 'a', shema: zod } })
  })

  test('passes options on', async () => {
    const loadAll = <const Entries extends Manifest>(entries: Entries & ExactManifest<Entries>) =>
      secrets.load<Entries, { readonly redacted: true }>(entries, { redacted: true })
    expectTypeOf(await loadAll({ a: 'a' })).toEqualTypeOf<{ readonly a: Redacted<string> }>()
  })

  test('names the type of what it gives', () => {
    const manifest = defineSecrets({ a: { ref: 'a', as: 'bytes' }, b: 'b' })
    type Config = LoadedSecrets<typeof manifest>
    expectTypeOf<Config['a']>().toEqualTypeOf<Uint8Array>()
    expectTypeOf<Config['b']>().toEqualTypeOf<string>()
    const consume = (config: Config) => config.b
    void secrets.load(manifest).then(consume)
  })
})

describe('the type of what is loaded, by name', () => {
  const manifest = defineSecrets({ key: 'prod/key', level: { ref: 'ssm:/level', as: 'list' } })
  type Config = LoadedSecrets<typeof manifest>

  test('takes what load returns, wherever it is expected', async () => {
    const config: Config = await secrets.load(manifest)
    const later = (): Promise<Config> => secrets.load(manifest)
    let assigned: Config | undefined = undefined
    assigned = await secrets.load(manifest)
    const use = (given: Config): string => given.key
    expectTypeOf(use(await secrets.load(manifest))).toEqualTypeOf<string>()
    expectTypeOf(config.level).toEqualTypeOf<readonly string[]>()
    expectTypeOf(later).returns.resolves.toEqualTypeOf<Config>()
    expectTypeOf(assigned.key).toEqualTypeOf<string>()
  })
})
