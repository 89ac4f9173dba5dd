/**
 * Clients of a pool that read user and password when they connect.
 *
 * @module
 */

import { EventEmitter } from 'node:events'
import { Socket } from 'node:net'
import { isNativeError } from 'node:util/types'
import pg, { type ClientConfig } from 'pg'
import type { DatabaseCredentials } from '../login/database-credentials.js'
import type { Attempts, LoginResult, LostLogin } from '../login/logins.js'

/** Options of a client, without what the secret says. */
export type PgConfig = Omit<ClientConfig, 'user' | 'password' | 'connectionString'>

/** Why a client of a pool did not connect; the pool may wrap it. */
export class LoginFailure extends Error {
  /** How the login ended. */
  readonly login: LostLogin

  constructor(login: LostLogin) {
    super('the login failed')
    this.login = login
  }
}

/** So long a server may take to close a connection that was ended. */
const GOODBYE_MS = 1_000

/** What {@link loginClient} is made with. */
export interface LoginClientOptions {
  readonly config: PgConfig
  readonly logIn: (attempts: Attempts) => Promise<LoginResult>
}

/** The options of a client that logs in with these credentials; what the user's own options say goes first. */
export function clientConfig(config: PgConfig, credentials: DatabaseCredentials): ClientConfig {
  const { username, password, host, port, dbname } = credentials
  return {
    ...config,
    user: username,
    password,
    host: config.host ?? host,
    port: config.port ?? port,
    database: config.database ?? dbname,
  }
}

/** Forgets the password of a client that is connected, which has no use for it any more. */
function forgetPassword(client: pg.Client): void {
  client.password = undefined
  const parameters: unknown = Reflect.get(client, 'connectionParameters')
  if (typeof parameters === 'object' && parameters !== null) Reflect.set(parameters, 'password', undefined)
}

/** Logs in and out again. */
async function tryOut(config: ClientConfig): Promise<void> {
  await leave(await connected(config))
}

/** Ends a connection that nobody wants: once the server has let go of it, too, or has not in time. */
export async function leave(client: pg.Client): Promise<void> {
  // A server that shuts down says so here, too.
  client.on('error', ignore)
  const { stream } = client.connection
  if (stream instanceof Socket) stream.setTimeout(GOODBYE_MS, () => stream.destroy())
  await client.end()
}

/** A client that is connected, and has forgotten its password. */
export async function connected(config: ClientConfig): Promise<pg.Client> {
  const client = new pg.Client(config)
  // A connection may break with several errors, of which the first is the one that counts.
  client.on('error', ignore)
  try {
    await client.connect()
  } catch (error) {
    client.end().catch(ignore)
    throw error
  }
  client.off('error', ignore)
  forgetPassword(client)
  return client
}

function ignore(): void {
  // What there is to know of it is known.
}

/** A class of clients for a pool to make: each connects with the credentials of one version. */
export function loginClient({ config, logIn }: LoginClientOptions): typeof pg.Client {
  return class Client extends pg.Client {
    constructor() {
      // Without a stream of the user's, which nobody would close: it becomes another client before it connects.
      super({})
    }

    override connect(): Promise<pg.Client>
    override connect(callback: ConnectCallback): void
    override connect(callback?: ConnectCallback): Promise<pg.Client> | undefined {
      if (callback === undefined) return promised(this)
      void this.#connect(callback)
      return undefined
    }

    async #connect(callback: ConnectCallback): Promise<void> {
      let broken: Error | null = null
      const onError = (error: Error) => {
        broken ??= error
      }
      const own = async (credentials: DatabaseCredentials) => {
        // Built anew: the pool may have closed the socket of one that took long.
        become(this, new pg.Client(clientConfig(config, credentials)))
        this.on('error', onError)
        await super.connect()
        forgetPassword(this)
      }
      const spare = (credentials: DatabaseCredentials) => tryOut(clientConfig(config, credentials))
      const login = await logIn({ own, spare })
      // Outside of the promise, where an error of the caller's own would not be one of it.
      process.nextTick(() => {
        this.off('error', onError)
        const error = login.is === 'own' ? broken : failureOf(login)
        Reflect.apply(callback, undefined, error === null ? [null, this] : [error])
      })
    }
  }
}

function promised(client: pg.Client): Promise<pg.Client> {
  return new Promise((resolve, reject) => {
    client.connect((error: Error | null) => {
      if (error === null) resolve(client)
      else reject(error)
    })
  })
}

/** Takes over all that another client keeps, but its listeners. */
function become(client: pg.Client, other: pg.Client): void {
  for (const key of Reflect.ownKeys(other)) {
    const member = Reflect.getOwnPropertyDescriptor(other, key)
    if (member !== undefined && !OF_EMITTERS.has(key)) Object.defineProperty(client, key, member)
  }
}

type ConnectCallback = Parameters<pg.Client['connect']>[0]

const OF_EMITTERS: ReadonlySet<PropertyKey> = new Set(Reflect.ownKeys(new EventEmitter()))

/** The driver's own error, where nothing has to be said about it. */
function failureOf(login: LostLogin): Error {
  const { is, error, isRejection, hasWaited, isOfOwn } = login
  const isPlain = is === 'failed' && isOfOwn && !isRejection && !hasWaited
  return isPlain && isError(error) ? error : new LoginFailure(login)
}

/** Whether it is an error, of another realm too, as those of Node.js are in jest. */
export function isError(value: unknown): value is Error {
  return value instanceof Error || isNativeError(value)
}
