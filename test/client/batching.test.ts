/** Reads that meet in one tick: which requests they share, and what each of them gets. */

import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  type LoadResult,
  type Reference,
  SecretsClient,
  type SecretsClientOptions,
  SecretsError,
  type SecretsEvent,
} from '../../src/index.js'
import { FakeBatchSource, deferred, echo } from '../support/fake-source.js'
import { ManualClock, pass, whileTimePasses } from '../support/manual-clock.js'
import { NEEDLE, expectNoNeedle } from '../support/needle.js'

const TEN_MINUTES = 600_000

function build(source: FakeBatchSource, options: SecretsClientOptions = {}) {
  const clock = new ManualClock()
  const events: SecretsEvent[] = []
  const onEvent = (event: SecretsEvent) => events.push(event)
  const secrets = new SecretsClient({ clock, sources: [source], onEvent, ...options })
  const ofType = (type: SecretsEvent['type']) => events.filter((event) => event.type === type)
  return { secrets, source, clock, ofType }
}

const failureOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  )
const failure = (name: string) => Object.assign(new Error(NEEDLE), { name, $metadata: { requestId: 'r-1' } })
const namesUpTo = (count: number) => Array.from({ length: count }, (_, n) => `s/${n}`)
const controlled = () => {
  const controller = new AbortController()
  return { signal: controller.signal, abort: controller.abort.bind(controller) }
}
const begun = () => new Promise(setImmediate)
const value = ({ key }: Reference): LoadResult => ({ value: { text: key } })

/** Answers each key as the table says, and the others with themselves. */
const answering =
  (table: Readonly<Record<string, () => LoadResult>>) =>
  (references: readonly Reference[]): Promise<readonly LoadResult[]> =>
    Promise.resolve(references.map((reference) => table[reference.key]?.() ?? value(reference)))

const warnings: unknown[] = []
const warn = (warning: unknown) => warnings.push(warning)
beforeEach(() => {
  process.on('warning', warn)
})
afterEach(async () => {
  await begun()
  process.off('warning', warn)
  expect(warnings.splice(0)).toEqual([])
})

describe('what shares a request', () => {
  test('reads of one tick, those behind an await or two as well', async () => {
    const { secrets, source } = build(new FakeBatchSource())
    const later = async (ref: string) => {
      await Promise.resolve()
      await Promise.resolve()
      return secrets.get(ref)
    }
    await expect(Promise.all([secrets.get('a'), secrets.read('b'), later('c')])).resolves.toMatchObject([
      'a',
      { value: 'b' },
      'c',
    ])
    expect(source.loads).toEqual([['a', 'b', 'c']])
    expect(secrets.stats()).toMatchObject({ requests: 1, batches: 1, refreshes: 3 })
  })

  test('a refresh and a read of the same key in one tick ask for it once', async () => {
    const { secrets, source } = build(new FakeBatchSource())
    await Promise.all([
      secrets.get('a'),
      secrets.refresh('a'),
      secrets.get('a', { fresh: true }),
      secrets.get('b'),
    ])
    expect(source.loads).toEqual([['a', 'b']])
  })

  test.each([
    [1, 1],
    [20, 1],
    [21, 2],
    [45, 3],
  ])('%d references go in %d loads', async (references, loads) => {
    const { secrets, source } = build(new FakeBatchSource())
    const names = namesUpTo(references)
    await expect(Promise.all(names.map((name) => secrets.get(name)))).resolves.toEqual(names)
    expect(source.loads).toHaveLength(loads)
    expect(source.loads.flat()).toEqual(names)
  })

  test('not reads of different ticks', async () => {
    const { secrets, source } = build(new FakeBatchSource())
    const first = secrets.get('a')
    await begun()
    await Promise.all([first, secrets.get('b')])
    expect(source.loads).toEqual([['a'], ['b']])
  })

  test('nothing with batch.enabled false', async () => {
    const { secrets, source } = build(new FakeBatchSource(), { batch: { enabled: false } })
    await Promise.all([secrets.get('a'), secrets.get('b')])
    expect(source.loads).toEqual([['a'], ['b']])
    expect(secrets.stats()).toMatchObject({ requests: 2, batches: 0 })
  })

  test.each<[string, (reference: Reference) => boolean, string[][]]>([
    ['the source refuses to take together', ({ key }) => key !== 'alone', [['a', 'b'], ['alone']]],
    [
      'a source that throws when it is asked',
      () => {
        throw new Error(NEEDLE)
      },
      [['a'], ['alone'], ['b']],
    ],
  ])('not what %s', async (_title, isBatchable, loads) => {
    const { secrets, source } = build(Object.assign(new FakeBatchSource(), { isBatchable }))
    const refs = ['a', 'alone', 'b']
    await expect(Promise.all(refs.map((ref) => secrets.get(ref)))).resolves.toEqual(refs)
    expect(source.loads).toEqual(loads)
  })

  test('a custom source is counted as one `load` for each request', async () => {
    const { secrets } = build(new FakeBatchSource())
    await Promise.all([secrets.get('a'), secrets.get('b')])
    await secrets.get('c')
    expect(secrets.stats()).toMatchObject({
      requests: 2,
      requestsByOperation: { 'secretsmanager:load': 2 },
      costUsd: 0,
    })
  })

  test('a custom source that counts is taken at its word', async () => {
    const source = new FakeBatchSource((references, { onRequest }) => {
      for (const { key } of references) onRequest?.(`Read ${key}`)
      return echo(references)
    })
    const { secrets } = build(source)
    await Promise.all([secrets.get('a'), secrets.get('b')])
    expect(secrets.stats().requestsByOperation).toEqual({ 'Read a': 1, 'Read b': 1 })
  })
})

