/**
 * Counts what happens in a client, and tells it. An event comes to be only if there is a listener.
 *
 * @module
 */

import { type Clock, type Stamp, ageMs } from '../clock.js'
import type { SecretsErrorCode } from '../errors.js'
import { type ObserverCounts, zeroCounts } from './counts.js'
import type {
  BatchEvent,
  IdentityChange,
  RetryEvent,
  SecretsEvent,
  SecretsEventListener,
  StaleReason,
  ThrottleEvent,
} from './events.js'
import type { CredentialObserver, Facts, LoadFacts } from './facts.js'
import { costUsd } from './price.js'
import { Teller } from './teller.js'

/** What an {@link Observer} works with. */
export interface ObserverSettings {
  /** Dates the events. */
  readonly clock: Clock
  /** Is handed every event. */
  readonly onEvent: SecretsEventListener | undefined
  /** What an event shows of a reference or ARN, which it does as they are without this; must not throw. */
  readonly redact: ((ref: string) => string) | undefined
}

/**
 * The one place that the parts of a client report to: a method for each event, which takes cache keys and facts
 * and copies no other member of what it is given.
 */
export class Observer {
  readonly #clock: Clock
  readonly #counts = zeroCounts()
  readonly #requests = new Map<string, number>()
  readonly #teller: Teller

  constructor({ clock, onEvent, redact }: ObserverSettings) {
    this.#clock = clock
    const onFailure = () => {
      this.#counts.listenerFailures += 1
    }
    this.#teller = new Teller({ onEvent, redact, onFailure })
  }

  /** Whether anybody is told of what happens now. */
  get isHeard(): boolean {
    return this.#teller.isHeard
  }

