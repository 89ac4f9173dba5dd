import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type ConnectionCredentials,
  type ConnectionStringOptions,
  connectionString,
} from '../../../src/decode/ready-made/connection-string.js'
import { documentDbCredentials, rdsCredentials } from '../../../src/decode/ready-made/credentials.js'
import { Redacted } from '../../../src/redact/redacted.js'
import { NEEDLE, expectNoNeedle } from '../../support/needle.js'
import { read } from './checking.js'

const USER = { username: 'app', password: 'EXAMPLE' }
const PG = { engine: 'postgres', host: 'db.example', ...USER }
const MONGO = { ...PG, engine: 'mongo' }

/** What `connectionString` throws for parts of any type. */
function refusalOf(changes: object, options?: object): unknown {
  try {
    return connectionString({ ...PG, ...changes }, options)
  } catch (error) {
    return error
  }
}

/** How pg-connection-string 2 reads a URL: each part in its own way. */
function asPgReads(text: string) {
  const prepared = / |%[^a-f0-9]|%[a-f0-9][^a-f0-9]/i.test(text)
    ? encodeURI(text).replace(/%25(\d\d)/g, '%$1')
    : text
  const url = new URL(prepared, 'postgres://base')
  const pathname = url.pathname.slice(1)
  return {
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    host: decodeURIComponent(url.hostname),
    port: url.port,
    database: pathname === '' ? null : decodeURI(pathname),
    params: Object.fromEntries(url.searchParams),
  }
}

/** How mysql2 and the Mongo driver read one. */
function asUrl(text: string) {
  const url = new URL(text)
  return {
    user: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
    database: decodeURIComponent(url.pathname.slice(1)),
  }
}

const texts = fc.string({ unit: 'grapheme', minLength: 1 })
const hard = fc.oneof(
  texts,
  fc.string({
    unit: fc.constantFrom(...Array.from('@:/?#[]%+&=;, \\"\'`!()*$~^|<>{}'), 'é', '😀', '%2F', '..', '\t'),
    minLength: 1,
  }),
)

