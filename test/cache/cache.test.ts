import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { inspect } from 'node:util'
import { serialize } from 'node:v8'
import { describe, expect, test, vi } from 'vitest'
import { SharedSignals } from '../../src/abortable.js'
import { Cache, type CacheOptions, type LoadOptions } from '../../src/cache/cache.js'
import { deferred } from '../support/fake-source.js'
import { ManualClock } from '../support/manual-clock.js'

const TTL = 1000
const HOUR = 3_600_000
const shared = { signal: undefined, fresh: false, pinned: false }

/** A cache of texts, each of which belongs under the key that it was asked for, or under another. */
function build(options: Partial<CacheOptions<string>> = {}) {
  const clock = new ManualClock()
  const cache = new Cache<string>({
    clock,
    signals: new SharedSignals(),
    maxFlightMs: 5000,
    homeOf: (key) => key,
    maxEntries: 10,
    maxBytes: 1000,
    ttlMs: TTL,
    sizeOf: (value) => value.length,
    merge: (_cached, loaded) => loaded,
    ...options,
  })
  const at = (home: string, run: () => Promise<string>) => async () => ({
    value: await run(),
    bind: () => home,
  })
  const load = (key: string, run: () => Promise<string>, how: LoadOptions, home = key) =>
    cache.load(key, at(home, run), how)
  const refresh = (key: string, run: () => Promise<string>, pinned: boolean) =>
    cache.refresh(key, at(key, run), pinned)
  const fill = (key: string, value: string, pinned = false) =>
    load(key, () => Promise.resolve(value), { ...shared, pinned })
  const valueOf = (key: string, maxAgeMs?: number) => cache.lookup(key, maxAgeMs)?.value
  const counts = () => cache.counts()
  const invalidate = (key: string) => {
    cache.invalidate(key)
  }
  const invalidateAll = () => {
    cache.invalidateAll()
  }
  const close = (reason: unknown) => {
    cache.close(reason)
  }
  return { cache: { load, refresh, counts, invalidate, invalidateAll, close }, clock, fill, valueOf }
}

describe('lifetime', () => {
  test('a value is served without a load while it is fresh, and not after (I1)', async () => {
    const { clock, fill, valueOf } = build()
    await fill('key', 'value')
    clock.advance(0.9 * TTL)
    expect(valueOf('key')).toBe('value')
    clock.advance(0.1 * TTL + 1)
    expect(valueOf('key')).toBeUndefined()
  })

  test.each([
    ['a freeze that stopped the monotonic clock', { wall: HOUR, mono: 0 }],
    ['a wall clock that was set back', { wall: -HOUR, mono: TTL + 1 }],
  ])('%s does not prolong it (I46, I48)', async (_title, moved) => {
    const { clock, fill, valueOf } = build()
    await fill('key', 'value')
    clock.wall += moved.wall
    clock.mono += moved.mono
    expect(valueOf('key')).toBeUndefined()
  })

  test('it counts from the start of the request, so time on the network counts', async () => {
    const { cache, clock, valueOf } = build()
    const answer = deferred<string>()
    const load = cache.load('key', () => answer.promise, shared)
    await new Promise(setImmediate)
    clock.advance(TTL + 1)
    answer.resolve('late')
    await expect(load).resolves.toMatchObject({ value: 'late' })
    expect(valueOf('key')).toBeUndefined()
  })

  test('a pinned value never expires', async () => {
    const { clock, fill, valueOf } = build()
    await fill('key', 'value', true)
    clock.advance(1000 * HOUR)
    expect(valueOf('key', 0)).toBe('value')
  })

  test('a reader may accept less age than the entry allows; the entry keeps its own', async () => {
    const { clock, fill, valueOf } = build()
    await fill('key', 'value')
    clock.advance(10)
    expect(valueOf('key', 9)).toBeUndefined()
    expect(valueOf('key', 10)).toBe('value')
    expect(valueOf('key')).toBe('value')
  })

  test('a TTL of 0 caches nothing and still shares loads (I8)', async () => {
    const { cache, valueOf } = build({ ttlMs: 0 })
    const load = vi.fn(() => Promise.resolve('value'))
    await Promise.all([cache.load('key', load, shared), cache.load('key', load, shared)])
    expect(load).toHaveBeenCalledTimes(1)
    expect(valueOf('key')).toBeUndefined()
    expect(cache.counts()).toMatchObject({ entries: 0, bytes: 0 })
  })
})

