/**
 * One stored value on its way upstream.
 *
 * @module
 */

import { SharedSignals } from '../abortable.js'
import type { LoadContext } from '../cache/launcher.js'
import { type SecretsError, errorWith } from '../errors.js'
import type { Reference } from '../reference/reference.js'
import type { StoredValue } from '../stored-value.js'

/** A reference that is being loaded, for all who asked for it in one tick. */
export class Wanted {
  readonly reference: Reference
  /** Called when the last of those who wait has left. */
  onAbandoned: () => void = () => undefined
  /** Requests made for it so far. */
  attempts = 0
  readonly #signals = new SharedSignals()
  readonly #waiting: LoadContext[] = []
  readonly #outcome: Promise<StoredValue>
  #settle: { resolve: (value: StoredValue) => void; reject: (error: unknown) => void } | undefined
  #lastError: SecretsError | undefined

  constructor(reference: Reference) {
    this.reference = reference
    this.#outcome = new Promise((resolve, reject) => (this.#settle = { resolve, reject }))
    this.#outcome.catch(() => undefined)
  }

  /** The value or the failure, or the signal's own reason when it aborts first. */
  join(context: LoadContext): Promise<StoredValue> {
    this.#waiting.push(context)
    return this.#signals.abortable(this.#outcome, context.signal, () => {
      if (!this.isOpen) this.onAbandoned()
    })
  }

  /** Whether it is neither loaded nor given up, and somebody waits. */
  get isOpen(): boolean {
    return this.#settle !== undefined && this.#waiting.some(({ signal }) => !signal.aborted)
  }

  /** Whether nobody but the cache itself waits. */
  get isBackground(): boolean {
    return this.#waiting.every(({ isBackground }) => isBackground)
  }

  /** Whether one request is enough. */
  get isProbe(): boolean {
    return this.#waiting.every(({ isProbe }) => isProbe)
  }

  /** How its last request failed, or how it was given up. */
  get lastError(): SecretsError | undefined {
    return this.#lastError
  }

  /** A request for it starts. */
  begin(): void {
    this.#lastError = undefined
    for (const { onAttempt } of this.#waiting) onAttempt()
  }

  /** It is loaded. */
  resolve(value: StoredValue): void {
    this.#settle?.resolve(value)
    this.#settle = undefined
  }

  /** Its last request failed, and it may be tried again. */
  failed(error: SecretsError): void {
    this.#lastError = errorWith(error, { ref: this.reference.ref, attempts: this.attempts })
  }

  /** It is given up. */
  giveUp(error: SecretsError): void {
    this.failed(error)
    this.#settle?.reject(this.#lastError)
    this.#settle = undefined
  }
}
