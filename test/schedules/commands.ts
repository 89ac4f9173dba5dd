/** What a schedule is made of: plain data that fast-check draws, shrinks and prints. */

import fc from 'fast-check'
import { SCHEMAS, type SchemaName } from './schemas.js'
import type { Answer, ItemOutcome, RequestOutcome } from './service.js'
import type { SecretNumber, Target } from './vault.js'

/** Options of one read, as a schedule tells them. */
export interface ReadHow {
  readonly fresh: boolean
  readonly ttlMs: number | undefined
  readonly schema: SchemaName | undefined
  /** One of a few signals, which callers may share. */
  readonly signal: number | undefined
}

/** One thing that happens. */
export type Command =
  | { readonly does: 'read' | 'get'; readonly target: Target; readonly how: ReadHow }
  | { readonly does: 'refresh' | 'watch'; readonly target: Target; readonly signal: number | undefined }
  | {
      readonly does: 'prefetch'
      readonly targets: readonly Target[]
      readonly signal: number | undefined
    }
  | { readonly does: 'invalidate'; readonly target: Target }
  | { readonly does: 'invalidate all' | 'close' }
  | { readonly does: 'rotate' | 'roll back' | 'delete' | 'recreate'; readonly secret: SecretNumber }
  | { readonly does: 'serve' | 'validate' | 'next' | 'end watch' | 'abort'; readonly which: number }
  | { readonly does: 'answer'; readonly which: number; readonly answer: Answer }
  | { readonly does: 'advance' | 'step wall'; readonly ms: number }

/** A command, and for how many microtasks nothing else happens; `0` is until everything has come to rest. */
export interface Step {
  readonly command: Command
  readonly rest: number
}

/** How likely each command is, in parts of the whole; what is not named does not happen. */
export type Weights = Partial<Record<Command['does'], number>>

/** What the commands of a scenario look like. */
export interface Flavour {
  readonly weights: Weights
  readonly spellings?: readonly Target['spelling'][]
  readonly selectors?: readonly Target['selector'][]
  readonly schemas?: readonly (SchemaName | undefined)[]
  readonly ttlsMs?: readonly (number | undefined)[]
  readonly outcomes?: readonly ItemOutcome[]
  readonly rejections?: readonly RequestOutcome[]
  /** Odds in ten that a read is fresh. */
  readonly fresh?: number
  readonly advancesMs?: readonly number[]
  readonly wallStepsMs?: readonly number[]
}

/** What callers do. */
export const CALLS: Weights = { read: 24, get: 6, refresh: 6, invalidate: 4, 'invalidate all': 1, abort: 4 }
/** What the service does. */
export const SERVICE: Weights = { serve: 4, answer: 28, rotate: 6, 'roll back': 1 }
/** What the clocks do. */
export const TIME: Weights = { advance: 4, 'step wall': 1 }

/** Signals that callers share. */
export const SIGNALS = 3

const DEFAULTS: Required<Flavour> = {
  weights: {},
  spellings: ['name', 'name', 'arn', 'arn', 'oldArn', 'partialArn'],
  selectors: ['current', 'current', 'current', 'current', 'previous', 'pinned'],
  schemas: [undefined, undefined, undefined, ...SCHEMAS],
  ttlsMs: [undefined, undefined, undefined, undefined, 0, 100, 2000],
  outcomes: ['found', 'found', 'found', 'found', 'found', 'transient', 'throttled', 'denied', 'unanswered'],
  rejections: ['answered', 'answered', 'answered', 'answered', 'answered', 'rejected, transient'],
  fresh: 2,
  advancesMs: [1, 50, 500, 3000],
  wallStepsMs: [1000, 6000, -5000, 400_000],
}

/** Schedules of up to `length` steps. */
export function schedules(flavour: Flavour, length: number): fc.Arbitrary<readonly Step[]> {
  const step = fc.record({
    command: commandOf({ ...DEFAULTS, ...flavour }),
    rest: fc.constantFrom(0, 0, 0, 1, 2, 3, 5, 8, 13),
  })
  return fc.array(step, { minLength: 1, maxLength: length, size: 'max' })
}

function commandOf(flavour: Required<Flavour>): fc.Arbitrary<Command> {
  const arbitraries = arbitrariesOf(flavour)
  const weighted = Object.entries(flavour.weights).flatMap(([does, weight]) => {
    const arbitrary = arbitraries.get(does)
    return arbitrary === undefined ? [] : [{ weight, arbitrary }]
  })
  return fc.oneof(...weighted)
}

function arbitrariesOf(flavour: Required<Flavour>): ReadonlyMap<string, fc.Arbitrary<Command>> {
  const target = targetOf(flavour)
  const signal = fc.constantFrom(undefined, undefined, ...Array.from({ length: SIGNALS }, (_, at) => at))
  const secret = fc.constantFrom<SecretNumber>(0, 1)
  const which = fc.nat({ max: 11 })
  const how = fc.record({
    fresh: fc.nat({ max: 9 }).map((odds) => odds >= 10 - flavour.fresh),
    ttlMs: fc.constantFrom(...flavour.ttlsMs),
    schema: fc.constantFrom(...flavour.schemas),
    signal,
  })
  const answer = fc.record({
    whole: fc.constantFrom(...flavour.rejections),
    items: fc.array(fc.constantFrom(...flavour.outcomes), { minLength: 1, maxLength: 3 }),
  })
  const targets = fc.array(target, { minLength: 1, maxLength: 4 })
  const table: Record<Command['does'], fc.Arbitrary<Command>> = {
    read: fc.record({ does: fc.constant('read'), target, how }),
    get: fc.record({ does: fc.constant('get'), target, how }),
    refresh: fc.record({ does: fc.constant('refresh'), target, signal }),
    watch: fc.record({ does: fc.constant('watch'), target, signal }),
    prefetch: fc.record({ does: fc.constant('prefetch'), targets, signal }),
    invalidate: fc.record({ does: fc.constant('invalidate'), target }),
    'invalidate all': fc.constant({ does: 'invalidate all' }),
    close: fc.constant({ does: 'close' }),
    rotate: fc.record({ does: fc.constant('rotate'), secret }),
    'roll back': fc.record({ does: fc.constant('roll back'), secret }),
    delete: fc.record({ does: fc.constant('delete'), secret }),
    recreate: fc.record({ does: fc.constant('recreate'), secret }),
    serve: fc.record({ does: fc.constant('serve'), which }),
    validate: fc.record({ does: fc.constant('validate'), which }),
    next: fc.record({ does: fc.constant('next'), which }),
    'end watch': fc.record({ does: fc.constant('end watch'), which }),
    abort: fc.record({ does: fc.constant('abort'), which }),
    answer: fc.record({ does: fc.constant('answer'), which, answer }),
    advance: fc.record({ does: fc.constant('advance'), ms: fc.constantFrom(...flavour.advancesMs) }),
    'step wall': fc.record({ does: fc.constant('step wall'), ms: fc.constantFrom(...flavour.wallStepsMs) }),
  }
  return new Map(Object.entries(table))
}

function targetOf({ spellings, selectors }: Required<Flavour>): fc.Arbitrary<Target> {
  return fc.record({
    secret: fc.constantFrom<SecretNumber>(0, 1),
    spelling: fc.constantFrom(...spellings),
    selector: fc.constantFrom(...selectors),
  })
}