describe('one of several', () => {
  test('that fails for good fails alone, with an error of its own', async () => {
    const { secrets, source } = build(
      new FakeBatchSource(answering({ b: () => ({ error: failure('ResourceNotFoundException') }) })),
    )
    const [a, b, c] = await Promise.allSettled([secrets.get('a'), secrets.get('b#x'), secrets.get('c')])
    expect([a, c]).toMatchObject([{ value: 'a' }, { value: 'c' }])
    expect(b).toMatchObject({ reason: { code: 'ERR_NOT_FOUND', ref: 'b#x', attempts: 1, requestId: 'r-1' } })
    expectNoNeedle(b, NEEDLE)
    expect(source.loads).toEqual([['a', 'b', 'c']])
  })

  test('that fails for a moment is asked for again, and only it', async () => {
    const { secrets, source, clock, ofType } = build(new FakeBatchSource())
    let isDown = true
    source.answer(
      answering({
        b: () => (isDown ? { error: failure('InternalServiceError') } : { value: { text: 'b' } }),
      }),
    )
    const all = Promise.all(['a', 'b', 'c'].map((ref) => secrets.get(ref)))
    await begun()
    isDown = false
    await expect(whileTimePasses(clock, all)).resolves.toEqual(['a', 'b', 'c'])
    expect(source.loads).toEqual([['a', 'b', 'c'], ['b']])
    expect(ofType('batch')).toMatchObject([{ size: 3, failed: 1, fallback: false }])
    expect(ofType('retry')).toMatchObject([{ ref: 'b', batchSize: 1, attempt: 1, code: 'ERR_UNAVAILABLE' }])
  })

  test('does not keep those waiting that are answered', async () => {
    const { secrets, clock } = build(
      new FakeBatchSource(answering({ b: () => ({ error: failure('InternalServiceError') }) })),
    )
    const b = failureOf(secrets.get('b'))
    await expect(secrets.get('a')).resolves.toBe('a')
    expect(clock.now()).toBe(new ManualClock().now())
    expect(await whileTimePasses(clock, b)).toMatchObject({ code: 'ERR_UNAVAILABLE', attempts: 3 })
  })

  test('that the answer says nothing about is asked for by itself, and from then on always', async () => {
    const source = new FakeBatchSource((references) =>
      Promise.resolve(
        references.map((reference) =>
          references.length > 1 && reference.key === 'b' ? { isUnanswered: true } : value(reference),
        ),
      ),
    )
    const { secrets, clock, ofType } = build(source)
    const all = (refs: string[]) => Promise.all(refs.map((ref) => secrets.get(ref, { fresh: true })))
    await expect(all(['a', 'b', 'c'])).resolves.toEqual(['a', 'b', 'c'])
    expect(source.loads.splice(0)).toEqual([['a', 'b', 'c'], ['b']])
    expect(ofType('batch')).toMatchObject([{ size: 3, failed: 1, fallback: true }])
    await all(['a', 'b', 'c'])
    expect(source.loads.splice(0)).toEqual([['a', 'c'], ['b']])
    clock.advance(TEN_MINUTES)
    await all(['a', 'b', 'c'])
    expect(source.loads).toEqual([['a', 'b', 'c'], ['b']])
  })

  test('that is unanswered even by itself is the failure of its source', async () => {
    const { secrets, clock } = build(new FakeBatchSource(() => Promise.resolve([{ isUnanswered: true }])), {
      retry: { maxAttempts: 1 },
    })
    const error = await failureOf(whileTimePasses(clock, secrets.get('a')))
    expect(error).toMatchObject({ code: 'ERR_UNAVAILABLE', attempts: 1 })
    expect(error).toHaveProperty('message', expect.stringContaining('left a single reference unanswered'))
  })
})

