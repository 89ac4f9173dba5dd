/**
 * Checks of loads of several references, and of loads at the same time.
 *
 * @module
 */

import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import type { LoadResult } from 'aws-secrets-client'
import type { Check } from './check.js'
import { hasFailed, valueIn } from './kit.js'

const textOf = (result: LoadResult | undefined): string | undefined => valueIn(result, 'one of several').text

function rejected(error: unknown): never {
  if (error instanceof assert.AssertionError) throw error
  throw new assert.AssertionError({ message: 'load() rejected because one of several is not there' })
}

/** As many as a check needs; of a source that takes more, not all. */
const ENOUGH = 20

/** See the module. */
export const batchChecks: readonly Check[] = [
  {
    title: 'it says which service it is of, and how many references it takes',
    run: (kit) => {
      const { source } = kit
      assert.equal(source.service, kit.service)
      assert.ok(
        Number.isSafeInteger(source.maxBatch) && source.maxBatch >= 1,
        'maxBatch is a whole number of at least 1',
      )
      assert.ok(['undefined', 'boolean'].includes(typeof source.isCounting), 'isCounting is a boolean')
      const mayShare = source.isBatchable?.(kit.reference('x')) ?? true
      assert.equal(typeof mayShare, 'boolean', 'isBatchable() gives a boolean')
      return Promise.resolve()
    },
  },
  {
    title: 'as many as it takes at once come back in the order in which they were asked for',
    run: async (kit) => {
      const count = Math.min(kit.source.maxBatch, ENOUGH)
      const references = await kit.putMany(count)
      const backwards = [...references].reverse()
      const expected = backwards.map((_reference, index) => `value ${count - 1 - index}`)
      const results = await kit.all(backwards)
      assert.deepEqual(results.map(textOf), expected)
      assert.deepEqual((await kit.all(references)).map(textOf), [...expected].reverse())
    },
  },
  {
    title: 'in a load of several each value says its own name',
    run: async (kit) => {
      const values = await kit.values(await kit.putMany(3))
      for (const [index, { name, arn }] of values.entries()) {
        if (name !== undefined) assert.equal(name, kit.name(`many-${index}`))
        if (arn !== undefined)
          assert.ok(arn.includes(kit.name(`many-${index}`)), 'the ARN is of another value')
      }
    },
  },
  {
    title: 'one that is missing fails for itself: the load does not reject, and the others are there',
    run: async (kit) => {
      const [first, last] = await kit.putMany(2)
      assert.ok(first && last)
      const asked = [first, kit.reference('nothing-here'), last]
      const [one, missing, other] = await kit.all(asked).catch(rejected)
      assert.deepEqual([textOf(one), textOf(other)], ['value 0', 'value 1'])
      assert.ok(hasFailed(missing), 'there is no such value')
    },
  },
  {
    title: 'the error of one has nothing of the value of another',
    run: async (kit) => {
      const value = 'NEEDLE-hunter2-correct-horse'
      const reference = await kit.put('secret', value)
      const [, missing] = await kit.all([reference, kit.reference('nothing-here')])
      const shown = inspect(missing, { depth: Infinity, showHidden: true, maxStringLength: null })
      assert.ok(!shown.includes(value), 'the error has the value of another reference in it')
    },
  },
  {
    title: 'loads at the same time do not mix',
    run: async (kit) => {
      const references = await kit.putMany(8)
      const values = await Promise.all(references.map((reference) => kit.value(reference)))
      assert.deepEqual(
        values.map(({ text }) => text),
        references.map((_reference, index) => `value ${index}`),
      )
    },
  },
  {
    title: 'each load sees what is stored now',
    run: async (kit) => {
      const reference = await kit.put('changed', 'old')
      assert.equal((await kit.value(reference)).text, 'old')
      await kit.put('changed', 'new')
      assert.equal(
        (await kit.value(reference)).text,
        'new',
        'a source keeps no values: caching is for the client',
      )
    },
  },
]
