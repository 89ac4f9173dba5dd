/** Where batches do not work, single reads take over, and it is remembered for a while. */

import { expect, test } from 'vitest'
import { recordWarnings, useAws } from '../support/aws.js'
import { useMany } from '../support/many.js'

const aws = useAws()
const { names, all, outcomes, requests } = useMany(aws)

test('single reads take over, for ten minutes; then it is tried again (I34)', async () => {
  const { emulator, clock, observe } = aws()
  const { secrets, told } = observe()
  const refs = names(3)
  const read = async () => {
    secrets.invalidate()
    await expect(all(refs.secrets, secrets)).resolves.toEqual(refs.secretValues)
    return requests()
  }
  const allow = emulator.deny('secretsmanager:BatchGetSecretValue')
  await expect(read()).resolves.toEqual({ BatchGetSecretValue: 1, GetSecretValue: 3 })
  expect(told('batch')).toMatchObject([{ size: 3, failed: 3, fallback: true }])
  await expect(read()).resolves.toEqual({ GetSecretValue: 3 })
  clock.advance(599_999)
  await expect(read()).resolves.toEqual({ GetSecretValue: 3 })
  clock.advance(1)
  await expect(read()).resolves.toEqual({ BatchGetSecretValue: 1, GetSecretValue: 3 })
  allow()
  clock.advance(600_000)
  await expect(read()).resolves.toEqual({ BatchGetSecretValue: 1 })
})

test('the other service and another client still batch (I34)', async () => {
  const { emulator, connect } = aws()
  const { secrets, parameters } = names(3)
  const allow = emulator.deny('secretsmanager:BatchGetSecretValue')
  await all(secrets)
  allow()
  requests()
  await all(parameters)
  await all(secrets, connect())
  expect(requests()).toEqual({ GetParameters: 1, BatchGetSecretValue: 1 })
})

test('twenty single reads at once are no leak of listeners (I32)', async () => {
  const { emulator } = aws()
  const { secrets, secretValues } = names(20)
  const warned = recordWarnings()
  emulator.deny('secretsmanager:BatchGetSecretValue')
  await expect(all(secrets)).resolves.toEqual(secretValues)
  await new Promise(setImmediate)
  expect(warned).toEqual([])
})

test('what is denied either way is denied, and costs no more than once', async () => {
  const { emulator } = aws()
  const { secrets } = names(3)
  emulator.deny('secretsmanager:*')
  await expect(outcomes(secrets)).resolves.toEqual(Array(3).fill('ERR_ACCESS_DENIED'))
  expect(requests()).toEqual({ BatchGetSecretValue: 1, GetSecretValue: 3 })
  await expect(outcomes(secrets)).resolves.toEqual(Array(3).fill('ERR_ACCESS_DENIED'))
  expect(requests()).toEqual({})
})

test('the detour counts: no secret costs more requests than a lone read (I41)', async () => {
  const { emulator, secrets, passing } = aws()
  emulator.deny('secretsmanager:BatchGetSecretValue')
  emulator.fail('GetSecretValue', { error: 'InternalServiceError' })
  const reads = await passing(Promise.allSettled([secrets.get('a'), secrets.get('b')]))
  for (const read of reads) {
    expect(read).toMatchObject({ reason: { code: 'ERR_UNAVAILABLE', attempts: 3 } })
  }
  expect(requests()).toEqual({ BatchGetSecretValue: 1, GetSecretValue: 4 })
})
