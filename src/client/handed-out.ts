/**
 * Knows what was handed out, so that it can be masked. Fingerprints cost more than a read: they are made when
 * something is to be masked for the first time.
 *
 * @module
 */

import type { Transform } from 'node:stream'
import { Scrubber } from '../redact/scrubber.js'

/** Values that wait for the first text to mask; the oldest are forgotten. */
const MAX_WAITING = 1000

/** Bytes of those values. */
const MAX_WAITING_BYTES = 262_144

interface Waiting {
  readonly value: unknown
  readonly bytes: number
}

/** The values that one client has handed out. */
export class HandedOut {
  readonly #scrubber = new Scrubber()
  #waiting: Waiting[] = []
  #waitingBytes = 0
  /** Whether each value is fingerprinted at once. */
  #isEager: boolean

  /**
   * @param options - `isEager`: not to keep any value until it is needed
   */
  constructor({ isEager }: { readonly isEager: boolean }) {
    this.#isEager = isEager
  }

  /** A value is handed out, which was decoded from so many bytes. */
  add(value: unknown, bytes: number): void {
    if (this.#isEager) {
      this.#scrubber.add(value)
      return
    }
    // Bytes are the reader's own, who may overwrite them.
    this.#waiting.push({ value: value instanceof Uint8Array ? value.slice() : value, bytes })
    this.#waitingBytes += bytes
    while (this.#waiting.length > MAX_WAITING || this.#waitingBytes > MAX_WAITING_BYTES) {
      this.#waitingBytes -= this.#waiting.shift()?.bytes ?? 0
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
    for (const { value } of this.#waiting) this.#scrubber.add(value)
    this.#waiting = []
    this.#waitingBytes = 0
  }
}
