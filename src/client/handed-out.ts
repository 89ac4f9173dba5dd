/**
 * Knows what was handed out, so that it can be masked. Fingerprints cost more than a read: they are made when
 * something is to be masked for the first time.
 *
 * @module
 */

import type { Transform } from 'node:stream'
import { Scrubber } from '../redact/scrubber.js'

/** Values that wait for the first text to mask; the oldest are forgotten. About as many have fingerprints later. */
const MAX_WAITING = 5000

/** Bytes of those values. */
const MAX_WAITING_BYTES = 1_048_576

/** The values that one client has handed out. */
export class HandedOut {
  readonly #scrubber = new Scrubber()
  /** Each with its bytes, the oldest first. */
  readonly #waiting = new Map<unknown, number>()
  #waitingBytes = 0
  /** Whether each value is fingerprinted at once. */
  #isEager: boolean

  /**
   * @param options - `isEager`: not to keep any value until it is needed
   */
  constructor({ isEager }: { readonly isEager: boolean }) {
    this.#isEager = isEager
  }

  /**
   * A value is handed out.
   *
   * @param maxBytes - of what it was decoded from: an object has no more
   */
  add(value: unknown, maxBytes: number): void {
    const bytes = bytesOf(value, maxBytes)
    // One that alone fills the room leaves it to the others.
    if (this.#isEager || bytes > MAX_WAITING_BYTES / 2) {
      this.#scrubber.add(value)
      return
    }
    this.#forget(value)
    // Bytes are the reader's own, who may overwrite them.
    this.#waiting.set(value instanceof Uint8Array ? Uint8Array.from(value) : value, bytes)
    this.#waitingBytes += bytes
    for (const oldest of this.#waiting.keys()) {
      if (this.#waiting.size <= MAX_WAITING && this.#waitingBytes <= MAX_WAITING_BYTES) break
      this.#forget(oldest)
    }
  }

  /**
   * The text with every value that was handed out masked.
   *
   * @throws TypeError for anything but a string.
   */
  scrub(text: string): string {
    this.settle()
    return this.#scrubber.scrub(text)
  }

  /** A stream of text that masks what passes through it. */
  scrubStream(): Transform {
    this.settle()
    return this.#scrubber.scrubStream()
  }

  /** Keeps fingerprints only, from now on. */
  settle(): void {
    if (this.#isEager) return
    this.#isEager = true
    for (const value of this.#waiting.keys()) this.#scrubber.add(value)
    this.#waiting.clear()
    this.#waitingBytes = 0
  }

  #forget(value: unknown): void {
    this.#waitingBytes -= this.#waiting.get(value) ?? 0
    this.#waiting.delete(value)
  }
}

function bytesOf(value: unknown, maxBytes: number): number {
  if (typeof value === 'string') return value.length
  return value instanceof Uint8Array ? value.byteLength : maxBytes
}
