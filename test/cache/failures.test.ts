import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Failures, type FailuresOptions } from '../../src/cache/failures.js'
import type { SecretsErrorCode } from '../../src/errors.js'
import { ManualClock } from '../support/manual-clock.js'
import { HOUR, failure } from './building.js'

const FIRST = 1000
const LONGEST = 60_000
const ALMOST_ONE = 1 - 2 ** -53

function remember(options: Partial<FailuresOptions> = {}) {
  const clock = new ManualClock()
  const failures = new Failures({
    clock,
    maxEntries: 10,
    negativeTtlMs: FIRST,
    maxNegativeTtlMs: LONGEST,
    random: () => 0,
    ...options,
  })
  /** For how many milliseconds a key is negative from now on: bisected, for each look makes an error with its stack. */
  const lasts = (key = 'key') => {
    const start = clock.mono
    const goTo = (ms: number) => {
      clock.advance(start + ms - clock.mono)
    }
    let [within, beyond] = [-1, LONGEST + 1]
    while (beyond - within > 1) {
      const middle = Math.floor((within + beyond) / 2)
      goTo(middle)
      if (failures.get(key)?.isNegative === true) within = middle
      else beyond = middle
    }
    goTo(beyond)
    return beyond
  }
  const isNegative = (key = 'key') => failures.get(key)?.isNegative === true
  return { clock, failures, lasts, isNegative }
}

describe('what is remembered', () => {
  test('the class and what helps to find the cause, made anew and for no request (I27, I30)', () => {
    const { failures } = remember()
    const thrown = failure('ERR_ACCESS_DENIED', {
      hint: 'Allow it.',
      requestId: 'EXAMPLE-1',
      retryAfterMs: 5,
    })
    failures.add('key', thrown)
    const { error } = failures.get('key') ?? {}
    expect(error).not.toBe(thrown)
    expect(error?.toJSON()).toEqual({
      ...thrown.toJSON(),
      message: 'key: the load failed; remembered from a moment ago. Allow it.',
      attempts: 0,
      // What is left of the time for which it is remembered.
      retryAfterMs: expect.any(Number) as number,
    })
    expect(error).not.toHaveProperty('cause')
  })

  test.each<[SecretsErrorCode, boolean]>([
    ['ERR_UNAVAILABLE', false],
    ['ERR_REQUEST_REFUSED', true],
  ])('%s that is retryable or not against its code: %s', (code, retryable) => {
    const { failures } = remember()
    failures.add('key', failure(code, { retryable }))
    expect(failures.get('key')?.error).toMatchObject({ code, retryable })
  })

  test.each<SecretsErrorCode>(['ERR_CLOSED', 'ERR_MISSING_PEER', 'ERR_REFERENCE_INVALID'])(
    'not %s, which no waiting could change',
    (code) => {
      const { failures } = remember()
      failures.add('key', failure(code))
      expect(failures.get('key')).toBeUndefined()
    },
  )

  test('nothing, where the time for it is 0', () => {
    const { failures } = remember({ negativeTtlMs: 0 })
    failures.add('key', failure('ERR_THROTTLED', { retryAfterMs: 5000 }))
    expect(failures.get('key')).toBeUndefined()
  })

  test('nothing of it is published by lru-cache', () => {
    const needle = 'NEEDLE-7c02'
    const seen: unknown[] = []
    const listen = (message: unknown) => seen.push(message)
    subscribe('lru-cache:metrics', listen)
    const { failures } = remember()
    failures.add(
      'key',
      failure('ERR_UNAVAILABLE', { what: needle, hint: needle, ref: needle, requestId: needle }),
    )
    failures.get('key')
    failures.delete('key')
    unsubscribe('lru-cache:metrics', listen)
    expect(seen.length).toBeGreaterThan(0)
    for (const message of seen) {
      const printed = inspect(message, { depth: Infinity, showHidden: true, getters: true })
      expect(printed + JSON.stringify(message)).not.toContain(needle)
    }
  })
})

