/** Rate limits: what is over them waits its turn and is read all the same. */

import { describe, expect, test, vi } from 'vitest'
import { outcomeOf, recordWarnings, useAws } from '../support/aws.js'

// Hundreds of requests over HTTP.
vi.setConfig({ testTimeout: 30_000 })

const aws = useAws({ sharesClock: true })

function parameters(count: number): string[] {
  const { emulator } = aws()
  const names = Array.from({ length: count }, (_, position) => `/app/${position}`)
  emulator.seed({ parameters: Object.fromEntries(names.map((name) => [name, 'value'])) })
  return names.map((name) => `ssm:${name}`)
}

describe('all are read', () => {
  test('300 parameters at 40 requests a second and a burst of 40', async () => {
    const refs = parameters(300)
    const { emulator, secrets, passing } = aws()
    emulator.setThrottle({ ratePerSecond: 40, burst: 40 })
    await expect(passing(Promise.all(refs.map((ref) => secrets.get(ref))))).resolves.toHaveLength(300)
  })

  test('300 parameters by each of three processes that start together (I45)', async () => {
    const refs = parameters(300)
    const { emulator, connect, passing } = aws()
    emulator.setThrottle({ ratePerSecond: 40, burst: 40 })
    const processes = [connect(), connect(), connect()]
    const reads = processes.flatMap((secrets) => refs.map((ref) => secrets.get(ref)))
    await expect(passing(Promise.all(reads))).resolves.toHaveLength(900)
    // 90 batches are the least.
    expect(emulator.count()).toBeLessThan(4 * 90)
  })
})

describe('the governor', () => {
  test('halves what is under way when it is throttled, and has forgotten it after a minute', async () => {
    const refs = parameters(60)
    const { emulator, clock, observe, passing } = aws()
    const { secrets, told } = observe({ batch: { enabled: false } })
    const readAll = () =>
      passing(Promise.all(refs.map((ref) => outcomeOf(secrets.get(ref, { fresh: true })))))
    emulator.setThrottle({ ratePerSecond: 40, burst: 20 })
    await readAll()
    const [first] = told('throttle')
    expect(first).toMatchObject({ service: 'ssm', batchSize: 1 })
    expect(first?.concurrency).toBeLessThanOrEqual(25)
    expect(secrets.stats().throttles).toBe(told('throttle').length)
    emulator.setThrottle(undefined)
    clock.advance(60_000)
    const throttles = told('throttle').length
    await expect(readAll()).resolves.toEqual(refs.map(() => 'value'))
    expect(told('throttle')).toHaveLength(throttles)
  })

  test('lets nothing wait where nothing was throttled: 50 requests go out at once', async () => {
    const refs = parameters(50)
    const { emulator, connect, until, clock } = aws()
    const secrets = connect({ batch: { enabled: false } })
    const warned = recordWarnings()
    emulator.setLatency(1_000)
    const reads = Promise.all(refs.map((ref) => secrets.get(ref)))
    await until(() => emulator.count() === 50)
    clock.advance(1_000)
    await expect(reads).resolves.toHaveLength(50)
    expect(warned).toEqual([])
  })

  test('keeps batches apart from single reads: a throttled batch delays none (I40)', async () => {
    const { emulator, clock, observe, passing, until } = aws()
    const { secrets, told } = observe()
    const names = Array.from({ length: 10 }, (_, position) => `app/${position}`)
    for (const value of ['old', 'new']) {
      emulator.seed({ secrets: Object.fromEntries(names.map((name) => [name, value])) })
    }
    emulator.fail('BatchGetSecretValue', { error: 'ThrottlingException' }, { times: 3 })
    emulator.setLatency({ GetSecretValue: 1 })
    const batch = Promise.all(names.map((name) => secrets.get(name)))
    await until(() => told('retry').length === 1)
    const singles = Promise.all(names.map((name) => secrets.get(`${name}:AWSPREVIOUS`)))
    await until(() => emulator.count('GetSecretValue') === 10)
    clock.advance(1)
    await expect(singles).resolves.toEqual(names.map(() => 'old'))
    await expect(passing(batch)).resolves.toEqual(names.map(() => 'new'))
    expect(emulator.count('BatchGetSecretValue')).toBe(4)
  })
})

test('a throttle that lasts is an error when time is up, with the way out', async () => {
  const refs = parameters(2)
  const { emulator, secrets, passing } = aws()
  emulator.fail('*', { error: 'ThrottlingException' })
  const came = await passing(Promise.allSettled(refs.map((ref) => secrets.get(ref))))
  for (const result of came) {
    expect(result).toMatchObject({
      status: 'rejected',
      reason: { code: 'ERR_THROTTLED', retryable: true, hint: expect.stringMatching(/./) as string },
    })
  }
})
