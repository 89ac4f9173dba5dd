/**
 * Every fault that AWS, the network or the credentials may meet a read with, and what becomes of the read.
 *
 * The numbers are those of one cold read of a single reference with the default policy: three attempts, two seconds for
 * each, five in all, on a clock that a test moves.
 */

import type { SecretsErrorCode } from '../../src/errors.js'
import type { Service } from '../../src/reference/reference.js'
import type { Fault } from '../support/fault-server/fault.js'
import {
  badCertificate,
  batchDenied,
  deafPort,
  deniedText,
  finWithoutResponse,
  gzipGarbage,
  html,
  itemRefused,
  type ItemRefusal,
  junkBytes,
  longerContentLength,
  neverAnswers,
  plainPort,
  redirect,
  refusal,
  refusalByClock,
  resetAfterRequest,
  resetMidBody,
  response,
  rewritten,
  slowDrip,
  stallAfterHeaders,
  throttling,
  truncatedBody,
  uncredentialled,
  undialled,
  withMembers,
  withValue,
} from '../support/fault-server/faults.js'
import { NEEDLE } from '../support/needle.js'

/** What a read makes of a fault; `harmless` is a read that succeeds. */
type Outcome = 'transient' | 'throttled' | 'credentials-once' | 'definitive' | 'decode' | 'harmless'

/**
 * What a batch makes of a fault.
 *
 * - `shared`: it says that all failed, and is asked again as a whole where that may help.
 * - `split`: it says nothing about the items, which are asked for one by one.
 * - `itemised`: it says of each item what became of it.
 */
type InBatch = 'shared' | 'split' | 'itemised'

/** One fault. */
export interface FaultRow {
  readonly name: string
  readonly fault: Fault
  /** Services that can fail like this. */
  readonly services: readonly Service[]
  readonly outcome: Outcome
  /** Absent for what is harmless. */
  readonly code?: SecretsErrorCode
  /** How often the fault acts: `server.hits` at the end. */
  readonly attempts: number
  /** Whole requests that reach the server: `server.count()` at the end. */
  readonly requests: number
  /** Whether nothing happens until the client's own clock ends the attempt. */
  readonly hangs: boolean
  /** Whether it hits {@link TARGETS} only, and spares the other items of a batch. */
  readonly isOfItem: boolean
  /** Whether the server must be started with TLS. */
  readonly isTls: boolean
  /** Whether it shows only where a version is asked for, as in {@link PINS}. */
  readonly isPinned: boolean
  /** Whether it shows only where JSON is asked for. */
  readonly isJson: boolean
  /** What a batch makes of it. */
  readonly inBatch: Readonly<Record<Service, InBatch>>
  /** What is read under a harmless fault, where that is not what the server has. */
  readonly value?: unknown
  /** What a bare SDK client sees: the error's code or else its name, `success`, or `pending` even after an abort. */
  readonly sdk: Readonly<Record<Service, string>>
}

/** The secret and the parameter that faults of single items hit. */
export const TARGETS: Readonly<Record<Service, string>> = { secretsmanager: 'prod/db', ssm: '/prod/level' }

/** The same with a version. */
export const PINS: Readonly<Record<Service, string>> = {
  secretsmanager: 'prod/db:EXAMPLE1-90ab-cdef-fedc-ba987EXAMPLE',
  ssm: 'ssm:/prod/level:7',
}

type Class = Pick<FaultRow, 'outcome' | 'attempts'> & { readonly code?: SecretsErrorCode }
type Details = Partial<Omit<FaultRow, 'name' | 'fault' | 'sdk' | 'inBatch' | keyof Class>> & {
  readonly sdk: string | FaultRow['sdk']
  readonly inBatch?: InBatch | FaultRow['inBatch']
}

const TRANSIENT: Class = { outcome: 'transient', code: 'ERR_UNAVAILABLE', attempts: 3 }
const TIMED_OUT: Class = { outcome: 'transient', code: 'ERR_TIMEOUT', attempts: 3 }
const THROTTLED: Class = { outcome: 'throttled', code: 'ERR_THROTTLED', attempts: 3 }
/** The wait that the service asks for is longer than the read lasts. */
const THROTTLED_TOO_LONG: Class = { ...THROTTLED, attempts: 1 }
const RENEWED: Class = { outcome: 'credentials-once', code: 'ERR_CREDENTIALS', attempts: 2 }
const UNDECODABLE: Class = { outcome: 'decode', code: 'ERR_DECODE', attempts: 1 }
const HARMLESS: Class = { outcome: 'harmless', attempts: 1 }
const definitive = (code: SecretsErrorCode): Class => ({ outcome: 'definitive', code, attempts: 1 })

