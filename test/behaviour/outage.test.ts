/** One secret that cannot be had tells about the others of its service and region. */

import { describe, expect, test } from 'vitest'
import { SecretsClient } from '../../src/index.js'
import { useAws } from '../support/aws.js'
import { FakeSource, textSecret } from '../support/fake-source.js'
import { ManualClock } from '../support/manual-clock.js'

const TTL = 300_000
const WINDOW = 60_000
const ATTEMPT = 2_000
const HOUR = 3_600_000
const aws = useAws()

/** Two secrets and a parameter past their windows, at services that no longer answer; one read has timed out. */
async function outage() {
  const { emulator, clock, observe, until } = aws()
  const observed = observe({ retry: { maxAttempts: 1 } })
  const { secrets } = observed
  emulator.seed({ secrets: { 'prod/db': 'db', 'prod/api': 'api' }, parameters: { '/level': 'info' } })
  for (const ref of ['prod/db', 'prod/api', 'ssm:/level']) await secrets.get(ref)
  clock.advance(TTL + WINDOW + 1)
  emulator.clearRequests()
  const mend = emulator.fail('*', { drop: 'never-answer' })
  /** A read that is under way at the service, and then out of time. */
  const timedOut = async <T>(read: Promise<T>): Promise<T> => {
    const before = emulator.count()
    await until(() => emulator.count() > before)
    clock.advance(ATTEMPT)
    return read
  }
  await expect(timedOut(secrets.read('prod/db'))).resolves.toMatchObject({ value: 'db', stale: true })
  return { ...observed, emulator, clock, until, mend, timedOut }
}

test('another secret is answered at once with its last good value, and asked for in the background', async () => {
  const { secrets, told, emulator, until } = await outage()
  await expect(secrets.read('prod/api')).resolves.toMatchObject({ value: 'api', stale: true })
  expect(told('stale')).toMatchObject([
    { ref: 'prod/db', reason: 'error', code: 'ERR_TIMEOUT' },
    { ref: 'prod/api', reason: 'error', code: 'ERR_TIMEOUT' },
  ])
  await until(() => emulator.count() === 2)
  expect(secrets.stats()).toMatchObject({ stale: 2, staleOnError: 2 })
})

test('a parameter is waited for: it is at another service', async () => {
  const { secrets, told, timedOut } = await outage()
  const read = secrets.read('ssm:/level')
  expect(told('stale')).toHaveLength(1)
  await expect(timedOut(read)).resolves.toMatchObject({ value: 'info', stale: true })
})

test('an answer ends it: the next secret is waited for, and new', async () => {
  const { secrets, told, emulator, mend } = await outage()
  mend()
  emulator.seed({ secrets: { 'prod/api': 'new api' } })
  await secrets.refresh('prod/db')
  await expect(secrets.read('prod/api')).resolves.toMatchObject({ value: 'new api', stale: false })
  expect(told('stale')).toHaveLength(1)
})

describe('whoever insists waits, and fails:', () => {
  const late = { code: 'ERR_TIMEOUT', attempts: 1 }

  test('a `fresh` read', async () => {
    const { secrets, timedOut } = await outage()
    await expect(timedOut(secrets.get('prod/api', { fresh: true }))).rejects.toMatchObject(late)
  })

  test('a refresh', async () => {
    const { secrets, timedOut } = await outage()
    await expect(timedOut(secrets.refresh('prod/api'))).rejects.toMatchObject(late)
  })

  test('a reader of what is past stale-if-error', async () => {
    const { secrets, clock, timedOut } = await outage()
    clock.advance(HOUR)
    await expect(timedOut(secrets.get('prod/db'))).rejects.toMatchObject(late)
    await expect(timedOut(secrets.get('prod/api'))).rejects.toMatchObject(late)
  })
})

test('a secret of another region is waited for', async () => {
  const clock = new ManualClock()
  const source = new FakeSource(textSecret('old'))
  const secrets = new SecretsClient({ clock, sources: [source], retry: { maxAttempts: 1 } })
  const arnOf = (region: string, name: string) =>
    `arn:aws:secretsmanager:${region}:123456789012:secret:${name}-AbCdEf`
  const near = [arnOf('eu-west-1', 'a'), arnOf('eu-west-1', 'b')] as const
  const far = arnOf('us-east-1', 'c')
  source.answer({ text: 'old' })
  for (const ref of [...near, far]) await secrets.get(ref)
  clock.advance(TTL + WINDOW + 1)
  source.answer(() => new Promise(() => undefined))
  const first = secrets.read(near[0])
  await new Promise(setImmediate)
  clock.advance(ATTEMPT)
  await expect(first).resolves.toMatchObject({ stale: true })
  await expect(secrets.read(near[1])).resolves.toMatchObject({ stale: true })
  const state = { isSettled: false }
  const read = secrets.read(far).finally(() => {
    state.isSettled = true
  })
  await new Promise(setImmediate)
  expect(state.isSettled).toBe(false)
  clock.advance(ATTEMPT)
  await expect(read).resolves.toMatchObject({ stale: true })
})
