/**
 * One test per validator that is known to quote the value: first that the library itself still does, so that
 * the test proves something, then that our error does not.
 */

import type { StandardSchemaV1 } from '@standard-schema/spec'
import { type } from 'arktype'
import * as v from 'valibot'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { NEEDLE, expectNoNeedle, formsOf, textsOf } from '../support/needle.js'
import { decodeWith, failureOf } from './decode-with.js'

const VALUE = { password: NEEDLE, [NEEDLE]: { [NEEDLE]: NEEDLE } }

async function leaksOf(schema: StandardSchemaV1): Promise<boolean> {
  const result = await schema['~standard'].validate(structuredClone(VALUE))
  return textsOf(result.issues).some((text) => text.includes(NEEDLE))
}

async function errorOf(schema: StandardSchemaV1) {
  return failureOf(decodeWith(JSON.stringify(VALUE), { as: 'json', schema }))
}

describe('a library that quotes the value in its issues', () => {
  test.each<[string, StandardSchemaV1]>([
    ['valibot: type', v.object({ password: v.number() })],
    ['valibot: const', v.object({ password: v.literal('x') })],
    ['valibot: enum', v.object({ password: v.picklist(['x']) })],
    ['valibot: pattern', v.object({ password: v.pipe(v.string(), v.regex(/^\d+$/)) })],
    ['valibot: format', v.object({ password: v.pipe(v.string(), v.email()) })],
    ['valibot: length', v.object({ password: v.pipe(v.string(), v.maxLength(3)) })],
    ['valibot: record keys', v.record(v.pipe(v.string(), v.maxLength(3)), v.unknown())],
    [
      'valibot: own message',
      v.object({
        password: v.pipe(
          v.string(),
          v.maxLength(1, (i) => i.input),
        ),
      }),
    ],
    ['arktype: enum', type({ password: "'x'" })],
    ['arktype: pattern', type({ password: /^\d+$/ })],
    ['arktype: format', type({ password: 'string.email' })],
    ['arktype: length', type({ password: 'string < 3' })],
    ['arktype: type', type({ password: 'number' })],
    ['arktype: unknown keys', type({ '+': 'reject', password: 'string' })],
    [
      'zod: own error message',
      z.object({ password: z.string().max(1, { error: (i) => JSON.stringify(i.input) }) }),
    ],
    ['zod: unknown keys', z.strictObject({ password: z.string() })],
    ['zod: record keys', z.record(z.string().max(3), z.unknown())],
    [
      'zod: issue made by hand',
      z.object({
        password: z.string().superRefine((text, context) => {
          context.addIssue({ code: 'custom', message: text, path: [text], params: { text } })
        }),
      }),
    ],
  ])('%s', async (_title, schema) => {
    await expect(leaksOf(schema)).resolves.toBe(true)
    const error = await errorOf(schema)
    expect(error.code).toBe('ERR_SCHEMA')
    expect(error.cause).toBeUndefined()
    expectNoNeedle(error, NEEDLE)
  })

  test('zod: reportInput, which a hand-written Standard Schema around it may pass', async () => {
    const schema = z.object({ password: z.number() })
    const reported = schema.safeParse(VALUE, { reportInput: true })
    expect(JSON.stringify(reported.error?.issues)).toContain('hunter2')
    const parsing: StandardSchemaV1 = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: (value) => {
          const result = schema.safeParse(value, { reportInput: true })
          return result.success ? { value: result.data } : { issues: result.error.issues }
        },
      },
    }
    expectNoNeedle(await errorOf(parsing), NEEDLE)
  })

  test('V8: JSON.parse, where the text is not quoted', async () => {
    const text = '{"p":hunter2-SECRET-hunter2}'
    expect(() => JSON.parse(text) as unknown).toThrow(/hunter2-SE/)
    expectNoNeedle(await failureOf(decodeWith(text, { as: 'json' })), 'hunter2-SECRET-hunter2')
  })

  test('@cfworker/json-schema: names of additional properties, and its own messages', async () => {
    const schema = { type: 'object', additionalProperties: false, propertyNames: { maxLength: 3 } } as const
    const error = await failureOf(decodeWith(JSON.stringify(VALUE), { as: 'json', schema }))
    expect(error.message).toContain('/* is not allowed')
    expectNoNeedle(error, NEEDLE)
  })
})

describe('the search for the needle', () => {
  test.each<[string, unknown]>([
    ['a message', new Error(`x ${NEEDLE}`)],
    ['a cause', new Error('x', { cause: new Error(NEEDLE) })],
    ['a hidden property', Object.defineProperty(new Error('x'), 'hidden', { value: NEEDLE })],
    ['a property with a symbol', Object.assign(new Error('x'), { [Symbol('s')]: [NEEDLE] })],
    [
      'a getter of the prototype',
      new (class extends Error {
        get secret() {
          return NEEDLE
        }
      })(),
    ],
    ['a key of a map', Object.assign(new Error('x'), { map: new Map([[NEEDLE, 1]]) })],
    ['bytes', { bytes: new TextEncoder().encode(NEEDLE) }],
    ['base64 inside other bytes', { text: Buffer.from(`{"p":"${NEEDLE}"}`).toString('base64') }],
    ['hexadecimal', { text: Buffer.from(NEEDLE).toString('hex') }],
    ['a URL', { url: `https://x/?q=${encodeURIComponent(NEEDLE)}` }],
    ['the first eight characters', new Error(`starts with ${NEEDLE.slice(0, 8)}…`)],
    ['the last eight characters', new Error(`ends with …${NEEDLE.slice(-8)}`)],
    ['what toJSON gives', { toJSON: () => NEEDLE }],
    ['a deep property', { a: { b: { c: { d: { e: { f: [NEEDLE] } } } } } }],
  ])('finds it in %s', (_title, subject) => {
    expect(() => {
      expectNoNeedle(subject, NEEDLE)
    }).toThrow(/forms of the needle/)
  })

  test('finds nothing where nothing is', () => {
    expectNoNeedle(new Error('the value is not JSON'), NEEDLE)
    expect(formsOf(NEEDLE).every((form) => form.length >= 8)).toBe(true)
  })
})
