/**
 * What every event has.
 *
 * @module
 */

/** What every event has. */
export interface EventBase {
  /** Wall-clock milliseconds since the Unix epoch at which it happened. */
  readonly at: number
}
