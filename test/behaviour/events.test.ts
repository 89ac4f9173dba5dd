/** What a client tells of its work: every request counted, every event told, no value in any of them. */

import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { SecretsEvent } from '../../src/index.js'
import { failureOf, outcomeOf, useAws } from '../support/aws.js'
import { NEEDLE, expectNoNeedle } from '../support/needle.js'

const TTL = 300_000
const aws = useAws()

/** A life with everything in it that can be told, each value a needle. */
async function life(client: ReturnType<ReturnType<typeof aws>['observe']>) {
  const { emulator, clock, passing, until } = aws()
  const { secrets, told } = client
  emulator.seed({
    secrets: { 'prod/db': NEEDLE, 'prod/other': `{"password":"${NEEDLE}"}` },
    parameters: { '/key': { type: 'SecureString', value: NEEDLE } },
  })
  await Promise.all([secrets.get('prod/db'), secrets.get('prod/other'), secrets.get('ssm:/key')])
  await secrets.get('prod/db')
  await failureOf(secrets.get('prod/other', { schema: { type: 'array' } }))
  await failureOf(secrets.get('prod/none'))
  await failureOf(secrets.get('prod/none'))
  clock.advance(TTL + 1)
  await secrets.get('prod/db')
  await until(() => told('refresh').length === 5)
  emulator.fail('*', { error: 'ThrottlingException', message: NEEDLE }, { times: 1 })
  await passing(secrets.refresh('prod/db'))
  emulator.fail('*', { body: `{"SecretString": ${NEEDLE}` }, { times: 3 })
  await passing(outcomeOf(secrets.refresh('prod/db')))
  clock.wall += 600_000
  emulator.call('DeleteSecret', { SecretId: 'prod/db', ForceDeleteWithoutRecovery: true })
  emulator.seed({ secrets: { 'prod/db': `${NEEDLE} again` } })
  await secrets.refresh('prod/db')
  for (const name of ['a', 'b', 'c']) {
    emulator.seed({ secrets: { [name]: NEEDLE } })
    await secrets.get(name)
  }
}

describe('events', () => {
  test('tell everything that happens, in its order', async () => {
    const client = aws().observe({ cache: { maxEntries: 3 } })
    await life(client)
    const order: readonly SecretsEvent['type'][] = [
      ...(['miss', 'miss', 'miss'] as const),
      'batch',
      ...(['refresh', 'refresh', 'refresh'] as const),
      'hit',
      ...(['hit', 'decode-failed'] as const),
      ...(['miss', 'refresh', 'miss'] as const),
      ...(['stale', 'refresh'] as const),
      ...(['throttle', 'retry', 'refresh'] as const),
      ...(['retry', 'retry', 'refresh'] as const),
      ...(['clock-anomaly', 'evict', 'refresh', 'identity-changed'] as const),
    ]
    const types = client.events.map(({ type }) => type)
    // Two answers come from two services, in either order.
    expect(types.slice(3, 7).sort()).toEqual(order.slice(3, 7).sort())
    expect(types.slice(7, order.length)).toEqual(order.slice(7))
    expect(client.told('evict')).toHaveLength(4)
  })

  test('and nothing of a value (I51, I52)', async () => {
    const heard: unknown[] = []
    const hear = (event: unknown) => heard.push(event)
    subscribe('aws-secrets-client', hear)
    onTestFinished(() => void unsubscribe('aws-secrets-client', hear))
    const client = aws().observe({ cache: { maxEntries: 3 } })
    await life(client)
    expect(heard).toEqual(client.events)
    expectNoNeedle(client.events, NEEDLE)
    expectNoNeedle(client.secrets.stats(), NEEDLE)
    expectNoNeedle(client.secrets, NEEDLE)
  })

  test.each([
    ['hashes', true, /^(secretsmanager|ssm):#[0-9a-f]{12}$/],
    ["what the user's function makes of them", () => 'hidden', /^hidden$/],
  ])('show of references only %s, where that is wanted (I53)', async (_title, redactRefs, shape) => {
    const client = aws().observe({ cache: { maxEntries: 3 }, redactRefs })
    await life(client)
    const shown = client.events.flatMap((event) => [
      ...('ref' in event ? [event.ref] : []),
      ...('from' in event ? [event.from, event.to] : []),
    ])
    expect(shown.length).toBeGreaterThan(20)
    for (const ref of shown) expect(ref).toMatch(shape)
    expect(JSON.stringify(client.events)).not.toMatch(/prod|key"/)
  })

  test('a listener that throws or rejects harms nobody, and is counted (I25, I32)', async () => {
    const { emulator, connect } = aws()
    emulator.seed({ secrets: { 'prod/db': NEEDLE } })
    for (const onEvent of [() => Promise.reject(new Error('no')), thrower]) {
      const secrets = connect({ onEvent })
      await expect(secrets.get('prod/db')).resolves.toBe(NEEDLE)
      await new Promise(setImmediate)
      expect(secrets.stats().listenerFailures).toBe(2)
    }
  })
})

function thrower(): never {
  throw new Error('no')
}

describe('stats', () => {
  test('count every request that reached AWS, by operation, with its price', async () => {
    const { emulator } = aws()
    const client = aws().observe({ cache: { maxEntries: 3 } })
    await life(client)
    const { requests, requestsByOperation, costUsd } = client.secrets.stats()
    const arrived: Record<string, number> = {}
    for (const { operation } of emulator.requests) arrived[operation] = (arrived[operation] ?? 0) + 1
    expect(requestsByOperation).toEqual(arrived)
    expect(requests).toBe(emulator.count())
    expect(costUsd).toBeCloseTo((requests - emulator.count('GetParameter')) / 200_000, 10)
  })

  test('agree with the events', async () => {
    const client = aws().observe({ cache: { maxEntries: 3 } })
    await life(client)
    const { secrets, told } = client
    expect(secrets.stats()).toMatchObject({
      hits: told('hit').length,
      misses: told('miss').length,
      stale: told('stale').length,
      refreshes: told('refresh').length,
      failures: told('refresh').filter(({ ok }) => !ok).length,
      retries: told('retry').length,
      throttles: told('throttle').length,
      batches: told('batch').length,
      evictions: told('evict').length,
      clockAnomalies: 1,
      identityChanges: 1,
      decodeFailures: 1,
      listenerFailures: 0,
      entries: 3,
    })
  })

  test('still answer after `close`, and hold nothing then (I26)', async () => {
    const { emulator, secrets } = aws()
    emulator.seed({ secrets: { 'prod/db': NEEDLE } })
    await secrets.get('prod/db')
    await secrets.close()
    expect(secrets.stats()).toMatchObject({ misses: 1, entries: 0, bytes: 0, requests: 1 })
  })
})
