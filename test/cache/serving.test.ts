import type { AnySignal } from '../../src/abortable.js'
import { describe, expect, test, vi } from 'vitest'
import type { CacheOptions } from '../../src/cache/cache-options.js'
import type { LoadContext } from '../../src/cache/launcher.js'
import type { SecretsErrorCode } from '../../src/errors.js'
import { deferred } from '../support/fake-source.js'
import { HOUR, TTL, build, failing, failure, never, reasonOf, settled } from './building.js'

const SWR = 200
const SIE = 5000
const FIRST = 100
const LONGEST = 400

/** With both windows and without jitter. */
function serve(options: Partial<CacheOptions<string>> = {}) {
  return build({
    staleWhileRevalidateMs: SWR,
    staleIfErrorMs: SIE,
    negativeTtlMs: FIRST,
    maxNegativeTtlMs: LONGEST,
    random: () => 0,
    ...options,
  })
}

/** A read as the client makes it: what is fresh, or else a load. */
function reading(built: ReturnType<typeof serve>) {
  return (run: (context: LoadContext) => Promise<string>, maxAgeMs?: number) => {
    const cached = built.cache.lookup('key', maxAgeMs)
    return cached === undefined ? built.load('key', run, { maxAgeMs }) : Promise.resolve(cached)
  }
}

const stale = { value: 'old', isStale: true }
const good = { isStale: false }

describe('stale-while-revalidate (I2)', () => {
  test.each([1, 2, 1000])('%d readers are answered at once, by one background load', async (readers) => {
    const built = serve()
    const { clock, fill, told, valueOf } = built
    const read = reading(built)
    await fill('key', 'old')
    clock.advance(TTL + 1)
    const answer = deferred<string>()
    const run = vi.fn((_context: LoadContext) => answer.promise)
    const found = await Promise.all(Array.from({ length: readers }, () => read(run)))
    expect(found.every(({ value, isStale }) => value === 'old' && isStale)).toBe(true)
    await expect(read(run)).resolves.toMatchObject(stale)
    expect(run).toHaveBeenCalledTimes(1)
    expect(run.mock.calls[0]?.[0]).toMatchObject({ isBackground: true, isProbe: false })
    answer.resolve('new')
    await settled()
    expect(valueOf('key')).toBe('new')
    expect(told('loaded').slice(1)).toMatchObject([
      ['loaded', 'key', { trigger: 'background' }, 'new', 'old'],
    ])
  })

  test.each([
    ['at the end of the TTL', TTL, 0, good],
    ['right after it', TTL + 1, 1, stale],
    ['at the end of the window', TTL + SWR, 1, stale],
  ])('%s', async (_title, age, loads, expected) => {
    const built = serve()
    await built.fill('key', 'old')
    built.clock.advance(age)
    const run = vi.fn(never)
    await expect(reading(built)(run)).resolves.toMatchObject(expected)
    await settled()
    expect(run).toHaveBeenCalledTimes(loads)
  })

  test('past the window a reader waits for what is new', async () => {
    const built = serve()
    await built.fill('key', 'old')
    built.clock.advance(TTL + SWR + 1)
    await expect(reading(built)(() => Promise.resolve('new'))).resolves.toMatchObject({
      value: 'new',
      ...good,
    })
  })

  test('a background load that fails changes nothing about the value, and nobody hears of it (I4, I32)', async () => {
    const built = serve()
    const read = reading(built)
    await built.fill('key', 'old')
    const { stamp, sequence } = built.cache.lookup('key') ?? {}
    built.clock.advance(TTL + 1)
    await read(failing('ERR_UNAVAILABLE'))
    await settled()
    await expect(read(never)).resolves.toEqual({ ...stale, stamp, sequence })
    expect(built.told('failed')).toHaveLength(1)
  })

  test('a load that slept through a freeze is not taken for one under way (I23)', async () => {
    const built = serve({ maxFlightMs: 50 })
    const read = reading(built)
    await built.fill('key', 'old')
    built.clock.advance(TTL + 1)
    const run = vi.fn(never)
    await read(run)
    await settled()
    built.clock.wall += 50
    await read(run)
    await settled()
    expect(run).toHaveBeenCalledTimes(1)
    built.clock.wall += 1
    await read(run)
    await settled()
    expect(run).toHaveBeenCalledTimes(2)
  })

  test('nor is a load that everybody has just left', async () => {
    const built = serve()
    await built.fill('key', 'old')
    const controller = new AbortController()
    const gone = built.load('key', never, { fresh: true, signal: controller.signal })
    built.clock.advance(TTL + 1)
    await settled()
    controller.abort('left')
    await expect(reading(built)(() => Promise.resolve('new'))).resolves.toMatchObject(stale)
    await expect(reasonOf(gone)).resolves.toBe('left')
    expect(built.valueOf('key')).toBe('new')
  })

  test('a background load goes on when a reader who joined it leaves (I18)', async () => {
    const built = serve()
    await built.fill('key', 'old')
    built.clock.advance(TTL + 1)
    const answer = deferred<string>()
    let seen: AnySignal | undefined
    await reading(built)(({ signal }) => {
      seen = signal
      return answer.promise
    })
    const controller = new AbortController()
    const joined = built.load('key', never, { maxAgeMs: 10, signal: controller.signal })
    await settled()
    controller.abort('left')
    await expect(reasonOf(joined)).resolves.toBe('left')
    expect(seen?.aborted).toBe(false)
    answer.resolve('new')
    await settled()
    expect(built.valueOf('key')).toBe('new')
  })

  test('a reader who joins a background load keeps the process alive, until it ends', async () => {
    const built = serve()
    const sleep = vi.spyOn(built.clock, 'sleep')
    await built.fill('key', 'old')
    built.clock.advance(TTL + 1)
    const answer = deferred<string>()
    await reading(built)(() => answer.promise)
    await settled()
    expect(sleep).not.toHaveBeenCalled()
    const joined = built.load('key', never, { maxAgeMs: 10 })
    const another = built.load('key', never, { maxAgeMs: 10 })
    expect(sleep.mock.calls).toMatchObject([[5000, { ref: true }]])
    expect(built.clock.sleeping).toBe(1)
    answer.resolve('new')
    await expect(Promise.all([joined, another])).resolves.toMatchObject([{ value: 'new' }, { value: 'new' }])
    await settled()
    expect(built.clock.sleeping).toBe(0)
  })
})

