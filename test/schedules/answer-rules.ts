/** What holds for every value that a caller gets, whatever happened before and meanwhile. */

import { type Stamp } from '../../src/clock.js'
import type { Call, Floor, History, Item } from './history.js'
import type { Version } from './vault.js'

/** The windows and limits of the client under test. */
export interface Policy {
  readonly ttlMs: number
  readonly staleWhileRevalidateMs: number
  readonly staleIfErrorMs: number
  readonly negativeTtlMs: number
  readonly maxNegativeTtlMs: number
  readonly timeoutMs: number
  readonly maxEntries: number
}

/** A value as a caller got it, and the request that it came from. */
export interface Answer {
  readonly call: Call
  readonly item: Item
  readonly version: Version
  readonly stale: boolean
  readonly arn: string | undefined
  readonly fetchedAt: number
}

/** A promise about answers; `check` tells how it was broken. */
export interface AnswerRule {
  readonly name: string
  readonly check: (answer: Answer, history: History, policy: Policy) => string | undefined
}

/** Entries that hold everything that a schedule may ask for. */
export const ROOMY = 100

/** The shortest share of the TTL for which a value is fresh. */
export const SHORTEST = 0.9

/** Age by whichever clock saw more of it. */
export function ageAt(stamp: Stamp, now: Stamp): number {
  return Math.max(0, now.wall - stamp.wall, now.monotonic - stamp.monotonic)
}

/** The rules for answers that tell their request. */
export const ANSWER_RULES: readonly AnswerRule[] = [
  {
    name: 'a fresh read is answered by a request that started after the call, and is never stale',
    check: ({ call, item, stale }) => {
      if (!call.fresh) return undefined
      return item.at < call.at || stale ? `request at ${item.at}, call at ${call.at}` : undefined
    },
  },
  {
    name: 'the answer is from the secret, the selector and the generation that were asked for',
    check: ({ call: { asked }, item, version, arn }) => {
      const isOther = item.secret !== asked.secret || version.secret !== asked.secret
      const isOtherArn = (asked.arn !== undefined && arn !== asked.arn) || version.arn !== arn
      const isOtherSelector = selectorOf(item) !== asked.selector
      return isOther || isOtherArn || isOtherSelector ? `${item.key} n=${version.n} ${arn}` : undefined
    },
  },
  {
    name: 'value and provenance are of one request, and tell when it started',
    check: ({ item, version, fetchedAt }) => {
      const isOne = item.served?.version?.n === version.n && fetchedAt === item.stamp.wall
      return isOne ? undefined : `n=${version.n}, request found ${item.served?.version?.n ?? 'nothing'}`
    },
  },
  {
    name: 'nothing older than an invalidation or a refresh, under its key or a known alias (I14)',
    check: (answer, history, policy) =>
      history.floors
        .filter((floor) => isBelow(floor, answer, history, policy))
        .map((floor) => `${floor.kind} ${floor.asked?.key ?? ''} at ${floor.since}`)[0],
  },
  {
    name: 'whoever has seen a value sees none older after it, under its key or a known alias (I10, I11)',
    check: (answer, history, policy) =>
      history.seen
        .filter((seen) => seen.at < answer.call.at && seen.item.at > answer.item.at)
        .filter((seen) => isComparable(seen, answer, history, policy))
        .map(({ key, item }) => `request ${item.id} was seen before under ${key}`)[0],
  },
  {
    name: 'no answer is older than the reader accepts, nor than every window (I3)',
    check: (answer, history, policy) => {
      const { call, item } = answer
      const { ttlMs, staleWhileRevalidateMs, staleIfErrorMs, timeoutMs } = policy
      if (call.asked.isPinned || item.at > call.at) return undefined
      const window = ttlMs + Math.max(staleWhileRevalidateMs, staleIfErrorMs)
      const accepted = Math.min(call.ttlMs ?? Infinity, window)
      if (youngest(answer, history) <= accepted) return undefined
      // A load under way is joined for what is its age then; it may take its time.
      const wasUnderWay = (item.restedAt ?? Infinity) > call.at
      const age = ageAt(item.stamp, stateOf(call, history))
      return wasUnderWay && age <= Math.min(timeoutMs, call.ttlMs ?? Infinity)
        ? undefined
        : `age ${age} ms, accepted ${accepted} ms`
    },
  },
  {
    name: 'stale is said of what is older than its lifetime, and of nothing else (I5)',
    check: (answer, history, policy) => {
      const { call, item, stale } = answer
      if (isSubstitute(answer, history, policy)) return undefined
      if (call.asked.isPinned) return stale ? 'a pinned version has no lifetime' : undefined
      if (stale) {
        const age = oldest(answer, history)
        return age > SHORTEST * policy.ttlMs ? undefined : `stale at ${age} ms`
      }
      const wasCached = (item.restedAt ?? Infinity) < call.at
      const age = youngest(answer, history)
      return wasCached && age > policy.ttlMs ? `not stale at ${age} ms` : undefined
    },
  },
]

const selectorOf = ({ reference }: Item): string => reference.versionStage ?? reference.versionId ?? ''

/**
 * Whether it may be the version before, in place of one that the schema refuses, or takes longer for than the reader
 * waits.
 */
function isSubstitute({ call, stale }: Answer, history: History, { timeoutMs }: Policy): boolean {
  const waitedMs = history.state.monotonic - stateOf(call, history).monotonic
  return stale && (call.isPicky || (call.isSchemaSlow && waitedMs >= timeoutMs))
}

function isBelow(floor: Floor, answer: Answer, history: History, policy: Policy): boolean {
  const { call, item, arn } = answer
  const { ttlMs } = policy
  if (floor.since > call.at || item.at > floor.upTo) return false
  // After a refresh too.
  if (floor.kind === 'refresh' && isSubstitute(answer, history, policy)) return false
  const { asked } = floor
  if (asked === undefined || asked.key === call.asked.key) return true
  // Without a cache, loads of two keys know nothing of each other.
  if (floor.kind === 'refresh' && ttlMs === 0) return false
  const isSame = asked.secret === call.asked.secret && asked.selector === call.asked.selector
  return isSame && floor.aliases.has(call.asked.key) && asked.meantArn === arn
}

function isComparable(
  { key, item, version }: { readonly key: string; readonly item: Item; readonly version: Version },
  answer: Answer,
  history: History,
  policy: Policy,
): boolean {
  const { call, arn } = answer
  const { ttlMs, maxEntries } = policy
  if (ttlMs === 0 || maxEntries < ROOMY || isSubstitute(answer, history, policy)) return false
  if (key === call.asked.key) return true
  const isSame = item.secret === call.asked.secret && selectorOf(item) === call.asked.selector
  if (!isSame || version.arn !== arn || !history.wasAlias(key, call.asked.key, call.at)) return false
  // A reader who accepts less than what is cached may join the other key's load that is under way.
  return call.ttlMs === undefined && ageAt(item.stamp, stateOf(call, history)) <= SHORTEST * ttlMs
}

function stateOf({ state }: Call, { states, state: now }: History): Stamp {
  return states[state] ?? now
}

/** States of the clock in which the value may have been picked: the present one, or any since the call. */
function statesOf({ call }: Answer, history: History): readonly Stamp[] {
  return call.isSchemaSlow ? history.states.slice(call.state) : [history.state]
}

function youngest(answer: Answer, history: History): number {
  return Math.min(...statesOf(answer, history).map((state) => ageAt(answer.item.stamp, state)))
}

function oldest(answer: Answer, history: History): number {
  return Math.max(...statesOf(answer, history).map((state) => ageAt(answer.item.stamp, state)))
}