const SECRETS: readonly Service[] = ['secretsmanager']
const PARAMETERS: readonly Service[] = ['ssm']
/** An answer in which nothing is said of any item. */
const EMPTY = { sdk: 'success', inBatch: 'split' } as const
const HANGS = { hangs: true, sdk: 'AbortError' }
const DEEP = '['.repeat(10_000) + ']'.repeat(10_000)
const PAYLOAD = /"(SecretString|Value)":("(?:[^"\\]|\\.)*")/g
const TIME = /"(CreatedDate|LastModifiedDate)":[\d.]+/g
const LONG_AGO = 'Wed, 01 Jan 2020 00:00:00 GMT'
const OTHER_ARN = {
  secretsmanager: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/other-AbCdEf',
  ssm: 'arn:aws:ssm:eu-west-1:123456789012:parameter/prod/other',
}

/** The table. */
export const CATALOGUE: readonly FaultRow[] = [
  // No connection.
  row('closed port', undialled('ECONNREFUSED'), TRANSIENT, { sdk: 'ECONNREFUSED' }),
  row('unknown host', undialled('ENOTFOUND'), TRANSIENT, { sdk: 'ENOTFOUND' }),
  row('resolver that fails', undialled('EAI_AGAIN'), TRANSIENT, { sdk: 'EAI_AGAIN' }),
  row('unreachable host', undialled('EHOSTUNREACH'), TRANSIENT, { sdk: 'EHOSTUNREACH' }),
  row('connection that times out', undialled('ETIMEDOUT'), TRANSIENT, { sdk: 'ETIMEDOUT' }),
  row('port that accepts and says nothing', deafPort, TIMED_OUT, HANGS),

  // TLS.
  row('TLS spoken to a plain port', plainPort, definitive('ERR_UNAVAILABLE'), {
    isTls: true,
    inBatch: 'shared',
    sdk: 'EPROTO',
  }),
  row('self-signed certificate', badCertificate('untrusted'), definitive('ERR_UNAVAILABLE'), {
    isTls: true,
    inBatch: 'shared',
    sdk: 'DEPTH_ZERO_SELF_SIGNED_CERT',
  }),
  row('expired certificate', badCertificate('expired'), definitive('ERR_UNAVAILABLE'), {
    isTls: true,
    inBatch: 'shared',
    sdk: 'CERT_HAS_EXPIRED',
  }),
  row('certificate of another host', badCertificate('other-address'), definitive('ERR_UNAVAILABLE'), {
    isTls: true,
    inBatch: 'shared',
    sdk: 'ERR_TLS_CERT_ALTNAME_INVALID',
  }),
  row('TLS handshake without an answer', deafPort, TIMED_OUT, { ...HANGS, isTls: true }),
  row('reset inside TLS', resetAfterRequest, TRANSIENT, { isTls: true, sdk: 'ECONNRESET' }),

  // A connection that breaks.
  row('reset after the request', resetAfterRequest, TRANSIENT, { sdk: 'ECONNRESET' }),
  row('end without a response', finWithoutResponse, TRANSIENT, { sdk: 'ECONNRESET' }),
  row('reset in the middle of the body', resetMidBody, TRANSIENT, { sdk: 'ECONNRESET' }),
  row('truncated body', truncatedBody, TRANSIENT, { sdk: 'ECONNRESET' }),

  // Silence.
  row('body shorter than its content-length, then silence', longerContentLength, TIMED_OUT, HANGS),
  row('slow drip', slowDrip, TIMED_OUT, HANGS),
  row('silence after the headers', stallAfterHeaders, TIMED_OUT, HANGS),
  row('no answer', neverAnswers, TIMED_OUT, HANGS),

  // Answers of something that is not AWS.
  row('junk bytes', junkBytes, TRANSIENT, { sdk: 'HPE_INVALID_CONSTANT' }),
  row('200 with a page', html(), TRANSIENT, { sdk: 'SyntaxError' }),
  row('403 with a page', html(403), TRANSIENT, { sdk: 'SyntaxError' }),
  row('redirect', redirect, TRANSIENT, { sdk: 'SyntaxError' }),
  row('gzip that is none', gzipGarbage, TRANSIENT, { sdk: 'SyntaxError' }),
  row('200 with {}', response({ body: '{}' }), TRANSIENT, EMPTY),
  row('200 without a body', response({}), TRANSIENT, EMPTY),
  row('200 with null', response({ body: 'null' }), TRANSIENT, EMPTY),
  row('200 with a list', response({ body: '[]' }), TRANSIENT, EMPTY),
  row('200 with a text', response({ body: JSON.stringify(NEEDLE) }), TRANSIENT, EMPTY),
  row('value of 3 MiB', withValue(NEEDLE.padEnd(3 * 1024 * 1024, '.')), TRANSIENT, { sdk: 'success' }),

  // Failures of the service.
  row('500', refusal('InternalFailure', { status: 500 }), TRANSIENT, { sdk: 'InternalFailure' }),
  row('502 without a body', response({ status: 502 }), TRANSIENT, { sdk: 'Unknown' }),
  row('503', refusal('ServiceUnavailable', { status: 503 }), TRANSIENT, { sdk: 'ServiceUnavailable' }),
  row('503 with a page', html(503), TRANSIENT, { sdk: 'SyntaxError' }),
  row('504 without a body', response({ status: 504 }), TRANSIENT, { sdk: 'Unknown' }),
  row('501', refusal('NotImplemented', { status: 501 }), definitive('ERR_UNAVAILABLE'), {
    sdk: 'NotImplemented',
  }),
  row(
    'unknown refusal with a value in it',
    refusal('BrandNewException', { status: 418, message: NEEDLE, members: { SecretString: NEEDLE } }),
    definitive('ERR_REQUEST_REFUSED'),
    { sdk: 'BrandNewException' },
  ),

  // Throttling.
  row('throttling', throttling(), THROTTLED, { sdk: 'ThrottlingException' }),
  row('throttling, retry-after 0', throttling({ 'retry-after': '0' }), THROTTLED, {
    sdk: 'ThrottlingException',
  }),
  row('throttling, retry-after 30', throttling({ 'retry-after': '30' }), THROTTLED_TOO_LONG, {
    sdk: 'ThrottlingException',
  }),
  row('throttling, retry-after 1e9', throttling({ 'retry-after': '1000000000' }), THROTTLED, {
    sdk: 'ThrottlingException',
  }),
  row('throttling, retry-after a past date', throttling({ 'retry-after': LONG_AGO }), THROTTLED, {
    sdk: 'ThrottlingException',
  }),
  row('throttling, retry-after garbage', throttling({ 'retry-after': 'soon' }), THROTTLED, {
    sdk: 'ThrottlingException',
  }),
  row('throttling, x-amz-retry-after 20 ms', throttling({ 'x-amz-retry-after': '20' }), THROTTLED, {
    sdk: 'ThrottlingException',
  }),
  row('429 without a body', response({ status: 429 }), THROTTLED, { sdk: 'Unknown' }),
  item('throttled item', { secretsManager: 'ThrottlingException', message: 'Rate exceeded' }, THROTTLED),

  // JSON of the answer.
  row(
    'truncated JSON',
    rewritten((json) => json.slice(0, -2)),
    TRANSIENT,
    { sdk: 'SyntaxError' },
  ),
  row(
    'byte order mark before the answer',
    rewritten((json) => `\uFEFF${json}`),
    TRANSIENT,
    {
      sdk: 'SyntaxError',
    },
  ),
  row(
    'date that is NaN',
    rewritten((json) => json.replace(TIME, '"$1":NaN')),
    TRANSIENT,
    {
      sdk: 'SyntaxError',
    },
  ),
  row(
    'date that is a text',
    rewritten((json) => json.replace(TIME, '"$1":"soon"')),
    TRANSIENT,
    {
      sdk: 'TypeError',
    },
  ),
  row(
    'base64 that is none',
    withMembers({ secret: { SecretString: undefined, SecretBinary: '!' } }),
    TRANSIENT,
    {
      services: SECRETS,
      sdk: 'TypeError',
    },
  ),
  row(
    'no payload',
    withMembers({ secret: { SecretString: undefined }, parameter: { Value: undefined } }),
    TRANSIENT,
    {
      sdk: 'success',
    },
  ),
  row('both payloads', withMembers({ secret: { SecretBinary: 'AAAA' } }), TRANSIENT, {
    services: SECRETS,
    sdk: 'success',
  }),
  row(
    'payload that is no text',
    rewritten((json) => json.replace(PAYLOAD, `"$1":${DEEP}`)),
    TRANSIENT,
    {
      sdk: 'success',
    },
  ),
  row('deeply nested answer', response({ body: DEEP }), TRANSIENT, EMPTY),
  row(
    'member given twice',
    rewritten((json) => json.replace(PAYLOAD, '"$1":"older","$1":$2')),
    HARMLESS,
    {
      sdk: 'success',
    },
  ),
  row(
    '__proto__ in the answer',
    rewritten((json) => json.replace(/\}$/, ',"__proto__":{"polluted":true}}')),
    HARMLESS,
    { sdk: 'success' },
  ),

  // JSON of the value.
  row('value that is no JSON', withValue(NEEDLE), UNDECODABLE, { isJson: true, sdk: 'success' }),
  row('value with __proto__', withValue(`{"__proto__":{"polluted":"${NEEDLE}"}}`), UNDECODABLE, {
    isJson: true,
    sdk: 'success',
  }),
  row(
    'binary value that is no UTF-8',
    withValue(Buffer.concat([Buffer.of(0xff), Buffer.from(NEEDLE)])),
    UNDECODABLE,
    { services: SECRETS, sdk: 'success' },
  ),
  row('value with a key given twice', withValue(`{"password":"older","password":"${NEEDLE}"}`), HARMLESS, {
    isJson: true,
    value: { password: NEEDLE },
    sdk: 'success',
  }),
  row('value with a byte order mark', withValue(`\uFEFF{"password":"${NEEDLE}"}`), HARMLESS, {
    isJson: true,
    value: { password: NEEDLE },
    sdk: 'success',
  }),
  row('deeply nested value', withValue(DEEP), HARMLESS, {
    isJson: true,
    value: JSON.parse(DEEP),
    sdk: 'success',
  }),

  // Credentials.
  row('no credentials', uncredentialled('error'), RENEWED, { sdk: 'CredentialsProviderError' }),
  // The SDK asks its provider again only when it has answered: later attempts wait for the first one's question.
  row(
    'credentials that never come',
    uncredentialled('never'),
    { ...TIMED_OUT, attempts: 1 },
    {
      hangs: true,
      sdk: 'pending',
    },
  ),
  ...['ExpiredTokenException', 'RequestExpired', 'RequestTimeTooSkewed'].map((name) =>
    row(name, refusal(name, { message: NEEDLE }), RENEWED, { sdk: name }),
  ),
  row(
    'signature that has expired',
    refusal('InvalidSignatureException', { message: 'Signature expired: 1 is now earlier than 2' }),
    RENEWED,
    { sdk: 'InvalidSignatureException' },
  ),
  row('signature by a clock that is wrong', refusalByClock(NEEDLE), RENEWED, {
    sdk: 'InvalidSignatureException',
  }),
  ...['UnrecognizedClientException', 'InvalidSignatureException'].map((name) =>
    row(name, refusal(name, { message: NEEDLE }), definitive('ERR_CREDENTIALS'), { sdk: name }),
  ),

  // Refusals of single items.
  item(
    'denied item',
    { secretsManager: 'AccessDeniedException', message: deniedText('secretsmanager:GetSecretValue') },
    definitive('ERR_ACCESS_DENIED'),
  ),
  item(
    'denied key behind a secret',
    { secretsManager: 'AccessDeniedException', message: 'Access to KMS is not allowed' },
    definitive('ERR_DECRYPT'),
    SECRETS,
  ),
  item(
    'denied key behind a parameter',
    {
      secretsManager: 'AccessDeniedException',
      message:
        'The ciphertext refers to a customer master key that does not exist, does not exist in this region, ' +
        'or you are not allowed to access.',
    },
    definitive('ERR_DECRYPT'),
    PARAMETERS,
  ),
  item(
    'disabled key',
    { secretsManager: 'DecryptionFailure', ssm: 'InvalidKeyId' },
    definitive('ERR_DECRYPT'),
  ),
  item(
    'missing item',
    { secretsManager: 'ResourceNotFoundException', ssm: 'ParameterNotFound' },
    definitive('ERR_NOT_FOUND'),
  ),
  item(
    'secret without a current version',
    {
      secretsManager: 'ResourceNotFoundException',
      message: "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT",
    },
    definitive('ERR_NOT_FOUND'),
    SECRETS,
  ),
  item(
    'secret scheduled for deletion',
    {
      secretsManager: 'InvalidRequestException',
      message: "You can't perform this operation on the secret because it was marked for deletion.",
    },
    definitive('ERR_NOT_FOUND'),
    SECRETS,
  ),
  item(
    'internal error of an item',
    { secretsManager: 'InternalServiceError', ssm: 'InternalServerError', status: 500 },
    TRANSIENT,
  ),
  row('denied batch', batchDenied, HARMLESS, EMPTY),

  // Another identity than was asked for.
  row(
    'another item',
    withMembers({
      secret: { ARN: OTHER_ARN.secretsmanager, Name: 'prod/other' },
      parameter: { ARN: OTHER_ARN.ssm, Name: '/prod/other' },
    }),
    definitive('ERR_RESPONSE_MISMATCH'),
    { sdk: 'success' },
  ),
  row(
    'another region',
    rewritten((json) => json.replaceAll(':eu-west-1:', ':us-east-1:')),
    definitive('ERR_RESPONSE_MISMATCH'),
    { inBatch: 'itemised', sdk: 'success' },
  ),
  row(
    'another version stage',
    withMembers({ secret: { VersionStages: ['AWSPREVIOUS'] } }),
    definitive('ERR_RESPONSE_MISMATCH'),
    { services: SECRETS, inBatch: 'itemised', sdk: 'success' },
  ),
  row(
    'another version',
    withMembers({
      secret: { VersionId: '99999999-9999-4999-8999-999999999999' },
      parameter: { Version: 99 },
    }),
    definitive('ERR_RESPONSE_MISMATCH'),
    { isPinned: true, inBatch: 'itemised', sdk: 'success' },
  ),
]

