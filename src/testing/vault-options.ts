/**
 * How a test says what is to go wrong.
 *
 * @module
 */

/** How often something goes wrong. */
export interface FailOptions {
  /**
   * Requests that it hits before it is over; a whole number of at least 1, or `Infinity`.
   *
   * @defaultValue `Infinity`
   */
  readonly times?: number
  /** Milliseconds that the service asks to wait for before the next request. */
  readonly retryAfterMs?: number
}

/** How a service is down. */
export interface OutageOptions {
  /**
   * Whether requests get no answer at all instead of a refused connection.
   *
   * @defaultValue `false`
   */
  readonly silent?: boolean
}
