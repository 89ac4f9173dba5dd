/** Loading ahead: everything in as few requests as AWS allows, and an account of what failed. */

import { expect, test } from 'vitest'
import { failureOf, useAws } from '../support/aws.js'

const aws = useAws()

test('makes hits of what is prefetched: 25 secrets and 12 parameters are four requests', async () => {
  const { emulator, secrets, calls } = aws()
  const names = Array.from({ length: 25 }, (_, position) => `app/${position}`)
  const paths = Array.from({ length: 12 }, (_, position) => `/app/${position}`)
  emulator.seed({
    secrets: Object.fromEntries(names.map((name) => [name, 'x'])),
    parameters: Object.fromEntries(paths.map((path) => [path, 'x'])),
  })
  const refs = [...names, ...paths.map((path) => `ssm:${path}`)]
  const { loaded, failed } = await secrets.prefetch(refs)
  expect([...loaded].sort()).toEqual([...refs].sort())
  expect(failed).toEqual([])
  expect(calls()).toBe(4)
  for (const ref of refs) await secrets.get(ref)
  expect(calls()).toBe(0)
  expect(secrets.stats()).toMatchObject({ hits: 37, entries: 37 })
})

test('tells for each reference that failed why; the others are cached', async () => {
  const { emulator, secrets } = aws()
  emulator.seed({ secrets: { 'prod/db': '{"user":"app"}', 'prod/denied': 'x' } })
  emulator.deny('secretsmanager:GetSecretValue', 'prod/denied')
  const { loaded, failed } = await secrets.prefetch([
    'prod/db#user',
    'prod/denied',
    'prod/none',
    'ssm:/none',
    'ssm:no/slash',
  ])
  expect(loaded).toEqual(['prod/db'])
  expect(failed.map(({ code, ref }) => [ref, code])).toEqual([
    ['prod/denied', 'ERR_ACCESS_DENIED'],
    ['prod/none', 'ERR_NOT_FOUND'],
    ['ssm:/none', 'ERR_NOT_FOUND'],
    ['ssm:no/slash', 'ERR_REFERENCE_INVALID'],
  ])
})

test('rejects with all failures, where it is told to', async () => {
  const { emulator, secrets } = aws()
  emulator.seed({ secrets: { 'prod/db': 'x' } })
  const failure = await failureOf(
    secrets.prefetch(['prod/db', 'prod/none', 'ssm:/none'], { throwOnFailure: true }),
  )
  expect(failure).toMatchObject({
    code: 'ERR_LOAD',
    errors: { 'prod/none': { code: 'ERR_NOT_FOUND' }, 'ssm:/none': { code: 'ERR_NOT_FOUND' } },
  })
  await expect(secrets.get('prod/db')).resolves.toBe('x')
})

test('leaves alone what is fresh, and asks once for what is named twice', async () => {
  const { emulator, secrets, calls } = aws()
  emulator.seed({ secrets: { 'prod/a': '{"x":1}', 'prod/b': 'b' } })
  await secrets.get('prod/a')
  calls()
  const { loaded } = await secrets.prefetch(['prod/a', 'prod/b', 'prod/a#x', 'prod/b'])
  expect([...loaded].sort()).toEqual(['prod/a', 'prod/b'])
  expect(calls('GetSecretValue')).toBe(1)
})

test('decodes nothing: what cannot be decoded is loaded', async () => {
  const { emulator, secrets } = aws()
  emulator.seed({ secrets: { 'prod/key': Uint8Array.of(0xff, 0xfe) } })
  await expect(secrets.prefetch(['prod/key', 'prod/key#none'])).resolves.toMatchObject({ failed: [] })
  expect(secrets.stats().decodeFailures).toBe(0)
})

test('in an outage, a value within its window counts as loaded, as a read would be served it', async () => {
  const { emulator, connect, clock } = aws()
  const secrets = connect({ retry: { maxAttempts: 1 } })
  emulator.seed({ secrets: { 'prod/db': 'x' } })
  await secrets.get('prod/db')
  clock.advance(400_000)
  emulator.fail('*', { error: 'InternalServiceError' })
  const { loaded, failed } = await secrets.prefetch(['prod/db', 'prod/other'])
  expect(loaded).toEqual(['prod/db'])
  expect(failed).toMatchObject([{ ref: 'prod/other', code: 'ERR_UNAVAILABLE' }])
})

test("ends with its signal's own reason", async () => {
  const { emulator, secrets, clock, until } = aws()
  emulator.fail('*', { drop: 'never-answer' })
  const controller = new AbortController()
  const prefetch = secrets.prefetch(['prod/a', 'prod/b'], { signal: controller.signal })
  await until(() => emulator.count() === 1)
  controller.abort('enough')
  await expect(prefetch).rejects.toBe('enough')
  await until(() => clock.sleeping === 0)
})
