import { describe, expect, expectTypeOf, test } from 'vitest'
import { type DatabaseCredentials, credentials } from 'aws-secrets-client/credentials'
import { rejectedByPostgres } from 'aws-secrets-client/rejections'
import { expectNoNeedle } from '../support/needle.js'
import { REF, stageWith } from './credentials-stage.js'

const NEEDLE = 'needle-hunter2-4711-SECRET'
const USER = { username: 'app', password: NEEDLE }

const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => {
      throw new Error('it did not fail')
    },
    (error: unknown) => error,
  )

const rejection = () => Object.assign(new Error('password authentication failed'), { code: '28P01' })

describe('the shapes in which AWS keeps secrets of databases', () => {
  test.each<[string, object, object]>([
    ['user name and password alone', USER, USER],
    [
      'RDS, with a port in text',
      { ...USER, engine: 'postgres', host: 'db', port: '5433', dbname: 'orders' },
      { ...USER, engine: 'postgres', host: 'db', port: 5433, dbname: 'orders' },
    ],
    [
      'RDS, with blanks as the console leaves them',
      { ...USER, engine: 'mysql', host: 'db', port: '', dbname: '' },
      { ...USER, engine: 'mysql', host: 'db', port: 3306 },
    ],
    [
      'RDS, without a port',
      { ...USER, engine: 'aurora-postgresql', host: 'db', dbInstanceIdentifier: 'db-1' },
      { ...USER, engine: 'aurora-postgresql', host: 'db', port: 5432, dbInstanceIdentifier: 'db-1' },
    ],
    [
      'Redshift',
      { ...USER, engine: 'redshift', host: 'db', namespaceName: 'n' },
      { ...USER, engine: 'redshift', host: 'db', port: 5439, namespaceName: 'n' },
    ],
    [
      'DocumentDB',
      { ...USER, engine: 'mongo', host: 'db', ssl: 'true' },
      { ...USER, engine: 'mongo', host: 'db', port: 27_017, ssl: 'true' },
    ],
    [
      'ElastiCache',
      { ...USER, user_arn: 'arn:aws:elasticache:eu-west-1:1:user:app' },
      { ...USER, user_arn: 'arn:aws:elasticache:eu-west-1:1:user:app' },
    ],
    ['an address of an unknown engine', { ...USER, host: 'db' }, { ...USER, host: 'db' }],
    ['a master secret with nulls', { ...USER, engine: null, host: null, port: null }, USER],
  ])('%s', async (_name, stored, expected) => {
    const { secrets } = await stageWith(stored)
    const current = credentials(secrets, REF)
    expectTypeOf(current).toEqualTypeOf<() => Promise<DatabaseCredentials>>()
    const value = await current()
    expect(value).toEqual(expected)
    expect(Object.isFrozen(value)).toBe(true)
  })

  test('from the cache, and from one version', async () => {
    const { secrets, put, requests } = await stageWith(USER)
    const current = credentials(secrets, REF)
    const [first, second] = await Promise.all([current(), current()])
    expect(second).toBe(first)
    expect(requests()).toBe(1)
    put({ username: 'app_clone', password: `${NEEDLE}-2` })
    await secrets.refresh(REF)
    expect(await current()).toEqual({ username: 'app_clone', password: `${NEEDLE}-2` })
  })

  test('of some engines only', async () => {
    const { secrets } = await stageWith({ ...USER, engine: 'Aurora-MySQL', host: 'db' })
    expect(await credentials(secrets, REF, { engines: ['mysql', 'aurora-mysql'] })()).toMatchObject({
      port: 3306,
    })
    const error = await failureOf(credentials(secrets, REF, { engines: ['postgres'] })())
    expect(error).toMatchObject({ code: 'ERR_SCHEMA', ref: REF })
    expect(String(error)).toContain('/engine must be one that is spoken here: postgres')
    expect(String(error)).not.toContain('ysql')
    expectNoNeedle(error, NEEDLE)
  })

  test('or whatever a schema makes of it', async () => {
    const { secrets } = await stageWith({ login: 'app', word: NEEDLE })
    const schema = {
      '~standard': { version: 1, vendor: 'test', validate: () => ({ value: { name: 'app', token: 1 } }) },
    } as const
    const current = credentials(secrets, REF, { schema })
    expectTypeOf(current).toEqualTypeOf<() => Promise<{ name: string; token: number }>>()
    expect(await current()).toEqual({ name: 'app', token: 1 })
  })
})

