/**
 * PostgreSQL with `pg`, with credentials that survive every rotation.
 *
 * @module
 */

import type { Client, Pool } from 'pg'
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
import { type PgConfig, clientConfig, connected, leave } from './pg/login-client.js'
import { type PgPoolConfig, RotatingPool } from './pg/pool.js'
import { rejectedByPostgres } from './rejections.js'

export type { CredentialsSchema, DatabaseCredentials } from './login/database-credentials.js'
export type { RotationOptions, SecretsReader } from './login/options.js'
export type { PgConfig } from './pg/login-client.js'
export type { PgPoolConfig } from './pg/pool.js'
export type { Rejection } from './rejections.js'

/** How the secret is read, and how a rotation is got over. */
export interface PgLoginOptions extends RotationOptions {
  /**
   * What the secret must match, with credentials as its output.
   *
   * @defaultValue the shapes in which AWS keeps the secrets of databases, with an address or without one
   */
  readonly schema?: CredentialsSchema | undefined
}

/** Options of {@link createPool}: those of `pg.Pool`, and of the login. */
export interface PgPoolOptions extends PgPoolConfig, PgLoginOptions {}

/** Options of {@link connect}: those of `pg.Client`, and of the login. */
export interface PgClientOptions extends PgConfig, PgLoginOptions {
  /** Ends the wait, with its own reason. */
  readonly signal?: AbortSignal | undefined
}

/**
 * A `pg.Pool` that reads user and password for each new connection, from one version of the secret; host, port and
 * database too, where the options do not say them. A login that is rejected is tried again as `withSecret` does it, so
 * that no query fails in a rotation.
 *
 * `connectionTimeoutMillis` is the time of each try. It does not cut the wait for a rotation.
 *
 * @throws TypeError for an argument of the wrong type, for `user`, `password`, `connectionString` or `Client`, and for a
 * misspelt option of the login.
 * @throws SecretsError `ERR_REFERENCE_INVALID` for a reference that cannot be.
 *
 * @example
 * ```ts
 * const pool = createPool(secrets, 'prod/db', { max: 20, ssl: true, maxLifetimeSeconds: 3600 })
 * const { rows } = await pool.query('SELECT now()')
 * ```
 */
export function createPool(secrets: SecretsReader, ref: ReferenceInput, options: PgPoolOptions = {}): Pool {
  checkPoolConfig(options, ['user', 'password', 'connectionString', 'Client'])
  checkLogin({ secrets, ref }, options)
  const { pending, windowMs, isRejected = rejectedByPostgres, schema = SCHEMA, ...config } = options
  const logins = new Logins({ secrets, ref, pending, windowMs, isRejected, schema, engines: ENGINES })
  return new RotatingPool({ config, logins, windowMs: windowMs ?? WINDOW_MS })
}

/**
 * Resolves with a `pg.Client` that is connected, with the user and password of one version of the secret; host, port
 * and database too, where the options do not say them. In a rotation it waits, as `withSecret` does.
 *
 * @throws TypeError for an argument of the wrong type, for `user`, `password` or `connectionString`, and for a misspelt
 * option of the login.
 * @throws SecretsError with one of the codes of a read; the database's own error; the signal's own reason on abort.
 */
export async function connect(
  secrets: SecretsReader,
  ref: ReferenceInput,
  options: PgClientOptions = {},
): Promise<Client> {
  checkConfig(options, ['user', 'password', 'connectionString'])
  checkLogin({ secrets, ref }, options)
  const { pending, windowMs, isRejected = rejectedByPostgres, schema = SCHEMA, signal, ...config } = options
  const how = { pending, windowMs, isRejected, schema, signal }
  return secrets.withSecret(ref, how, async (value, read) => {
    const client = await connected(clientConfig(config, checkedCredentials(read.ref, value, ENGINES)))
    // Nobody waits for it any more.
    if (signal?.aborted === true) await leave(client)
    return client
  })
}

/** Engines that speak PostgreSQL's protocol, as AWS spells them. */
const ENGINES = ['postgres', 'postgresql', 'aurora-postgresql', 'aurora-postgres', 'redshift']

const SCHEMA = databaseSchema(ENGINES)

/** That of `withSecret`. */
const WINDOW_MS = 60_000