describe('stale-if-error (I3, I6)', () => {
  test.each<[SecretsErrorCode]>([['ERR_THROTTLED'], ['ERR_TIMEOUT'], ['ERR_UNAVAILABLE']])(
    'after %s the last good value is served, with why (I5)',
    async (code) => {
      const built = serve()
      await built.fill('key', 'old')
      const { stamp } = built.cache.lookup('key') ?? {}
      built.clock.advance(TTL + SWR + 1)
      await expect(reading(built)(failing(code))).resolves.toMatchObject({ ...stale, stamp })
      expect(built.told('stale')).toEqual([['stale', 'key', { why: 'error', code }, stamp]])
      expect(built.told('missed')).toHaveLength(2)
    },
  )

  test.each<[SecretsErrorCode]>([
    ['ERR_ACCESS_DENIED'],
    ['ERR_NOT_FOUND'],
    ['ERR_DECRYPT'],
    ['ERR_CREDENTIALS'],
  ])('after %s it is not, and no later failure brings it back', async (code) => {
    const built = serve()
    const read = reading(built)
    await built.fill('key', 'old')
    built.clock.advance(TTL + SWR + 1)
    await expect(read(failing(code))).rejects.toMatchObject({ code })
    built.clock.advance(FIRST)
    await expect(read(failing('ERR_UNAVAILABLE'))).rejects.toMatchObject({ code: 'ERR_UNAVAILABLE' })
    expect(built.told('stale')).toEqual([])
  })

  test('a value that was refused is readable while it is fresh, and revalidated no more', async () => {
    const built = serve()
    const read = reading(built)
    await built.fill('key', 'old')
    await reasonOf(built.refresh('key', failing('ERR_ACCESS_DENIED')))
    built.clock.advance(TTL)
    await expect(read(never)).resolves.toMatchObject({ value: 'old', ...good })
    built.clock.advance(1)
    await expect(read(failing('ERR_UNAVAILABLE'))).rejects.toMatchObject({ code: 'ERR_UNAVAILABLE' })
    await built.refresh('key', () => Promise.resolve('new'))
    built.clock.advance(TTL + 1)
    await expect(read(never)).resolves.toMatchObject({ value: 'new', isStale: true })
  })

  test.each([
    ['a failure that may pass', failing('ERR_UNAVAILABLE')],
    ['a failure that is not ours', () => Promise.reject(new Error('bug'))],
  ])('%s refuses nothing', async (_title, fail) => {
    const built = serve()
    await built.fill('key', 'old')
    await reasonOf(built.refresh('key', fail))
    built.clock.advance(TTL + 1)
    await expect(reading(built)(never)).resolves.toMatchObject(stale)
  })

  test('a failure that is not ours is thrown as it is, and not remembered', async () => {
    const built = serve()
    const read = reading(built)
    await built.fill('key', 'old')
    built.clock.advance(TTL + SWR + 1)
    const bug = Object.assign(new Error('bug'), { retryable: true, code: 'ERR_UNAVAILABLE' })
    await expect(reasonOf(read(() => Promise.reject(bug)))).resolves.toBe(bug)
    await expect(read(() => Promise.resolve('new'))).resolves.toMatchObject({ value: 'new' })
    expect(built.told('failed')).toEqual([])
  })

  test.each([
    ['inside the window to its last moment', SIE - SWR - 1, stale],
    ['past it', SIE - SWR, undefined],
  ])('the window counts when the load has failed: %s', async (_title, more, expected) => {
    const built = serve()
    await built.fill('key', 'old')
    built.clock.advance(TTL + SWR + 1)
    const answer = deferred<string>()
    const wait = reading(built)(() => answer.promise)
    await settled()
    built.clock.advance(more)
    answer.reject(failure('ERR_UNAVAILABLE'))
    if (expected === undefined) await expect(wait).rejects.toMatchObject({ code: 'ERR_UNAVAILABLE' })
    else await expect(wait).resolves.toMatchObject(expected)
  })

  test("what a reader accepts counts then, too, and another's patience is not its own", async () => {
    const built = serve()
    await built.fill('key', 'old')
    built.clock.advance(TTL + SWR + 1)
    const answer = deferred<string>()
    const strict = reading(built)(() => answer.promise, TTL + SWR + 10)
    const patient = reading(built)(never)
    await settled()
    built.clock.advance(10)
    answer.reject(failure('ERR_UNAVAILABLE'))
    await expect(strict).rejects.toMatchObject({ code: 'ERR_UNAVAILABLE' })
    await expect(patient).resolves.toMatchObject(stale)
  })

  test('a value that came meanwhile is served as what it is', async () => {
    const built = serve()
    await built.fill('key', 'old')
    built.clock.advance(TTL + SWR + 1)
    const answer = deferred<string>()
    const wait = reading(built)(() => answer.promise)
    await settled()
    await built.refresh('key', () => Promise.resolve('new'))
    answer.reject(failure('ERR_UNAVAILABLE'))
    await expect(wait).resolves.toMatchObject({ value: 'new', isStale: false })
  })

  test.each([
    ['a failure of ours', failure('ERR_TIMEOUT')],
    ['text', 'left'],
    ['nothing but null', null],
  ])("a caller's own reason, %s, is no failure of the service (I17, I19)", async (_title, reason) => {
    const built = serve()
    await built.fill('key', 'old')
    built.clock.advance(TTL + SWR + 1)
    const controller = new AbortController()
    const wait = built.load('key', never, { signal: controller.signal })
    await settled()
    controller.abort(reason)
    await expect(reasonOf(wait)).resolves.toBe(reason)
    await settled()
    const run = vi.fn(never)
    void built.load('key', run)
    await settled()
    expect(run).toHaveBeenCalledTimes(1)
    expect(built.told('failed')).toEqual([])
  })

  test('an answer that comes after everybody left is neither stored nor told', async () => {
    const built = serve()
    const [late, failed] = [deferred<string>(), deferred<string>()]
    for (const [key, { promise }] of [
      ['late', late],
      ['failed', failed],
    ] as const) {
      const controller = new AbortController()
      const wait = built.load(key, () => promise, { signal: controller.signal })
      await settled()
      controller.abort('left')
      await reasonOf(wait)
    }
    late.resolve('late')
    failed.reject(failure('ERR_ACCESS_DENIED'))
    await settled()
    expect(built.valueOf('late')).toBeUndefined()
    expect(built.listener.told.map(([name]) => name)).toEqual(['missed', 'missed'])
    await expect(built.fill('failed', 'value')).resolves.toMatchObject({ value: 'value' })
  })
})

