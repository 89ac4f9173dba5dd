/** "uniqueItems" of long arrays, which the validator by itself would compare item by item. */

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { JsonSchema } from '../../src/decode/json-schema/json-schema.js'
import { NEEDLE, expectNoNeedle } from '../support/needle.js'
import { decodeWith, failureOf } from './decode-with.js'

const read = (text: string, schema: object) => decodeWith(text, { as: 'json', schema: schema as JsonSchema })

const UNIQUE = { type: 'array', uniqueItems: true }

const RULE = 'breaks "uniqueItems": true'

/** As many different items as a value of 6 MB holds; item by item they would take hours. */
const MANY = Array.from({ length: 500_000 }, (_, n) => n)

/** A hundred and one different items: more than are compared one by one. */
const LONG = Array.from({ length: 101 }, (_, n) => `item ${n}`)

describe('a long array', () => {
  test.each<[string, unknown[]]>([
    ['numbers', MANY],
    ['objects', MANY.slice(0, 100_000).map((n) => ({ id: n, tags: [n] }))],
  ])('of %s is checked in one pass', { timeout: 15_000 }, async (_title, items) => {
    await expect(read(JSON.stringify(items), UNIQUE)).resolves.toHaveLength(items.length)
    const error = await failureOf(read(JSON.stringify([...items, items.at(-1)]), UNIQUE))
    expect(error.message).toContain(`(root) ${RULE}.`)
  })

  test.each<[string, string]>([
    ['texts', `"${NEEDLE}","${NEEDLE}"`],
    ['numbers that are written differently', '1.0,1'],
    ['zeros of either sign', '0,-0'],
    ['flags', 'true,true'],
    ['nothing', 'null,null'],
    ['arrays', '[1,[2]],[1,[2]]'],
    ['objects in another order', '{"a":1,"b":[{}]},{"b":[{}],"a":1}'],
  ])('with the same %s twice is refused', async (_title, same) => {
    const error = await failureOf(read(`[${JSON.stringify(LONG).slice(1, -1)},${same}]`, UNIQUE))
    expect(error.message).toContain(`(root) ${RULE}.`)
    expectNoNeedle(error, NEEDLE)
  })

  test.each<[string, string]>([
    ['text and what it looks like', '1,"1",true,"true",null,"null",[],"[]",{},"{}"'],
    ['an object and an array', '{"0":1},[1],{},[]'],
    ['what is beyond all numbers, and nothing', '1e999,null'],
    ['items that are joined alike', '["a","b"],["a,b"],["a\\",\\"b"],{"a":"b"},{"a:b":""}'],
    ['arrays of arrays', '[1,[2,3]],[[1,2],3],[1,2,3]'],
  ])('with %s is accepted', async (_title, different) => {
    const text = `[${JSON.stringify(LONG).slice(1, -1)},${different}]`
    await expect(read(text, UNIQUE)).resolves.toEqual(JSON.parse(text))
  })

  test('is judged as a short one', async () => {
    const items = fc.array(fc.jsonValue({ maxDepth: 2 }), { maxLength: 3 })
    const accepts = (value: unknown) =>
      read(JSON.stringify(value), UNIQUE).then(
        () => true,
        () => false,
      )
    const isSafe = (value: unknown) => !JSON.stringify(value).includes('__proto__')
    await fc.assert(
      fc.asyncProperty(items.filter(isSafe), async (few) => {
        expect(await accepts([...few, ...LONG])).toBe(await accepts(few))
      }),
    )
  })

  test('counts where the schema has a say of it, and only there', async () => {
    const twice = [...LONG, ...LONG]
    const value = JSON.stringify({ free: twice, same: twice, unique: LONG, text: 'a' })
    const free = { properties: { free: { uniqueItems: false }, unique: UNIQUE, text: { uniqueItems: true } } }
    await expect(read(value, free)).resolves.toHaveProperty('free', twice)
    const error = await failureOf(read(value, { properties: { ...free.properties, same: UNIQUE } }))
    expect(error.message).toContain(`match its schema: /same ${RULE}.`)
    await expect(
      read(value, { properties: { same: { not: UNIQUE }, unique: UNIQUE } }),
    ).resolves.toBeDefined()
    const either = { properties: { same: { anyOf: [UNIQUE, { type: 'array' }] } } }
    await expect(read(value, either)).resolves.toBeDefined()
  })

  test('keeps other rules beside it', async () => {
    const schema = {
      uniqueItems: true,
      allOf: [{ minItems: 999 }],
      if: true,
      then: { maxItems: 3 },
    }
    const error = await failureOf(read(JSON.stringify([...LONG, ...LONG]), schema))
    for (const rule of [RULE, '"maxItems": 3', '"minItems": 999']) expect(error.message).toContain(rule)
  })

  test('of one value has no say of the next', async () => {
    const schema = { ...UNIQUE, title: 'shared' }
    const twice = JSON.stringify([...LONG, LONG[0]])
    const refusals = await Promise.all(
      [twice, JSON.stringify(LONG), twice].map((text) =>
        read(text, schema).then(
          () => 'ok',
          () => 'refused',
        ),
      ),
    )
    expect(refusals).toEqual(['refused', 'ok', 'refused'])
  })
})

describe('a value that the validator cannot finish', () => {
  test.each<[string, string, object]>([
    ['too deep', `${'['.repeat(30_000)}${']'.repeat(30_000)}`, { items: { $ref: '#' } }],
    [
      'more errors than can be listed',
      `[${'"x",'.repeat(300_000)}1]`,
      { allOf: [{ items: { type: 'number' } }] },
    ],
  ])('because it has %s is refused with the reason', async (_title, text, schema) => {
    const error = await failureOf(read(text, schema))
    expect(error.message).toContain('(root) is nested too deeply, or breaks too many rules, to be checked.')
  })

  test('does not spoil what other libraries say', async () => {
    const schema = z.array(z.number())
    const error = await failureOf(decodeWith('["x"]', { as: 'json', schema }))
    expect(error.message).toContain('/0 breaks "type": "number"')
  })
})
