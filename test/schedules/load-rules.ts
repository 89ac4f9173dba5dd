/** What holds for requests and failures: when there may be one, and when there must be none. */

import type { SecretsError } from '../../src/index.js'
import { type Policy, ROOMY, SHORTEST, ageAt } from './answer-rules.js'
import type { Asked, Call, History, Item, Seen } from './history.js'
import type { Version } from './vault.js'

/** A call that must be over when everything has come to rest. */
interface Prompt {
  readonly call: Call
  readonly good: Seen
}

/** Judges the calls of one schedule as they come and go. */
export class LoadRules {
  readonly #history: History
  readonly #policy: Policy
  #prompt: Prompt[] = []
  /** When a call failed last that had waited until its deadline for a request to be made. */
  readonly #starved = new Map<string, number>()
  /** When the caller of a refresh left last. */
  readonly #abandoned = new Map<string, number>()
  /** When somebody last insisted on a request for a key, and when on any. */
  readonly #insisted = new Map<string, number>()
  #invalidatedAt = 0

  constructor(history: History, policy: Policy) {
    this.#history = history
    this.#policy = policy
    history.onRequest = (items, maxBatch) => {
      this.#requested(items, maxBatch)
    }
  }

  /** Somebody asks. */
  called(call: Call): void {
    const { asked, fresh, kind, ttlMs, at } = call
    if (fresh || kind === 'refresh') this.#insisted.set(asked.key, at)
    if (fresh || (kind !== 'read' && kind !== 'get') || call.isSchemaSlow) return
    const good = this.#good(asked)
    if (good === undefined) return
    const { ttlMs: lifetimeMs, staleWhileRevalidateMs } = this.#policy
    const promptMs = Math.min(ttlMs ?? Infinity, 0.9 * lifetimeMs + staleWhileRevalidateMs)
    if (ageAt(good.item.stamp, this.#history.state) <= promptMs) this.#prompt.push({ call, good })
  }

  /** Everything has come to rest. */
  atRest(): void {
    for (const { call, good } of this.#prompt) {
      if (!this.#history.calls.has(call) || call.signal?.aborted === true) continue
      this.#history.violate(
        'whoever asks for what is fresh, or being revalidated, does not wait (I1, I2)',
        `${call.asked.key} at ${call.at}, known by request ${good.item.id}`,
      )
    }
    this.#prompt = []
  }

  /** A reference was invalidated, or all. */
  invalidated(asked: Asked | undefined): void {
    const at = this.#history.tick()
    const aliases = asked === undefined ? NONE : this.#history.aliasesOf(asked.key, asked.meantArn, false)
    const kind = asked === undefined ? 'invalidate all' : 'invalidate'
    this.#history.floors.push({ kind, upTo: at, since: at, asked, aliases })
    this.#history.distrust()
    this.#invalidatedAt = at
  }

  /** A refresh has ended well: what it found, or newer, is what everybody gets who calls from now on. */
  refreshed({ asked, at }: Call, versionId: string | undefined): void {
    const found = this.#history.items.filter(
      ({ key, served, outcome, restedAt = Infinity }) =>
        key === asked.key && outcome === 'found' && restedAt > at && served?.version?.id === versionId,
    )
    const [oldest] = found
    if (oldest === undefined) {
      this.#history.violate('a refresh is answered by a request that was not answered before it', asked.key)
      return
    }
    const aliases = this.#history.aliasesOf(asked.key, asked.meantArn, true)
    const since = this.#history.tick()
    this.#history.floors.push({ kind: 'refresh', upTo: oldest.at - 1, since, asked, aliases })
  }

  /** A prefetch has ended. */
  prefetched(asked: readonly Asked[], loaded: readonly string[], failed: readonly SecretsError[]): void {
    const told = [...loaded, ...failed.map(({ ref }) => ref ?? '')].sort()
    const keys = [...new Set(asked.map(({ key }) => key))].sort()
    if (told.join() !== keys.join()) {
      this.#history.violate('a prefetch tells of each reference once', `${keys.join()}: ${told.join()}`)
    }
  }

  /** A plain value, whose request is not known. */
  got(call: Call, version: Version): void {
    const { key, secret, arn } = call.asked
    if (version.secret !== secret || (arn !== undefined && version.arn !== arn)) {
      this.#history.violate('a value is from the secret that was asked for', `${key}: n=${version.n}`)
    }
    const isNew = this.#history.items.some(
      (item) => item.key === key && item.at > call.at && item.served?.version?.n === version.n,
    )
    if (call.fresh && !isNew) this.#history.violate('a fresh value is from a request after the call', key)
  }

  /** A call has failed. */
  failed(call: Call, error: SecretsError): void {
    if (call.hasSchema || error.code === 'ERR_CLOSED') return
    this.#expectUnavailable(call, error)
    if (error.what.includes('remembered')) this.#expectRecent(call)
    else if (error.attempts > 0) this.#remember(call)
    else this.#starved.set(call.asked.key, this.#history.state.monotonic)
  }

  /** The caller of a refresh has left; what it began goes on. */
  abandoned({ asked }: Call): void {
    this.#abandoned.set(asked.key, this.#history.state.monotonic)
  }

