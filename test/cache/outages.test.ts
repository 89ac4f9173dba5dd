/** One value that cannot be had tells about the others of its service: nobody waits to find that out again. */

import { describe, expect, test } from 'vitest'
import type { CacheOptions } from '../../src/cache/cache-options.js'
import type { SecretsErrorCode } from '../../src/errors.js'
import { HOUR, type Run, TTL, build, failing, never, reasonOf, settled } from './building.js'

const SWR = 100
const FORGOTTEN = 60_000

/** `a/1`, `a/2` and `b/1` are cached and past their windows; a load of `a/1` has failed by `code`. */
async function outage(code: SecretsErrorCode = 'ERR_TIMEOUT', options: Partial<CacheOptions<string>> = {}) {
  const built = build({
    staleWhileRevalidateMs: SWR,
    staleIfErrorMs: HOUR,
    negativeTtlMs: 1000,
    maxNegativeTtlMs: FORGOTTEN,
    random: () => 0,
    serviceOf: (key) => key.slice(0, 1),
    ...options,
  })
  for (const key of ['a/1', 'a/2', 'b/1']) await built.fill(key, `old ${key}`)
  built.clock.advance(TTL + SWR + 1)
  await built.load('a/1', failing(code)).catch(() => undefined)
  built.listener.told.splice(0)
  const asked: string[] = []
  /** What a read is answered with at once, by a load that has not ended. */
  const atOnce = async (key: string, how: Parameters<typeof built.load>[2] = {}, run: Run = never) => {
    const read = built.load(
      key,
      (context) => {
        asked.push(key)
        return run(context)
      },
      how,
    )
    const outcome = read.then(
      ({ value, isStale }) => ({ value, isStale }),
      (error: unknown) => error,
    )
    return Promise.race([outcome, settled().then(() => 'waits')])
  }
  return { ...built, atOnce, asked }
}

describe('while a service is down', () => {
  test.each(['ERR_TIMEOUT', 'ERR_UNAVAILABLE'] as const)(
    '(%s) another of its values is served at once, and asked for in the background',
    async (code) => {
      const { atOnce, asked, listener } = await outage(code)
      const stale = { value: 'old a/2', isStale: true }
      await expect(atOnce('a/2')).resolves.toEqual(stale)
      expect(asked).toEqual(['a/2'])
      expect(listener.told).toMatchObject([['stale', 'a/2', { why: 'error', code }, {}]])
      await expect(atOnce('a/2')).resolves.toEqual(stale)
      expect(asked).toEqual(['a/2'])
    },
  )

  test('what the background brings is served from then on', async () => {
    const { atOnce, valueOf } = await outage()
    await atOnce('a/2', {}, () => Promise.resolve('new'))
    await settled()
    expect(valueOf('a/2')).toBe('new')
  })

  test('a value of another one is waited for', async () => {
    const { atOnce, asked } = await outage()
    await expect(atOnce('b/1')).resolves.toBe('waits')
    expect(asked).toEqual(['b/1'])
  })

  test('so is one for a reader who insists', async () => {
    const { atOnce, refresh } = await outage()
    await expect(atOnce('a/2', { fresh: true })).resolves.toBe('waits')
    const refreshed = reasonOf(refresh('a/2', failing('ERR_TIMEOUT')))
    await expect(refreshed).resolves.toMatchObject({ code: 'ERR_TIMEOUT', attempts: 3 })
  })

  test('so is one that is older than the reader accepts', async () => {
    const { atOnce } = await outage()
    await expect(atOnce('a/2', { maxAgeMs: TTL })).resolves.toBe('waits')
  })

  test('so is one that is past stale-if-error, or was never had', async () => {
    const { atOnce, clock, load } = await outage()
    clock.advance(HOUR)
    await load('a/1', failing('ERR_TIMEOUT')).catch(() => undefined)
    await expect(atOnce('a/2')).resolves.toBe('waits')
    await expect(atOnce('a/3')).resolves.toBe('waits')
  })

  test('so is one that the service has refused since', async () => {
    const { atOnce, load } = await outage()
    await reasonOf(load('a/2', failing('ERR_ACCESS_DENIED'), { fresh: true }))
    await expect(atOnce('a/2')).resolves.toMatchObject({ code: 'ERR_ACCESS_DENIED' })
  })
})

describe('an outage ends', () => {
  const isOver = (built: Awaited<ReturnType<typeof outage>>) =>
    expect(built.atOnce('a/2')).resolves.toBe('waits')

  test.each([
    ['the value that had failed', 'a/1'],
    ['another one of the service', 'a/9'],
  ])('when %s is loaded', async (_title, key) => {
    const built = await outage()
    await built.refresh(key, () => Promise.resolve('new'))
    await isOver(built)
  })

  test('when a background load is answered', async () => {
    const built = await outage()
    await built.fill('b/2', 'of the other service')
    await built.atOnce('a/2', {}, () => Promise.resolve('new'))
    await settled()
    built.clock.advance(TTL + SWR + 1)
    await isOver(built)
  })

  test('when no other failure confirms it for long', async () => {
    const built = await outage()
    built.clock.advance(FORGOTTEN)
    await expect(built.atOnce('a/2', {}, failing('ERR_ACCESS_DENIED'))).resolves.toMatchObject({
      isStale: true,
    })
    const other = await outage()
    other.clock.advance(FORGOTTEN + 1)
    await isOver(other)
  })

  test('not when another service answers', async () => {
    const built = await outage()
    await built.refresh('b/1', () => Promise.resolve('new'))
    await expect(built.atOnce('a/2')).resolves.toMatchObject({ isStale: true })
  })
})

describe('no outage is', () => {
  test.each(['ERR_THROTTLED', 'ERR_ACCESS_DENIED', 'ERR_NOT_FOUND', 'ERR_CREDENTIALS'] as const)(
    'a failure by %s, which may be about the one value',
    async (code) => {
      const { atOnce } = await outage(code)
      await expect(atOnce('a/2')).resolves.toBe('waits')
    },
  )

  test('any failure where each key fails by itself, or none is remembered', async () => {
    for (const options of [{ serviceOf: undefined }, { negativeTtlMs: 0 }]) {
      const { atOnce } = await outage('ERR_TIMEOUT', options)
      await expect(atOnce('a/2')).resolves.toBe('waits')
    }
  })
})
