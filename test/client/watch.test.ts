import { getEventListeners } from 'node:events'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { SecretsClient, type SecretsClientOptions, type StoredValue } from '../../src/index.js'
import { FakeSource, textSecret } from '../support/fake-source.js'
import { ManualClock, pass, until } from '../support/manual-clock.js'
import { NEEDLE, expectNoNeedle } from '../support/needle.js'

const TTL = 300_000
/** Longer than any interval between two looks. */
const A_LOOK = 1.1 * TTL
const idOf = (version: number) => `EXAMPLE${version}-90ab-cdef-fedc-ba987EXAMPLE`
const version = (number: number, text = `v${number}`) => textSecret(text, idOf(number))
const turn = () => new Promise(setImmediate)
const down = () => Promise.reject(Object.assign(new Error(NEEDLE), { name: 'InternalServiceError' }))

function build(options: SecretsClientOptions = {}, clock = new ManualClock()) {
  const source = new FakeSource(version(1))
  const secrets = new SecretsClient({ clock, sources: [source], retry: { maxAttempts: 1 }, ...options })
  return { secrets, source, clock }
}

/** Collects what a watch yields, until it ends. */
function collect<Value>(watch: AsyncIterable<{ readonly value: Value }>) {
  const values: Value[] = []
  const ended = (async () => {
    for await (const { value } of watch) values.push(value)
  })()
  return { values, ended }
}

/** Time passes until the next look has been had. */
const look = async (clock: ManualClock) => {
  await pass(clock, A_LOOK, TTL / 10)
  await turn()
}

afterEach(() => {
  vi.unstubAllEnvs()
})

describe('yields', () => {
  test('the version at hand first, without a request if it is cached, as `read` resolves with it', async () => {
    const { secrets, source } = build()
    await secrets.get('prod/db')
    const watch = secrets.watch('prod/db')
    const { value } = await watch.next()
    expect(value).toMatchObject({ value: 'v1', ref: 'prod/db', versionId: idOf(1), stale: false })
    expect(source.asked).toHaveLength(1)
    await watch.return()
  })

  test('each new version, by asking once per TTL, and no version twice', async () => {
    const { secrets, source, clock } = build()
    const { values } = collect(secrets.watch('prod/db'))
    await turn()
    expect(values).toEqual(['v1'])
    await look(clock)
    await look(clock)
    expect(values).toEqual(['v1'])
    const asked = source.asked.length
    expect(asked).toBeGreaterThan(1)
    expect(asked).toBeLessThanOrEqual(4)
    source.answer(version(2))
    await look(clock)
    await look(clock)
    expect(values).toEqual(['v1', 'v2'])
    source.answer(version(1))
    await look(clock)
    await look(clock)
    expect(values).toEqual(['v1', 'v2', 'v1'])
    await secrets.close()
  })

  test('at once what any other load finds', async () => {
    const { secrets, source } = build()
    const { values } = collect(secrets.watch('prod/db'))
    await turn()
    source.answer(version(2))
    await secrets.refresh('prod/db')
    await turn()
    expect(values).toEqual(['v1', 'v2'])
    source.answer(version(3))
    await secrets.get('prod/db', { fresh: true })
    await turn()
    expect(values).toEqual(['v1', 'v2', 'v3'])
    await secrets.close()
  })

  test('what is found under another name of the same secret', async () => {
    const { secrets, source } = build()
    const { values } = collect(secrets.watch('prod/db'))
    await turn()
    source.answer(version(2))
    await secrets.refresh('arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-AbCdEf')
    await turn()
    expect(values).toEqual(['v1', 'v2'])
    await secrets.close()
  })

  test('nothing for the loads of other secrets', async () => {
    const { secrets, source } = build()
    const { values } = collect(secrets.watch('prod/db'))
    await turn()
    source.answer(version(2))
    await secrets.refresh('prod/other')
    await turn()
    expect(values).toEqual(['v1'])
    expect(source.asked).toHaveLength(2)
    await secrets.close()
  })

  test('the newest only to whoever is slow', async () => {
    const { secrets, source } = build()
    const watch = secrets.watch('prod/db')
    await expect(watch.next()).resolves.toMatchObject({ value: { value: 'v1' } })
    for (const number of [2, 3, 4]) {
      source.answer(version(number))
      await secrets.refresh('prod/db')
    }
    await expect(watch.next()).resolves.toMatchObject({ value: { value: 'v4' } })
    await watch.return()
  })

  test('each version decoded by the schema', async () => {
    const { secrets, source } = build()
    source.answer(version(1, '{"port":1}'))
    const { values } = collect(secrets.watch('prod/db', { schema: PORT }))
    await until(() => values.length === 1)
    source.answer(version(2, '{"port":2}'))
    await secrets.refresh('prod/db')
    await until(() => values.length === 2)
    expect(values).toEqual([{ port: 1 }, { port: 2 }])
    await secrets.close()
  })

  test('new versions of a parameter', async () => {
    const source = new FakeSource({ text: 'info', version: 1 }, 'ssm')
    const secrets = new SecretsClient({ clock: new ManualClock(), sources: [source] })
    const { values } = collect(secrets.watch('ssm:/level'))
    await turn()
    source.answer({ text: 'debug', version: 2 })
    await secrets.refresh('ssm:/level')
    await turn()
    expect(values).toEqual(['info', 'debug'])
    await secrets.close()
  })
})

