import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { SecretsEvent } from '../../src/observe/events.js'
import { CHANNEL_NAME } from '../../src/observe/teller.js'
import { ManualClock } from '../support/manual-clock.js'
import { NEEDLE, expectNoNeedle } from '../support/needle.js'
import { ARN, AT, UPTIME_MS, ago, NEW_ARN, REPORTS, observerWith, onChannel, redactor } from './observing.js'

describe('an event', () => {
  test.each(REPORTS)('%s is told to onEvent and on the channel, as one object', (_title, report, event) => {
    const [onEvent, onMessage] = [vi.fn(), vi.fn()]
    onChannel(onMessage)
    report(observerWith({ onEvent }))
    expect(onEvent.mock.calls).toStrictEqual([[event]])
    expect(onMessage.mock.calls).toStrictEqual([[event, CHANNEL_NAME]])
    expect(onMessage.mock.calls[0]?.[0]).toBe(onEvent.mock.calls[0]?.[0])
  })

  test.each(REPORTS)('%s is frozen and survives JSON', (_title, report, event) => {
    const told: SecretsEvent[] = []
    report(observerWith({ onEvent: (each) => told.push(each) }))
    expect(told.every(Object.isFrozen)).toBe(true)
    expect(JSON.parse(JSON.stringify(told))).toStrictEqual([event])
  })

  test.each(REPORTS)('%s shows references and ARNs as they are redacted', (_title, report, event) => {
    const onEvent = vi.fn()
    report(observerWith({ onEvent, redact: redactor() }))
    const shown = ['ref', 'from', 'to'].flatMap((name) => {
      const plain: unknown = Reflect.get(event, name)
      return typeof plain === 'string' ? [[name, `<${plain}>`] as const] : []
    })
    expect(onEvent.mock.calls).toStrictEqual([[{ ...event, ...Object.fromEntries(shown) }]])
  })

  test('is dated when it happens', () => {
    const clock = new ManualClock(AT, UPTIME_MS)
    const dates: number[] = []
    const observer = observerWith({ clock, onEvent: ({ at }) => dates.push(at) })
    observer.hit('a')
    clock.advance(250)
    observer.hit('a')
    expect(dates).toEqual([AT, AT + 250])
  })

  test.each([
    ['forwards', 3_600_000, 3_600_050],
    ['backwards', -3_600_000, 50],
  ])('tells how long a load took, also when the wall clock is moved %s', (_title, stepMs, ageMs) => {
    const clock = new ManualClock(AT, UPTIME_MS)
    const onEvent = vi.fn()
    const observer = observerWith({ clock, onEvent })
    clock.advance(50)
    clock.wall += stepMs
    observer.refresh('a', { trigger: 'read', begun: ago(0), ok: false, code: 'ERR_TIMEOUT' })
    observer.stale('a', 'error', ago(0))
    expect(onEvent.mock.calls).toMatchObject([[{ durationMs: 50 }], [{ ageMs }]])
  })

  test('I51: has no member that it was not asked to have', () => {
    const told: SecretsEvent[] = []
    onChannel((event) => told.push(event as SecretsEvent))
    const observer = observerWith({ onEvent: (event) => told.push(event) })
    const extra = { text: NEEDLE, message: NEEDLE, type: NEEDLE, at: NEEDLE, ref: NEEDLE }
    const service = 'ssm'
    observer.refresh('a', { ...extra, trigger: 'read', begun: ago(1), ok: true, changed: true })
    observer.refresh('a', { ...extra, trigger: 'read', begun: ago(1), ok: false, code: 'ERR_DECODE' })
    observer.retry({ ...extra, service, batchSize: 1, attempt: 1, delayMs: 1, code: 'ERR_TIMEOUT' })
    observer.throttle({ ...extra, service, batchSize: 1, concurrency: 1 })
    observer.batch({ ...extra, service, size: 2, failed: 0, fallback: true })
    expect(told).toHaveLength(10)
    expectNoNeedle([told, observer, observer.counts()], NEEDLE)
  })
})

