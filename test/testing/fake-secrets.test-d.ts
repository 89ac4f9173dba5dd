/** The types of a fake are those of the client. */

import type { SecretsClient } from 'aws-secrets-client'
import { type FakeSecrets, ManualClock, createFakeSecrets } from 'aws-secrets-client/testing'
import type { Clock } from 'aws-secrets-client'
import { expectTypeOf, test } from 'vitest'

interface Db {
  readonly password: string
}

test('it is a client', () => {
  const { secrets } = createFakeSecrets({})
  expectTypeOf(secrets).toEqualTypeOf<SecretsClient>()
  expectTypeOf(secrets.get('prod/db')).toEqualTypeOf<Promise<string>>()
  expectTypeOf(new ManualClock()).toExtend<Clock>()
  expectTypeOf(createFakeSecrets()).toEqualTypeOf<FakeSecrets>()
})

test('a scene takes texts, bytes, arrays and objects of any type', () => {
  const db: Db = { password: 'x' }
  createFakeSecrets({ a: 'x', b: Uint8Array.of(1), c: ['a'], d: db, e: new Map() })
  // @ts-expect-error a number is no value
  createFakeSecrets({ a: 1 })
  // @ts-expect-error the vault is the source
  createFakeSecrets({}, { sources: [] })
  // @ts-expect-error there is no region
  createFakeSecrets({}, { region: 'eu-west-1' })
})

test('failures are codes or names, operations are known', () => {
  const { vault } = createFakeSecrets({})
  vault.fail('*', 'ERR_THROTTLED')
  vault.fail('*', 'InternalServiceError', { times: 1 })
  // @ts-expect-error no such operation
  vault.count('PutSecretValue')
  // @ts-expect-error a number is no failure
  vault.fail('*', 429)
})
