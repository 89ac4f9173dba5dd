/** Following a value: one item for each version, through failures, for as long as somebody listens. */

import { afterEach, describe, expect, test, vi } from 'vitest'
import { useAws } from '../support/aws.js'

const TTL = 300_000
/** A watch looks once per TTL, a tenth later at most. */
const ROUND = 1.1 * TTL
const aws = useAws()

/** A watch whose items pile up in a list. */
function watching(ref: string, client = aws().secrets) {
  const controller = new AbortController()
  const values: string[] = []
  const run = async () => {
    for await (const { value } of client.watch(ref, { signal: controller.signal })) values.push(value)
  }
  return { values, ended: run(), controller }
}

describe('versions', () => {
  test('the one at hand comes first, then each new one, within a TTL', async () => {
    const { emulator, clock, until } = aws()
    emulator.seed({ secrets: { 'prod/db': 'first' } })
    const { values } = watching('prod/db')
    await until(() => values.length === 1)
    for (const value of ['second', 'third']) {
      emulator.seed({ secrets: { 'prod/db': value } })
      await until(() => clock.sleeping === 1)
      clock.advance(ROUND)
      await until(() => values.at(-1) === value)
    }
    expect(values).toEqual(['first', 'second', 'third'])
  })

  test('the same version again is no item, and one request per TTL', async () => {
    const { emulator, clock, until, calls } = aws()
    emulator.seed({ secrets: { 'prod/db': 'first' } })
    const { values } = watching('prod/db')
    await until(() => values.length === 1)
    calls()
    for (let round = 1; round <= 5; round += 1) {
      await until(() => clock.sleeping === 1)
      clock.advance(ROUND)
      await until(() => emulator.count() === round)
    }
    await until(() => clock.sleeping === 1)
    expect(values).toEqual(['first'])
  })

  test('what another reader finds is told at once', async () => {
    const { emulator, secrets, until } = aws()
    emulator.seed({ secrets: { 'prod/db': 'first' } })
    const { arn = '' } = await secrets.read('prod/db')
    await secrets.get(arn)
    const { values } = watching('prod/db')
    await until(() => values.length === 1)
    emulator.seed({ secrets: { 'prod/db': 'second' } })
    await secrets.refresh(arn)
    await until(() => values.length === 2)
    expect(values).toEqual(['first', 'second'])
  })

  test('whoever is slow gets the newest only', async () => {
    const { emulator, secrets } = aws()
    emulator.seed({ secrets: { 'prod/db': '1' } })
    const watch = secrets.watch('prod/db')
    await expect(watch.next()).resolves.toMatchObject({ value: { value: '1' } })
    for (const value of ['2', '3', '4']) {
      emulator.seed({ secrets: { 'prod/db': value } })
      await secrets.refresh('prod/db')
    }
    await expect(watch.next()).resolves.toMatchObject({ value: { value: '4' } })
    await watch.return()
  })

  test('any number of watches of one secret share their requests', async () => {
    const { emulator, clock, until, calls } = aws()
    emulator.seed({ secrets: { 'prod/db': 'first' } })
    const watches = Array.from({ length: 20 }, () => watching('prod/db'))
    await until(() => watches.every(({ values }) => values.length === 1))
    expect(calls()).toBe(1)
    emulator.seed({ secrets: { 'prod/db': 'second' } })
    await until(() => clock.sleeping === 20)
    clock.advance(ROUND)
    await until(() => watches.every(({ values }) => values.length === 2))
    expect(calls()).toBe(1)
  })
})

describe('failures', () => {
  test.each([
    ['an outage', () => aws().emulator.fail('*', { error: 'InternalServiceError' })],
    ['a denial', () => aws().emulator.deny('secretsmanager:*')],
  ])('%s is survived, and told as events', async (_title, harm) => {
    const { emulator, clock, observe, until } = aws()
    const { secrets, told } = observe({ retry: { maxAttempts: 1 } })
    emulator.seed({ secrets: { 'prod/db': 'first' } })
    const { values } = watching('prod/db', secrets)
    await until(() => values.length === 1 && clock.sleeping === 1)
    const mend = harm()
    for (let round = 1; round <= 3; round += 1) {
      clock.advance(ROUND)
      await until(() => told('refresh').filter(({ ok }) => !ok).length === round && clock.sleeping === 1)
    }
    mend()
    emulator.seed({ secrets: { 'prod/db': 'second' } })
    clock.advance(ROUND)
    await until(() => values.length === 2)
    expect(values).toEqual(['first', 'second'])
  })

  test('a secret that is not there yet is waited for', async () => {
    const { emulator, secrets, clock, until } = aws()
    const { values } = watching('prod/db')
    await until(() => secrets.stats().failures === 1 && clock.sleeping === 1)
    emulator.seed({ secrets: { 'prod/db': 'first' } })
    clock.advance(ROUND)
    await until(() => values.length === 1)
    expect(values).toEqual(['first'])
  })

  test('a reference that cannot be ends it, by the first `next()`', async () => {
    await expect(aws().secrets.watch('ssm:no/slash').next()).rejects.toMatchObject({
      code: 'ERR_REFERENCE_INVALID',
    })
  })
})

describe('its end', () => {
  test.each(['its signal', 'the client'])('comes quietly with %s, and leaves nothing behind', async (end) => {
    const { emulator, secrets, clock, until } = aws()
    emulator.seed({ secrets: { 'prod/db': 'first' } })
    const { values, ended, controller } = watching('prod/db')
    await until(() => values.length === 1 && clock.sleeping === 1)
    if (end === 'its signal') controller.abort()
    else await secrets.close()
    await expect(ended).resolves.toBeUndefined()
    expect(clock.sleeping).toBe(0)
  })
})

describe('in AWS Lambda', () => {
  afterEach(() => {
    vi.unstubAllEnvs()
  })

  test('it sets no timer: it learns from the reads of the invocations', async () => {
    vi.stubEnv('AWS_LAMBDA_FUNCTION_NAME', 'handler')
    const { emulator, clock, connect, until } = aws()
    const secrets = connect()
    emulator.seed({ secrets: { 'prod/db': 'first' } })
    const { values } = watching('prod/db', secrets)
    await until(() => values.length === 1)
    expect(clock.sleeping).toBe(0)
    emulator.seed({ secrets: { 'prod/db': 'second' } })
    clock.advance(ROUND + 60_000)
    await secrets.get('prod/db')
    await until(() => values.length === 2)
    expect(values).toEqual(['first', 'second'])
  })
})
