/**
 * Reads AWS JSON 1.1: an answer as the AWS SDK would give it, or an error with just what tells its meaning.
 *
 * @module
 */

import { type Fields, isFields, optional, stringIn } from '../answer.js'
import { tellingWordsIn } from '../failure.js'
import { memberOf } from '../../stored-value.js'
import type { Answered } from './exchange.js'

/** What is said of a request. */
interface Metadata {
  readonly httpStatusCode: number
  readonly requestId: string | undefined
  readonly attempts: 1
  /** Whether the clock was found wrong, and is right from the next request on. */
  readonly clockSkewCorrected?: true
}

/** A failure that the service, or whatever answered in its place, reported. It quotes nothing of the answer. */
class ServiceFailure extends Error {
  override readonly name: string
  readonly $metadata: Metadata
  /** Headers that say how long to wait. */
  declare readonly $response: { readonly headers: Fields }

  constructor(name: string, message: string, $metadata: Metadata, headers: Fields) {
    super(message)
    this.name = name
    this.$metadata = $metadata
    Object.defineProperty(this, 'stack', { value: `${name}\n` })
    Object.defineProperty(this, '$response', { value: { headers } })
  }
}

/**
 * The answer, with dates and bytes in place of numbers and base64.
 *
 * @param isSkewed - whether the clock was found wrong
 * @throws the failure that the service reported, or `SyntaxError` by name for what it cannot have meant to say
 */
export function serviceAnswerOf(answered: Answered, isSkewed: boolean): Fields {
  const { status, body } = answered
  const json = parsed(body)
  const $metadata = metadataOf(answered, isSkewed)
  const isSuccess = status >= 200 && status < 300
  const answer = json === undefined ? undefined : isSuccess ? revived(json) : fieldsOf(json)
  if (isSuccess && answer !== undefined) return { ...answer, $metadata }
  const name = answer === undefined ? 'SyntaxError' : errorNameIn(answer, answered)
  const message = stringIn(answer ?? {}, 'message') ?? stringIn(answer ?? {}, 'Message') ?? ''
  throw new ServiceFailure(name, tellingWordsIn(message), $metadata, waitingHeaders(answered))
}

/** `undefined` for what is no JSON: the error of the parser would quote it. */
function parsed(body: string | undefined): unknown {
  if (body === '') return {}
  try {
    return body === undefined ? undefined : JSON.parse(body)
  } catch {
    return undefined
  }
}

function metadataOf({ status, headers }: Answered, isSkewed: boolean): Metadata {
  const requestId = headers['x-amzn-requestid'] ?? headers['x-amzn-request-id'] ?? headers['x-amz-request-id']
  return {
    httpStatusCode: status,
    requestId: typeof requestId === 'string' ? requestId : undefined,
    attempts: 1,
    ...(isSkewed && { clockSkewCorrected: true }),
  }
}

/** In the order of the AWS SDK: `__type`, `code`, then the header. */
function errorNameIn(fields: Fields, { headers }: Answered): string {
  const header = headers['x-amzn-errortype']
  const raw = [memberOf(fields, '__type'), memberOf(fields, 'code'), memberOf(fields, 'Code'), header]
  const [first] = raw.filter((name) => typeof name === 'string')
  // As in `com.amazonaws.ssm#ParameterNotFound` and `ParameterNotFound:http://internal.amazon.com/`.
  return /^(?:[\w.]+#)?([A-Za-z]\w{0,63})(?:[:,]|$)/.exec(first ?? '')?.[1] ?? 'Error'
}

function waitingHeaders({ headers }: Answered): Fields {
  const names = ['date', 'retry-after', 'x-amz-retry-after']
  return Object.fromEntries(names.map((name) => [name, headers[name]]))
}

function fieldsOf(json: unknown): Fields {
  return isFields(json) && !Array.isArray(json) ? json : {}
}

/** The only lists of items, and the only item inside an answer, that the services give. */
const LISTS = ['SecretValues', 'Parameters']

/** `undefined` for a date or bytes in another form than the services give them. */
function revived(json: unknown): Fields | undefined {
  try {
    const answer = revivedItem(fieldsOf(json))
    const parameter = memberOf(answer, 'Parameter')
    return {
      ...answer,
      ...optional('Parameter', isFields(parameter) ? revivedItem(parameter) : parameter),
      ...Object.fromEntries(LISTS.map((name) => [name, revivedList(memberOf(answer, name))])),
    }
  } catch {
    return undefined
  }
}

function revivedList(list: unknown): unknown {
  if (!Array.isArray(list)) return list
  return list.map((item: unknown) => (isFields(item) ? revivedItem(item) : item))
}

/** What is `null` is not there, as with the AWS SDK. */
function revivedItem(item: Fields): Fields {
  const members = Object.fromEntries(Object.entries(item).filter(([, member]) => member !== null))
  return {
    ...members,
    ...optional('SecretBinary', bytesOf(memberOf(members, 'SecretBinary'))),
    ...optional('CreatedDate', dateOf(memberOf(members, 'CreatedDate'))),
    ...optional('LastModifiedDate', dateOf(memberOf(members, 'LastModifiedDate'))),
  }
}

function bytesOf(base64: unknown): Uint8Array | undefined {
  if (base64 === undefined) return undefined
  const isBase64 = typeof base64 === 'string' && base64.length % 4 === 0 && BASE64.test(base64)
  if (!isBase64) throw new TypeError('no base64')
  return new Uint8Array(Buffer.from(base64, 'base64'))
}

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/

/** From seconds since the epoch, with a fraction. */
function dateOf(seconds: unknown): Date | undefined {
  if (seconds === undefined) return undefined
  if (typeof seconds !== 'number') throw new TypeError('no time')
  return new Date(Math.round(seconds * 1000))
}
