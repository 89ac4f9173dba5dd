/** What may happen in a schedule of rotations, and how often. */

import fc from 'fast-check'

/** What a caller's `use` does. */
interface UsePlan {
  /** Milliseconds that it takes. */
  readonly takesMs: number
  /**
   * `hang`: it never ends. `fail`: with an error that is no rejection. `throw`: the same, without a promise. `lag`: its
   * database is another one, which refuses everything at first.
   */
  readonly does: 'log in' | 'hang' | 'fail' | 'throw' | 'lag'
}

/** One call of `withSecret`. */
export interface CallPlan {
  readonly pending: boolean
  readonly windowMs: number
  readonly ttlMs: number | undefined
  readonly abortAfterMs: number | undefined
  readonly by: 'name' | 'arn'
  readonly use: UsePlan
}

/** What happens next. */
export type Command =
  | { readonly does: 'call'; readonly times: number; readonly plan: CallPlan }
  | { readonly does: 'accept'; readonly what: Accepted }
  | { readonly does: 'aws'; readonly is: Mood }
  | { readonly does: 'advance'; readonly ms: number }
  | { readonly does: Plain }

/** What the database accepts from now on. */
export type Accepted = 'current' | 'pending' | 'previous' | 'all' | 'none'

/** How AWS answers from now on. */
export type Mood = 'prompt' | 'slow' | 'failing' | 'throttling' | 'silent'

const PLAIN = ['create pending', 'finish', 'roll back', 'drop pending', 'rotate', 'refresh', 'get'] as const

type Plain = (typeof PLAIN)[number] | 'invalidate' | 'freeze' | 'close'

/** What schedules are made of. */
export interface Flavour {
  readonly pendings: readonly boolean[]
  readonly ttlsMs: readonly (number | undefined)[]
  readonly uses: readonly UsePlan['does'][]
  readonly moods: readonly Mood[]
  readonly isAborting: boolean
  readonly isClosing: boolean
}

const oneOf = <T>(values: readonly T[]) => fc.constantFrom(...values)

function calls({ pendings, ttlsMs, uses, isAborting }: Flavour) {
  const plan = fc.record<CallPlan>({
    pending: oneOf(pendings),
    windowMs: oneOf([0, 0, 300, 2_000, 15_000, 60_000, 60_000]),
    ttlMs: oneOf(ttlsMs),
    abortAfterMs: oneOf(isAborting ? [undefined, undefined, 0, 100, 4_000, 20_000] : [undefined]),
    by: oneOf(['name', 'name', 'arn']),
    use: fc.record<UsePlan>({ takesMs: oneOf([0, 0, 0, 50, 200]), does: oneOf(uses) }),
  })
  return fc.record({ does: fc.constant('call' as const), times: oneOf([1, 1, 1, 2, 20, 100]), plan })
}

/** Schedules of one flavour. */
export function schedules(flavour: Flavour, length: number): fc.Arbitrary<readonly Command[]> {
  const plain = oneOf([
    ...PLAIN,
    'invalidate',
    'freeze',
    ...(flavour.isClosing ? (['close'] as const) : []),
  ] as const)
  const command = fc.oneof(
    { weight: 10, arbitrary: calls(flavour) },
    {
      weight: 5,
      arbitrary: fc.record({
        does: fc.constant('accept' as const),
        what: oneOf<Accepted>(['current', 'current', 'pending', 'previous', 'all', 'none']),
      }),
    },
    { weight: 3, arbitrary: fc.record({ does: fc.constant('aws' as const), is: oneOf(flavour.moods) }) },
    {
      weight: 8,
      arbitrary: fc.record({
        does: fc.constant('advance' as const),
        ms: oneOf([0, 50, 50, 300, 1_000, 4_000, 13_000]),
      }),
    },
    { weight: 6, arbitrary: fc.record({ does: plain }) },
  )
  return fc.array(command, { minLength: 1, maxLength: length, size: 'max' })
}