describe('remembered failures (I27–I29)', () => {
  test('a read fails at once with the same class and no request, until the service may be asked again', async () => {
    const { clock, load, told } = serve()
    const thrown = await reasonOf(load('key', failing('ERR_NOT_FOUND', { requestId: 'EXAMPLE-1' })))
    const run = vi.fn(() => Promise.resolve('created'))
    clock.advance(FIRST - 0.001)
    const remembered = await reasonOf(load('key', run))
    expect(remembered).toMatchObject({
      code: 'ERR_NOT_FOUND',
      ref: 'key',
      requestId: 'EXAMPLE-1',
      attempts: 0,
    })
    expect(remembered).not.toBe(thrown)
    expect(told('missed')).toEqual([
      ['missed', 'key', false],
      ['missed', 'key', true],
    ])
    expect(run).not.toHaveBeenCalled()
    clock.advance(0.001)
    await expect(load('key', run)).resolves.toMatchObject({ value: 'created' })
    await expect(load('key', run, { fresh: true })).resolves.toMatchObject({ value: 'created' })
  })

  test.each(['fresh', 'refresh'])('%s asks all the same', async (how) => {
    const { load, refresh } = serve()
    await reasonOf(load('key', failing('ERR_NOT_FOUND')))
    const run = () => Promise.resolve('created')
    const asked = how === 'fresh' ? load('key', run, { fresh: true }) : refresh('key', run)
    await expect(asked).resolves.toMatchObject({ value: 'created' })
  })

  test('a fresh read takes nothing stale', async () => {
    const { clock, fill, load } = serve()
    await fill('key', 'old')
    clock.advance(TTL + 1)
    await expect(load('key', failing('ERR_UNAVAILABLE'), { fresh: true })).rejects.toMatchObject({
      code: 'ERR_UNAVAILABLE',
    })
  })

  test('while the service is down nobody waits: stale at once, and one probe in the background when it is time', async () => {
    const built = serve()
    const read = reading(built)
    await built.fill('key', 'old')
    built.clock.advance(TTL + SWR + 1)
    await read(failing('ERR_UNAVAILABLE'))
    const run = vi.fn((_context: LoadContext) => Promise.reject(failure('ERR_UNAVAILABLE')))
    built.clock.advance(FIRST - 1)
    await expect(read(run)).resolves.toMatchObject(stale)
    await settled()
    expect(run).not.toHaveBeenCalled()
    built.clock.advance(1)
    await expect(Promise.all([read(run), read(run)])).resolves.toMatchObject([stale, stale])
    await settled()
    expect(run.mock.calls).toMatchObject([[{ isBackground: true, isProbe: false }]])
    built.clock.advance(2 * FIRST)
    await read(run)
    await settled()
    expect(run.mock.calls[1]).toMatchObject([{ isBackground: true, isProbe: true }])
  })

  test('two failures in a row of one kind make a load a probe', async () => {
    const { load } = serve()
    const probes: boolean[] = []
    const fail = (code: SecretsErrorCode) =>
      reasonOf(
        load(
          'key',
          ({ isProbe }) => {
            probes.push(isProbe)
            return Promise.reject(failure(code))
          },
          { fresh: true },
        ),
      )
    for (const code of [
      'ERR_TIMEOUT',
      'ERR_TIMEOUT',
      'ERR_TIMEOUT',
      'ERR_UNAVAILABLE',
      'ERR_UNAVAILABLE',
    ] as const) {
      await fail(code)
    }
    expect(probes).toEqual([false, false, true, true, false])
  })

  test.each<[string, (built: ReturnType<typeof serve>) => unknown]>([
    ['a success', (built) => built.refresh('key', () => Promise.resolve('value'))],
    [
      'an invalidation',
      (built) => {
        built.cache.invalidate('key')
      },
    ],
    [
      'an invalidation of everything',
      (built) => {
        built.cache.invalidateAll()
      },
    ],
  ])('%s ends it', async (_title, end) => {
    const built = serve()
    await reasonOf(built.load('key', failing('ERR_NOT_FOUND')))
    await end(built)
    built.cache.invalidate('other')
    await expect(built.load('key', () => Promise.resolve('value'))).resolves.toMatchObject({ value: 'value' })
  })

  test('an invalidation ends it under the name that is given, and under that of the entry', async () => {
    const { cache, load } = serve({ homeOf: () => 'home' })
    await reasonOf(load('home', failing('ERR_NOT_FOUND')))
    await reasonOf(load('name', failing('ERR_NOT_FOUND')))
    cache.invalidate('name')
    const found = [load('home', () => Promise.resolve('1')), load('name', () => Promise.resolve('2'))]
    await expect(Promise.all(found)).resolves.toMatchObject([{ value: '1' }, { value: '2' }])
  })

  test('a refusal under one name stays one when the value comes to be known under another', async () => {
    const homes = new Map<string, string>()
    const built = serve({
      homeOf: (key) => homes.get(key) ?? key,
      negativeTtlMs: 2 * TTL,
      maxNegativeTtlMs: 2 * TTL,
    })
    await reasonOf(built.load('arn', failing('ERR_ACCESS_DENIED')))
    await built.fill('name', 'old')
    homes.set('arn', 'name')
    built.clock.advance(TTL + SWR + 1)
    await expect(built.load('arn', never)).rejects.toMatchObject({ code: 'ERR_ACCESS_DENIED' })
  })

  test('with a TTL of 0 none is remembered', async () => {
    const { load } = serve({ ttlMs: 0 })
    await reasonOf(load('key', failing('ERR_NOT_FOUND')))
    await expect(load('key', () => Promise.resolve('value'))).resolves.toMatchObject({ value: 'value' })
  })

  test('failures take no room from values, however many there are (I30)', async () => {
    const { cache, fill, load, valueOf } = serve({ maxEntries: 2 })
    await fill('a', '1')
    await fill('b', '2')
    for (let n = 0; n < 10; n += 1) await reasonOf(load(`missing ${n}`, failing('ERR_NOT_FOUND')))
    expect([valueOf('a'), valueOf('b'), cache.entries]).toEqual(['1', '2', 2])
  })
})

