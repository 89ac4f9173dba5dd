import type { StandardJSONSchemaV1, StandardSchemaV1 } from '@standard-schema/spec'
import { describe, expect, test } from 'vitest'
import { apiToken } from '../../../src/decode/ready-made/api-token.js'
import {
  basicCredentials,
  documentDbCredentials,
  elastiCacheCredentials,
  rdsCredentials,
  redshiftCredentials,
} from '../../../src/decode/ready-made/credentials.js'
import { readyMadeAs } from '../../../src/decode/ready-made/schema.js'
import { sshKeyPair } from '../../../src/decode/ready-made/ssh-key-pair.js'
import { type JsonSchema, compileJsonSchema } from '../../../src/decode/json-schema/json-schema.js'
import { isStandardSchema } from '../../../src/decode/standard-schema/standard-schema.js'
import { answerOf } from './checking.js'

const USER = { username: 'app', password: 'EXAMPLE-PASSWORD' }
const KEY = '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n'

type ReadyMade = StandardSchemaV1 & StandardJSONSchemaV1

const SCHEMAS: [string, ReadyMade, 'json' | 'text', unknown][] = [
  ['basicCredentials', basicCredentials, 'json', USER],
  [
    'rdsCredentials',
    rdsCredentials,
    'json',
    { engine: 'mysql', host: 'h', ...USER, port: '3306', dbname: null },
  ],
  ['redshiftCredentials', redshiftCredentials, 'json', { engine: 'redshift', host: 'h', ...USER, more: [1] }],
  [
    'documentDbCredentials',
    documentDbCredentials,
    'json',
    { engine: 'mongo', host: 'h', ...USER, ssl: 'true' },
  ],
  ['elastiCacheCredentials', elastiCacheCredentials, 'json', { ...USER, user_arn: 'arn:aws:x' }],
  ['apiToken', apiToken, 'text', { API_KEY: 'abc' }],
  ['sshKeyPair', sshKeyPair, 'text', { privateKey: KEY }],
]

const target = 'draft-2020-12'

describe.each(SCHEMAS)('%s', (_name, schema, as, stored) => {
  test('is a Standard Schema that cannot be changed', () => {
    expect(isStandardSchema(schema)).toBe(true)
    expect(readyMadeAs(schema)).toBe(as)
    const { version, vendor, jsonSchema } = schema['~standard']
    expect([version, vendor]).toEqual([1, 'aws-secrets-client'])
    expect([schema, schema['~standard'], jsonSchema].every((part) => Object.isFrozen(part))).toBe(true)
  })

  test('describes what it accepts and what it gives as JSON Schemas', async () => {
    const { jsonSchema } = schema['~standard']
    const [accepts, gives] = await Promise.all([
      compileJsonSchema(jsonSchema.input({ target }) as JsonSchema),
      compileJsonSchema(jsonSchema.output({ target }) as JsonSchema),
    ])
    expect(accepts(stored)).toEqual([])
    expect(gives(await answerOf(schema, stored))).toEqual([])
    for (const other of [1, null, [], '']) {
      expect(accepts(other)).not.toEqual([])
      expect(gives(other)).not.toEqual([])
    }
  })

  test('gives its JSON Schema in each dialect, a copy every time', () => {
    const { input, output } = schema['~standard'].jsonSchema
    expect(input({ target })).toMatchObject({ $schema: 'https://json-schema.org/draft/2020-12/schema' })
    expect(output({ target: 'draft-07' })).toMatchObject({
      $schema: 'http://json-schema.org/draft-07/schema#',
    })
    expect(input({ target: 'openapi-3.0' })).not.toHaveProperty('$schema')
    Object.assign(input({ target }), { type: 'spoilt' })
    expect(input({ target })).not.toMatchObject({ type: 'spoilt' })
    expect(() => input({ target: 'draft-04' })).toThrow(
      new TypeError('target: expected one of draft-2020-12, draft-07, openapi-3.0'),
    )
  })
})

describe('readyMadeAs', () => {
  test.each<[string, object]>([
    ['a JSON Schema', { type: 'object' }],
    ['another Standard Schema', { '~standard': basicCredentials['~standard'] }],
    ['one that only inherits', Object.create(basicCredentials) as object],
    ['a brand that is not ours', { [Symbol.for('aws-secrets-client.ReadyMadeSchema')]: 'bytes' }],
  ])('of %s is undefined', (_title, schema) => {
    expect(readyMadeAs(schema)).toBeUndefined()
  })
})
