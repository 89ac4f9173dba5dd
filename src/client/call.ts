/**
 * Loads what shares a request, until each has a value or a failure: deadline, attempts, and the way back from a
 * batch that does not work to single requests.
 *
 * @module
 */

import { LightSignal, listen } from '../abortable.js'
import type { BatchMemory } from '../batch/batch-memory.js'
import type { Clock } from '../clock.js'
import { type SecretsError, isSecretsError } from '../errors.js'
import type { Observer } from '../observe/observer.js'
import type { Service } from '../reference/reference.js'
import type { RetryBudget } from '../retry/budget.js'
import { startDeadline, timedOut, withDeadline } from '../retry/deadline.js'
import type { Governor } from '../retry/governor.js'
import { type RetryInfo, retrying } from '../retry/retry.js'
import { failureOf } from '../source/failure.js'
import type { Source } from '../source/source.js'
import type { StoredValue } from '../stored-value.js'
import { type Outcome, brokenSource, failureOfAll, outcomesOf, verdictOf } from './outcome.js'
import { type Wanted, open } from './wanted.js'

/** What the calls of one client share. */
export interface CallTools {
  readonly clock: Clock
  readonly timeoutMs: number
  readonly attemptTimeoutMs: number
  readonly maxAttempts: number
  readonly governor: Governor
  readonly budget: RetryBudget
  readonly memory: BatchMemory
  readonly observer: Observer
  readonly random: () => number
}

/** Where a call goes. */
export interface CallTarget {
  readonly service: Service
  readonly source: Source
  /** Whether the source reports each of its requests; one that does not is taken to make one for each load. */
  readonly isCounting: boolean
  /** Service and region: what throttles, and allows batches or does not, together. */
  readonly group: string
}

/** One or several references of one service and region, on their way upstream together. */
export class Call {
  readonly #tools: CallTools
  readonly #target: CallTarget
  readonly #items: readonly Wanted[]
  /** Aborts when nobody waits for any item any more, or the time is up while no request is under way. */
  readonly #signal = new LightSignal()
  #startedAt = 0

  constructor(tools: CallTools, target: CallTarget, items: readonly Wanted[]) {
    this.#tools = tools
    this.#target = target
    this.#items = items
  }

  /** Whether nobody waits for any item; may change while it runs. */
  get isBackground(): boolean {
    return this.#items.every(({ isBackground }) => isBackground)
  }

