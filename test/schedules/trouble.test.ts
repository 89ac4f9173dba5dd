/** Random schedules against the whole client: failures, batches, windows, clocks, watches and the end of it all. */

import type * as crypto from 'node:crypto'
import { test, vi } from 'vitest'
import { CALLS, SERVICE, TIME } from './commands.js'
import { generator } from './random.js'
import { SCENARIO_TIMEOUT_MS, type Scenario, expectRulesHold } from './scenario.js'

const random = vi.hoisted(() => ({ next: (): number => 0 }))
vi.mock('node:crypto', async (importOriginal) => ({
  ...(await importOriginal<typeof crypto>()),
  randomInt: (below: number) => Math.floor(random.next() * below),
}))

const SCENARIOS: readonly (readonly [string, Scenario])[] = [
  [
    'batches whose items fail, are not answered or are refused as a whole',
    {
      settings: { maxBatch: 3, maxAttempts: 2, negativeTtlMs: 1000 },
      weights: { ...CALLS, ...SERVICE, ...TIME, prefetch: 8, advance: 8 },
      schemas: [undefined],
      rejections: [
        'answered',
        'answered',
        'answered',
        'rejected, transient',
        'rejected, throttled',
        'rejected, denied',
        'miscounted',
      ],
    },
  ],
  [
    'values past their lifetime, and clocks that jump',
    {
      settings: { ttlMs: 4000, staleWhileRevalidateMs: 2000, staleIfErrorMs: 10_000, maxAttempts: 2 },
      weights: { ...CALLS, ...SERVICE, advance: 14, 'step wall': 3 },
      advancesMs: [1, 500, 1500, 3000, 4001],
      wallStepsMs: [1000, 3700, 6000, -5000, 12_000],
      schemas: [undefined, undefined, undefined, 'picky', 'slow'],
      fresh: 1,
    },
  ],
  [
    'a service that mostly fails',
    {
      settings: {
        ttlMs: 4000,
        staleWhileRevalidateMs: 1000,
        staleIfErrorMs: 8000,
        negativeTtlMs: 1000,
        maxNegativeTtlMs: 4000,
      },
      weights: {
        read: 30,
        get: 6,
        refresh: 3,
        answer: 28,
        serve: 2,
        rotate: 3,
        abort: 2,
        invalidate: 1,
        advance: 16,
      },
      advancesMs: [1, 200, 499, 1000, 3000],
      schemas: [undefined],
      spellings: ['name', 'name', 'arn'],
      selectors: ['current', 'current', 'current', 'previous'],
      outcomes: ['found', 'transient', 'transient', 'throttled', 'denied', 'denied'],
      fresh: 1,
    },
  ],
  [
    'watches, slow ones too, and ends of watches',
    {
      settings: {
        ttlMs: 4000,
        staleWhileRevalidateMs: 1000,
        staleIfErrorMs: 10_000,
        negativeTtlMs: 500,
        maxBatch: 2,
      },
      weights: {
        ...CALLS,
        ...SERVICE,
        watch: 10,
        next: 14,
        'end watch': 2,
        rotate: 10,
        advance: 12,
        'step wall': 1,
      },
      spellings: ['name', 'name', 'arn', 'partialArn'],
      schemas: [undefined],
      ttlsMs: [undefined],
      advancesMs: [1, 500, 4001, 4500],
    },
  ],
  [
    'close() in the middle of everything',
    {
      settings: { maxBatch: 2, maxAttempts: 2, ttlMs: 4000, negativeTtlMs: 500 },
      weights: { ...CALLS, ...SERVICE, ...TIME, close: 3, prefetch: 4, watch: 4, next: 4, validate: 4 },
    },
  ],
]

test.each(SCENARIOS)('%s', { timeout: SCENARIO_TIMEOUT_MS }, async (_title, scenario) => {
  await expectRulesHold(scenario, (seed) => {
    random.next = generator(seed)
  })
})