describe('connectionString', () => {
  test.each<[string, object, ConnectionStringOptions | undefined, string]>([
    ['PostgreSQL', PG, undefined, 'postgres://app:EXAMPLE@db.example:5432'],
    [
      'postgresql',
      { ...PG, engine: 'postgresql', dbname: 'a' },
      {},
      'postgres://app:EXAMPLE@db.example:5432/a',
    ],
    [
      'aurora-postgresql',
      { ...PG, engine: 'aurora-postgresql' },
      {},
      'postgres://app:EXAMPLE@db.example:5432',
    ],
    ['MySQL', { ...PG, engine: 'mysql', port: 3307 }, {}, 'mysql://app:EXAMPLE@db.example:3307'],
    ['MariaDB', { ...PG, engine: 'mariadb' }, {}, 'mysql://app:EXAMPLE@db.example:3306'],
    ['aurora-mysql', { ...PG, engine: 'aurora-mysql' }, {}, 'mysql://app:EXAMPLE@db.example:3306'],
    ['Redshift', { ...PG, engine: 'redshift' }, {}, 'redshift://app:EXAMPLE@db.example:5439'],
    ['SQL Server', { ...PG, engine: 'sqlserver' }, {}, 'mssql://app:EXAMPLE@db.example:1433'],
    ['DocumentDB', { ...MONGO, ssl: false }, {}, 'mongodb://app:EXAMPLE@db.example:27017'],
    ['DocumentDB, TLS', { ...MONGO, ssl: true }, {}, 'mongodb://app:EXAMPLE@db.example:27017/?tls=true'],
    [
      'DocumentDB, told otherwise',
      { ...MONGO, ssl: true, dbname: 'd' },
      { params: { tls: false, retryWrites: false } },
      'mongodb://app:EXAMPLE@db.example:27017/d?tls=false&retryWrites=false',
    ],
    ['a blank database', { ...PG, dbname: '' }, {}, 'postgres://app:EXAMPLE@db.example:5432'],
    ['another database', { ...PG, dbname: 'a' }, { dbname: 'b' }, 'postgres://app:EXAMPLE@db.example:5432/b'],
    [
      'parameters',
      PG,
      { params: { sslmode: 'verify-full', application_name: 'a b&c', connect_timeout: 10 } },
      'postgres://app:EXAMPLE@db.example:5432/?sslmode=verify-full&application_name=a%20b%26c&connect_timeout=10',
    ],
    ['an address of IPv6', { ...PG, host: '2001:db8::1' }, {}, 'postgres://app:EXAMPLE@[2001:db8::1]:5432'],
    ['one in brackets', { ...PG, host: '[::1]' }, {}, 'postgres://app:EXAMPLE@[::1]:5432'],
    [
      'a host that is looked up, which has no port',
      { ...MONGO, port: 27_017, ssl: true },
      { scheme: 'mongodb+srv', dbname: 'd' },
      'mongodb+srv://app:EXAMPLE@db.example/d?tls=true',
    ],
    ['a port as text', { ...PG, port: '6432' }, {}, 'postgres://app:EXAMPLE@db.example:6432'],
    ['a scheme', PG, { scheme: 'postgresql+asyncpg' }, 'postgresql+asyncpg://app:EXAMPLE@db.example:5432'],
    [
      'Oracle, with a scheme',
      { ...PG, engine: 'oracle' },
      { scheme: 'oracle' },
      'oracle://app:EXAMPLE@db.example:1521',
    ],
    [
      'a new engine, with a scheme',
      { ...PG, engine: 'new' },
      { scheme: 'new' },
      'new://app:EXAMPLE@db.example',
    ],
  ])('of %s', (_title, credentials, options, expected) => {
    expect(connectionString(credentials as ConnectionCredentials, options)).toBe(expected)
  })

  test('takes what the schemas give', async () => {
    const rds = await read(JSON.stringify({ ...PG, port: '1' }), { schema: rdsCredentials })
    expect(connectionString(rds as ConnectionCredentials)).toBe('postgres://app:EXAMPLE@db.example:1')
    const mongo = await read(JSON.stringify({ ...MONGO, ssl: 'true' }), { schema: documentDbCredentials })
    expect(connectionString(mongo as ConnectionCredentials)).toBe(
      'mongodb://app:EXAMPLE@db.example:27017/?tls=true',
    )
  })

  test.each(['postgres', 'mysql', 'mongo', 'sqlserver', 'redshift'])('of %s reads back exactly', (engine) => {
    const refused = engine === 'postgres' ? /[/?#]|^\.\.?$/ : /^\.\.?$/
    const names = hard.filter((name) => !refused.test(name))
    fc.assert(
      fc.property(hard, hard, names, (username, password, dbname) => {
        const text = connectionString({ ...PG, engine, username, password, dbname })
        expect(asUrl(text)).toEqual({ user: username, password, database: dbname })
        expect(text).toMatch(/^[a-z]+:\/\/[\w.~%-]+:[\w.~%-]+@db\.example:\d+\/[\w.~%:@&=+$,;-]+$/)
      }),
    )
  })

  test('reads back exactly as pg reads it', () => {
    const names = hard.filter((name) => !/[/?#]|^\.\.?$/.test(name))
    fc.assert(
      fc.property(hard, hard, names, hard, (username, password, dbname, value) => {
        const text = connectionString({ ...PG, username, password, dbname }, { params: { value } })
        expect(asPgReads(text)).toEqual({
          user: username,
          password,
          host: 'db.example',
          port: '5432',
          database: dbname,
          params: { value },
        })
      }),
    )
  })

  test('has no say of what is inherited', () => {
    const inherited = Object.create({ ...PG, dbname: 'x' }) as ConnectionCredentials
    expect(() => connectionString(inherited)).toThrow('engine: expected text that is not empty')
    const polluted = Object.getPrototypeOf({}) as { dbname?: string; scheme?: string }
    polluted.dbname = 'x'
    polluted.scheme = 'evil'
    try {
      expect(connectionString(PG)).toBe('postgres://app:EXAMPLE@db.example:5432')
    } finally {
      delete polluted.dbname
      delete polluted.scheme
    }
  })
})

describe('a TypeError', () => {
  const lone = `${NEEDLE}\uD800`

  test.each<[string, object, object | undefined, string]>([
    ['a lone surrogate in the user', { username: lone }, {}, 'username: holds a lone surrogate'],
    ['a lone surrogate in the password', { password: lone }, {}, 'password: holds a lone surrogate'],
    ['a lone surrogate in the database', { dbname: lone }, {}, 'dbname: holds a lone surrogate'],
    ['a lone surrogate in a parameter', {}, { params: { a: lone } }, 'params: holds a lone surrogate'],
    ['no user', { username: undefined }, {}, 'username: expected text that is not empty'],
    ['a password that is none', { password: [NEEDLE] }, {}, 'password: expected text that is not empty'],
    ['an empty password', { password: '' }, {}, 'password: expected text that is not empty'],
    ['no engine', { engine: null }, {}, 'engine: expected text that is not empty'],
    ['an engine without a URL', { engine: 'oracle' }, {}, 'engine: its drivers take no URL'],
    ['Db2', { engine: 'db2' }, {}, 'engine: its drivers take no URL'],
    [
      'an engine that is not known',
      { engine: NEEDLE },
      {},
      'engine: not one whose connection strings are known',
    ],
    ['a host with a port', { host: 'db.example:5432' }, {}, 'host: expected a host name or an IP address'],
    ['a host that is none', { host: NEEDLE }, {}, 'host: expected a host name or an IP address'],
    ['a host with a user', { host: `u@${NEEDLE}` }, {}, 'host: expected a host name or an IP address'],
    ['an address with a zone', { host: 'fe80::1%eth0' }, {}, 'host: expected a host name or an IP address'],
    ['a host in broken brackets', { host: '[db]' }, {}, 'host: expected a host name or an IP address'],
    ['a port that is none', { port: NEEDLE }, {}, 'port: must be an integer from 1 to 65535'],
    ['ssl that is none', { engine: 'mongo', ssl: NEEDLE }, {}, 'ssl: must be true or false'],
    ['a database that is none', { dbname: { NEEDLE } }, {}, 'dbname: expected text'],
    ['a database that a URL drops', { dbname: '..' }, {}, 'dbname: expected a name that a URL can hold'],
    ...['/', '?', '#'].map((mark): [string, object, object, string] => [
      `a database of PostgreSQL with ${mark}`,
      { dbname: `${NEEDLE}${mark}b` },
      {},
      'dbname: holds "/", "?" or "#", which drivers of PostgreSQL do not decode',
    ]),
    [
      'such a database with a scheme of PostgreSQL',
      { engine: 'new' },
      { scheme: 'postgresql', dbname: `${NEEDLE}/b` },
      'dbname: holds "/"',
    ],
    ['parameters that are text', {}, { params: NEEDLE }, 'params: expected an object'],
    [
      'a parameter that is an object',
      {},
      { params: { a: { NEEDLE } } },
      'params: expected text, finite numbers',
    ],
    ['a parameter that is not finite', {}, { params: { a: NaN } }, 'params: expected text, finite numbers'],
    [
      'a scheme with more in it',
      {},
      { scheme: `postgres://${NEEDLE}` },
      'scheme: expected the scheme of a URL',
    ],
    ['an empty scheme', {}, { scheme: '' }, 'scheme: expected the scheme of a URL'],
  ])('for %s says what was expected, and no value', (_title, changes, options, message) => {
    const error = refusalOf({ ...changes }, options)
    expect(error).toBeInstanceOf(TypeError)
    expect((error as TypeError).message).toMatch(message)
    expectNoNeedle((error as TypeError).message, NEEDLE)
  })

  test('for a box says how to open it', () => {
    const boxed = new Redacted({ ...PG, password: NEEDLE })
    const opening = 'a redacted value; call reveal() first'
    expect(() => connectionString(boxed as never)).toThrow(`credentials: ${opening}`)
    expect(refusalOf({ password: new Redacted(NEEDLE) })).toEqual(new TypeError(`password: ${opening}`))
    expect(refusalOf({ dbname: new Redacted(NEEDLE) })).toEqual(new TypeError(`dbname: ${opening}`))
  })

  test('for no credentials at all', () => {
    for (const nothing of [undefined, null, 'text']) {
      expect(() => connectionString(nothing as never)).toThrow('engine: expected text that is not empty')
    }
  })
})
