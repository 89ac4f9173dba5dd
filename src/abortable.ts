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
 *
 * @param onAbort - called once, when the wait ends by the signal
 */
export function abortable<T>(promise: Promise<T>, signal: AbortSignal, onAbort?: () => void): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const abort = () => {
      onAbort?.()
      reject(signal.reason)
    }
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort, { once: true })
    promise.then(resolve, reject).finally(() => {
      signal.removeEventListener('abort', abort)
    })
  })
}