describe('without a listener', () => {
  test.each(REPORTS)('%s costs neither a date nor a redaction', (_title, report) => {
    const clock = new ManualClock(AT, UPTIME_MS)
    const redact = redactor()
    const spies = [vi.spyOn(clock, 'now'), vi.spyOn(clock, 'monotonic'), redact]
    const observer = observerWith({ clock, redact })
    const freeze = vi.spyOn(Object, 'freeze')
    onTestFinished(() => {
      freeze.mockRestore()
    })
    report(observer)
    expect(freeze).not.toHaveBeenCalled()
    for (const spy of spies) expect(spy).not.toHaveBeenCalled()
  })

  test('nothing is told on the channel after its last subscriber has left', () => {
    const onMessage = vi.fn()
    const redact = redactor()
    const observer = observerWith({ redact })
    const { stop } = onChannel(onMessage)
    observer.hit('a')
    stop()
    observer.hit('b')
    expect(onMessage.mock.calls).toStrictEqual([[{ type: 'hit', at: AT, ref: '<a>' }, CHANNEL_NAME]])
    expect(redact).toHaveBeenCalledOnce()
    expect(observer.counts().hits).toBe(2)
  })

  test('a subscriber that comes later hears what happens from then on', () => {
    const onMessage = vi.fn()
    const observer = observerWith()
    observer.hit('a')
    onChannel(onMessage)
    observer.hit('b')
    expect(onMessage.mock.calls).toStrictEqual([[{ type: 'hit', at: AT, ref: 'b' }, CHANNEL_NAME]])
  })
})

describe('a listener', () => {
  const broken = new Error('listener')

  test.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw broken
      },
    ],
    ['rejects', () => Promise.reject(broken)],
    [
      'returns a thenable that rejects',
      () => ({
        then: (_resolve: unknown, reject: (reason: unknown) => void) => {
          reject(broken)
        },
      }),
    ],
    [
      'returns a thenable that throws',
      () => ({
        then: () => {
          throw broken
        },
      }),
    ],
    [
      'returns what throws when it is looked at',
      () => ({
        get then() {
          throw broken
        },
      }),
    ],
    [
      'returns a function that is a thenable and rejects',
      () =>
        Object.assign(() => undefined, {
          then: (_resolve: unknown, reject: (reason: unknown) => void) => {
            reject(broken)
          },
        }),
    ],
  ])('that %s is counted and changes nothing', async (_title, onEvent) => {
    const [unhandled, onMessage] = [vi.fn(), vi.fn()]
    process.on('unhandledRejection', unhandled)
    onTestFinished(() => void process.off('unhandledRejection', unhandled))
    onChannel(onMessage)
    const observer = observerWith({ onEvent })
    observer.hit('a')
    observer.hit('a')
    await new Promise(setImmediate)
    expect(unhandled).not.toHaveBeenCalled()
    expect(onMessage).toHaveBeenCalledTimes(2)
    expect(observer.counts()).toMatchObject({ hits: 2, listenerFailures: 2 })
  })

  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['a value', null],
    ['a promise', Promise.resolve(1)],
  ])('that returns %s has not failed', async (_title, result) => {
    const observer = observerWith({ onEvent: () => result })
    observer.hit('a')
    await new Promise(setImmediate)
    expect(observer.counts().listenerFailures).toBe(0)
  })

  test('is called without the observer as `this`', () => {
    const seen: unknown[] = []
    const onEvent = function (this: unknown) {
      seen.push(this)
    }
    observerWith({ onEvent }).hit('a')
    expect(seen).toEqual([undefined])
  })

  test('is not told what it causes itself, which is counted', () => {
    const told: unknown[] = []
    const observer = observerWith({
      onEvent: (event) => {
        told.push(event)
        observer.hit('by the listener')
        throw broken
      },
    })
    observer.hit('a')
    observer.evict('b')
    expect(told).toMatchObject([{ ref: 'a' }, { ref: 'b' }])
    expect(observer.counts()).toMatchObject({ hits: 3, evictions: 1, listenerFailures: 2 })
  })

  test('is told what it causes later', async () => {
    const told: string[] = []
    const observer = observerWith({
      onEvent: async ({ type }) => {
        told.push(type)
        await Promise.resolve()
        if (type === 'hit') observer.evict('a')
      },
    })
    observer.hit('a')
    await new Promise(setImmediate)
    expect(told).toEqual(['hit', 'evict'])
  })

  test('on the channel is not told what it causes itself, through two clients either', () => {
    const told: unknown[] = []
    const [first, second] = [observerWith(), observerWith()]
    onChannel((event) => {
      told.push(event)
      first.hit('first')
      second.hit('second')
    })
    first.hit('a')
    expect(told).toMatchObject([{ ref: 'a' }, { ref: 'second' }])
    expect([first.counts().hits, second.counts().hits]).toEqual([3, 2])
  })

  test('a redactor that reads is not redacted in turn', () => {
    const onEvent = vi.fn()
    const redact = vi.fn((ref: string) => {
      observer.hit(`by the redactor of ${ref}`)
      return 'redacted'
    })
    const observer = observerWith({ onEvent, redact })
    observer.hit('a')
    expect(redact).toHaveBeenCalledOnce()
    expect(onEvent.mock.calls).toStrictEqual([[{ type: 'hit', at: AT, ref: 'redacted' }]])
    expect(observer.counts().hits).toBe(2)
  })

  test('on the channel that throws is a matter of the process and not of the client', async () => {
    const [uncaught, onMessage] = [vi.fn(), vi.fn()]
    process.setUncaughtExceptionCaptureCallback(uncaught)
    onTestFinished(() => {
      process.setUncaughtExceptionCaptureCallback(null)
    })
    onChannel(() => {
      throw broken
    })
    onChannel(onMessage)
    const observer = observerWith()
    observer.hit('a')
    await new Promise(setImmediate)
    expect(uncaught.mock.calls).toEqual([[broken]])
    expect(onMessage).toHaveBeenCalledOnce()
    expect(observer.counts()).toMatchObject({ hits: 1, listenerFailures: 0 })
  })
})

