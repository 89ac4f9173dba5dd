/**
 * Signs requests with AWS Signature Version 4, by the signer of the AWS SDK on the cryptography of Node.js.
 *
 * @module
 */

import { SignatureV4 } from '@smithy/signature-v4'
import { createHash, createHmac } from 'node:crypto'
import type { LeanCredentials } from './credentials.js'

/** What is signed besides the credentials. */
export interface Unsigned {
  /** Name of the service in the credential scope. */
  readonly service: string
  readonly region: string
  /** Where it goes; without a query. */
  readonly url: URL
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** Milliseconds since the epoch. */
  readonly signedAt: number
}

/** The headers of the `POST` request, with those that sign it. */
export async function signedHeaders(
  { service, region, url, headers, body, signedAt }: Unsigned,
  credentials: LeanCredentials,
): Promise<Readonly<Record<string, string>>> {
  const signer = new SignatureV4({ service, region, credentials, sha256: Sha256 })
  const { protocol, hostname, pathname: path } = url
  const named = { ...headers, host: url.host }
  const request = { method: 'POST', protocol, hostname, path, headers: named, body }
  const signed = await signer.sign(request, { signingDate: new Date(signedAt) })
  return signed.headers
}

type Data = string | ArrayBuffer | ArrayBufferView

/** SHA-256, or with a secret its HMAC. */
class Sha256 {
  readonly #hash: ReturnType<typeof createHash> | ReturnType<typeof createHmac>

  constructor(secret?: Data) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', bytesOf(secret))
  }

  update(data: Data): void {
    this.#hash.update(bytesOf(data))
  }

  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.#hash.digest())
  }
}

function bytesOf(data: Data): Uint8Array {
  if (typeof data === 'string') return Buffer.from(data)
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data)
}
