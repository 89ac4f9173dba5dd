/** Credentials that the service calls expired are renewed once, before the next request. */

import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { startEmulator } from '../../src/emulator/index.js'
import { parseReference } from '../../src/reference/parse.js'
import { Renewals, isExpired, isUnsent } from '../../src/source/credentials.js'
import { SecretsManagerSource } from '../../src/source/secrets-manager.js'

const { signal } = new AbortController()
const load = (source: SecretsManagerSource, ...refs: string[]) =>
  source.load(
    refs.map((ref) => parseReference(ref)),
    { signal },
  )
const named = (name: string, message = '', $metadata?: object) =>
  Object.assign(new Error(message), { name, $metadata })

describe('over HTTP', () => {
  /** A provider whose first identity the service does not accept any more, though it does not say so itself. */
  async function start(expiration?: Date) {
    const emulator = await startEmulator({ region: 'eu-west-1' })
    emulator.seed({ secrets: { a: 'A', b: 'B' } })
    const credentials = vi.fn(() =>
      Promise.resolve({
        accessKeyId: credentials.mock.calls.length === 1 ? 'AKIDEXPIRED' : 'AKIDRENEWED',
        secretAccessKey: 'x',
        ...(expiration !== undefined && { expiration }),
      }),
    )
    const client = new SecretsManagerClient({ ...emulator.clientConfig, credentials })
    const authorizations: string[] = []
    client.middlewareStack.add(
      (next) => (args) => {
        const { request } = args
        if (typeof request === 'object' && request !== null && 'headers' in request)
          authorizations.push(String(Reflect.get(Object(request.headers), 'authorization')))
        return next(args)
      },
      { step: 'deserialize', priority: 'low' },
    )
    onTestFinished(async () => {
      client.destroy()
      await emulator.close()
    })
    const signers = () => authorizations.map((text) => /Credential=(\w+)/.exec(text)?.[1])
    return { emulator, client, credentials, source: new SecretsManagerSource({ client }), signers }
  }

  test.each([
    ['without an expiry', undefined],
    ['that claim to last', new Date(Date.now() + 86_400_000)],
  ])('credentials %s are renewed before the next request', async (_title, expiration) => {
    const { emulator, credentials, source, signers } = await start(expiration)
    emulator.fail('GetSecretValue', { error: 'ExpiredTokenException' }, { times: 1 })
    await expect(load(source, 'a')).resolves.toMatchObject([{ error: { name: 'ExpiredTokenException' } }])
    expect(credentials).toHaveBeenCalledTimes(1)
    await expect(load(source, 'a')).resolves.toMatchObject([{ value: { text: 'A' } }])
    await load(source, 'a')
    expect(credentials).toHaveBeenCalledTimes(2)
    expect(signers()).toEqual(['AKIDEXPIRED', 'AKIDRENEWED', 'AKIDRENEWED'])
  })

  test('a load of several renews as well, and loads at the same time share it', async () => {
    const { emulator, credentials, source } = await start()
    emulator.fail('BatchGetSecretValue', { error: 'RequestExpired' }, { times: 1 })
    await expect(load(source, 'a', 'b')).rejects.toHaveProperty('name', 'RequestExpired')
    const loaded = await Promise.all([load(source, 'a', 'b'), load(source, 'a'), load(source, 'b')])
    expect(loaded.flat()).toMatchObject(['A', 'B', 'A', 'B'].map((text) => ({ value: { text } })))
    expect(credentials).toHaveBeenCalledTimes(2)
  })

  test('other failures renew nothing', async () => {
    const { emulator, credentials, source } = await start()
    emulator.fail('GetSecretValue', { error: 'UnrecognizedClientException' }, { times: 1 })
    await load(source, 'a')
    await load(source, 'a')
    expect(credentials).toHaveBeenCalledTimes(1)
  })
})