describe('a secret that is no credentials is refused, without a word of it', () => {
  test.each([
    ['no user name', { password: NEEDLE }, '/username is missing'],
    ['no password', { username: 'app' }, '/password is missing'],
    ['an empty password', { username: 'app', password: '' }, '/password must not be empty'],
    ['a password that is a number', { username: 'app', password: 4711 }, '/password must be text'],
    ['a port that is text', { ...USER, port: NEEDLE }, '/port must be an integer from 1 to 65535'],
    ['a port that is too large', { ...USER, port: 65_536 }, '/port must be an integer from 1 to 65535'],
    ['a database that is none', { ...USER, dbname: [NEEDLE] }, '/dbname must be text'],
    ['an engine that is none', { ...USER, engine: 1 }, '/engine must be text'],
    ['several things', { port: 'x' }, '/username is missing; /password is missing; /port must be'],
    ['no object', [USER], '(root) must be a JSON object'],
  ])('%s', async (_name, stored, what) => {
    const { secrets } = await stageWith(stored)
    const error = await failureOf(credentials(secrets, REF)())
    expect(error).toMatchObject({ name: 'SecretsError', code: 'ERR_SCHEMA', ref: REF })
    expect(String(error)).toContain(what)
    expectNoNeedle(error, NEEDLE)
  })
})

describe('credentials that are tried before they are handed out', () => {
  test('are the first that are accepted', async () => {
    const { secrets, put } = await stageWith(USER)
    const tried: string[] = []
    const current = credentials(secrets, REF, {
      isRejected: rejectedByPostgres,
      logIn: ({ username }) => {
        tried.push(username)
        if (username !== 'app') return Promise.resolve()
        put({ ...USER, username: 'app_clone' })
        return Promise.reject(rejection())
      },
    })
    expect(await current()).toMatchObject({ username: 'app_clone' })
    expect(tried).toEqual(['app', 'app_clone'])
  })

  test('may be the pending ones', async () => {
    const { secrets, putPending } = await stageWith(USER)
    putPending({ ...USER, username: 'app_pending' })
    const logIn = ({ username }: DatabaseCredentials) =>
      username === 'app' ? Promise.reject(rejection()) : Promise.resolve()
    const how = { isRejected: rejectedByPostgres, logIn }
    expect(await credentials(secrets, REF, { ...how, pending: true })()).toMatchObject({
      username: 'app_pending',
    })
  })

  test('else the error of the login is thrown', async () => {
    const { secrets } = await stageWith(USER)
    const error = rejection()
    const logIn = () => Promise.reject(error)
    const how = { isRejected: rejectedByPostgres, logIn, windowMs: 0 }
    expect(await failureOf(credentials(secrets, REF, how)())).toBe(error)
    const other = new Error('not a rejection')
    const failing = { isRejected: rejectedByPostgres, logIn: () => Promise.reject(other) }
    expect(await failureOf(credentials(secrets, REF, failing)())).toBe(other)
  })

  test('until a signal aborts', async () => {
    const { secrets } = await stageWith(USER)
    const controller = new AbortController()
    const reason = new Error('mine')
    const logIn = () => {
      setImmediate(() => {
        controller.abort(reason)
      })
      return Promise.reject(rejection())
    }
    const how = { isRejected: rejectedByPostgres, logIn, signal: controller.signal }
    expect(await failureOf(credentials(secrets, REF, how)())).toBe(reason)
  })
})

describe('arguments that cannot be are refused at once', () => {
  const isRejected = () => false
  const logIn = () => Promise.resolve()
  test.each<readonly [name: string, options: object | null, message: string]>([
    ['a login without a predicate', { logIn }, 'logIn and isRejected: expected both or neither'],
    ['a predicate without a login', { isRejected }, 'logIn and isRejected: expected both or neither'],
    ['a login that is none', { logIn: 1, isRejected }, 'logIn: expected a function, got number'],
    [
      'pending without a login',
      { pending: true },
      'pending and windowMs: mean something with logIn and isRejected only',
    ],
    [
      'a misspelt name',
      { engine: 'postgres' },
      'engine: unknown option, expected one of schema, engines, isRejected, logIn, pending, windowMs, signal',
    ],
    [
      'a window',
      { windowMs: '1', logIn, isRejected },
      'windowMs: expected milliseconds, from 0 to 2147483647, got string',
    ],
    ['engines', { engines: 'postgres' }, 'engines: expected an array of text, got string'],
    ['options that are none', null, 'options: expected an object, got null'],
    ['a schema', { schema: 5 }, 'schema: expected a Standard Schema, got number'],
    ['a schema that is null', { schema: null }, 'schema: expected a Standard Schema, got null'],
    ['a signal', { signal: {} }, 'signal: expected an AbortSignal, got object'],
    ['engines with a schema', { engines: [], schema: {} }, 'engines: not with a schema'],
  ])('%s', async (_name, options, message) => {
    const { secrets } = await stageWith(USER)
    expect((): unknown => Reflect.apply(credentials, undefined, [secrets, REF, options])).toThrow(message)
  })

  test('a client that is none', () => {
    expect((): unknown => Reflect.apply(credentials, undefined, [null, REF])).toThrow(
      new TypeError('secrets: expected a SecretsClient, got null'),
    )
  })
})