describe('for how long (I28)', () => {
  test('twice as long for each in a row, up to the maximum', () => {
    const { failures, lasts } = remember()
    const times = Array.from({ length: 8 }, () => {
      failures.add('key', failure('ERR_UNAVAILABLE'))
      return lasts()
    })
    expect(times).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000])
    expect(failures.get('key')?.count).toBe(8)
  })

  test('a time drawn from [0.5, 1] of that', () => {
    const { clock, failures } = remember()
    const chances = fc.double({ min: 0, max: ALMOST_ONE, noNaN: true })
    fc.assert(
      fc.property(chances, fc.integer({ min: 1, max: 10 }), (chance, count) => {
        const drawn = remember({ random: () => chance })
        for (let n = 0; n < count; n += 1) drawn.failures.add('key', failure('ERR_TIMEOUT'))
        const longest = Math.min(LONGEST, FIRST * 2 ** (count - 1))
        drawn.clock.advance(longest / 2 - 0.001)
        expect(drawn.isNegative()).toBe(true)
        drawn.clock.advance(longest / 2 + 0.001)
        expect(drawn.isNegative()).toBe(false)
      }),
    )
    failures.add('key', failure('ERR_TIMEOUT'))
    clock.advance(999.999)
    expect(failures.get('key')?.isNegative).toBe(true)
    clock.advance(0.001)
    expect(failures.get('key')?.isNegative).toBe(false)
  })

  test('another kind starts anew', () => {
    const { failures, lasts } = remember()
    for (const code of ['ERR_UNAVAILABLE', 'ERR_UNAVAILABLE', 'ERR_NOT_FOUND'] as const) {
      failures.add('key', failure(code))
    }
    expect(failures.get('key')).toMatchObject({ count: 1, error: { code: 'ERR_NOT_FOUND' } })
    expect(lasts()).toBe(1000)
    failures.add('key', failure('ERR_UNAVAILABLE'))
    expect(failures.get('key')?.count).toBe(1)
  })

  test('keys fail for themselves', () => {
    const { failures, isNegative } = remember()
    failures.add('key', failure('ERR_UNAVAILABLE'))
    failures.add('key', failure('ERR_UNAVAILABLE'))
    failures.add('other', failure('ERR_UNAVAILABLE'))
    expect(failures.get('other')?.count).toBe(1)
    failures.delete('key')
    expect([isNegative('key'), isNegative('other')]).toEqual([false, true])
  })

  test.each([
    ['longer than the drawn time', 1500, 1500],
    ['shorter than the drawn time, which is kept to', 200, 1000],
    ['beyond the maximum, which is kept to', HOUR, LONGEST],
    ['of nothing', 0, 1000],
  ])('the service asks to wait %s', (_title, retryAfterMs, expected) => {
    const { failures, lasts } = remember()
    failures.add('key', failure('ERR_THROTTLED', { retryAfterMs }))
    expect(lasts()).toBe(expected)
  })

  test.each([
    [
      'deleting it',
      (failures: Failures) => {
        failures.delete('key')
      },
    ],
    [
      'clearing all',
      (failures: Failures) => {
        failures.clear()
      },
    ],
  ])('%s resets it', (_title, reset) => {
    const { failures, lasts } = remember()
    failures.add('key', failure('ERR_UNAVAILABLE'))
    failures.add('key', failure('ERR_UNAVAILABLE'))
    reset(failures)
    expect(failures.get('key')).toBeUndefined()
    failures.add('key', failure('ERR_UNAVAILABLE'))
    expect(lasts()).toBe(1000)
  })

  test('failures count as in a row while the last is not longer ago than any is remembered', () => {
    const { clock, failures } = remember()
    failures.add('key', failure('ERR_UNAVAILABLE'))
    clock.advance(FIRST + LONGEST)
    expect(failures.get('key')).toMatchObject({ count: 1, isNegative: false })
    failures.add('key', failure('ERR_UNAVAILABLE'))
    expect(failures.get('key')?.count).toBe(2)
    clock.advance(2 * FIRST + LONGEST + 1)
    expect(failures.get('key')).toBeUndefined()
  })

  test.each([
    ['a freeze', { wall: HOUR, mono: 0 }],
    ['a wall clock that was set back', { wall: -HOUR, mono: HOUR }],
  ])('%s does not prolong it (I46, I48)', (_title, moved) => {
    const { clock, failures } = remember()
    failures.add('key', failure('ERR_UNAVAILABLE'))
    clock.wall += moved.wall
    clock.mono += moved.mono
    expect(failures.get('key')).toBeUndefined()
  })
})

test('as many keys as there is room for, the least recently used forgotten first (I30)', () => {
  const { failures, isNegative } = remember({ maxEntries: 2 })
  failures.add('a', failure('ERR_UNAVAILABLE'))
  failures.add('b', failure('ERR_UNAVAILABLE'))
  expect(isNegative('a')).toBe(true)
  failures.add('c', failure('ERR_UNAVAILABLE'))
  expect(['a', 'b', 'c'].map(isNegative)).toEqual([true, false, true])
})
