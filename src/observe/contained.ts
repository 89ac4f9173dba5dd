/**
 * Calls a listener so that nothing it does wrong comes back.
 *
 * @module
 */

import type { SecretsEvent, SecretsEventListener } from './events.js'

/**
 * Hands an event to a listener. Never throws, and leaves no rejection unhandled.
 *
 * @param onFailure - called once if the listener throws, or returns a promise or thenable that rejects
 */
export function callContained(
  listener: SecretsEventListener,
  event: SecretsEvent,
  onFailure: () => void,
): void {
  try {
    const result = listener(event)
    if (result === undefined) return
    // Unlike `Promise.resolve` and `await` of what may be anything, this cannot throw.
    new Promise((resolve) => {
      resolve(result)
    }).catch(onFailure)
  } catch {
    onFailure()
  }
}
