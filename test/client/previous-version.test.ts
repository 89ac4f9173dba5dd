/** What a reader is told of a value that is not the newest: one that is stale, or from the version before. */

import { describe, expect, test } from 'vitest'
import {
  type ReadOptions,
  SecretsClient,
  type SecretsClientOptions,
  type SecretsEvent,
} from '../../src/index.js'
import { FakeSource, textSecret } from '../support/fake-source.js'
import { ManualClock } from '../support/manual-clock.js'
import { NEEDLE, expectNoNeedle } from '../support/needle.js'

const TTL = 300_000
const HOUR = 3_600_000
const [V1, V2, V3] = [1, 2, 3].map((n) => `EXAMPLE${n}-90ab-cdef-fedc-ba987EXAMPLE`)
const turn = () => new Promise(setImmediate)
const down = () => Promise.reject(Object.assign(new Error(NEEDLE), { name: 'InternalServiceError' }))
const denied = () => Promise.reject(Object.assign(new Error(NEEDLE), { name: 'AccessDeniedException' }))
const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  )

const PORT = {
  type: 'object',
  properties: { port: { type: 'integer' } },
  required: ['port'],
} as const

function build(text: string, options: SecretsClientOptions = {}) {
  const clock = new ManualClock()
  const source = new FakeSource(textSecret(text, V1))
  const events: SecretsEvent[] = []
  const secrets = new SecretsClient({
    clock,
    sources: [source],
    retry: { maxAttempts: 1 },
    onEvent: (event) => events.push(event),
    ...options,
  })
  return { secrets, source, clock, events }
}

describe('a stale value', () => {
  test('says so, and when it was fetched, until a new one is there', async () => {
    const { secrets, source, clock } = build('old')
    const fetchedAt = new Date(clock.now())
    await expect(secrets.read('a')).resolves.toMatchObject({ stale: false, fetchedAt })
    source.answer(textSecret('new', V2))
    clock.advance(TTL + 1)
    await expect(secrets.read('a')).resolves.toMatchObject({
      value: 'old',
      versionId: V1,
      stale: true,
      fetchedAt,
    })
    const refetchedAt = new Date(clock.now())
    await turn()
    await expect(secrets.read('a')).resolves.toMatchObject({
      value: 'new',
      versionId: V2,
      stale: false,
      fetchedAt: refetchedAt,
    })
  })

  test('keeps its date through failures: its age is never stamped anew', async () => {
    const { secrets, source, clock, events } = build('old')
    const fetchedAt = new Date(clock.now())
    await secrets.get('a')
    source.answer(down)
    for (const age of [TTL + 1, HOUR / 2, HOUR]) {
      clock.advance(age - (clock.now() - fetchedAt.getTime()))
      await expect(secrets.read('a')).resolves.toMatchObject({ value: 'old', stale: true, fetchedAt })
      await turn()
    }
    expectNoNeedle(events, NEEDLE)
    clock.advance(TTL + 1)
    const error = await failureOf(secrets.read('a'))
    expect(error).toMatchObject({ code: 'ERR_UNAVAILABLE', ref: 'a' })
    expectNoNeedle(error, NEEDLE)
  })

  test.each<[string, ReadOptions, object]>([
    ['fresh', { fresh: true }, { attempts: 1 }],
    ['ttlMs', { ttlMs: TTL }, { attempts: 1 }],
  ])('is not for a reader with %s', async (_title, options, expected) => {
    const { secrets, source, clock } = build('old')
    await secrets.get('a')
    source.answer(down)
    clock.advance(TTL + 1)
    const error = await failureOf(secrets.get('a', options))
    expect(error).toMatchObject({ code: 'ERR_UNAVAILABLE', ...expected })
    await expect(secrets.read('a')).resolves.toMatchObject({ value: 'old', stale: true })
  })

  test('is not served once the service has refused: revocation bites', async () => {
    const { secrets, source, clock } = build('old')
    await secrets.get('a')
    source.answer(denied)
    clock.advance(TTL + 1)
    // This read starts the request that is refused.
    await expect(secrets.get('a')).resolves.toBe('old')
    await turn()
    const error = await failureOf(secrets.get('a', { default: 'x' }))
    expect(error).toMatchObject({ code: 'ERR_ACCESS_DENIED', attempts: 0 })
    expectNoNeedle(error, NEEDLE)
  })
})

describe('a refresh', () => {
  test('tells the version that is cached now, and whether it is another', async () => {
    const { secrets, source } = build('one')
    await expect(secrets.refresh('a')).resolves.toEqual({ changed: true, versionId: V1 })
    await expect(secrets.refresh('a')).resolves.toEqual({ changed: false, versionId: V1 })
    source.answer(textSecret('two', V2))
    await expect(secrets.refresh('a')).resolves.toEqual({ changed: true, versionId: V2 })
    source.answer(textSecret('one', V1))
    await expect(secrets.refresh('a')).resolves.toEqual({ changed: true, versionId: V1 })
  })

  test('fails with an error of its own where a read would be served the stale value', async () => {
    const { secrets, source, clock } = build('old')
    await secrets.get('a')
    source.answer(down)
    clock.advance(HOUR)
    await expect(secrets.get('a')).resolves.toBe('old')
    const error = await failureOf(secrets.refresh('a'))
    expect(error).toMatchObject({ code: 'ERR_UNAVAILABLE', attempts: 1 })
    expectNoNeedle(error, NEEDLE)
  })
})

