/** One request for each load over real HTTP, whatever the user's SDK client would make of failures. */

import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { startEmulator } from '../../src/emulator/index.js'
import { parseReference } from '../../src/reference/parse.js'
import { failureOf } from '../../src/source/failure.js'
import { ParameterStoreSource } from '../../src/source/parameter-store.js'
import type { SdkClient } from '../../src/source/sdk-client.js'
import { SecretsManagerSource } from '../../src/source/secrets-manager.js'
import { sendOnce } from '../../src/source/single-attempt.js'
import { until } from '../support/manual-clock.js'

const MODES = [
  ['the default number of attempts', {}],
  ['3 attempts', { maxAttempts: 3 }],
  ['10 attempts', { maxAttempts: 10 }],
  ['adaptive retries', { maxAttempts: 3, retryMode: 'adaptive' }],
] as const
const { signal } = new AbortController()
const references = (...refs: string[]) => refs.map((ref) => parseReference(ref))

async function start(config: object = {}) {
  const emulator = await startEmulator({ region: 'eu-west-1' })
  emulator.seed({ secrets: { a: 'A', b: 'B' }, parameters: { '/a': 'A', '/b': 'B' } })
  const secretsManager = new SecretsManagerClient({ ...emulator.clientConfig, ...config })
  const ssm = new SSMClient({ ...emulator.clientConfig, ...config })
  onTestFinished(async () => {
    secretsManager.destroy()
    ssm.destroy()
    await emulator.close()
  })
  const onRequest = vi.fn<(operation: string) => void>()
  const context = { signal, onRequest }
  const sources = {
    secrets: new SecretsManagerSource({ client: secretsManager }),
    parameters: new ParameterStoreSource({ client: ssm }),
  }
  return { emulator, secretsManager, ssm, context, onRequest, ...sources }
}

describe.each(MODES)('a client with %s makes one request', (_title, config) => {
  test.each([
    ['an internal error', { error: 'InternalServiceError' }],
    ['a throttle', { error: 'ThrottlingException' }],
    ['a reset connection', { drop: 'reset' }],
    ['half an answer', { drop: 'truncate' }],
  ] as const)('that meets %s', async (_fault, fault) => {
    const { emulator, secrets, parameters, context, onRequest } = await start(config)
    emulator.fail('*', fault)
    const [one] = await secrets.load(references('a'), context)
    expect(one).toHaveProperty('error')
    expect(emulator.count()).toBe(1)
    await expect(secrets.load(references('a', 'b'), context)).rejects.toThrow()
    expect(emulator.count()).toBe(2)
    const [other] = await parameters.load(references('ssm:/a'), context)
    expect(other).toHaveProperty('error')
    expect(emulator.count()).toBe(3)
    await expect(parameters.load(references('ssm:/a', 'ssm:/b'), context)).rejects.toThrow()
    expect(emulator.count()).toBe(4)
    expect(onRequest.mock.calls.flat()).toEqual([
      'GetSecretValue',
      'BatchGetSecretValue',
      'GetParameter',
      'GetParameters',
    ])
  })
})

test("the client's own retries are as they were", async () => {
  const { emulator, secretsManager, ssm, secrets, parameters, context } = await start({ maxAttempts: 3 })
  await secrets.load(references('a'), context)
  await parameters.load(references('ssm:/a'), context)
  emulator.clearRequests()
  emulator.fail('*', { error: 'InternalServerError' }, { times: 2 })
  await expect(secretsManager.send(new GetSecretValueCommand({ SecretId: 'a' }))).resolves.toMatchObject({
    SecretString: 'A',
  })
  expect(emulator.count()).toBe(3)
  emulator.fail('*', { error: 'InternalServerError' }, { times: 2 })
  await ssm.send(new GetParameterCommand({ Name: '/a' }))
  expect(emulator.count()).toBe(6)
})

