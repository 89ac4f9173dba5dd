/** Schemas of TypeBox, old and new, are JSON Schemas and are read as such. */

import { Type as Sinclair } from '@sinclair/typebox'
import Typebox from 'typebox'
import { describe, expect, test } from 'vitest'
import type { Schema } from '../../../src/decode/decode.js'
import { NEEDLE, expectNoNeedle } from '../../support/needle.js'
import { decodeWith, failureOf } from '../decode-with.js'

const read = (value: unknown, schema: Schema) => decodeWith(JSON.stringify(value), { as: 'json', schema })

const sinclairTree = Sinclair.Recursive((This) => Sinclair.Object({ children: Sinclair.Array(This) }))

const typeboxTree = Typebox.Cyclic(
  { Tree: Typebox.Object({ children: Typebox.Array(Typebox.Ref('Tree')) }) },
  'Tree',
)

describe.each<[string, Schema, Schema, Schema]>([
  [
    '@sinclair/typebox',
    Sinclair.Object({
      host: Sinclair.String({ format: 'hostname' }),
      port: Sinclair.Optional(Sinclair.Integer({ minimum: 1 })),
      tls: Sinclair.Union([Sinclair.Literal('on'), Sinclair.Literal('off')]),
    }),
    sinclairTree,
    Sinclair.Object({ a: sinclairTree, b: sinclairTree }),
  ],
  [
    'typebox',
    Typebox.Object({
      host: Typebox.String({ format: 'hostname' }),
      port: Typebox.Optional(Typebox.Integer({ minimum: 1 })),
      tls: Typebox.Union([Typebox.Literal('on'), Typebox.Literal('off')]),
    }),
    typeboxTree,
    Typebox.Object({ a: typeboxTree, b: typeboxTree }),
  ],
])('%s', (_name, schema, tree, trees) => {
  test('accepts', async () => {
    const value = { host: 'db.example.com', port: 5432, tls: 'on' }
    await expect(read(value, schema)).resolves.toEqual(value)
  })

  test.each<[string, object, string]>([
    ['a type', { host: 'h', port: NEEDLE, tls: 'on' }, '/port breaks "type": "integer"'],
    ['a format', { host: NEEDLE, tls: 'on' }, '/host breaks "format": "hostname"'],
    ['a bound', { host: 'h', port: 0, tls: 'on' }, '/port breaks "minimum": 1'],
    ['a choice', { host: 'h', tls: NEEDLE }, '/tls breaks "const": "on"; /tls breaks "const": "off"'],
    ['a missing member', { [NEEDLE]: NEEDLE, tls: 'on' }, '(root) breaks "required": ["host"]'],
  ])('refuses %s by path and rule', async (_title, value, problem) => {
    const error = await failureOf(read(value, schema))
    expect(error.message).toContain(problem)
    expectNoNeedle(error, NEEDLE)
  })

  test('checks every level of what refers to itself, also where it is used twice', async () => {
    const value = { children: [{ children: [] }] }
    await expect(read(value, tree)).resolves.toEqual(value)
    await expect(read({ a: value, b: value }, trees)).resolves.toEqual({ a: value, b: value })
    const wrong = { children: [{ children: NEEDLE }] }
    expect((await failureOf(read(wrong, tree))).message).toContain(
      '/children/0/children breaks "type": "array"',
    )
    const error = await failureOf(read({ a: value, b: wrong }, trees))
    expect(error.message).toContain('/b/children/0/children breaks "type": "array"')
    expectNoNeedle(error, NEEDLE)
  })
})

test('a type that JSON has not is said to be wrong before any value is read', async () => {
  const error = await failureOf(read({ at: NEEDLE }, Sinclair.Object({ at: Sinclair.Date() })))
  expect(error.message).toContain('the schema cannot be used: /properties/at/type must be one or several of')
  expectNoNeedle(error, NEEDLE)
})
