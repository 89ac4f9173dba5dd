import { describe, expect, test } from 'vitest'
import { createFakeSecrets } from '../../src/testing/index.js'
import * as rejections from '../../src/integration/rejections.js'

const { anyOf, ...predicates } = rejections

/** Names of the predicates that hold, but that for any of them. */
function holding(error: unknown): readonly string[] {
  const names = Object.entries(predicates).filter(([, isRejected]) => isRejected(error))
  return names.map(([name]) => name.replace('rejectedBy', ''))
}

const errorWith = (members: object, message = 'refused') => Object.assign(new Error(message), members)

/** As mongodb makes it of an answer. */
const mongoError = (answer: { readonly errmsg: string; readonly code: number; readonly codeName?: string }) =>
  errorWith({ name: 'MongoServerError', errorResponse: answer, ...answer }, answer.errmsg)

const POSTGRES = ['Any', 'Postgres', 'Redshift']

/** By name: an error as its driver makes it, and the predicates that hold. */
const ERRORS: readonly (readonly [string, unknown, readonly string[]])[] = [
  ['pg: a wrong password', errorWith({ length: 104, severity: 'FATAL', code: '28P01' }), POSTGRES],
  ['pg: no such user', errorWith({ severity: 'FATAL', code: '28000' }), POSTGRES],
  ['pg: no entry in pg_hba.conf', errorWith({ code: '28000', routine: 'ClientAuthentication' }), []],
  ['postgres: a wrong password', errorWith({ name: 'PostgresError', code: '28P01' }), POSTGRES],
  ['pg: no such database', errorWith({ code: '3D000' }), []],
  ['pg: no permission', errorWith({ code: '42501' }), []],
  ['pg: too many connections', errorWith({ code: '53300' }), []],
  [
    'mysql2: a wrong password',
    errorWith({ code: 'ER_ACCESS_DENIED_ERROR', errno: 1045, sqlState: '28000' }),
    ['Any', 'Mysql'],
  ],
  [
    'mysql2: without an SQLSTATE',
    errorWith({ code: 'ER_ACCESS_DENIED_ERROR', errno: 1045 }),
    ['Any', 'Mysql'],
  ],
  ['mysql: the number as text', errorWith({ errno: '1045' }), ['Any', 'Mysql']],
  ['mysql2: no permission on a database', errorWith({ code: 'ER_DBACCESS_DENIED_ERROR', errno: 1044 }), []],
  ['mysql2: lost', errorWith({ code: 'PROTOCOL_CONNECTION_LOST', fatal: true }), []],
  ['tedious: a wrong password', errorWith({ name: 'ConnectionError', code: 'ELOGIN' }), ['Any', 'SqlServer']],
  [
    'mssql: a wrong password',
    errorWith({ code: 'ELOGIN', originalError: errorWith({ code: 'ELOGIN' }) }),
    ['Any', 'SqlServer'],
  ],
  ['mssql: by its number', errorWith({ code: 'EREQUEST', number: 18456 }), ['Any', 'SqlServer']],
  [
    'mssql: in what came before',
    errorWith({ precedingErrors: [errorWith({ number: 18456 })] }),
    ['Any', 'SqlServer'],
  ],
  ['mssql: no such database', errorWith({ code: 'ELOGIN', number: 4060 }), []],
  ['tedious: no connection', errorWith({ code: 'ESOCKET' }), []],
  ['msnodesqlv8: a wrong password', errorWith({ sqlstate: '42000', code: 18456 }), ['Any', 'SqlServer']],
  ['oracledb: a wrong password', errorWith({ errorNum: 1017, code: 'ORA-01017' }), ['Any', 'Oracle']],
  ['oracledb: the code alone', errorWith({ code: 'ORA-01017' }), ['Any', 'Oracle']],
  ['oracledb: 17079', errorWith({ errorNum: '17079' }), ['Any', 'Oracle']],
  ['oracledb: 9911', errorWith({ code: 'ORA-09911' }), ['Any', 'Oracle']],
  ['oracledb: no listener', errorWith({ errorNum: 12541, code: 'ORA-12541' }), []],
  [
    'mongodb: a wrong password',
    mongoError({
      errmsg: 'Authentication failed.',
      code: 18,
      codeName: 'AuthenticationFailed',
    }),
    ['Any', 'Mongo'],
  ],
  ['mongodb: the code alone', mongoError({ errmsg: 'Authentication failed.', code: 18 }), ['Any', 'Mongo']],
  [
    'mongodb: bad auth of Atlas',
    mongoError({ errmsg: 'bad auth : Authentication failed.', code: 8000, codeName: 'AtlasError' }),
    ['Any', 'Mongo'],
  ],
  [
    'mongodb: anything else of Atlas',
    mongoError({ errmsg: 'user is not allowed to do action', code: 8000, codeName: 'AtlasError' }),
    [],
  ],
  ['mongodb: no permission', mongoError({ errmsg: 'no', code: 13, codeName: 'Unauthorized' }), []],
  ['a DOMException, whose code is 18 too', new DOMException('refused', 'SecurityError'), []],
  [
    'redis: WRONGPASS',
    new Error('WRONGPASS invalid username-password pair or user is disabled.'),
    ['Any', 'Redis'],
  ],
  ['redis: NOAUTH', new Error('NOAUTH Authentication required.'), ['Any', 'Redis']],
  ['redis: by its code', errorWith({ code: 'WRONGPASS' }), ['Any', 'Redis']],
  ['redis: another error that names it', new Error('ERR unknown WRONGPASS'), []],
  ['redis: no permission', new Error('NOPERM this user has no permissions'), []],
  ['http: fetch', new Response(null, { status: 401 }), ['Any', 'Http']],
  ['http: fetch, all well', new Response(null, { status: 200 }), []],
  ['http: axios', errorWith({ code: 'ERR_BAD_REQUEST', response: { status: 403 } }), ['Any', 'Http']],
  [
    'http: got',
    errorWith({ code: 'ERR_NON_2XX_3XX_RESPONSE', response: { statusCode: 401 } }),
    ['Any', 'Http'],
  ],
  ['http: undici', errorWith({ code: 'UND_ERR_RESPONSE_STATUS_CODE', statusCode: 401 }), ['Any', 'Http']],
  ['http: openai', errorWith({ status: 401, code: 'invalid_api_key' }), ['Any', 'Http']],
  ['http: AWS', errorWith({ $metadata: { httpStatusCode: 403 } }), ['Any', 'Http']],
  ['http: as text', errorWith({ status: '401' }), ['Any', 'Http']],
  ['http: not found', errorWith({ status: 404, response: { status: 404 } }), []],
  ['http: throttled', errorWith({ status: 429 }), []],
  [
    'knex, Sequelize: original and parent',
    errorWith({
      name: 'SequelizeAccessDeniedError',
      parent: errorWith({ errno: 1045 }),
      original: errorWith({ errno: 1045 }),
    }),
    ['Any', 'Mysql'],
  ],
  [
    'TypeORM: driverError',
    errorWith({ name: 'QueryFailedError', driverError: errorWith({ code: '28P01' }) }),
    POSTGRES,
  ],
  ['innerError', errorWith({ innerError: errorWith({ number: 18456 }) }), ['Any', 'SqlServer']],
  ['mongoose: reason', errorWith({ reason: mongoError({ errmsg: '', code: 18 }) }), ['Any', 'Mongo']],
  [
    'Prisma: P1000, of any database',
    errorWith({ code: 'P1000', clientVersion: '7' }),
    ['Any', 'Postgres', 'Mysql', 'SqlServer', 'Redshift'],
  ],
  [
    'Prisma: at the start',
    errorWith({ name: 'PrismaClientInitializationError', errorCode: 'P1000' }),
    ['Any', 'Postgres', 'Mysql', 'SqlServer', 'Redshift'],
  ],
  [
    'Prisma: a raw query',
    errorWith({ code: 'P2010', meta: { code: '28P01', message: 'refused' } }),
    POSTGRES,
  ],
  [
    'Prisma: an adapter',
    errorWith({
      code: 'P2010',
      meta: { driverAdapterError: errorWith({ cause: { originalCode: '28P01', kind: 'postgres' } }) },
    }),
    POSTGRES,
  ],
  ['Prisma: unreachable', errorWith({ errorCode: 'P1001' }), []],
  ['an AggregateError', new AggregateError([new Error('first'), errorWith({ code: '28P01' })]), POSTGRES],
  [
    'a cause of a cause',
    new Error('a', { cause: new Error('b', { cause: errorWith({ errno: 1045 }) }) }),
    ['Any', 'Mysql'],
  ],
  ['nothing', undefined, []],
  ['null', null, []],
  ['a text', '28P01', []],
  ['a number', 1045, []],
  ['an array of errors', [errorWith({ code: '28P01' })], POSTGRES],
]

