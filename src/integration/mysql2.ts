/**
 * MySQL and MariaDB with `mysql2`, with credentials that survive every rotation.
 *
 * @module
 */

import type { Pool as CallbackPool } from 'mysql2'
import type { Connection, Pool } from 'mysql2/promise'
import type { ReferenceInput } from 'aws-secrets-client'
import { type CredentialsSchema, checkedCredentials, databaseSchema } from './login/database-credentials.js'
import { Logins } from './login/logins.js'
import {
  type RotationOptions,
  type SecretsReader,
  checkConfig,
  checkLogin,
  checkPoolConfig,
} from './login/options.js'
import { type MysqlConfig, addressOf, connected } from './mysql2/new-connection.js'
import { type MysqlPoolConfig, rotatingPool } from './mysql2/rotating-pool.js'
import { rejectedByMysql } from './rejections.js'

export type { CredentialsSchema, DatabaseCredentials } from './login/database-credentials.js'
export type { RotationOptions, SecretsReader } from './login/options.js'
export type { MysqlConfig } from './mysql2/new-connection.js'
export type { MysqlPoolConfig } from './mysql2/rotating-pool.js'
export type { Rejection } from './rejections.js'

/** How the secret is read, and how a rotation is got over. */
export interface MysqlLoginOptions extends RotationOptions {
  /**
   * What the secret must match, with credentials as its output.
   *
   * @defaultValue the shapes in which AWS keeps the secrets of databases, with an address or without one
   */
  readonly schema?: CredentialsSchema | undefined
}

/** Options of {@link createPool}: those of mysql2's pool, and of the login. */
export interface MysqlPoolOptions extends MysqlPoolConfig, MysqlLoginOptions {}

/** Options of {@link connect}: those of mysql2's connection, and of the login. */
export interface MysqlConnectionOptions extends MysqlConfig, MysqlLoginOptions {
  /** Ends the wait, with its own reason. */
  readonly signal?: AbortSignal | undefined
}

/**
 * A pool of `mysql2/promise` that reads user and password for each new connection, from one version of the secret; host,
 * port and database too, where the options do not say them. A login that is rejected is tried again as `withSecret` does
 * it, so that no query fails in a rotation.
 *
 * `connectTimeout` is the time of each try. It does not cut the wait for a rotation. A connection forgets the password
 * once it is logged in: `changeUser` has to be given one.
 *
 * @throws TypeError for an argument of the wrong type, for `user`, `password`, `uri` or `stream`, and for a misspelt
 * option of the login.
 * @throws SecretsError `ERR_REFERENCE_INVALID` for a reference that cannot be.
 *
 * @example
 * ```ts
 * const pool = createPool(secrets, 'prod/db', { connectionLimit: 20, ssl: 'Amazon RDS' })
 * const [rows] = await pool.query('SELECT now()')
 * ```
 */
export function createPool(
  secrets: SecretsReader,
  ref: ReferenceInput,
  options: MysqlPoolOptions = {},
): Pool {
  return createCallbackPool(secrets, ref, options).promise()
}

/**
 * What {@link createPool} gives, as the pool of `mysql2` that takes callbacks.
 *
 * @throws TypeError for an argument of the wrong type, for `user`, `password`, `uri` or `stream`, and for a misspelt
 * option of the login.
 * @throws SecretsError `ERR_REFERENCE_INVALID` for a reference that cannot be.
 */
export function createCallbackPool(
  secrets: SecretsReader,
  ref: ReferenceInput,
  options: MysqlPoolOptions = {},
): CallbackPool {
  checkPoolConfig(options, TAKEN)
  checkLogin({ secrets, ref }, options)
  const { pending, windowMs, isRejected = rejectedByMysql, schema = SCHEMA, ...config } = options
  const logins = new Logins({ secrets, ref, pending, windowMs, isRejected, schema, engines: ENGINES })
  return rotatingPool({ config, logins })
}

/**
 * Resolves with a connection of `mysql2/promise`, with the user and password of one version of the secret; host, port
 * and database too, where the options do not say them. In a rotation it waits, as `withSecret` does.
 *
 * @throws TypeError for an argument of the wrong type, for `user`, `password`, `uri` or `stream`, and for a misspelt
 * option of the login.
 * @throws SecretsError with one of the codes of a read; the database's own error; the signal's own reason on abort.
 */
export async function connect(
  secrets: SecretsReader,
  ref: ReferenceInput,
  options: MysqlConnectionOptions = {},
): Promise<Connection> {
  checkConfig(options, TAKEN)
  checkLogin({ secrets, ref }, options)
  const { pending, windowMs, isRejected = rejectedByMysql, schema = SCHEMA, signal, ...config } = options
  const how = { pending, windowMs, isRejected, schema, signal }
  return secrets.withSecret(ref, how, async (value, read) => {
    const connection = await connected(addressOf(config, checkedCredentials(read.ref, value, ENGINES)))
    // Nobody waits for it any more.
    if (signal?.aborted === true) connection.destroy()
    return connection
  })
}

/** Options that the secret takes the place of, and the socket, which must not connect before there are credentials. */
const TAKEN = ['user', 'password', 'password1', 'passwordSha1', 'uri', 'stream']

/** Engines that speak MySQL's protocol, as AWS spells them. */
const ENGINES = ['mysql', 'mariadb', 'aurora', 'aurora-mysql']

const SCHEMA = databaseSchema(ENGINES)
