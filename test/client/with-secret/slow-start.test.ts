/** How many may try a version at once. */

import { describe, expect, test } from 'vitest'
import { type Entrant, PATIENCE_MS, SlowStart } from '../../../src/client/with-secret/slow-start.js'
import { ManualClock } from '../../support/manual-clock.js'

function enterAll(slowStart: SlowStart): Entrant[] {
  const entered: Entrant[] = []
  for (;;) {
    const entrant = slowStart.enter()
    if (entrant === undefined || entered.length > 5_000) return entered
    entered.push(entrant)
  }
}

const begun = () => {
  const clock = new ManualClock()
  return { clock, slowStart: new SlowStart(clock) }
}

describe('a version of which nothing is known', () => {
  test('is tried by one', () => {
    const { slowStart } = begun()
    expect(enterAll(slowStart)).toHaveLength(1)
    expect(slowStart.roomInMs).toBe(PATIENCE_MS)
  })

  test('then by the next two, where it is not known how that ended', () => {
    const { slowStart } = begun()
    const [first] = enterAll(slowStart)
    if (first !== undefined) slowStart.leave(first, { is: 'unknown' })
    expect(slowStart.roomInMs).toBe(0)
    expect(enterAll(slowStart)).toHaveLength(2)
  })

  test('by twice as many each time that nobody is turned away for so long', () => {
    const { clock, slowStart } = begun()
    const counts = [1, 2, 3, 4, 5].map(() => {
      const entered = enterAll(slowStart).length
      clock.advance(PATIENCE_MS)
      return entered
    })
    expect(counts[0]).toBe(1)
    expect(counts.every((count, position) => count >= (counts[position - 1] ?? 0) * 2)).toBe(true)
  })
})

describe('a version that was accepted', () => {
  test('is tried by more with each that gets through', () => {
    const { slowStart } = begun()
    const rounds: number[] = []
    let inside = enterAll(slowStart)
    for (let round = 0; round < 8; round += 1) {
      const next: Entrant[] = []
      for (const entrant of inside) {
        slowStart.leave(entrant, { is: 'accepted' })
        next.push(...enterAll(slowStart))
      }
      rounds.push(next.length)
      inside = next
    }
    expect(rounds.at(-1)).toBeGreaterThan(100)
  })

  test('is tried by four when nobody is inside any more', () => {
    const { slowStart } = begun()
    for (let round = 0; round < 3; round += 1) {
      const inside = enterAll(slowStart)
      expect(inside).toHaveLength(round === 0 ? 1 : 4)
      for (const entrant of inside) slowStart.leave(entrant, { is: 'accepted' })
      slowStart.settle()
    }
  })

  test('and by one after a restart, whoever is still inside', () => {
    const { slowStart } = begun()
    const [first] = enterAll(slowStart)
    if (first !== undefined) slowStart.leave(first, { is: 'accepted' })
    const inside = enterAll(slowStart)
    slowStart.restart(false)
    expect(enterAll(slowStart)).toHaveLength(1)
    for (const entrant of inside) slowStart.leave(entrant, { is: 'rejected', error: undefined })
    expect(enterAll(slowStart)).toHaveLength(0)
  })
})
