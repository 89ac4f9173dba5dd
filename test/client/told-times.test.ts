/** What times errors and events tell: whole milliseconds, of what was configured or is left of a wait. */

import { describe, expect, test } from 'vitest'
import type { SleepOptions } from '../../src/clock.js'
import { SecretsClient, SecretsError, type SecretsEvent } from '../../src/index.js'
import { withDeadline } from '../../src/retry/deadline.js'
import { failureOf } from '../support/aws.js'
import { FakeSource, textSecret } from '../support/fake-source.js'
import { ManualClock, pass, whileTimePasses } from '../support/manual-clock.js'

const never = (): Promise<never> => new Promise(() => undefined)

describe('a throttle that is remembered', () => {
  test('tells what is left of the wait that the service asked for', async () => {
    const clock = new ManualClock()
    const source = new FakeSource(() =>
      Promise.reject(new SecretsError('ERR_THROTTLED', { what: 'slower', retryAfterMs: 5_000 })),
    )
    const secrets = new SecretsClient({ clock, sources: [source], retry: { maxAttempts: 1 } })
    await expect(secrets.get('a')).rejects.toMatchObject({ code: 'ERR_THROTTLED', retryAfterMs: 5_000 })
    for (const [passedMs, leftMs] of [
      [0, 5_000],
      [1_999.5, 3_001],
      [3_000, 1],
    ] as const) {
      clock.advance(passedMs)
      const remembered = { code: 'ERR_THROTTLED', attempts: 0, retryAfterMs: leftMs }
      await expect(secrets.get('a')).rejects.toMatchObject(remembered)
    }
    expect(source.asked).toHaveLength(1)
  })

  test('tells of no wait where the service asked for none', async () => {
    const source = new FakeSource(() =>
      Promise.reject(Object.assign(new Error('no'), { name: 'ThrottlingException' })),
    )
    const retry = { maxAttempts: 1 }
    const secrets = new SecretsClient({ clock: new ManualClock(), sources: [source], retry })
    await expect(secrets.get('a')).rejects.toMatchObject({ attempts: 1 })
    const remembered = await failureOf(secrets.get('a'))
    expect(remembered).toMatchObject({ code: 'ERR_THROTTLED', attempts: 0 })
    expect(Object.keys(Object(remembered) as object)).not.toContain('retryAfterMs')
  })
})

describe('a timeout', () => {
  /** Its timer for the deadline of a whole load is late, so that what ends the last attempt is its own. */
  class LateClock extends ManualClock {
    override sleep(ms: number, options: SleepOptions = {}): Promise<void> {
      return super.sleep(ms === 5_000 ? ms + 20 : ms, options)
    }
  }

  test.each([
    ['an attempt that had its time', 1, 2_000],
    ['an attempt that was cut short by the deadline', 3, 5_000],
  ])('of %s names what was configured', async (_title, maxAttempts, toldMs) => {
    const clock = new LateClock(1_800_000_000_000, 0.123)
    const secrets = new SecretsClient({ clock, sources: [new FakeSource(never)], retry: { maxAttempts } })
    await expect(whileTimePasses(clock, secrets.get('a'), 10)).rejects.toMatchObject({
      code: 'ERR_TIMEOUT',
      attempts: maxAttempts,
      message: expect.stringContaining(`no answer within ${toldMs} ms`) as string,
    })
  })

  test('names whole milliseconds', async () => {
    const clock = new ManualClock()
    const { signal } = new AbortController()
    const work = withDeadline({ clock, timeoutMs: 870.3, signal, ref: 'a' }, never)
    clock.advance(871)
    await expect(work).rejects.toThrow('no answer within 870 ms')
  })
})

test('every *Ms of an event is an integer, whatever fractions the clock knows', async () => {
  const clock = new ManualClock(1_800_000_000_000, 0.3)
  const source = new FakeSource(textSecret('s'))
  const events: SecretsEvent[] = []
  const secrets = new SecretsClient({ clock, sources: [source], onEvent: (event) => events.push(event) })
  await secrets.get('a')
  clock.wall += 400_000.7
  await pass(clock, 10.37, 10.37)
  source.answer(() => Promise.reject(Object.assign(new Error('no'), { name: 'ThrottlingException' })))
  await whileTimePasses(clock, failureOf(secrets.get('a', { fresh: true })), 7.3)
  await secrets.get('a')
  source.answer(textSecret('s'))
  await secrets.refresh('a')
  const durations = events.flatMap((event) =>
    Object.entries(event).filter(([member]) => member.endsWith('Ms')),
  )
  const members = new Set(durations.map(([member]) => member))
  expect(members).toEqual(new Set(['durationMs', 'skewMs', 'delayMs', 'ageMs']))
  expect(durations.filter(([, ms]) => !Number.isInteger(ms))).toEqual([])
})
