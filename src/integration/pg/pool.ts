/**
 * A pool of PostgreSQL clients that get over rotations.
 *
 * @module
 */

import pg, { type PoolConfig } from 'pg'
import { SecretsError } from 'aws-secrets-client'
import type { Logins } from '../login/logins.js'
import { LoginFailure, type PgConfig, isError, loginClient } from './login-client.js'

/** Options of a pool, without what the secret says. */
export type PgPoolConfig = Omit<PoolConfig, 'user' | 'password' | 'connectionString' | 'Client'>

type ConnectCallback = NonNullable<Parameters<pg.Pool['connect']>[0]>

/** As pg-pool words that there was no client to be had for `connectionTimeoutMillis`. */
const QUEUE_TIMEOUT = 'timeout exceeded when trying to connect'

/** A server that accepts and rejects the same credentials in turn is not asked for ever. */
const MAX_SPARES = 10

/** What a {@link RotatingPool} is made of. */
export interface PoolInit {
  readonly config: PgPoolConfig
  readonly logins: Logins
  /** Milliseconds that a login may wait. */
  readonly windowMs: number
}

/** How often one caller has asked the pool again. */
interface Asked {
  spares: number
  cuts: number
  timeouts: number
}

/** Why one caller has no client. */
interface Refusal {
  readonly error: Error
  readonly failure: LoginFailure | undefined
  /** Whether logins were held up meanwhile. */
  readonly isRotation: boolean
}

/** A pool of pg that asks itself again for a client where the one that it made was of no use. */
export class RotatingPool extends pg.Pool {
  readonly #logins: Logins
  readonly #maxTimeouts: number
  readonly #waiting = new Set<ConnectCallback>()

  constructor({ config, logins, windowMs }: PoolInit) {
    const clientOptions: PgConfig = config
    super({
      ...config,
      Client: loginClient({ config: clientOptions, logIn: (attempts) => logins.run(attempts) }),
    })
    this.#logins = logins
    const { connectionTimeoutMillis = 0 } = config
    this.#maxTimeouts = connectionTimeoutMillis > 0 ? Math.ceil(windowMs / connectionTimeoutMillis) : 0
  }

  override connect(): Promise<pg.PoolClient>
  override connect(callback: ConnectCallback): void
  override connect(callback?: ConnectCallback): Promise<pg.PoolClient> | undefined {
    if (callback !== undefined) {
      const answer: ConnectCallback = (error, client, done) => {
        if (this.#waiting.delete(answer)) callback(error, client, done)
      }
      this.#waiting.add(answer)
      this.#ask(answer, { spares: 0, cuts: 0, timeouts: 0 })
      return undefined
    }
    return new Promise((resolve, reject) => {
      this.connect((error, client) => {
        if (client !== undefined) resolve(client)
        else reject(error ?? new Error('no client'))
      })
    })
  }

  override end(): Promise<void>
  override end(callback: () => void): void
  override end(callback?: () => void): Promise<void> | undefined {
    let ended: Promise<void> | undefined
    // Whoever has an error of his own is told of it right after the pool has ended.
    const sendAway = () => {
      process.nextTick(() => {
        this.#sendAway()
      })
    }
    if (callback === undefined) ended = super.end().finally(sendAway)
    else {
      // Called a second time a pool has an error for it, whatever its types say.
      super.end((...outcome) => {
        sendAway()
        callback(...outcome)
      })
    }
    void this.#logins.end(
      new SecretsError('ERR_CLOSED', {
        what: 'the pool was ended while it waited for credentials that are accepted',
      }),
    )
    return ended
  }

  /** Answers those whom a pool that has ended has forgotten in its queue. */
  #sendAway(): void {
    if (!this.ended) return
    const what = 'the pool was ended before there was a client'
    for (const answer of this.#waiting)
      answer(new SecretsError('ERR_CLOSED', { what }), undefined, () => undefined)
  }

  #ask(callback: ConnectCallback, asked: Asked): void {
    const { recoveries } = this.#logins
    super.connect((error, client, done) => {
      const failure = failureIn(error)
      const isRotation = this.#logins.areHeldUp || this.#logins.recoveries > recoveries
      if (error !== undefined && this.#isWorthAsking({ error, failure, isRotation }, asked)) {
        this.#ask(callback, asked)
        return
      }
      const own = failure?.login.error
      callback(isError(own) ? own : error, client, done)
    })
  }

  #isWorthAsking({ error, failure, isRotation }: Refusal, asked: Asked): boolean {
    // A pool that has ended says so itself.
    if (failure?.login.is === 'spare') return (asked.spares += 1) <= MAX_SPARES
    if (this.ending) return false
    if (failure === undefined) {
      // All clients may be waiting for the end of a rotation, or have done so until now.
      const isTimeout = error.message === QUEUE_TIMEOUT && isRotation
      return isTimeout && (asked.timeouts += 1) <= this.#maxTimeouts
    }
    // The pool ends a client some time after it was made, also one that has only begun to connect.
    const { isRejection, hasWaited, isOfOwn } = failure.login
    return isOfOwn && hasWaited && !isRejection && (asked.cuts += 1) <= 1
  }
}

/** What a client failed with; a pool says itself that it took too long, and why in `cause`. */
function failureIn(error: Error | undefined): LoginFailure | undefined {
  if (error instanceof LoginFailure) return error
  return error?.cause instanceof LoginFailure ? error.cause : undefined
}
