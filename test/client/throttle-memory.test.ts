/** What raises the limit of an operation that has throttled: answers, and no other failures. */

import { describe, expect, test } from 'vitest'
import { verdictOf } from '../../src/client/outcome.js'
import { SecretsClient, SecretsError, type SecretsErrorCode } from '../../src/index.js'
import { Governor, type Verdict } from '../../src/retry/governor.js'
import { FakeSource } from '../support/fake-source.js'
import { ManualClock } from '../support/manual-clock.js'

const turn = () => new Promise(setImmediate)
const failure = (code: SecretsErrorCode) => new SecretsError(code, { what: 'it failed' })
const failing = (name: string) => () => Promise.reject(Object.assign(new Error('no'), { name }))

test.each([
  ['InternalServiceError', 1],
  ['ResourceNotFoundException', 9],
])('after 40 failures by %s, %d requests may be under way', async (name, allowed) => {
  const source = new FakeSource(failing('ThrottlingException'))
  const secrets = new SecretsClient({
    clock: new ManualClock(),
    sources: [source],
    batch: { enabled: false },
    retry: { maxAttempts: 1 },
  })
  await expect(secrets.get('throttled')).rejects.toMatchObject({ code: 'ERR_THROTTLED' })
  source.answer(failing(name))
  for (let n = 0; n < 40; n += 1) await expect(secrets.get(`failed/${n}`)).rejects.toThrow()
  source.answer(() => new Promise(() => undefined))
  source.asked.splice(0)
  const waiting = Promise.allSettled(Array.from({ length: 20 }, (_, n) => secrets.get(`waiting/${n}`)))
  await turn()
  expect(source.asked).toHaveLength(allowed)
  await secrets.close()
  await waiting
})

test('the governor raises its limit by answers only', async () => {
  const governor = new Governor({ clock: new ManualClock() })
  const { signal } = new AbortController()
  const run = (verdict: Verdict) =>
    governor.run('lane', { signal, isBackground: false, verdictOf: () => verdict }, () => Promise.resolve())
  await run('throttled')
  expect(governor.limit('lane')).toBe(1)
  for (let n = 0; n < 40; n += 1) await run('failed')
  expect(governor.limit('lane')).toBe(1)
  for (let n = 0; n < 40; n += 1) await run('ok')
  expect(governor.limit('lane')).toBeGreaterThan(5)
})

describe('what outcomes say about an operation', () => {
  const value = { text: 's' }
  const passing = failure('ERR_UNAVAILABLE')
  test.each([
    ['a value', [value], 'ok'],
    ['a refusal: the service has answered', [failure('ERR_NOT_FOUND')], 'ok'],
    ['what the answer says nothing about', [undefined], 'ok'],
    ['a failure that may pass', [passing], 'failed'],
    ['a timeout', [failure('ERR_TIMEOUT'), passing], 'failed'],
    ['a value besides a failure', [passing, value], 'ok'],
    ['a throttle', [failure('ERR_THROTTLED')], 'throttled'],
    ['a throttle besides values and failures', [value, passing, failure('ERR_THROTTLED')], 'throttled'],
  ] as const)('%s', (_title, outcomes, verdict) => {
    expect(verdictOf(outcomes)).toBe(verdict)
  })
})
