/**
 * Checks of single values: what is stored is what comes back, under the name it was asked for.
 *
 * @module
 */

import assert from 'node:assert/strict'
import type { Check } from './check.js'
import { hasFailed } from './kit.js'

/** Texts that something between a store and a source is likely to change, or to take for no value. */
const TEXTS = [
  'null',
  'false',
  '0',
  '{"a": 1}',
  ' spaces and\nlines \t',
  '"quoted"',
  'Grüße, 東京 🔑',
  'a,b',
  '{}',
]

const NOT_UTF8 = Uint8Array.of(0, 255, 254, 128, 10, 13, 0)

/** See the module. */
export const valueChecks: readonly Check[] = [
  {
    title: 'text comes back as it is stored, also what is falsy or JSON',
    run: async (kit) => {
      for (const [index, text] of TEXTS.entries()) {
        assert.equal((await kit.value(await kit.put(`text-${index}`, text))).text, text)
      }
    },
  },
  {
    title: 'an empty text is a value',
    needs: ['empty text'],
    run: async (kit) => {
      assert.equal((await kit.value(await kit.put('empty', ''))).text, '')
    },
  },
  {
    title: 'bytes come back as bytes, a copy for each load',
    service: 'secretsmanager',
    needs: ['binary'],
    run: async (kit) => {
      const reference = await kit.put('bytes', NOT_UTF8)
      const { bytes } = await kit.value(reference)
      assert.ok(bytes, 'a binary secret has bytes, and no text')
      assert.deepEqual([...bytes], [...NOT_UTF8])
      bytes.fill(7)
      assert.deepEqual(
        [...((await kit.value(reference)).bytes ?? [])],
        [...NOT_UTF8],
        'somebody else wrote to them',
      )
    },
  },
  {
    title: 'a StringList is its items, joined by commas',
    service: 'ssm',
    needs: ['lists'],
    run: async (kit) => {
      assert.equal((await kit.value(await kit.put('list', ['a', 'b', 'c']))).text, 'a,b,c')
    },
  },
  {
    title: 'what it says of a value is of the right kind, and of this value',
    run: async (kit) => {
      const stored = await kit.value(await kit.put('identity', 'x'))
      const { name, arn, createdAt, version, versionId, versionStages } = stored
      if (name !== undefined) assert.equal(name, kit.name('identity'))
      if (arn !== undefined) assert.match(arn, /^arn:[^:]+:(?:secretsmanager|ssm):/)
      if (arn !== undefined) assert.ok(arn.includes(kit.name('identity')), 'the ARN is of another value')
      if (createdAt !== undefined) assert.ok(isDate(createdAt), 'createdAt is a Date')
      if (version !== undefined)
        assert.ok(Number.isSafeInteger(version) && version > 0, 'versions count from 1')
      if (versionId !== undefined) assert.equal(typeof versionId, 'string')
      if (versionStages === undefined) return
      assert.ok(Array.isArray(versionStages), 'versionStages is an array')
      assert.ok(versionStages.includes('AWSCURRENT'), 'a reference without a selector is AWSCURRENT')
    },
  },
  {
    title: 'names are told apart by case and by what is around them',
    needs: ['names'],
    run: async (kit) => {
      const shorts = ['near', 'nea', 'near-', 'near-2', 'NEAR', 'near_']
      const references = []
      for (const short of shorts) references.push(await kit.put(short, `value of ${short}`))
      const values = await kit.values(references)
      assert.deepEqual(
        values.map(({ text }) => text),
        shorts.map((short) => `value of ${short}`),
      )
    },
  },
  {
    title: 'a name that is not there fails, and the error is something',
    run: async (kit) => {
      assert.ok(hasFailed(await kit.alone(kit.reference('nothing-here'))), 'there is no such value')
    },
  },
]

function isDate(value: unknown): boolean {
  return value instanceof Date && !Number.isNaN(value.getTime())
}
