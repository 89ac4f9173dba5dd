import { describe, expect, test } from 'vitest'
import { type LoadResult, type Reference, SecretsClient, isSecretsError } from '../../src/index.js'
import { FakeBatchSource } from '../support/fake-source.js'
import { ManualClock, whileTimePasses } from '../support/manual-clock.js'
import { NEEDLE, expectNoNeedle } from '../support/needle.js'

const failure = (name: string) => Object.assign(new Error(NEEDLE), { name, $metadata: { requestId: 'r-1' } })

const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  )

/** Knows every secret but those whose names say otherwise. */
const answer = (references: readonly Reference[]): Promise<readonly LoadResult[]> =>
  Promise.resolve(
    references.map(({ key }) => {
      if (key.startsWith('none')) return { error: failure('ResourceNotFoundException') }
      if (key.startsWith('down')) return { error: failure('InternalServiceError') }
      return { value: { text: NEEDLE } }
    }),
  )

function build() {
  const clock = new ManualClock()
  const source = new FakeBatchSource(answer)
  const secrets = new SecretsClient({ clock, sources: [source], retry: { maxAttempts: 1 } })
  return { clock, source, secrets }
}

test('loads everything in as few requests as may be, and decodes nothing', async () => {
  const { secrets, source } = build()
  await expect(secrets.prefetch(['a', 'b#field', { name: 'c' }])).resolves.toEqual({
    loaded: ['a', 'b', 'c'],
    failed: [],
  })
  expect(source.loads).toEqual([['a', 'b', 'c']])
  expect(secrets.stats()).toMatchObject({ entries: 3, decodeFailures: 0 })
  await expect(secrets.get('a')).resolves.toBe(NEEDLE)
  expect(source.loads).toHaveLength(1)
})

test('asks for each value once, however often and by whatever name it is listed', async () => {
  const { secrets, source } = build()
  const refs = ['a', 'a:AWSCURRENT', 'secretsmanager:a', 'a#x', 'a#y', { name: 'a' }]
  await expect(secrets.prefetch(refs)).resolves.toEqual({ loaded: ['a'], failed: [] })
  expect(source.loads).toEqual([['a']])
})

test('leaves alone what is cached and fresh', async () => {
  const { secrets, source } = build()
  await secrets.get('a')
  await expect(secrets.prefetch(['a', 'b'])).resolves.toEqual({ loaded: ['a', 'b'], failed: [] })
  expect(source.loads).toEqual([['a'], ['b']])
})

test('takes anything iterable, nothing too', async () => {
  const { secrets, source } = build()
  await expect(secrets.prefetch([])).resolves.toEqual({ loaded: [], failed: [] })
  expect(source.loads).toEqual([])
  await expect(secrets.prefetch(new Set(['a']))).resolves.toMatchObject({ loaded: ['a'] })
  const generated = (function* () {
    yield 'b'
    yield 'c'
  })()
  await expect(secrets.prefetch(generated)).resolves.toMatchObject({ loaded: ['b', 'c'] })
})

