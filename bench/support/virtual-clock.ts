/**
 * A clock for simulations: time jumps from one event to the next, so that a minute of a thousand clients takes seconds.
 *
 * @module
 */

import type { Clock, SleepOptions } from 'aws-secrets-client'

interface Event {
  readonly at: number
  /** Events of one instant come in the order in which they were planned. */
  readonly order: number
  readonly happen: () => void
  isCancelled: boolean
}

const EPOCH_MS = 1_800_000_000_000

/** Stands still until `run`, and then moves as fast as the work between two events is done. */
export class VirtualClock implements Clock {
  readonly #events: Event[] = []
  #time = 0
  #planned = 0

  now(): number {
    return EPOCH_MS + this.#time
  }

  monotonic(): number {
    return this.#time
  }

  sleep(ms: number, { signal }: SleepOptions = {}): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(signal.reason)
        return
      }
      const onAbort = () => {
        event.isCancelled = true
        reject(signal?.reason)
      }
      const event = this.at(this.#time + ms, () => {
        signal?.removeEventListener('abort', onAbort)
        resolve()
      })
      signal?.addEventListener('abort', onAbort, { once: true })
    })
  }

  /** Plans something. */
  at(time: number, happen: () => void): { isCancelled: boolean } {
    this.#planned += 1
    const event = { at: Math.max(time, this.#time), order: this.#planned, happen, isCancelled: false }
    this.#push(event)
    return event
  }

  /** Plans something again and again, from `start` on, until it returns `false`. */
  every(intervalMs: number, start: number, happen: () => boolean): void {
    this.at(start, () => {
      if (happen()) this.every(intervalMs, start + intervalMs, happen)
    })
  }

  /** Lets time pass until `end`, or until nothing is planned any more. */
  async run(end: number): Promise<void> {
    for (let next = this.#events[0]; next !== undefined && next.at <= end; next = this.#events[0]) {
      this.#time = next.at
      while (this.#events[0]?.at === this.#time) {
        const event = this.#pop()
        if (event?.isCancelled === false) event.happen()
      }
      // Everything that follows from it, in microtasks and ticks, happens at the same instant.
      await new Promise((resolve) => setImmediate(resolve))
    }
  }

  #push(event: Event): void {
    const heap = this.#events
    let place = heap.length
    for (;;) {
      const above = (place - 1) >> 1
      const parent = place === 0 ? undefined : heap[above]
      if (parent === undefined || isBefore(parent, event)) break
      heap[place] = parent
      place = above
    }
    heap[place] = event
  }

  #pop(): Event | undefined {
    const heap = this.#events
    const [first] = heap
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return first
    let place = 0
    for (;;) {
      const [left, right] = [heap[2 * place + 1], heap[2 * place + 2]]
      const isRight = left !== undefined && right !== undefined && isBefore(right, left)
      const child = isRight ? right : left
      if (child === undefined || isBefore(last, child)) break
      heap[place] = child
      place = 2 * place + (isRight ? 2 : 1)
    }
    heap[place] = last
    return first
  }
}

function isBefore(a: Event, b: Event): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order)
}
