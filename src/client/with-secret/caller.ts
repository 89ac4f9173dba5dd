/**
 * Who works with a secret, and what it went through.
 *
 * @module
 */

/** One that uses a credential, for as long as that takes. */
export interface Caller {
  readonly signal: AbortSignal | undefined
  /** Milliseconds for which it waits after it was turned away. */
  readonly windowMs: number
  /** When that ends, on the monotonic clock; unknown before it was turned away or has to wait. */
  deadline: number | undefined
  /** How it was turned away last. */
  rejection: Rejection | undefined
  /** How AWS failed, where it could not be told what to try. */
  failure: unknown
  /** Whether it was told what to do after a rejection: it is told so once, however short its window. */
  isServed: boolean
  /** Whether it is to wait apart: what turned it away lets others in, or AWS does not tell it what to try. */
  isApart: boolean
}

/** What `use` failed with, when that means that the credential was refused. */
export interface Rejection {
  readonly error: unknown
  /** The version that was refused. */
  readonly version: string
  /** How many had been let in before. */
  readonly acceptances: number
}