describe('a new version that does not decode', () => {
  async function drifted(text: string, options: SecretsClientOptions = {}) {
    const built = build('{"port":1,"user":"app"}', options)
    const { secrets, source } = built
    await secrets.get('a', { schema: PORT })
    source.answer(textSecret(text, V2))
    await secrets.refresh('a')
    return built
  }

  test.each([
    ['of another shape', `{"port":"${NEEDLE.replaceAll('"', '')}"}`, 'ERR_SCHEMA'],
    ['that is no JSON', NEEDLE, 'ERR_DECODE'],
  ])('%s is answered with the version before, which says so, and an event', async (_title, text, code) => {
    const { secrets, events } = await drifted(text)
    const read = await secrets.read('a', { schema: PORT })
    expect(read).toMatchObject({ value: { port: 1 }, versionId: V1, stale: true, isDefault: false })
    await expect(secrets.get('a', { schema: PORT })).resolves.toEqual({ port: 1, user: 'app' })
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'decode-failed', ref: 'a', code, servedPrevious: true }),
    )
    expect(secrets.stats().decodeFailures).toBe(2)
    expectNoNeedle([events, read], NEEDLE)
  })

  test('for want of a field is answered with that of the version before', async () => {
    const { secrets, events } = await drifted('{"port":2}')
    await expect(secrets.read('a#user')).resolves.toMatchObject({ value: 'app', versionId: V1, stale: true })
    await expect(secrets.read('a#port')).resolves.toMatchObject({ value: '2', versionId: V2, stale: false })
    expect(events).toContainEqual(
      expect.objectContaining({ ref: 'a#user', code: 'ERR_FIELD_NOT_FOUND', servedPrevious: true }),
    )
  })

  test('is none for who reads it as text', async () => {
    const { secrets } = await drifted('no JSON')
    await expect(secrets.read('a')).resolves.toMatchObject({ value: 'no JSON', versionId: V2, stale: false })
  })

  test.each<[string, ReadOptions, object]>([
    ['a fresh read fails', { fresh: true }, { code: 'ERR_SCHEMA' }],
    ['a read that the version before does not fit either fails', { as: 'list' }, { code: 'ERR_SCHEMA' }],
  ])('%s', async (_title, options, expected) => {
    const { secrets, events } = await drifted(`{"port":"${NEEDLE.replaceAll('"', '')}"}`)
    const error = await failureOf(secrets.get('a', { schema: PORT, ...options }))
    expect(error).toMatchObject({ ...expected, ref: 'a' })
    expect(events).toContainEqual(expect.objectContaining({ type: 'decode-failed', servedPrevious: false }))
    expectNoNeedle([error, events], NEEDLE)
  })

  test('and lacks a field that has a default gives the default', async () => {
    const { secrets } = await drifted('{"port":2}')
    await expect(secrets.read('a#user', { default: 'none' })).resolves.toMatchObject({
      value: 'none',
      isDefault: true,
      versionId: V2,
    })
  })

  test('is bridged for the lifetime and the time for stale values, and no longer', async () => {
    const { secrets, clock } = await drifted('{"port":true}', { cache: { staleIfErrorMs: HOUR } })
    clock.advance(TTL + HOUR)
    await expect(secrets.get('a', { schema: PORT })).resolves.toMatchObject({ port: 1 })
    clock.advance(1)
    await expect(failureOf(secrets.get('a', { schema: PORT }))).resolves.toMatchObject({ code: 'ERR_SCHEMA' })
  })

  test('is not bridged by a version that is older than the reader accepts', async () => {
    const { secrets, clock } = await drifted('{"port":true}')
    clock.advance(1_000)
    await expect(secrets.get('a', { schema: PORT, ttlMs: TTL })).resolves.toMatchObject({ port: 1 })
    clock.advance(1_000)
    await secrets.refresh('a')
    const old = failureOf(secrets.get('a', { schema: PORT, ttlMs: 1_500 }))
    await expect(old).resolves.toMatchObject({ code: 'ERR_SCHEMA' })
  })

  test('is bridged by the last version that did, over several that do not', async () => {
    const { secrets, source } = await drifted('{"port":true}')
    source.answer(textSecret('{"port":null}', V3))
    await secrets.refresh('a')
    await expect(secrets.read('a', { schema: PORT })).resolves.toMatchObject({
      value: { port: 1 },
      versionId: V1,
    })
    source.answer(textSecret('{"port":3}', V2))
    await secrets.refresh('a')
    await expect(secrets.read('a', { schema: PORT })).resolves.toMatchObject({
      value: { port: 3 },
      stale: false,
    })
  })

  test('is not bridged after an invalidate', async () => {
    const { secrets } = await drifted('{"port":true}')
    secrets.invalidate('a')
    await expect(failureOf(secrets.get('a', { schema: PORT }))).resolves.toMatchObject({ code: 'ERR_SCHEMA' })
  })
})