const PORT = { type: 'object', properties: { port: { type: 'integer' } }, required: ['port'] } as const

describe('survives', () => {
  test('a service that fails from the start, and yields when it is back', async () => {
    const { secrets, source, clock } = build()
    source.answer(down)
    const { values, ended } = collect(secrets.watch('prod/db'))
    await look(clock)
    expect(values).toEqual([])
    source.answer(version(1))
    await look(clock)
    await look(clock)
    expect(values).toEqual(['v1'])
    await secrets.close()
    await expect(ended).resolves.toBeUndefined()
  })

  test.each([
    'InternalServiceError',
    'ThrottlingException',
    'AccessDeniedException',
    'ResourceNotFoundException',
  ])('%s in between, of which events tell', async (name) => {
    const events: unknown[] = []
    const { secrets, source, clock } = build({ onEvent: (event) => events.push(event) })
    const { values } = collect(secrets.watch('prod/db'))
    await turn()
    source.answer(() => Promise.reject(Object.assign(new Error(NEEDLE), { name })))
    for (let n = 0; n < 3; n += 1) await look(clock)
    expect(values).toEqual(['v1'])
    expect(events).toContainEqual(expect.objectContaining({ type: 'refresh', ok: false }))
    expectNoNeedle(events, NEEDLE)
    source.answer(version(2))
    for (let n = 0; n < 3; n += 1) await look(clock)
    expect(values).toEqual(['v1', 'v2'])
    await secrets.close()
  })

  test('a version that does not decode: the next that does is yielded', async () => {
    const events: unknown[] = []
    const { secrets, source } = build({ onEvent: (event) => events.push(event) })
    source.answer(version(1, '{"port":1}'))
    const { values } = collect(secrets.watch('prod/db', { schema: PORT }))
    await until(() => values.length === 1)
    source.answer(version(2, `{"port":"${NEEDLE}"}`))
    await secrets.refresh('prod/db')
    await until(() => secrets.stats().decodeFailures === 1)
    expect(values).toEqual([{ port: 1 }])
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'decode-failed', code: 'ERR_SCHEMA', servedPrevious: false }),
    )
    expectNoNeedle(events, NEEDLE)
    source.answer(version(3, '{"port":3}'))
    await secrets.refresh('prod/db')
    await until(() => values.length === 2)
    expect(values).toEqual([{ port: 1 }, { port: 3 }])
    await secrets.close()
  })
})