describe('bounds', () => {
  test('the least recently read entry leaves first', async () => {
    const { fill, valueOf } = build({ maxEntries: 2 })
    await fill('a', '1')
    await fill('b', '2')
    expect(valueOf('a')).toBe('1')
    await fill('c', '3')
    expect([valueOf('a'), valueOf('b'), valueOf('c')]).toEqual(['1', undefined, '3'])
  })

  test('bytes are bounded too', async () => {
    const { cache, fill, valueOf } = build({ maxBytes: 10 })
    await fill('a', '12345')
    await fill('b', '12345')
    await fill('c', '1')
    expect([valueOf('a'), valueOf('b'), valueOf('c')]).toEqual([undefined, '12345', '1'])
    expect(cache.counts()).toMatchObject({ entries: 2, bytes: 6 })
  })

  test('a value that alone exceeds the bound is returned, not cached, and evicts no other (I60)', async () => {
    const { cache, fill, valueOf } = build({ maxBytes: 10 })
    await fill('other', '12345')
    await fill('key', 'small')
    await expect(fill('key', 'far too large')).resolves.toMatchObject({ value: 'far too large' })
    expect([valueOf('key'), valueOf('other')]).toEqual([undefined, '12345'])
    expect(cache.counts()).toMatchObject({ entries: 1, bytes: 5 })
  })

  test('an empty value counts as one byte', async () => {
    const { cache, fill, valueOf } = build()
    await fill('key', '')
    expect(valueOf('key')).toBe('')
    expect(cache.counts().bytes).toBe(1)
  })
})

describe('single flight', () => {
  test.each([1, 2, 10_000])('%d concurrent callers make one load (I15)', async (callers) => {
    const { cache } = build()
    const load = vi.fn(() => Promise.resolve('value'))
    await Promise.all(Array.from({ length: callers }, () => cache.load('key', load, shared)))
    expect(load).toHaveBeenCalledTimes(1)
    expect(cache.counts()).toMatchObject({ misses: callers, hits: 0 })
  })

  test('keys do not share, however odd they are (I56)', async () => {
    const { fill, valueOf } = build()
    const keys = ['__proto__', 'constructor', 'toString', '', ' ', '\u00e9', 'e\u0301']
    for (const key of keys) await fill(key, `value of ${key}`)
    expect(keys.map((key) => valueOf(key))).toEqual(keys.map((key) => `value of ${key}`))
  })

  test('a failure reaches everyone who waits and is not kept', async () => {
    const { cache, fill, valueOf } = build()
    const fail = () => Promise.reject(new Error('down'))
    const waits = [cache.load('key', fail, shared), cache.load('key', fail, shared)]
    await expect(Promise.allSettled(waits)).resolves.toMatchObject([
      { status: 'rejected' },
      { status: 'rejected' },
    ])
    await fill('key', 'value')
    expect(valueOf('key')).toBe('value')
  })

  test('a caller who comes after everybody left gets a load of its own, not their abort', async () => {
    const { cache } = build()
    const controller = new AbortController()
    const first = cache.load('key', () => new Promise<never>(() => undefined), {
      ...shared,
      signal: controller.signal,
    })
    controller.abort('left')
    const second = cache.load('key', () => Promise.resolve('value'), shared)
    await expect(first.catch((reason: unknown) => reason)).resolves.toBe('left')
    await expect(second).resolves.toMatchObject({ value: 'value' })
  })

  test('a fresh read joins a load that has not begun, and no other', async () => {
    const { cache, valueOf } = build()
    const [old, young] = [deferred<string>(), deferred<string>()]
    const answers = [old.promise, young.promise]
    const load = vi.fn(
      () => answers[load.mock.calls.length - 1] ?? Promise.reject(new Error('too many loads')),
    )
    const fresh = { ...shared, fresh: true }
    const before = cache.load('key', load, shared)
    await new Promise(setImmediate)
    const waits = [cache.load('key', load, fresh), cache.load('key', load, fresh)]
    young.resolve('young')
    await expect(Promise.all(waits)).resolves.toMatchObject([{ value: 'young' }, { value: 'young' }])
    old.resolve('old')
    await expect(before).resolves.toMatchObject({ value: 'old' })
    expect(load).toHaveBeenCalledTimes(2)
    expect(valueOf('key')).toBe('young')
  })
})

