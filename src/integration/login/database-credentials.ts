/**
 * Reads what AWS keeps in the secrets of databases, with an address or without one.
 *
 * @module
 */

import type { StandardSchemaV1 } from '@standard-schema/spec'
import { type BasicCredentials, SecretsError, basicCredentials, rdsCredentials } from 'aws-secrets-client'

/** Credentials of a database, all of one version, and its address where the secret has it. */
export interface DatabaseCredentials extends BasicCredentials {
  /** Which database software, as it is stored, such as `aurora-postgresql`. */
  readonly engine?: string | undefined
  /** Name or address of the host, without the port. */
  readonly host?: string | undefined
  /** From 1 to 65535; that of the engine where none is stored. */
  readonly port?: number | undefined
  /** Name of the database. */
  readonly dbname?: string | undefined
}

/** A schema whose output is database credentials. */
export type CredentialsSchema<Output = DatabaseCredentials> = StandardSchemaV1<unknown, Output>

/** By this `withSecret` knows that the messages of a schema are the library's own, and quote nothing. */
const READY_MADE = Symbol.for('aws-secrets-client.ReadyMadeSchema')

/** A path and a rule, to be read one after the other. */
type Issue = StandardSchemaV1.Issue

/**
 * A schema for the secrets of RDS, Aurora, Redshift, DocumentDB and ElastiCache, and for a bare user name and password.
 * What else is stored is kept.
 *
 * @param engines - those that are accepted, in any case; all without it. A secret may lack it
 */
export function databaseSchema(engines?: readonly string[]): CredentialsSchema {
  const schema: CredentialsSchema = {
    '~standard': Object.freeze({
      version: 1,
      vendor: 'aws-secrets-client',
      validate: (value: unknown) => readCredentials(value, engines),
      jsonSchema: Object.freeze({ input: () => NAMES, output: () => NAMES }),
    }),
  }
  Object.defineProperty(schema, READY_MADE, { value: 'json' })
  return Object.freeze(schema)
}

const KNOWN = ['username', 'password', 'engine', 'host', 'port', 'dbname']

/** Tells which names a refusal may show. */
const NAMES = { type: 'object', properties: Object.fromEntries(KNOWN.map((name) => [name, {}])) }

/**
 * What a schema of the user's own made of a secret, checked.
 *
 * @throws SecretsError `ERR_SCHEMA` with path and rule, where it is no credentials.
 */
export function checkedCredentials(
  ref: string,
  value: unknown,
  engines?: readonly string[],
): DatabaseCredentials {
  // Such a schema may make anything, an instance of a class with a connection in it too.
  const members = isObject(value) ? KNOWN.map((name) => [name, Reflect.get(value, name)] as const) : undefined
  const known = members?.filter(([, member]) => member !== undefined)
  const result = readCredentials(known === undefined ? value : Object.fromEntries(known), engines)
  if (result.issues === undefined) return result.value
  const rules = result.issues.map(({ path, message }) => `${pointer(path)} ${message}`)
  throw new SecretsError('ERR_SCHEMA', {
    ref,
    what: `the value does not match its schema: ${rules.join('; ')}`,
    hint: 'Make the schema give a username and a password; the value itself is never shown.',
  })
}

function pointer(path: Issue['path']): string {
  const keys = path?.map((key) => (typeof key === 'object' ? key.key : key)) ?? []
  return keys.length === 0 ? '(root)' : keys.map((key) => `/${String(key)}`).join('')
}

type Result = StandardSchemaV1.Result<DatabaseCredentials>

function readCredentials(value: unknown, engines: readonly string[] | undefined): Result {
  if (!isObject(value)) return { issues: [{ message: 'must be a JSON object with username and password' }] }
  const user = validated(basicCredentials, value)
  const stored = new Map<string, unknown>(Object.entries(value))
  const read = READERS.map(([name, reader]) => [name, reader(stored.get(name), stored)] as const)
  const issues = read.flatMap(([name, { rule }]) =>
    rule === undefined ? [] : [{ path: [name], message: rule }],
  )
  const engine = stored.get('engine')
  if (engines !== undefined && isText(engine) && !engines.includes(engine.toLowerCase()))
    issues.push({ path: ['engine'], message: `must be one that is spoken here: ${engines.join(', ')}` })
  if (user.issues !== undefined) return { issues: [...user.issues, ...issues] }
  if (issues.length > 0) return { issues }
  const kept = Object.entries(user.value).filter(([name]) => READERS.every(([known]) => known !== name))
  const present = read.flatMap(([name, reading]) =>
    reading.value === undefined ? [] : [[name, reading.value] as const],
  )
  const members: Readonly<Record<string, unknown>> = Object.fromEntries([...kept, ...present])
  const { username, password } = user.value
  return { value: Object.freeze({ ...members, username, password }) }
}

/** What was read of a member, `undefined` where it is blank, or the rule that it breaks. */
type Reading =
  { readonly value: unknown; readonly rule?: never } | { readonly rule: string; readonly value?: never }

type Read = (raw: unknown, stored: ReadonlyMap<string, unknown>) => Reading

const READERS: readonly (readonly [string, Read])[] = [
  ['engine', readText],
  ['host', readText],
  ['port', readPort],
  ['dbname', readText],
]

/** The console writes an empty text for what was left blank. */
const isBlank = (raw: unknown) => raw === undefined || raw === null || raw === ''

const isText = (raw: unknown): raw is string => typeof raw === 'string' && raw !== ''

function readText(raw: unknown): Reading {
  if (isBlank(raw)) return { value: undefined }
  return isText(raw) ? { value: raw } : { rule: 'must be text' }
}

function readPort(raw: unknown, stored: ReadonlyMap<string, unknown>): Reading {
  if (isBlank(raw))
    return { value: isBlank(stored.get('host')) ? undefined : defaultPort(stored.get('engine')) }
  const port = typeof raw === 'string' && /^\d{1,5}$/.test(raw) ? Number(raw) : raw
  const isPort = typeof port === 'number' && Number.isInteger(port) && port >= 1 && port <= 65_535
  return isPort ? { value: port } : { rule: 'must be an integer from 1 to 65535, as a number or as text' }
}

/** The port that an engine listens on, as the schema for its secrets knows it. */
function defaultPort(engine: unknown): number | undefined {
  const result = validated(rdsCredentials, { engine, host: '-', username: '-', password: '-' })
  return result.issues === undefined ? result.value.port : undefined
}

/** A ready-made schema answers at once. */
function validated<Output>(
  schema: CredentialsSchema<Output>,
  value: unknown,
): StandardSchemaV1.Result<Output> {
  const result = schema['~standard'].validate(value)
  if (result instanceof Promise) throw new TypeError('schema: expected one that answers at once')
  return result
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}
