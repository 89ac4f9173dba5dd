/** What the cache promises, said once more as simply as can be: plain maps, arithmetic, and one tick after the other. */

import type { Stamp } from '../../src/clock.js'
import type { SecretsErrorCode } from '../../src/errors.js'

/** The options that the promises speak of. */
export interface Windows {
  readonly ttlMs: number
  readonly staleWhileRevalidateMs: number
  readonly staleIfErrorMs: number
  readonly negativeTtlMs: number
  readonly maxNegativeTtlMs: number
  readonly maxFlightMs: number
  readonly maxEntries: number
}

/** How a read is made. */
export interface Asked {
  readonly key: string
  readonly fresh: boolean
  readonly maxAgeMs: number
  readonly isPinned: boolean
}

/** A failure; `crash` is none of the library's. */
export interface Failing {
  readonly code: SecretsErrorCode | 'crash'
  readonly retryable: boolean
  readonly retryAfterMs: number
}

/** How a load ends. */
export type Answer = Failing | { readonly version: number }

interface Caller {
  readonly name: string
  /** Absent for a refresh. */
  readonly asked?: Asked
}

interface Held {
  readonly version: number
  readonly request: number
  readonly at: Stamp
  readonly ttlMs: number
  isRefused: boolean
}

interface Failed {
  readonly code: string
  readonly retryable: boolean
  readonly count: number
  readonly at: Stamp
  readonly ttlMs: number
}

interface Flight {
  readonly key: string
  readonly trigger: 'read' | 'background' | 'refresh'
  readonly isPinned: boolean
  readonly previous: number | undefined
  callers: Caller[]
  isAborted: boolean
  request: number
  /** When its latest attempt began. */
  at: Stamp | undefined
}

/** All that a cache must tell and answer, as lines of text. */
export class Model {
  readonly now: { wall: number; monotonic: number }
  readonly events: string[] = []
  readonly outcomes: string[] = []
  /** Every load that has begun. */
  readonly loads: Flight[] = []
  random = 0
  readonly #windows: Windows
  /** Least recently used first, like the failures. */
  readonly #held = new Map<string, Held>()
  readonly #failed = new Map<string, Failed>()
  readonly #flying = new Map<string, Flight>()
  readonly #answered = new Map<string, number>()
  readonly #invalidated = new Map<string, number>()
  #launched: Flight[] = []
  #landing: { readonly flight: Flight; readonly answer: Answer } | undefined
  #requests = 0
  #lastBegin: Stamp | undefined

  constructor(windows: Windows, now: Stamp) {
    this.#windows = windows
    this.now = { ...now }
  }

