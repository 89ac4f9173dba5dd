/** Defects of the AWS SDK for JavaScript, of p-retry and of cockatiel, each as a test that fails where it is repeated. */

import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { afterEach, describe, expect, test, vi } from 'vitest'
import type { SecretsEvent } from '../../src/index.js'
import { failureOf, useAws } from '../support/aws.js'
import { NEEDLE, expectNoNeedle } from '../support/needle.js'

const aws = useAws()

describe('the SDK', () => {
  afterEach(() => {
    vi.restoreAllMocks()
  })

  test('its requestTimeout only warns: a server that says nothing holds the read for ever', async () => {
    const { emulator, connect, clock, until } = aws()
    const quiet = vi.fn()
    const logger = { debug: quiet, info: quiet, warn: vi.fn(), error: quiet }
    const secretsManager = new SecretsManagerClient({
      ...emulator.clientConfig,
      maxAttempts: 1,
      requestHandler: { requestTimeout: 1, logger },
    })
    const secrets = connect({ clients: { secretsManager }, retry: { maxAttempts: 1 } })
    emulator.fail('*', { drop: 'never-answer' })
    const read = secrets.get('prod/db')
    await until(() => emulator.count() === 1 && logger.warn.mock.calls.length === 1)
    clock.advance(2_000)
    await expect(read).rejects.toMatchObject({ code: 'ERR_TIMEOUT' })
    await until(() => clock.sleeping === 0)
  })

  test('adaptive mode waits for an hour after the wall clock went back by one', async () => {
    const { emulator, connect, clock } = aws()
    const settings = { ...emulator.clientConfig, retryMode: 'adaptive', maxAttempts: 3 }
    const onEvent = (event: SecretsEvent) => {
      if (event.type !== 'retry') return
      setImmediate(() => {
        clock.advance(event.delayMs + 1)
      })
    }
    const secrets = connect({ clients: { secretsManager: new SecretsManagerClient(settings) }, onEvent })
    emulator.seed({ secrets: { a: 'a', b: 'b' } })
    emulator.fail('*', { error: 'ThrottlingException' }, { times: 2 })
    await expect(secrets.get('a')).resolves.toBe('a')
    const now = Date.now()
    vi.spyOn(Date, 'now').mockReturnValue(now - 3_600_000)
    await expect(secrets.get('b')).resolves.toBe('b')
    expect(emulator.count()).toBe(4)
  })

  test('a signature that expired during a freeze fails the first read after it', async () => {
    const { emulator, secrets, passing } = aws()
    emulator.seed({ secrets: { 'prod/db': 'first' } })
    const message = 'Signature expired: 20260101T000000Z is now earlier than 20260101T001000Z'
    emulator.fail('*', { error: 'InvalidSignatureException', message }, { times: 1 })
    await expect(passing(secrets.get('prod/db'))).resolves.toBe('first')
  })

  test.each([['{}'], ['']])('the answer %j with status 200 is a success without a value', async (body) => {
    const { emulator, connect, clock } = aws()
    const secrets = connect({ retry: { maxAttempts: 1 } })
    emulator.seed({ secrets: { 'prod/db': 'first' } })
    emulator.fail('*', { body }, { times: 1 })
    await expect(secrets.get('prod/db')).rejects.toMatchObject({ code: 'ERR_UNAVAILABLE' })
    clock.advance(1_000)
    await expect(secrets.get('prod/db')).resolves.toBe('first')
  })

  test('its errors quote what they could not read, a secret for one', async () => {
    const { emulator, connect } = aws()
    const secrets = connect({ retry: { maxAttempts: 1 }, cache: { negativeTtlMs: 0 } })
    for (const fault of [
      { body: `{"SecretString": ${NEEDLE}` },
      { body: JSON.stringify({ __type: 'Odd', SecretString: NEEDLE, message: NEEDLE }), status: 400 },
      { error: 'AccessDeniedException', message: NEEDLE },
    ]) {
      emulator.fail('*', fault, { times: 1 })
      expectNoNeedle(await failureOf(secrets.get('prod/db')), NEEDLE)
    }
  })

  test('retries around it multiply: three times three requests', async () => {
    const { emulator, connect, sdk, passing, calls } = aws()
    const secrets = connect({ clients: sdk(3) })
    emulator.fail('*', { error: 'InternalServiceError' })
    expect(await failureOf(passing(secrets.get('prod/db')))).toMatchObject({ attempts: 3 })
    expect(calls()).toBe(3)
  })
})

describe('p-retry and cockatiel', () => {
  /** A read whose first attempt has failed, and which waits for the second. */
  const waiting = async (reason: unknown) => {
    const { emulator, observe, until } = aws()
    const { secrets, told } = observe()
    emulator.fail('*', { error: 'ThrottlingException' })
    const controller = new AbortController()
    const read = secrets.get('prod/db', { signal: controller.signal })
    await until(() => told('retry').length === 1)
    controller.abort(reason)
    return read
  }

  test.each([['a text'], [404], [null], [{ why: 'shutdown' }]])(
    'the reason of an abort that is no Error is replaced by a TypeError: %j',
    async (reason) => {
      const thrown: unknown = await waiting(reason).catch((error: unknown) => error)
      expect(thrown).toBe(reason)
    },
  )

  test('the wait between two attempts cannot be aborted', async () => {
    const { clock } = aws()
    const now = clock.monotonic()
    await expect(waiting('enough')).rejects.toBe('enough')
    await new Promise(setImmediate)
    expect([clock.monotonic() - now, clock.sleeping]).toEqual([0, 0])
  })

  test('an abort during an attempt waits for the attempt', async () => {
    const { emulator, secrets, clock, until } = aws()
    emulator.fail('*', { drop: 'never-answer' })
    const controller = new AbortController()
    const read = secrets.get('prod/db', { signal: controller.signal })
    await until(() => emulator.count() === 1)
    controller.abort('enough')
    await expect(read).rejects.toBe('enough')
    await until(() => clock.sleeping === 0)
    expect(emulator.count()).toBe(1)
  })

  test('time that is up does not end the attempt under way', async () => {
    const { emulator, connect, clock, until } = aws()
    const secrets = connect({ retry: { timeoutMs: 100, attemptTimeoutMs: 60_000 } })
    emulator.fail('*', { drop: 'never-answer' })
    const read = secrets.get('prod/db')
    await until(() => emulator.count() === 1)
    clock.advance(100)
    await expect(read).rejects.toMatchObject({ code: 'ERR_TIMEOUT' })
  })

  test('short of time it fires the last attempts one after the other', async () => {
    const { emulator, observe, clock, passing } = aws()
    const { secrets, told } = observe({ retry: { timeoutMs: 300, maxAttempts: 10 } })
    emulator.fail('*', { error: 'InternalServiceError' })
    const started = clock.now()
    await failureOf(passing(secrets.get('prod/db')))
    const retries = told('retry')
    for (const { at, delayMs } of retries) expect(at + delayMs - started).toBeLessThanOrEqual(200)
    expect(emulator.count()).toBe(retries.length + 1)
  })

  test('a hook that throws replaces the error', async () => {
    const { emulator, connect, passing } = aws()
    const onEvent = () => {
      throw new Error('of the hook')
    }
    const secrets = connect({ onEvent })
    emulator.fail('*', { error: 'InternalServiceError' })
    await expect(passing(secrets.get('prod/db'))).rejects.toMatchObject({
      code: 'ERR_UNAVAILABLE',
      attempts: 3,
    })
  })
})
