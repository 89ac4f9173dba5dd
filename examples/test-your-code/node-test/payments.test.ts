/** Tests your code with a real client over values in memory: no AWS, no SDK, no mock. Run by `node --test`. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { ManualClock, createFakeSecrets } from 'aws-secrets-client/testing'
import { Unauthorized, charge } from '../payments.js'

const KEY = 'sk-live-0123456789'

/** A payment service that knows one key. */
const accepting = (accepted: string) => (apiKey: string) =>
  apiKey === accepted ? Promise.resolve('paid') : Promise.reject(new Unauthorized('401'))

void test('the key is read once for many charges', async () => {
  const { secrets, vault } = createFakeSecrets({ 'prod/payments': KEY })
  await Promise.all([charge(secrets, accepting(KEY)), charge(secrets, accepting(KEY))])
  assert.equal(await charge(secrets, accepting(KEY)), 'paid')
  assert.equal(vault.count(), 1)
})

void test('a charge goes on with the new key after a rotation', async () => {
  const { secrets, vault } = createFakeSecrets({ 'prod/payments': KEY })
  await charge(secrets, accepting(KEY))
  vault.rotate('prod/payments', 'sk-live-new')
  assert.equal(await charge(secrets, accepting('sk-live-new')), 'paid')
})

void test('an outage at the first charge is told to the customer, one later is not noticed', async () => {
  const clock = new ManualClock()
  const { secrets, vault } = createFakeSecrets({ 'prod/payments': KEY }, { clock })
  vault.goDown()
  assert.equal(await clock.until(charge(secrets, accepting(KEY))), 'please try again later')
  vault.comeBack()
  await clock.advance(60_000)
  assert.equal(await charge(secrets, accepting(KEY)), 'paid')
  vault.goDown()
  await clock.advance(10 * 60_000)
  assert.equal(await clock.until(charge(secrets, accepting(KEY))), 'paid')
})

void test('a missing permission is an error that names it, and not the key', async () => {
  const { secrets, vault } = createFakeSecrets({ 'prod/payments': KEY })
  vault.deny('prod/payments')
  await assert.rejects(charge(secrets, accepting(KEY)), (error) => {
    assert.match(inspect(error), /ERR_ACCESS_DENIED/)
    assert.ok(!inspect(error).includes(KEY))
    return true
  })
})
