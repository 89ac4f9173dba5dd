/** What may happen to a cache, and to the service behind it: seeded random schedules. */

import fc from 'fast-check'
import type { Failing, Windows } from './model.js'

export const KEYS = ['a', 'b', 'c', 'd', 'e'] as const

/** Where a scenario says nothing else. */
export const WINDOWS: Windows = {
  ttlMs: 100,
  staleWhileRevalidateMs: 20,
  staleIfErrorMs: 300,
  negativeTtlMs: 10,
  maxNegativeTtlMs: 60,
  maxFlightMs: 50,
  maxEntries: 100,
}

/** What a load may end with; `current` and `begun` say whose version it is: that of now, or of when it was sent. */
export type Ending = 'current' | 'begun' | 'throttled' | 'throttled for long' | Failing['code']

/** One thing that happens. Loads and callers are counted from the latest, modulo how many there are. */
export type Action =
  | {
      readonly do: 'read'
      readonly key: string
      readonly fresh: boolean
      readonly maxAgeMs: number
      readonly signal: 'none' | 'own' | 'aborted'
    }
  | { readonly do: 'refresh' | 'invalidate' | 'rotate' | 'delete'; readonly key: string }
  | { readonly do: 'invalidateAll' }
  | { readonly do: 'settle'; readonly load: number; readonly ending: Ending }
  | { readonly do: 'attempt'; readonly load: number }
  | { readonly do: 'abort'; readonly caller: number }
  | { readonly do: 'pass'; readonly wallMs: number; readonly monotonicMs: number }

/** What happens without a microtask in between; one load at most lands at its end. */
export interface Tick {
  readonly random: number
  readonly actions: readonly Action[]
}

/** One schedule. */
export interface Schedule {
  readonly ticks: readonly Tick[]
  /** Whether the cache is closed at the end, with loads under way. */
  readonly isClosed: boolean
}

/** What a family of schedules has in common. */
export interface Scenario {
  readonly windows?: Partial<Windows>
  readonly start?: { readonly wall: number; readonly monotonic: number }
  readonly pinned?: readonly string[]
  readonly weights?: Partial<Record<'settle' | 'abort' | 'lie' | 'burst', number>>
}

const LOST: readonly Ending[] = ['ERR_UNAVAILABLE', 'ERR_TIMEOUT', 'throttled', 'throttled for long']
const REFUSED: readonly Ending[] = ['ERR_ACCESS_DENIED', 'ERR_NOT_FOUND', 'ERR_MISSING_PEER']

const keys = fc.constantFrom('a', 'a', 'a', ...KEYS)
const indices = fc.nat(99)
const endings = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom<Ending[]>('current', 'begun') },
  { weight: 1, arbitrary: fc.constantFrom('ERR_UNAVAILABLE', 'crash', ...LOST, ...REFUSED) },
)
const durations = fc.constantFrom(0, 1, 5, 10, 20, 50, 51, 80, 95, 100, 101, 120, 300, 400)
const steps = fc.constantFrom(-400_000, -300_001, -300_000, -500, -20, 0, 20, 300, 300_000, 300_001)

const reads = fc.record({
  do: fc.constant('read' as const),
  key: keys,
  fresh: fc.constantFrom(false, false, false, true),
  maxAgeMs: fc.constantFrom(Infinity, Infinity, Infinity, 0, 10, 50, 100, 110, 150),
  signal: fc.constantFrom('none' as const, 'own' as const, 'own' as const, 'aborted' as const),
})
const settles = fc.record({ do: fc.constant('settle' as const), load: indices, ending: endings })
const attempts = fc.record({ do: fc.constant('attempt' as const), load: indices })
const aborts = fc.record({ do: fc.constant('abort' as const), caller: indices })
const changes = fc.record({
  do: fc.constantFrom('refresh' as const, 'invalidate' as const, 'rotate' as const, 'delete' as const),
  key: keys,
})
const time = durations.map((ms) => pass(ms, ms))
/** The monotonic clock stops, the wall clock jumps, or both. */
const lies = fc.oneof(
  durations.map((ms) => pass(ms, 0)),
  steps.map((ms) => pass(ms, 0)),
  fc.tuple(steps, durations).map(([wallMs, monotonicMs]) => pass(wallMs, monotonicMs)),
)

/** Schedules of a scenario. */
export function schedules({ windows, weights = {} }: Scenario): fc.Arbitrary<Schedule> {
  const action = fc.oneof<fc.WeightedArbitrary<Action>[]>(
    { weight: 10, arbitrary: reads },
    { weight: weights.settle ?? 8, arbitrary: settles },
    { weight: 5, arbitrary: time },
    { weight: 4, arbitrary: changes },
    { weight: weights.lie ?? 1, arbitrary: lies },
    { weight: weights.abort ?? 1, arbitrary: aborts },
    { weight: 1, arbitrary: attempts },
    { weight: 1, arbitrary: fc.constant({ do: 'invalidateAll' as const }) },
  )
  const actions = fc.oneof(
    { weight: 4, arbitrary: action.map((one) => [one]) },
    { weight: weights.burst ?? 1, arbitrary: fc.array(action, { minLength: 2, maxLength: 8 }) },
  )
  const tick = fc.record({ random: fc.constantFrom(0, 0, 0.5, 0.75), actions })
  const chapter = fc.oneof(
    { weight: 12, arbitrary: tick.map((one) => [one]) },
    { weight: 1, arbitrary: boundaries({ ...WINDOWS, ...windows }) },
  )
  return fc.record({
    ticks: fc.array(chapter, { minLength: 1, maxLength: 30, size: 'max' }).map((chapters) => chapters.flat()),
    isClosed: fc.boolean(),
  })
}

/** A value, or a value and a failure after it, is read at the very end of a window or right after. */
function boundaries({
  ttlMs,
  staleWhileRevalidateMs,
  staleIfErrorMs,
  negativeTtlMs,
}: Windows): fc.Arbitrary<Tick[]> {
  const ends = [ttlMs, ttlMs + staleWhileRevalidateMs, ttlMs + staleIfErrorMs, negativeTtlMs]
  const ages = fc.constantFrom(...ends.flatMap((end) => [end, end + 1]))
  return fc.tuple(keys, ages, ages, endings, endings).map(([key, first, second, ending, last]) => {
    const read: Action = { do: 'read', key, fresh: false, maxAgeMs: Infinity, signal: 'none' }
    const settle = (how: Ending): Action => ({ do: 'settle', load: 0, ending: how })
    const actions = [
      ...[{ ...read, fresh: true }, settle('current'), pass(first, first), read, settle(ending)],
      ...[pass(second, second), read, settle(last), read],
    ]
    return actions.map((one) => ({ random: 0, actions: [one] }))
  })
}

function pass(wallMs: number, monotonicMs: number): Action {
  return { do: 'pass', wallMs, monotonicMs }
}
