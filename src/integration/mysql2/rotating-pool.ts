/**
 * Makes a pool of MySQL connections get over rotations.
 *
 * mysql2 opens a connection's socket, and reads user and password, as soon as the pool has made the connection. So the
 * pool is given sockets that are not connected yet: the server speaks first, hence nothing happens on one before the
 * credentials are there.
 *
 * @module
 */

import { Socket } from 'node:net'
import { setImmediate } from 'node:timers'
import mysql, { type Pool, type PoolOptions } from 'mysql2'
import { SecretsError } from 'aws-secrets-client'
import type { DatabaseCredentials } from '../login/database-credentials.js'
import type { LoginResult, Logins } from '../login/logins.js'
import { type MysqlConfig, NewConnection, addressOf, tryOut } from './new-connection.js'

/** Options of a pool, without what the secret says. */
export type MysqlPoolConfig = Omit<
  PoolOptions,
  'user' | 'password' | 'password1' | 'passwordSha1' | 'uri' | 'stream'
>

/** What {@link rotatingPool} is made of. */
export interface PoolInit {
  readonly config: MysqlPoolConfig
  readonly logins: Logins
}

type GetConnection = (callback: ConnectionCallback) => void

type ConnectionCallback = Parameters<Pool['getConnection']>[0]

type EndCallback = Parameters<Pool['end']>[0]

/** A server that accepts and rejects the same credentials in turn is not asked for ever. */
const MAX_SPARES = 10

/** A pool of mysql2 that asks itself again for a connection where the one that it made was of no use. */
export function rotatingPool({ config, logins }: PoolInit): Pool {
  // The time of a try begins when it does; the driver's would begin when the connection is made.
  const pool = mysql.createPool({ ...config, connectTimeout: 0, stream: (made: unknown) => maker.make(made) })
  const maker = new ConnectionMaker({ pool, config, logins })
  const members = {
    getConnection: (callback: ConnectionCallback) => {
      maker.getConnection(callback)
    },
    end: (callback: EndCallback) => {
      maker.end(callback)
    },
  }
  for (const [name, value] of Object.entries(members))
    Object.defineProperty(pool, name, { value, configurable: true, writable: true })
  return pool
}

/** Makes the connections of one pool. */
class ConnectionMaker {
  readonly #pool: Pool
  readonly #config: MysqlConfig
  readonly #logins: Logins
  readonly #ask: GetConnection
  readonly #end: (callback: EndCallback) => void
  /** For whom the pool is being asked: a connection that it makes meanwhile is theirs. */
  #asking: NewConnection | undefined
  #isEnding = false
  /** When no login is under way any more. */
  #quiet: Promise<unknown> | undefined

  constructor({ pool, config, logins }: PoolInit & { readonly pool: Pool }) {
    this.#pool = pool
    this.#config = config
    this.#logins = logins
    this.#ask = pool.getConnection.bind(pool)
    this.#end = pool.end.bind(pool)
  }

  /** The socket of a new connection. */
  make(made: unknown): Socket {
    const config: unknown = isObject(made) ? Reflect.get(made, 'config') : undefined
    if (!isObject(config)) throw new TypeError('mysql2: made a connection without a configuration')
    this.#detach(config)
    const socket = new Socket()
    this.#asking?.made(socket, config)
    return socket
  }

  getConnection(callback: ConnectionCallback, spares = 0): void {
    if (this.#isEnding) {
      process.nextTick(callOnFailure, callback, new Error('Pool is closed.'))
      return
    }
    const connection = new NewConnection(this.#config)
    this.#asking = connection
    this.#ask((error, existing) => {
      if (connection.isMade) connection.settle(error, existing)
      else callback(error, existing)
    })
    this.#asking = undefined
    if (connection.isMade) void this.#logIn(connection, callback, spares)
  }

  end(callback: EndCallback): void {
    this.#isEnding = true
    const what = 'the pool was ended while it waited for credentials that are accepted'
    this.#quiet ??= this.#logins.end(new SecretsError('ERR_CLOSED', { what }))
    const end = () => {
      this.#end(callback)
    }
    if (this.#quiet === undefined) end()
    // Behind the pool, which forgets a connection in the next tick after it has failed.
    else void this.#quiet.then(() => setImmediate(end))
  }

  async #logIn(connection: NewConnection, callback: ConnectionCallback, spares: number): Promise<void> {
    const login = await this.#logins.run({
      own: (credentials) => connection.logIn(credentials),
      spare: (credentials: DatabaseCredentials) => tryOut(addressOf(this.#config, credentials)),
    })
    if (login.is !== 'own') connection.discard()
    // Outside of the promise, where an error of the caller's own would not be one of it.
    process.nextTick(() => {
      this.#deliver(connection, callback, login, spares)
    })
  }

  #deliver(
    connection: NewConnection,
    callback: ConnectionCallback,
    login: LoginResult,
    spares: number,
  ): void {
    if (login.is === 'spare' && spares < MAX_SPARES) this.getConnection(callback, spares + 1)
    else if (login.is === 'own') callback(null, connection.connected)
    else callOnFailure(callback, login.error)
  }

  /** Leaves a new connection its configuration alone: older versions of mysql2 share one. */
  #detach(config: object): void {
    const shared = Reflect.get(this.#pool.config, 'connectionConfig') as unknown
    if (shared !== config) return
    const copy: unknown = Object.create(
      Reflect.getPrototypeOf(config),
      Object.getOwnPropertyDescriptors(config),
    )
    Reflect.set(this.#pool.config, 'connectionConfig', copy)
  }
}

/** As the driver does it: there is no connection then, whatever its types say. */
function callOnFailure(callback: ConnectionCallback, error: unknown): void {
  Reflect.apply(callback, undefined, [error])
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
