/** What the counters tell of answers that nobody asked for, and of those that a failing service has cost. */

import { describe, expect, test } from 'vitest'
import { SecretsClient, type SecretsEvent } from '../../src/index.js'
import { FakeSource, textSecret } from '../support/fake-source.js'
import { ManualClock, pass } from '../support/manual-clock.js'

const TTL = 300_000
const SWR = 60_000
const turn = () => new Promise(setImmediate)
const down = () => Promise.reject(Object.assign(new Error('down'), { name: 'InternalServiceError' }))

function build() {
  const clock = new ManualClock()
  const source = new FakeSource(textSecret('s'))
  const types: SecretsEvent['type'][] = []
  const secrets = new SecretsClient({
    clock,
    sources: [source],
    retry: { maxAttempts: 1 },
    onEvent: ({ type }) => types.push(type),
  })
  return { clock, source, secrets, types }
}

describe('the looks of a watch', () => {
  test('are no hits, misses or stale answers, while the service answers and while it fails', async () => {
    const { clock, source, secrets, types } = build()
    const watch = secrets.watch('prod/db')
    await watch.next()
    const next = watch.next()
    for (const answer of [textSecret('s'), down, textSecret('s')]) {
      source.answer(answer)
      const asked = source.asked.length
      await pass(clock, 2 * (1.1 * TTL), TTL / 10)
      expect(source.asked.length).toBeGreaterThan(asked)
    }
    expect(secrets.stats()).toMatchObject({ hits: 0, misses: 0, stale: 0, staleOnError: 0 })
    expect(new Set(types)).toEqual(new Set(['refresh']))
    await secrets.close()
    await expect(next).resolves.toMatchObject({ done: true })
  })

  test('of a value that is cached already are no hits', async () => {
    const { secrets } = build()
    await secrets.get('prod/db')
    const watch = secrets.watch('prod/db')
    await watch.next()
    await watch.return()
    expect(secrets.stats()).toMatchObject({ hits: 0, misses: 1 })
  })
})

test('staleOnError counts the stale answers that an error is the reason for, and no others', async () => {
  const { clock, source, secrets } = build()
  await secrets.get('prod/db')
  clock.advance(TTL + 1)
  await secrets.get('prod/db')
  await turn()
  expect(secrets.stats()).toMatchObject({ stale: 1, staleOnError: 0 })
  source.answer(down)
  clock.advance(TTL + SWR + 1)
  await expect(secrets.read('prod/db')).resolves.toMatchObject({ stale: true })
  expect(secrets.stats()).toMatchObject({ stale: 2, staleOnError: 1 })
  await expect(secrets.read('prod/db')).resolves.toMatchObject({ stale: true })
  expect(secrets.stats()).toMatchObject({ stale: 3, staleOnError: 2 })
})
