/** Properties of lru-cache 11 that would be defects of a cache of secrets, each as a test that fails where they show. */

import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { expect, onTestFinished, test } from 'vitest'
import { useAws } from '../support/aws.js'
import { ManualClock } from '../support/manual-clock.js'
import { NEEDLE, expectNoNeedle } from '../support/needle.js'

const TTL = 300_000
const BOUND = 3_600_000
const aws = useAws()

const CHANNELS = [
  'lru-cache:metrics',
  ...['start', 'end', 'asyncStart', 'asyncEnd', 'error'].map((phase) => `tracing:lru-cache:fetch:${phase}`),
]

test('what is cached is published on diagnostics_channel (I51)', async () => {
  const { emulator, connect } = aws()
  const heard: unknown[] = []
  const hear = (message: unknown) => heard.push(message)
  for (const name of CHANNELS) {
    subscribe(name, hear)
    onTestFinished(() => void unsubscribe(name, hear))
  }
  const secrets = connect({ cache: { maxEntries: 1 } })
  emulator.seed({ secrets: { a: NEEDLE, b: `{"password":"${NEEDLE}"}` } })
  for (const ref of ['a', 'a', 'b#password', 'a']) await secrets.get(ref)
  secrets.invalidate('a')
  expect(heard.length).toBeGreaterThan(0)
  expectNoNeedle(heard, NEEDLE)
})

test('time stands still within a tick: what expires in it is served on (I49)', async () => {
  const { emulator, secrets, clock } = aws()
  emulator.seed({ secrets: { 'prod/db': 'first' } })
  await secrets.get('prod/db')
  emulator.seed({ secrets: { 'prod/db': 'second' } })
  void secrets.get('prod/db')
  clock.advance(TTL + 60_001)
  await expect(secrets.get('prod/db')).resolves.toBe('second')
})

test('an entry that is stored at the time 0 never expires (I50)', async () => {
  const { emulator, connect } = aws()
  const clock = new ManualClock(0, 0)
  const secrets = connect({ clock })
  emulator.seed({ secrets: { 'prod/db': 'first' } })
  await secrets.get('prod/db')
  emulator.seed({ secrets: { 'prod/db': 'second' } })
  clock.advance(TTL + 60_001)
  await expect(secrets.get('prod/db')).resolves.toBe('second')
})

test('the abort of the first caller rejects everybody who waits (I17)', async () => {
  const { emulator, secrets, clock, passing, until } = aws()
  emulator.seed({ secrets: { 'prod/db': 'first' } })
  emulator.fail('*', { drop: 'never-answer' }, { times: 1 })
  const controller = new AbortController()
  const first = secrets.get('prod/db', { signal: controller.signal })
  const others = [secrets.get('prod/db'), secrets.get('prod/db')]
  await until(() => emulator.count() === 1)
  controller.abort('enough')
  await expect(first).rejects.toBe('enough')
  clock.advance(2_000)
  await expect(passing(Promise.all(others))).resolves.toEqual(['first', 'first'])
})

test('the abort of a later caller is ignored: it waits for the whole flight (I17)', async () => {
  const { emulator, secrets, clock, passing, until } = aws()
  emulator.seed({ secrets: { 'prod/db': 'first' } })
  emulator.fail('*', { drop: 'never-answer' }, { times: 1 })
  const first = secrets.get('prod/db')
  const controller = new AbortController()
  const later = secrets.get('prod/db', { signal: controller.signal })
  await until(() => emulator.count() === 1)
  const now = clock.monotonic()
  controller.abort('enough')
  await expect(later).rejects.toBe('enough')
  expect(clock.monotonic()).toBe(now)
  clock.advance(2_000)
  await expect(passing(first)).resolves.toBe('first')
})

test('stale where a fetch is rejected has no bound (I3)', async () => {
  const { emulator, connect, clock } = aws()
  const secrets = connect({ retry: { maxAttempts: 1 } })
  emulator.seed({ secrets: { 'prod/db': 'first' } })
  await secrets.get('prod/db')
  emulator.fail('*', { error: 'InternalServiceError' })
  clock.advance(30 * 24 * BOUND)
  await expect(secrets.get('prod/db')).rejects.toMatchObject({ code: 'ERR_UNAVAILABLE' })
})

test('an oversize value is not stored, and the old one stays to be served (I60)', async () => {
  const { emulator, connect } = aws()
  const secrets = connect({ cache: { maxBytes: 100 } })
  emulator.seed({ secrets: { 'prod/db': 'first', other: 'x' } })
  await secrets.get('prod/db')
  await secrets.get('other')
  emulator.seed({ secrets: { 'prod/db': 'y'.repeat(101) } })
  await secrets.refresh('prod/db')
  await expect(secrets.get('prod/db')).resolves.toBe('y'.repeat(101))
  expect(secrets.stats()).toMatchObject({ entries: 1, evictions: 0 })
})
