import type { StandardSchemaV1 } from '@standard-schema/spec'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  basicCredentials,
  documentDbCredentials,
  elastiCacheCredentials,
  rdsCredentials,
  redshiftCredentials,
} from '../../../src/decode/ready-made/credentials.js'
import { NEEDLE, expectNoNeedle, textsOf } from '../../support/needle.js'
import { answerOf, failureOfRead, read } from './checking.js'

const USER = { username: 'app', password: 'EXAMPLE-PASSWORD' }
const RDS = { engine: 'postgres', host: 'db.example', ...USER }
const REDSHIFT = { ...RDS, engine: 'redshift' }
const MONGO = { ...RDS, engine: 'mongo' }
const USER_ARN = 'arn:aws:elasticache:eu-west-1:123456789012:user:app'

const SCHEMAS: [string, StandardSchemaV1, object][] = [
  ['basicCredentials', basicCredentials, USER],
  ['rdsCredentials', rdsCredentials, RDS],
  ['redshiftCredentials', redshiftCredentials, REDSHIFT],
  ['documentDbCredentials', documentDbCredentials, MONGO],
  ['elastiCacheCredentials', elastiCacheCredentials, { ...USER, user_arn: USER_ARN }],
]

describe("AWS's documented shapes", () => {
  test.each<[string, StandardSchemaV1, object, object]>([
    ['MariaDB', rdsCredentials, { ...RDS, engine: 'mariadb' }, { port: 3306 }],
    ['MySQL', rdsCredentials, { ...RDS, engine: 'mysql', port: '3307', dbname: 'shop' }, { port: 3307 }],
    ['Oracle', rdsCredentials, { ...RDS, engine: 'oracle' }, { port: 1521 }],
    ['PostgreSQL', rdsCredentials, { ...RDS, port: 6432 }, {}],
    ['SQL Server', rdsCredentials, { ...RDS, engine: 'sqlserver' }, { port: 1433 }],
    ['Db2', rdsCredentials, { ...RDS, engine: 'db2' }, { port: 50_000 }],
    [
      'a secret of alternating users that the console made',
      rdsCredentials,
      { ...RDS, masterarn: 'arn:m', dbInstanceIdentifier: 'db-1', dbClusterIdentifier: 'cluster-1' },
      { port: 5432 },
    ],
    [
      'Redshift',
      redshiftCredentials,
      { ...REDSHIFT, dbClusterIdentifier: 'c', dbname: 'dev' },
      { port: 5439 },
    ],
    ['Redshift Serverless', redshiftCredentials, { ...REDSHIFT, namespaceName: 'n' }, { port: 5439 }],
    ['DocumentDB', documentDbCredentials, MONGO, { port: 27_017, ssl: false }],
    ['DocumentDB with TLS', documentDbCredentials, { ...MONGO, ssl: true }, { port: 27_017 }],
    [
      'DocumentDB, TLS as text',
      documentDbCredentials,
      { ...MONGO, ssl: 'True' },
      { port: 27_017, ssl: true },
    ],
    ['ElastiCache', elastiCacheCredentials, { ...USER, user_arn: USER_ARN }, {}],
    ['Timestream for InfluxDB', basicCredentials, { ...USER, engine: 'timestream-influxdb' }, {}],
    ['a master secret that RDS manages', basicCredentials, USER, {}],
  ])('%s', async (_title, schema, stored, changes) => {
    const value = await read(JSON.stringify(stored), { schema })
    expect(value).toEqual({ ...stored, ...changes })
    expect(Object.isFrozen(value)).toBe(true)
  })
})

