import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { inspect } from 'node:util'
import { serialize } from 'node:v8'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { randomFraction } from '../../src/cache/store.js'
import { deferred } from '../support/fake-source.js'
import { HOUR, TTL, build, never, reasonOf, settled } from './building.js'

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
    const { clock, load, valueOf } = build()
    const answer = deferred<string>()
    const wait = load('key', () => answer.promise)
    await settled()
    clock.advance(TTL + 1)
    answer.resolve('late')
    await expect(wait).resolves.toMatchObject({ value: 'late' })
    expect(valueOf('key')).toBeUndefined()
  })

  test('its jitter owes nothing to Math.random, whose state the clones of a snapshot share', async () => {
    const inherited = vi.spyOn(Math, 'random')
    onTestFinished(() => {
      inherited.mockRestore()
    })
    const { fill } = build()
    await fill('key', 'value')
    expect(inherited).not.toHaveBeenCalled()
    const drawn = Array.from({ length: 1000 }, randomFraction)
    expect(drawn.every((chance) => chance >= 0 && chance < 1)).toBe(true)
    expect(new Set(drawn).size).toBeGreaterThan(900)
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
    const { cache, load, valueOf } = build({ ttlMs: 0 })
    const run = vi.fn(() => Promise.resolve('value'))
    await Promise.all([load('key', run), load('key', run)])
    expect(run).toHaveBeenCalledTimes(1)
    expect(valueOf('key')).toBeUndefined()
    expect(cache).toMatchObject({ entries: 0, bytes: 0 })
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
    expect(cache).toMatchObject({ entries: 2, bytes: 6 })
  })

  test('a value that alone exceeds the bound is returned, not cached, and evicts no other (I60)', async () => {
    const { cache, fill, valueOf } = build({ maxBytes: 10 })
    await fill('other', '12345')
    await fill('key', 'small')
    await expect(fill('key', 'far too large')).resolves.toMatchObject({ value: 'far too large' })
    expect([valueOf('key'), valueOf('other')]).toEqual([undefined, '12345'])
    expect(cache).toMatchObject({ entries: 1, bytes: 5 })
  })

  test('an empty value counts as one byte', async () => {
    const { cache, fill, valueOf } = build()
    await fill('key', '')
    expect(valueOf('key')).toBe('')
    expect(cache.bytes).toBe(1)
  })
})

describe('single flight', () => {
  test.each([1, 2, 10_000])('%d concurrent callers make one load (I15)', async (callers) => {
    const { told, load } = build()
    const run = vi.fn(() => Promise.resolve('value'))
    await Promise.all(Array.from({ length: callers }, () => load('key', run)))
    expect(run).toHaveBeenCalledTimes(1)
    expect(told('missed')).toHaveLength(callers)
    expect(told('hit')).toEqual([])
  })

  test('keys do not share, however odd they are (I56)', async () => {
    const { fill, valueOf } = build()
    const keys = ['__proto__', 'constructor', 'toString', '', ' ', '\u00e9', 'e\u0301']
    for (const key of keys) await fill(key, `value of ${key}`)
    expect(keys.map((key) => valueOf(key))).toEqual(keys.map((key) => `value of ${key}`))
  })

  test('a failure reaches everyone who waits and is not kept', async () => {
    const { load, fill, valueOf } = build()
    const fail = () => Promise.reject(new Error('down'))
    const waits = [load('key', fail), load('key', fail)]
    await expect(Promise.allSettled(waits)).resolves.toMatchObject([
      { status: 'rejected' },
      { status: 'rejected' },
    ])
    await fill('key', 'value')
    expect(valueOf('key')).toBe('value')
  })

  test('a caller who comes after everybody left gets a load of its own, not their abort', async () => {
    const { load } = build()
    const controller = new AbortController()
    const first = load('key', never, {
      signal: controller.signal,
    })
    controller.abort('left')
    const second = load('key', () => Promise.resolve('value'))
    await expect(reasonOf(first)).resolves.toBe('left')
    await expect(second).resolves.toMatchObject({ value: 'value' })
  })

  test('a fresh read joins a load that has not begun, and no other', async () => {
    const { load, valueOf } = build()
    const [old, young] = [deferred<string>(), deferred<string>()]
    const answers = [old.promise, young.promise]
    const run = vi.fn(() => answers[run.mock.calls.length - 1] ?? Promise.reject(new Error('too many loads')))
    const fresh = { fresh: true }
    const before = load('key', run)
    await settled()
    const waits = [load('key', run, fresh), load('key', run, fresh)]
    young.resolve('young')
    await expect(Promise.all(waits)).resolves.toMatchObject([{ value: 'young' }, { value: 'young' }])
    old.resolve('old')
    await expect(before).resolves.toMatchObject({ value: 'old' })
    expect(run).toHaveBeenCalledTimes(2)
    expect(valueOf('key')).toBe('young')
  })
})

