/** Self-signed certificates made on the spot: none is kept in the repository, and none can run out in it. */

import { generateKeyPairSync, randomUUID, sign } from 'node:crypto'

interface CertificateOptions {
  /** Whom it stands for: an IPv4 address. */
  readonly address: string
  /** Whether it ran out long ago. */
  readonly isExpired?: boolean
}

/** Certificate and private key in PEM. */
interface Certificate {
  readonly cert: string
  readonly key: string
}

/** A self-signed certificate for an address; whoever trusts it has to be given it as `ca`. */
export function selfSigned({ address, isExpired = false }: CertificateOptions): Certificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
  // A name of its own: a client looks for the issuer by name, and would take the wrong one of several.
  const name = sequence(der(0x31, sequence(COMMON_NAME, der(0x0c, Buffer.from(randomUUID())))))
  const body = sequence(
    der(0xa0, der(0x02, Buffer.of(2))),
    der(0x02, Buffer.of(1)),
    ECDSA_WITH_SHA256,
    name,
    sequence(utcTime('000101000000Z'), utcTime(isExpired ? '010101000000Z' : '491231235959Z')),
    name,
    publicKey.export({ format: 'der', type: 'spki' }),
    der(0xa3, sequence(subjectAltName(address))),
  )
  const signature = der(0x03, Buffer.concat([Buffer.of(0), sign('sha256', body, privateKey)]))
  return {
    cert: pem(sequence(body, ECDSA_WITH_SHA256, signature)),
    key: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
  }
}

// RFC 5280, in DER: a tag, a length, the content.
function der(tag: number, ...content: readonly Buffer[]): Buffer {
  const bytes = Buffer.concat(content)
  const { length } = bytes
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.of(tag, ...size), bytes])
}

function sequence(...content: readonly Buffer[]): Buffer {
  return der(0x30, ...content)
}

function utcTime(text: string): Buffer {
  return der(0x17, Buffer.from(text))
}

function subjectAltName(address: string): Buffer {
  const ipAddress = der(0x87, Buffer.from(address.split('.').map(Number)))
  const SUBJECT_ALT_NAME = Buffer.of(0x55, 0x1d, 0x11)
  return sequence(der(0x06, SUBJECT_ALT_NAME), der(0x04, sequence(ipAddress)))
}

function pem(certificate: Buffer): string {
  const lines = certificate.toString('base64').match(/.{1,64}/g) ?? []
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n')
}

const ECDSA_WITH_SHA256 = sequence(der(0x06, Buffer.from('2a8648ce3d040302', 'hex')))
const COMMON_NAME = der(0x06, Buffer.of(0x55, 0x04, 0x03))
