/** Deleted and created again: the same name, another thing. */

import { describe, expect, test } from 'vitest'
import { failureOf, useAws } from '../support/aws.js'

const TTL = 300_000
const WINDOW = 60_000
const aws = useAws()

const deleteSecret = (SecretId: string) =>
  aws().emulator.call('DeleteSecret', { SecretId, ForceDeleteWithoutRecovery: true })

/** A secret that was read under each of its spellings, then deleted and created again. */
async function recreated() {
  const { emulator, observe } = aws()
  const client = observe()
  const { secrets } = client
  emulator.seed({ secrets: { 'prod/db': 'first' } })
  const { arn = '' } = await secrets.read('prod/db')
  const partial = arn.slice(0, -7)
  await secrets.get(partial)
  await secrets.get(arn)
  deleteSecret('prod/db')
  emulator.seed({ secrets: { 'prod/db': 'second' } })
  return { ...client, arn, partial }
}

describe('a secret', () => {
  test('is picked up under its name after its lifetime, with its new ARN (I10)', async () => {
    const { secrets, told, arn } = await recreated()
    aws().clock.advance(TTL + WINDOW + 1)
    const { value, arn: now } = await secrets.read('prod/db')
    expect(value).toBe('second')
    expect(now).not.toBe(arn)
    expect(told('identity-changed')).toMatchObject([{ ref: 'prod/db', what: 'arn', from: arn, to: now }])
  })

  test('is picked up under its partial ARN too (I10)', async () => {
    const { secrets, partial } = await recreated()
    aws().clock.advance(TTL + WINDOW + 1)
    await expect(secrets.get(partial)).resolves.toBe('second')
  })

  test('is picked up in the background within the window (I2)', async () => {
    const { secrets, told } = await recreated()
    const { clock, until } = aws()
    clock.advance(TTL + 1)
    await expect(secrets.read('prod/db')).resolves.toMatchObject({ value: 'first', stale: true })
    await until(() => told('identity-changed').length === 1)
    await expect(secrets.get('prod/db')).resolves.toBe('second')
  })

  test('never under its old ARN, which is gone', async () => {
    const { secrets, arn } = await recreated()
    aws().clock.advance(TTL + WINDOW + 1)
    await secrets.get('prod/db')
    await expect(secrets.get(arn)).rejects.toMatchObject({ code: 'ERR_NOT_FOUND', ref: arn })
    await expect(secrets.get('prod/db')).resolves.toBe('second')
  })

  test('in a batch with others', async () => {
    const { secrets, arn } = await recreated()
    const { emulator, clock } = aws()
    emulator.seed({ secrets: { other: 'x' } })
    clock.advance(TTL + WINDOW + 1)
    const reads = ['prod/db', 'other', arn].map((ref) => secrets.get(ref))
    await expect(Promise.allSettled(reads)).resolves.toMatchObject([
      { value: 'second' },
      { value: 'x' },
      { reason: { code: 'ERR_NOT_FOUND' } },
    ])
  })

  test('that is missing in between is an error, and found when it is there again (I6, I29)', async () => {
    const { emulator, secrets, clock } = aws()
    emulator.seed({ secrets: { 'prod/db': 'first' } })
    await secrets.get('prod/db')
    deleteSecret('prod/db')
    clock.advance(TTL + WINDOW + 1)
    await expect(secrets.get('prod/db')).rejects.toMatchObject({ code: 'ERR_NOT_FOUND' })
    emulator.seed({ secrets: { 'prod/db': 'second' } })
    clock.advance(1_000)
    await expect(secrets.get('prod/db')).resolves.toBe('second')
  })

  test('that is scheduled for deletion and restored is back, with its ARN', async () => {
    const { emulator, secrets, clock } = aws()
    emulator.seed({ secrets: { 'prod/db': 'first' } })
    const { arn } = await secrets.read('prod/db')
    emulator.call('DeleteSecret', { SecretId: 'prod/db' })
    await expect(failureOf(secrets.refresh('prod/db'))).resolves.toMatchObject({ code: 'ERR_NOT_FOUND' })
    emulator.call('RestoreSecret', { SecretId: 'prod/db' })
    clock.advance(TTL + WINDOW + 1)
    await expect(secrets.read('prod/db')).resolves.toMatchObject({ value: 'first', arn, stale: false })
  })
})

describe('a parameter', () => {
  test.each(['ssm:/level', 'ssm:/level:1', 'arn:aws:ssm:eu-west-1:123456789012:parameter/level'])(
    'counts its versions from 1 again, and is not taken for the same: %s',
    async (ref) => {
      const { emulator, secrets, clock } = aws()
      emulator.seed({ parameters: { '/level': '{"level":"info"}' } })
      await expect(secrets.get(ref, { as: 'json' })).resolves.toEqual({ level: 'info' })
      emulator.call('DeleteParameter', { Name: '/level' })
      emulator.seed({ parameters: { '/level': '{"level":"debug"}' } })
      clock.advance(TTL + WINDOW + 1)
      await expect(secrets.get(ref, { as: 'json' })).resolves.toEqual({ level: 'debug' })
      await expect(secrets.read(ref)).resolves.toMatchObject({ version: 1 })
    },
  )

  test('that came to be again with another value has changed, says `refresh`', async () => {
    const { emulator, secrets } = aws()
    emulator.seed({ parameters: { '/level': 'info' } })
    await secrets.get('ssm:/level')
    emulator.call('DeleteParameter', { Name: '/level' })
    emulator.seed({ parameters: { '/level': 'debug' } })
    await expect(secrets.refresh('ssm:/level')).resolves.toEqual({ changed: true, version: 1 })
  })
})