  /** The deadline of these calls has passed. */
  expectSettled(calls: readonly Call[]): void {
    for (const call of calls) {
      if (call.isSchemaSlow || !this.#history.calls.has(call)) continue
      this.#history.violate(
        'every call settles by its deadline (I22)',
        `${call.kind} of ${call.asked.key} at ${call.at}`,
      )
    }
  }

  /** The deadlines of schemas have passed too. */
  expectNoneWaiting(): void {
    for (const { kind, asked, at } of this.#history.calls) {
      this.#history.violate(
        'every schema answers by its deadline, or nobody waits',
        `${kind} of ${asked.key} at ${at}`,
      )
    }
  }

  #requested(items: readonly Item[], maxBatch: number): void {
    const keys = new Set(items.map(({ key }) => key))
    if (items.length < 1 || items.length > maxBatch || keys.size < items.length) {
      this.#history.violate('a request has 1 to maxBatch references, each once (I33)', [...keys].join())
    }
    for (const item of items) this.#expectNotRemembered(item)
  }

  /** Half the negative TTL is the shortest for which a failure is remembered. */
  #expectNotRemembered({ key, at, secret }: Item): void {
    const failed = this.#history.failed.get(key)
    if (failed === undefined) return
    const hasSucceeded = this.#history.items.some(
      (item) => item.secret === secret && item.outcome === 'found' && (item.answeredAt ?? 0) > failed.at,
    )
    const isInsisted = Math.max(this.#insisted.get(key) ?? 0, this.#invalidatedAt) > failed.at
    const age = ageAt(failed.stamp, this.#history.state)
    if (hasSucceeded || isInsisted || age >= 0.5 * this.#policy.negativeTtlMs) return
    this.#history.violate(
      'no request for what has just failed (I27)',
      `${key} at ${at}, failed at ${failed.at}`,
    )
  }

  /** Notes a failure that the client ought to remember: nothing else was about its key or its secret. */
  #remember({ asked: { key, secret } }: Call): void {
    const { items, calls, state, failed } = this.#history
    const { ttlMs, timeoutMs, maxEntries } = this.#policy
    failed.delete(key)
    if (ttlMs === 0 || maxEntries < ROOMY) return
    const recent = items.filter(({ stamp }) => state.monotonic - stamp.monotonic <= 2 * timeoutMs)
    const since = recent[0]?.at ?? 0
    const hasFound = items.some(
      (item) => item.secret === secret && item.outcome === 'found' && (item.answeredAt ?? 0) > since,
    )
    const isAlone = ![...calls].some((other) => other.asked.key === key || other.kind === 'prefetch')
    // One that is answered after a later one says nothing any more, nor does one that is answered too late.
    const answers = recent
      .filter((item) => item.key === key)
      .map(({ answeredAt = NaN, isLate }) => (isLate === true ? NaN : answeredAt))
    const isInOrder = answers.every((at, position) => at >= (answers[position - 1] ?? 0))
    // Where the wall clock has jumped, a request that is under way says nothing to those who come later.
    const isPast = recent.some((item) => item.key === key && ageAt(item.stamp, state) > SHORTEST * ttlMs)
    const isAbandoned = state.monotonic - (this.#abandoned.get(key) ?? -Infinity) <= timeoutMs
    if (hasFound || !isAlone || isAbandoned || !isInOrder || isPast || this.#invalidatedAt > since) return
    failed.set(key, { at: this.#history.tick(), stamp: state })
  }

  /** A failure without a request is one that is remembered, or waited for its turn in vain, and not for ever. */
  #expectRecent({ asked: { key } }: Call): void {
    const { items, state } = this.#history
    const { maxNegativeTtlMs, timeoutMs } = this.#policy
    const isRecent = items.some(
      (item) => item.key === key && state.monotonic - item.stamp.monotonic <= maxNegativeTtlMs + timeoutMs,
    )
    const starvedAt = this.#starved.get(key) ?? -Infinity
    if (!isRecent && state.monotonic - starvedAt > maxNegativeTtlMs)
      this.#history.violate('a failure is not remembered for longer than its maximum (I29)', key)
  }

  /** A failure that may pass reaches nobody for whom there is a value that will do. */
  #expectUnavailable({ kind, asked, fresh, ttlMs }: Call, { retryable, code }: SecretsError): void {
    if (!retryable || fresh || (kind !== 'read' && kind !== 'get')) return
    const good = this.#good(asked)
    if (good === undefined) return
    const { ttlMs: lifetimeMs, staleIfErrorMs } = this.#policy
    const age = ageAt(good.item.stamp, this.#history.state)
    if (age > Math.min(ttlMs ?? Infinity, 0.9 * lifetimeMs + staleIfErrorMs)) return
    this.#history.violate(
      'a failure that may pass is answered with the last good value (I4)',
      `${code} for ${asked.key}, known by request ${good.item.id}`,
    )
  }

  #good({ key, secret }: Asked): Seen | undefined {
    const { ttlMs, maxEntries } = this.#policy
    return ttlMs === 0 || maxEntries < ROOMY ? undefined : this.#history.good(key, secret)
  }
}

const NONE: ReadonlySet<string> = new Set()
