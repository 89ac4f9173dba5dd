/** Runs one schedule against one client, on a clock and a service of its own. */

import { getEventListeners } from 'node:events'
import { type SecretRead, SecretsClient, isSecretsError } from '../../src/index.js'
import { parseReference } from '../../src/reference/parse.js'
import { ManualClock } from '../support/manual-clock.js'
import { ANSWER_RULES, type Answer, type Policy } from './answer-rules.js'
import { type Command, type ReadHow, SIGNALS, type Step } from './commands.js'
import { type Asked, type Call, type CallFacts, History } from './history.js'
import { LoadRules } from './load-rules.js'
import { Schemas, isSlow, numberIn } from './schemas.js'
import { Service } from './service.js'
import { Vault, type Target, fullArnOf, secretOf, selectorOf } from './vault.js'
import { Watches } from './watches.js'

/** The client of a scenario. */
export interface Setting extends Policy {
  readonly maxBatch: number
  readonly maxAttempts: number
}

const REGION = 'eu-west-1'
const LATE_TURNS = 8
const FACTS = {
  fresh: false,
  ttlMs: undefined,
  isSchemaSlow: false,
  isPicky: false,
  hasSchema: false,
} as const

/** One schedule under way. */
export class World {
  readonly history: History
  readonly #setting: Setting
  readonly #clock = new ManualClock()
  readonly #vault = new Vault()
  readonly #schemas = new Schemas()
  readonly #service: Service
  readonly #client: SecretsClient
  readonly #rules: LoadRules
  readonly #watches: Watches
  readonly #controllers = Array.from({ length: SIGNALS }, () => new AbortController())
  readonly #signals = new Set<AbortSignal>()
  readonly #errors = new Set<unknown>()
  readonly #instances = new Set<unknown>()
  #isClosed = false

  constructor(setting: Setting) {
    const { timeoutMs, maxAttempts, maxBatch, ...cache } = setting
    this.#setting = setting
    this.history = new History(this.#clock)
    this.#service = new Service(this.#vault, this.history, maxBatch)
    this.#rules = new LoadRules(this.history, setting)
    this.#client = new SecretsClient({
      sources: [this.#service],
      clock: this.#clock,
      region: REGION,
      cache,
      retry: { timeoutMs, maxAttempts },
    })
    this.#watches = new Watches(this.history)
  }

  /** Runs the steps, then lets all deadlines pass, closes the client and looks at what is left. */
  async run(steps: readonly Step[]): Promise<void> {
    for (const { command, rest } of steps) {
      this.history.log.push(`${this.history.tick()} ${JSON.stringify(command)}`)
      await this.#perform(command)
      await this.#rest(rest)
    }
    await this.#settle()
    this.#rules.expectNoneWaiting()
    await this.#close()
    this.#watches.endAll()
    await this.#rest(0)
    this.#expectNothingLeft()
  }

