/**
 * A connection that a pool has made, and that is not connected before there are credentials.
 *
 * @module
 */

import { once } from 'node:events'
import { Socket } from 'node:net'
import mysql, { type ConnectionOptions, type PoolConnection } from 'mysql2'
import { type Connection, createConnection } from 'mysql2/promise'
import type { DatabaseCredentials } from '../login/database-credentials.js'

/** Options of a connection, without what the secret says. */
export type MysqlConfig = Omit<
  ConnectionOptions,
  'user' | 'password' | 'password1' | 'passwordSha1' | 'uri' | 'stream'
>

/** As mysql2 has it. */
const CONNECT_TIMEOUT_MS = 10_000

/** So long a server may take to close a connection that was ended. */
const GOODBYE_MS = 1_000

/** Options of a connection with these credentials; what the user's own options say goes first. */
export function addressOf(config: MysqlConfig, credentials: DatabaseCredentials): ConnectionOptions {
  const { username: user, password } = credentials
  const host = config.host ?? credentials.host
  const port = config.port ?? credentials.port
  const database = config.database ?? credentials.dbname
  return {
    ...config,
    user,
    password,
    ...(host !== undefined && { host }),
    ...(port !== undefined && { port }),
    ...(database !== undefined && { database }),
  }
}

/** A promised connection that has forgotten its password. */
export async function connected(options: ConnectionOptions): Promise<Connection> {
  const connection = await createConnection(options)
  forgetPassword(Reflect.get(connection, 'connection'))
  return connection
}

/** Logs in and out again: until the server has let go of the connection, too, or has not in time. */
export async function tryOut(options: ConnectionOptions): Promise<void> {
  const connection = mysql.createConnection(options)
  const stream: unknown = Reflect.get(connection, 'stream')
  const closed = new Promise((resolve) => {
    if (stream instanceof Socket) stream.once('close', resolve)
    else resolve(undefined)
  })
  // A connection may break with several errors, of which the first is the one that counts.
  connection.on('error', ignore)
  try {
    await once(connection, 'connect')
  } catch (error) {
    connection.destroy()
    throw error
  }
  if (stream instanceof Socket) stream.setTimeout(GOODBYE_MS, () => stream.destroy())
  connection.end()
  await closed
}

function ignore(): void {
  // What there is to know of it is known.
}

/** What a connection of a pool is made of, once there are credentials. */
export class NewConnection {
  readonly #config: MysqlConfig
  #socket: Socket | undefined
  /** The driver's own, of this connection alone. */
  #ownConfig: object | undefined
  #connection: PoolConnection | undefined
  #attempt: { readonly resolve: () => void; readonly reject: (error: unknown) => void } | undefined

  constructor(config: MysqlConfig) {
    this.#config = config
  }

  /** Whether the pool has made a connection. */
  get isMade(): boolean {
    return this.#socket !== undefined
  }

  /** The connection, after a login. */
  get connected(): PoolConnection {
    if (this.#connection === undefined) throw new TypeError('mysql2: gave no connection')
    return this.#connection
  }

  /** The pool has made a connection, and reads what it connects with from `config`. */
  made(socket: Socket, config: object): void {
    this.#socket = socket
    this.#ownConfig = config
  }

  /** The pool tells how the connection turned out. */
  settle(error: unknown, connection: PoolConnection | undefined): void {
    this.#connection = connection
    if (error !== null && error !== undefined) this.#attempt?.reject(error)
    else this.#attempt?.resolve()
  }

  /** Connects, and logs in. */
  async logIn(credentials: DatabaseCredentials): Promise<void> {
    const socket = this.#socket
    const config = this.#ownConfig
    if (socket === undefined || config === undefined) throw new TypeError('mysql2: made no connection')
    const { user, password, host = 'localhost', port = 3306, database } = addressOf(this.#config, credentials)
    Object.assign(config, { user, password, host, port, database })
    const outcome = new Promise<void>((resolve, reject) => {
      this.#attempt = { resolve, reject }
    })
    this.#open(socket, host, port)
    try {
      await outcome
    } finally {
      socket.setTimeout(0)
      forgetPassword({ config })
    }
  }

  /** Ends a connection that will not be used, which the pool forgets then, where it has not done so yet. */
  discard(): void {
    // Without an error, which nobody listens for on a connection that has had one.
    this.#socket?.destroy()
  }

  #open(socket: Socket, host: string, port: number): void {
    const { socketPath, enableKeepAlive = true, keepAliveInitialDelay } = this.#config
    const { connectTimeout = CONNECT_TIMEOUT_MS } = this.#config
    socket.setTimeout(connectTimeout, () => {
      // As mysql2 words it.
      const facts = { errorno: 'ETIMEDOUT', code: 'ETIMEDOUT', syscall: 'connect' }
      socket.destroy(Object.assign(new Error('connect ETIMEDOUT'), facts))
    })
    if (socketPath !== undefined) {
      socket.connect(socketPath)
      return
    }
    socket.connect(port, host)
    socket.setNoDelay(true)
    if (enableKeepAlive) socket.setKeepAlive(true, keepAliveInitialDelay)
  }
}

/** Forgets the password of a connection of the driver's, which needs it only to log in. */
function forgetPassword(connection: unknown): void {
  const config: unknown = isObject(connection) ? Reflect.get(connection, 'config') : undefined
  if (isObject(config)) Reflect.set(config, 'password', undefined)
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
