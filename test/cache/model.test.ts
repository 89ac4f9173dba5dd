import fc from 'fast-check'
import { describe, test } from 'vitest'
import { run } from './rig.js'
import { type Scenario, schedules } from './schedules.js'

/** `SCHEDULE_RUNS` says another number. */
const NUM_RUNS = Number(process.env['SCHEDULE_RUNS'] ?? (process.env['CI'] === 'true' ? 10_000 : 500))
const TIMEOUT_MS = 600_000

const SCENARIOS: readonly (readonly [string, Scenario])[] = [
  ['the default windows', {}],
  ['no stale-while-revalidate', { windows: { staleWhileRevalidateMs: 0 } }],
  ['no stale-if-error', { windows: { staleIfErrorMs: 0 } }],
  ['nothing cached', { windows: { ttlMs: 0 } }],
  ['no failure remembered', { windows: { negativeTtlMs: 0 } }],
  ['clocks that start at 0, stop and jump', { start: { wall: 0, monotonic: 0 }, weights: { lie: 8 } }],
  ['room for two', { windows: { maxEntries: 2 }, weights: { settle: 12 } }],
  ['pinned versions', { pinned: ['a', 'b'] }],
  ['storms of aborts', { weights: { abort: 10, burst: 6 } }],
]

describe('the cache does what the model says, and nothing else', () => {
  test.each(SCENARIOS)('%s', { timeout: TIMEOUT_MS }, async (name, scenario) => {
    const property = fc.asyncProperty(schedules(scenario), (schedule) => run(scenario, schedule))
    await fc.assert(property, { numRuns: NUM_RUNS, seed: seedOf(name), endOnFailure: false })
  })
})

/** Fixed for a scenario, unless `SCHEDULE_SEED` says another; a failure tells it beside the smallest schedule. */
function seedOf(name: string): number {
  const { SCHEDULE_SEED: seed } = process.env
  return seed === undefined ? SCENARIOS.findIndex(([other]) => other === name) + 1 : Number(seed)
}
