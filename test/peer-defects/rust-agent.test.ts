/** Defects of the Rust caching crate and of the agent on top of it, each as a test that fails where it is repeated. */

import { expect, test } from 'vitest'
import { useAws } from '../support/aws.js'

const TTL = 300_000
const WINDOW = 60_000
const BOUND = 3_600_000
const aws = useAws()

const seed = (value: string) => {
  aws().emulator.seed({ secrets: { 'prod/db': value } })
}

test('a stale value is stamped as fresh: its staleness neither shows nor ends', async () => {
  const { emulator, connect, clock } = aws()
  const secrets = connect({ retry: { maxAttempts: 1 } })
  seed('first')
  const { fetchedAt } = await secrets.read('prod/db')
  emulator.fail('*', { error: 'InternalServiceError' })
  const lastAge = 0.9 * TTL + BOUND
  for (let age = TTL + WINDOW + 1; age < lastAge; age += TTL) {
    clock.advance(age === TTL + WINDOW + 1 ? age : TTL)
    await expect(secrets.read('prod/db')).resolves.toMatchObject({ stale: true, fetchedAt })
  }
  clock.advance(2 * TTL)
  await expect(secrets.read('prod/db')).rejects.toMatchObject({ code: 'ERR_UNAVAILABLE' })
})

test('a batch is stored by name only: a read by ARN misses', async () => {
  const { emulator, secrets, calls } = aws()
  emulator.seed({ secrets: { 'prod/db': 'first', other: 'x' } })
  const arn = String(emulator.call('DescribeSecret', { SecretId: 'prod/db' })['ARN'])
  await secrets.prefetch([arn, 'other'])
  calls()
  await expect(secrets.get(arn)).resolves.toBe('first')
  expect(calls()).toBe(0)
})

test('and what was prefetched by name misses by the ARN that the answer had', async () => {
  const { emulator, secrets, calls } = aws()
  emulator.seed({ secrets: { 'prod/db': 'first', other: 'x' } })
  const arn = String(emulator.call('DescribeSecret', { SecretId: 'prod/db' })['ARN'])
  await secrets.prefetch(['prod/db', 'other'])
  calls()
  await expect(secrets.get(arn)).resolves.toBe('first')
  expect(calls()).toBe(0)
})

test('a secret is revalidated by its old ARN: created again, it is not found until it is evicted', async () => {
  const { emulator, secrets, clock } = aws()
  seed('first')
  await secrets.get('prod/db')
  emulator.call('DeleteSecret', { SecretId: 'prod/db', ForceDeleteWithoutRecovery: true })
  seed('second')
  clock.advance(TTL + WINDOW + 1)
  await expect(secrets.get('prod/db')).resolves.toBe('second')
})

test('what leaves first is what was written first: reads are no use', async () => {
  const { emulator, connect, calls } = aws()
  const secrets = connect({ cache: { maxEntries: 2 } })
  emulator.seed({ secrets: { a: 'a', b: 'b', c: 'c' } })
  for (const name of ['a', 'b', 'a', 'c']) await secrets.get(name)
  calls()
  await secrets.get('a')
  expect(calls()).toBe(0)
})

test('a stage that is not named is another entry than AWSCURRENT, and is left behind by a refresh', async () => {
  const { secrets, calls } = aws()
  seed('first')
  await secrets.get('prod/db')
  calls()
  await secrets.get('prod/db:AWSCURRENT')
  expect(calls()).toBe(0)
  seed('second')
  await secrets.refresh('prod/db:AWSCURRENT')
  await expect(secrets.get('prod/db')).resolves.toBe('second')
})

test('a throttle has status 400, and is taken for a refusal', async () => {
  const { emulator, connect, clock } = aws()
  const secrets = connect({ retry: { maxAttempts: 1 } })
  seed('first')
  await secrets.get('prod/db')
  clock.advance(TTL + WINDOW + 1)
  emulator.fail('*', { error: 'ThrottlingException', status: 400 })
  await expect(secrets.read('prod/db')).resolves.toMatchObject({ value: 'first', stale: true })
})

test('a hundred readers of what is missing or expired are a hundred requests', async () => {
  const { secrets, clock, calls } = aws()
  seed('first')
  const crowd = () => Promise.all(Array.from({ length: 100 }, () => secrets.get('prod/db')))
  await crowd()
  expect(calls()).toBe(1)
  clock.advance(TTL + WINDOW + 1)
  await crowd()
  expect(calls()).toBe(1)
})

test('a missing secret is asked for on each read', async () => {
  const { secrets, calls } = aws()
  const crowd = await Promise.allSettled(Array.from({ length: 10 }, () => secrets.get('prod/none')))
  expect(crowd.every(({ status }) => status === 'rejected')).toBe(true)
  await secrets.get('prod/none').catch(() => undefined)
  expect(calls()).toBe(1)
})

test('one secret that fails in the batch is logged, and nobody is told', async () => {
  const { emulator, secrets } = aws()
  emulator.seed({ secrets: { a: 'a', b: 'b' } })
  emulator.deny('kms:Decrypt', 'b')
  await expect(secrets.prefetch(['a', 'b'])).resolves.toMatchObject({
    loaded: ['a'],
    failed: [{ ref: 'b', code: 'ERR_DECRYPT' }],
  })
})
