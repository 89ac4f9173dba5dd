/**
 * Lets one caller stop waiting without touching what it waits for.
 *
 * @module
 */

import { setMaxListeners } from 'node:events'

/** An `AbortSignal`, or what does for one where only our own code looks at it. */
export type AnySignal = AbortSignal | LightSignal

/**
 * Aborts like a controller and its signal in one, for a tenth of what the two cost: they come to be only where
 * somebody asks for a real signal.
 */
export class LightSignal {
  #aborted = false
  #reason: unknown
  #callbacks: Set<() => void> | undefined
  #controller: AbortController | undefined

  /** Whether it was aborted. */
  get aborted(): boolean {
    return this.#aborted
  }

  /** What it was aborted with. */
  get reason(): unknown {
    return this.#reason
  }

  /** Throws the reason, if it was aborted. */
  throwIfAborted(): void {
    if (this.#aborted) throw this.#reason
  }

  /** Aborts with a reason, the first time that it is called. */
  abort(reason: unknown): void {
    if (this.#aborted) return
    this.#aborted = true
    this.#reason = reason
    const callbacks = this.#callbacks
    this.#callbacks = undefined
    if (callbacks !== undefined) for (const callback of callbacks) callback()
    this.#controller?.abort(reason)
  }

  /** Calls `onAbort` when it aborts, once, unless the function that is returned was called before. */
  listen(onAbort: () => void): () => void {
    const callbacks = (this.#callbacks ??= new Set())
    callbacks.add(onAbort)
    return () => callbacks.delete(onAbort)
  }

  /** A real signal that aborts with it. */
  get real(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      setMaxListeners(0, this.#controller.signal)
      if (this.#aborted) this.#controller.abort(this.#reason)
    }
    return this.#controller.signal
  }
}

/** The signal itself where it is a real one, else one that aborts with it. */
export function realSignal(signal: AnySignal): AbortSignal {
  return signal instanceof LightSignal ? signal.real : signal
}

/** Calls `onAbort` when the signal aborts, once, unless the function that is returned was called before. */
export function listen(signal: AnySignal, onAbort: () => void): () => void {
  if (signal instanceof LightSignal) return signal.listen(onAbort)
  signal.addEventListener('abort', onAbort, ONCE)
  return () => {
    signal.removeEventListener('abort', onAbort)
  }
}

/**
 * The outcome of `promise`, unless `signal` aborts first: then a rejection with the signal's own reason.
 *
 * The reason is passed on as it is, an `Error` or not. No listener stays on the signal after either outcome,
 * and a later rejection of `promise` is handled.
 *
 * @param onAbort - called once, when the wait ends by the signal
 */
export function abortable<T>(promise: Promise<T>, signal: AnySignal, onAbort?: () => void): Promise<T> {
  return untilAbort(promise, signal, listen, onAbort)
}

function untilAbort<T>(
  promise: Promise<T>,
  signal: AnySignal,
  listenTo: (signal: AnySignal, onAbort: () => void) => () => void,
  onAbort?: () => void,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    let stop: (() => void) | undefined
    const abort = () => {
      onAbort?.()
      reject(signal.reason)
    }
    if (signal.aborted) abort()
    else stop = listenTo(signal, abort)
    promise.then(
      (value) => {
        stop?.()
        resolve(value)
      },
      (error: unknown) => {
        stop?.()
        reject(error)
      },
    )
  })
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
  readonly #listenTo = (signal: AnySignal, onAbort: () => void) => this.listen(signal, onAbort)

  /**
   * As {@link abortable}.
   *
   * @param onAbort - called once, when the wait ends by the signal
   */
  abortable<T>(promise: Promise<T>, signal: AnySignal, onAbort?: () => void): Promise<T> {
    return untilAbort(promise, signal, this.#listenTo, onAbort)
  }

  /** Calls `onAbort` when the signal aborts, unless the function that is returned was called before. */
  listen(signal: AnySignal, onAbort: () => void): () => void {
    if (signal instanceof LightSignal) return signal.listen(onAbort)
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
