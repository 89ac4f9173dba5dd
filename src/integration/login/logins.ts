/**
 * The logins of one pool: each with the credentials of one version, on a connection that the pool made, and where those
 * are rejected on spare ones.
 *
 * A connection of a driver logs in once. What is tried after a rejection is tried on connections of no pool; when one of
 * them is accepted, the pool is asked for another.
 *
 * @module
 */

import { setImmediate } from 'node:timers'
import type { Rejection } from '../rejections.js'
import {
  type CredentialsSchema,
  type DatabaseCredentials,
  checkedCredentials,
} from './database-credentials.js'
import type { LoginSource, RotationOptions } from './options.js'

/** What a login does. */
export interface Attempts {
  /** Logs in on the connection that the pool made. Called once. */
  readonly own: (credentials: DatabaseCredentials) => Promise<void>
  /** Logs in on a connection of its own, and closes it. */
  readonly spare: (credentials: DatabaseCredentials) => Promise<void>
}

/** How a login ended. */
export type LoginResult = { readonly is: 'own' } | LostLogin

/** A login after which the pool's connection is of no use. */
export interface LostLogin {
  /** Whether there are credentials that are accepted: the next connection can have them. */
  readonly is: 'spare' | 'failed'
  /** How it failed, the last time. */
  readonly error: unknown
  /** Whether that was a rejection. */
  readonly isRejection: boolean
  /** Whether it had to wait before it could try. */
  readonly hasWaited: boolean
  /** Whether the pool's own connection failed so. */
  readonly isOfOwn: boolean
}

/** What all logins of a pool have in common. */
export interface LoginsOptions extends LoginSource, RotationOptions {
  readonly isRejected: Rejection
  readonly schema: CredentialsSchema
  /** Engines that the driver speaks. */
  readonly engines: readonly string[]
}

/** The logins of one pool. */
export class Logins {
  readonly #options: LoginsOptions
  readonly #running = new Map<Login, Promise<LoginResult>>()
  #recoveries = 0

  constructor(options: LoginsOptions) {
    this.#options = options
  }

  /** Logs in. Never rejects. */
  async run(attempts: Attempts): Promise<LoginResult> {
    const login = new Login(this.#options, attempts)
    const running = login.run()
    this.#running.set(login, running)
    const result = await running
    this.#running.delete(login)
    if (login.isHeldUp && result.is !== 'failed') this.#recoveries += 1
    return result
  }

  /** Whether any login had to wait, or has failed once. */
  get areHeldUp(): boolean {
    return [...this.#running.keys()].some(({ isHeldUp }) => isHeldUp)
  }

  /** How many logins had to wait, or failed first, and have found credentials that are accepted. */
  get recoveries(): number {
    return this.#recoveries
  }

  /** Ends every wait with a reason; what is being tried is tried to its end. There are no logins left when it resolves. */
  end(reason: unknown): Promise<unknown> | undefined {
    for (const login of this.#running.keys()) login.end(reason)
    return this.#running.size === 0 ? undefined : Promise.all(this.#running.values())
  }
}

/** The login of one connection. */
class Login {
  readonly #options: LoginsOptions
  readonly #attempts: Attempts
  readonly #ending = new AbortController()
  #end: (() => void) | undefined
  #tries = 0
  #isTrying = false
  #hasWaited = false
  #error: unknown

  constructor(options: LoginsOptions, attempts: Attempts) {
    this.#options = options
    this.#attempts = attempts
  }

  /** Whether it had to wait, or has failed once. */
  get isHeldUp(): boolean {
    return this.#hasWaited || this.#error !== undefined
  }

  async run(): Promise<LoginResult> {
    const { secrets, ref, schema, isRejected, pending, windowMs } = this.#options
    setImmediate(() => {
      this.#hasWaited ||= this.#tries === 0
    })
    const { signal } = this.#ending
    const options = { schema, isRejected, signal, pending, windowMs }
    try {
      await secrets.withSecret(ref, options, (value, read) =>
        this.#try(checkedCredentials(read.ref, value, this.#options.engines)),
      )
    } catch (error) {
      return this.#lost('failed', error)
    }
    return this.#tries === 1 ? { is: 'own' } : this.#lost('spare', this.#error)
  }

  end(reason: unknown): void {
    this.#end = () => {
      this.#ending.abort(reason)
    }
    if (!this.#isTrying) this.#end()
  }

  #lost(is: LostLogin['is'], error: unknown): LostLogin {
    const isOfOwn = this.#tries === 1 && error === this.#error
    return { is, error, isRejection: this.#isRejection(error), hasWaited: this.#hasWaited, isOfOwn }
  }

  /** Asked again: who has waited in vain may be given what another was refused with. */
  #isRejection(error: unknown): boolean {
    try {
      return this.#options.isRejected(error)
    } catch {
      return false
    }
  }

  async #try(credentials: DatabaseCredentials): Promise<void> {
    const { own, spare } = this.#attempts
    this.#tries += 1
    this.#isTrying = true
    try {
      await (this.#tries === 1 ? own(credentials) : spare(credentials))
    } catch (error) {
      this.#error = error
      this.#end?.()
      throw error
    } finally {
      this.#isTrying = false
    }
  }
}