describe('answers out of order (I11)', () => {
  test('the failure of an older request neither refuses a newer value nor is remembered', async () => {
    const built = serve()
    const old = deferred<string>()
    const before = built.refresh('key', () => old.promise)
    await settled()
    await built.load('key', () => Promise.resolve('new'), { fresh: true })
    old.reject(failure('ERR_ACCESS_DENIED'))
    await reasonOf(before)
    built.clock.advance(TTL + 1)
    await expect(reading(built)(never)).resolves.toMatchObject({ value: 'new', isStale: true })
    expect(built.told('stale')).toEqual([['stale', 'key', { why: 'revalidating' }, expect.anything()]])
  })

  test('the success of an older request does not undo a refusal', async () => {
    const built = serve()
    const old = deferred<string>()
    const before = built.load('key', () => old.promise)
    await settled()
    await reasonOf(built.refresh('key', failing('ERR_ACCESS_DENIED')))
    old.resolve('old')
    await expect(before).resolves.toMatchObject({ value: 'old' })
    expect(built.valueOf('key')).toBeUndefined()
    await expect(built.load('key', never)).rejects.toMatchObject({ code: 'ERR_ACCESS_DENIED' })
  })

  test('a failure from before an invalidation is not remembered', async () => {
    const built = serve()
    const old = deferred<string>()
    const before = built.load('key', () => old.promise)
    await settled()
    built.cache.invalidate('key')
    old.reject(failure('ERR_NOT_FOUND'))
    await reasonOf(before)
    await expect(built.load('key', () => Promise.resolve('new'))).resolves.toMatchObject({ value: 'new' })
  })
})

