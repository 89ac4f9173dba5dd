/**
 * What one of several requests for a value is told.
 *
 * @module
 */

import type { LoadContext } from '../../cache/launcher.js'

/** How one of several requests differs. */
export interface OneRequest {
  /** Ends the request. */
  readonly signal: LoadContext['signal']
  /** Whether it is the one by which the age of the value is told. */
  readonly isFirst: boolean
  /** Called for each attempt. */
  readonly onAttempt?: () => void
}

/** The context of one request among those that `context` is for. The value is as old as the first of them. */
export function requestContext(
  context: LoadContext,
  { signal, isFirst, onAttempt }: OneRequest,
): LoadContext {
  return {
    signal,
    isProbe: context.isProbe,
    onAttempt: () => {
      onAttempt?.()
      if (isFirst) context.onAttempt()
    },
    get isBackground() {
      return context.isBackground
    },
  }
}
