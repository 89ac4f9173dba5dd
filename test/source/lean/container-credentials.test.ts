/** Credentials of containers: where they are asked for, how long they are kept, and that nothing of them shows. */

import http, { Agent, type IncomingMessage, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { parseReference } from '../../../src/reference/parse.js'
import { isUnsent } from '../../../src/source/credentials.js'
import { failureOf as wrapped } from '../../../src/source/failure.js'
import type { LeanCredentials } from '../../../src/source/lean/credentials.js'
import { LeanCredentialsProvider } from '../../../src/source/lean/credentials-provider.js'
import { ManualClock } from '../../support/manual-clock.js'
import { failureOf } from '../../support/aws.js'
import { NEEDLE, expectNoNeedle } from '../../support/needle.js'

vi.mock('node:fs/promises', { spy: true })

const HOUR_MS = 3_600_000
const { signal } = new AbortController()

async function until(isOver: () => boolean): Promise<void> {
  while (!isOver()) await new Promise(setImmediate)
}

/** Long enough for what would be asked for to arrive. */
async function turns(): Promise<void> {
  for (let count = 0; count < 20; count += 1) await new Promise(setImmediate)
}

/** Refuses to carry anything. */
class ProxyAgent extends Agent {
  override createConnection(): never {
    throw new Error('through the proxy')
  }
}

type Answer = { readonly status?: number; readonly body: string } | 'nothing'

/** An endpoint on the loopback that gives new credentials each time, for an hour. */
async function endpoint(answer?: (count: number) => Answer) {
  const clock = new ManualClock(Date.now())
  const requests: IncomingMessage[] = []
  let open = 0
  const server = createServer((request, response) => {
    requests.push(request)
    const count = requests.length
    const told = answer?.(count) ?? { body: grant(count, clock.now() + HOUR_MS) }
    if (told === 'nothing') return
    response.writeHead(told.status ?? 200).end(told.body)
  })
  server.on('connection', (socket) => {
    open += 1
    socket.on('close', () => (open -= 1))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}/creds`
  const provider = (variables: Readonly<Record<string, string>> = {}) =>
    new LeanCredentialsProvider(clock, { AWS_CONTAINER_CREDENTIALS_FULL_URI: url, ...variables })
  return { clock, requests, provider, url, open: () => open }
}

function grant(count: number, expiresAt: number): string {
  return JSON.stringify({
    AccessKeyId: `AKID${count}`,
    SecretAccessKey: NEEDLE,
    Token: 'session',
    Expiration: new Date(expiresAt).toISOString(),
  })
}

describe('with an endpoint', () => {
  test('whoever needs credentials at the same time shares one request', async () => {
    const { requests, provider } = await endpoint()
    const credentials = provider({ AWS_CONTAINER_AUTHORIZATION_TOKEN: 'Basic abc' })
    const given = await Promise.all([credentials.get(signal), credentials.get(signal)])
    const expected = { accessKeyId: 'AKID1', secretAccessKey: NEEDLE, sessionToken: 'session' }
    expect(given).toEqual([expected, expected])
    expect(requests).toHaveLength(1)
    expect(requests[0]).toMatchObject({ method: 'GET', url: '/creds' })
    expect(requests[0]?.headers.authorization).toBe('Basic abc')
  })

  test('they are kept until five minutes before they expire', async () => {
    const { clock, requests, provider } = await endpoint()
    const credentials = provider()
    await credentials.get(signal)
    clock.advance(HOUR_MS - 300_000)
    await credentials.get(signal)
    await turns()
    expect(requests).toHaveLength(1)
  })

  test('in their last five minutes they are given, and new ones are asked for and not waited for', async () => {
    const { clock, requests, provider } = await endpoint()
    const credentials = provider()
    await credentials.get(signal)
    clock.advance(HOUR_MS - 299_999)
    const given = await Promise.all([credentials.get(signal), credentials.get(signal)])
    expect(given).toMatchObject([{ accessKeyId: 'AKID1' }, { accessKeyId: 'AKID1' }])
    while ((await credentials.get(signal)).accessKeyId === 'AKID1') await turns()
    expect(requests).toHaveLength(2)
  })

  test("an endpoint that fails by then is left alone for a while, and its failure is nobody's", async () => {
    const { clock, requests, provider } = await endpoint((count) =>
      count === 1 ? { body: grant(1, clock.now() + HOUR_MS) } : { status: 500, body: '' },
    )
    const credentials = provider()
    await credentials.get(signal)
    clock.advance(HOUR_MS - 60_000)
    for (let round = 0; round < 5; round += 1) {
      await expect(credentials.get(signal)).resolves.toMatchObject({ accessKeyId: 'AKID1' })
      await until(() => requests.length === 2 && clock.sleeping === 0)
      await turns()
    }
    expect(requests).toHaveLength(2)
    clock.advance(5_000)
    await credentials.get(signal)
    await until(() => requests.length === 3 && clock.sleeping === 0)
    clock.advance(55_000)
    await expect(failureOf(credentials.get(signal))).resolves.toMatchObject({ trouble: 'status 500' })
  })

  test('those that were refused are not given again, and others are kept', async () => {
    const { requests, provider } = await endpoint()
    const credentials = provider()
    const first = await credentials.get(signal)
    await expect(credentials.get(signal, first)).resolves.toMatchObject({ accessKeyId: 'AKID2' })
    await expect(credentials.get(signal, first)).resolves.toMatchObject({ accessKeyId: 'AKID2' })
    await expect(credentials.get(signal)).resolves.toMatchObject({ accessKeyId: 'AKID2' })
    expect(requests).toHaveLength(2)
  })

  test('the agent that the process shares, which may go through a proxy, is not asked', async () => {
    const shared = http.globalAgent
    onTestFinished(() => void (http.globalAgent = shared))
    http.globalAgent = new ProxyAgent()
    const { provider } = await endpoint()
    await expect(provider().get(signal)).resolves.toMatchObject({ accessKeyId: 'AKID1' })
  })

  test('no connection stays open', async () => {
    const { provider, open } = await endpoint()
    await provider().get(signal)
    await until(() => open() === 0)
  })

  test('the token in the file, read anew each time, goes before the one in the variable', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'lean-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const file = join(folder, 'token')
    const { requests, provider } = await endpoint()
    const credentials = provider({
      AWS_CONTAINER_AUTHORIZATION_TOKEN: 'variable',
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: file,
    })
    let given: LeanCredentials | undefined
    for (const token of ['one', 'two\n']) {
      await writeFile(file, token)
      given = await credentials.get(signal, given)
    }
    expect(requests.map(({ headers }) => headers.authorization)).toEqual(['one', 'two'])
  })

  test('an endpoint that says nothing is given up after a second, and asked again the next time', async () => {
    const { clock, requests, provider } = await endpoint((count) =>
      count === 1 ? 'nothing' : { body: grant(count, clock.now() + HOUR_MS) },
    )
    const credentials = provider()
    const failed = failureOf(credentials.get(signal))
    while (requests.length === 0) await new Promise(setImmediate)
    clock.advance(1_000)
    expect(isUnsent(await failed)).toBe(true)
    await expect(failed).resolves.toMatchObject({ trouble: 'silent' })
    await expect(credentials.get(signal)).resolves.toMatchObject({ accessKeyId: 'AKID2' })
  })

  test('a file with the token that cannot be read to its end is given up after a second', async () => {
    const { clock, requests, provider } = await endpoint()
    vi.mocked(readFile).mockReturnValueOnce(new Promise(() => undefined))
    const failed = failureOf(provider({ AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: 'hangs' }).get(signal))
    await until(() => clock.sleeping > 0)
    clock.advance(1_000)
    await expect(failed).resolves.toMatchObject({ trouble: 'silent' })
    expect(requests).toHaveLength(0)
  })

  test('an endpoint that is not there is said to be', async () => {
    const { provider, url } = await endpoint()
    const nowhere = url.replace(/:\d+/, ':1')
    const failed = failureOf(provider({ AWS_CONTAINER_CREDENTIALS_FULL_URI: nowhere }).get(signal))
    await expect(failed).resolves.toMatchObject({ trouble: 'unreachable' })
  })

  test.each<[string, Answer]>([
    ['an error', { status: 500, body: NEEDLE }],
    ['a refusal', { status: 403, body: grant(1, Date.now() + HOUR_MS) }],
    ['no JSON', { body: `{"SecretAccessKey":"${NEEDLE}"` }],
    ['nothing', { body: '' }],
    ['null', { body: 'null' }],
    ['no keys', { body: JSON.stringify({ AccessKeyId: 'AKID', SecretAccessKey: NEEDLE }) }],
    ['no time', { body: grant(1, 0).replace('1970-01-01T00:00:00.000Z', 'soon') }],
    ['too much', { body: JSON.stringify(NEEDLE.repeat(10_000)) }],
  ])('an endpoint that answers with %s gives none, and nothing of it shows', async (_title, answer) => {
    const { provider } = await endpoint(() => answer)
    const error = await failureOf(provider().get(signal))
    expect(isUnsent(error)).toBe(true)
    expectNoNeedle(error, NEEDLE)
  })
})

describe('hosts', () => {
  const failed = (variables: Readonly<Record<string, string>>) =>
    failureOf(new LeanCredentialsProvider(new ManualClock(), variables).get(signal))

  test.each([
    { AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://example.com/creds' },
    { AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://127.0.0.1.example.com/creds' },
    { AWS_CONTAINER_CREDENTIALS_FULL_URI: 'ftp://127.0.0.1/creds' },
    { AWS_CONTAINER_CREDENTIALS_FULL_URI: 'creds' },
    { AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://name@127.0.0.1/creds' },
    { AWS_CONTAINER_CREDENTIALS_FULL_URI: 'https://:password@example.com/creds' },
    // What looks like a path is the end of a host, or all of it.
    { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '@example.com/creds' },
    { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '@127.0.0.1/creds' },
    { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '3/creds' },
  ])('%j is not trusted with the token', async (variables) => {
    const error = await failed({ ...variables, AWS_CONTAINER_AUTHORIZATION_TOKEN: NEEDLE })
    expect(error).toMatchObject({ name: 'CredentialsProviderError', trouble: 'host' })
    expectNoNeedle(error, NEEDLE)
  })

  test('a token that is no header is not shown', async () => {
    const { url } = await endpoint()
    const error = await failed({
      AWS_CONTAINER_CREDENTIALS_FULL_URI: url,
      AWS_CONTAINER_AUTHORIZATION_TOKEN: `${NEEDLE}\r\nX: y`,
    })
    expect(error).toMatchObject({ name: 'CredentialsProviderError', trouble: 'token' })
    expectNoNeedle(error, NEEDLE)
  })

  test('a file with the token that is not there is said to be', async () => {
    const { url } = await endpoint()
    const error = await failed({
      AWS_CONTAINER_CREDENTIALS_FULL_URI: url,
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: `/nowhere/${NEEDLE}`,
    })
    expect(error).toMatchObject({ name: 'CredentialsProviderError', trouble: 'token' })
    expectNoNeedle(error, NEEDLE)
  })
})

describe('variables', () => {
  test('go before the endpoint, and are read anew each time', async () => {
    const { requests, url } = await endpoint()
    const environment: Record<string, string> = {
      AWS_CONTAINER_CREDENTIALS_FULL_URI: url,
      AWS_ACCESS_KEY_ID: 'AKIDONE',
      AWS_SECRET_ACCESS_KEY: 'x',
    }
    const provider = new LeanCredentialsProvider(new ManualClock(), environment)
    await expect(provider.get(signal)).resolves.toEqual({ accessKeyId: 'AKIDONE', secretAccessKey: 'x' })
    Object.assign(environment, { AWS_ACCESS_KEY_ID: 'AKIDTWO', AWS_SESSION_TOKEN: 't' })
    await expect(provider.get(signal)).resolves.toMatchObject({ accessKeyId: 'AKIDTWO', sessionToken: 't' })
    expect(requests).toHaveLength(0)
  })

  test('that are gone leave none', async () => {
    const error = await failureOf(new LeanCredentialsProvider(new ManualClock(), {}).get(signal))
    expect(isUnsent(error)).toBe(true)
    expect(error).toMatchObject({ trouble: 'gone' })
  })
})

describe('the hint of the error says what is wrong with the endpoint', () => {
  const hintOf = (trouble: unknown) => {
    const failure = Object.assign(new Error(NEEDLE), { name: 'CredentialsProviderError', trouble })
    return wrapped(failure, parseReference('prod/db')).hint ?? ''
  }

  test.each([
    ['gone', /^The variables/],
    ['host', /HTTPS URL/],
    ['token', /^Check AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE/],
    ['silent', /within a second/],
    ['unreachable', /could not be reached/],
    ['malformed', /answered without credentials/],
    ['status 403', /answered with status 403/],
  ])('%s', (trouble, hint) => {
    expect(hintOf(trouble)).toMatch(hint)
  })

  test.each([undefined, NEEDLE, `status ${NEEDLE}`, 'status 4033', 403])(
    '%j is no word of ours',
    (trouble) => {
      expect(hintOf(trouble)).toMatch(/^Check the role, AWS_PROFILE/)
    },
  )
})
