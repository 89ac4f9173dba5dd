/**
 * Checks of how a source behaves besides what it answers: requests that it tells of, aborts, closing, and what becomes
 * of it in a client.
 *
 * @module
 */

import assert from 'node:assert/strict'
import { SecretsClient } from 'aws-secrets-client'
import { realSleep } from '../real-time.js'
import type { Check } from './check.js'
import type { Kit } from './kit.js'

/** Real milliseconds in which a load that was aborted has to settle. */
const PATIENCE_MS = 2_000
const STEP_MS = 5

/** See the module. */
export const conductChecks: readonly Check[] = [
  {
    title: 'where it counts, it tells of each request as it is sent, with the name of the operation',
    run: async (kit) => {
      const told: unknown[] = []
      const reference = await kit.put('counted', 'x')
      const onRequest = (operation: unknown) => told.push(operation)
      await kit.load([reference], { onRequest })
      if (kit.source.isCounting !== true) return
      assert.ok(told.length > 0, 'isCounting is set, and no request was told')
      assert.ok(
        told.every((operation) => typeof operation === 'string' && operation !== ''),
        'an operation has a name',
      )
      const before = told.length
      await kit.load([reference])
      assert.equal(told.length, before, 'requests are told to the load that they are for')
    },
  },
  {
    title: 'a load whose signal has aborted already sends nothing and gives no value',
    needs: ['abort'],
    run: async (kit) => {
      const reference = await kit.put('aborted', 'x')
      const told: string[] = []
      const signal = AbortSignal.abort(new Error('stop'))
      const results = await kit
        .load([reference], { signal, onRequest: (operation) => told.push(operation) })
        .catch(unlessAssertion)
      assert.ok(!results.some((result) => 'value' in result), 'it gave a value')
      assert.deepEqual(told, [], 'it sent a request')
    },
  },
  {
    title: 'a load ends when its signal aborts, though no answer comes',
    needs: ['abort'],
    run: async (kit) => {
      const reference = await kit.put('aborted', 'x')
      await kit.hang()
      const controller = new AbortController()
      const load = kit.load([reference], { signal: controller.signal }).catch(unlessAssertion)
      const hasSettled = watched(load)
      await realSleep(10 * STEP_MS)
      assert.ok(!hasSettled(), 'it settled before the abort: hang() of the stage lets no request be answered')
      controller.abort(new Error('stop'))
      for (let waited = 0; !hasSettled() && waited < PATIENCE_MS; waited += STEP_MS) await realSleep(STEP_MS)
      assert.ok(hasSettled(), `it did not end within ${PATIENCE_MS} ms of the abort`)
      assert.ok(!(await load).some((result) => 'value' in result), 'it gave a value')
    },
  },
  {
    title: 'a client reads through it: values, several at once, and what is missing by its code',
    run: async (kit) => {
      const references = await kit.putMany(3)
      await using secrets = new SecretsClient({ sources: [kit.source, other(kit)] })
      const values = await Promise.all(references.map((reference) => secrets.get(reference)))
      assert.deepEqual(values, ['value 0', 'value 1', 'value 2'])
      const code = await secrets.get(kit.reference('nothing-here')).catch(codeOf)
      assert.equal(
        code,
        'ERR_NOT_FOUND',
        'a value that is missing is an error named ResourceNotFoundException or ParameterNotFound',
      )
    },
  },
  {
    title: 'it can be closed, also twice and without having been used',
    run: (kit) => {
      kit.source.close?.()
      kit.source.close?.()
      return Promise.resolve()
    },
  },
]

function other(kit: Kit) {
  const service = kit.service === 'ssm' ? 'secretsmanager' : 'ssm'
  return { service, maxBatch: 1, load: () => Promise.reject(new Error('not asked for')) } as const
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : error
}

function unlessAssertion(error: unknown): readonly [] {
  if (error instanceof assert.AssertionError) throw error
  return []
}

function watched(work: Promise<unknown>): () => boolean {
  const state = { isSettled: false }
  const settle = () => {
    state.isSettled = true
  }
  work.then(settle, settle)
  return () => state.isSettled
}
