/** The fault server does what the catalogue says, as a bare SDK client sees it that makes one attempt. */

import {
  BatchGetSecretValueCommand,
  GetSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager'
import { GetParameterCommand, GetParametersCommand, SSMClient } from '@aws-sdk/client-ssm'
import { connect } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Service } from '../../src/reference/reference.js'
import { type FaultServer, type FaultServerOptions, startFaultServer } from '../support/fault-server.js'
import type { Fault } from '../support/fault-server/fault.js'
import {
  batchDenied,
  deafPort,
  finWithoutResponse,
  longerContentLength,
  neverAnswers,
  redirect,
  refusal,
  resetAfterRequest,
  resetMidBody,
  slowDrip,
  stallAfterHeaders,
  truncatedBody,
  uncredentialled,
  undialled,
} from '../support/fault-server/faults.js'
import { NEEDLE } from '../support/needle.js'
import { CATALOGUE, type FaultRow, PINS, TARGETS } from './catalogue.js'

interface Bench {
  readonly server: FaultServer
  /** Sends one read, of one item or of the target and another. */
  readonly read: (service: Service, shape: Shape, abortSignal?: AbortSignal) => Promise<object>
}

type Shape = 'single' | 'batch'

async function start(options?: FaultServerOptions): Promise<Bench> {
  const server = await startFaultServer(options)
  const secretsManager = new SecretsManagerClient({ ...server.clientConfig, maxAttempts: 1 })
  const ssm = new SSMClient({ ...server.clientConfig, maxAttempts: 1 })
  onTestFinished(async () => {
    await server.close()
    secretsManager.destroy()
    ssm.destroy()
  })
  const read: Bench['read'] = (service, shape, abortSignal) => {
    const id = TARGETS[service]
    const options = { ...(abortSignal !== undefined && { abortSignal }) }
    if (service === 'ssm') {
      return shape === 'single'
        ? ssm.send(new GetParameterCommand({ Name: id, WithDecryption: true }), options)
        : ssm.send(new GetParametersCommand({ Names: [id, '/prod/next'], WithDecryption: true }), options)
    }
    return shape === 'single'
      ? secretsManager.send(new GetSecretValueCommand({ SecretId: id }), options)
      : secretsManager.send(new BatchGetSecretValueCommand({ SecretIdList: [id, 'prod/next'] }), options)
  }
  return { server, read }
}

/** The code of the error, or else its name; `success` without one. */
const sightOf = (sent: Promise<object>): Promise<string> =>
  sent.then(
    () => 'success',
    (error: unknown) => {
      if (!(error instanceof Error)) return 'no Error'
      const code: unknown = Reflect.get(error, 'code')
      return typeof code === 'string' ? code : error.name
    },
  )

/** Lets the event loop turn, so that whatever could happen without a timer happens. */
async function turns(): Promise<void> {
  for (let left = 20; left > 0; left -= 1) await new Promise((resolve) => setImmediate(resolve))
}

/** What has become of a promise by now. */
async function stateOf(sight: Promise<string>): Promise<string> {
  let state = 'pending'
  void sight.then((settled) => (state = settled))
  await turns()
  return state
}

const SHAPES: readonly Shape[] = ['single', 'batch']
const CASES = CATALOGUE.flatMap((row) =>
  row.services.flatMap((service) =>
    SHAPES.map((shape) => ({ row, service, shape, title: `${row.name}, ${service}, ${shape}` })),
  ),
)

/** Item refusals leave a batch standing, but for those with which Parameter Store fails all names. */
function expectedSight({ sdk, fault, isOfItem }: FaultRow, service: Service, shape: Shape): string {
  if (shape === 'single') return sdk[service]
  if (fault === batchDenied) return 'AccessDeniedException'
  const isTold = service === 'secretsmanager' || sdk.ssm === 'ParameterNotFound'
  return isOfItem && isTold ? 'success' : sdk[service]
}

