/**
 * Hands events to whoever listens: the option `onEvent` and the subscribers of a channel of
 * `node:diagnostics_channel`.
 *
 * @module
 */

import { channel } from 'node:diagnostics_channel'
import { refOfKey } from '../reference/composite.js'
import { callContained } from './contained.js'
import type { SecretsEvent, SecretsEventListener } from './events.js'

/**
 * Name of the channel on which the events of all clients in the process are published.
 *
 * Node.js calls the subscribers: what one of them throws does not reach the client, but is an
 * `uncaughtException` of the process.
 */
export const CHANNEL_NAME = 'aws-secrets-client'

const CHANNEL = channel(CHANNEL_NAME)

/** What a {@link Teller} works with. */
export interface TellerOptions {
  /** Is handed every event. */
  readonly onEvent: SecretsEventListener | undefined
  /** What an event shows of a reference or ARN, which it does as they are without this; must not throw. */
  readonly redact: ((ref: string) => string) | undefined
  /** Called when `onEvent` throws or rejects. */
  readonly onFailure: () => void
}

/** Tells the events of one client. */
export class Teller {
  readonly #options: TellerOptions
  readonly #onEvent: SecretsEventListener | undefined
  /** Whether code of a listener runs: what it causes is not told, or a read by it would never end. */
  #isTelling = false

  constructor(options: TellerOptions) {
    this.#options = options
    this.#onEvent = options.onEvent
  }

  /** Whether anybody listens, be it that listener itself that causes what happens now. */
  get isListenedTo(): boolean {
    return this.#onEvent !== undefined || CHANNEL.hasSubscribers
  }

  /** Whether anybody is told of what happens now. */
  get isHeard(): boolean {
    return this.isListenedTo && !this.#isTelling
  }

  /** What an event shows of a key or ARN. */
  shown(key: string): string {
    const ref = refOfKey(key)
    const { redact } = this.#options
    if (redact === undefined) return ref
    this.#isTelling = true
    try {
      return redact(ref)
    } finally {
      this.#isTelling = false
    }
  }

  /** Tells an event. */
  tell(event: SecretsEvent): void {
    Object.freeze(event)
    this.#isTelling = true
    try {
      if (this.#onEvent !== undefined) callContained(this.#onEvent, event, this.#options.onFailure)
      CHANNEL.publish(event)
    } finally {
      this.#isTelling = false
    }
  }
}