describe('each predicate holds for the errors of its own', () => {
  test.each(ERRORS)('%s', (_name, error, expected) => {
    expect([...holding(error)].sort()).toEqual([...new Set(expected)].sort())
  })
})

describe('a predicate answers whatever it is given', () => {
  const thrower = () => {
    throw new Error('a getter')
  }

  test('circles', () => {
    const [one, two] = [errorWith({}), errorWith({})]
    Object.assign(one, { cause: two, errors: [one, two, one] })
    Object.assign(two, { cause: one, original: two })
    expect(holding(one)).toEqual([])
    Object.assign(two, { parent: errorWith({ code: '28P01' }) })
    expect([...holding(one)].sort()).toEqual(POSTGRES)
  })

  test('chains without an end are left after a hundred errors', () => {
    let made = 0
    const endless = (): object => ({
      get cause() {
        made += 1
        return endless()
      },
    })
    expect(holding(endless())).toEqual([])
    expect(made).toBeLessThanOrEqual(100 * Object.keys(predicates).length)
    expect(holding(new AggregateError(Array.from({ length: 100_000 }, () => ({}))))).toEqual([])
  })

  test('members that throw are as good as absent', () => {
    const hostile = Object.defineProperties(new Error('hostile'), {
      code: { get: thrower },
      cause: { get: thrower },
      message: { get: thrower },
    })
    expect(holding(hostile)).toEqual([])
    expect(
      [...holding(errorWith({ cause: hostile, original: errorWith({ code: '28P01' }) }))].sort(),
    ).toEqual(POSTGRES)
  })

  test('proxies, revoked ones too', () => {
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    expect(holding(proxy)).toEqual([])
    expect(holding(errorWith({ errors: proxy }))).toEqual([])
    expect(
      holding(new Proxy({}, { get: thrower, has: thrower, ownKeys: thrower, getPrototypeOf: thrower })),
    ).toEqual([])
  })

  test('codes that are no codes', () => {
    for (const code of [NaN, Infinity, 1045.5, '', ' 1045', '0x415', {}, [1045], 1045n, Symbol('1045')])
      expect(holding({ code, errno: code, number: code, errorNum: code, status: code })).toEqual([])
  })
})