describe('keys that turn out to be one', () => {
  /** `arn` is found to be `name` by the first load that is told so. */
  function aliased() {
    const homes = new Map<string, string>()
    const { cache, load, valueOf } = build({ homeOf: (key) => homes.get(key) ?? key })
    const learn = (run: () => Promise<string>) => async () => {
      const value = await run()
      homes.set('arn', 'name')
      return value
    }
    return { cache, load, valueOf, learn }
  }

  test('share the entry of the first', async () => {
    const { cache, load, valueOf, learn } = aliased()
    await load('name', () => Promise.resolve('old'))
    await load(
      'arn',
      learn(() => Promise.resolve('new')),
      {},
      'name',
    )
    expect([valueOf('name'), valueOf('arn')]).toEqual(['new', 'new'])
    expect(cache.entries).toBe(1)
    cache.invalidate('arn')
    expect([valueOf('name'), valueOf('arn')]).toEqual([undefined, undefined])
  })

  test('an older answer under one name does not overwrite a newer one under the other', async () => {
    const { load, valueOf, learn } = aliased()
    const old = deferred<string>()
    const before = load(
      'arn',
      learn(() => old.promise),
      {},
      'name',
    )
    await settled()
    await load('name', () => Promise.resolve('new'))
    old.resolve('old')
    await expect(before).resolves.toMatchObject({ value: 'old' })
    expect([valueOf('name'), valueOf('arn')]).toEqual(['new', 'new'])
  })

  test('a load under one name that began before the other was invalidated is neither stored nor joined', async () => {
    const { cache, load, valueOf, learn } = aliased()
    const old = deferred<string>()
    await load(
      'arn',
      learn(() => Promise.resolve('first')),
      {},
      'name',
    )
    const before = load('arn', () => old.promise, { fresh: true }, 'name')
    await settled()
    cache.invalidate('name')
    const after = load('arn', () => Promise.resolve('new'), {}, 'name')
    await expect(after).resolves.toMatchObject({ value: 'new' })
    old.resolve('old')
    await before
    expect([valueOf('name'), valueOf('arn')]).toEqual(['new', 'new'])
  })
})

describe('a load that slept through a freeze (I23)', () => {
  test('is not joined, and its answer is not stored over a newer one', async () => {
    const { clock, load, valueOf } = build()
    const old = deferred<string>()
    const before = load('key', () => old.promise)
    await settled()
    clock.wall += HOUR
    const after = load('key', () => Promise.resolve('new'))
    await expect(after).resolves.toMatchObject({ value: 'new' })
    old.resolve('old')
    await expect(before).resolves.toMatchObject({ value: 'old' })
    expect(valueOf('key')).toBe('new')
  })

  test('nor is a refresh', async () => {
    const { clock, refresh } = build()
    const run = vi.fn(never)
    void refresh('key', run)
    await settled()
    clock.wall += HOUR
    await expect(refresh('key', () => Promise.resolve('new'))).resolves.toMatchObject({
      value: 'new',
    })
  })

  test('a reader who accepts less age joins no load that is older', async () => {
    const { clock, load } = build()
    const run = vi.fn(never)
    void load('key', run)
    await settled()
    clock.advance(100)
    void load('key', run, { maxAgeMs: 100 })
    void load('key', run, { maxAgeMs: 99 })
    await settled()
    expect(run).toHaveBeenCalledTimes(2)
  })
})

