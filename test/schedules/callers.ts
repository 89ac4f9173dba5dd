/** Those who use the client in one schedule: what they ask for, what they get, and that it is their own. */

import { type SecretRead, type SecretsClient, isSecretsError } from '../../src/index.js'
import { ANSWER_RULES, type Answer, type Policy } from './answer-rules.js'
import { askedFor } from './asked.js'
import { type ReadHow, SIGNALS } from './commands.js'
import type { Call, CallFacts, History } from './history.js'
import type { LoadRules } from './load-rules.js'
import { type Schemas, isSlow, numberIn } from './schemas.js'
import type { Target, Vault, Version } from './vault.js'
import type { Watches } from './watches.js'

/** What callers share with the rest of a schedule. */
export interface Stage {
  readonly history: History
  readonly policy: Policy
  readonly client: SecretsClient
  readonly vault: Vault
  readonly schemas: Schemas
  readonly rules: LoadRules
  readonly watches: Watches
}

const FACTS = {
  fresh: false,
  ttlMs: undefined,
  isSchemaSlow: false,
  isPicky: false,
  hasSchema: false,
} as const

/** All callers of one schedule. */
export class Callers {
  /** Whether errors that say that the client is closed are right. */
  isClosed = false
  readonly #stage: Stage
  readonly #history: History
  readonly #controllers = Array.from({ length: SIGNALS }, () => new AbortController())
  readonly #signals = new Set<AbortSignal>()
  readonly #errors = new Set<unknown>()
  readonly #instances = new Set<unknown>()

  constructor(stage: Stage) {
    this.#stage = stage
    this.#history = stage.history
  }

