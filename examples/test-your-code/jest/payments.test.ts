/** Tests your code with a real client over values in memory: no AWS, no SDK, no mock. Run by jest. */

import { inspect } from 'node:util'
import { expect, test } from '@jest/globals'
import { ManualClock, createFakeSecrets } from 'aws-secrets-client/testing'
import { Unauthorized, charge } from '../payments.js'

const KEY = 'sk-live-0123456789'

/** A payment service that knows one key. */
const accepting = (accepted: string) => (apiKey: string) =>
  apiKey === accepted ? Promise.resolve('paid') : Promise.reject(new Unauthorized('401'))

test('the key is read once for many charges', async () => {
  const { secrets, vault } = createFakeSecrets({ 'prod/payments': KEY })
  await Promise.all([charge(secrets, accepting(KEY)), charge(secrets, accepting(KEY))])
  expect(await charge(secrets, accepting(KEY))).toBe('paid')
  expect(vault.count()).toBe(1)
})

test('a charge goes on with the new key after a rotation', async () => {
  const { secrets, vault } = createFakeSecrets({ 'prod/payments': KEY })
  await charge(secrets, accepting(KEY))
  vault.rotate('prod/payments', 'sk-live-new')
  expect(await charge(secrets, accepting('sk-live-new'))).toBe('paid')
})

test('an outage at the first charge is told to the customer, one later is not noticed', async () => {
  const clock = new ManualClock()
  const { secrets, vault } = createFakeSecrets({ 'prod/payments': KEY }, { clock })
  vault.goDown()
  expect(await clock.until(charge(secrets, accepting(KEY)))).toBe('please try again later')
  vault.comeBack()
  await clock.advance(60_000)
  expect(await charge(secrets, accepting(KEY))).toBe('paid')
  vault.goDown()
  await clock.advance(10 * 60_000)
  expect(await clock.until(charge(secrets, accepting(KEY)))).toBe('paid')
})

test('a missing permission is an error that names it, and not the key', async () => {
  const { secrets, vault } = createFakeSecrets({ 'prod/payments': KEY })
  vault.deny('prod/payments')
  const error: unknown = await charge(secrets, accepting(KEY)).catch((reason: unknown) => reason)
  expect(error).toMatchObject({ code: 'ERR_ACCESS_DENIED' })
  expect(inspect(error)).not.toContain(KEY)
})
