import { describe, expect, test } from 'vitest'
import { expectNoNeedle } from '../support/needle.js'
import { NEEDLE, failureOf, runExample, useStage } from './stage.js'

const stage = useStage()

const database = { engine: 'postgres', host: 'warehouse.internal', dbname: 'sales', username: 'etl' }

const seed = (secret: object) => {
  stage().emulator.seed({
    secrets: { 'ml/churn/warehouse': secret },
    parameters: {
      '/ml/churn/s3-prefix': 's3://acme-ml/churn',
      '/ml/churn/tables': { type: 'StringList', value: ['orders', 'customers'] },
    },
  })
}

async function plan() {
  const { main } = await import('../../examples/training-data.js')
  return main()
}

describe('the training data script', () => {
  test('plans one export for each table, and tells where to', async () => {
    seed({ ...database, password: NEEDLE })
    const { exports } = await plan()
    expect(exports).toEqual([
      { table: 'orders', target: 's3://acme-ml/churn/orders.parquet' },
      { table: 'customers', target: 's3://acme-ml/churn/customers.parquet' },
    ])
    expect(stage().printed).toEqual(['2 tables of warehouse.internal go to s3://acme-ml/churn'])
    expect(stage().emulator.count('GetSecretValue')).toBe(1)
    expect(stage().emulator.count('GetParameters')).toBe(1)
    expect(stage().emulator.count()).toBe(2)
  })

  test('encodes what a password may hold', async () => {
    seed({ ...database, username: 'etl@sales', password: NEEDLE })
    const url = new URL((await plan()).connectionString)
    expect(decodeURIComponent(url.password)).toBe(NEEDLE)
    expect(decodeURIComponent(url.username)).toBe('etl@sales')
    expect([url.hostname, url.pathname, url.search]).toEqual([
      'warehouse.internal',
      '/sales',
      '?sslmode=require',
    ])
  })

  test.each([
    ['a number', { port: 6432 }, '6432'],
    ['a string', { port: '6432' }, '6432'],
    ['left out', {}, '5432'],
  ])('takes a port that is %s', async (_title, port, expected) => {
    seed({ ...database, password: NEEDLE, ...port })
    expect(new URL((await plan()).connectionString).port).toBe(expected)
  })

  test.each([
    ['a port that is none', { port: NEEDLE, password: NEEDLE }, '/port'],
    ['a secret without a password', {}, 'password'],
  ])('refuses %s, and names it without showing it', async (_title, wrong, named) => {
    seed({ ...database, ...wrong })
    const error = await failureOf(plan())
    expect(error).toMatchObject({ code: 'ERR_SCHEMA', ref: 'ml/churn/warehouse' })
    expect(String(error)).toContain(named)
    expectNoNeedle(error, NEEDLE)
  })

  test('runs as a script, prints no password and ends', async () => {
    seed({ ...database, password: NEEDLE })
    await expect(runExample('training-data.ts')).resolves.toBe(
      '2 tables of warehouse.internal go to s3://acme-ml/churn\n',
    )
  })
})
