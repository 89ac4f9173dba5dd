/**
 * What one of several requests for a value is told.
 *
 * @module
 */

import type { LoadContext } from '../../cache/launcher.js'

/**
 * The context of one request among those that `context` is for. The value is as old as the first of them.
 *
 * @param signal - ends the request
 */
export function requestContext(
  context: LoadContext,
  { signal, isFirst }: { readonly signal: AbortSignal; readonly isFirst: boolean },
): LoadContext {
  return {
    signal,
    isProbe: context.isProbe,
    onAttempt: () => {
      if (isFirst) context.onAttempt()
    },
    get isBackground() {
      return context.isBackground
    },
  }
}
