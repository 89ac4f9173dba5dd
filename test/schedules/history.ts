/** What has happened in one schedule, in one order: the rules look nowhere else. */

import type { Clock, Stamp } from '../../src/clock.js'
import type { Reference as ParsedReference } from '../../src/reference/reference.js'
import { type Reference, type SecretNumber, type Version, secretOf } from './vault.js'

/** One reference in one request. */
export interface Item {
  /** Its position among all items, from 1. */
  readonly id: number
  /** When it was sent, in the order of everything. */
  readonly at: number
  readonly key: string
  readonly secret: SecretNumber
  readonly reference: Reference
  readonly stamp: Stamp
  /** What the service found, once it has looked. */
  served?: { readonly version: Version | undefined }
  /** When it was answered, and how. */
  answeredAt?: number
  outcome?: 'found' | 'failed'
  /** Whether the client had given it up before. */
  isLate?: boolean
  /** When everything had come to rest after its answer: from then on it is no longer under way. */
  restedAt?: number
}

/** A reference as a caller asks for it. */
export interface Asked {
  readonly reference: Reference
  /** Canonical, as the client should print it. */
  readonly ref: string
  readonly key: string
  readonly secret: SecretNumber
  readonly selector: string
  /** The only ARN that it can mean, if it is a full one. */
  readonly arn: string | undefined
  /** The ARN that it meant when it was asked for. */
  readonly meantArn: string | undefined
  readonly isPinned: boolean
}

/** How a value is asked for. */
export interface CallFacts {
  readonly kind: 'get' | 'read' | 'refresh' | 'prefetch' | 'watch'
  readonly fresh: boolean
  readonly ttlMs: number | undefined
  /** Whether its schema answers only when the schedule says so. */
  readonly isSchemaSlow: boolean
  /** Whether its schema may refuse one version and take another. */
  readonly isPicky: boolean
  readonly hasSchema: boolean
}

/** Somebody who waits for an answer. */
export interface Call extends CallFacts {
  readonly asked: Asked
  readonly at: number
  /** Index of the clock's state at the time. */
  readonly state: number
  readonly signal: AbortSignal | undefined
}

/** From when on nothing older may be answered: an invalidation, or a refresh that has ended. */
export interface Floor {
  readonly kind: 'invalidate' | 'invalidate all' | 'refresh'
  /** Answers to items up to here are too old. */
  readonly upTo: number
  /** For calls that come after it. */
  readonly since: number
  readonly asked: Asked | undefined
  /** Keys that were known to be aliases of it. */
  readonly aliases: ReadonlySet<string>
}

/** A value that a caller has got from a request. */
export interface Seen {
  readonly item: Item
  readonly version: Version
  readonly key: string
  /** When it was got. */
  readonly at: number
}

/** A load that has failed before somebody's eyes. */
export interface Failed {
  readonly at: number
  readonly stamp: Stamp
}

/** What the client knows of a key: by the newest item, and since which. */
interface Binding {
  readonly arn: string
  readonly newest: Item
  readonly first: Item
}

/** The record of one schedule. */
export class History {
  readonly items: Item[] = []
  readonly calls = new Set<Call>()
  readonly floors: Floor[] = []
  readonly seen: Seen[] = []
  /** The states of the clock since the beginning, the present one last. */
  readonly states: Stamp[] = []
  readonly violations: string[] = []
  readonly log: string[] = []
  /** The last failure of each key that the client ought to remember. */
  readonly failed = new Map<string, Failed>()
  /** Called for each request before it is open. */
  onRequest: (items: readonly Item[], maxBatch: number) => void = () => undefined
  readonly #clock: Clock
  readonly #bindings = new Map<string, Binding>()
  /** Up to when what was seen is not to be relied on to be cached: by secret. */
  readonly #unreliable: [number, number] = [0, 0]
  #now = 0

  constructor(clock: Clock) {
    this.#clock = clock
    this.moved()
  }

