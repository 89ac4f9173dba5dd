/**
 * The credentials of a database as a function, for whatever takes a provider of them.
 *
 * @module
 */

import type { ReferenceInput } from 'aws-secrets-client'
import {
  type CredentialsSchema,
  type DatabaseCredentials,
  databaseSchema,
} from './login/database-credentials.js'
import { type RotationOptions, type SecretsReader, checkLogin } from './login/options.js'

import type { Rejection } from './rejections.js'
import { hasMethod, typeName } from './scrubbing.js'

export type { CredentialsSchema, DatabaseCredentials } from './login/database-credentials.js'
export type { RotationOptions, SecretsReader } from './login/options.js'
export type { Rejection } from './rejections.js'

/** How credentials are read, and whether they are tried before they are handed out. */
export interface CredentialsOptions<Credentials = DatabaseCredentials> extends RotationOptions {
  /**
   * Tells which errors of `logIn` mean that the credentials were rejected, as `rejectedByPostgres` does.
   */
  readonly isRejected?: Rejection | undefined
  /**
   * Logs in once, and out again, so that what is handed out is known to be accepted. Together with `isRejected`.
   *
   * @defaultValue credentials are handed out untried
   */
  readonly logIn?: ((credentials: Credentials) => PromiseLike<unknown>) | undefined
  /**
   * Engines that are accepted, in lower case, such as `['postgres', 'aurora-postgresql']`. A secret may name none. Not
   * with a `schema`.
   *
   * @defaultValue all
   */
  readonly engines?: readonly string[] | undefined
  /** Ends every wait, with its own reason. */
  readonly signal?: AbortSignal | undefined
}

/** {@link CredentialsOptions} for a secret of another shape than AWS's. */
export interface CustomCredentialsOptions<Credentials> extends CredentialsOptions<Credentials> {
  /** What the secret must match: a Standard Schema, such as one of zod. The function resolves with its output. */
  readonly schema: CredentialsSchema<Credentials>
}

/**
 * A function that resolves with the credentials as they are now, all of one version: from the cache as a rule. It takes
 * the secrets of RDS, Aurora, Redshift, DocumentDB and ElastiCache, and a bare user name and password.
 *
 * With `logIn` and `isRejected` it hands out what the database accepts: in a rotation it waits, as `withSecret` does.
 *
 * @throws TypeError for an argument of the wrong type, and SecretsError `ERR_REFERENCE_INVALID` for a reference that
 * cannot be, at once.
 * @throws SecretsError by the function: `ERR_SCHEMA` for a secret that is no credentials, and the codes of every read.
 *
 * @example
 * ```ts
 * const current = credentials(secrets, 'prod/db', { engines: ['postgres', 'aurora-postgresql'] })
 * const { username, password, host, port } = await current()
 * ```
 */
export function credentials(
  secrets: SecretsReader,
  ref: ReferenceInput,
  options?: CredentialsOptions & { readonly schema?: undefined },
): () => Promise<DatabaseCredentials>
export function credentials<Credentials>(
  secrets: SecretsReader,
  ref: ReferenceInput,
  options: CustomCredentialsOptions<Credentials>,
): () => Promise<Credentials>
export function credentials<Credentials>(
  secrets: SecretsReader,
  ref: ReferenceInput,
  options:
    (CredentialsOptions & { readonly schema?: undefined }) | CustomCredentialsOptions<Credentials> = {},
): () => Promise<DatabaseCredentials | Credentials> {
  checkShape(options)
  checkLogin({ secrets, ref }, options)
  checkTrial(options)
  if (options.schema === undefined)
    return provider(secrets, ref, databaseSchema(enginesOf(options.engines)), options)
  if (options.engines !== undefined)
    throw new TypeError('engines: not with a schema, which can check the engine itself')
  return provider(secrets, ref, options.schema, options)
}

function provider<Credentials>(
  secrets: SecretsReader,
  ref: ReferenceInput,
  schema: CredentialsSchema<Credentials>,
  { isRejected, logIn, pending, windowMs, signal }: CredentialsOptions<Credentials>,
): () => Promise<Credentials> {
  if (isRejected === undefined || logIn === undefined) return () => secrets.get(ref, { schema, signal })
  const options = { schema, signal, isRejected, pending, windowMs }
  return () =>
    secrets.withSecret(ref, options, async (current) => {
      await logIn(current)
      return current
    })
}

const OPTIONS = ['schema', 'engines', 'isRejected', 'logIn', 'pending', 'windowMs', 'signal']

function checkShape(options: { readonly schema?: unknown; readonly signal?: unknown }): void {
  checkObject('options', options, 'an object')
  const unknown = Object.keys(options).find((name) => !OPTIONS.includes(name))
  if (unknown !== undefined) {
    // A value that was pasted in its place is no word.
    const shown = /^[A-Za-z]{1,24}$/.test(unknown) ? unknown : '…'
    throw new TypeError(`${shown}: unknown option, expected one of ${OPTIONS.join(', ')}`)
  }
  const { schema, signal } = options
  if (schema !== undefined && typeof schema !== 'function') checkObject('schema', schema, 'a Standard Schema')
  if (signal !== undefined && !hasMethod(signal, 'addEventListener'))
    throw new TypeError(`signal: expected an AbortSignal, got ${typeName(signal)}`)
}

function checkObject(name: string, value: unknown, expected: string): void {
  if (typeof value !== 'object' || value === null)
    throw new TypeError(`${name}: expected ${expected}, got ${typeName(value)}`)
}

function checkTrial({ logIn, isRejected, pending, windowMs }: CredentialsOptions<never>): void {
  if (logIn !== undefined && typeof logIn !== 'function')
    throw new TypeError(`logIn: expected a function, got ${typeName(logIn)}`)
  if ((logIn === undefined) !== (isRejected === undefined))
    throw new TypeError('logIn and isRejected: expected both or neither')
  if (logIn === undefined && (pending !== undefined || windowMs !== undefined))
    throw new TypeError('pending and windowMs: mean something with logIn and isRejected only')
}

function enginesOf(engines: unknown): readonly string[] | undefined {
  if (engines === undefined) return undefined
  if (Array.isArray(engines) && engines.every((engine) => typeof engine === 'string')) return engines
  throw new TypeError(`engines: expected an array of text, got ${typeName(engines)}`)
}
