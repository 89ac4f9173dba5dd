/**
 * One call signed by hand, on a socket of its own: the least that any read from AWS costs.
 *
 * @module
 */

import { createHash, createHmac } from 'node:crypto'
import { request } from 'node:http'
import { SignatureV4 } from '@smithy/signature-v4'
import type { EmulatorClientConfig } from 'aws-secrets-client/emulator'

/** An operation with its input. */
export interface RawCall {
  /** Name in the signature, for example `ssm`. */
  readonly service: string
  /** For example `secretsmanager.GetSecretValue`. */
  readonly target: string
  readonly input: object
}

/** Signs, opens a socket, sends, and resolves with the answer, parsed. */
export async function roundTrip(
  { endpoint, region, credentials }: EmulatorClientConfig,
  { service, target, input }: RawCall,
): Promise<unknown> {
  const signer = new SignatureV4({ service, region, credentials, sha256: Sha256 })
  const { protocol, hostname, port, host } = new URL(endpoint)
  const body = JSON.stringify(input)
  const { headers } = await signer.sign({
    method: 'POST',
    protocol,
    hostname,
    port: Number(port),
    path: '/',
    query: {},
    headers: { host, 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target },
    body,
  })
  const answer = await post({ hostname, port, headers, body })
  return JSON.parse(answer)
}

interface Post {
  readonly hostname: string
  readonly port: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

function post({ hostname, port, headers, body }: Post): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, method: 'POST', agent: false, headers }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        if (response.statusCode === 200) resolve(text)
        else reject(new Error(`the floor was answered with ${response.statusCode ?? 'nothing'}`))
      })
    })
    sent.on('error', reject)
    sent.end(body)
  })
}

type Bytes = string | ArrayBuffer | ArrayBufferView

interface Hashing {
  update(data: string | Uint8Array): unknown
  digest(): Uint8Array
}

/** What the signer asks for, by the machine's own crypto. */
class Sha256 {
  readonly #secret: Bytes | undefined
  #hash: Hashing

  constructor(secret?: Bytes) {
    this.#secret = secret
    this.#hash = begun(secret)
  }

  update(data: Bytes): void {
    this.#hash.update(hashable(data))
  }

  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.#hash.digest())
  }

  reset(): void {
    this.#hash = begun(this.#secret)
  }
}

function begun(secret: Bytes | undefined): Hashing {
  return secret === undefined ? createHash('sha256') : createHmac('sha256', hashable(secret))
}

function hashable(data: Bytes): string | Uint8Array {
  if (typeof data === 'string') return data
  if (data instanceof ArrayBuffer) return new Uint8Array(data)
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
}
