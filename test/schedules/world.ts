/** Runs one schedule against one client, on a clock and a service of its own. */

import { getEventListeners } from 'node:events'
import { SecretsClient } from '../../src/index.js'
import { ManualClock } from '../support/manual-clock.js'
import type { Policy } from './answer-rules.js'
import { Callers } from './callers.js'
import type { Command, Step } from './commands.js'
import { History } from './history.js'
import { LoadRules } from './load-rules.js'
import { Schemas } from './schemas.js'
import { Service } from './service.js'
import { Vault } from './vault.js'
import { Watches } from './watches.js'

/** The client of a scenario. */
export interface Setting extends Policy {
  readonly maxBatch: number
  readonly maxAttempts: number
}

const REGION = 'eu-west-1'
const LATE_TURNS = 8

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
  readonly #callers: Callers

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
    this.#callers = new Callers({
      history: this.history,
      policy: setting,
      client: this.#client,
      vault: this.#vault,
      schemas: this.#schemas,
      rules: this.#rules,
      watches: this.#watches,
    })
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
        this.#callers.read(command.does, command.target, command.how)
        break
      case 'refresh':
        this.#callers.refresh(command.target, command.signal)
        break
      case 'prefetch':
        this.#callers.prefetch(command.targets, command.signal)
        break
      case 'watch':
        this.#callers.watch(command.target, command.signal)
        break
      case 'invalidate':
        this.#callers.invalidate(command.target)
        break
      case 'invalidate all':
        this.#callers.invalidate(undefined)
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
        this.#callers.abort(command.which)
        break
      case 'close':
        await this.#close()
        break
      default:
        await this.#move(command.does, command.ms)
    }
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
    for (let left = microtasks; left > 0; left -= 1) await Promise.resolve()
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
    this.#callers.isClosed = true
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
    const signals = [...this.#callers.signals, ...this.#service.signals]
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
