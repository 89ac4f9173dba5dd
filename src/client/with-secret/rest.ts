/**
 * A pause of a search, which somebody in haste can end.
 *
 * @module
 */

import type { Clock } from '../../clock.js'

/** One pause at a time. */
export class Rest {
  readonly #clock: Clock
  #current: AbortController | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Whether a pause is being made. */
  get isUnderWay(): boolean {
    return this.#current !== undefined
  }

  /** Whether it lasted for so many milliseconds; not where it was ended. Rejects where the clock fails. */
  async last(ms: number, signal: AbortSignal): Promise<boolean> {
    // A listener of events may have closed the client a moment ago.
    if (signal.aborted) return false
    const rest = new AbortController()
    this.#current = rest
    const end = () => {
      rest.abort(null)
    }
    signal.addEventListener('abort', end, { once: true })
    try {
      await this.#clock.sleep(ms, { signal: rest.signal, ref: true })
      return true
    } catch (error) {
      if (rest.signal.aborted) return false
      throw error
    } finally {
      if (this.#current === rest) this.#current = undefined
      signal.removeEventListener('abort', end)
    }
  }

  /** Ends it. */
  wake(): void {
    this.#current?.abort(null)
  }
}
