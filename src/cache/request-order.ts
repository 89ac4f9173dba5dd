/**
 * Numbers requests, and knows which answers came too late: after the answer to a later request, or after their
 * key was invalidated. Answers come in any order, and clocks stand still or lie, so that only numbers tell.
 *
 * @module
 */

/** Marks up to which it is not worth while to look for ones to forget. */
const FEW_MARKS = 1000

/** The order of the requests of one cache. */
export class RequestOrder {
  #last = 0
  #crowd = FEW_MARKS
  #allInvalidated = 0
  /** The last request before the key, or its home, was invalidated. */
  readonly #invalidated = new Map<string, number>()
  /** The latest request whose answer has come for a home. */
  readonly #landed = new Map<string, number>()

  /** The number of a request that begins now. */
  next(): number {
    this.#last += 1
    return this.#last
  }

  /** Requests that have begun are outrun: for a key, whatever its home will turn out to be, and for its home. */
  invalidate(key: string, home: string): void {
    this.#invalidated.set(key, this.#last)
    this.#invalidated.set(home, this.#last)
  }

  /** Requests that have begun are outrun, for every key. */
  invalidateAll(): void {
    this.#allInvalidated = this.#last
  }

  /** Whether a request began before its key or home was invalidated. */
  isInvalidated(key: string, home: string, request: number): boolean {
    return request <= Math.max(this.#allInvalidated, this.#mark(key), this.#mark(home))
  }

  /** Whether a request is outrun: its key or home was invalidated since, or a later request was answered. */
  isOutrun(key: string, home: string, request: number): boolean {
    return this.isInvalidated(key, home, request) || request < (this.#landed.get(home) ?? 0)
  }

  /** Takes note of an answer, and tells whether it is to be kept: neither invalidated nor older than another. */
  land(key: string, home: string, request: number): boolean {
    // What was invalidated under the key is so under the home that it turns out to have.
    const mark = Math.max(this.#mark(key), this.#mark(home))
    if (mark > 0) this.#invalidated.set(home, mark)
    if (this.isInvalidated(key, home, request) || request <= (this.#landed.get(home) ?? 0)) return false
    this.#landed.set(home, request)
    return true
  }

  #mark(key: string): number {
    return this.#invalidated.get(key) ?? 0
  }

  /** Whether it is time to {@link RequestOrder.prune}: there are twice as many marks as the last time left. */
  get isCrowded(): boolean {
    return this.#invalidated.size + this.#landed.size > this.#crowd
  }

  /**
   * Forgets what no request under way can come too late for.
   *
   * @param oldest - the number of the oldest request under way, `Infinity` if there is none
   */
  prune(oldest: number): void {
    for (const marks of [this.#invalidated, this.#landed]) {
      for (const [key, mark] of marks) if (mark < oldest) marks.delete(key)
    }
    this.#crowd = Math.max(FEW_MARKS, 2 * (this.#invalidated.size + this.#landed.size))
  }
}