describe('every fault shows to the SDK as the catalogue says', () => {
  test.each(CASES)('$title', async ({ row, service, shape }) => {
    const { server, read } = await start({ tls: row.isTls })
    server.set(row.fault)
    const controller = new AbortController()
    const sight = sightOf(read(service, shape, controller.signal))
    await server.struck(1)
    if (row.hangs) {
      expect(await stateOf(sight)).toBe('pending')
      controller.abort()
    }
    const expected = expectedSight(row, service, shape)
    expect(expected === 'pending' ? await stateOf(sight) : await sight).toBe(expected)
    expect(server.hits).toBe(1)
    expect(server.count()).toBe(row.fault.at === 'request' ? 1 : 0)
    expect(server.strays).toBe(0)
    await server.idle()
  })
})

describe('the catalogue', () => {
  test('names each fault once', () => {
    const names = CATALOGUE.map(({ name }) => name)
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([])
  })

  test.each(CATALOGUE)('$name: code, attempts and requests fit its class', (row) => {
    const { outcome, code, attempts, requests, hangs, fault } = row
    expect(code === undefined).toBe(outcome === 'harmless')
    expect(hangs).toBe(code === 'ERR_TIMEOUT')
    if (outcome === 'throttled') expect(code).toBe('ERR_THROTTLED')
    if (outcome === 'credentials-once') expect([code, attempts]).toEqual(['ERR_CREDENTIALS', 2])
    if (outcome === 'decode') expect([code, attempts]).toEqual(['ERR_DECODE', 1])
    if (outcome === 'definitive' || outcome === 'harmless') expect(attempts).toBe(1)
    expect(requests).toBe(fault.at === 'request' ? attempts : 0)
  })
})

/** What the SDK makes of the good answer under a fault of the catalogue. */
async function answerUnder(name: string, service: Service, shape: Shape = 'single') {
  const { server, read } = await start()
  const row = CATALOGUE.find((candidate) => candidate.name === name)
  if (row === undefined) throw new Error(`no such fault: ${name}`)
  server.set(row.fault)
  return read(service, shape)
}

const SECRET = {
  ARN: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-AbCdEf',
  Name: 'prod/db',
  VersionId: '00000000-0000-4000-8000-000000000001',
  SecretString: JSON.stringify({ password: NEEDLE, name: 'prod/db' }),
  VersionStages: ['AWSCURRENT'],
  CreatedDate: new Date(1_700_000_000_123),
}
const NEW_SECRET = { ...SECRET, VersionId: '00000000-0000-4000-8000-000000000099' }
const PARAMETER = {
  ARN: 'arn:aws:ssm:eu-west-1:123456789012:parameter/prod/level',
  Name: '/prod/level',
  Type: 'SecureString',
  Value: JSON.stringify({ password: NEEDLE, name: '/prod/level' }),
  Version: 1,
  LastModifiedDate: new Date(1_700_000_000_123),
  DataType: 'text',
}

