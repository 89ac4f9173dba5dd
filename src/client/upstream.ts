/**
 * The way from a reference to its stored value: deadline, source, and the failure in our own words.
 *
 * @module
 */

import type { Clock } from '../clock.js'
import { SecretsError, isSecretsError } from '../errors.js'
import type { Reference, Service } from '../reference/reference.js'
import { withDeadline } from '../retry/deadline.js'
import { failureOf } from '../source/failure.js'
import { ParameterStoreSource } from '../source/parameter-store.js'
import { SecretsManagerSource } from '../source/secrets-manager.js'
import type { Source } from '../source/source.js'
import type { ResolvedOptions } from '../options/client-options.js'
import { type StoredValue, snapshotOf } from '../stored-value.js'

/** Counters since construction. */
export interface UpstreamCounts {
  /** Requests made, counted when they end. */
  readonly requests: number
  /** Loads that failed, aborted ones not counted. */
  readonly failures: number
}

/** Loads stored values for one client. */
export class Upstream {
  readonly #sources: ReadonlyMap<Service, Source>
  readonly #clock: Clock
  readonly #timeoutMs: number
  #requests = 0
  #failures = 0

  constructor({ sources, clock, timeoutMs, region, secretsManager, ssm }: ResolvedOptions) {
    this.#clock = clock
    this.#timeoutMs = timeoutMs
    const all: readonly Source[] = [
      new SecretsManagerSource({ client: secretsManager, region }),
      new ParameterStoreSource({ client: ssm, region }),
      ...sources,
    ]
    this.#sources = new Map(all.map((source) => [source.service, source]))
  }

  /**
   * Loads one stored value. Settles by the deadline.
   *
   * @throws SecretsError for every failure; the reason of `signal` when that aborts.
   */
  async load(reference: Reference, signal: AbortSignal): Promise<StoredValue> {
    const { ref } = reference
    try {
      const options = { clock: this.#clock, timeoutMs: this.#timeoutMs, signal, ref }
      const stored = await withDeadline(options, (attempt) => this.#loadOnce(reference, attempt))
      this.#requests += 1
      return stored
    } catch (error) {
      this.#requests += signal.aborted || !isSecretsError(error) ? 1 : error.attempts
      if (!signal.aborted) this.#failures += 1
      throw error
    }
  }

  /** Counters since construction. */
  counts(): UpstreamCounts {
    return { requests: this.#requests, failures: this.#failures }
  }

  /** Releases sockets. A source whose `close` throws does not keep the others open. */
  close(): void {
    for (const source of this.#sources.values()) {
      try {
        source.close?.()
      } catch {
        continue
      }
    }
  }

  async #loadOnce(reference: Reference, signal: AbortSignal): Promise<StoredValue> {
    try {
      const source = this.#sources.get(reference.service)
      const results = await source?.load([reference], { signal })
      return storedValueOf(results, reference)
    } catch (error) {
      throw failureOf(error, reference)
    }
  }
}

/** A source may be anybody's, so its answer is checked like any other input. */
function storedValueOf(results: unknown, reference: Reference): StoredValue {
  const given: readonly unknown[] = Array.isArray(results) ? results : []
  const [result] = given
  if (given.length !== 1 || typeof result !== 'object' || result === null) {
    throw brokenSource(reference, 'did not give exactly one result for one reference')
  }
  if ('error' in result && result.error !== undefined)
    throw failureOf(result.error, reference, regionIn(result))
  const stored = 'value' in result ? snapshotOf(result.value) : undefined
  if (stored !== undefined) return stored
  throw brokenSource(reference, 'gave a result that is neither a stored value nor an error')
}

function regionIn(result: object): string | undefined {
  return 'region' in result && typeof result.region === 'string' ? result.region : undefined
}

function brokenSource(reference: Reference, what: string): SecretsError {
  return new SecretsError('ERR_UNAVAILABLE', {
    ref: reference.ref,
    what: `the source ${what}`,
    hint: 'Correct the source that was passed as `sources`.',
    attempts: 1,
  })
}