describe('keys that turn out to be one', () => {
  /** `arn` is found to be `name` by the first load that is told so. */
  function aliased() {
    const homes = new Map<string, string>()
    const { cache, clock, valueOf } = build({ homeOf: (key) => homes.get(key) ?? key })
    const learn = (run: () => Promise<string>) => async () => {
      const value = await run()
      homes.set('arn', 'name')
      return value
    }
    return { cache, clock, valueOf, learn }
  }

  test('share the entry of the first', async () => {
    const { cache, valueOf, learn } = aliased()
    await cache.load('name', () => Promise.resolve('old'), shared)
    await cache.load(
      'arn',
      learn(() => Promise.resolve('new')),
      shared,
      'name',
    )
    expect([valueOf('name'), valueOf('arn')]).toEqual(['new', 'new'])
    expect(cache.counts().entries).toBe(1)
    cache.invalidate('arn')
    expect([valueOf('name'), valueOf('arn')]).toEqual([undefined, undefined])
  })

  test('an older answer under one name does not overwrite a newer one under the other', async () => {
    const { cache, valueOf, learn } = aliased()
    const old = deferred<string>()
    const before = cache.load(
      'arn',
      learn(() => old.promise),
      shared,
      'name',
    )
    await new Promise(setImmediate)
    await cache.load('name', () => Promise.resolve('new'), shared)
    old.resolve('old')
    await expect(before).resolves.toMatchObject({ value: 'old' })
    expect([valueOf('name'), valueOf('arn')]).toEqual(['new', 'new'])
  })

  test('a load under one name that began before the other was invalidated is neither stored nor joined', async () => {
    const { cache, valueOf, learn } = aliased()
    const old = deferred<string>()
    await cache.load(
      'arn',
      learn(() => Promise.resolve('first')),
      shared,
      'name',
    )
    const before = cache.load('arn', () => old.promise, { ...shared, fresh: true }, 'name')
    await new Promise(setImmediate)
    cache.invalidate('name')
    const after = cache.load('arn', () => Promise.resolve('new'), shared, 'name')
    await expect(after).resolves.toMatchObject({ value: 'new' })
    old.resolve('old')
    await before
    expect([valueOf('name'), valueOf('arn')]).toEqual(['new', 'new'])
  })
})

describe('a load that slept through a freeze (I23)', () => {
  test('is not joined, and its answer is not stored over a newer one', async () => {
    const { cache, clock, valueOf } = build()
    const old = deferred<string>()
    const before = cache.load('key', () => old.promise, shared)
    await new Promise(setImmediate)
    clock.wall += HOUR
    const after = cache.load('key', () => Promise.resolve('new'), shared)
    await expect(after).resolves.toMatchObject({ value: 'new' })
    old.resolve('old')
    await expect(before).resolves.toMatchObject({ value: 'old' })
    expect(valueOf('key')).toBe('new')
  })

  test('nor is a refresh', async () => {
    const { cache, clock } = build()
    const load = vi.fn(() => new Promise<never>(() => undefined))
    void cache.refresh('key', load, false)
    await new Promise(setImmediate)
    clock.wall += HOUR
    await expect(cache.refresh('key', () => Promise.resolve('new'), false)).resolves.toMatchObject({
      value: 'new',
    })
  })

  test('a reader who accepts less age joins no load that is older', async () => {
    const { cache, clock } = build()
    const load = vi.fn(() => new Promise<never>(() => undefined))
    void cache.load('key', load, shared)
    await new Promise(setImmediate)
    clock.advance(100)
    void cache.load('key', load, { ...shared, maxAgeMs: 100 })
    void cache.load('key', load, { ...shared, maxAgeMs: 99 })
    await new Promise(setImmediate)
    expect(load).toHaveBeenCalledTimes(2)
  })
})