describe('the age counts from the last attempt', () => {
  test('of which the load tells', async () => {
    const built = serve()
    const answer = deferred<string>()
    let retry: () => void = () => undefined
    const wait = built.load('key', ({ onAttempt }) => {
      retry = onAttempt
      return answer.promise
    })
    await settled()
    built.clock.advance(600)
    retry()
    answer.resolve('value')
    await expect(wait).resolves.toMatchObject({ stamp: { monotonic: 600 } })
    built.clock.advance(TTL)
    expect(built.valueOf('key')).toBe('value')
    built.clock.advance(1)
    expect(built.valueOf('key')).toBeUndefined()
    expect(built.told('loaded')).toMatchObject([
      ['loaded', 'key', { started: { monotonic: 0 } }, 'value', undefined],
    ])
  })

  test('so that a retried load may be joined, and is not outrun by what came before', async () => {
    const built = serve({ maxFlightMs: 50 })
    const answer = deferred<string>()
    let retry: () => void = () => undefined
    const first = built.load('key', ({ onAttempt }) => {
      retry = onAttempt
      return answer.promise
    })
    await settled()
    built.cache.invalidate('key')
    built.clock.advance(51)
    retry()
    const second = built.load('key', never)
    answer.resolve('value')
    await expect(Promise.all([first, second])).resolves.toMatchObject([
      { value: 'value' },
      { value: 'value' },
    ])
    expect(built.valueOf('key')).toBe('value')
  })
})

