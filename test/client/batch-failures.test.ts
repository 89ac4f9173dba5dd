/** Where the failure of a request is that of all its references, and how long what is left of it is tried. */

import { afterEach, describe, expect, test, vi } from 'vitest'
import {
  type LoadResult,
  type Reference,
  SecretsClient,
  type SecretsClientOptions,
  type SecretsEvent,
  isSecretsError,
} from '../../src/index.js'
import { type BatchAnswer, FakeBatchSource, echo } from '../support/fake-source.js'
import { ManualClock, whileTimePasses } from '../support/manual-clock.js'

const turn = () => new Promise(setImmediate)
const NAMES = Array.from({ length: 20 }, (_, n) => `s/${n}`)

function build(answer: BatchAnswer, options: SecretsClientOptions = {}) {
  const clock = new ManualClock()
  const source = new FakeBatchSource(answer)
  const events: SecretsEvent[] = []
  const onEvent = (event: SecretsEvent) => events.push(event)
  const secrets = new SecretsClient({ clock, sources: [source], onEvent, ...options })
  const told = (type: SecretsEvent['type']) => events.filter((event) => event.type === type)
  const sizes = () => source.loads.splice(0).map(({ length }) => length)
  return { clock, source, secrets, told, sizes }
}

const failing = (fields: object) => () => Promise.reject(Object.assign(new Error('no'), fields))
/** Refuses what is asked for together, and answers single references. */
const refusingBatches =
  (fields: object): BatchAnswer =>
  (references) =>
    references.length > 1 ? failing(fields)() : echo(references)
const codesOf = async (reads: readonly Promise<unknown>[]) =>
  (await Promise.allSettled(reads)).map((result) =>
    result.status === 'rejected' && isSecretsError(result.reason) ? result.reason.code : result.status,
  )

afterEach(() => {
  vi.unstubAllEnvs()
})

describe('a connection that cannot be made securely', () => {
  test.each(['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID', 'SELF_SIGNED_CERT_IN_CHAIN', 'EPROTO'])(
    '%s fails all of a batch with one request, and batches go on when it is mended',
    async (code) => {
      const { clock, source, secrets, told, sizes } = build(failing({ code }))
      await expect(codesOf(NAMES.map((name) => secrets.get(name)))).resolves.toEqual(
        NAMES.map(() => 'ERR_UNAVAILABLE'),
      )
      expect(sizes()).toEqual([20])
      expect(told('batch')).toMatchObject([{ size: 20, failed: 20, fallback: false }])
      expect(told('retry')).toEqual([])
      source.answer(echo)
      clock.advance(120_000)
      await expect(Promise.all(NAMES.map((name) => secrets.get(name)))).resolves.toEqual(NAMES)
      expect(sizes()).toEqual([20])
    },
  )

  test('names each reference in its error', async () => {
    const { secrets } = build(failing({ code: 'CERT_HAS_EXPIRED' }))
    const { failed } = await secrets.prefetch(['a', 'b'])
    expect(failed).toMatchObject([
      { ref: 'a', code: 'ERR_UNAVAILABLE', retryable: false, attempts: 1 },
      { ref: 'b', code: 'ERR_UNAVAILABLE', retryable: false, attempts: 1 },
    ])
  })
})

describe('a batch that is not known where it arrives', () => {
  test.each<[string, object]>([
    ['HTTP 501', { $metadata: { httpStatusCode: 501 } }],
    ['HTTP 501 with a name', { name: 'InternalFailure', $metadata: { httpStatusCode: 501 } }],
    ['an unknown operation', { name: 'UnknownOperationException', $metadata: { httpStatusCode: 400 } }],
    ['a denied operation', { name: 'AccessDeniedException', $metadata: { httpStatusCode: 400 } }],
  ])('%s: each is asked for by itself, and soon again', async (_title, fields) => {
    const { clock, secrets, told, sizes } = build(refusingBatches(fields))
    const refs = ['a', 'b', 'c']
    await expect(Promise.all(refs.map((ref) => secrets.get(ref)))).resolves.toEqual(refs)
    expect(sizes()).toEqual([3, 1, 1, 1])
    expect(told('batch')).toMatchObject([{ size: 3, failed: 3, fallback: true }])
    secrets.invalidate()
    clock.advance(599_000)
    await Promise.all(refs.map((ref) => secrets.get(ref)))
    expect(sizes()).toEqual([1, 1, 1])
  })
})

test('names and full ARNs share a batch where only AWS_REGION is set', async () => {
  vi.stubEnv('AWS_REGION', 'eu-west-1')
  const { secrets, sizes } = build(echo)
  const arn = (region: string) => `arn:aws:secretsmanager:${region}:123456789012:secret:b-AbCdEf`
  await Promise.all([secrets.get('a'), secrets.get(arn('eu-west-1')), secrets.get(arn('us-east-1'))])
  expect(sizes()).toEqual([2, 1])
})

test('a source that has used up the attempts by itself is not asked again, and nothing waits', async () => {
  for (const name of ['ThrottlingException', 'InternalServiceError']) {
    const { clock, secrets, told, sizes } = build((_references, { onRequest }) => {
      for (let request = 0; request < 3; request += 1) onRequest?.('GetSecretValue')
      return failing({ name })()
    })
    await expect(secrets.get('a')).rejects.toMatchObject({ attempts: 3, retryable: true })
    await turn()
    expect(sizes()).toEqual([1])
    expect(told('retry')).toEqual([])
    expect(secrets.stats()).toMatchObject({ requests: 3, retries: 0 })
    expect(clock.sleeping).toBe(0)
  }
})

test('the last reference of a throttled batch is tried for as long as the others would have been', async () => {
  const throttled = (): LoadResult => ({
    error: Object.assign(new Error('no'), { name: 'ThrottlingException' }),
  })
  const state = { loads: 0 }
  const { clock, source, secrets } = build(
    (references) => {
      state.loads += 1
      const isAnswered = ({ key }: Reference) => (key === 'early' ? state.loads > 3 : state.loads > 8)
      return Promise.resolve(
        references.map((reference) =>
          isAnswered(reference) ? { value: { text: reference.key } } : throttled(),
        ),
      )
    },
    { retry: { timeoutMs: 600_000 } },
  )
  const reads = Promise.all([secrets.get('early'), secrets.get('late')])
  await expect(whileTimePasses(clock, reads)).resolves.toEqual(['early', 'late'])
  expect(source.loads.slice(3)).toEqual([['early', 'late'], ['late'], ['late'], ['late'], ['late'], ['late']])
})