  read(name: string, asked: Asked): void {
    const { key, fresh, isPinned } = asked
    if (!fresh) {
      const held = use(this.#held, key)
      const state = held && this.#state(held, asked.maxAgeMs)
      if (held !== undefined && state === 'fresh') {
        this.events.push(`hit ${key}`)
        this.#found(name, held, false)
        return
      }
      const failed = this.#failure(key)
      const isNegative = failed !== undefined && this.#age(failed.at) < failed.ttlMs
      const why =
        failed?.retryable === true ? failed.code : state === 'revalidate' ? 'revalidating' : undefined
      if (held !== undefined && state !== 'expired' && why !== undefined) {
        this.#stale(name, key, held, why)
        const flight = this.#flying.get(key)
        const isUnderWay = flight !== undefined && this.#isYoung(flight, Infinity)
        if (!isNegative && !isUnderWay) this.#launch(key, 'background', isPinned)
        return
      }
      if (isNegative) {
        this.events.push(`remembered ${key}`)
        this.outcomes.push(`${name} ${failed.code}`)
        return
      }
    }
    this.events.push(`miss ${key}`)
    const flight = this.#flying.get(key)
    const mayJoin = flight?.at === undefined || (!fresh && this.#isYoung(flight, asked.maxAgeMs))
    const mine = flight !== undefined && mayJoin ? flight : this.#launch(key, 'read', isPinned)
    mine.callers.push({ name, asked })
  }

  refresh(name: string, key: string, isPinned: boolean): void {
    const flight = this.#flying.get(key)
    const mayJoin = flight?.trigger === 'refresh' && this.#isYoung(flight, Infinity)
    const mine = mayJoin ? flight : this.#launch(key, 'refresh', isPinned)
    mine.callers.push({ name })
  }

  /** A caller leaves. */
  abort(name: string): void {
    for (const flight of new Set([...this.#flying.values(), ...this.#launched, ...this.loads])) {
      const others = flight.callers.filter((caller) => caller.name !== name)
      if (others.length === flight.callers.length) continue
      flight.callers = others
      this.outcomes.push(`${name} aborted`)
      if (others.length > 0 || flight.trigger === 'background') continue
      flight.isAborted = true
      if (this.#flying.get(flight.key) === flight) this.#flying.delete(flight.key)
    }
  }

  /** A load makes another request. */
  attempt(load: number): void {
    const flight = this.loads[load]
    if (flight !== undefined) this.#begin(flight)
  }

  /** A load ends, with this tick. */
  settle(load: number, answer: Answer): void {
    const flight = this.loads[load]
    if (flight !== undefined) this.#landing = { flight, answer }
  }

  invalidate(key: string): void {
    this.#held.delete(key)
    this.#failed.delete(key)
    this.#invalidated.set(key, this.#requests)
  }

  invalidateAll(keys: readonly string[]): void {
    for (const key of keys) this.invalidate(key)
  }

  close(keys: readonly string[]): void {
    this.invalidateAll(keys)
    for (const flight of this.loads) {
      for (const { name } of flight.callers.splice(0)) this.outcomes.push(`${name} closed`)
      flight.isAborted = true
    }
  }

  /** What was launched begins, then what was settled lands. */
  endTick(): void {
    for (const flight of this.#launched.splice(0)) {
      if (flight.isAborted) continue
      this.#begin(flight)
      const isProbe = (this.#failure(flight.key)?.count ?? 0) >= 2
      this.loads.push(flight)
      const isBackground = flight.trigger === 'background' && flight.callers.length === 0
      const how = `${isBackground ? ' background' : ''}${isProbe ? ' probe' : ''}`
      this.events.push(`load ${flight.key}${how}`)
    }
    if (this.#landing?.flight.isAborted === false) this.#land(this.#landing.flight, this.#landing.answer)
    this.#landing = undefined
  }

  get entries(): number {
    return this.#held.size
  }

  #launch(key: string, trigger: Flight['trigger'], isPinned: boolean): Flight {
    const previous = this.#held.get(key)?.version
    const flight: Flight = {
      ...{ key, trigger, isPinned, previous, callers: [], isAborted: false },
      ...{ request: Infinity, at: undefined },
    }
    this.#flying.set(key, flight)
    this.#launched.push(flight)
    return flight
  }

  #begin(flight: Flight): void {
    flight.at = { ...this.now }
    this.#requests += 1
    flight.request = this.#requests
    const last = this.#lastBegin ?? flight.at
    const skew = flight.at.wall - last.wall - (flight.at.monotonic - last.monotonic)
    if (Math.abs(skew) > 300_000) this.events.push(`anomaly ${skew}`)
    this.#lastBegin = flight.at
  }

  #land(flight: Flight, answer: Answer): void {
    const { key, request, at, trigger, isPinned } = flight
    if (at === undefined) throw new Error('a load ended that had not begun')
    const isCurrent = request > (this.#invalidated.get(key) ?? 0) && request >= (this.#answered.get(key) ?? 0)
    const callers = flight.callers.splice(0)
    if (this.#flying.get(key) === flight) this.#flying.delete(key)
    if ('version' in answer) {
      const { version } = answer
      const previous = this.#held.get(key)?.version
      const { ttlMs, maxEntries } = this.#windows
      const lifetime = isPinned ? Infinity : ttlMs * (1 - 0.1 * this.random)
      const held: Held = { version, request, at, ttlMs: lifetime, isRefused: false }
      if (isCurrent) {
        this.#failed.delete(key)
        this.#answered.set(key, request)
        const evicted = ttlMs > 0 ? keep(this.#held, key, held, maxEntries) : undefined
        if (evicted !== undefined) this.events.push(`evict ${evicted}`)
      }
      this.events.push(`loaded ${key} ${trigger} v${version} after v${previous}`)
      for (const { name, asked } of callers) {
        if (asked !== undefined) this.#found(name, held, false)
        else this.outcomes.push(`${name} v${version} after v${flight.previous}`)
      }
      return
    }
    const isOurs = answer.code !== 'crash'
    if (isOurs && isCurrent) this.#remember(key, request, answer)
    if (isOurs) this.events.push(`failed ${key} ${trigger} ${answer.code}`)
    for (const { name, asked } of callers) {
      const held = this.#held.get(key)
      const mayStretch = asked?.fresh === false && answer.retryable
      const state = held && mayStretch ? this.#state(held, asked.maxAgeMs) : 'expired'
      if (held === undefined || state === 'expired') this.outcomes.push(`${name} ${answer.code}`)
      else if (state === 'fresh') this.#found(name, held, false)
      else this.#stale(name, key, held, answer.code)
    }
  }

  #remember(key: string, request: number, failing: Failing): void {
    const { ttlMs, negativeTtlMs, maxNegativeTtlMs, maxEntries } = this.#windows
    const { code, retryable, retryAfterMs } = failing
    if (ttlMs > 0 && negativeTtlMs > 0 && code !== 'ERR_MISSING_PEER') {
      const last = this.#failure(key)
      const count = last?.code === code ? last.count + 1 : 1
      const drawn = Math.min(maxNegativeTtlMs, negativeTtlMs * 2 ** (count - 1)) * (1 - this.random / 2)
      const lifetime = Math.max(drawn, Math.min(retryAfterMs, maxNegativeTtlMs))
      keep(this.#failed, key, { code, retryable, count, at: { ...this.now }, ttlMs: lifetime }, maxEntries)
    }
    if (retryable) return
    this.#answered.set(key, request)
    const held = this.#held.get(key)
    if (held !== undefined) held.isRefused = true
  }

  /** The last failure of a key, which is thereby used; long ago, it is forgotten. */
  #failure(key: string): Failed | undefined {
    const failed = use(this.#failed, key)
    if (failed === undefined || this.#age(failed.at) <= failed.ttlMs + this.#windows.maxNegativeTtlMs)
      return failed
    this.#failed.delete(key)
    return undefined
  }

  #found(name: string, { version, request, at }: Held, isStale: boolean): void {
    this.outcomes.push(
      `${name} v${version} #${request} ${isStale ? 'stale' : 'good'} of ${at.wall}, ${at.monotonic}`,
    )
  }

  #stale(name: string, key: string, held: Held, why: string): void {
    this.events.push(`stale ${key} ${why} of ${held.at.wall}, ${held.at.monotonic}`)
    this.#found(name, held, true)
  }

  #state({ ttlMs, at, isRefused }: Held, maxAgeMs: number): 'fresh' | 'revalidate' | 'if error' | 'expired' {
    const { staleWhileRevalidateMs, staleIfErrorMs } = this.#windows
    const age = this.#age(at)
    if (ttlMs === Infinity) return 'fresh'
    if (age > maxAgeMs) return 'expired'
    if (age <= ttlMs) return 'fresh'
    if (isRefused) return 'expired'
    if (age <= ttlMs + staleWhileRevalidateMs) return 'revalidate'
    return age <= ttlMs + staleIfErrorMs ? 'if error' : 'expired'
  }

  /** Whether a load is neither invalidated nor so old that it must have slept. */
  #isYoung({ key, request, at }: Flight, maxAgeMs: number): boolean {
    if (at === undefined) return true
    const limit = Math.min(this.#windows.maxFlightMs, maxAgeMs)
    return request > (this.#invalidated.get(key) ?? 0) && this.#age(at) <= limit
  }

  #age({ wall, monotonic }: Stamp): number {
    return Math.max(0, this.now.wall - wall, this.now.monotonic - monotonic)
  }
}

function use<Value>(map: Map<string, Value>, key: string): Value | undefined {
  const value = map.get(key)
  if (value === undefined) return undefined
  map.delete(key)
  map.set(key, value)
  return value
}

/** Keeps a value as the last used one, and tells which had to make room. */
function keep<Value>(map: Map<string, Value>, key: string, value: Value, max: number): string | undefined {
  map.delete(key)
  map.set(key, value)
  const [first] = map.keys()
  if (map.size <= max || first === undefined) return undefined
  map.delete(first)
  return first
}
