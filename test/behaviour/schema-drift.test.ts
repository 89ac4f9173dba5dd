/** A rotation that stores what the app cannot use: the version before is served on, for a while, visibly. */

import { describe, expect, test } from 'vitest'
import { failureOf, useAws } from '../support/aws.js'

const TTL = 300_000
const WINDOW = 60_000
const BOUND = 3_600_000
const aws = useAws()

const schema = {
  type: 'object',
  properties: { user: { type: 'string' } },
  required: ['user'],
} as const

/** A client that has read a version that fits; the next one does not. */
async function drifted(next: string | object = { username: 'app' }) {
  const { emulator, observe, clock } = aws()
  const client = observe()
  emulator.seed({ secrets: { 'prod/db': { user: 'app' } } })
  const before = await client.secrets.read('prod/db', { schema })
  emulator.seed({ secrets: { 'prod/db': next } })
  clock.advance(TTL + WINDOW + 1)
  return { ...client, before }
}

describe('a version that does not decode', () => {
  test.each([
    ['is refused by the schema', { username: 'app' }, 'ERR_SCHEMA'],
    ['is no JSON', '{"user":', 'ERR_DECODE'],
    ['has a dangerous key', '{"user":"app","__proto__":{}}', 'ERR_DECODE'],
  ])('because it %s: the one before is served, as stale, and told', async (_title, next, code) => {
    const { secrets, told, before } = await drifted(next)
    const read = await secrets.read('prod/db', { schema })
    expect(read).toMatchObject({
      value: { user: 'app' },
      stale: true,
      versionId: before.versionId,
      fetchedAt: before.fetchedAt,
    })
    expect(read.value).toBe(before.value)
    expect(told('decode-failed')).toMatchObject([{ ref: 'prod/db', code, servedPrevious: true }])
    expect(secrets.stats().decodeFailures).toBe(1)
  })

  test('a field that is gone: the value of before', async () => {
    const { secrets } = await drifted()
    await expect(secrets.get('prod/db#user')).resolves.toBe('app')
  })

  test('is not hidden from a reader who can use it, nor from one who insists', async () => {
    const { secrets } = await drifted()
    await expect(secrets.get('prod/db')).resolves.toBe('{"username":"app"}')
    const insists = secrets.get('prod/db', { schema, fresh: true })
    await expect(insists).rejects.toMatchObject({ code: 'ERR_SCHEMA' })
  })

  test('is asked for once per lifetime: its readers do not make it be loaded again and again', async () => {
    const { secrets } = await drifted()
    const { calls } = aws()
    await secrets.get('prod/db', { schema })
    calls()
    for (let read = 0; read < 10; read += 1) await secrets.get('prod/db', { schema })
    expect(calls()).toBe(0)
  })

  test('ends when the next version fits', async () => {
    const { secrets } = await drifted()
    await secrets.get('prod/db', { schema })
    aws().emulator.seed({ secrets: { 'prod/db': { user: 'mended' } } })
    await secrets.refresh('prod/db')
    await expect(secrets.read('prod/db', { schema })).resolves.toMatchObject({
      value: { user: 'mended' },
      stale: false,
    })
  })
})

describe('the version before', () => {
  test('is served no longer than any stale value (I3)', async () => {
    const { secrets, told } = await drifted()
    const { clock } = aws()
    await secrets.get('prod/db', { schema })
    clock.advance(BOUND - WINDOW - 1)
    await expect(secrets.read('prod/db', { schema })).resolves.toMatchObject({ stale: true })
    clock.advance(1)
    await expect(secrets.get('prod/db', { schema })).rejects.toMatchObject({ code: 'ERR_SCHEMA' })
    expect(told('decode-failed').at(-1)).toMatchObject({ servedPrevious: false })
  })

  test('survives a second bad version', async () => {
    const { secrets } = await drifted()
    await failureOf(secrets.get('prod/db', { schema, fresh: true }))
    aws().emulator.seed({ secrets: { 'prod/db': { worse: true } } })
    await secrets.refresh('prod/db')
    await expect(secrets.get('prod/db', { schema })).resolves.toEqual({ user: 'app' })
  })

  test('is forgotten with the value', async () => {
    const { secrets } = await drifted()
    await secrets.get('prod/db', { schema })
    secrets.invalidate('prod/db')
    await expect(secrets.get('prod/db', { schema })).rejects.toMatchObject({ code: 'ERR_SCHEMA' })
  })

  test('is never that of a reader who got no value', async () => {
    const { emulator, secrets } = aws()
    emulator.seed({ secrets: { 'prod/db': { username: 'app' } } })
    await expect(secrets.get('prod/db', { schema })).rejects.toMatchObject({ code: 'ERR_SCHEMA' })
    emulator.seed({ secrets: { 'prod/db': { name: 'app' } } })
    await secrets.refresh('prod/db')
    await expect(secrets.get('prod/db', { schema })).rejects.toMatchObject({ code: 'ERR_SCHEMA' })
  })
})