describe('what is told', () => {
  test('a read from memory', async () => {
    const { fill, listener, valueOf } = serve()
    await fill('key', 'value')
    valueOf('key')
    expect(listener.told.map(([name]) => name)).toEqual(['missed', 'loaded', 'hit'])
  })

  test('a failed load, with what made it and when it started', async () => {
    const { clock, refresh, told } = serve()
    const answer = deferred<string>()
    const wait = refresh('key', () => answer.promise)
    await settled()
    const started = { wall: clock.wall, monotonic: clock.mono }
    clock.advance(7)
    const error = failure('ERR_UNAVAILABLE')
    answer.reject(error)
    await reasonOf(wait)
    expect(told('failed')).toMatchObject([['failed', 'key', { trigger: 'refresh', started }, error]])
  })

  test.each([
    ['entries', { maxEntries: 1 }],
    ['bytes', { maxBytes: 1 }],
  ])('an entry that had to make room: %s', async (_title, bounds) => {
    const { fill, cache, told } = serve(bounds)
    await fill('a', '1')
    await fill('b', '2')
    cache.invalidate('b')
    expect(told('evicted')).toEqual([['evicted', 'a']])
  })

  test.each([
    ['ran ahead', HOUR, HOUR],
    ['fell behind', -HOUR, -HOUR],
    ['ran ahead by a little', 300_000, undefined],
    ['fell behind by a little', -300_000, undefined],
  ])('a wall clock that %s (I47)', async (_title, wall, skew) => {
    const { clock, fill, told } = serve()
    await fill('a', '1')
    clock.advance(10)
    clock.wall += wall
    await fill('b', '2')
    await fill('c', '3')
    expect(told('clockAnomaly')).toEqual(skew === undefined ? [] : [['clockAnomaly', skew]])
  })
})

