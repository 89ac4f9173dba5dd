/**
 * A box around a secret that shows nothing of it, however it is printed, cloned or serialised.
 *
 * @module
 */

/** What Node.js prints an object by: `inspect.custom` of `node:util`, whose import would delay every first read. */
const INSPECT = Symbol.for('nodejs.util.inspect.custom')

/** What stands in the place of a secret. */
export const MASK = '[redacted]'

/**
 * A value that only {@link Redacted.reveal} gives away: everything else shows `[redacted]`.
 *
 * @example
 * ```ts
 * const password = await secrets.get('prod/db#password', { redacted: true })
 * console.log(`connecting with ${password}`) // connecting with [redacted]
 * await connect({ password: password.reveal() })
 * ```
 */
export class Redacted<T> {
  readonly #value: T
  /** What is shown in place of the value, also where only data is looked at, as by `structuredClone`. */
  readonly redacted = MASK

  /** Boxes a value. */
  constructor(value: T) {
    this.#value = value
    Object.freeze(this)
  }

  /** The value: the only way to get at it. */
  reveal(): T {
    return this.#value
  }

  /** `[redacted]`. */
  toString(): string {
    return MASK
  }

  /** `[redacted]`. */
  toJSON(): string {
    return MASK
  }

  /** `[redacted]`, or `NaN` as a number. */
  [Symbol.toPrimitive](hint: string): string | number {
    return hint === 'number' ? Number.NaN : MASK
  }

  /**
   * Prints `[redacted]`.
   *
   * @internal
   */
  [INSPECT](): string {
    return MASK
  }
}
