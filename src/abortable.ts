/**
 * Lets one caller stop waiting without touching what it waits for.
 *
 * @module
 */

/**
 * The outcome of `promise`, unless `signal` aborts first: then a rejection with the signal's own reason.
 *
 * The reason is passed on as it is, an `Error` or not. No listener stays on the signal after either outcome,
 * and a later rejection of `promise` is handled.
 */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new SharedSignals().abortable(promise, signal)
}

/** How to listen for an `abort`: without a prototype, since a listener's options have a `signal` too. */
export const ONCE = once()

function once(): { readonly once: true } {
  const options = { once: true } as const
  Object.setPrototypeOf(options, null)
  return Object.freeze(options)
}

/** Those who wait for one signal, and the end of listening to it. */
interface Listening {
  readonly callbacks: Set<() => void>
  readonly stop: () => void
}

/**
 * {@link abortable} for signals that many callers share: it keeps one listener on each signal, however many
 * wait. A listener for each would be a `MaxListenersExceededWarning` from the eleventh on, and quadratic time.
 */
export class SharedSignals {
  readonly #listening = new Map<AbortSignal, Listening>()

  /**
   * As {@link abortable}.
   *
   * @param onAbort - called once, when the wait ends by the signal
   */
  abortable<T>(promise: Promise<T>, signal: AbortSignal, onAbort?: () => void): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const abort = () => {
        onAbort?.()
        reject(signal.reason)
      }
      if (signal.aborted) abort()
      else this.#add(signal, abort)
      const done = () => {
        this.#remove(signal, abort)
      }
      promise.then(resolve, reject).then(done, done)
    })
  }

  /** Calls `onAbort` when the signal aborts, unless the function that is returned was called before. */
  listen(signal: AbortSignal, onAbort: () => void): () => void {
    this.#add(signal, onAbort)
    return () => {
      this.#remove(signal, onAbort)
    }
  }

  #add(signal: AbortSignal, callback: () => void): void {
    const { callbacks } = this.#listening.get(signal) ?? this.#listen(signal)
    callbacks.add(callback)
  }

  #remove(signal: AbortSignal, callback: () => void): void {
    const listening = this.#listening.get(signal)
    if (listening?.callbacks.delete(callback) !== true || listening.callbacks.size > 0) return
    this.#listening.delete(signal)
    listening.stop()
  }

  #listen(signal: AbortSignal): Listening {
    const callbacks = new Set<() => void>()
    const onAbort = () => {
      this.#listening.delete(signal)
      for (const callback of callbacks) callback()
    }
    const stop = () => {
      signal.removeEventListener('abort', onAbort)
    }
    signal.addEventListener('abort', onAbort, ONCE)
    const listening = { callbacks, stop }
    this.#listening.set(signal, listening)
    return listening
  }
}