describe('onRequest', () => {
  test('is called when the request is on its way, and not again for the answer', async () => {
    const { emulator, secrets, onRequest, context } = await start()
    emulator.fail('GetSecretValue', { drop: 'never-answer' })
    const controller = new AbortController()
    const loading = secrets.load(references('a'), { ...context, signal: controller.signal })
    await until(() => onRequest.mock.calls.length > 0)
    controller.abort()
    await expect(loading).resolves.toHaveProperty('0.error')
    expect(onRequest.mock.calls).toEqual([['GetSecretValue']])
  })

  test('is not called where no credentials were found to sign with', async () => {
    const unsigned = Object.assign(new Error('none'), { name: 'CredentialsProviderError' })
    const { emulator, secrets, onRequest, context } = await start({
      credentials: () => Promise.reject(unsigned),
    })
    const [result] = await secrets.load(references('a'), context)
    expect(failureOf(result?.error, parseReference('a'))).toMatchObject({
      code: 'ERR_CREDENTIALS',
      attempts: 0,
      retryable: true,
    })
    expect(onRequest).not.toHaveBeenCalled()
    expect(emulator.count()).toBe(0)
  })

  test.each([
    ['fail in a way of their own', () => Promise.reject(new Error('down'))],
    ['are not found in time', () => new Promise<never>(() => undefined)],
  ])('is not called where credentials %s', async (_title, credentials) => {
    const { emulator, secrets, onRequest } = await start({ credentials })
    const controller = new AbortController()
    const loading = secrets.load(references('a'), { signal: controller.signal, onRequest })
    const settled = Promise.race([loading, new Promise((resolve) => setImmediate(resolve))])
    await settled
    controller.abort()
    expect(onRequest).not.toHaveBeenCalled()
    expect(emulator.count()).toBe(0)
  })

  test('is not called where the load is aborted before', async () => {
    const { secrets, onRequest } = await start()
    const context = { signal: AbortSignal.abort('left'), onRequest }
    await expect(secrets.load(references('a'), context)).resolves.toEqual([{ error: 'left' }])
    await expect(secrets.load(references('a', 'b'), context)).rejects.toBe('left')
    expect(onRequest).not.toHaveBeenCalled()
  })

  test('counts what a wrapper around the client repeats', async () => {
    const { emulator, secretsManager, onRequest, context } = await start()
    emulator.fail('GetSecretValue', { error: 'InternalServiceError' }, { times: 2 })
    const client: SdkClient = {
      async send(command, options) {
        if (!(command instanceof GetSecretValueCommand)) throw new TypeError('another command')
        const send = () => secretsManager.send(command, options)
        return send().catch(send).catch(send)
      },
    }
    const [result] = await new SecretsManagerSource({ client }).load(references('a'), context)
    expect(result).toHaveProperty('value.text', 'A')
    expect(emulator.count()).toBe(3)
    expect(onRequest).toHaveBeenCalledTimes(3)
  })
})

describe('a client with nothing but send', () => {
  const named = (name: string, $metadata?: object) => Object.assign(new Error(name), { name, $metadata })
  const commandOf = () => new GetSecretValueCommand({ SecretId: 'a' })

  async function countOf(send: SdkClient['send']): Promise<number> {
    const onRequest = vi.fn()
    await sendOnce({ send }, commandOf(), 'GetSecretValue', { signal, onRequest }).catch(() => undefined)
    expect(new Set(onRequest.mock.calls.flat()).size).toBeLessThan(2)
    return onRequest.mock.calls.length
  }

  const stub = (outcome: unknown): SdkClient['send'] => {
    const send = vi.fn<SdkClient['send']>()
    return send.mockImplementation(() =>
      outcome instanceof Error ? Promise.reject(outcome) : Promise.resolve(Object(outcome)),
    )
  }
  const throwing = new Proxy(new Error('x'), {
    get: () => {
      throw new Error('looked at')
    },
  })

  test.each<[string, unknown, number]>([
    ['an answer', { SecretString: 'x' }, 1],
    ['an answer after 3 attempts', { $metadata: { attempts: 3 } }, 3],
    ['an error', named('ThrottlingException'), 1],
    ['an error after 2 attempts', named('ThrottlingException', { attempts: 2 }), 2],
    ['an absurd number of attempts', { $metadata: { attempts: 1e15 } }, 100],
    ['a number of attempts that is none', { $metadata: { attempts: '9' } }, 1],
    ['no credentials to sign with', named('CredentialsProviderError'), 0],
    ['credentials that the service refused', named('ExpiredTokenException', {}), 1],
    ['an error that throws when it is looked at', throwing, 1],
  ])('%s', async (_title, outcome, count) => {
    await expect(countOf(stub(outcome))).resolves.toBe(count)
  })

  test('rejects with the raw error', async () => {
    const error = named('ThrottlingException')
    await expect(sendOnce({ send: stub(error) }, commandOf(), 'x', { signal })).rejects.toBe(error)
    await expect(sendOnce({ send: stub(throwing) }, commandOf(), 'x', { signal })).rejects.toBe(throwing)
  })

  test('is counted when it is left behind, once', async () => {
    const onRequest = vi.fn()
    const controller = new AbortController()
    let settle: (answer: object) => void = () => undefined
    const send = () => new Promise<object>((resolve) => (settle = resolve))
    const sent = sendOnce({ send }, commandOf(), 'GetSecretValue', { signal: controller.signal, onRequest })
    expect(onRequest).not.toHaveBeenCalled()
    controller.abort()
    expect(onRequest).toHaveBeenCalledTimes(1)
    settle({})
    await sent
    expect(onRequest).toHaveBeenCalledTimes(1)
  })

  test('leaves no listener on the signal', async () => {
    const controller = new AbortController()
    const removed = vi.spyOn(controller.signal, 'removeEventListener')
    const added = vi.spyOn(controller.signal, 'addEventListener')
    await sendOnce({ send: stub({}) }, commandOf(), 'x', { signal: controller.signal })
    expect(added).toHaveBeenCalledTimes(1)
    expect(removed.mock.calls[0]?.[1]).toBe(added.mock.calls[0]?.[1])
  })
})
