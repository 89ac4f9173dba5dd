/** Runs many schedules of one scenario, and tells the shortest that breaks a rule. */

import fc from 'fast-check'
import { expect } from 'vitest'
import { type Flavour, type Step, schedules } from './commands.js'
import { type Setting, World } from './world.js'

/** A client and what is done to it. */
export interface Scenario extends Flavour {
  readonly settings: Partial<Setting>
}

const SETTING: Setting = {
  maxBatch: 1,
  maxAttempts: 1,
  timeoutMs: 5000,
  maxEntries: 100,
  ttlMs: 300_000,
  staleWhileRevalidateMs: 60_000,
  staleIfErrorMs: 3_600_000,
  negativeTtlMs: 0,
  maxNegativeTtlMs: 60_000,
}

const STEPS = 32
const FEW = 300
const MANY = 10_000

/** Generous, since a failure is shrunk. */
export const SCENARIO_TIMEOUT_MS = 600_000

/**
 * Runs schedules until one breaks a rule. The environment variable `SCHEDULE_SEED` chooses them; a failure prints it.
 *
 * @param reseed - sets the numbers that the client draws, so that a schedule goes the same way each time
 */
export async function expectRulesHold(scenario: Scenario, reseed: (seed: number) => void): Promise<void> {
  const { settings, ...flavour } = scenario
  const seed = Number(process.env['SCHEDULE_SEED'] ?? 20_261_122)
  const numRuns = Number(process.env['SCHEDULE_RUNS'] ?? (process.env['CI'] === 'true' ? MANY : FEW))
  const property = fc.asyncProperty(schedules(flavour, STEPS), async (steps) => {
    reseed(steps.length)
    const world = new World({ ...SETTING, ...settings })
    await world.run(steps)
    const { violations, log } = world.history
    if (violations.length > 0) throw new Error(report(violations, log))
  })
  const { stackTraceLimit } = Error
  // Thousands of errors have their stacks formatted otherwise, which nobody reads.
  Error.stackTraceLimit = 0
  const outcome = await fc.check(property, {
    seed,
    numRuns,
  })
  Error.stackTraceLimit = stackTraceLimit
  expect(outcome.failed ? failure(outcome, seed) : '').toBe('')
}

function report(violations: readonly string[], log: readonly string[]): string {
  return [...new Set(violations), '', ...log].join('\n')
}

function failure({ counterexample, errorInstance }: fc.RunDetails<[readonly Step[]]>, seed: number): string {
  const [steps = []] = counterexample ?? []
  const what = errorInstance instanceof Error ? errorInstance.message : String(errorInstance)
  return [`SCHEDULE_SEED=${seed}`, what, '', ...steps.map((step) => JSON.stringify(step))].join('\n')
}