function row(name: string, fault: Fault, is: Class, { sdk, inBatch, ...details }: Details): FaultRow {
  const { attempts } = is
  return {
    name,
    fault,
    requests: fault.at === 'request' ? attempts : 0,
    services: ['secretsmanager', 'ssm'],
    hangs: false,
    isOfItem: false,
    isTls: false,
    isPinned: false,
    isJson: false,
    sdk: typeof sdk === 'string' ? both(sdk) : sdk,
    inBatch: typeof inBatch === 'object' ? inBatch : both(inBatch ?? inBatchOf(is)),
    ...is,
    ...details,
  }
}

function item(name: string, refused: ItemRefusal, is: Class, services?: readonly Service[]): FaultRow {
  const targets = new Set(Object.values(TARGETS))
  const { secretsManager, ssm = secretsManager } = refused
  return row(name, itemRefused({ isHit: (id) => targets.has(id), ...refused }), is, {
    isOfItem: true,
    sdk: { secretsmanager: secretsManager, ssm },
    // Parameter Store knows no item errors, except for names that it does not have.
    inBatch: {
      secretsmanager: 'itemised',
      ssm: ssm === 'ParameterNotFound' ? 'itemised' : inBatchOf(is),
    },
    ...(services !== undefined && { services }),
  })
}

function inBatchOf({ outcome, code }: Class): InBatch {
  if (outcome === 'decode' || outcome === 'harmless') return 'itemised'
  // Bad credentials are bad for each item by itself just the same.
  return outcome === 'definitive' && code !== 'ERR_CREDENTIALS' ? 'split' : 'shared'
}

function both<T>(one: T): Readonly<Record<Service, T>> {
  return { secretsmanager: one, ssm: one }
}
