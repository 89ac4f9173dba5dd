import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { backoffMs } from '../../src/retry/backoff.js'
import type { RetryKind } from '../../src/retry/kind.js'

/** So close to 1 that the wait is its bound. */
const ALMOST_ONE = 1 - 2 ** -53

const kinds = fc.constantFrom<RetryKind>('transient', 'throttled', 'credentials')
const chances = fc.double({ min: 0, max: ALMOST_ONE, noNaN: true })
const inits = fc.record({
  kind: kinds,
  retry: fc.oneof(fc.nat(40), fc.nat(1_000_000)),
  isBatch: fc.boolean(),
  random: chances,
})

test.each<[RetryKind, boolean, readonly number[]]>([
  ['transient', false, [50, 100, 200, 400]],
  ['transient', true, [50, 100, 200, 400]],
  ['credentials', false, [50, 100, 200, 400]],
  ['throttled', false, [1_000, 2_000, 4_000, 8_000, 16_000, 20_000, 20_000]],
  ['throttled', true, [500, 200, 300, 450, 675]],
])('%s, batch %s: waits are drawn up to %j ms', (kind, isBatch, bounds) => {
  bounds.forEach((bound, retry) => {
    expect(backoffMs({ kind, retry, isBatch, random: ALMOST_ONE })).toBeCloseTo(bound, 6)
    expect(backoffMs({ kind, retry, isBatch, random: 0.5 })).toBe(bound / 2)
    expect(backoffMs({ kind, retry, isBatch, random: 0 })).toBe(0)
  })
})

test('a wait is finite, from 0 to 20 s, however many retries there were (I45)', () => {
  fc.assert(
    fc.property(inits, (init) => {
      const delayMs = backoffMs(init)
      expect(Number.isFinite(delayMs)).toBe(true)
      expect(delayMs).toBeGreaterThanOrEqual(0)
      expect(delayMs).toBeLessThanOrEqual(20_000)
    }),
  )
})

test('the wait is in proportion to chance: no part of it is the same for everybody (I45)', () => {
  fc.assert(
    fc.property(inits, (init) => {
      const bound = backoffMs({ ...init, random: ALMOST_ONE })
      expect(backoffMs(init)).toBeCloseTo(init.random * bound, 6)
    }),
  )
})

describe('Retry-After', () => {
  const half = { kind: 'throttled', retry: 0, isBatch: false, random: 0.5 } as const

  test.each<[string, number | undefined, number]>([
    ['none', undefined, 500],
    ['less than our own wait', 200, 500],
    ['more than our own wait', 1_500, 1_500],
    ['the most that counts', 5_500, 5_500],
    ['more than that', 5_501, 5_500],
    ['a billion', 1e9, 5_500],
    ['endless', Infinity, 5_500],
    ['zero', 0, 500],
    ['negative', -1_000, 500],
    ['no number', NaN, 500],
  ])('%s', (_title, retryAfterMs, expected) => {
    expect(backoffMs({ ...half, retryAfterMs })).toBe(expected)
  })

  test('never shortens a wait, and prolongs it by 5 s at most', () => {
    fc.assert(
      fc.property(inits, fc.double(), (init, retryAfterMs) => {
        const own = backoffMs(init)
        const delayMs = backoffMs({ ...init, retryAfterMs })
        expect(delayMs).toBeGreaterThanOrEqual(own)
        expect(delayMs).toBeLessThanOrEqual(own + 5_000)
      }),
    )
  })
})