  /** A read is answered from the cache with a fresh value. The way of a hit: an increment and a branch. */
  hit(key: string): void {
    this.#counts.hits += 1
    if (this.#teller.isListenedTo) this.#tellHit(key)
  }

  /** A read waits for the service, or is refused by a remembered failure. */
  miss(key: string, remembered: boolean): void {
    this.#counts.misses += 1
    if (!this.isHeard) return
    this.#tell({ type: 'miss', at: this.#clock.now(), ref: this.#shown(key), remembered })
  }

  /**
   * A read is answered with a value whose TTL has passed.
   *
   * @param since - from when on the value ages
   * @param code - of the last failure to load it anew, where one is known
   */
  stale(key: string, reason: StaleReason, since: Stamp, code?: SecretsErrorCode): void {
    this.#counts.stale += 1
    if (reason === 'error') this.#counts.staleOnError += 1
    if (!this.isHeard) return
    const [at, ref] = [this.#clock.now(), this.#shown(key)]
    const age = Math.round(ageMs(since, this.#clock))
    this.#tell({ type: 'stale', at, ref, reason, ageMs: age, ...(code !== undefined && { code }) })
  }

  /** A load has ended, well or not. */
  refresh(key: string, facts: LoadFacts): void {
    this.#counts.refreshes += 1
    if (!facts.ok) this.#counts.failures += 1
    if (!this.isHeard) return
    const { trigger, begun } = facts
    const durationMs = Math.round(this.#clock.monotonic() - begun.monotonic)
    const event = {
      type: 'refresh',
      at: this.#clock.now(),
      ref: this.#shown(key),
      trigger,
      durationMs,
    } as const
    if (!facts.ok) {
      this.#tell({ ...event, ok: false, code: facts.code })
      return
    }
    const { changed, versionId, version } = facts
    this.#tell({ ...event, ok: true, changed, ...idsOf(versionId, version) })
  }

  /**
   * A request has failed and is going to be repeated.
   *
   * @param key - of the reference that was asked for, if it was a single one
   */
  retry({ service, batchSize, attempt, delayMs, code }: Facts<RetryEvent>, key?: string): void {
    this.#counts.retries += 1
    if (!this.isHeard) return
    const single = key !== undefined && { ref: this.#shown(key) }
    const at = this.#clock.now()
    this.#tell({
      type: 'retry',
      at,
      service,
      batchSize,
      ...single,
      attempt,
      delayMs: Math.ceil(delayMs),
      code,
    })
  }

  /** A service has refused a request because there were too many. */
  throttle({ service, batchSize, concurrency }: Facts<ThrottleEvent>): void {
    this.#counts.throttles += 1
    if (!this.isHeard) return
    this.#tell({ type: 'throttle', at: this.#clock.now(), service, batchSize, concurrency })
  }

  /** A request for several references has ended. */
  batch({ service, size, failed, fallback }: Facts<BatchEvent>): void {
    this.#counts.batches += 1
    if (!this.isHeard) return
    this.#tell({ type: 'batch', at: this.#clock.now(), service, size, failed, fallback })
  }

  /** A value has left the cache to make room. */
  evict(key: string): void {
    this.#counts.evictions += 1
    if (this.isHeard) this.#tell({ type: 'evict', at: this.#clock.now(), ref: this.#shown(key) })
  }

  /** The wall clock is `skewMs` milliseconds ahead of where the monotonic clock makes it to be, or behind. */
  clockAnomaly(skewMs: number): void {
    this.#counts.clockAnomalies += 1
    if (this.isHeard) this.#tell({ type: 'clock-anomaly', at: this.#clock.now(), skewMs: Math.round(skewMs) })
  }

  /**
   * An item is no longer the one that it was.
   *
   * @param from - the ARN until now, if that has changed
   * @param to - the ARN from now on, if that has changed
   */
  identityChanged(key: string, what: IdentityChange, from?: string, to?: string): void {
    this.#counts.identityChanges += 1
    if (!this.isHeard) return
    const arns = {
      ...(from !== undefined && { from: this.#shown(from) }),
      ...(to !== undefined && { to: this.#shown(to) }),
    }
    this.#tell({ type: 'identity-changed', at: this.#clock.now(), ref: this.#shown(key), what, ...arns })
  }

  /**
   * A value could not be decoded as the caller wants it.
   *
   * @param reference - the canonical reference that was read, with its field
   */
  decodeFailed(reference: string, code: SecretsErrorCode, servedPrevious: boolean): void {
    this.#counts.decodeFailures += 1
    if (!this.isHeard) return
    const [at, ref] = [this.#clock.now(), this.#shown(reference)]
    this.#tell({ type: 'decode-failed', at, ref, code, servedPrevious })
  }

  /** A request was made; `operation` is its name in the API, such as `GetSecretValue`. */
  request(operation: string): void {
    this.#requests.set(operation, (this.#requests.get(operation) ?? 0) + 1)
  }

  /** Everything counted so far, as a copy. */
  counts(): ObserverCounts {
    const requestsByOperation = Object.fromEntries(this.#requests)
    const requests = [...this.#requests.values()].reduce((sum, count) => sum + count, 0)
    return {
      ...this.#counts,
      requests,
      requestsByOperation: Object.freeze(requestsByOperation),
      costUsd: costUsd(this.#requests),
    }
  }

  /** What happens with the versions of one secret that somebody logs in with. */
  credential(key: string): CredentialObserver {
    return {
      rejected: ({ versionId, version }) => {
        this.#counts.rejections += 1
        if (!this.isHeard) return
        const [at, ref] = [this.#clock.now(), this.#shown(key)]
        this.#tell({ type: 'rejected', at, ref, ...idsOf(versionId, version) })
      },
      recovered: ({ versionId, version }, { pending, rejections, durationMs }) => {
        this.#counts.recoveries += 1
        if (!this.isHeard) return
        const [at, ref] = [this.#clock.now(), this.#shown(key)]
        const facts = { pending, rejections, durationMs: Math.round(durationMs) }
        this.#tell({ type: 'recovered', at, ref, ...idsOf(versionId, version), ...facts })
      },
      gaveUp: () => {
        this.#counts.givenUp += 1
        if (this.isHeard) this.#tell({ type: 'gave-up', at: this.#clock.now(), ref: this.#shown(key) })
      },
    }
  }

  #tellHit(key: string): void {
    if (this.isHeard) this.#tell({ type: 'hit', at: this.#clock.now(), ref: this.#shown(key) })
  }

  #shown(key: string): string {
    return this.#teller.shown(key)
  }

  #tell(event: SecretsEvent): void {
    this.#teller.tell(event)
  }
}

/** Those of the ids that a version has. */
function idsOf(versionId: string | undefined, version: number | undefined) {
  return { ...(versionId !== undefined && { versionId }), ...(version !== undefined && { version }) }
}
