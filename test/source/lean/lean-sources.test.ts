/** Lean sources on the wire: what they send, with which credentials and at what time, and what they leave behind. */

import { Agent as PlainAgent } from 'node:http'
import { Agent as SecureAgent } from 'node:https'
import { inspect } from 'node:util'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { leanSources } from '../../../src/lean/index.js'
import {
  SecretsClient,
  type SecretsClientOptions,
  type SecretsEvent,
  parseReference,
} from '../../../src/index.js'
import { startEmulator } from '../../../src/emulator/index.js'
import { failureOf } from '../../support/aws.js'
import { stubEnvironment } from '../../support/lean.js'
import { ManualClock } from '../../support/manual-clock.js'
import { NEEDLE, expectNoNeedle } from '../../support/needle.js'
import { type Respond, secretAnswer, startWire } from './wire.js'

const NOW = Date.UTC(2026, 10, 22, 8)
const ARN = 'arn:aws:secretsmanager:us-east-2:123456789012:secret:prod/db-AbCdEf'
const answering: Respond = (response) => response.end(secretAnswer())
const turn = () => new Promise(setImmediate)

/** A client without the SDK against a server that answers as told; what it waits for between attempts passes at once. */
async function start(respond: Respond = answering, variables: Readonly<Record<string, string>> = {}) {
  const wire = await startWire(respond)
  stubEnvironment({ AWS_ENDPOINT_URL: wire.url, ...variables })
  const clock = new ManualClock(NOW)
  const connect = (options: SecretsClientOptions = {}) => {
    const onEvent = (event: SecretsEvent) => {
      if (event.type !== 'retry') return
      setImmediate(() => {
        clock.advance(event.delayMs + 1)
      })
    }
    const secrets = new SecretsClient({ sources: leanSources({ clock }), clock, onEvent, ...options })
    onTestFinished(() => secrets.close())
    return secrets
  }
  return { ...wire, clock, connect, secrets: connect() }
}

const refused = (name: string, Message = ''): string => JSON.stringify({ __type: name, Message })

describe('both services over HTTP', () => {
  test('single reads, batches and trees are those of the built-in sources', async () => {
    const emulator = await startEmulator({ region: 'eu-west-1' })
    onTestFinished(() => emulator.close())
    emulator.seed({
      secrets: { 'prod/a': 'A', 'prod/b': 'B', 'prod/bytes': new Uint8Array([1, 2]) },
      parameters: { '/prod/x/one': '1', '/prod/x/two': '2' },
    })
    stubEnvironment({ ...emulator.env })
    const secrets = new SecretsClient({ sources: leanSources() })
    onTestFinished(() => secrets.close())
    await expect(secrets.get('prod/bytes', { as: 'bytes' })).resolves.toEqual(new Uint8Array([1, 2]))
    await expect(secrets.get('ssm:/prod/x/one')).resolves.toBe('1')
    const both = { a: 'prod/a', b: 'prod/b', one: 'ssm:/prod/x/one', two: 'ssm:/prod/x/two' }
    await expect(secrets.load(both)).resolves.toEqual({ a: 'A', b: 'B', one: '1', two: '2' })
    await expect(secrets.tree('ssm:/prod/x/')).resolves.toEqual({ one: '1', two: '2' })
    expect(emulator.count('BatchGetSecretValue')).toBe(1)
    expect(emulator.count('GetParametersByPath')).toBe(1)
    await expect(failureOf(secrets.get('prod/none'))).resolves.toMatchObject({
      code: 'ERR_NOT_FOUND',
      attempts: 1,
      requestId: expect.stringMatching(/^[\w-]+$/) as string,
    })
  })

  test('they are the sources of both services', () => {
    expect(leanSources().map(({ service, maxBatch }) => [service, maxBatch])).toEqual([
      ['secretsmanager', 20],
      ['ssm', 10],
    ])
  })
})

