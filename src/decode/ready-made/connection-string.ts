/**
 * Writes database credentials as the URL that drivers take, with every part encoded.
 *
 * @module
 */

import { type EngineFamily, familyOf } from './engines.js'
import { type Reading, isBlank, readFlag, readPort } from './members.js'

/** What a connection string is made of; what the schemas of database credentials give fits. */
export interface ConnectionCredentials {
  /** Which database software, in AWS's spelling, such as `aurora-postgresql`. */
  readonly engine: string
  /** Name or address of the host, without the port. */
  readonly host: string
  /** Name of the user. */
  readonly username: string
  /** Password of the user. */
  readonly password: string
  /**
   * From 1 to 65535.
   *
   * @defaultValue that of the engine
   */
  readonly port?: number | undefined
  /** Name of the database. */
  readonly dbname?: string | undefined
  /**
   * Whether to connect with TLS; read for DocumentDB only.
   *
   * @defaultValue `false`
   */
  readonly ssl?: boolean | undefined
}

/** What a connection string may say beyond the credentials. */
export interface ConnectionStringOptions {
  /**
   * Name of the database.
   *
   * @defaultValue that of the credentials, or none
   */
  readonly dbname?: string | undefined
  /** Parameters of the driver, such as `{ sslmode: 'verify-full' }`. */
  readonly params?: Readonly<Record<string, string | number | boolean>> | undefined
  /**
   * Scheme of the URL, such as `postgresql+asyncpg`; one that ends in `+srv` leaves the port out.
   *
   * @defaultValue `postgres`, `mysql`, `mssql`, `redshift` or `mongodb`, by engine
   */
  readonly scheme?: string | undefined
}

/**
 * The URL by which a driver connects: `postgres://user:password@host:port/dbname`. It holds the password: treat
 * it as the secret that it is.
 *
 * @throws TypeError naming the member that is wrong, never what it holds; also for an engine whose drivers take
 * no such URL, as of Oracle and Db2, unless `scheme` is given.
 */
export function connectionString(
  credentials: ConnectionCredentials,
  options: ConnectionStringOptions = {},
): string {
  refuseBox('credentials', credentials)
  const engine = textMember(credentials, 'engine')
  const family = familyOf(engine)
  const scheme = schemeOf(family, own(options, 'scheme'))
  const user = encoded('username', textMember(credentials, 'username'))
  const password = encoded('password', textMember(credentials, 'password'))
  const host = hostOf(textMember(credentials, 'host'))
  const port = portOf(own(credentials, 'port'), family, scheme)
  const query = queryOf(own(options, 'params'), family?.name === 'mongo' && hasTls(own(credentials, 'ssl')))
  const dbname = dbnameOf(own(options, 'dbname') ?? own(credentials, 'dbname'), family, scheme)
  // Drivers of MongoDB want the slash before a query.
  const path = dbname === '' && query !== '' ? '/' : dbname
  return `${scheme}://${user}:${password}@${host}${port}${path}${query}`
}

/** An own member of what the caller passed; untyped callers pass anything. */
function own(group: object, name: string): unknown {
  const value: unknown = isObject(group) && Object.hasOwn(group, name) ? Reflect.get(group, name) : undefined
  refuseBox(name, value)
  return value
}

/** A box of `redacted: true` hides its members: they would seem to be missing. */
function refuseBox(name: string, value: unknown): void {
  if (isObject(value) && 'reveal' in value && typeof value.reveal === 'function')
    throw new TypeError(`${name}: a redacted value; call reveal() first`)
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

function textMember(credentials: object, name: string): string {
  const value = own(credentials, name)
  if (typeof value === 'string' && value !== '') return value
  throw new TypeError(`${name}: expected text that is not empty`)
}

function schemeOf(family: EngineFamily | undefined, given: unknown): string {
  if (given !== undefined) {
    if (typeof given === 'string' && /^[a-z][a-z0-9+.-]*$/i.test(given)) return given
    throw new TypeError('scheme: expected the scheme of a URL, without "://"')
  }
  if (family?.scheme !== undefined) return family.scheme
  throw new TypeError(
    family === undefined
      ? 'engine: not one whose connection strings are known; give a scheme'
      : 'engine: its drivers take no URL; pass them the members of the credentials, or give a scheme',
  )
}

function hostOf(host: string): string {
  const address = /^\[(.*)\]$/.exec(host)?.[1] ?? host
  // Not imported, which would delay every first read.
  const { isIPv6 } = process.getBuiltinModule('node:net')
  if (isIPv6(address) && !address.includes('%')) return `[${address}]`
  if (/^[a-z0-9._-]+$/i.test(host)) return host
  throw new TypeError('host: expected a host name or an IP address, without a port')
}

/** Where the host is looked up, the answer has the port, and drivers refuse one. */
function portOf(stored: unknown, family: EngineFamily | undefined, scheme: string): string {
  const port = isBlank(stored) ? family?.port : read('port', readPort(stored))
  return port === undefined || /\+srv$/i.test(scheme) ? '' : `:${port}`
}

function hasTls(stored: unknown): boolean {
  return read('ssl', readFlag(stored)) ?? false
}

function read<Value>(name: string, reading: Reading<Value>): Value | undefined {
  if (reading !== undefined && 'rule' in reading) throw new TypeError(`${name}: ${reading.rule}`)
  return reading?.value
}

/** What a path may hold as it is. Drivers of PostgreSQL would not decode these, as `decodeURI` does not. */
const PATH_ESCAPES = /%(?:3A|40|26|3D|2B|24|2C|3B)/g

function dbnameOf(dbname: unknown, family: EngineFamily | undefined, scheme: string): string {
  if (isBlank(dbname)) return ''
  if (typeof dbname !== 'string') throw new TypeError('dbname: expected text')
  // A URL drops such segments, encoded or not.
  if (dbname === '.' || dbname === '..') throw new TypeError('dbname: expected a name that a URL can hold')
  const path = encoded('dbname', dbname)
  if (/[/?#]/.test(dbname) && (family?.name === 'postgres' || /^postgres/i.test(scheme)))
    throw new TypeError('dbname: holds "/", "?" or "#", which drivers of PostgreSQL do not decode')
  return `/${path.replace(PATH_ESCAPES, decodeURIComponent)}`
}

function queryOf(params: unknown, tls: boolean): string {
  if (params !== undefined && !isObject(params)) throw new TypeError('params: expected an object')
  const given = Object.entries(params ?? {}).filter(([, value]) => value !== undefined)
  const isToldTls = given.some(([name]) => name === 'tls' || name === 'ssl')
  const all = tls && !isToldTls ? [['tls', true] as const, ...given] : given
  const pairs = all.map(
    ([name, value]) => `${encoded('params', name)}=${encoded('params', paramText(value))}`,
  )
  return pairs.length === 0 ? '' : `?${pairs.join('&')}`
}

function paramText(value: unknown): string {
  if (typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)) return String(value)
  throw new TypeError('params: expected text, finite numbers or booleans')
}

/** Percent-encoded, all but letters, digits and `-._~`. */
function encoded(name: string, text: string): string {
  if (!text.isWellFormed()) throw new TypeError(`${name}: holds a lone surrogate, which a URL cannot express`)
  return encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
}
