/** Drives a cache and its model through one schedule, tick by tick, and throws where they part. */

import { getEventListeners } from 'node:events'
import { expect } from 'vitest'
import { SharedSignals } from '../../src/abortable.js'
import { Cache } from '../../src/cache/cache.js'
import type { Load } from '../../src/cache/launcher.js'
import type { CacheListener } from '../../src/cache/listener.js'
import { SecretsError, isSecretsError } from '../../src/errors.js'
import { deferred } from '../support/fake-source.js'
import { ManualClock } from '../support/manual-clock.js'
import { type Answer, type Failing, Model } from './model.js'
import {
  type Action,
  type Ending,
  KEYS,
  type Scenario,
  type Schedule,
  type Tick,
  WINDOWS,
} from './schedules.js'

/** Throws where the cache does anything else than the model. */
export async function run(scenario: Scenario, { ticks, isClosed }: Schedule): Promise<void> {
  const rig = new Rig(scenario)
  for (const tick of ticks) await rig.tick(tick)
  await rig.end(isClosed)
}

/** A cache and its model, in the same world. */
class Rig {
  readonly #scenario: Scenario
  readonly #clock: ManualClock
  readonly #model: Model
  readonly #cache: Cache<number>
  readonly #events: string[] = []
  readonly #outcomes: string[] = []
  readonly #loads: { readonly end: ReturnType<typeof deferred<number>>; sent: number; key: string }[] = []
  readonly #attempts: (() => void)[] = []
  readonly #unsettled: number[] = []
  readonly #controllers = new Map<string, AbortController>()
  readonly #signals: AbortSignal[] = []
  /** The version at the service; a negative one is deleted. */
  readonly #versions = new Map<string, number>()
  #random = 0
  #callers = 0