describe('anyOf', () => {
  test('does not take a promise for a yes, nor hides it from withSecret', async () => {
    const isRejected: unknown = Reflect.apply(anyOf, undefined, [
      rejections.rejectedByPostgres,
      () => Promise.reject(new Error('a bug of the predicate')),
    ])
    const { secrets } = createFakeSecrets({ 'prod/db': 'x' })
    const broken = new Error('broken network')
    const withSecret = (...args: unknown[]): unknown =>
      Reflect.apply(secrets.withSecret.bind(secrets), null, args)
    const work = withSecret('prod/db', { isRejected }, () => Promise.reject(broken))
    await expect(work).rejects.toThrow('isRejected: expected true or false, got a promise')
    await expect(work).rejects.toHaveProperty('cause', broken)
  })

  test('holds where one does', () => {
    const isRejected = anyOf(rejections.rejectedByPostgres, (error) => error === 'expired')
    expect(isRejected({ code: '28P01' })).toBe(true)
    expect(isRejected('expired')).toBe(true)
    expect(isRejected({ errno: 1045 })).toBe(false)
    expect(anyOf()({ code: '28P01' })).toBe(false)
  })

  test('takes one that throws for one that does not hold', () => {
    const thrower = () => {
      throw new Error('mine')
    }
    expect(anyOf(thrower, rejections.rejectedByMysql)({ errno: 1045 })).toBe(true)
    expect(anyOf(thrower)({ errno: 1045 })).toBe(false)
  })

  test('refuses anything but functions, at once', () => {
    expect((): unknown => Reflect.apply(anyOf, undefined, ['28P01'])).toThrow(
      new TypeError('anyOf: expected functions'),
    )
  })
})
