/**
 * What the soak does to a client.
 *
 * @module
 */

import { type SecretsClient, isSecretsError } from 'aws-secrets-client'

/** Distinct keys. */
export const KEYS = 1_000_000

const READERS = 200

/** Has no divisor in common with the number of keys: steps of this size meet each key once before any twice. */
const STRIDE = 382_177

/** Random work for one client. */
export class Churn {
  steps = 0
  failed = 0
  /** Failures that are neither ours nor an abort. */
  foreign = 0
  mostEntries = 0
  mostBytes = 0
  readonly #client: SecretsClient
  readonly #random: () => number
  #cold = 0

  constructor(client: SecretsClient, random: () => number) {
    this.#client = client
    this.#random = random
  }

  /** How many of the keys were read. */
  get distinctKeys(): number {
    return Math.min(KEYS, this.#cold)
  }

  /** Works with many readers at once until `isOver`; the bounds are looked at after each read. */
  async run(isOver: () => boolean): Promise<void> {
    const reader = async () => {
      while (!isOver()) await this.#step()
    }
    await Promise.all(Array.from({ length: READERS }, reader))
  }

  async #step(): Promise<void> {
    this.steps += 1
    try {
      await this.#work()
    } catch (error) {
      this.failed += 1
      if (!isSecretsError(error) && !(error instanceof DOMException)) this.foreign += 1
    }
    const { entries, bytes } = this.#client.stats()
    this.mostEntries = Math.max(this.mostEntries, entries)
    this.mostBytes = Math.max(this.mostBytes, bytes)
    // A hit takes microtasks only: without a turn of the event loop hits would keep everything else waiting.
    if (this.steps % READERS === 0) await new Promise((resolve) => setImmediate(resolve))
  }

  async #work(): Promise<unknown> {
    const chance = this.#random()
    const ref = this.#ref()
    if (chance < 0.8) return this.#client.get(ref)
    if (chance < 0.84) return this.#client.get(ref, { as: 'json' })
    if (chance < 0.88) return this.#client.get(`${ref}#id`)
    if (chance < 0.92) return this.#client.refresh(ref)
    if (chance < 0.96) return this.#aborted(ref)
    if (chance < 0.9999) this.#client.invalidate(ref)
    else this.#client.invalidate()
    return undefined
  }

  #aborted(ref: string): Promise<unknown> {
    const controller = new AbortController()
    const later = this.#random() < 0.5 ? queueMicrotask : setImmediate
    later(() => {
      controller.abort()
    })
    return this.#client.get(ref, { signal: controller.signal })
  }

  /** One read in four is of a few hot keys, the others go through all; some of these are pinned to a version id. */
  #ref(): string {
    if (this.#random() < 0.25) return `churn/${Math.floor(this.#random() * 500)}`
    this.#cold += 1
    const id = (this.#cold * STRIDE) % KEYS
    return this.#random() < 0.05 ? `churn/${id}:${versionIdOf(id)}` : `churn/${id}`
  }
}

function versionIdOf(id: number): string {
  return `00000000-0000-4000-8000-${String(id).padStart(12, '0')}`
}
