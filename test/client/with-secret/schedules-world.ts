/** Runs one schedule of rotations against one client. */

import { SecretsClient } from '../../../src/index.js'
import { ManualClock } from '../../support/manual-clock.js'
import { AWS_TIMEOUT_MS, Callers } from './schedules-callers.js'
import type { Command } from './schedules-commands.js'
import { Database } from './schedules-database.js'
import { passwordOf } from './rig.js'

/** The client of a scenario. */
export interface Setting {
  readonly ttlMs: number
  readonly seal: boolean
  /** Whether no `use` hangs or fails. */
  readonly isStrict: boolean
}

const STEP_MS = 100

/** The longest window, and what may come after it. */
const LAST_MS = 60_000 + 20_000

/** The monotonic clock stands still for so long. */
const FROZEN_MS = 3_600_000

/** Those with `pending`, and those without. */
const SEARCHES = 2

/**
 * Four may try what was good until now, and one what is new; then waits are short, up to the fifth, after each of which
 * two versions may be tried.
 */
const PER_CHANGE = 4 + 1 + 2 * 5

/** Waits are drawn from all of [0, 5 s): with so many milliseconds for each, hardly ever are there more rounds. */
const ROUND_MS = 800

/** One schedule under way. */
export class World {
  readonly callers: Callers
  readonly #clock = new ManualClock()
  readonly #database = new Database(this.#clock)
  readonly #client: SecretsClient
  readonly #passwords = new Set<string>()
  /** Runs that were under way when something changed. */
  #excused = 0
  #reads = 0
  #callCommands = 0
  #thaws = 0
  /** Milliseconds for which anybody waited. */
  #waitedMs = 0
  readonly violations: string[] = []

  constructor({ ttlMs, seal, isStrict }: Setting) {
    this.#client = new SecretsClient({
      sources: [this.#database.source],
      clock: this.#clock,
      seal,
      cache: { ttlMs, negativeTtlMs: 0 },
      retry: { maxAttempts: 1, timeoutMs: AWS_TIMEOUT_MS, attemptTimeoutMs: AWS_TIMEOUT_MS },
    })
    this.callers = new Callers(this.#client, this.#clock, this.#database, isStrict)
  }

  /** Runs the commands, then lets every window end, and looks at what is left. */
  async run(commands: readonly Command[]): Promise<void> {
    for (const command of commands) {
      this.callers.log.push(`${this.#clock.mono} ${JSON.stringify(command)}`)
      await this.#perform(command)
    }
    await this.#pass(LAST_MS)
    this.callers.expectNothingLeft()
    this.#expectFew()
    if (!this.callers.isAnyHanging) this.#expectAsleep('when everybody has settled')
    await this.#close()
    this.#expectAsleep('after close()')
    this.violations.push(...this.callers.violations)
  }

  async #perform(command: Command): Promise<void> {
    switch (command.does) {
      case 'call':
        this.#callCommands += 1
        for (let left = command.times; left > 0; left -= 1) this.callers.call(command.plan)
        break
      case 'advance':
        await this.#pass(command.ms)
        break
      case 'refresh':
        this.#reads += 1
        this.#client.refresh('prod/db').catch(() => undefined)
        break
      case 'get':
        this.#get()
        break
      case 'invalidate':
        this.#client.invalidate('prod/db')
        break
      case 'freeze':
        // One more round of each search, at once.
        this.#thaws += 1
        this.#clock.wall += FROZEN_MS
        break
      case 'close':
        await this.#close()
        break
      default:
        this.#excused += this.callers.underWay
        this.#change(command)
    }
    await turn()
  }

  #change(command: Command): void {
    const database = this.#database
    if (command.does === 'accept') database.accept(command.what)
    if (command.does === 'aws') database.mood(command.is)
    if (command.does === 'create pending') database.createPending()
    if (command.does === 'drop pending') database.dropPending()
    if (command.does === 'finish') database.finish()
    if (command.does === 'roll back') database.rollBack()
    if (command.does === 'rotate') database.rotate()
  }

  /** Refusals are none of its business: it gives what was current, and fails only where AWS does. */
  #get(): void {
    this.#reads += 1
    this.#client.get('prod/db').then(
      (password) => {
        this.#passwords.add(password)
      },
      () => undefined,
    )
  }

  async #pass(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= STEP_MS) {
      this.#clock.advance(Math.min(STEP_MS, left))
      if (this.callers.isAnyWaiting) this.#waitedMs += STEP_MS
      await turn()
      this.callers.moved()
    }
  }

  async #close(): Promise<void> {
    this.callers.isClosed = true
    await this.#client.close()
    await turn()
  }

  /** Dead passwords are tried, and AWS is asked, in proportion to what happened and to time, not to the callers. */
  #expectFew(): void {
    const { changes, source, wereCurrent } = this.#database
    const rounds = this.#callCommands + 2 * this.#thaws + this.#waitedMs / ROUND_MS
    const expected = SEARCHES * (PER_CHANGE * (changes + 1) + rounds)
    const dead = this.#excused + Math.ceil(expected)
    if (this.callers.deadTries > dead) this.#violate(`few dead tries: ${this.callers.deadTries} > ${dead}`)
    // Without a cache each try is a read.
    const uncached = this.callers.size + this.callers.runs
    const most = this.#reads + uncached + dead + Math.ceil(expected)
    if (source.asked.length > most) this.#violate(`few requests: ${source.asked.length} > ${most}`)
    const known = new Set([...wereCurrent].map(passwordOf))
    if (![...this.#passwords].every((password) => known.has(password)))
      this.#violate('get() gives what is current')
  }

  #expectAsleep(when: string): void {
    if (this.#clock.sleeping > 0 && this.callers.underWay === 0) this.#violate(`no timer is left ${when}`)
  }

  #violate(rule: string): void {
    this.violations.push(rule)
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
