/**
 * A clock that can be asked the time at any moment: one of the user's may fail, and what succeeded must not be lost by
 * that.
 *
 * @module
 */

import type { Clock } from '../../clock.js'

/** The same clock; where it cannot tell the time, that of the last time that it could. */
export function steadyClock(clock: Clock): Clock {
  let last = 0
  let wall = 0
  return {
    now: () => {
      try {
        const now = clock.now()
        // It may step in both directions, though not to what is no number.
        if (!Number.isNaN(now)) wall = now
      } catch {
        return wall
      }
      return wall
    },
    monotonic: () => {
      try {
        const now = clock.monotonic()
        // Neither back, nor to what is no number.
        if (now >= last) last = now
      } catch {
        return last
      }
      return last
    },
    sleep: async (ms, options) => clock.sleep(ms, options),
  }
}
