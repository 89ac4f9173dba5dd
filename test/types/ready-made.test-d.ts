import type { StandardJSONSchemaV1, StandardSchemaV1 } from '@standard-schema/spec'
import { describe, expectTypeOf, test } from 'vitest'
import type { SecretsClient } from '../../src/index.js'
import { apiToken } from '../../src/decode/ready-made/api-token.js'
import { connectionString } from '../../src/decode/ready-made/connection-string.js'
import {
  type BasicCredentials,
  type DocumentDbCredentials,
  type ElastiCacheCredentials,
  type RdsCredentials,
  type RedshiftCredentials,
  basicCredentials,
  documentDbCredentials,
  elastiCacheCredentials,
  rdsCredentials,
  redshiftCredentials,
} from '../../src/decode/ready-made/credentials.js'
import { type SshKeyPair, sshKeyPair } from '../../src/decode/ready-made/ssh-key-pair.js'

declare const secrets: SecretsClient

describe('a ready-made schema', () => {
  test('decides the type of a read', () => {
    expectTypeOf(secrets.get('x', { schema: rdsCredentials })).toEqualTypeOf<Promise<RdsCredentials>>()
    expectTypeOf(secrets.get('x', { schema: redshiftCredentials })).toEqualTypeOf<
      Promise<RedshiftCredentials>
    >()
    expectTypeOf(secrets.get('x', { schema: documentDbCredentials })).toEqualTypeOf<
      Promise<DocumentDbCredentials>
    >()
    expectTypeOf(secrets.get('x', { schema: elastiCacheCredentials })).toEqualTypeOf<
      Promise<ElastiCacheCredentials>
    >()
    expectTypeOf(secrets.get('x', { schema: basicCredentials })).toEqualTypeOf<Promise<BasicCredentials>>()
    expectTypeOf(secrets.get('x', { as: 'text', schema: apiToken })).toEqualTypeOf<Promise<string>>()
    expectTypeOf(secrets.get('x', { schema: apiToken })).toEqualTypeOf<Promise<string>>()
    expectTypeOf(secrets.get('x', { schema: sshKeyPair })).toEqualTypeOf<Promise<SshKeyPair>>()
    expectTypeOf(secrets.get('x', { schema: rdsCredentials, default: null })).toEqualTypeOf<
      Promise<RdsCredentials | null>
    >()
  })

  test('is a Standard Schema of any input', () => {
    expectTypeOf(rdsCredentials).toExtend<StandardSchemaV1<unknown, RdsCredentials>>()
    expectTypeOf(rdsCredentials).toExtend<StandardJSONSchemaV1<unknown, RdsCredentials>>()
    expectTypeOf<StandardSchemaV1.InferOutput<typeof apiToken>>().toBeString()
  })
})

describe('credentials', () => {
  test('need no assertion where they are sure, and a look where they are not', () => {
    expectTypeOf<RdsCredentials['host']>().toBeString()
    expectTypeOf<RdsCredentials['port']>().toBeNumber()
    expectTypeOf<RdsCredentials['dbname']>().toEqualTypeOf<string | undefined>()
    expectTypeOf<RdsCredentials['engine']>().toExtend<string>()
    expectTypeOf<'an engine to come'>().toExtend<RdsCredentials['engine']>()
    expectTypeOf<DocumentDbCredentials['ssl']>().toBeBoolean()
  })

  test('tell only what is declared, though all is kept', () => {
    expectTypeOf<RdsCredentials>().not.toHaveProperty('added')
  })

  test('cannot be changed', () => {
    const credentials = {} as RdsCredentials
    // @ts-expect-error: what is handed out is shared
    credentials.password = 'x'
  })
})

describe('connectionString', () => {
  test('takes the credentials of databases, and no others', () => {
    expectTypeOf(connectionString({} as RdsCredentials)).toBeString()
    expectTypeOf(connectionString({} as RedshiftCredentials, { dbname: 'dev' })).toBeString()
    expectTypeOf(
      connectionString({} as DocumentDbCredentials, { params: { retryWrites: false } }),
    ).toBeString()
    const basic = {} as BasicCredentials
    expectTypeOf(connectionString({ ...basic, engine: 'postgres', host: 'h' })).toBeString()
    // @ts-expect-error: where to connect to is not known
    connectionString(basic)
    // @ts-expect-error: a cache has no such URL
    connectionString({} as ElastiCacheCredentials)
    // @ts-expect-error: not an option
    connectionString({} as RdsCredentials, { database: 'x' })
  })
})