  /** Settles every item by the deadline. Never rejects. */
  async run(): Promise<void> {
    for (const item of this.#items) {
      item.onAbandoned = () => {
        if (open(this.#items).length === 0) this.#signal.abort(null)
      }
    }
    try {
      this.#startedAt = this.#tools.clock.monotonic()
      await this.#load(this.#items)
    } catch (error) {
      for (const item of open(this.#items)) item.giveUp(failureOf(error, item.reference))
    }
  }

  /** Tries until each item has a value or a failure that is final, or trying is of no use any more. */
  async #load(items: readonly Wanted[]): Promise<void> {
    const { clock, budget, random, maxAttempts } = this.#tools
    const used = Math.max(...items.map(({ attempts }) => attempts))
    const signal = this.#signal
    const options = {
      clock,
      signal,
      budget,
      random,
      // Without an item that is open nobody waits for a retry.
      remainingMs: () => (open(items).length > 0 ? this.#remainingMs() : 0),
      maxAttempts: items.every(({ isProbe }) => isProbe) ? 1 : Math.max(1, maxAttempts - used),
      // What began as a batch has the time of one, also for what is left of it.
      isBatch: () => items.length > 1,
      isBackground: this.isBackground,
      onRetry: (info: RetryInfo) => {
        this.#reportRetry(open(items), info)
      },
    }
    try {
      await retrying(options, () => this.#attempt(open(items), items.length > 1))
    } catch (error) {
      if (signal.aborted) throw error
      for (const item of open(items)) item.giveUp(item.lastError ?? failureOf(error, item.reference))
    }
  }

  /** Makes one request for all items, and rejects with why those that may be tried again are still open. */
  async #attempt(items: readonly Wanted[], isOfBatch: boolean): Promise<void> {
    if (items.length === 0) return
    const outcomes = await this.#ask(items)
    const isAlone = items.length === 1
    const unanswered = items.filter((item, position) => {
      const outcome = outcomes[position]
      if (outcome === undefined && !isAlone) return true
      this.#settle(item, outcome ?? brokenSource(item.reference, LEFT_UNANSWERED), isOfBatch)
      return false
    })
    const errors = items.flatMap(({ lastError }) => lastError ?? [])
    if (items.length > 1) this.#reportBatch(items.length, errors.length, unanswered.length)
    await this.#oneByOne(unanswered, unanswered.length === items.length)
    const passing = errors.filter(({ retryable }) => retryable)
    const worst = passing.find(({ code }) => code === 'ERR_THROTTLED') ?? passing[0]
    if (worst !== undefined) throw worst
  }

  #settle(item: Wanted, outcome: StoredValue | SecretsError, isOfBatch: boolean): void {
    if (!isSecretsError(outcome)) item.resolve(outcome)
    // A client that repeats by itself may have used up the attempts.
    else if (!outcome.retryable || (!isOfBatch && item.attempts >= this.#tools.maxAttempts))
      item.giveUp(outcome)
    else item.failed(outcome)
  }

  /** Asks again for each item by itself, and remembers what a batch is of no use for. */
  async #oneByOne(items: readonly Wanted[], isWholeBatch: boolean): Promise<void> {
    if (items.length === 0) return
    await Promise.all(items.map((item) => this.#load([item])))
    const failed = items.filter(({ lastError }) => lastError !== undefined)
    if (failed.some(({ lastError }) => lastError?.retryable === true)) return
    const { memory } = this.#tools
    // Where every item is to be had by itself, it is the batch that does not work.
    if (isWholeBatch && failed.length === 0) memory.setSingle(this.#target.group)
    else for (const { reference } of isWholeBatch ? failed : items) memory.setSingle(reference.key)
  }

  async #ask(items: readonly Wanted[]): Promise<readonly Outcome[]> {
    const { governor, observer } = this.#tools
    const { group, service } = this.#target
    const lane = `${items.length > 1 ? 'batch' : 'single'} ${group}`
    const run = liveRun(this, this.#signal, () => this.#watchDeadline())
    const outcomes = await governor.run(lane, run, () => this.#request(items))
    if (verdictOf(outcomes) === 'throttled') {
      const concurrency = governor.limit(lane)
      observer.throttle({ service, batchSize: items.length, concurrency })
    }
    return outcomes
  }

  async #request(items: readonly Wanted[]): Promise<readonly Outcome[]> {
    const { ref, toldMs } = this.#deadline(0)
    // What waited until the time was up is not asked for any more.
    if (this.#remainingMs() <= 0) this.#signal.abort(timedOut(ref, toldMs))
    this.#signal.throwIfAborted()
    const references = items.map(({ reference }) => reference)
    const { source, service, isCounting } = this.#target
    const { observer, attemptTimeoutMs } = this.#tools
    const requests = { count: 0 }
    const onRequest = (operation: string) => {
      requests.count += 1
      observer.request(operation)
      for (const item of items) item.attempts += 1
    }
    const countAsOne = () => {
      if (requests.count === 0 && !isCounting) onRequest(`${service}:load`)
    }
    for (const item of items) item.begin()
    // At once, since the items are given up right after.
    const signal = this.#signal
    const stopListening = listen(signal, countAsOne)
    try {
      const load = async (attempt: AbortSignal) => source.load(references, { signal: attempt, onRequest })
      const limitMs = Math.max(1, Math.min(attemptTimeoutMs, this.#remainingMs()))
      return outcomesOf(await withDeadline(this.#deadline(limitMs), load), references)
    } catch (error) {
      if (signal.aborted) throw error
      return references.map((reference) => failureOfAll(error, reference, items.length))
    } finally {
      stopListening()
      countAsOne()
    }
  }

  #deadline(timeoutMs: number) {
    const { clock, attemptTimeoutMs } = this.#tools
    const toldMs = timeoutMs < attemptTimeoutMs ? this.#tools.timeoutMs : timeoutMs
    const ref = this.#items[0]?.reference.ref ?? ''
    return { clock, timeoutMs, toldMs, ref, signal: this.#signal, keepAlive: !this.isBackground }
  }

  /** Keeps to the deadline where no attempt does, which has one of its own; returns what ends it. */
  #watchDeadline(): () => void {
    const { timeoutMs } = this.#tools
    const giveUp = (error: unknown) => {
      this.#signal.abort(error)
    }
    try {
      const leftMs = Math.max(0, this.#remainingMs())
      return startDeadline({ ...this.#deadline(leftMs), toldMs: timeoutMs }, giveUp)
    } catch (error) {
      giveUp(error)
      return () => undefined
    }
  }

  #remainingMs(): number {
    return this.#tools.timeoutMs - (this.#tools.clock.monotonic() - this.#startedAt)
  }

  #reportRetry(items: readonly Wanted[], { attempt, delayMs, error: { code } }: RetryInfo): void {
    const { service } = this.#target
    const [first] = items
    const key = items.length === 1 ? first?.reference.key : undefined
    this.#tools.observer.retry({ service, batchSize: items.length, attempt, delayMs, code }, key)
  }

  #reportBatch(size: number, failed: number, unanswered: number): void {
    const { service } = this.#target
    const fallback = unanswered > 0
    this.#tools.observer.batch({ service, size, failed: failed + unanswered, fallback })
  }
}

/** What the governor is told of a request, whose urgency may change while it waits. */
function liveRun(call: Call, signal: LightSignal, onWait: () => () => void) {
  return {
    signal,
    onWait,
    verdictOf,
    get isBackground() {
      return call.isBackground
    },
  }
}

const LEFT_UNANSWERED = 'left a single reference unanswered'