describe('refresh and invalidate outrun older loads (I11, I14)', () => {
  test('an older answer that comes late does not overwrite a refreshed value', async () => {
    const { cache, valueOf } = build()
    const old = deferred<string>()
    const before = cache.load('key', () => old.promise, shared)
    await new Promise(setImmediate)
    await cache.refresh('key', () => Promise.resolve('new'), false)
    old.resolve('old')
    await before
    expect(valueOf('key')).toBe('new')
  })

  test('a load under way when its key was invalidated is not stored, and later callers do not join it', async () => {
    const { cache, valueOf } = build()
    const old = deferred<string>()
    const before = cache.load('key', () => old.promise, shared)
    await new Promise(setImmediate)
    cache.invalidate('key')
    const after = cache.load('key', () => Promise.resolve('new'), shared)
    old.resolve('old')
    await expect(Promise.all([before, after])).resolves.toMatchObject([{ value: 'old' }, { value: 'new' }])
    expect(valueOf('key')).toBe('new')
  })

  test('the same for all keys at once', async () => {
    const { cache, fill, valueOf } = build()
    await fill('other', 'value')
    const old = deferred<string>()
    const before = cache.load('key', () => old.promise, shared)
    await new Promise(setImmediate)
    cache.invalidateAll()
    old.resolve('old')
    await before
    expect([valueOf('key'), valueOf('other')]).toEqual([undefined, undefined])
  })

  test('refreshes that overlap share one load and report the same previous value', async () => {
    const { cache, fill } = build()
    await fill('key', 'old')
    const answer = deferred<string>()
    const load = vi.fn(() => answer.promise)
    const first = cache.refresh('key', load, false)
    await new Promise(setImmediate)
    const second = cache.refresh('key', load, false)
    answer.resolve('new')
    await expect(Promise.all([first, second])).resolves.toEqual([
      { value: 'new', previous: 'old' },
      { value: 'new', previous: 'old' },
    ])
    expect(load).toHaveBeenCalledTimes(1)
    await cache.refresh('key', load, false)
    expect(load).toHaveBeenCalledTimes(2)
  })

  test('an invalidation in between ends the sharing', async () => {
    const { cache } = build()
    const answer = deferred<string>()
    const load = vi.fn(() => answer.promise)
    const first = cache.refresh('key', load, false)
    await new Promise(setImmediate)
    cache.invalidate('key')
    const second = cache.refresh('key', load, false)
    answer.resolve('value')
    await Promise.all([first, second])
    expect(load).toHaveBeenCalledTimes(2)
  })

  test('the old value stays readable while a refresh runs and when it fails', async () => {
    const { cache, fill, valueOf } = build()
    await fill('key', 'old')
    const answer = deferred<string>()
    const refresh = cache.refresh('key', () => answer.promise, false)
    expect(valueOf('key')).toBe('old')
    answer.reject(new Error('down'))
    await expect(refresh).rejects.toThrow('down')
    expect(valueOf('key')).toBe('old')
  })
})

test('what replaces an entry is merged with it', async () => {
  const { fill, valueOf } = build({ merge: (cached, loaded) => `${cached}+${loaded}` })
  await fill('key', 'a')
  await fill('key', 'b')
  expect(valueOf('key')).toBe('a+b')
})

test('close ends every wait with its reason, those of outrun loads too, and stores nothing (I26)', async () => {
  const { cache, valueOf } = build()
  const never = () => new Promise<never>(() => undefined)
  const outrun = cache.load('key', never, shared)
  await new Promise(setImmediate)
  const current = cache.refresh('key', never, false)
  cache.close('closed')
  const reasons = await Promise.all([outrun, current].map((wait) => wait.catch((reason: unknown) => reason)))
  expect(reasons).toEqual(['closed', 'closed'])
  expect(valueOf('key')).toBeUndefined()
})

test('what lru-cache publishes reveals no value (lru-cache ≥ 11.3 publishes what it stores)', async () => {
  const needle = 'NEEDLE-5e1f'
  const seen: unknown[] = []
  const listen = (message: unknown) => seen.push(message)
  subscribe('lru-cache:metrics', listen)
  const { cache, fill, valueOf } = build()
  await fill('key', needle)
  valueOf('key')
  cache.invalidate('key')
  unsubscribe('lru-cache:metrics', listen)
  expect(seen.length).toBeGreaterThan(0)
  for (const message of seen) {
    const printed = inspect(message, { depth: Infinity, showHidden: true, getters: true })
    expect(printed + JSON.stringify(Object.entries(message as object))).not.toContain(needle)
    const { value } = message as { value?: unknown }
    if (value !== undefined) expect(serialize(value).toString('latin1')).not.toContain(needle)
  }
})
