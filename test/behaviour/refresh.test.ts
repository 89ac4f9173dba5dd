/** Refreshing and forgetting: what a caller does when it knows more than the cache. */

import { describe, expect, test } from 'vitest'
import { failureOf, useAws } from '../support/aws.js'

const TTL = 300_000
const aws = useAws({ sharesClock: true })

describe('refresh', () => {
  test('really asks, whatever is cached, and tells what it found', async () => {
    const { emulator, secrets, calls } = aws()
    emulator.seed({ secrets: { 'prod/db': 'first' }, parameters: { '/level': 'first' } })
    await expect(secrets.refresh('ssm:/level')).resolves.toEqual({ changed: true, version: 1 })
    const { versionId } = await secrets.read('prod/db')
    await expect(secrets.refresh('prod/db')).resolves.toEqual({ changed: false, versionId })
    emulator.seed({ secrets: { 'prod/db': 'second' }, parameters: { '/level': 'second' } })
    await expect(secrets.refresh('prod/db')).resolves.toMatchObject({ changed: true })
    await expect(secrets.refresh('ssm:/level')).resolves.toEqual({ changed: true, version: 2 })
    expect(calls()).toBe(5)
    await expect(secrets.get('prod/db')).resolves.toBe('second')
    expect(calls()).toBe(0)
  })

  test('of a thousand callers at once is one request', async () => {
    const { emulator, secrets, calls } = aws()
    emulator.seed({ secrets: { 'prod/db': 'first' } })
    const results = await Promise.all(Array.from({ length: 1_000 }, () => secrets.refresh('prod/db')))
    expect(calls()).toBe(1)
    for (const { changed } of results) expect(changed).toBe(true)
  })

  test('of several at once shares a batch', async () => {
    const { emulator, secrets } = aws()
    emulator.seed({ secrets: { 'prod/a': 'a', 'prod/b': 'b' } })
    await Promise.all([secrets.refresh('prod/a'), secrets.refresh('prod/b')])
    expect(emulator.requests.map(({ operation }) => operation)).toEqual(['BatchGetSecretValue'])
  })

  test('that fails rejects, and leaves the old value readable, neither older nor younger (I4)', async () => {
    const { emulator, connect, clock } = aws()
    const secrets = connect({ retry: { maxAttempts: 1 } })
    emulator.seed({ secrets: { 'prod/db': 'first' } })
    const { fetchedAt } = await secrets.read('prod/db')
    emulator.fail('*', { error: 'InternalServiceError' })
    clock.advance(1_000)
    await expect(secrets.refresh('prod/db')).rejects.toMatchObject({ code: 'ERR_UNAVAILABLE', attempts: 1 })
    await expect(secrets.read('prod/db')).resolves.toMatchObject({ value: 'first', stale: false, fetchedAt })
  })

  test('asks anew after each failure: none is remembered for it', async () => {
    const { emulator, secrets, calls } = aws()
    for (let asked = 1; asked <= 3; asked += 1) await failureOf(secrets.refresh('prod/db'))
    expect(calls()).toBe(3)
    emulator.seed({ secrets: { 'prod/db': 'first' } })
    await expect(secrets.refresh('prod/db')).resolves.toMatchObject({ changed: true })
  })

  test('outruns an older request that answers late (I11, I14)', async () => {
    const { emulator, secrets, clock, until } = aws()
    emulator.seed({ secrets: { 'prod/db': 'first' } })
    // An answer is fixed when its request arrives, and comes late.
    emulator.setLatency(50)
    const late = secrets.get('prod/db')
    await until(() => emulator.count() === 1)
    emulator.setLatency(0)
    emulator.seed({ secrets: { 'prod/db': 'second' } })
    await secrets.refresh('prod/db')
    await expect(secrets.get('prod/db')).resolves.toBe('second')
    clock.advance(50)
    await expect(late).resolves.toBe('first')
    await expect(secrets.get('prod/db')).resolves.toBe('second')
  })

  test('ends for whoever aborts it, and goes on for the others (I17)', async () => {
    const { emulator, secrets, until, clock, passing } = aws()
    emulator.seed({ secrets: { 'prod/db': 'first' } })
    emulator.fail('*', { drop: 'never-answer' }, { times: 1 })
    const controller = new AbortController()
    const leaves = secrets.refresh('prod/db', { signal: controller.signal })
    const stays = secrets.refresh('prod/db')
    await until(() => emulator.count() === 1)
    controller.abort('enough')
    await expect(leaves).rejects.toBe('enough')
    clock.advance(2_000)
    await expect(passing(stays)).resolves.toMatchObject({ changed: true })
  })

  test('reaches every spelling that was read', async () => {
    const { emulator, secrets } = aws()
    emulator.seed({ secrets: { 'prod/db': 'first' } })
    const { arn = '' } = await secrets.read('prod/db')
    const refs = ['prod/db', arn.slice(0, -7), arn]
    for (const ref of refs) await secrets.get(ref)
    for (const [round, refreshed] of refs.entries()) {
      emulator.seed({ secrets: { 'prod/db': `round ${round}` } })
      await secrets.refresh(refreshed)
      for (const ref of refs) await expect(secrets.get(ref)).resolves.toBe(`round ${round}`)
    }
  })
})