  /** Somebody reads. */
  read(kind: 'read' | 'get', target: Target, how: ReadHow): void {
    const { schema, fresh, ttlMs } = how
    const signal = this.#signal(how.signal)
    const hasSchema = schema !== undefined
    const facts = { kind, fresh, ttlMs, hasSchema, isSchemaSlow: isSlow(schema), isPicky: schema === 'picky' }
    const call = this.#call(target, facts, signal)
    const options = {
      fresh,
      ...(ttlMs !== undefined && { ttlMs }),
      ...(schema !== undefined && { schema: this.#stage.schemas.get(schema) }),
      ...(signal !== undefined && { signal }),
    }
    const { reference } = call.asked
    if (kind === 'get') {
      this.#follow(call, this.#stage.client.get(reference, options), (value) => {
        this.#got(call, value)
      })
    } else {
      this.#follow(call, this.#stage.client.read(reference, options), (read) => {
        this.#answered(call, read)
      })
    }
  }

  /** Somebody refreshes. */
  refresh(target: Target, slot: number | undefined): void {
    const signal = this.#signal(slot)
    const call = this.#call(target, { ...FACTS, kind: 'refresh' }, signal)
    this.#follow(
      call,
      this.#stage.client.refresh(call.asked.reference, signal && { signal }),
      ({ versionId }) => {
        this.#stage.rules.refreshed(call, versionId)
      },
    )
  }

  /** Somebody loads many ahead. */
  prefetch(targets: readonly Target[], slot: number | undefined): void {
    const signal = this.#signal(slot)
    const [first] = targets
    if (first === undefined) return
    const call = this.#call(first, { ...FACTS, kind: 'prefetch' }, signal)
    const asked = targets.map((target) => askedFor(target, this.#stage.vault))
    const references = asked.map(({ reference }) => reference)
    this.#follow(
      call,
      this.#stage.client.prefetch(references, signal && { signal }),
      ({ loaded, failed }) => {
        for (const error of failed) this.#ownError(error)
        this.#stage.rules.prefetched(asked, loaded, failed)
      },
    )
  }

  /** Somebody watches. */
  watch(target: Target, slot: number | undefined): void {
    const signal = this.#signal(slot)
    const asked = askedFor(target, this.#stage.vault)
    const watched = this.#stage.client.watch(asked.reference, signal && { signal })
    this.#stage.watches.start(asked, watched, (read, at, state) => {
      const call = { ...FACTS, kind: 'watch' as const, asked, at, state, signal }
      return this.#answered(call, read)
    })
  }

  /** Somebody invalidates one reference, or all. */
  invalidate(target: Target | undefined): void {
    const asked = target === undefined ? undefined : askedFor(target, this.#stage.vault)
    if (asked === undefined) this.#stage.client.invalidate()
    else this.#stage.client.invalidate(asked.reference)
    this.#stage.rules.invalidated(asked)
  }

  /** Those who share a signal leave; those who come later have another. */
  abort(which: number): void {
    const slot = which % SIGNALS
    // A reason of its own, which is no Error.
    this.#controllers[slot]?.abort({ reason: this.#history.tick() })
    this.#controllers[slot] = new AbortController()
  }

  /** Every signal that was given to the client. */
  get signals(): readonly AbortSignal[] {
    return [...this.#signals]
  }

  #call(target: Target, facts: CallFacts, signal: AbortSignal | undefined): Call {
    const state = this.#history.states.length - 1
    const call = {
      ...facts,
      asked: askedFor(target, this.#stage.vault),
      at: this.#history.tick(),
      state,
      signal,
    }
    this.#stage.rules.called(call)
    return call
  }

  #follow<T>(call: Call, promise: Promise<T>, then: (result: T) => void): void {
    this.#history.calls.add(call)
    promise.then(
      (result) => {
        this.#history.calls.delete(call)
        then(result)
      },
      (error: unknown) => {
        this.#history.calls.delete(call)
        this.#failed(call, error)
      },
    )
  }

  #answered(call: Call, read: SecretRead<unknown>): Answer | undefined {
    const { value, stale, arn } = read
    const item = this.#history.items[(read.createdAt?.getTime() ?? 0) - 1]
    const version = this.#versionOf(value)
    if (item === undefined || version === undefined) {
      this.#history.violate('an answer is one of the service', JSON.stringify(value))
      return undefined
    }
    const answer = { call, item, version, stale, arn, fetchedAt: read.fetchedAt.getTime() }
    for (const { name, check } of ANSWER_RULES) {
      const broken = check(answer, this.#history, this.#stage.policy)
      if (broken !== undefined) {
        this.#history.violate(
          name,
          `${call.kind} of ${call.asked.key} at ${call.at}, request ${item.id} at ${item.at}: ${broken}`,
        )
      }
    }
    this.#ownInstances(value)
    const { key } = call.asked
    this.#history.log.push(
      `  ${call.kind}@${call.at} ${key} got request ${item.id} n=${version.n}${stale ? ' stale' : ''}`,
    )
    this.#history.seen.push({ item, version, key, at: this.#history.tick() })
    return answer
  }

  #got(call: Call, value: unknown): void {
    this.#ownInstances(value)
    const version = this.#versionOf(value)
    if (version === undefined) this.#history.violate('an answer is one of the service', JSON.stringify(value))
    else this.#stage.rules.got(call, version)
  }

  #versionOf(value: unknown): Version | undefined {
    const payload: unknown = typeof value === 'string' ? JSON.parse(value) : value
    return this.#stage.vault.version(numberIn(payload))
  }

  #failed(call: Call, error: unknown): void {
    const { signal, asked } = call
    this.#history.log.push(`  ${call.kind}@${call.at} ${asked.key} failed: ${String(error)}`)
    if (signal?.aborted === true && error === signal.reason) {
      if (call.kind === 'refresh') this.#stage.rules.abandoned(call)
      return
    }
    if (!isSecretsError(error)) {
      this.#history.violate(
        'a failure is a SecretsError, or the reason of the caller’s own signal',
        String(error),
      )
      return
    }
    this.#ownError(error)
    if (error.ref !== undefined && error.ref !== asked.ref) {
      this.#history.violate(
        'an error names the reference as its caller wrote it',
        `${error.ref} for ${asked.ref}`,
      )
    }
    if (error.code === 'ERR_CLOSED' && !this.isClosed)
      this.#history.violate('closed only when closed', asked.ref)
    this.#stage.rules.failed(call, error)
  }

  #ownError(error: unknown): void {
    if (this.#errors.has(error))
      this.#history.violate('every caller has an error of their own', String(error))
    this.#errors.add(error)
  }

  #ownInstances(value: unknown): void {
    if (typeof value !== 'object' || value === null || !('at' in value)) return
    for (const one of [value, value.at]) {
      if (this.#instances.has(one))
        this.#history.violate('instances of classes are each caller’s own (I54)', '')
      this.#instances.add(one)
    }
  }

  #signal(slot: number | undefined): AbortSignal | undefined {
    const signal = slot === undefined ? undefined : this.#controllers[slot]?.signal
    if (signal !== undefined) this.#signals.add(signal)
    return signal
  }
}
