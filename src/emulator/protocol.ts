/**
 * AWS JSON 1.1 over HTTP: from headers and body to an operation with its input, and from a result to a response.
 *
 * @module
 */
import type { IncomingHttpHeaders } from 'node:http'
import { refusal, type EmulatorError } from './emulator-error.js'
import { Input, isStructure, type Wire } from './input.js'
import { operationOfTarget, type KnownOperation } from './operations.js'

/** A request as it came in. */
export interface HttpRequest {
  readonly method: string
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}

/** A complete response. */
export interface HttpResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** What a request asks for. */
export interface ParsedRequest {
  readonly operation: KnownOperation
  readonly input: Input
  readonly region: string
  readonly attempt: number | undefined
}

// Source: the authorization header of AWS Signature Version 4; the signature itself is not checked.
const CREDENTIAL = /^AWS4-HMAC-SHA256 Credential=[^/,\s]+\/\d{8}\/([a-z0-9-]+)\/([a-z0-9-]+)\/aws4_request,/
const SIGNATURE_FORM = 'Authorization header requires a SigV4 credential scope.'

/** Understands a request; throws {@link EmulatorError} for what AWS's front end refuses. */
export function parseRequest({ method, headers, body }: HttpRequest): ParsedRequest {
  if (method !== 'POST') throw unknownOperation()
  const target = headers['x-amz-target']
  const operation = typeof target === 'string' ? operationOfTarget(target) : undefined
  if (operation === undefined) throw unknownOperation()
  const region = signedRegion(headers.authorization, operation)
  return {
    operation,
    input: new Input(parseBody(body)),
    region,
    attempt: attemptIn(headers['amz-sdk-request']),
  }
}

/** The response of an operation that succeeded. */
export function success(output: Wire): HttpResponse {
  return { status: 200, headers: {}, body: JSON.stringify(output) }
}

/** The response of an operation that was refused. */
export function failure({ code, status, headers, wireMessage }: EmulatorError): HttpResponse {
  return { status, headers, body: JSON.stringify({ __type: code, Message: wireMessage }) }
}

function signedRegion(authorization: string | undefined, { service }: KnownOperation): string {
  if (authorization === undefined) {
    throw refusal('MissingAuthenticationTokenException', 'Missing Authentication Token')
  }
  const [, region, signedService] = CREDENTIAL.exec(authorization) ?? []
  if (region === undefined) throw refusal('IncompleteSignatureException', SIGNATURE_FORM)
  if (signedService === service) return region
  throw refusal('InvalidSignatureException', `Credential should be scoped to correct service: '${service}'.`)
}

/** The text of a parse error would quote the body, so it is dropped. */
function parseBody(body: Buffer): Wire {
  try {
    const value: unknown = JSON.parse(body.toString())
    if (isStructure(value)) return value
  } catch {
    throw refusal('SerializationException', 'The request body is not JSON')
  }
  throw refusal('SerializationException', 'The request body is not a JSON object')
}

function attemptIn(header: string | string[] | undefined): number | undefined {
  const attempt = /attempt=(\d+)/.exec(String(header))?.[1]
  return attempt === undefined ? undefined : Number(attempt)
}

function unknownOperation(): EmulatorError {
  return refusal('UnknownOperationException')
}
