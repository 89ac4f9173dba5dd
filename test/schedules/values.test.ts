/** Random schedules against the whole client: callers, names, versions and what is kept of them. */

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
    'names and ARNs of secrets that are rotated',
    {
      settings: {},
      weights: { ...CALLS, ...SERVICE, ...TIME, validate: 3 },
    },
  ],
  [
    'secrets that are deleted and created again',
    {
      settings: {},
      weights: { ...CALLS, ...SERVICE, ...TIME, delete: 2, recreate: 4 },
      schemas: [undefined],
    },
  ],
  [
    'a cache that is too small',
    {
      settings: { maxEntries: 2, ttlMs: 4000, staleWhileRevalidateMs: 1000, negativeTtlMs: 500 },
      weights: { ...CALLS, ...SERVICE, ...TIME, recreate: 2, advance: 6 },
      schemas: [undefined, 'plain', 'dated'],
    },
  ],
  [
    'no caching at all',
    {
      settings: { ttlMs: 0, maxBatch: 2 },
      weights: { ...CALLS, ...SERVICE, ...TIME, prefetch: 3, watch: 3, next: 4 },
      schemas: [undefined, 'plain'],
    },
  ],
  [
    'schemas that refuse, throw or take their time',
    {
      settings: { ttlMs: 4000, staleWhileRevalidateMs: 1000, staleIfErrorMs: 10_000 },
      weights: { ...CALLS, ...SERVICE, rotate: 10, validate: 14, advance: 5 },
      spellings: ['name', 'arn'],
    },
  ],
]

test.each(SCENARIOS)('%s', { timeout: SCENARIO_TIMEOUT_MS }, async (_title, scenario) => {
  await expectRulesHold(scenario, (seed) => {
    random.next = generator(seed)
  })
})
