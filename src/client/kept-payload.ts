/**
 * How the payloads in the cache are kept: as they are, or sealed until they are read.
 *
 * @module
 */

import { loopTurns } from '../clock.js'
import { Seal, type SealedPayload } from '../redact/seal.js'
import { type Payload, bare } from '../stored-value.js'

/** A payload in the cache. */
export interface KeptPayload {
  /** The payload itself. */
  open(): Payload
  /** Runs `work` with the payload, which is no one's afterwards. */
  use<T>(work: (payload: Payload) => Promise<T>): Promise<T>
  /** Bytes of it, those of text in UTF-8. */
  readonly byteLength: number
  /** Whether it is text, not bytes. */
  readonly isText: boolean
  /** Whether both are the same text, or the same bytes. */
  isSame(other: KeptPayload): boolean
  /** Makes it unreadable, where that can be done. */
  wipe(): void
}

/** A value in the cache, with the one before it. */
interface Holder {
  readonly payload: KeptPayload
  readonly previous: { readonly payload: KeptPayload } | undefined
}

/** Is told what the cache holds, and what somebody is reading. */
export interface Holding {
  readonly onHeld?: (value: Holder) => void
  readonly onReleased?: (value: Holder) => void
}

/** Keeps payloads for one client. */
export interface PayloadKeeper {
  /** Whether nothing of a payload may be kept that is not sealed. */
  readonly isSealing: boolean
  keep(payload: Payload): KeptPayload
  /** Is told of values that are held, and not any more; without methods where nothing follows from it. */
  readonly holding: Holding
  /** Makes everything that was kept unreadable, where that can be done. */
  destroy(): void
}

/** Keeps payloads as they are, or sealed. */
export function payloadKeeper({ seal: isSealing }: { readonly seal: boolean }): PayloadKeeper {
  return isSealing ? new SealingKeeper() : PLAIN_KEEPER
}

/** Text or bytes as they are; of a payload only what it holds is kept. */
class PlainPayload implements KeptPayload {
  readonly #content: string | Uint8Array
  readonly byteLength: number

  constructor({ text, bytes }: Payload) {
    this.#content = bytes ?? text
    this.byteLength = bytes === undefined ? Buffer.byteLength(text) : bytes.byteLength
  }

  get isText(): boolean {
    return typeof this.#content === 'string'
  }

  open(): Payload {
    const content = this.#content
    return typeof content === 'string' ? bare({ text: content }) : bare({ bytes: content })
  }

  use<T>(work: (payload: Payload) => Promise<T>): Promise<T> {
    return work(this.open())
  }

  isSame(other: KeptPayload): boolean {
    if (!(other instanceof PlainPayload)) return false
    const [a, b] = [this.#content, other.#content]
    if (typeof a === 'string' || typeof b === 'string') return a === b
    return Buffer.compare(a, b) === 0
  }

  /** Text cannot be wiped, and bytes may be in the hands of a reader. */
  wipe(): void {
    return undefined
  }
}

const PLAIN_KEEPER: PayloadKeeper = {
  isSealing: false,
  keep: (payload) => new PlainPayload(payload),
  holding: {},
  destroy: () => undefined,
}

class SealedEntry implements KeptPayload {
  readonly #sealed: SealedPayload
  readonly isText: boolean

  constructor(sealed: SealedPayload, isText: boolean) {
    this.#sealed = sealed
    this.isText = isText
  }

  get byteLength(): number {
    return this.#sealed.byteLength()
  }

  open(): Payload {
    return this.#sealed.open()
  }

  async use<T>(work: (payload: Payload) => Promise<T>): Promise<T> {
    const payload = this.open()
    try {
      return await work(payload)
    } finally {
      payload.bytes?.fill(0)
    }
  }

  isSame(other: KeptPayload): boolean {
    return other instanceof SealedEntry && this.#sealed.isSame(other.#sealed)
  }

  wipe(): void {
    this.#sealed.wipe()
  }
}

class SealingKeeper implements PayloadKeeper {
  readonly isSealing = true
  readonly #seal = new Seal()
  readonly #held = new HeldPayloads()
  readonly holding: Holding = {
    onHeld: (value) => {
      for (const payload of payloadsOf(value)) this.#held.hold(payload)
    },
    onReleased: (value) => {
      for (const payload of payloadsOf(value)) this.#held.release(payload)
    },
  }

  keep(payload: Payload): KeptPayload {
    // Not zeroed: two loads of one tick share the answer, and each keeps it.
    return new SealedEntry(this.#seal.seal(payload), payload.bytes === undefined)
  }

  destroy(): void {
    this.#seal.destroy()
  }
}

function payloadsOf({ payload, previous }: Holder): readonly KeptPayload[] {
  return previous === undefined ? [payload] : [payload, previous.payload]
}

/** Counts where each payload is held, and wipes the ones that the cache has let go of. */
class HeldPayloads {
  readonly #counts = new Map<KeptPayload, number>()
  #released = new Set<KeptPayload>()

  /** The cache holds it in one place more. */
  hold(payload: KeptPayload): void {
    this.#counts.set(payload, (this.#counts.get(payload) ?? 0) + 1)
  }

  /** The cache holds it in one place less; wiped soon, if that was the last. */
  release(payload: KeptPayload): void {
    const count = (this.#counts.get(payload) ?? 0) - 1
    if (count > 0) {
      this.#counts.set(payload, count)
      return
    }
    this.#counts.delete(payload)
    if (this.#released.size === 0) void this.#wipeSoon()
    this.#released.add(payload)
  }

  /** Behind the ticks and microtasks in which readers open what they have been given. */
  async #wipeSoon(): Promise<void> {
    await loopTurns(1)
    const released = this.#released
    this.#released = new Set()
    for (const payload of released) if (!this.#counts.has(payload)) payload.wipe()
  }
}
