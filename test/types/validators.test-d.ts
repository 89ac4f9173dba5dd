import { type Static as SinclairStatic, Type as Sinclair } from '@sinclair/typebox'
import { type } from 'arktype'
import Typebox from 'typebox'
import * as v from 'valibot'
import { describe, expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import * as mini from 'zod/mini'
import type { SecretsClient } from '../../src/index.js'

declare const secrets: SecretsClient

describe('the type of a value is that of what the validator makes of it', () => {
  test('zod', () => {
    const schema = z.object({
      port: z.coerce.number(),
      host: z.string().brand('host'),
      tls: z.enum(['on', 'off']).default('on'),
      at: z.string().transform((text) => new Date(text)),
      note: z.string().nullish(),
    })
    expectTypeOf(secrets.get('x', { schema })).toEqualTypeOf<Promise<z.output<typeof schema>>>()
  })

  test('zod mini', () => {
    const schema = mini.object({ host: mini.string(), port: mini.optional(mini.number()) })
    expectTypeOf(secrets.get('x', { schema })).toEqualTypeOf<
      Promise<{ host: string; port?: number | undefined }>
    >()
  })

  test('valibot', () => {
    const schema = v.object({ host: v.string(), port: v.pipe(v.string(), v.transform(Number)) })
    expectTypeOf(secrets.get('x', { schema })).toEqualTypeOf<Promise<{ host: string; port: number }>>()
  })

  test('valibot, asynchronous', () => {
    const schema = v.objectAsync({
      host: v.pipeAsync(
        v.string(),
        v.checkAsync(() => Promise.resolve(true)),
      ),
    })
    expectTypeOf(secrets.get('x', { schema })).toEqualTypeOf<Promise<{ host: string }>>()
  })

  test('arktype', () => {
    const schema = type({ host: 'string', 'port?': 'number', when: 'string.date.parse' })
    expectTypeOf(secrets.get('x', { schema })).toEqualTypeOf<
      Promise<{ host: string; port?: number; when: Date }>
    >()
  })

  test('typebox, by the JSON Schema that it is', async () => {
    const schema = Typebox.Object({
      host: Typebox.String(),
      port: Typebox.Optional(Typebox.Integer()),
      tls: Typebox.Union([Typebox.Literal('on'), Typebox.Literal('off')]),
      hosts: Typebox.Array(Typebox.String()),
      pair: Typebox.Tuple([Typebox.String(), Typebox.Number()]),
    })
    const value = await secrets.get('x', { schema })
    expectTypeOf(value.host).toEqualTypeOf<string>()
    expectTypeOf(value.port).toEqualTypeOf<number | undefined>()
    expectTypeOf(value.tls).toEqualTypeOf<'on' | 'off'>()
    expectTypeOf(value.hosts).toEqualTypeOf<string[]>()
    expectTypeOf(value.pair[0]).toEqualTypeOf<string>()
    expectTypeOf(value.pair[1]).toEqualTypeOf<number>()
    // @ts-expect-error: not so in the schema
    expectTypeOf(value.host).toEqualTypeOf<number>()
  })

  test('@sinclair/typebox, by the type that it tells', () => {
    const schema = Sinclair.Object({
      host: Sinclair.String({ format: 'hostname' }),
      port: Sinclair.Optional(Sinclair.Integer({ minimum: 1 })),
      tls: Sinclair.Union([Sinclair.Literal('on'), Sinclair.Literal('off')]),
      tree: Sinclair.Recursive((This) => Sinclair.Object({ children: Sinclair.Array(This) })),
    })
    expectTypeOf(secrets.get('x', { schema })).toEqualTypeOf<Promise<SinclairStatic<typeof schema>>>()
    expectTypeOf(secrets.get('x', { schema, default: 0 })).toEqualTypeOf<
      Promise<SinclairStatic<typeof schema> | 0>
    >()
  })
})
