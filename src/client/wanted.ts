/**
 * One stored value on its way upstream.
 *
 * @module
 */

import { listen } from '../abortable.js'
import type { LoadContext } from '../cache/launcher.js'
import { type SecretsError, errorWith } from '../errors.js'
import type { Reference } from '../reference/reference.js'
import type { StoredValue } from '../stored-value.js'

/** One of those who wait. */
interface Waiter {
  readonly context: LoadContext
  readonly resolve: (value: StoredValue) => void
  readonly reject: (reason: unknown) => void
  /** Ends the listening to its signal. */
  readonly stop: () => void
}

/** A reference that is being loaded, for all who asked for it in one tick. */
export class Wanted {
  readonly reference: Reference
  /** Called when the last of those who wait has left. */
  onAbandoned: () => void = () => undefined
  /** Requests made for it so far. */
  attempts = 0
  readonly #waiting: Waiter[] = []
  #isSettled = false
  #lastError: SecretsError | undefined

  constructor(reference: Reference) {
    this.reference = reference
  }

  /** The value or the failure, or the signal's own reason when it aborts first. Nobody joins what is settled. */
  join(context: LoadContext): Promise<StoredValue> {
    const { signal } = context
    return new Promise((resolve, reject) => {
      const leave = () => {
        reject(signal.reason)
        if (!this.isOpen) this.onAbandoned()
      }
      const waiter = { context, resolve, reject, stop: () => undefined }
      this.#waiting.push(signal.aborted ? waiter : { ...waiter, stop: listen(signal, leave) })
      if (signal.aborted) leave()
    })
  }

  /** Whether it is neither loaded nor given up, and somebody waits. */
  get isOpen(): boolean {
    return !this.#isSettled && this.#waiting.some(({ context }) => !context.signal.aborted)
  }

  /** Whether nobody but the cache itself waits. */
  get isBackground(): boolean {
    return this.#waiting.every(({ context }) => context.isBackground)
  }

  /** Whether one request is enough. */
  get isProbe(): boolean {
    return this.#waiting.every(({ context }) => context.isProbe)
  }

  /** How its last request failed, or how it was given up. */
  get lastError(): SecretsError | undefined {
    return this.#lastError
  }

  /** A request for it starts. */
  begin(): void {
    this.#lastError = undefined
    for (const { context } of this.#waiting) context.onAttempt()
  }

  /** It is loaded. */
  resolve(value: StoredValue): void {
    this.#settle((waiter) => {
      waiter.resolve(value)
    })
  }

  /** Its last request failed, and it may be tried again. */
  failed(error: SecretsError): void {
    this.#lastError = errorWith(error, { ref: this.reference.ref, attempts: this.attempts })
  }

  /** It is given up. */
  giveUp(error: SecretsError): void {
    this.failed(error)
    this.#settle((waiter) => {
      waiter.reject(this.#lastError)
    })
  }

  #settle(answer: (waiter: Waiter) => void): void {
    if (this.#isSettled) return
    this.#isSettled = true
    for (const waiter of this.#waiting) {
      waiter.stop()
      answer(waiter)
    }
  }
}

/** Those that are neither loaded nor given up, and that somebody waits for. */
export function open(items: readonly Wanted[]): readonly Wanted[] {
  return items.filter(({ isOpen }) => isOpen)
}