describe('a request', () => {
  test('says what it asks for and who asks, and takes no packed answer', async () => {
    const { secrets, seen } = await start()
    await secrets.get('prod/db')
    const [{ headers, body } = { headers: {}, body: '' }] = seen
    expect(JSON.parse(body)).toEqual({ SecretId: 'prod/db' })
    expect(headers).toMatchObject({
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'secretsmanager.GetSecretValue',
      'x-amz-date': '20261122T080000Z',
    })
    expect(headers['user-agent']).toMatch(/^aws-secrets-client lang\/js md\/nodejs#\d/)
    expect(headers).not.toHaveProperty('accept-encoding')
    expect(headers).not.toHaveProperty('x-amzn-trace-id')
  })

  test('is signed with the credentials of the moment', async () => {
    const { secrets, seen } = await start()
    await secrets.get('prod/db', { fresh: true })
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDROTATED')
    vi.stubEnv('AWS_SESSION_TOKEN', 'token')
    await secrets.get('prod/db', { fresh: true })
    const keys = seen.map(({ headers }) => /Credential=(\w+)/.exec(headers.authorization ?? '')?.[1])
    expect(keys).toEqual(['AKIDEXAMPLE', 'AKIDROTATED'])
    expect(seen.map(({ headers }) => headers['x-amz-security-token'])).toEqual([undefined, 'token'])
  })

  test('is signed for the region of the ARN, or else of the option', async () => {
    const { connect, clock, seen } = await start((response) => response.writeHead(500).end())
    const secrets = connect({
      sources: leanSources({ region: 'ap-south-1', clock }),
      retry: { maxAttempts: 1 },
    })
    await failureOf(secrets.get(ARN))
    await failureOf(secrets.get('prod/db'))
    const scopes = seen.map(({ headers }) => /\/\d{8}\/([\w-]+)\//.exec(headers.authorization ?? '')?.[1])
    expect(scopes).toEqual(['us-east-2', 'ap-south-1'])
  })

  test.each([
    ['from the variable', undefined, 'Root=1-variable'],
    ['from the invocation, where one process has several', () => 'Root=1-store', 'Root=1-store'],
    ['from the variable where the invocation has none', () => '', 'Root=1-variable'],
    [
      'from the variable where the invocation does not tell',
      () => {
        throw new Error('x')
      },
      'Root=1-variable',
    ],
  ])('carries the trace of a Lambda invocation %s', async (_title, getXRayTraceId, expected) => {
    if (getXRayTraceId !== undefined) vi.stubGlobal('awslambda', { InvokeStore: { getXRayTraceId } })
    onTestFinished(() => void vi.unstubAllGlobals())
    const trace = { AWS_LAMBDA_FUNCTION_NAME: 'f', _X_AMZN_TRACE_ID: 'Root=1-variable' }
    const { secrets, seen } = await start(answering, trace)
    await secrets.get('prod/db')
    expect(seen[0]?.headers['x-amzn-trace-id']).toBe(expected)
    expect(seen[0]?.headers.authorization).not.toContain('trace')
  })

  test('comes by the connection of the one before, and close() leaves none', async () => {
    const { secrets, seen, open } = await start()
    await secrets.get('prod/db', { fresh: true })
    await secrets.get('prod/db', { fresh: true })
    expect(seen.map(({ connection }) => connection)).toEqual([1, 1])
    expect(open()).toBe(1)
    await secrets.close()
    while (open() > 0) await turn()
  })
})

describe('a clock that is wrong', () => {
  const AHEAD = 'Sun, 22 Nov 2026 09:00:00 GMT'

  test('is corrected by the answer that says so, and the read goes on', async () => {
    const { secrets, seen } = await start((response, _seen, count) => {
      response.setHeader('date', AHEAD)
      if (count > 1) response.end(secretAnswer())
      else response.writeHead(400).end(refused('InvalidSignatureException', 'Signature not yet current'))
    })
    await expect(secrets.read('prod/db')).resolves.toMatchObject({ value: 'value' })
    expect(seen.map(({ headers }) => headers['x-amz-date'])).toEqual(['20261122T080000Z', '20261122T090000Z'])
  })

  test('is corrected by a refusal that does not say why', async () => {
    const { secrets, seen } = await start((response, _seen, count) => {
      response.setHeader('date', AHEAD)
      if (count > 1) response.end(secretAnswer())
      else response.writeHead(400).end(refused('SignatureDoesNotMatch'))
    })
    await secrets.get('prod/db')
    expect(seen).toHaveLength(2)
  })

  test.each([
    ['a few minutes', 'Sun, 22 Nov 2026 08:03:59 GMT'],
    ['nothing that is a date', 'soon'],
  ])('%s are no reason to', async (_title, date) => {
    const { secrets, seen } = await start((response) => {
      response.setHeader('date', date)
      response.end(secretAnswer())
    })
    await secrets.get('prod/db', { fresh: true })
    await secrets.get('prod/db', { fresh: true })
    expect(seen[1]?.headers['x-amz-date']).toBe('20261122T080000Z')
  })
})

describe('credentials that have expired', () => {
  test('are asked for again at the endpoint of the container, once', async () => {
    const asked: string[] = []
    const { secrets, seen, url } = await start((response, { headers }) => {
      if (headers['x-amz-target'] === undefined) {
        asked.push(`AKID${asked.length + 1}`)
        const Expiration = new Date(NOW + 3_600_000).toISOString()
        const grant = { AccessKeyId: asked.at(-1), SecretAccessKey: 's', Token: 't', Expiration }
        response.end(JSON.stringify(grant))
      } else if (headers.authorization?.includes('AKID1') === true) {
        response.writeHead(400).end(refused('ExpiredTokenException'))
      } else response.end(secretAnswer())
    })
    vi.stubEnv('AWS_ACCESS_KEY_ID', '')
    vi.stubEnv('AWS_CONTAINER_CREDENTIALS_FULL_URI', `${url}/creds`)
    await expect(secrets.get('prod/db')).resolves.toBe('value')
    expect(asked).toEqual(['AKID1', 'AKID2'])
    expect(seen).toHaveLength(4)
  })

  test('are asked for again once, when both services find them expired', async () => {
    let asks = 0
    const { secrets, url } = await start((response, { headers }) => {
      const target = headers['x-amz-target']
      if (target === undefined) {
        asks += 1
        const Expiration = new Date(NOW + 3_600_000).toISOString()
        response.end(
          JSON.stringify({ AccessKeyId: `AKID${asks}`, SecretAccessKey: 's', Token: 't', Expiration }),
        )
      } else if (headers.authorization?.includes('AKID1') === true) {
        response.writeHead(400).end(refused('ExpiredTokenException'))
      } else if (target === 'AmazonSSM.GetParameter') {
        response.end(JSON.stringify({ Parameter: { Name: '/prod/level', Value: 'info', Version: 1 } }))
      } else response.end(secretAnswer())
    })
    vi.stubEnv('AWS_ACCESS_KEY_ID', '')
    vi.stubEnv('AWS_CONTAINER_CREDENTIALS_FULL_URI', `${url}/creds`)
    // One after the other, since the endpoint would otherwise be asked for both at the same time.
    const [secret, parameter] = leanSources({ clock: new ManualClock(NOW) })
    const { signal } = new AbortController()
    const reads = [
      [secret, 'prod/db'],
      [parameter, 'ssm:/prod/level'],
    ] as const
    for (const expected of ['error', 'value'])
      for (const [source, ref] of reads)
        expect((await source?.load([parseReference(ref)], { signal }))?.[0]).toHaveProperty(expected)
    expect(asks).toBe(2)
    await secrets.close()
  })

  test('that cannot be had count as no request to the service', async () => {
    stubEnvironment({ AWS_ACCESS_KEY_ID: '', AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://example.com/creds' })
    const [source] = leanSources()
    const onRequest = vi.fn()
    const { signal } = new AbortController()
    const results = await source?.load([parseReference('prod/db')], { signal, onRequest })
    expect(results).toMatchObject([{ error: { name: 'CredentialsProviderError' }, region: 'eu-west-1' }])
    expect(onRequest).not.toHaveBeenCalled()
  })
})

describe('an abort', () => {
  test('ends a request at once, and its connection', async () => {
    const { seen, open } = await start(() => undefined)
    const [source] = leanSources()
    const [controller, onRequest] = [new AbortController(), vi.fn()]
    const loading = source?.load([parseReference('prod/db')], { signal: controller.signal, onRequest })
    while (seen.length === 0) await turn()
    controller.abort()
    await expect(loading).resolves.toMatchObject([{ error: { name: 'AbortError' } }])
    expect(onRequest.mock.calls).toEqual([['GetSecretValue']])
    while (open() > 0) await turn()
  })

  test('ends the wait for credentials, of which nothing was sent', async () => {
    const { url, seen } = await start(() => undefined)
    vi.stubEnv('AWS_ACCESS_KEY_ID', '')
    vi.stubEnv('AWS_CONTAINER_CREDENTIALS_FULL_URI', `${url}/creds`)
    const [source] = leanSources()
    const [controller, onRequest] = [new AbortController(), vi.fn()]
    const loading = source?.load([parseReference('prod/db')], { signal: controller.signal, onRequest })
    while (seen.length === 0) await turn()
    controller.abort('enough')
    await expect(loading).resolves.toMatchObject([{ error: 'enough' }])
    expect(onRequest).not.toHaveBeenCalled()
  })
})

test.each([
  ['https', 'http', new SecureAgent()],
  ['http', 'https', new PlainAgent()],
])('an agent for %s is refused by an endpoint over %s', async (_title, protocol, agent) => {
  const { connect, clock, seen, url } = await start()
  vi.stubEnv('AWS_ENDPOINT_URL', url.replace('http', protocol))
  const secrets = connect({ sources: leanSources({ clock, agent }) })
  await expect(failureOf(secrets.get('prod/db'))).resolves.toMatchObject({
    code: 'ERR_UNAVAILABLE',
    retryable: false,
    what: 'the agent for sockets is for another protocol than the endpoint (TypeError)',
    hint: expect.stringMatching(/^Pass an agent of node:https/) as string,
  })
  expect(seen).toHaveLength(0)
})

test('an answer without an end is given up', { timeout: 20_000 }, async () => {
  const mebibyte = Buffer.alloc(1_048_576, ' ')
  const { connect } = await start((response) => {
    for (let count = 0; count < 40; count += 1) response.write(mebibyte)
    response.end(secretAnswer())
  })
  const secrets = connect({ retry: { maxAttempts: 1 } })
  await expect(failureOf(secrets.get('prod/db'))).resolves.toMatchObject({ code: 'ERR_UNAVAILABLE' })
})

test('credentials and values show nowhere', async () => {
  const { secrets } = await start((response) => response.end(secretAnswer(NEEDLE)), {
    AWS_SECRET_ACCESS_KEY: NEEDLE,
    AWS_SESSION_TOKEN: NEEDLE,
  })
  const sources = leanSources()
  const { signal } = new AbortController()
  await sources[0]?.load([parseReference('prod/db')], { signal })
  await secrets.read('prod/db')
  expectNoNeedle([sources, secrets, inspect(sources, { depth: Infinity, showHidden: true })], NEEDLE)
})