describe('counts', () => {
  const ZERO = {
    hits: 0,
    misses: 0,
    stale: 0,
    staleOnError: 0,
    refreshes: 0,
    failures: 0,
    retries: 0,
    throttles: 0,
    batches: 0,
    evictions: 0,
    clockAnomalies: 0,
    identityChanges: 0,
    decodeFailures: 0,
    rejections: 0,
    recoveries: 0,
    givenUp: 0,
    listenerFailures: 0,
    requests: 0,
    requestsByOperation: {},
    costUsd: 0,
  }

  test('are zero before anything has happened', () => {
    expect(observerWith().counts()).toEqual(ZERO)
  })

  test.each([
    ['with a listener', vi.fn()],
    ['without one', undefined],
  ])('tell every event by its kind, %s', (_title, onEvent) => {
    const observer = observerWith({ onEvent })
    for (const [, report] of REPORTS) report(observer)
    observer.identityChanged('prod/db', 'arn', ARN, NEW_ARN)
    expect(observer.counts()).toEqual({
      ...ZERO,
      hits: 1,
      misses: 2,
      stale: 2,
      staleOnError: 1,
      refreshes: 3,
      failures: 1,
      retries: 2,
      throttles: 1,
      batches: 1,
      evictions: 1,
      clockAnomalies: 1,
      identityChanges: 3,
      decodeFailures: 1,
      rejections: 1,
      recoveries: 1,
      givenUp: 1,
    })
  })

  test('are a copy', () => {
    const observer = observerWith()
    const before = observer.counts()
    observer.hit('a')
    observer.request('GetParameter')
    expect(before).toEqual(ZERO)
    expect(Object.isFrozen(before.requestsByOperation)).toBe(true)
  })

  test('tell requests by operation and what they cost', () => {
    const observer = observerWith()
    const requests = { GetSecretValue: 3, BatchGetSecretValue: 1, GetParameter: 5, GetParameters: 2 }
    for (const [operation, count] of Object.entries(requests)) {
      for (let made = 0; made < count; made += 1) observer.request(operation)
    }
    expect(observer.counts()).toEqual({
      ...ZERO,
      requests: 11,
      requestsByOperation: requests,
      costUsd: 0.000_02,
    })
  })

  test('keep an operation of any name apart from the prototype', () => {
    const observer = observerWith()
    for (const operation of ['__proto__', 'constructor', '__proto__']) observer.request(operation)
    const { requestsByOperation } = observer.counts()
    expect(Object.entries(requestsByOperation)).toEqual([
      ['__proto__', 2],
      ['constructor', 1],
    ])
  })
})