describe('the default port', () => {
  test.each<[string, number]>([
    ['aurora', 3306],
    ['aurora-mysql', 3306],
    ['aurora-postgresql', 5432],
    ['postgresql', 5432],
    ['Postgres', 5432],
    ['oracle-se2-cdb', 1521],
    ['custom-oracle-ee', 1521],
    ['sqlserver-ex', 1433],
    ['custom-sqlserver-web', 1433],
    ['db2-ae', 50_000],
    ['redshift', 5439],
    ['docdb', 27_017],
  ])('of %s is %i', async (engine, port) => {
    await expect(answerOf(rdsCredentials, { ...RDS, engine })).resolves.toEqual({ ...RDS, engine, port })
  })

  test('of an engine that AWS adds later has to be stored', async () => {
    const later = { ...RDS, engine: 'toString' }
    await expect(answerOf(rdsCredentials, { ...later, port: '1' })).resolves.toEqual({ ...later, port: 1 })
    await expect(answerOf(rdsCredentials, later)).resolves.toEqual([
      '/port is missing, and the engine has no known default',
    ])
  })
})

describe('port', () => {
  test('comes out as the same integer, stored as a number or as text', async () => {
    const integers = fc.integer({ min: 1, max: 65_535 })
    await fc.assert(
      fc.asyncProperty(integers, fc.boolean(), async (port, isText) => {
        const stored = { ...RDS, port: isText ? String(port) : port }
        await expect(answerOf(rdsCredentials, stored)).resolves.toEqual({ ...RDS, port })
      }),
    )
  })

  test.each([
    0,
    -1,
    65_536,
    1.5,
    NaN,
    '0',
    '65536',
    '99999',
    '1.5',
    ' 1',
    '1e3',
    '0x1',
    '123456',
    true,
    [1],
    {},
  ])('refuses %j', async (port) => {
    await expect(answerOf(rdsCredentials, { ...RDS, port })).resolves.toEqual([
      '/port must be an integer from 1 to 65535, as a number or as text',
    ])
  })
})

describe('ssl', () => {
  test.each<[unknown, boolean]>([
    [true, true],
    [false, false],
    ['true', true],
    ['false', false],
    ['FALSE', false],
    ['', false],
    [null, false],
  ])('of %j is %j', async (ssl, expected) => {
    await expect(answerOf(documentDbCredentials, { ...MONGO, ssl })).resolves.toMatchObject({ ssl: expected })
  })

  test.each([1, 'yes', 'toString', {}, []])('refuses %j', async (ssl) => {
    await expect(answerOf(documentDbCredentials, { ...MONGO, ssl })).resolves.toEqual([
      '/ssl must be true or false, as a boolean or as text',
    ])
  })
})

describe('members', () => {
  test('that the schema does not know are kept, and frozen at every depth', async () => {
    const value = (await answerOf(basicCredentials, { ...USER, added: { by: ['AWS'] } })) as {
      added: { by: string[] }
    }
    expect(value).toEqual({ ...USER, added: { by: ['AWS'] } })
    expect([value, value.added, value.added.by].map((node) => Object.isFrozen(node))).toEqual([
      true,
      true,
      true,
    ])
  })

  test('that are optional and blank are left out', async () => {
    const blank = { dbname: '', masterarn: null, port: '', dbInstanceIdentifier: undefined }
    await expect(answerOf(rdsCredentials, { ...RDS, ...blank })).resolves.toEqual({ ...RDS, port: 5432 })
    expect(Object.keys((await answerOf(rdsCredentials, { ...RDS, ...blank })) as object)).not.toContain(
      'dbname',
    )
  })

  test('that are inherited do not count', async () => {
    const inherited: unknown = Object.assign(Object.create({ password: 'x' }), { username: 'app' })
    await expect(answerOf(basicCredentials, inherited)).resolves.toEqual(['/ must be a JSON object'])
    const polluted = Object.getPrototypeOf({}) as { password?: string }
    polluted.password = 'x'
    try {
      await expect(answerOf(basicCredentials, { username: 'app' })).resolves.toEqual(['/password is missing'])
    } finally {
      delete polluted.password
    }
  })

  test.each(['{"__proto__":{"a":1},"username":"u","password":"p"}', '{"username":"u","x":{"__proto__":[]}}'])(
    'that could poison a prototype are refused: %s',
    async (text) => {
      await expect(answerOf(basicCredentials, JSON.parse(text))).resolves.toEqual([
        '/ has a key that could poison a prototype',
      ])
    },
  )

  test('of what was given are not changed, nor is it frozen', async () => {
    const given = { ...RDS, port: '1', added: {} }
    const before = structuredClone(given)
    await answerOf(rdsCredentials, given)
    expect(given).toEqual(before)
    expect([given, given.added].map((node) => Object.isFrozen(node))).toEqual([false, false])
  })
})

