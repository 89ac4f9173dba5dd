import { afterEach, expect, test } from 'vitest'
import { defaultClient, getSecret } from '../../src/index.js'

afterEach(() => defaultClient().close())

test('the default client is made once and made anew after it was closed', async () => {
  const first = defaultClient()
  expect(defaultClient()).toBe(first)
  await first.close()
  expect(defaultClient()).not.toBe(first)
})

test('getSecret reads through it', async () => {
  const failure = getSecret('no such name', { default: 'x' }).catch((error: unknown) => error)
  await expect(failure).resolves.toMatchObject({ code: 'ERR_REFERENCE_INVALID' })
  expect(defaultClient().stats().requests).toBe(0)
})