  /** The next moment. */
  tick(): number {
    this.#now += 1
    return this.#now
  }

  /** The clock was moved. */
  moved(): void {
    this.states.push({ wall: this.#clock.now(), monotonic: this.#clock.monotonic() })
  }

  /** The present state of the clock. */
  get state(): Stamp {
    return this.states.at(-1) ?? { wall: 0, monotonic: 0 }
  }

  /** A reference is sent to the service. */
  begin(parsed: ParsedReference): Item {
    const reference: Reference = parsed.service === 'secretsmanager' ? parsed : {}
    const id = this.items.length + 1
    const at = this.tick()
    const item = { id, at, key: parsed.key, secret: secretOf(reference), reference, stamp: this.state }
    this.items.push(item)
    return item
  }

  /** A request is sent to the service. */
  requested(items: readonly Item[], maxBatch: number): void {
    this.onRequest(items, maxBatch)
  }

  /** The service has answered; a definitive failure makes what was seen unreliable. */
  answered(items: readonly Item[], outcome: 'found' | 'failed', isDefinitive: boolean): void {
    const at = this.tick()
    for (const item of items) {
      item.answeredAt = at
      item.outcome = outcome
      if (isDefinitive) this.distrust(item.secret)
      if (outcome === 'found') this.#learn(item)
    }
  }

  /** Everything has come to rest. */
  atRest(): void {
    const at = this.tick()
    for (const item of this.items) if (item.answeredAt !== undefined) item.restedAt ??= at
  }

  /** From now on nothing that was seen of a secret, or of any, needs to be cached. */
  distrust(secret?: SecretNumber): void {
    if (secret !== 1) this.#unreliable[0] = this.tick()
    if (secret !== 0) this.#unreliable[1] = this.tick()
  }

  /** The newest value that was seen under a key, if the client has every reason to hold it still. */
  good(key: string, secret: SecretNumber): Seen | undefined {
    const newest = this.seen.filter((seen) => seen.key === key).sort((a, b) => b.item.at - a.item.at)[0]
    const since = newest?.item.at ?? 0
    // A newer answer under another key may be the older one by the wall clock, if that was set back meanwhile.
    const isOlder = (item: Item) => item.at > since && item.stamp.wall < (newest?.item.stamp.wall ?? 0)
    const isReplaced = this.items.some((item) => item.secret === secret && isOlder(item))
    return since > this.#unreliable[secret] && !isReplaced ? newest : undefined
  }

  /**
   * Keys that the client knows to lead to the same ARN as this one.
   *
   * @param isSeen - whether an answer for this one was seen: of others that are under way the client knows nothing yet
   */
  aliasesOf(key: string, arn: string | undefined, isSeen: boolean): ReadonlySet<string> {
    const known = [...this.#bindings].filter(
      ([other, bound]) =>
        bound.arn === arn && (bound.first.restedAt !== undefined || (isSeen && other === key)),
    )
    const keys = new Set(known.map(([other]) => other))
    return keys.has(key) ? keys : new Set()
  }

  /** Whether the client knew at a certain time that two keys lead to the same ARN. */
  wasAlias(key: string, other: string, at: number): boolean {
    const [one, two] = [this.#bindings.get(key), this.#bindings.get(other)]
    if (one === undefined || one.arn !== two?.arn) return false
    return [one, two].every(({ first: { restedAt = Infinity } }) => restedAt < at)
  }

  /** A rule was broken. */
  violate(rule: string, detail: string): void {
    this.violations.push(`${rule}: ${detail}`)
  }

  #learn(item: Item): void {
    const arn = item.served?.version?.arn
    const known = this.#bindings.get(item.key)
    if (arn === undefined || (known?.newest.id ?? 0) > item.id) return
    this.#bindings.set(item.key, { arn, newest: item, first: known?.arn === arn ? known.first : item })
  }
}
