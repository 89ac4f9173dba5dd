/**
 * Gives up on work that takes too long, whether or not the work listens.
 *
 * @module
 */

import { ONCE, abortable } from '../abortable.js'
import { type Clock, loopTurns } from '../clock.js'
import { SecretsError } from '../errors.js'

/** How long work may take, and who else may end it. */
export interface DeadlineOptions {
  readonly clock: Clock
  /** Milliseconds from now. */
  readonly timeoutMs: number
  /**
   * What the error tells of it, where this is what is left of a longer time.
   *
   * @defaultValue `timeoutMs`
   */
  readonly toldMs?: number
  /** Ends the work early; its reason is what the caller gets. */
  readonly signal: AbortSignal
  /** The reference, for the error. */
  readonly ref: string
  /**
   * Whether the timer keeps the process alive; only for work that a caller awaits.
   *
   * @defaultValue `true`
   */
  readonly keepAlive?: boolean
}

/** A timer that fires later than this was held up: by work that blocked the event loop, or by a freeze. */
const LATE_MS = 100

/** Turns of the event loop in which an answer gets through that has come in time. */
const LATE_TURNS = 3

/**
 * Runs `work` with a signal that aborts at the deadline, or when `options.signal` does.
 *
 * Settles by the deadline even when `work` ignores its signal. Leaves no timer and no listener behind. When the timer
 * fires late, an answer that lies in the socket since before the deadline is looked at first.
 *
 * @throws SecretsError `ERR_TIMEOUT` when the deadline passed first.
 */
export async function withDeadline<T>(
  { clock, timeoutMs, toldMs = timeoutMs, signal, ref, keepAlive = true }: DeadlineOptions,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  signal.throwIfAborted()
  const attempt = new AbortController()
  const timer = new AbortController()
  const forward = () => {
    attempt.abort(signal.reason)
  }
  const watch = async () => {
    try {
      const startedAt = clock.monotonic()
      await clock.sleep(timeoutMs, { signal: timer.signal, ref: keepAlive })
      if (clock.monotonic() - startedAt > timeoutMs + LATE_MS) await loopTurns(LATE_TURNS)
      attempt.abort(timedOut(ref, toldMs))
    } catch {
      // A clock that fails can tell no deadline, and a read without a deadline may hang for ever.
      if (!timer.signal.aborted) attempt.abort(clockFailed(ref))
    }
  }
  signal.addEventListener('abort', forward, ONCE)
  void watch()
  try {
    return await abortable(work(attempt.signal), attempt.signal)
  } finally {
    signal.removeEventListener('abort', forward)
    // With a reason, for without one an error with its stack is made for nobody.
    timer.abort(null)
  }
}

function timedOut(ref: string, timeoutMs: number): SecretsError {
  return new SecretsError('ERR_TIMEOUT', {
    ref,
    what: `no answer within ${Math.round(timeoutMs)} ms`,
    hint: 'Check network, VPC endpoint and proxy, or raise retry.attemptTimeoutMs and retry.timeoutMs.',
    attempts: 1,
  })
}

function clockFailed(ref: string): SecretsError {
  return new SecretsError('ERR_TIMEOUT', {
    ref,
    what: 'the clock failed that was to tell the deadline',
    hint: 'Correct sleep() of the clock that was passed in.',
    attempts: 1,
  })
}
