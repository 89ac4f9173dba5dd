import { describe, expect, test } from 'vitest'
import { ageMs, freshness, jitteredTtlMs, stampOf } from '../../src/cache/freshness.js'
import { ManualClock } from '../support/manual-clock.js'

const HOUR = 3_600_000

describe('ageMs: the larger of both clocks (I46–I50)', () => {
  test.each([
    ['both clocks agree', { wall: 10_000, mono: 10_000 }, 10_000],
    ['the environment was frozen and the monotonic clock stood still', { wall: HOUR, mono: 0 }, HOUR],
    ['the wall clock was set back by an hour', { wall: -HOUR, mono: 10_000 }, 10_000],
    ['the wall clock was set forward by an hour', { wall: HOUR, mono: 10_000 }, HOUR],
    ['both clocks lie', { wall: -HOUR, mono: -5 }, 0],
  ])('%s', (_title, moved, age) => {
    const clock = new ManualClock()
    const stamp = stampOf(clock)
    clock.wall += moved.wall
    clock.mono += moved.mono
    expect(ageMs(stamp, clock)).toBe(age)
  })

  test('clocks that start at zero age like any other', () => {
    const clock = new ManualClock(0, 0)
    const stamp = stampOf(clock)
    clock.advance(7)
    expect(ageMs(stamp, clock)).toBe(7)
  })
})

describe('freshness', () => {
  test.each([
    [0, 100, undefined, 'fresh'],
    [100, 100, undefined, 'fresh'],
    [100.001, 100, undefined, 'expired'],
    [50, 100, 50, 'fresh'],
    [51, 100, 50, 'expired'],
    [101, 100, 1000, 'expired'],
    [0, 100, 0, 'fresh'],
    [1, Infinity, undefined, 'fresh'],
  ])('at age %d, lifetime %d, reader limit %s: %s', (age, ttlMs, maxAgeMs, expected) => {
    expect(freshness(age, ttlMs, maxAgeMs)).toBe(expected)
  })
})

test.each([
  [0, 1000],
  [0.5, 950],
  [0.999_999, 900.0001],
])('a lifetime drawn with %d lies in [0.9, 1] of the TTL (I7)', (random, expected) => {
  expect(jitteredTtlMs(1000, random)).toBeCloseTo(expected, 3)
})