describe('a request that fails as a whole', () => {
  /** Takes single references only. */
  const singles = (name: string) => (references: readonly Reference[]) =>
    references.length > 1 ? Promise.reject(failure(name)) : echo(references)

  test.each([
    'AccessDeniedException',
    'ValidationException',
    'ResourceNotFoundException',
    'DecryptionFailure',
  ])('with %s says nothing about one reference: each is asked for by itself, at once', async (name) => {
    const { secrets, source, clock, ofType } = build(new FakeBatchSource(singles(name)))
    const all = () => Promise.all(['a', 'b'].map((ref) => secrets.get(ref, { fresh: true })))
    await expect(all()).resolves.toEqual(['a', 'b'])
    expect(source.loads.splice(0)).toEqual([['a', 'b'], ['a'], ['b']])
    expect(ofType('batch')).toMatchObject([{ size: 2, failed: 2, fallback: true }])
    // The whole group is asked for singly for ten minutes.
    await all()
    expect(source.loads.splice(0)).toEqual([['a'], ['b']])
    clock.advance(TEN_MINUTES)
    await all()
    expect(source.loads).toEqual([['a', 'b'], ['a'], ['b']])
  })

  test('because of one of them is remembered for that one', async () => {
    const { secrets, source } = build(
      new FakeBatchSource((references) =>
        references.some(({ key }) => key === 'bad')
          ? Promise.reject(failure('ValidationException'))
          : echo(references),
      ),
    )
    const all = () => Promise.allSettled(['a', 'bad', 'b'].map((ref) => secrets.get(ref, { fresh: true })))
    const outcomes = await all()
    expect(outcomes).toMatchObject([
      { value: 'a' },
      { reason: { code: 'ERR_REQUEST_REFUSED', ref: 'bad', attempts: 2 } },
      { value: 'b' },
    ])
    source.loads.splice(0)
    await all()
    expect(source.loads).toEqual([['a', 'b'], ['bad']])
  })

  test('for a moment is repeated as a whole', async () => {
    const { secrets, source, clock } = build(
      new FakeBatchSource(() => Promise.reject(failure('InternalServiceError'))),
    )
    const all = Promise.all(['a', 'b'].map((ref) => secrets.get(ref)))
    await begun()
    source.answer(echo)
    await expect(whileTimePasses(clock, all)).resolves.toEqual(['a', 'b'])
    expect(source.loads).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ])
  })

  test('because of its credentials is not repeated for each reference', async () => {
    const { secrets, source } = build(
      new FakeBatchSource(() => Promise.reject(failure('UnrecognizedClientException'))),
    )
    const outcomes = await Promise.allSettled([secrets.get('a'), secrets.get('b')])
    expect(outcomes).toMatchObject([
      { reason: { code: 'ERR_CREDENTIALS', ref: 'a', attempts: 1 } },
      { reason: { code: 'ERR_CREDENTIALS', ref: 'b', attempts: 1 } },
    ])
    expect(source.loads).toEqual([['a', 'b']])
  })

  test.each<[string, () => unknown]>([
    ['too few results', () => Promise.resolve([{ value: { text: NEEDLE } }])],
    ['too many results', () => Promise.resolve(Array(5).fill({ value: { text: NEEDLE } }))],
    ['no list', () => Promise.resolve({ length: 2, 0: NEEDLE })],
    [
      'a throw',
      () => {
        throw new Error(NEEDLE)
      },
    ],
  ])('because the source is broken (%s) never gives one the value of another', async (_title, answer) => {
    const { secrets, clock, source } = build(new FakeBatchSource(answer))
    const all = Promise.allSettled([secrets.get('a'), secrets.get('b', { default: 'x' })])
    const outcomes = await whileTimePasses(clock, all)
    expect(outcomes).toMatchObject([
      { reason: { code: 'ERR_UNAVAILABLE', ref: 'a', attempts: 3 } },
      { reason: { code: 'ERR_UNAVAILABLE', ref: 'b', attempts: 3 } },
    ])
    expectNoNeedle(outcomes, NEEDLE)
    expect(source.loads).toHaveLength(3)
    expect(secrets.stats().entries).toBe(0)
    expect(clock.sleeping).toBe(0)
  })

  test('is asked for singly without a leak of listeners, though twenty requests share its deadline', async () => {
    const { secrets, source, clock } = build(new FakeBatchSource(singles('AccessDeniedException')))
    const names = namesUpTo(20)
    await Promise.all(names.map((name) => secrets.get(name)))
    expect(source.loads).toHaveLength(21)
    await begun()
    expect(clock.sleeping).toBe(0)
  })
})