describe('faults that the SDK takes for an answer', () => {
  test.each([
    '200 with {}',
    '200 without a body',
    '200 with null',
    '200 with a list',
    'deeply nested answer',
  ])('%s: nothing in it', async (name) => {
    expect(Object.keys(await answerUnder(name, 'secretsmanager'))).toEqual(['$metadata'])
    expect(Object.keys(await answerUnder(name, 'ssm', 'batch'))).toEqual(['$metadata'])
  })

  test.each<[string, object]>([
    ['member given twice', SECRET],
    ['__proto__ in the answer', SECRET],
    ['value of 3 MiB', { ...NEW_SECRET, SecretString: NEEDLE.padEnd(3 * 1024 * 1024, '.') }],
    ['both payloads', { ...SECRET, SecretBinary: new Uint8Array(3) }],
    ['value that is no JSON', { ...NEW_SECRET, SecretString: NEEDLE }],
    ['value with a byte order mark', { ...NEW_SECRET, SecretString: `\uFEFF{"password":"${NEEDLE}"}` }],
    ['another item', { ...SECRET, ARN: SECRET.ARN.replace('db', 'other'), Name: 'prod/other' }],
    ['another region', { ...SECRET, ARN: SECRET.ARN.replace('eu-west-1', 'us-east-1') }],
    ['another version stage', { ...SECRET, VersionStages: ['AWSPREVIOUS'] }],
    ['another version', { ...SECRET, VersionId: '99999999-9999-4999-8999-999999999999' }],
  ])('%s, of a secret', async (name, expected) => {
    const single = await answerUnder(name, 'secretsmanager')
    expect(single).toEqual({ ...expected, $metadata: expect.anything() as unknown })
    const batch = await answerUnder(name, 'secretsmanager', 'batch')
    expect(batch).toMatchObject({ SecretValues: [expected, {}] })
  })

  test.each<[string, object]>([
    ['member given twice', PARAMETER],
    ['value that is no JSON', { ...PARAMETER, Value: NEEDLE, Version: 99 }],
    ['another item', { ...PARAMETER, ARN: PARAMETER.ARN.replace('level', 'other'), Name: '/prod/other' }],
    ['another version', { ...PARAMETER, Version: 99 }],
  ])('%s, of a parameter', async (name, expected) => {
    expect(await answerUnder(name, 'ssm')).toMatchObject({ Parameter: expected })
    expect(await answerUnder(name, 'ssm', 'batch')).toMatchObject({ Parameters: [expected, {}] })
  })

  test('binary value that is no UTF-8', async () => {
    const answer = await answerUnder('binary value that is no UTF-8', 'secretsmanager')
    expect(answer).not.toHaveProperty('SecretString')
    expect(answer).toHaveProperty('SecretBinary.0', 0xff)
  })

  test('no payload', async () => {
    expect(await answerUnder('no payload', 'secretsmanager')).not.toHaveProperty('SecretString')
    expect(await answerUnder('no payload', 'ssm')).not.toHaveProperty('Parameter.Value')
  })

  test('payload that is no text', async () => {
    expect(await answerUnder('payload that is no text', 'ssm')).toHaveProperty('Parameter.Value.0.0.0.0')
  })

  test('nothing is polluted', async () => {
    await answerUnder('__proto__ in the answer', 'ssm')
    expect(Reflect.get({}, 'polluted')).toBeUndefined()
  })
})

/** What a client without HTTP of its own sees of one request: how much of the answer, and how it ends. */
async function wireOf(fault: Fault, isOver: (bytes: Buffer, end: string) => boolean) {
  const { server } = await start()
  server.set(fault)
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
  onTestFinished(() => void socket.destroy())
  let bytes = Buffer.alloc(0)
  let end = 'open'
  socket.on('data', (chunk: Buffer) => (bytes = Buffer.concat([bytes, chunk])))
  socket.on('end', () => (end = 'end'))
  socket.on('error', (error: Error & { code?: string }) => (end = error.code ?? 'error'))
  const body = JSON.stringify({ SecretId: TARGETS.secretsmanager })
  const target = 'x-amz-target: secretsmanager.GetSecretValue'
  socket.write(`POST / HTTP/1.1\r\n${target}\r\ncontent-length: ${body.length}\r\n\r\n${body}`)
  await server.struck(1)
  while (!isOver(bytes, end)) await turns()
  await turns()
  const [head, sent = ''] = bytes.toString().split('\r\n\r\n')
  return { hasHead: head?.startsWith('HTTP/1.1 200') === true, sent, end }
}

describe('on the wire', () => {
  const whole = JSON.stringify({ ...SECRET, CreatedDate: 1_700_000_000.123 })
  const half = whole.slice(0, Buffer.byteLength(whole) / 2)

  test.each<[string, Fault, { hasHead: boolean; sent: string; end: string }]>([
    ['reset after the request', resetAfterRequest, { hasHead: false, sent: '', end: 'ECONNRESET' }],
    ['end without a response', finWithoutResponse, { hasHead: false, sent: '', end: 'end' }],
    ['reset in the middle of the body', resetMidBody, { hasHead: true, sent: half, end: 'ECONNRESET' }],
    ['truncated body', truncatedBody, { hasHead: true, sent: half, end: 'end' }],
    ['content-length too long', longerContentLength, { hasHead: true, sent: whole, end: 'open' }],
    ['silence after the headers', stallAfterHeaders, { hasHead: true, sent: '', end: 'open' }],
    ['slow drip', slowDrip, { hasHead: true, sent: '', end: 'open' }],
    ['no answer', neverAnswers, { hasHead: false, sent: '', end: 'open' }],
    ['port that says nothing', deafPort, { hasHead: false, sent: '', end: 'open' }],
  ])('%s', async (_name, fault, expected) => {
    const isOver = (bytes: Buffer, end: string) =>
      end === expected.end && bytes.includes('\r\n\r\n') === expected.hasHead
    expect(await wireOf(fault, isOver)).toEqual(expected)
  })
})

