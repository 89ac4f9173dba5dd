/** Clocks that lie: a frozen process, a wall clock that is stepped, a clock that starts at 0. */

import { expect, test } from 'vitest'
import { useAws } from '../support/aws.js'
import { ManualClock } from '../support/manual-clock.js'

const HOUR = 3_600_000
const BOUND = 300_000 + HOUR
const aws = useAws()

test.each([
  ['frozen for an hour, only the wall clock went on (I48)', { wall: HOUR, mono: 0 }],
  ['the wall clock is set back by an hour, and an hour passes (I46)', { wall: 0, mono: HOUR }],
  ['the wall clock is set forward by an hour (I47)', { wall: HOUR, mono: 1 }],
])('%s: no old value is taken for a fresh one', async (_title, moved) => {
  const { emulator, secrets, clock, calls } = aws()
  emulator.seed({ secrets: { 'prod/db': 'first' } })
  await secrets.get('prod/db')
  emulator.seed({ secrets: { 'prod/db': 'second' } })
  clock.wall += moved.wall
  clock.mono += moved.mono
  calls()
  for (let read = 0; read < 10; read += 1) await expect(secrets.get('prod/db')).resolves.toBe('second')
  expect(calls()).toBe(1)
})

test.each([
  ['frozen past the bound', { wall: BOUND + 1, mono: 0 }],
  ['the wall clock stood still past the bound', { wall: 0, mono: BOUND + 1 }],
])('%s: nothing is served in place of a failure (I3, I48)', async (_title, moved) => {
  const { emulator, secrets, clock, passing } = aws()
  emulator.seed({ secrets: { 'prod/db': 'first' } })
  await secrets.get('prod/db')
  emulator.fail('*', { error: 'InternalServiceError' })
  clock.wall += moved.wall
  clock.mono += moved.mono
  await expect(passing(secrets.get('prod/db'))).rejects.toMatchObject({ code: 'ERR_UNAVAILABLE' })
})

test('a freeze is told as a clock anomaly', async () => {
  const { emulator, clock, observe } = aws()
  const { secrets, told } = observe()
  emulator.seed({ secrets: { 'prod/db': 'first' } })
  await secrets.get('prod/db')
  clock.wall += HOUR
  await secrets.get('prod/db')
  expect(told('clock-anomaly')).toMatchObject([{ skewMs: HOUR }])
  expect(secrets.stats().clockAnomalies).toBe(1)
})

test('a clock that starts at 0 expires what it should (I50)', async () => {
  const { emulator, connect, calls } = aws()
  const clock = new ManualClock(0, 0)
  const secrets = connect({ clock })
  emulator.seed({ secrets: { 'prod/db': 'first' } })
  await secrets.get('prod/db')
  calls()
  clock.advance(270_000)
  await secrets.get('prod/db')
  expect(calls()).toBe(0)
  clock.advance(90_001)
  await secrets.get('prod/db')
  expect(calls()).toBe(1)
})

test('within one tick age is read anew for each read (I49)', async () => {
  const { emulator, secrets, clock, calls } = aws()
  emulator.seed({ secrets: { 'prod/db': 'first' } })
  await secrets.get('prod/db')
  emulator.seed({ secrets: { 'prod/db': 'second' } })
  calls()
  const before = secrets.get('prod/db')
  clock.advance(300_000 + 60_001)
  const after = secrets.get('prod/db')
  await expect(Promise.all([before, after])).resolves.toEqual(['first', 'second'])
  expect(calls()).toBe(1)
})