describe('a refusal', () => {
  test.each(SCHEMAS)('of %s names every required member that is missing', async (_name, schema, stored) => {
    const required = Object.keys(stored).map((name) => `/${name} is missing`)
    const refusals = (await answerOf(schema, {})) as string[]
    expect(refusals.toSorted()).toEqual(required.toSorted())
  })

  test.each(SCHEMAS)('of %s tells text from what is none', async (_name, schema, stored) => {
    for (const name of Object.keys(stored)) {
      await expect(answerOf(schema, { ...stored, [name]: '' })).resolves.toContain(
        `/${name} must not be empty`,
      )
      for (const raw of [1, null, true, ['x'], {}]) {
        await expect(answerOf(schema, { ...stored, [name]: raw })).resolves.toContain(`/${name} must be text`)
      }
    }
  })

  test.each([null, 1, 'text', true, [], [USER], new Map()])('of %o as a whole', async (value) => {
    await expect(answerOf(basicCredentials, value)).resolves.toEqual(['/ must be a JSON object'])
  })

  test.each([rdsCredentials, redshiftCredentials, documentDbCredentials])(
    'of a secret with user and password only names the schema that reads it',
    async (schema) => {
      await expect(answerOf(schema, USER)).resolves.toEqual([
        '/ has no address, as a secret that AWS manages may: basicCredentials reads such a secret',
        '/engine is missing',
        '/host is missing',
      ])
      const error = await failureOfRead(JSON.stringify({ ...USER, password: NEEDLE }), { schema })
      expect(error.message).toContain('basicCredentials reads such a secret')
      expectNoNeedle(error, NEEDLE)
      const partly = [{ ...USER, host: 'db.example' }, { ...USER, engine: '' }, { ...USER, password: '' }, {}]
      for (const stored of partly) {
        expect(JSON.stringify(await answerOf(schema, stored))).not.toContain('basicCredentials')
      }
    },
  )

  test('of the secret of another service', async () => {
    await expect(answerOf(redshiftCredentials, RDS)).resolves.toEqual(['/engine must be "redshift"'])
    await expect(answerOf(documentDbCredentials, RDS)).resolves.toContain('/engine must be "mongo"')
  })

  test.each(SCHEMAS)(
    'of %s never shows a value, by itself or through a client',
    async (_n, schema, stored) => {
      for (const name of [...Object.keys(stored), 'port', 'ssl', 'dbname', NEEDLE]) {
        const spoilt = { ...stored, password: NEEDLE, [NEEDLE]: NEEDLE, [name]: [NEEDLE], engine: NEEDLE }
        const result = await schema['~standard'].validate({ ...spoilt, username: { [NEEDLE]: NEEDLE } })
        expect(result.issues).not.toBeUndefined()
        expectNoNeedle(textsOf(result.issues), NEEDLE)
        const error = await failureOfRead(JSON.stringify({ ...spoilt, username: 1 }), { schema })
        expect(error).toMatchObject({ code: 'ERR_SCHEMA', ref: 'prod/db' })
        expect(error.message).toContain('/username ')
        expectNoNeedle(error, NEEDLE)
      }
    },
  )

  test('reaches the caller of a client with its path and its rule', async () => {
    const error = await failureOfRead(JSON.stringify({ ...RDS, host: undefined, port: NEEDLE }), {
      schema: rdsCredentials,
    })
    expect(error.message).toContain('/host is missing')
    expect(error.message).toContain('/port must be an integer from 1 to 65535, as a number or as text')
    expectNoNeedle(error, NEEDLE)
  })
})
