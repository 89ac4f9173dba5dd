/** Tests your code on a local AWS, through the real SDK: no mock, no Docker, no account. */

import { defaultClient } from 'aws-secrets-client'
import { type Emulator, startEmulator } from 'aws-secrets-client/emulator'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { authorization } from './mailer.js'

let aws: Emulator

beforeAll(async () => {
  aws = await startEmulator()
  Object.assign(process.env, aws.env)
})
beforeEach(() => {
  aws.reset()
  aws.seed({ secrets: { 'prod/mail': { token: 'abc' } } })
  // The cache would carry values, and the client its address, from one test to the next.
  return defaultClient().close()
})
afterAll(() => aws.close())

test('the token is read once for many mails', async () => {
  await expect(Promise.all([authorization(), authorization()])).resolves.toEqual(['Bearer abc', 'Bearer abc'])
  await expect(authorization()).resolves.toBe('Bearer abc')
  expect(aws.count('GetSecretValue')).toBe(1)
})

test('a role that may not read the token is told what is missing', async () => {
  aws.deny('secretsmanager:GetSecretValue', 'prod/mail')
  await expect(authorization()).rejects.toThrow('mail is not set up for this role')
})