describe('invalidate', () => {
  test('makes the next read ask; nothing stale is served in between, not even in an outage', async () => {
    const { emulator, connect } = aws()
    const secrets = connect({ retry: { maxAttempts: 1 } })
    emulator.seed({ secrets: { 'prod/db': 'first' } })
    await secrets.get('prod/db')
    secrets.invalidate('prod/db')
    emulator.fail('*', { error: 'InternalServiceError' }, { times: 1 })
    await expect(secrets.get('prod/db')).rejects.toMatchObject({ code: 'ERR_UNAVAILABLE' })
    secrets.invalidate('prod/db')
    await expect(secrets.get('prod/db')).resolves.toBe('first')
  })

  test('a request that is under way is not stored, and not joined any more (I14)', async () => {
    const { emulator, secrets, clock, until } = aws()
    emulator.seed({ secrets: { 'prod/db': 'first' } })
    emulator.setLatency(50)
    const before = secrets.get('prod/db')
    await until(() => emulator.count() === 1)
    emulator.setLatency(0)
    secrets.invalidate('prod/db')
    emulator.seed({ secrets: { 'prod/db': 'second' } })
    await expect(secrets.get('prod/db')).resolves.toBe('second')
    clock.advance(50)
    await expect(before).resolves.toBe('first')
    await expect(secrets.get('prod/db')).resolves.toBe('second')
  })

  test('without a reference forgets all', async () => {
    const { emulator, secrets } = aws()
    emulator.seed({ secrets: { 'prod/a': 'a', 'prod/b': 'b' } })
    await Promise.all([secrets.get('prod/a'), secrets.get('prod/b')])
    secrets.invalidate()
    expect(secrets.stats()).toMatchObject({ entries: 0, bytes: 0 })
  })
})

describe('`fresh`', () => {
  test('is a request that starts after the call: one that is under way will not do (I14)', async () => {
    const { emulator, secrets, clock, until } = aws()
    emulator.seed({ secrets: { 'prod/db': 'first' } })
    emulator.setLatency(50)
    const before = secrets.get('prod/db')
    await until(() => emulator.count() === 1)
    emulator.seed({ secrets: { 'prod/db': 'second' } })
    const after = secrets.get('prod/db', { fresh: true })
    await until(() => emulator.count() === 2)
    clock.advance(50)
    await expect(after).resolves.toBe('second')
    await expect(before).resolves.toBe('first')
  })

  test('fills the cache for everybody else', async () => {
    const { emulator, secrets, clock, calls } = aws()
    emulator.seed({ secrets: { 'prod/db': 'first' } })
    await secrets.get('prod/db')
    emulator.seed({ secrets: { 'prod/db': 'second' } })
    await secrets.get('prod/db', { fresh: true })
    calls()
    clock.advance(0.9 * TTL)
    await expect(secrets.get('prod/db')).resolves.toBe('second')
    expect(calls()).toBe(0)
  })
})