describe('Renewals', () => {
  const expired = named('ExpiredToken', '', {})
  const clientWith = (credentials: unknown) => ({
    send: () => Promise.resolve({}),
    config: { credentials },
  })
  const fail = () => Promise.reject(expired)

  test.each([
    ['a provider that rejects', () => Promise.reject(new Error('down'))],
    [
      'a provider that throws',
      () => {
        throw new Error('down')
      },
    ],
    ['credentials that are no provider', { accessKeyId: 'AKIDEXAMPLE' }],
    ['no credentials', undefined],
  ])('%s does not stand in the way of the next request', async (_title, credentials) => {
    const renewals = new Renewals()
    const client = clientWith(credentials)
    await expect(renewals.around(client, signal, fail)).rejects.toBe(expired)
    await expect(renewals.around(client, signal, () => Promise.resolve('sent'))).resolves.toBe('sent')
  })

  test('a client without a configuration is left alone', async () => {
    const renewals = new Renewals()
    const client = { send: () => Promise.resolve({}) }
    await expect(renewals.around(client, signal, fail)).rejects.toBe(expired)
    await expect(renewals.around(client, signal, fail)).rejects.toBe(expired)
  })

  test('the provider is asked to forget what it remembers, and of this client only', async () => {
    const renewals = new Renewals()
    const [provider, other] = [vi.fn(), vi.fn()]
    const client = clientWith(provider)
    await expect(renewals.around(client, signal, fail)).rejects.toBe(expired)
    await renewals.around(clientWith(other), signal, () => Promise.resolve())
    await renewals.around(client, signal, () => Promise.resolve())
    expect(provider.mock.calls).toEqual([[{ forceRefresh: true }]])
    expect(other).not.toHaveBeenCalled()
  })

  test('a request that was signed before a renewal does not ask for another', async () => {
    const renewals = new Renewals()
    const provider = vi.fn()
    const client = clientWith(provider)
    let failLate: (error: unknown) => void = () => undefined
    const late = renewals.around(client, signal, () => new Promise((_, reject) => (failLate = reject)))
    await expect(renewals.around(client, signal, fail)).rejects.toBe(expired)
    await renewals.around(client, signal, () => Promise.resolve())
    failLate(expired)
    await expect(late).rejects.toBe(expired)
    await renewals.around(client, signal, () => Promise.resolve())
    expect(provider).toHaveBeenCalledTimes(1)
  })

  test('a provider that hangs holds up one load until it is aborted, and none after it', async () => {
    const renewals = new Renewals()
    const client = clientWith(() => new Promise(() => undefined))
    await expect(renewals.around(client, signal, fail)).rejects.toBe(expired)
    const controller = new AbortController()
    const send = vi.fn(() => Promise.resolve('sent'))
    const held = renewals.around(client, controller.signal, send)
    controller.abort('late')
    await expect(held).rejects.toBe('late')
    expect(send).not.toHaveBeenCalled()
    await expect(renewals.around(client, signal, send)).resolves.toBe('sent')
  })
})

test.each<[unknown, boolean]>([
  [named('ExpiredToken'), true],
  [named('ExpiredTokenException'), true],
  [named('RequestExpired'), true],
  [named('InvalidSignatureException', 'Signature expired: 20261121T1 is now earlier than 20261121T2'), true],
  [named('InvalidSignatureException', 'Signature not yet current'), false],
  [named('AccessDeniedException', 'Signature expired'), false],
  [undefined, false],
  ['ExpiredToken', false],
])('isExpired of %s is %s', (error, expected) => {
  expect(isExpired(error)).toBe(expected)
})

test.each<[unknown, boolean]>([
  [named('CredentialsProviderError'), true],
  [named('TokenProviderError'), true],
  [named('CredentialsProviderError', '', { httpStatusCode: 400 }), false],
  [named('ExpiredToken'), false],
  [null, false],
])('isUnsent of %s is %s', (error, expected) => {
  expect(isUnsent(error)).toBe(expected)
})
