/** Credentials of containers: where they are asked for, how long they are kept, and that nothing of them shows. */

import { type IncomingMessage, createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { isUnsent } from '../../../src/source/credentials.js'
import { LeanCredentialsProvider } from '../../../src/source/lean/credentials-provider.js'
import { ManualClock } from '../../support/manual-clock.js'
import { failureOf } from '../../support/aws.js'
import { NEEDLE, expectNoNeedle } from '../../support/needle.js'

const HOUR_MS = 3_600_000

type Answer = { readonly status?: number; readonly body: string } | 'nothing'

/** An endpoint on the loopback that gives new credentials each time, for an hour. */
async function endpoint(answer?: (count: number) => Answer) {
  const clock = new ManualClock(Date.now())
  const requests: IncomingMessage[] = []
  const server = createServer((request, response) => {
    requests.push(request)
    const count = requests.length
    const told = answer?.(count) ?? { body: grant(count, clock.now() + HOUR_MS) }
    if (told === 'nothing') return
    response.writeHead(told.status ?? 200).end(told.body)
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
  return { clock, requests, provider, url }
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
    const given = await Promise.all([credentials.get(false), credentials.get(false)])
    const expected = { accessKeyId: 'AKID1', secretAccessKey: NEEDLE, sessionToken: 'session' }
    expect(given).toEqual([expected, expected])
    expect(requests).toHaveLength(1)
    expect(requests[0]).toMatchObject({ method: 'GET', url: '/creds' })
    expect(requests[0]?.headers.authorization).toBe('Basic abc')
  })

  test('they are kept until five minutes before they expire', async () => {
    const { clock, requests, provider } = await endpoint()
    const credentials = provider()
    await credentials.get(false)
    clock.advance(HOUR_MS - 300_000)
    await credentials.get(false)
    expect(requests).toHaveLength(1)
    clock.advance(1)
    await expect(credentials.get(false)).resolves.toMatchObject({ accessKeyId: 'AKID2' })
  })

  test('a renewal asks for new ones', async () => {
    const { provider } = await endpoint()
    const credentials = provider()
    await credentials.get(false)
    await expect(credentials.get(true)).resolves.toMatchObject({ accessKeyId: 'AKID2' })
    await expect(credentials.get(false)).resolves.toMatchObject({ accessKeyId: 'AKID2' })
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
    for (const token of ['one', 'two']) {
      await writeFile(file, token)
      await credentials.get(true)
    }
    expect(requests.map(({ headers }) => headers.authorization)).toEqual(['one', 'two'])
  })

  test('an endpoint that says nothing is given up after a second, and asked again the next time', async () => {
    const { clock, requests, provider } = await endpoint((count) =>
      count === 1 ? 'nothing' : { body: grant(count, clock.now() + HOUR_MS) },
    )
    const credentials = provider()
    const failed = failureOf(credentials.get(false))
    while (requests.length === 0) await new Promise(setImmediate)
    clock.advance(1_000)
    expect(isUnsent(await failed)).toBe(true)
    await expect(credentials.get(false)).resolves.toMatchObject({ accessKeyId: 'AKID2' })
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
    const error = await failureOf(provider().get(false))
    expect(isUnsent(error)).toBe(true)
    expectNoNeedle(error, NEEDLE)
  })
})

describe('hosts', () => {
  const failed = (variables: Readonly<Record<string, string>>) =>
    failureOf(new LeanCredentialsProvider(new ManualClock(), variables).get(false))

  test.each([
    { AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://example.com/creds' },
    { AWS_CONTAINER_CREDENTIALS_FULL_URI: 'http://127.0.0.1.example.com/creds' },
    { AWS_CONTAINER_CREDENTIALS_FULL_URI: 'ftp://127.0.0.1/creds' },
    { AWS_CONTAINER_CREDENTIALS_FULL_URI: 'creds' },
    // What looks like a path is the end of a host.
    { AWS_CONTAINER_CREDENTIALS_RELATIVE_URI: '@example.com/creds' },
  ])('%j is not trusted with the token', async (variables) => {
    const error = await failed({ ...variables, AWS_CONTAINER_AUTHORIZATION_TOKEN: NEEDLE })
    expect(error).toMatchObject({ name: 'CredentialsProviderError' })
    expect(String(error)).toContain('trust')
    expectNoNeedle(error, NEEDLE)
  })

  test('a token that is no header is not shown', async () => {
    const { url } = await endpoint()
    const error = await failed({
      AWS_CONTAINER_CREDENTIALS_FULL_URI: url,
      AWS_CONTAINER_AUTHORIZATION_TOKEN: `${NEEDLE}\r\nX: y`,
    })
    expect(error).toMatchObject({ name: 'CredentialsProviderError' })
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
    await expect(provider.get(false)).resolves.toEqual({ accessKeyId: 'AKIDONE', secretAccessKey: 'x' })
    Object.assign(environment, { AWS_ACCESS_KEY_ID: 'AKIDTWO', AWS_SESSION_TOKEN: 't' })
    await expect(provider.get(true)).resolves.toMatchObject({ accessKeyId: 'AKIDTWO', sessionToken: 't' })
    expect(requests).toHaveLength(0)
  })

  test('that are gone leave none', async () => {
    const error = await failureOf(new LeanCredentialsProvider(new ManualClock(), {}).get(false))
    expect(isUnsent(error)).toBe(true)
  })
})
