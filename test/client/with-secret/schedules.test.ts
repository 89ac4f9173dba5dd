/** Random schedules of rotations: whatever AWS, the database and the callers do, the promises of `withSecret` hold. */

import type * as crypto from 'node:crypto'
import fc from 'fast-check'
import { expect, onTestFinished, test, vi } from 'vitest'
import { generator } from '../../schedules/random.js'
import { type Flavour, schedules } from './schedules-commands.js'
import { type Setting, World } from './schedules-world.js'

const random = vi.hoisted(() => ({ next: (): number => 0 }))
vi.mock('node:crypto', async (importOriginal) => ({
  ...(await importOriginal<typeof crypto>()),
  randomInt: (below: number) => Math.floor(random.next() * below),
}))

const STEPS = 24
const FEW = 120
const MANY = 3_000

/** Generous, since a failure is shrunk. */
const TIMEOUT_MS = 600_000

const CALM: Flavour = {
  pendings: [false, true],
  ttlsMs: [undefined],
  uses: ['log in'],
  moods: ['prompt'],
  isAborting: false,
  isClosing: false,
}

const SETTING: Setting = { ttlMs: 300_000, seal: false, isStrict: true }

const SCENARIOS: readonly (readonly [string, Flavour, Setting])[] = [
  ['rotations, step by step and rolled back', CALM, SETTING],
  [
    'AWS that is slow, throttles, fails or says nothing',
    { ...CALM, moods: ['prompt', 'prompt', 'slow', 'failing', 'throttling', 'silent'] },
    SETTING,
  ],
  [
    'nothing cached, and callers who want it so',
    { ...CALM, ttlsMs: [undefined, 0], moods: ['prompt', 'prompt', 'slow', 'failing', 'silent'] },
    { ...SETTING, ttlMs: 0 },
  ],
  [
    'logins that hang or fail, and callers who go away',
    { ...CALM, uses: ['log in', 'log in', 'log in', 'hang', 'fail', 'throw'], isAborting: true },
    { ...SETTING, isStrict: false },
  ],
  ['a database that lags behind another', { ...CALM, uses: ['log in', 'log in', 'lag'] }, SETTING],
  ['sealed', { ...CALM, isAborting: true }, { ...SETTING, seal: true }],
  [
    'sealed, short-lived, and closed in the middle of everything',
    {
      ...CALM,
      ttlsMs: [undefined, 0],
      moods: ['prompt', 'prompt', 'slow', 'failing'],
      isAborting: true,
      isClosing: true,
    },
    { ttlMs: 5_000, seal: true, isStrict: true },
  ],
]

test.each(SCENARIOS)('%s', { timeout: TIMEOUT_MS }, async (_title, flavour, setting) => {
  const unhandled: unknown[] = []
  const note = (error: unknown) => unhandled.push(error)
  process.on('unhandledRejection', note)
  const { stackTraceLimit } = Error
  // Thousands of errors have their stacks formatted otherwise, which nobody reads.
  Error.stackTraceLimit = 0
  onTestFinished(() => {
    process.off('unhandledRejection', note)
    Error.stackTraceLimit = stackTraceLimit
  })
  const seed = Number(process.env['SCHEDULE_SEED'] ?? 20_261_122)
  const numRuns = Number(process.env['SCHEDULE_RUNS'] ?? (process.env['CI'] === 'true' ? MANY : FEW))
  const property = fc.asyncProperty(schedules(flavour, STEPS), async (commands) => {
    random.next = generator(commands.length)
    const world = new World(setting)
    await world.run(commands)
    const violations = [
      ...world.violations,
      ...unhandled.map((error) => `nothing is unhandled: ${String(error)}`),
    ]
    if (violations.length > 0) throw new Error([...violations, '', ...world.callers.log].join('\n'))
  })
  const outcome = await fc.check(property, { seed, numRuns })
  const { errorInstance } = outcome
  const what = errorInstance instanceof Error ? errorInstance.message : String(errorInstance)
  expect(outcome.failed ? `SCHEDULE_SEED=${seed}\n${what}` : '').toBe('')
})
