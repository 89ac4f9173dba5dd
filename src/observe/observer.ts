/**
 * Counts what happens in a client, and tells it to whoever listens: the option `onEvent` and the subscribers of
 * a channel of `node:diagnostics_channel`. An event comes to be only if there is a listener.
 *
 * @module
 */

import { channel } from 'node:diagnostics_channel'
import { type Clock, type Stamp, ageMs } from '../clock.js'
import type { SecretsErrorCode } from '../errors.js'
import { refOfKey } from '../reference/composite.js'
import { callContained } from './contained.js'
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
import type { Facts, LoadFacts } from './facts.js'
import { costUsd } from './price.js'

/**
 * Name of the channel on which the events of all clients in the process are published.
 *
 * Node.js calls the subscribers: what one of them throws does not reach the client, but is an
 * `uncaughtException` of the process.
 */
export const CHANNEL_NAME = 'aws-secrets-client'

const CHANNEL = channel(CHANNEL_NAME)

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
  readonly #onEvent: SecretsEventListener | undefined
  readonly #redact: ((ref: string) => string) | undefined
  readonly #counts = zeroCounts()
  readonly #requests = new Map<string, number>()
  /** Whether code of a listener runs: what it causes is not told, or a read by it would never end. */
  #isTelling = false
  readonly #countFailure = (): void => {
    this.#counts.listenerFailures += 1
  }

  constructor({ clock, onEvent, redact }: ObserverSettings) {
    this.#clock = clock
    this.#onEvent = onEvent
    this.#redact = redact
  }

  /** Whether anybody is told of what happens now. */
  get isHeard(): boolean {
    return (this.#onEvent !== undefined || CHANNEL.hasSubscribers) && !this.#isTelling
  }

  /** A read is answered from the cache with a fresh value. The way of a hit: an increment and a branch. */
  hit(key: string): void {
    this.#counts.hits += 1
    if (this.#onEvent !== undefined || CHANNEL.hasSubscribers) this.#tellHit(key)
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
    this.#tell({
      ...event,
      ok: true,
      changed,
      ...(versionId !== undefined && { versionId }),
      ...(version !== undefined && { version }),
    })
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

  #tellHit(key: string): void {
    if (this.isHeard) this.#tell({ type: 'hit', at: this.#clock.now(), ref: this.#shown(key) })
  }

  #shown(key: string): string {
    const ref = refOfKey(key)
    const redact = this.#redact
    if (redact === undefined) return ref
    this.#isTelling = true
    try {
      return redact(ref)
    } finally {
      this.#isTelling = false
    }
  }

  #tell(event: SecretsEvent): void {
    Object.freeze(event)
    this.#isTelling = true
    try {
      if (this.#onEvent !== undefined) callContained(this.#onEvent, event, this.#countFailure)
      CHANNEL.publish(event)
    } finally {
      this.#isTelling = false
    }
  }
}