describe('what fails', () => {
  test('is told one by one, in order; what cannot be a reference by its place', async () => {
    const { secrets, source } = build()
    const { loaded, failed } = await secrets.prefetch(['none/2', 'a', 'ssm:no-slash/x', 'none/1', 'b', ''])
    expect(loaded).toEqual(['a', 'b'])
    expect(failed).toMatchObject([
      { code: 'ERR_NOT_FOUND', ref: 'none/2', attempts: 1, requestId: 'r-1' },
      { code: 'ERR_REFERENCE_INVALID', attempts: 0, ref: 'ssm:no-slash/x' },
      { code: 'ERR_NOT_FOUND', ref: 'none/1', attempts: 1, requestId: 'r-1' },
      { code: 'ERR_REFERENCE_INVALID', attempts: 0, what: expect.stringMatching(/^refs\[5\]: /) as string },
    ])
    expect(failed.every((error) => isSecretsError(error))).toBe(true)
    expect(failed[0]).toHaveProperty('stack', expect.stringContaining(import.meta.filename))
    expectNoNeedle(failed, NEEDLE)
    expect(source.loads).toHaveLength(1)
  })

  test('and is no value at all is a TypeError of the whole, before anything is sent', async () => {
    const { secrets, source } = build()
    await expect(secrets.prefetch(['a', 7 as never])).rejects.toThrow(TypeError)
    expect(source.loads).toEqual([])
  })

  test('is remembered like any failure: the next prefetch costs no request', async () => {
    const { secrets, source } = build()
    await secrets.prefetch(['none'])
    const { failed } = await secrets.prefetch(['none'])
    expect(failed).toMatchObject([{ code: 'ERR_NOT_FOUND', attempts: 0 }])
    expect(source.loads).toHaveLength(1)
  })

  test('counts as loaded where the last good value will do', async () => {
    const { secrets, source, clock } = build()
    await secrets.prefetch(['a'])
    source.answer(() => Promise.reject(failure('InternalServiceError')))
    clock.advance(600_000)
    await expect(secrets.prefetch(['a'])).resolves.toEqual({ loaded: ['a'], failed: [] })
    expect(source.loads).toHaveLength(2)
  })

  test('is thrown as one error with throwOnFailure, which has that of each reference', async () => {
    const { secrets } = build()
    const error = await failureOf(
      secrets.prefetch(['a', 'none', 'down', 'ssm:x y'], { throwOnFailure: true }),
    )
    expect(error).toMatchObject({ code: 'ERR_LOAD', retryable: false, attempts: 1 })
    expect(error).toHaveProperty('message', expect.stringContaining('3 of 4 references failed'))
    const { errors } = error as { errors: Record<string, unknown> }
    expect(Object.isFrozen(errors)).toBe(true)
    expect(errors).toMatchObject({ none: { code: 'ERR_NOT_FOUND' }, down: { code: 'ERR_UNAVAILABLE' } })
    expect(Object.values(errors)).toHaveLength(3)
    expect(JSON.parse(JSON.stringify(error))).toMatchObject({
      code: 'ERR_LOAD',
      errors: { none: { code: 'ERR_NOT_FOUND', ref: 'none' }, down: { retryable: true } },
    })
    expectNoNeedle(error, NEEDLE)
  })

  test('may pass by itself as a whole if each of them may', async () => {
    const { secrets } = build()
    const error = await failureOf(secrets.prefetch(['a', 'down/1', 'down/2'], { throwOnFailure: true }))
    expect(error).toMatchObject({ code: 'ERR_LOAD', retryable: true })
  })

  test('is nothing with throwOnFailure where nothing fails', async () => {
    await expect(build().secrets.prefetch(['a'], { throwOnFailure: true })).resolves.toMatchObject({
      failed: [],
    })
  })
})

describe('an abort', () => {
  test('before it sends nothing', async () => {
    const { secrets, source } = build()
    await expect(failureOf(secrets.prefetch(['a'], { signal: AbortSignal.abort('left') }))).resolves.toBe(
      'left',
    )
    expect(source.loads).toEqual([])
  })

  test("during it ends the wait with the signal's own reason, and the request with it", async () => {
    const { secrets, source, clock } = build()
    source.answer(() => new Promise(() => undefined))
    const controller = new AbortController()
    const reason = new Error('shutting down')
    const leaves = failureOf(
      secrets.prefetch(['a', 'b'], { signal: controller.signal, throwOnFailure: true }),
    )
    await new Promise(setImmediate)
    controller.abort(reason)
    await expect(leaves).resolves.toBe(reason)
    await new Promise(setImmediate)
    expect(source.contexts[0]?.signal.aborted).toBe(true)
    expect(clock.sleeping).toBe(0)
  })
})

test('retries within one prefetch are for those that failed', async () => {
  const clock = new ManualClock()
  const source = new FakeBatchSource(answer)
  const secrets = new SecretsClient({ clock, sources: [source] })
  const { failed } = await whileTimePasses(clock, secrets.prefetch(['a', 'down/1', 'down/2', 'none']))
  expect(failed).toMatchObject([
    { ref: 'down/1', attempts: 3 },
    { ref: 'down/2', attempts: 3 },
    { ref: 'none', attempts: 1 },
  ])
  expect(source.loads).toEqual([
    ['a', 'down/1', 'down/2', 'none'],
    ['down/1', 'down/2'],
    ['down/1', 'down/2'],
  ])
})

test('a closed client is none to prefetch with, and closing it ends one', async () => {
  const { secrets, source } = build()
  source.answer(() => new Promise(() => undefined))
  const waits = secrets.prefetch(['a', 'b'])
  await new Promise(setImmediate)
  await secrets.close()
  await expect(waits).rejects.toMatchObject({ code: 'ERR_CLOSED' })
  await expect(secrets.prefetch(['a'])).rejects.toMatchObject({ code: 'ERR_CLOSED' })
})