describe('inside a batch', () => {
  test('a refused secret is an item error, and the other one is there', async () => {
    expect(await answerUnder('denied item', 'secretsmanager', 'batch')).toMatchObject({
      SecretValues: [{ Name: 'prod/next' }],
      Errors: [{ SecretId: 'prod/db', ErrorCode: 'AccessDeniedException' }],
    })
  })

  test('a missing parameter is an invalid name, and the other one is there', async () => {
    expect(await answerUnder('missing item', 'ssm', 'batch')).toMatchObject({
      Parameters: [{ Name: '/prod/next' }],
      InvalidParameters: ['/prod/level'],
    })
  })

  test('a denied parameter fails all names', async () => {
    await expect(answerUnder('denied item', 'ssm', 'batch')).rejects.toThrow('is not authorized')
  })
})

describe('the server', () => {
  test.each(SHAPES)('is healthy unless told otherwise, with and without TLS: %s', async (shape) => {
    for (const tls of [false, true]) {
      const { server, read } = await start({ tls })
      const isSingle = shape === 'single'
      expect(await read('secretsmanager', shape)).toMatchObject(
        isSingle ? SECRET : { SecretValues: [SECRET, {}] },
      )
      expect(await read('ssm', shape)).toMatchObject(
        isSingle ? { Parameter: PARAMETER } : { Parameters: [PARAMETER, {}], InvalidParameters: [] },
      )
      expect([server.hits, server.count(), server.strays]).toEqual([0, 2, 0])
    }
  })

  test('answers with the version that is asked for, by name and by ARN', async () => {
    const { server } = await start()
    const secrets = new SecretsManagerClient({ ...server.clientConfig, maxAttempts: 1 })
    const ssm = new SSMClient({ ...server.clientConfig, maxAttempts: 1 })
    const [, VersionId = ''] = PINS.secretsmanager.split(':')
    const pinned = { SecretId: SECRET.ARN, VersionId, VersionStage: 'AWSPENDING' }
    expect(await secrets.send(new GetSecretValueCommand(pinned))).toMatchObject({
      ARN: SECRET.ARN,
      Name: 'prod/db',
      VersionId,
      VersionStages: ['AWSPENDING'],
    })
    const parameter = (Name: string) => ssm.send(new GetParameterCommand({ Name }))
    expect(await parameter(PINS.ssm.replace('ssm:', ''))).toMatchObject({
      Parameter: { ...PARAMETER, Version: 7, Selector: ':7' },
    })
    expect(await parameter(`${PARAMETER.ARN}:live`)).toMatchObject({
      Parameter: { ...PARAMETER, Selector: ':live' },
    })
  })

  test('gives out what was put, text or binary, each time as a new version', async () => {
    const bytes = Uint8Array.of(0, 255, 1)
    const { server, read } = await start({ values: { 'prod/db': bytes, '/prod/level': 'info' } })
    expect(await read('secretsmanager', 'single')).toMatchObject({
      SecretBinary: bytes,
      VersionId: SECRET.VersionId,
    })
    expect(await read('ssm', 'single')).toMatchObject({ Parameter: { Value: 'info', Version: 1 } })
    server.put('prod/db', 'newer')
    server.put('/prod/level', 'debug')
    expect(await read('secretsmanager', 'single')).toMatchObject({
      SecretString: 'newer',
      VersionId: '00000000-0000-4000-8000-000000000002',
    })
    expect(await read('ssm', 'single')).toMatchObject({ Parameter: { Value: 'debug', Version: 2 } })
  })

  test('lets queued faults act in order, then the one that is set', async () => {
    const { server, read } = await start()
    server.set(refusal('LastException'))
    server.next(resetAfterRequest)
    server.next(undialled('ENOTFOUND'), 2)
    server.next(refusal('FirstException'))
    const sights: string[] = []
    for (let left = 6; left > 0; left -= 1) sights.push(await sightOf(read('ssm', 'single')))
    expect(sights).toEqual([
      'ECONNRESET',
      'ENOTFOUND',
      'ENOTFOUND',
      'FirstException',
      'LastException',
      'LastException',
    ])
    expect([server.hits, server.count()]).toEqual([6, 4])
  })

  test('is healthy again when a fault is taken back, the queue included', async () => {
    const { server, read } = await start()
    server.set(finWithoutResponse)
    server.next(refusal('QueuedException'))
    server.set()
    expect(await sightOf(read('secretsmanager', 'single'))).toBe('success')
    expect(server.hits).toBe(0)
  })

  test('gives the credentials that are waited for as soon as it is healthy', async () => {
    const { server, read } = await start()
    server.set(uncredentialled('never'))
    const sight = sightOf(read('ssm', 'single'))
    await server.struck(1)
    expect(await stateOf(sight)).toBe('pending')
    server.set()
    expect(await sight).toBe('success')
    expect([server.hits, server.count()]).toEqual([1, 1])
  })

  test('counts by operation, and tells when so many requests have arrived', async () => {
    const { server, read } = await start()
    server.set(neverAnswers)
    const controller = new AbortController()
    let isThere = false
    const received = server.received(3, 'GetParameter').then(() => (isThere = true))
    const sent = [read('ssm', 'single', controller.signal), read('ssm', 'single', controller.signal)]
    const other = read('secretsmanager', 'batch', controller.signal)
    await server.received(3)
    await turns()
    expect(isThere).toBe(false)
    sent.push(read('ssm', 'single', controller.signal))
    await received
    expect([server.count('GetParameter'), server.count('BatchGetSecretValue'), server.count()]).toEqual([
      3, 1, 4,
    ])
    expect(server.open).toBe(4)
    controller.abort()
    expect(await Promise.all([...sent, other].map(sightOf))).toEqual(Array(4).fill('AbortError'))
    await server.idle()
    server.clear()
    expect([server.count('GetParameter'), server.count(), server.hits]).toEqual([0, 0, 0])
  })

  test('drips a good answer to its end, one byte for each call', async () => {
    const { server, read } = await start()
    server.set(slowDrip)
    const sent = read('secretsmanager', 'single')
    await server.struck(1)
    let drips = 1
    while (server.drip() > 0) drips += 1
    expect(await sent).toMatchObject(SECRET)
    expect(drips).toBeGreaterThan(SECRET.ARN.length)
    expect(server.drip()).toBe(0)
  })

  test('forgets what drips to a client that has left', async () => {
    const { server, read } = await start()
    server.set(slowDrip)
    const controller = new AbortController()
    const sight = sightOf(read('ssm', 'single', controller.signal))
    await server.struck(1)
    expect(server.drip()).toBe(1)
    controller.abort()
    expect(await sight).toBe('AbortError')
    await server.idle()
    expect(server.drip()).toBe(0)
  })

  test('counts who follows a redirect', async () => {
    const { server } = await start()
    server.set(redirect)
    const headers = { 'x-amz-target': 'AmazonSSM.GetParameter' }
    expect((await fetch(server.url, { method: 'POST', headers, body: '{}' })).status).toBe(404)
    expect([server.count(), server.strays]).toEqual([1, 1])
  })

  test('keeps connections of ordinary clients alive', async () => {
    const { server } = await start()
    const { endpoint, region, credentials } = server.clientConfig
    const client = new SSMClient({ endpoint, region, credentials, maxAttempts: 1 })
    const read = () => client.send(new GetParameterCommand({ Name: 'a' }))
    await read()
    await read()
    expect([server.count(), server.open]).toEqual([2, 1])
    client.destroy()
    await server.idle()
  })

  test('closes in the middle of everything', async () => {
    const { server, read } = await start()
    server.set(neverAnswers)
    const sight = sightOf(read('ssm', 'single'))
    await server.received(1)
    await server.close()
    expect(await sight).toBe('ECONNRESET')
    expect(server.open).toBe(0)
  })
})
