/**
 * One call of AWS, signed by hand: nothing but Node.js.
 *
 * @module
 */

import { createHash, createHmac } from 'node:crypto'
import { request } from 'node:http'

/** Sends one request with the credentials of the environment, and resolves with the body of the answer. */
export function signedCall(
  service: 'secretsmanager' | 'ssm',
  target: string,
  input: object,
): Promise<unknown> {
  const suffix = service === 'ssm' ? 'SSM' : 'SECRETS_MANAGER'
  const url = new URL(setting(`AWS_ENDPOINT_URL_${suffix}`))
  const body = JSON.stringify(input)
  const headers = signed(service, { url, target, body })
  return new Promise((resolve, reject) => {
    const sent = request(url, { method: 'POST', headers }, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('end', () => {
        if (answer.statusCode === 200) resolve(JSON.parse(Buffer.concat(chunks).toString('utf8')))
        else reject(new Error(`answered ${answer.statusCode ?? 'nothing'}`))
      })
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

interface Unsigned {
  readonly url: URL
  readonly target: string
  readonly body: string
}

/** The headers of a request, by Signature Version 4. */
function signed(service: string, { url, target, body }: Unsigned): Readonly<Record<string, string>> {
  const time = new Date().toISOString().replace(/[:-]|\.\d{3}/g, '')
  const headers: Record<string, string> = {
    'content-type': 'application/x-amz-json-1.1',
    host: url.host,
    'x-amz-date': time,
    'x-amz-target': target,
  }
  const names = Object.keys(headers).join(';')
  const lines = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`)
  const canonical = ['POST', '/', '', lines.join(''), names, sha256(body)].join('\n')
  const scope = [time.slice(0, 8), setting('AWS_REGION'), service, 'aws4_request']
  const text = ['AWS4-HMAC-SHA256', time, scope.join('/'), sha256(canonical)].join('\n')
  const secretKey: string | Buffer = `AWS4${setting('AWS_SECRET_ACCESS_KEY')}`
  const key = scope.reduce<string | Buffer>((from, part) => hmac(from, part).digest(), secretKey)
  const credential = `Credential=${[setting('AWS_ACCESS_KEY_ID'), ...scope].join('/')}`
  const signature = `Signature=${hmac(key, text).digest('hex')}`
  const authorization = `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=${names}, ${signature}`
  return { ...headers, authorization }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

function hmac(key: string | Buffer, text: string) {
  return createHmac('sha256', key).update(text)
}

function setting(name: string): string {
  const value = process.env[name]
  if (value === undefined) throw new Error(`${name} is not set`)
  return value
}