  constructor(scenario: Scenario) {
    const { windows, start = { wall: 1_800_000_000_000, monotonic: 5_000 } } = scenario
    const all = { ...WINDOWS, ...windows }
    this.#scenario = scenario
    this.#clock = new ManualClock(start.wall, start.monotonic)
    this.#model = new Model(all, start)
    this.#cache = new Cache({
      ...all,
      clock: this.#clock,
      signals: new SharedSignals(),
      homeOf: (key) => key,
      sizeOf: () => 1,
      maxBytes: 1_000_000,
      merge: (_key, _cached, loaded) => loaded,
      random: () => this.#random,
      listener: this.#listener(),
    })
  }

  async tick({ random, actions }: Tick): Promise<void> {
    this.#random = random
    this.#model.random = random
    let hasSettled = false
    for (const action of actions) {
      if (action.do === 'settle' && hasSettled) continue
      hasSettled ||= action.do === 'settle'
      this.#act(action)
    }
    await this.#compare()
  }

  /** Everything that is under way ends, and nothing stays behind. */
  async end(isClosed: boolean): Promise<void> {
    if (isClosed) {
      this.#cache.close('closed')
      this.#model.close(KEYS)
      await this.#compare()
    }
    while (this.#unsettled.length > 0) {
      await this.tick({ random: 0, actions: [{ do: 'settle', load: 0, ending: 'current' }] })
    }
    expect(this.#clock.sleeping, 'timers left').toBe(0)
    const listeners = this.#signals.flatMap((signal) => getEventListeners(signal, 'abort'))
    expect(listeners, 'listeners left').toEqual([])
  }

  async #compare(): Promise<void> {
    this.#model.endTick()
    await new Promise(setImmediate)
    const model = this.#model
    const expected = [...model.events.splice(0), ...model.outcomes.splice(0).sort(), `${model.entries} held`]
    const actual = [
      ...this.#events.splice(0),
      ...this.#outcomes.splice(0).sort(),
      `${this.#cache.entries} held`,
    ]
    if (actual.join('\n') !== expected.join('\n')) expect(actual).toEqual(expected)
  }

  #act(action: Action): void {
    switch (action.do) {
      case 'read':
        this.#read(action)
        break
      case 'refresh':
        this.#refresh(action.key)
        break
      case 'settle': {
        const load = pick(this.#unsettled, action.load)
        if (load === undefined) break
        this.#unsettled.splice(this.#unsettled.indexOf(load), 1)
        this.#settle(load, action.ending)
        break
      }
      case 'attempt': {
        const load = pick(this.#unsettled, action.load)
        if (load !== undefined) this.#attempt(load)
        break
      }
      case 'abort': {
        const name = pick([...this.#controllers.keys()], action.caller)
        if (name !== undefined) this.#abort(name)
        break
      }
      case 'pass':
        this.#pass(action.wallMs, action.monotonicMs)
        break
      case 'invalidate':
        this.#cache.invalidate(action.key)
        this.#model.invalidate(action.key)
        break
      case 'invalidateAll':
        this.#cache.invalidateAll()
        this.#model.invalidateAll(KEYS)
        break
      case 'rotate':
        this.#versions.set(action.key, Math.abs(this.#version(action.key)) + 1)
        break
      case 'delete':
        this.#versions.set(action.key, -Math.abs(this.#version(action.key)))
    }
  }

  #read({ key, fresh, maxAgeMs, signal: kind }: Action & { readonly do: 'read' }): void {
    const name = this.#nextCaller()
    const controller = kind === 'none' ? undefined : new AbortController()
    if (kind === 'aborted') controller?.abort(leaving(name))
    const isPinned = this.#isPinned(key)
    const limit = maxAgeMs === Infinity ? undefined : maxAgeMs
    const options = { signal: controller?.signal, fresh, isPinned, maxAgeMs: limit }
    const cached = fresh ? undefined : this.#cache.lookup(key, limit)
    const found =
      cached === undefined ? this.#cache.load(key, this.#load(key), options) : Promise.resolve(cached)
    this.#settles(name, found, controller?.signal, ({ value, sequence, isStale, stamp }) => {
      return `v${value} #${sequence} ${isStale ? 'stale' : 'good'} of ${stamp.wall}, ${stamp.monotonic}`
    })
    this.#model.read(name, { key, fresh, maxAgeMs, isPinned })
    if (controller === undefined) return
    this.#signals.push(controller.signal)
    if (kind === 'aborted') this.#model.abort(name)
    else this.#controllers.set(name, controller)
  }

  #refresh(key: string): void {
    const name = this.#nextCaller()
    const isPinned = this.#isPinned(key)
    const refreshed = this.#cache.refresh(key, this.#load(key), isPinned)
    this.#settles(name, refreshed, undefined, ({ value, previous }) => `v${value} after v${previous}`)
    this.#model.refresh(name, key, isPinned)
  }

  #settles<T>(
    name: string,
    outcome: Promise<T>,
    signal: AbortSignal | undefined,
    show: (value: T) => string,
  ): void {
    const failed = (error: unknown) => {
      if (signal?.aborted === true && error === signal.reason) return 'aborted'
      return isSecretsError(error) ? error.code : String(error)
    }
    const tell = (line: string) => {
      this.#controllers.delete(name)
      this.#outcomes.push(`${name} ${line}`)
    }
    outcome.then(show, failed).then(tell, tell)
  }

  #load(key: string): Load<number> {
    return ({ onAttempt, isBackground, isProbe }) => {
      this.#events.push(`load ${key}${isBackground ? ' background' : ''}${isProbe ? ' probe' : ''}`)
      const end = deferred<number>()
      this.#unsettled.push(this.#loads.length)
      this.#loads.push({ end, sent: this.#version(key), key })
      this.#attempts.push(onAttempt)
      return end.promise.then((value) => ({ value, bind: () => key }))
    }
  }

  #attempt(index: number): void {
    const load = this.#loads[index]
    if (load !== undefined) load.sent = this.#version(load.key)
    this.#attempts[index]?.()
    this.#model.attempt(index)
  }

  #settle(index: number, ending: Ending): void {
    const load = this.#loads[index]
    if (load === undefined) return
    const answer = answerOf(ending, ending === 'begun' ? load.sent : this.#version(load.key))
    if ('version' in answer) load.end.resolve(answer.version)
    else load.end.reject(errorOf(answer))
    this.#model.settle(index, answer)
  }

  #abort(name: string): void {
    const controller = this.#controllers.get(name)
    this.#controllers.delete(name)
    controller?.abort(leaving(name))
    this.#model.abort(name)
  }

  #pass(wallMs: number, monotonicMs: number): void {
    this.#clock.wall += wallMs - monotonicMs
    this.#clock.advance(monotonicMs)
    this.#model.now.wall += wallMs
    this.#model.now.monotonic += monotonicMs
  }

  #nextCaller(): string {
    this.#callers += 1
    return `caller ${this.#callers}`
  }

  #isPinned(key: string): boolean {
    return this.#scenario.pinned?.includes(key) === true
  }

  #version(key: string): number {
    return this.#versions.get(key) ?? 1
  }

  #listener(): CacheListener<number> {
    const tell = (line: string) => {
      this.#events.push(line)
    }
    return {
      hit: (key) => {
        tell(`hit ${key}`)
      },
      missed: (key, isRemembered) => {
        tell(`${isRemembered ? 'remembered' : 'miss'} ${key}`)
      },
      stale: (key, reason, stamp) => {
        const why = reason.why === 'error' ? reason.code : reason.why
        tell(`stale ${key} ${why} of ${stamp.wall}, ${stamp.monotonic}`)
      },
      loaded: (key, { trigger }, value, previous) => {
        tell(`loaded ${key} ${trigger} v${value} after v${previous}`)
      },
      failed: (key, { trigger }, { code }) => {
        tell(`failed ${key} ${trigger} ${code}`)
      },
      evicted: (key) => {
        tell(`evict ${key}`)
      },
      clockAnomaly: (skewMs) => {
        tell(`anomaly ${skewMs}`)
      },
    }
  }
}

/** Counts from the latest, modulo what there is. */
function pick<T>(from: readonly T[], index: number): T | undefined {
  return from.at(-1 - (index % Math.max(1, from.length)))
}

function answerOf(ending: Ending, version: number): Answer {
  const failure = (code: Failing['code'], retryAfterMs = 0): Failing => {
    const retryable = code === 'ERR_UNAVAILABLE' || code === 'ERR_TIMEOUT' || code === 'ERR_THROTTLED'
    return { code, retryable, retryAfterMs }
  }
  switch (ending) {
    case 'current':
    case 'begun':
      return version > 0 ? { version } : failure('ERR_NOT_FOUND')
    case 'throttled':
      return failure('ERR_THROTTLED', 30)
    case 'throttled for long':
      return failure('ERR_THROTTLED', 5_000)
    default:
      return failure(ending)
  }
}

/** Looks like a failure of the service, and must not be taken for one. */
function leaving(name: string): SecretsError {
  return new SecretsError('ERR_TIMEOUT', { what: `${name} left` })
}

function errorOf({ code, retryAfterMs }: Failing): unknown {
  if (code === 'crash') return code
  return new SecretsError(code, { what: 'the load failed', ...(retryAfterMs > 0 && { retryAfterMs }) })
}