describe('refresh and invalidate outrun older loads (I11, I14)', () => {
  test('an older answer that comes late does not overwrite a refreshed value', async () => {
    const { load, refresh, valueOf } = build()
    const old = deferred<string>()
    const before = load('key', () => old.promise)
    await settled()
    await refresh('key', () => Promise.resolve('new'))
    old.resolve('old')
    await before
    expect(valueOf('key')).toBe('new')
  })

  test('a load under way when its key was invalidated is not stored, and later callers do not join it', async () => {
    const { cache, load, valueOf } = build()
    const old = deferred<string>()
    const before = load('key', () => old.promise)
    await settled()
    cache.invalidate('key')
    const after = load('key', () => Promise.resolve('new'))
    old.resolve('old')
    await expect(Promise.all([before, after])).resolves.toMatchObject([{ value: 'old' }, { value: 'new' }])
    expect(valueOf('key')).toBe('new')
  })

  test('the same for all keys at once', async () => {
    const { cache, load, fill, valueOf } = build()
    await fill('other', 'value')
    const old = deferred<string>()
    const before = load('key', () => old.promise)
    await settled()
    cache.invalidateAll()
    old.resolve('old')
    await before
    expect([valueOf('key'), valueOf('other')]).toEqual([undefined, undefined])
  })

  test('so does an invalidation before very many others', async () => {
    const { cache, load, valueOf } = build()
    const old = deferred<string>()
    const before = load('key', () => old.promise)
    await settled()
    cache.invalidate('key')
    for (let n = 0; n < 3000; n += 1) cache.invalidate(`other ${n}`)
    old.resolve('old')
    await expect(before).resolves.toMatchObject({ value: 'old' })
    expect(valueOf('key')).toBeUndefined()
  })

  test('refreshes that overlap share one load and report the same previous value', async () => {
    const { refresh, fill } = build()
    await fill('key', 'old')
    const answer = deferred<string>()
    const run = vi.fn(() => answer.promise)
    const first = refresh('key', run)
    await settled()
    const second = refresh('key', run)
    answer.resolve('new')
    await expect(Promise.all([first, second])).resolves.toEqual([
      { value: 'new', previous: 'old' },
      { value: 'new', previous: 'old' },
    ])
    expect(run).toHaveBeenCalledTimes(1)
    await refresh('key', run)
    expect(run).toHaveBeenCalledTimes(2)
  })

  test('an invalidation in between ends the sharing', async () => {
    const { cache, refresh } = build()
    const answer = deferred<string>()
    const run = vi.fn(() => answer.promise)
    const first = refresh('key', run)
    await settled()
    cache.invalidate('key')
    const second = refresh('key', run)
    answer.resolve('value')
    await Promise.all([first, second])
    expect(run).toHaveBeenCalledTimes(2)
  })

  test('the old value stays readable while a refresh runs and when it fails', async () => {
    const { refresh, fill, valueOf } = build()
    await fill('key', 'old')
    const answer = deferred<string>()
    const wait = refresh('key', () => answer.promise)
    expect(valueOf('key')).toBe('old')
    answer.reject(new Error('down'))
    await expect(wait).rejects.toThrow('down')
    expect(valueOf('key')).toBe('old')
  })
})

test('what replaces an entry is merged with it', async () => {
  const { fill, valueOf } = build({ merge: (_key, cached, loaded) => `${cached.value}+${loaded}` })
  await fill('key', 'a')
  await fill('key', 'b')
  expect(valueOf('key')).toBe('a+b')
})

test('close ends every wait with its reason, those of outrun loads too, and stores nothing (I26)', async () => {
  const { cache, load, refresh, valueOf } = build()
  const outrun = load('key', never)
  await settled()
  const current = refresh('key', never)
  cache.close('closed')
  const reasons = await Promise.all([outrun, current].map(reasonOf))
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