describe('a listener that calls back (I24)', () => {
  test('and invalidates in a hit, a miss, a stale answer or a load corrupts nothing', async () => {
    const built = serve()
    const { cache, clock, fill, listener, load } = built
    const invalidate = () => {
      cache.invalidate('key')
    }
    await fill('key', 'old')
    vi.spyOn(listener, 'hit').mockImplementation(invalidate)
    expect(built.valueOf('key')).toBe('old')
    expect(built.valueOf('key')).toBeUndefined()
    await fill('key', 'old')
    clock.advance(TTL + 1)
    vi.spyOn(listener, 'stale').mockImplementation(invalidate)
    await expect(load('key', () => Promise.resolve('new'))).resolves.toMatchObject(stale)
    await settled()
    expect(cache.lookup('key')).toMatchObject({ value: 'new' })
    vi.spyOn(listener, 'loaded').mockImplementation(invalidate)
    await expect(fill('key', 'newer')).resolves.toMatchObject({ value: 'newer' })
    expect([cache.lookup('key'), cache.entries, cache.bytes]).toEqual([undefined, 0, 0])
  })

  test('and loads when a value was loaded, has failed or was evicted gets its answer', async () => {
    const built = serve({ maxEntries: 1 })
    const { fill, listener, load } = built
    const answers: Promise<unknown>[] = []
    const again = () => {
      if (answers.length < 3) answers.push(load('other', () => Promise.resolve('value'), { fresh: true }))
    }
    vi.spyOn(listener, 'loaded').mockImplementationOnce(again)
    await fill('key', '1')
    vi.spyOn(listener, 'evicted').mockImplementationOnce(again)
    await fill('another', '2')
    vi.spyOn(listener, 'failed').mockImplementationOnce(again)
    await reasonOf(load('key', failing('ERR_NOT_FOUND')))
    const found = await Promise.all(answers)
    expect(found).toMatchObject([{ value: 'value' }, { value: 'value' }, { value: 'value' }])
  })

  test('and loads its own key when it was loaded does not wait for itself', async () => {
    const built = serve()
    const inner: Promise<unknown>[] = []
    vi.spyOn(built.listener, 'loaded').mockImplementationOnce(() => {
      inner.push(
        built.load('key', () => Promise.resolve('2')),
        built.load('key', () => Promise.resolve('3'), { fresh: true }),
      )
    })
    await expect(built.fill('key', '1')).resolves.toMatchObject({ value: '1' })
    await expect(Promise.all(inner)).resolves.toMatchObject([{ value: '2' }, { value: '2' }])
    expect(built.valueOf('key')).toBe('2')
  })

  test('and a load that reads another key is no deadlock', async () => {
    const { load } = serve()
    const outer = load('key', async () => {
      const { value } = await load('other', () => Promise.resolve('inner'))
      return `outer of ${value}`
    })
    await expect(outer).resolves.toMatchObject({ value: 'outer of inner' })
  })
})

describe('a load', () => {
  test('that throws at once rejects like any other, and leaves nothing that is stuck (I25)', async () => {
    const { load } = serve()
    const broken = load('key', () => {
      throw new Error('at once')
    })
    await expect(broken).rejects.toThrow('at once')
    await expect(load('key', () => Promise.resolve('value'))).resolves.toMatchObject({ value: 'value' })
  })

  test('that is joined by a reader whose signal has aborted goes on for the others (I17)', async () => {
    const { load } = serve()
    const run = vi.fn(() => Promise.resolve('value'))
    const first = load('key', run)
    const gone = load('key', run, { signal: AbortSignal.abort('before') })
    await expect(reasonOf(gone)).resolves.toBe('before')
    await expect(first).resolves.toMatchObject({ value: 'value' })
    expect(run).toHaveBeenCalledTimes(1)
  })
})