describe('ends', () => {
  const over = { value: undefined, done: true }

  test('quietly with its signal, while it waits, and leaves nothing behind', async () => {
    const { secrets, clock } = build()
    const controller = new AbortController()
    const { values, ended } = collect(secrets.watch('prod/db', { signal: controller.signal }))
    await turn()
    expect(clock.sleeping).toBe(1)
    controller.abort(new Error('over'))
    await expect(ended).resolves.toBeUndefined()
    expect(values).toEqual(['v1'])
    expect(clock.sleeping).toBe(0)
    expect(getEventListeners(controller.signal, 'abort')).toEqual([])
  })

  test('quietly with a signal that has aborted already, and asks for nothing', async () => {
    const { secrets, source } = build()
    await expect(secrets.watch('prod/db', { signal: AbortSignal.abort() }).next()).resolves.toEqual(over)
    expect(source.asked).toEqual([])
  })

  test('quietly with its signal during the first request, which ends too', async () => {
    const { secrets, source, clock } = build()
    let seen: AbortSignal | undefined
    source.answer((_reference, { signal }) => {
      seen = signal
      return new Promise<StoredValue>(() => undefined)
    })
    const controller = new AbortController()
    const next = secrets.watch('prod/db', { signal: controller.signal }).next()
    await turn()
    controller.abort()
    await expect(next).resolves.toEqual(over)
    await turn()
    expect(seen?.aborted).toBe(true)
    expect(clock.sleeping).toBe(0)
  })

  test('quietly with the client, whether it waits or asks', async () => {
    const { secrets, clock } = build()
    const { ended } = collect(secrets.watch('prod/db'))
    await turn()
    await secrets.close()
    await expect(ended).resolves.toBeUndefined()
    expect(clock.sleeping).toBe(0)

    const asking = build()
    asking.source.answer(() => new Promise<StoredValue>(() => undefined))
    const next = asking.secrets.watch('prod/db').next()
    await turn()
    await asking.secrets.close()
    await expect(next).resolves.toEqual(over)
    await turn()
    expect(asking.clock.sleeping).toBe(0)
  })

  test('with the client while the consumer is busy', async () => {
    const { secrets } = build()
    const watch = secrets.watch('prod/db')
    await watch.next()
    await secrets.close()
    await expect(watch.next()).resolves.toEqual(over)
  })

  test.each<[string, (watch: AsyncGenerator) => Promise<unknown>]>([
    [
      'break',
      async (watch) => {
        for await (const _ of watch) break
      },
    ],
    [
      'an error of the consumer',
      async (watch) => {
        for await (const _ of watch) throw new Error('of the consumer')
      },
    ],
    ['return', (watch) => watch.next().then(() => watch.return(undefined))],
  ])('by %s, and leaves no timer and no listener behind', async (_title, consume) => {
    const { secrets, source, clock } = build()
    const controller = new AbortController()
    await consume(secrets.watch('prod/db', { signal: controller.signal })).catch(() => undefined)
    await turn()
    expect(clock.sleeping).toBe(0)
    expect(getEventListeners(controller.signal, 'abort')).toEqual([])
    source.answer(version(2))
    await secrets.refresh('prod/db')
    await look(clock)
    expect(source.asked).toHaveLength(2)
  })

  test.each(['ssm:no-slash/x', ''])('with ERR_REFERENCE_INVALID at the first next for "%s"', async (ref) => {
    const watch = build().secrets.watch(ref)
    await expect(watch.next()).rejects.toMatchObject({ code: 'ERR_REFERENCE_INVALID' })
    await expect(watch.next()).resolves.toEqual(over)
  })

  test('with a TypeError at the first next for options that it does not have', async () => {
    const options: object = { fresh: true }
    await expect(build().secrets.watch('prod/db', options).next()).rejects.toThrow(
      'options: unknown option "fresh", expected one of as, schema, signal',
    )
  })

  test('with ERR_CLOSED at the first next of a client that is closed', async () => {
    const { secrets } = build()
    await secrets.close()
    await expect(secrets.watch('prod/db').next()).rejects.toMatchObject({ code: 'ERR_CLOSED' })
  })
})

describe('asks by itself', () => {
  test('not in a Lambda environment, where only other loads wake it', async () => {
    vi.stubEnv('AWS_LAMBDA_FUNCTION_NAME', 'orders')
    const { secrets, source, clock } = build()
    const { values } = collect(secrets.watch('prod/db'))
    await turn()
    expect(clock.sleeping).toBe(0)
    source.answer(version(2))
    for (let n = 0; n < 5; n += 1) await look(clock)
    expect(source.asked).toHaveLength(1)
    await secrets.refresh('prod/db')
    await turn()
    expect(values).toEqual(['v1', 'v2'])
    await secrets.close()
  })

  test('no more than once a second where nothing is cached, and sees each version there too', async () => {
    const { secrets, source, clock } = build({ cache: { ttlMs: 0 } })
    const { values } = collect(secrets.watch('prod/db'))
    await pass(clock, 10_000, 100)
    // One more when a version is new.
    expect(source.asked.length).toBeGreaterThanOrEqual(9)
    expect(source.asked.length).toBeLessThanOrEqual(12)
    source.answer(version(2))
    await pass(clock, 2_000, 100)
    expect(values).toEqual(['v1', 'v2'])
    await secrets.close()
  })

  test('no more than once per TTL for a value that is too large to be cached', async () => {
    const { secrets, source, clock } = build({ cache: { maxBytes: 1 } })
    const { values } = collect(secrets.watch('prod/db'))
    for (let n = 0; n < 3; n += 1) await look(clock)
    expect(values).toEqual(['v1'])
    expect(source.asked.length).toBeLessThanOrEqual(6)
    await secrets.close()
  })

  test.each<[string, () => Promise<void>]>([
    ['rejects', () => Promise.reject(new Error(NEEDLE))],
    [
      'throws',
      () => {
        throw new Error(NEEDLE)
      },
    ],
  ])('not in a loop without end with a clock whose sleep %s', async (_title, sleep) => {
    const clock = Object.assign(new ManualClock(), { sleep })
    const { secrets, source } = build({}, clock)
    const { ended } = collect(secrets.watch('prod/db'))
    for (let n = 0; n < 50; n += 1) await turn()
    expect(source.asked.length).toBeLessThan(5)
    await secrets.close()
    await expect(ended).resolves.toBeUndefined()
  })

  test('never in a way that keeps the process alive', async () => {
    const refs: unknown[] = []
    const clock = new ManualClock()
    const sleep = clock.sleep.bind(clock)
    clock.sleep = (ms, options) => {
      refs.push(options?.ref)
      return sleep(ms, options)
    }
    const { secrets } = build({}, clock)
    await secrets.get('prod/db')
    refs.splice(0)
    collect(secrets.watch('prod/db'))
    await turn()
    expect(refs).toEqual([false])
    await secrets.close()
  })
})
