/**
 * Gives up on work that takes too long, whether or not the work listens.
 *
 * @module
 */

import { type AnySignal, listen } from '../abortable.js'
import { type Clock, alarm, loopTurns } from '../clock.js'
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
  readonly signal: AnySignal
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
export function withDeadline<T>(
  options: DeadlineOptions,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { signal } = options
  return new Promise<T>((resolve, reject) => {
    signal.throwIfAborted()
    const attempt = new AbortController()
    const giveUp = (reason: unknown) => {
      end()
      attempt.abort(reason)
      reject(reason)
    }
    const stopTimer = startDeadline(options, giveUp)
    const stopListening = listen(signal, () => {
      giveUp(signal.reason)
    })
    const end = () => {
      stopTimer()
      stopListening()
    }
    const run = async () => work(attempt.signal)
    run().then(
      (value) => {
        end()
        resolve(value)
      },
      (error: unknown) => {
        end()
        reject(error)
      },
    )
  })
}

/**
 * Calls `giveUp` at the deadline, unless the function that is returned is called before.
 *
 * @throws SecretsError `ERR_TIMEOUT` where the clock fails.
 */
export function startDeadline(
  { clock, timeoutMs, toldMs = timeoutMs, ref, keepAlive = true }: Omit<DeadlineOptions, 'signal'>,
  giveUp: (reason: SecretsError) => void,
): () => void {
  let isOver = false
  // A clock that fails can tell no deadline, and a read without a deadline may hang for ever.
  const startedAt = timeOf(clock, ref)
  const expire = () => {
    if (!isOver) giveUp(timedOut(ref, toldMs))
  }
  const fail = () => {
    giveUp(clockFailed(ref))
  }
  const onDue = () => {
    try {
      if (clock.monotonic() - startedAt <= timeoutMs + LATE_MS) expire()
      else void loopTurns(LATE_TURNS).then(expire)
    } catch {
      fail()
    }
  }
  const stop = alarm(clock, timeoutMs, { ref: keepAlive, onDue, onFailure: fail })
  return () => {
    isOver = true
    stop()
  }
}

function timeOf(clock: Clock, ref: string): number {
  try {
    return clock.monotonic()
  } catch {
    throw clockFailed(ref)
  }
}

/** The error of whoever waited in vain for so many milliseconds. */
export function timedOut(ref: string, timeoutMs: number): SecretsError {
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
