/**
 * A service for the soak: values small and large, and now and then a failure of any kind.
 *
 * @module
 */

import type { LoadContext, LoadResult, Reference, Source, StoredValue } from 'aws-secrets-client'

/** With the share of items that fail so, each with those above it. Throttles are rare: they slow everything down. */
const FAILURES: readonly (readonly [name: string, share: number])[] = [
  ['ThrottlingException', 0.0001],
  ['InternalServiceError', 0.002],
  ['AccessDeniedException', 0.004],
  ['ResourceNotFoundException', 0.008],
]

/** Answers in a later turn of the event loop, some of it late. */
export class ChurningSource implements Source {
  readonly service = 'secretsmanager'
  readonly maxBatch = 20
  readonly #random: () => number
  #inFlight = 0

  constructor(random: () => number) {
    this.#random = random
  }

  /** Loads under way. */
  get inFlight(): number {
    return this.#inFlight
  }

  async load(references: readonly Reference[], { signal }: LoadContext): Promise<readonly LoadResult[]> {
    this.#inFlight += 1
    try {
      if (this.#random() < 0.01) await new Promise((resolve) => setTimeout(resolve, 5))
      else await new Promise((resolve) => setImmediate(resolve))
      signal.throwIfAborted()
      return references.map((reference) => this.#resultOf(reference))
    } finally {
      this.#inFlight -= 1
    }
  }

  #resultOf(reference: Reference): LoadResult {
    const chance = this.#random()
    if (chance > 0.999) return { isUnanswered: true }
    const name = FAILURES.find(([, share]) => chance < share)?.[0]
    if (name !== undefined) return { error: Object.assign(new Error(name), { name }) }
    return { value: this.#valueOf(reference) }
  }

  /** Mostly a few hundred bytes, some as large as a secret may be; new versions come now and then. */
  #valueOf(reference: Reference): StoredValue {
    const name = reference.name ?? ''
    const id = Number(name.slice(name.lastIndexOf('/') + 1))
    const sizeBytes = this.#random() < 0.02 ? 65_000 : Math.floor(this.#random() * 800)
    const isPinned = reference.service === 'secretsmanager' && reference.versionId !== undefined
    const version = isPinned ? id : Math.floor(this.#random() * 1e9)
    const pad = String.fromCharCode(97 + (version % 26)).repeat(isPinned ? 64 : sizeBytes)
    return {
      text: JSON.stringify({ id, pad }),
      name,
      arn: `arn:aws:secretsmanager:eu-west-1:123456789012:secret:${name}-AbCdEf`,
      versionId: `00000000-0000-4000-8000-${String(version).padStart(12, '0')}`,
    }
  }
}