describe('throttling', () => {
  test('a batch that is throttled goes on beyond the attempts, until its deadline', async () => {
    const { secrets, source, clock } = build(
      new FakeBatchSource(() => Promise.reject(failure('ThrottlingException'))),
      { retry: { maxAttempts: 2, timeoutMs: 30_000 } },
    )
    const outcomes = await whileTimePasses(clock, Promise.allSettled([secrets.get('a'), secrets.get('b')]))
    expect(outcomes).toMatchObject([
      { reason: { code: 'ERR_THROTTLED', ref: 'a' } },
      { reason: { code: 'ERR_THROTTLED', ref: 'b' } },
    ])
    expect(source.loads.length).toBeGreaterThan(2)
    expect(secrets.stats().throttles).toBe(source.loads.length)
    expectNoNeedle(outcomes, NEEDLE)
  })

  test('a single request ends with the attempts', async () => {
    const { secrets, source, clock } = build(
      new FakeBatchSource(() => Promise.reject(failure('ThrottlingException'))),
      { retry: { maxAttempts: 2, timeoutMs: 30_000 } },
    )
    const error = await whileTimePasses(clock, failureOf(secrets.get('a')))
    expect(error).toMatchObject({ code: 'ERR_THROTTLED', attempts: 2 })
    expect(source.loads).toHaveLength(2)
  })
})

