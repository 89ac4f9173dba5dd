/**
 * Runs a load again while its failure may pass, and time, attempts and the client's budget last.
 *
 * `p-retry` runs the loop once an attempt has failed, and sets no timer of its own: whether and how long to wait is
 * decided in its `shouldRetry` hook, and the wait is the clock's.
 *
 * @module
 */

import pRetry from 'p-retry'
import { type AnySignal, abortable, realSignal } from '../abortable.js'
import type { Clock } from '../clock.js'
import { type SecretsError, isSecretsError } from '../errors.js'
import { backoffMs } from './backoff.js'
import type { Charge, RetryBudget } from './budget.js'
import { type RetryKind, retryKindOf } from './kind.js'

/** A retry that is about to be waited for. */
export interface RetryInfo {
  /** The attempt that failed; the first is 1. */
  readonly attempt: number
  /** Milliseconds until the next attempt. */
  readonly delayMs: number
  /** Why it failed. */
  readonly error: SecretsError
}

/** How far retries may go, and who is told. */
export interface RetryOptions {
  readonly clock: Clock
  /**
   * Ends the load at once, during an attempt or between two; its reason is what the caller gets. To be the load's
   * own: each load and each wait listens to it.
   */
  readonly signal: AnySignal
  /** Milliseconds until the deadline of the load. */
  readonly remainingMs: () => number
  /** Attempts in all, the first included; at least 1. Above 1 a throttled batch goes on while time and budget last. */
  readonly maxAttempts: number
  /** Whether the attempt that failed read several values with one request. */
  readonly isBatch: () => boolean
  /** Whether nobody waits for the load: its waits do not keep the process alive, and it may use less budget. */
  readonly isBackground: boolean
  /** What the retries of the whole client are paid from. */
  readonly budget: RetryBudget
  /** Draws a number from [0, 1). */
  readonly random: () => number
  /** Told of each retry before the wait; whatever it throws or returns changes nothing. */
  readonly onRetry: (info: RetryInfo) => unknown
}

/** An attempt that would begin with less than this is not worth a request. */
const MIN_ATTEMPT_MS = 100

/** Every option of p-retry, so that none comes from `Object.prototype`. It sets no timers: the policy waits. */
const NO_TIMERS = {
  ...{ retries: Infinity, minTimeout: 0, maxTimeout: 0, factor: 1, randomize: false, maxRetryTime: Infinity },
  ...{ signal: undefined, unref: false, onFailedAttempt: () => undefined, shouldConsumeRetry: () => true },
}

/**
 * The outcome of the first attempt that succeeds, or of the last one, exactly as it was thrown. Only a
 * `SecretsError` that may pass is followed by another attempt.
 *
 * @param attempt - is given its number, from 1; shall listen to `options.signal` itself, to end its work
 */
export async function retrying<T>(
  options: RetryOptions,
  attempt: (attemptNumber: number) => Promise<T>,
): Promise<T> {
  const { signal, budget } = options
  signal.throwIfAborted()
  const policy = new RetryPolicy(options)
  const value = await abortable(attempts(options, policy, attempt), signal)
  budget.credit(policy.lastRetry)
  return value
}

async function attempts<T>(
  { signal }: RetryOptions,
  policy: RetryPolicy,
  attempt: (attemptNumber: number) => Promise<T>,
): Promise<T> {
  let failure: unknown
  try {
    return await attempt(1)
  } catch (thrown) {
    failure = new FailedAttempt(thrown)
  }
  const again = (attemptNumber: number) =>
    attemptNumber === 1 ? Promise.reject(failure) : attempted(attempt, attemptNumber, signal)
  try {
    return await pRetry(again, {
      ...NO_TIMERS,
      shouldRetry: ({ error, attemptNumber }) =>
        error instanceof FailedAttempt && policy.waitForRetry(error.thrown, attemptNumber),
    })
  } catch (error) {
    return Promise.reject(error instanceof FailedAttempt ? error.thrown : error)
  }
}

/** Carries what an attempt threw past p-retry, which replaces what is no `Error` and has views on some that are. */
class FailedAttempt extends Error {
  readonly thrown: unknown

  constructor(thrown: unknown) {
    super()
    this.thrown = thrown
  }
}

async function attempted<T>(
  attempt: (attemptNumber: number) => Promise<T>,
  attemptNumber: number,
  signal: AnySignal,
): Promise<T> {
  try {
    // An abort may come between the end of a wait and this.
    signal.throwIfAborted()
    return await attempt(attemptNumber)
  } catch (thrown) {
    throw new FailedAttempt(thrown)
  }
}

/** Judges the failures of one load, one after the other. */
class RetryPolicy {
  readonly #options: RetryOptions
  #lastRetry: Charge | undefined
  #hasRetriedCredentials = false

  constructor(options: RetryOptions) {
    this.#options = options
  }

  /** As what the last retry was paid for. */
  get lastRetry(): Charge | undefined {
    return this.#lastRetry
  }

  /** Resolves with `true` when the next attempt is due, and with `false` when there is to be none. Never rejects. */
  async waitForRetry(thrown: unknown, attempt: number): Promise<boolean> {
    const { clock, signal, isBackground } = this.#options
    try {
      const delayMs = this.#delayMs(thrown, attempt)
      if (delayMs === undefined) return false
      await clock.sleep(delayMs, { signal: realSignal(signal), ref: !isBackground })
      // A process that was suspended wakes late.
      return !signal.aborted && this.#fits(0)
    } catch {
      // An abort, or a clock that fails: without waiting there is no retry.
      return false
    }
  }

  /** Milliseconds until the retry, which is paid for and told; `undefined` where there is to be none. */
  #delayMs(error: unknown, attempt: number): number | undefined {
    const { signal, budget, isBackground, isBatch, random } = this.#options
    const kind = retryKindOf(error)
    if (signal.aborted || kind === undefined || !isSecretsError(error)) return undefined
    const isBatchNow = isBatch()
    if (!this.#mayGoOn(kind, attempt, isBatchNow)) return undefined
    const { retryAfterMs } = error
    const delayMs = backoffMs({
      kind,
      retry: attempt - 1,
      isBatch: isBatchNow,
      random: random(),
      retryAfterMs,
    })
    const charge = kind === 'throttled' && isBatchNow ? 'throttled-batch' : kind
    // The budget comes last: what is not retried is not paid for.
    if (!this.#fits(delayMs) || !budget.trySpend(charge, isBackground)) return undefined
    this.#lastRetry = charge
    if (kind === 'credentials') this.#hasRetriedCredentials = true
    this.#tell({ attempt, delayMs, error })
    return delayMs
  }

  #mayGoOn(kind: RetryKind, attempt: number, isBatch: boolean): boolean {
    if (kind === 'throttled' && isBatch && this.#options.maxAttempts > 1) return true
    if (kind === 'credentials' && this.#hasRetriedCredentials) return false
    return attempt < this.#options.maxAttempts
  }

  #fits(delayMs: number): boolean {
    return this.#options.remainingMs() - delayMs >= MIN_ATTEMPT_MS
  }

  #tell(info: RetryInfo): void {
    const { onRetry } = this.#options
    // Within a promise, which also handles what an asynchronous hook rejects with.
    new Promise((resolve) => {
      resolve(onRetry(info))
    }).catch(() => undefined)
  }
}
