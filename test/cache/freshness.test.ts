import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Freshness, freshness, jitteredTtlMs, negativeTtlMs } from '../../src/cache/freshness.js'

const HOUR = 3_600_000
const value = { ttlMs: 100, isFailure: false, isRefused: false }
const refused = { ...value, isRefused: true }
const pinned = { ...value, ttlMs: Infinity }
const failure = { ...value, isFailure: true }
const both = { staleWhileRevalidateMs: 20, staleIfErrorMs: 300 }
const longRevalidation = { staleWhileRevalidateMs: 300, staleIfErrorMs: 20 }
const noRevalidation = { ...both, staleWhileRevalidateMs: 0 }
const noStaleOnError = { ...both, staleIfErrorMs: 0 }
const neither = { staleWhileRevalidateMs: 0, staleIfErrorMs: 0 }
const ALMOST_ONE = 1 - 2 ** -53

describe('freshness', () => {
  test.each([
    ['a value', value, both, [0, 'fresh', 100, 'fresh', 101, 'stale-while-revalidate']],
    ['a value', value, both, [120, 'stale-while-revalidate', 121, 'stale-if-error', 400, 'stale-if-error']],
    ['a value', value, both, [400.001, 'expired', 401, 'expired', Infinity, 'expired']],
    ['a moment past each boundary', value, both, [100.001, 'stale-while-revalidate']],
    ['a moment past each boundary', value, both, [120.001, 'stale-if-error']],
    ['the longer of both windows counts', value, longRevalidation, [121, 'stale-while-revalidate']],
    ['the longer of both windows counts', value, longRevalidation, [400, 'stale-while-revalidate']],
    ['the longer of both windows counts', value, longRevalidation, [401, 'expired']],
    ['no stale-while-revalidate', value, noRevalidation, [100, 'fresh', 101, 'stale-if-error']],
    ['no stale-if-error', value, noStaleOnError, [120, 'stale-while-revalidate', 121, 'expired']],
    ['neither window', value, neither, [100, 'fresh', 100.001, 'expired']],
    ['a TTL of 0', { ...value, ttlMs: 0 }, neither, [0, 'fresh', 0.001, 'expired']],
    ['a refused value', refused, both, [0, 'fresh', 100, 'fresh', 100.001, 'expired', 121, 'expired']],
    ['a pinned version', pinned, neither, [0, 'fresh', 1e6 * HOUR, 'fresh', Infinity, 'fresh']],
    ['a pinned version that was refused', { ...pinned, isRefused: true }, both, [1e6 * HOUR, 'fresh']],
    ['a failure', failure, both, [0, 'negative', 99.999, 'negative', 100, 'expired', 101, 'expired']],
    ['a failure that was remembered for no time', { ...failure, ttlMs: 0 }, both, [0, 'expired']],
  ] as const)('%s, %o, %o: %j', (_title, lifetime, policy, ages) => {
    for (let at = 0; at < ages.length; at += 2) {
      expect(freshness(lifetime, Number(ages[at]), policy)).toBe(ages[at + 1])
    }
  })

  test.each([
    ['within the TTL', value, 50, [50, 'fresh', 51, 'expired']],
    ['within stale-while-revalidate', value, 110, [110, 'stale-while-revalidate', 110.001, 'expired']],
    ['within stale-if-error', value, 200, [200, 'stale-if-error', 201, 'expired']],
    ['beyond every window', value, 1000, [400, 'stale-if-error', 401, 'expired']],
    ['of nothing', value, 0, [0, 'fresh', 0.001, 'expired']],
    ['on a refused value', refused, 1000, [100, 'fresh', 101, 'expired']],
    ['on a pinned version, which has no age', pinned, 0, [0, 'fresh', HOUR, 'fresh']],
    ['on a failure, which is nobody’s value', failure, 0, [50, 'negative', 100, 'expired']],
  ] as const)("a reader's limit %s is hard: %o, %d ms: %j", (_title, lifetime, maxAgeMs, ages) => {
    for (let at = 0; at < ages.length; at += 2) {
      expect(freshness(lifetime, Number(ages[at]), both, maxAgeMs)).toBe(ages[at + 1])
    }
  })

  const durations = fc.oneof(fc.nat(200), fc.double({ min: 0, max: 2 ** 40, noNaN: true }))
  const cases = fc.record({
    ttlMs: durations,
    isRefused: fc.boolean(),
    staleWhileRevalidateMs: durations,
    staleIfErrorMs: durations,
    maxAgeMs: fc.option(durations, { nil: undefined }),
  })

  test('I3: nothing is served beyond the longer window, nor beyond what the reader accepts', () => {
    fc.assert(
      fc.property(cases, durations, ({ ttlMs, isRefused, maxAgeMs, ...policy }, age) => {
        const state = freshness({ ttlMs, isRefused, isFailure: false }, age, policy, maxAgeMs)
        const windowMs = isRefused ? 0 : Math.max(policy.staleWhileRevalidateMs, policy.staleIfErrorMs)
        const isServable = age <= ttlMs + windowMs && age <= (maxAgeMs ?? Infinity)
        expect(state !== 'expired').toBe(isServable)
        expect(state === 'fresh').toBe(age <= Math.min(ttlMs, maxAgeMs ?? Infinity))
      }),
      { numRuns: 2000 },
    )
  })

  test('it only ever gets worse with age, with a refusal, and with what the reader accepts', () => {
    const order: readonly Freshness[] = ['fresh', 'stale-while-revalidate', 'stale-if-error', 'expired']
    fc.assert(
      fc.property(cases, durations, durations, ({ ttlMs, isRefused, maxAgeMs, ...policy }, age, more) => {
        const rank = (at: number, refusal: boolean, limit: number | undefined) =>
          order.indexOf(freshness({ ttlMs, isRefused: refusal, isFailure: false }, at, policy, limit))
        const now = rank(age, isRefused, maxAgeMs)
        expect(now).toBeGreaterThanOrEqual(0)
        expect(rank(age + more, isRefused, maxAgeMs)).toBeGreaterThanOrEqual(now)
        expect(rank(age, true, maxAgeMs)).toBeGreaterThanOrEqual(now)
        expect(rank(age, isRefused, Math.min(more, maxAgeMs ?? Infinity))).toBeGreaterThanOrEqual(now)
      }),
      { numRuns: 2000 },
    )
  })
})

test.each([
  [0, 1000],
  [0.5, 950],
  [0.999_999, 900.0001],
])('a lifetime drawn with %d lies in [0.9, 1] of the TTL (I7)', (random, expected) => {
  expect(jitteredTtlMs(1000, random)).toBeCloseTo(expected, 3)
})

test('failures in a row are remembered twice as long each time, up to the maximum, and half of it at least (I28)', () => {
  const bounds = { minMs: 1000, maxMs: 60_000 }
  const longest = [1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]
  longest.forEach((expected, before) => {
    expect(negativeTtlMs(before + 1, bounds, 0)).toBe(expected)
    expect(negativeTtlMs(before + 1, bounds, 0.5)).toBe(0.75 * expected)
    expect(negativeTtlMs(before + 1, bounds, ALMOST_ONE)).toBeCloseTo(expected / 2, 6)
  })
  expect(negativeTtlMs(1_000_000, bounds, 0)).toBe(60_000)
})
