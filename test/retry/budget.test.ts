import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Charge, RetryBudget } from '../../src/retry/budget.js'

/** How many retries it pays for before it refuses. */
function drain(budget: RetryBudget, charge: Charge, isBackground = false): number {
  let paid = 0
  while (budget.trySpend(charge, isBackground)) paid += 1
  return paid
}

describe('RetryBudget', () => {
  test.each<[Charge, boolean, number, number]>([
    ['transient', false, 35, 10],
    ['credentials', false, 35, 10],
    ['throttled', false, 100, 0],
    ['throttled-batch', false, 500, 0],
    ['transient', true, 17, 262],
    ['throttled', true, 50, 250],
    ['throttled-batch', true, 250, 250],
  ])(
    'a full one pays for %s retries (background: %s): %i, with %i tokens left',
    (charge, isBackground, paid, left) => {
      const budget = new RetryBudget()
      expect(drain(budget, charge, isBackground)).toBe(paid)
      expect(budget.tokens).toBe(left)
    },
  )

  test('what the background may not spend, the foreground may', () => {
    const budget = new RetryBudget()
    drain(budget, 'throttled', true)
    expect(budget.trySpend('throttled', true)).toBe(false)
    expect(budget.trySpend('throttled', false)).toBe(true)
  })

  test('a refusal costs nothing', () => {
    const budget = new RetryBudget()
    drain(budget, 'transient')
    expect(budget.trySpend('transient', false)).toBe(false)
    expect(budget.tokens).toBe(10)
    expect(budget.trySpend('throttled', false)).toBe(true)
  })

  test.each<[Charge | undefined, number]>([
    ['transient', 14],
    ['credentials', 14],
    ['throttled', 5],
    ['throttled-batch', 1],
    [undefined, 1],
  ])('a success whose last retry was %s gives %i', (lastRetry, given) => {
    const budget = new RetryBudget()
    drain(budget, 'throttled')
    budget.credit(lastRetry)
    expect(budget.tokens).toBe(given)
  })

  test('stays from 0 to 500, whatever is spent and credited', () => {
    const charges = fc.constantFrom<Charge>('transient', 'throttled', 'throttled-batch', 'credentials')
    const spend = fc.record({ charge: charges, isBackground: fc.boolean() })
    const credit = fc.record({ lastRetry: fc.option(charges, { nil: undefined }) })
    fc.assert(
      fc.property(fc.array(fc.oneof(spend, credit), { maxLength: 300 }), (steps) => {
        const budget = new RetryBudget()
        for (const step of steps) {
          const before = budget.tokens
          if ('charge' in step) {
            const isPaid = budget.trySpend(step.charge, step.isBackground)
            if (isPaid && step.isBackground) expect(budget.tokens).toBeGreaterThanOrEqual(250)
            if (!isPaid) expect(budget.tokens).toBe(before)
          } else budget.credit(step.lastRetry)
          expect(budget.tokens).toBeGreaterThanOrEqual(0)
          expect(budget.tokens).toBeLessThanOrEqual(500)
        }
      }),
    )
  })
})