describe('leaving a batch', () => {
  const stuck = () => {
    const answer = deferred<readonly LoadResult[]>()
    const source = new FakeBatchSource(() => answer.promise)
    return { ...build(source), answer }
  }

  test('ends the request when the last one leaves, and not before', async () => {
    const { secrets, source, clock } = stuck()
    const [first, last] = [new AbortController(), new AbortController()]
    const reads = [
      failureOf(secrets.get('a', { signal: first.signal })),
      failureOf(secrets.get('b', { signal: last.signal })),
    ]
    await begun()
    first.abort('first')
    await begun()
    expect(source.contexts[0]?.signal.aborted).toBe(false)
    last.abort('last')
    await expect(Promise.all(reads)).resolves.toEqual(['first', 'last'])
    await begun()
    expect(source.contexts[0]?.signal.aborted).toBe(true)
    expect(clock.sleeping).toBe(0)
    expect(secrets.stats()).toMatchObject({ entries: 0, failures: 0, requests: 1 })
  })

  test('does not take the value from those who stay', async () => {
    const { secrets, source, answer } = stuck()
    const { signal, abort } = controlled()
    const leaves = failureOf(secrets.get('a', { signal }))
    const stays = secrets.get('b')
    await begun()
    abort('left')
    await expect(leaves).resolves.toBe('left')
    answer.resolve([{ value: { text: 'a' } }, { value: { text: 'b' } }])
    await expect(stays).resolves.toBe('b')
    expect(source.loads).toEqual([['a', 'b']])
  })

  test('before it is sent sends nothing for the one who left alone', async () => {
    const { secrets, source } = build(new FakeBatchSource())
    const { signal, abort } = controlled()
    const leaves = failureOf(secrets.get('a', { signal }))
    abort('left')
    await expect(leaves).resolves.toBe('left')
    await begun()
    expect(source.loads).toEqual([])
  })
})

describe('the deadline of a batch', () => {
  test('settles each reference with its own name and the requests that were made', async () => {
    const { secrets, clock, source } = build(new FakeBatchSource(() => new Promise(() => undefined)))
    const reads = Promise.allSettled([secrets.get('a#x'), secrets.read('b'), secrets.refresh('c')])
    await begun()
    await pass(clock, 5_000)
    expect(await reads).toMatchObject(
      ['a#x', 'b', 'c'].map((ref) => ({
        reason: { code: 'ERR_TIMEOUT', ref, attempts: 3, retryable: true },
      })),
    )
    expect(source.contexts.map(({ signal }) => signal.aborted)).toEqual([true, true, true])
    expect(clock.sleeping).toBe(0)
    expect(secrets.stats()).toMatchObject({ requests: 3, failures: 3 })
  })

  test('is that of the read, whatever the attempt may take', async () => {
    const { secrets, clock } = build(new FakeBatchSource(() => new Promise(() => undefined)), {
      retry: { timeoutMs: 700, attemptTimeoutMs: 2_000 },
    })
    const reads = Promise.allSettled([secrets.get('a'), secrets.get('b')])
    await begun()
    await pass(clock, 700)
    expect(await reads).toMatchObject([{ reason: { attempts: 1 } }, { reason: { attempts: 1 } }])
  })

  test('leaves those with their last error whose attempts had ended before it', async () => {
    const { secrets, clock } = build(
      new FakeBatchSource(answering({ b: () => ({ error: failure('InternalServiceError') }) })),
    )
    const b = failureOf(secrets.get('b'))
    await secrets.get('a')
    expect(await whileTimePasses(clock, b)).toMatchObject({ code: 'ERR_UNAVAILABLE', requestId: 'r-1' })
  })
})

test('an error of the source that is ours already is passed on as that of each reference', async () => {
  const own = new SecretsError('ERR_CREDENTIALS', { what: 'the vault is sealed', ref: 'vault', attempts: 0 })
  const { secrets } = build(new FakeBatchSource(() => Promise.reject(own)))
  const outcomes = await Promise.allSettled([secrets.get('a'), secrets.get('b')])
  expect(outcomes).toMatchObject([
    { reason: { code: 'ERR_CREDENTIALS', ref: 'a' } },
    { reason: { code: 'ERR_CREDENTIALS', ref: 'b' } },
  ])
})