  async #perform(command: Command): Promise<void> {
    switch (command.does) {
      case 'read':
      case 'get':
        this.#read(command.does, command.target, command.how)
        break
      case 'refresh':
        this.#refresh(command.target, command.signal)
        break
      case 'prefetch':
        this.#prefetch(command.targets, command.signal)
        break
      case 'watch':
        this.#watch(command.target, command.signal)
        break
      case 'invalidate':
        this.#invalidate(this.#asked(command.target))
        break
      case 'invalidate all':
        this.#invalidate(undefined)
        break
      case 'rotate':
        this.#vault.rotate(command.secret)
        break
      case 'roll back':
        this.#vault.rollBack(command.secret)
        break
      case 'delete':
        this.#vault.delete(command.secret)
        this.history.distrust(command.secret)
        break
      case 'recreate':
        this.#vault.recreate(command.secret)
        this.history.distrust(command.secret)
        break
      case 'serve':
        this.#service.serve(command.which)
        break
      case 'answer':
        this.#service.answer(command.which, command.answer)
        break
      case 'validate':
        this.#schemas.validate(command.which)
        break
      case 'next':
        this.#watches.next(command.which)
        break
      case 'end watch':
        this.#watches.end(command.which)
        break
      case 'abort':
        this.#abort(command.which)
        break
      case 'close':
        await this.#close()
        break
      default:
        await this.#move(command.does, command.ms)
    }
  }

  #read(kind: 'read' | 'get', target: Target, how: ReadHow): void {
    const { schema, fresh, ttlMs } = how
    const signal = this.#signal(how.signal)
    const hasSchema = schema !== undefined
    const facts = { kind, fresh, ttlMs, hasSchema, isSchemaSlow: isSlow(schema), isPicky: schema === 'picky' }
    const call = this.#call(target, facts, signal)
    const options = {
      fresh,
      ...(ttlMs !== undefined && { ttlMs }),
      ...(schema !== undefined && { schema: this.#schemas.get(schema) }),
      ...(signal !== undefined && { signal }),
    }
    const { reference } = call.asked
    if (kind === 'get') {
      this.#follow(call, this.#client.get(reference, options), (value) => {
        this.#got(call, value)
      })
    } else {
      this.#follow(call, this.#client.read(reference, options), (read) => {
        this.#answered(call, read)
      })
    }
  }

  #refresh(target: Target, slot: number | undefined): void {
    const signal = this.#signal(slot)
    const call = this.#call(target, { ...FACTS, kind: 'refresh' }, signal)
    this.#follow(call, this.#client.refresh(call.asked.reference, signal && { signal }), ({ versionId }) => {
      this.#rules.refreshed(call, versionId)
    })
  }

  #prefetch(targets: readonly Target[], slot: number | undefined): void {
    const signal = this.#signal(slot)
    const [first] = targets
    if (first === undefined) return
    const call = this.#call(first, { ...FACTS, kind: 'prefetch' }, signal)
    const asked = targets.map((target) => this.#asked(target))
    const references = asked.map(({ reference }) => reference)
    this.#follow(call, this.#client.prefetch(references, signal && { signal }), ({ loaded, failed }) => {
      for (const error of failed) this.#ownError(error)
      this.#rules.prefetched(asked, loaded, failed)
    })
  }

  #watch(target: Target, slot: number | undefined): void {
    const signal = this.#signal(slot)
    const asked = this.#asked(target)
    const watched = this.#client.watch(asked.reference, signal && { signal })
    this.#watches.start(asked, watched, (read, at, state) => {
      const call = { ...FACTS, kind: 'watch' as const, asked, at, state, signal }
      return this.#answered(call, read)
    })
  }

  #invalidate(asked: Asked | undefined): void {
    if (asked === undefined) this.#client.invalidate()
    else this.#client.invalidate(asked.reference)
    this.#rules.invalidated(asked)
  }

  #call(target: Target, facts: CallFacts, signal: AbortSignal | undefined): Call {
    const state = this.history.states.length - 1
    const call = { ...facts, asked: this.#asked(target), at: this.history.tick(), state, signal }
    this.#rules.called(call)
    return call
  }

  #follow<T>(call: Call, promise: Promise<T>, then: (result: T) => void): void {
    this.history.calls.add(call)
    promise.then(
      (result) => {
        this.history.calls.delete(call)
        then(result)
      },
      (error: unknown) => {
        this.history.calls.delete(call)
        this.#failed(call, error)
      },
    )
  }

  #answered(call: Call, read: SecretRead<unknown>): Answer | undefined {
    const { value, stale, arn } = read
    const item = this.history.items[(read.createdAt?.getTime() ?? 0) - 1]
    const version = this.#versionOf(value)
    if (item === undefined || version === undefined) {
      this.history.violate('an answer is one of the service', JSON.stringify(value))
      return undefined
    }
    const answer = { call, item, version, stale, arn, fetchedAt: read.fetchedAt.getTime() }
    for (const { name, check } of ANSWER_RULES) {
      const broken = check(answer, this.history, this.#setting)
      if (broken !== undefined) {
        this.history.violate(
          name,
          `${call.kind} of ${call.asked.key} at ${call.at}, request ${item.id} at ${item.at}: ${broken}`,
        )
      }
    }
    this.#ownInstances(value)
    const { key } = call.asked
    this.history.log.push(
      `  ${call.kind}@${call.at} ${key} got request ${item.id} n=${version.n}${stale ? ' stale' : ''}`,
    )
    this.history.seen.push({ item, version, key, at: this.history.tick() })
    return answer
  }

  #got(call: Call, value: unknown): void {
    this.#ownInstances(value)
    const version = this.#versionOf(value)
    if (version === undefined) this.history.violate('an answer is one of the service', JSON.stringify(value))
    else this.#rules.got(call, version)
  }

  #versionOf(value: unknown) {
    const payload: unknown = typeof value === 'string' ? JSON.parse(value) : value
    return this.#vault.version(numberIn(payload))
  }

  #failed(call: Call, error: unknown): void {
    const { signal, asked } = call
    this.history.log.push(`  ${call.kind}@${call.at} ${asked.key} failed: ${String(error)}`)
    if (signal?.aborted === true && error === signal.reason) return
    if (!isSecretsError(error)) {
      this.history.violate(
        'a failure is a SecretsError, or the reason of the caller’s own signal',
        String(error),
      )
      return
    }
    this.#ownError(error)
    if (error.ref !== undefined && error.ref !== asked.ref) {
      this.history.violate(
        'an error names the reference as its caller wrote it',
        `${error.ref} for ${asked.ref}`,
      )
    }
    if (error.code === 'ERR_CLOSED' && !this.#isClosed)
      this.history.violate('closed only when closed', asked.ref)
    this.#rules.failed(call, error)
  }

  #ownError(error: unknown): void {
    if (this.#errors.has(error)) this.history.violate('every caller has an error of their own', String(error))
    this.#errors.add(error)
  }

  #ownInstances(value: unknown): void {
    if (typeof value !== 'object' || value === null || !('at' in value)) return
    for (const one of [value, value.at]) {
      if (this.#instances.has(one))
        this.history.violate('instances of classes are each caller’s own (I54)', '')
      this.#instances.add(one)
    }
  }

  #asked(target: Target): Asked {
    const reference = this.#vault.reference(target)
    const { ref, key } = parseReference(reference)
    return {
      reference,
      ref,
      key,
      secret: secretOf(reference),
      selector: selectorOf(reference),
      arn: fullArnOf(reference),
      meantArn: this.#vault.arnOf(reference),
      isPinned: target.selector === 'pinned',
    }
  }

  #signal(slot: number | undefined): AbortSignal | undefined {
    const signal = slot === undefined ? undefined : this.#controllers[slot]?.signal
    if (signal !== undefined) this.#signals.add(signal)
    return signal
  }

  #abort(which: number): void {
    const slot = which % SIGNALS
    // A reason of its own, which is no Error.
    this.#controllers[slot]?.abort({ reason: this.history.tick() })
    this.#controllers[slot] = new AbortController()
  }

  /** Nothing is under way while the clock moves, so that whatever happens does so in one state of it. */
  async #move(hand: 'advance' | 'step wall', ms: number): Promise<void> {
    await this.#rest(0)
    if (hand === 'advance') this.#clock.advance(ms)
    else this.#clock.wall += ms
    this.history.moved()
    // A deadline whose timer fires late lets the event loop turn a few times first.
    for (let left = LATE_TURNS; left > 0; left -= 1) await turn()
  }

  async #rest(microtasks: number): Promise<void> {
    for (let left = microtasks; left > 0; left -= 1) await undefined
    if (microtasks > 0) return
    await turn()
    this.history.atRest()
    this.#rules.atRest()
    this.#watches.atRest()
  }

  /** Lets every deadline pass, those of schemas too. */
  async #settle(): Promise<void> {
    const { timeoutMs } = this.#setting
    await this.#rest(0)
    for (let left = 3; left > 0; left -= 1) {
      const before = [...this.history.calls]
      await this.#move('advance', timeoutMs + 1)
      await this.#rest(0)
      this.#rules.expectSettled(before)
    }
  }

  async #close(): Promise<void> {
    this.#isClosed = true
    await this.#client.close()
    this.history.distrust()
    await this.#rest(0)
    for (const { kind, asked } of this.history.calls) {
      this.history.violate('close() settles everybody (I26)', `${kind} of ${asked.key}`)
    }
    this.#watches.expectEnded()
  }

  #expectNothingLeft(): void {
    const { entries, bytes } = this.#client.stats()
    const signals = [...this.#signals, ...this.#service.signals]
    const listeners = signals.filter((signal) => getEventListeners(signal, 'abort').length > 0).length
    const left = { entries, bytes, listeners, timers: this.#clock.sleeping }
    if (entries + bytes + listeners + left.timers > 0) {
      this.history.violate(
        'nothing is left after close(): no value, listener or timer (I21, I26)',
        JSON.stringify(left),
      )
    }
    this.#service.answerAll()
    this.#schemas.validateAll()
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
