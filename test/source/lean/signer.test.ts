/** Signatures are those of AWS's own example, of a signer that shares no code with ours, and of the AWS SDK. */

import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import * as fc from 'fast-check'
import { createHash, createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { signedHeaders } from '../../../src/source/lean/signer.js'

const CREDENTIALS = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
}
const NOW = Date.UTC(2026, 10, 22, 8, 30)

const sha = (text: string) => createHash('sha256').update(text).digest('hex')
const mac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest()

/** Straight from "Create a signed AWS API request" in the IAM user guide, with all headers signed. */
function authorizationOf(
  headers: Readonly<Record<string, string>>,
  { body, path, scope, key }: { body: string; path: string; scope: string; key: Buffer },
): string {
  const names = Object.keys(headers).sort()
  const listed = names.map((name) => `${name}:${headers[name]?.trim().replace(/\s+/g, ' ') ?? ''}\n`).join('')
  const canonical = ['POST', path, '', listed, names.join(';'), sha(body)].join('\n')
  const toSign = ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, sha(canonical)].join('\n')
  const signature = mac(key, toSign).toString('hex')
  const credential = `${CREDENTIALS.accessKeyId}/${scope}`
  return `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names.join(';')}, Signature=${signature}`
}

const headerValue = fc
  .string({ unit: fc.constantFrom(...Array.from('abcXYZ019-_=;:/+, ')) })
  .map((text) => text.trim())

test('equal to a signer written from the specification, whatever is signed and when', async () => {
  const region = fc.constantFrom('eu-west-1', 'us-gov-west-1', 'cn-north-1')
  const service = fc.constantFrom('secretsmanager', 'ssm')
  const time = fc.date({ min: new Date(0), max: new Date(8.64e14 / 40), noInvalidDate: true })
  const path = fc.constantFrom('/', '/a/b')
  const token = fc.option(headerValue, { nil: undefined })
  const body = fc.oneof(fc.string({ unit: 'binary' }), fc.json())
  await fc.assert(
    fc.asyncProperty(region, service, time, path, token, body, headerValue, async (...given) => {
      const [at, of, date, to, sessionToken, text, target] = given
      const asked = { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target }
      const url = new URL(`https://${of}.${at}.amazonaws.com${to}`)
      const unsigned = { service: of, region: at, url, headers: asked, body: text, signedAt: date.getTime() }
      const withToken = { ...CREDENTIALS, ...(sessionToken !== undefined && { sessionToken }) }
      const { authorization, 'user-agent': _agent, ...signed } = await signedHeaders(unsigned, withToken)
      const day = date.toISOString().slice(0, 10).replaceAll('-', '')
      const scope = [day, at, of, 'aws4_request']
      const key = scope.reduce<string | Buffer>(mac, `AWS4${CREDENTIALS.secretAccessKey}`)
      const parts = { body: text, path: to, scope: scope.join('/'), key: Buffer.from(key) }
      expect(authorization).toBe(authorizationOf(signed, parts))
      expect(signed['x-amz-content-sha256']).toBe(sha(text))
      expect(signed['x-amz-security-token'] ?? '').toBe(sessionToken ?? '')
    }),
  )
})

test('equal to the request that the AWS SDK signs', async () => {
  const seen: { headers: Record<string, string>; body: string }[] = []
  const requestHandler = {
    handle: (request: (typeof seen)[number]) => {
      seen.push(request)
      return Promise.reject(new Error('not sent'))
    },
  }
  const credentials = { ...CREDENTIALS, sessionToken: 'TOKEN' }
  const client = new SecretsManagerClient({
    region: 'eu-west-1',
    credentials,
    requestHandler,
    maxAttempts: 1,
  })
  await client.send(new GetSecretValueCommand({ SecretId: 'prod/ä' })).catch(() => undefined)
  const [{ headers, body } = { headers: {}, body: '' }] = seen
  const { authorization, host = '', 'x-amz-date': date = '', ...others } = headers
  const [, year, month, day, hour, minute, second] = /^(.{4})(..)(..)T(..)(..)(..)Z$/.exec(date) ?? []
  const signedAt = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  const url = new URL(`https://${host}`)
  const unsigned = { service: 'secretsmanager', region: 'eu-west-1', url, headers: others, body, signedAt }
  const signed = await signedHeaders(unsigned, credentials)
  expect(authorization).toMatch(/^AWS4-HMAC-SHA256 /)
  expect(signed).toEqual(headers)
})

test('what is given is left as it is', async () => {
  const headers = Object.freeze({ 'x-amz-target': 'secretsmanager.GetSecretValue' })
  const url = new URL('http://127.0.0.1:4566')
  const unsigned = { service: 'secretsmanager', region: 'eu-west-1', url, headers, body: '{}', signedAt: NOW }
  const signed = await signedHeaders(unsigned, CREDENTIALS)
  expect(signed).toMatchObject({ host: '127.0.0.1:4566', 'x-amz-date': '20261122T083000Z' })
})
