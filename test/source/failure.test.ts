import { inspect } from 'node:util'
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { describe, expect, onTestFinished, test } from 'vitest'
import { startEmulator } from '../../src/emulator/index.js'
import { SecretsError, type SecretsErrorCode } from '../../src/errors.js'
import { parseReference } from '../../src/reference/parse.js'
import { failureOf } from '../../src/source/failure.js'

const NEEDLE = 'NEEDLE-hunter2-correct-horse'
const secret = parseReference('prod/db')
const parameter = parseReference('ssm:/prod/level')

const named = (name: string, message = NEEDLE, extra: object = {}) =>
  Object.assign(new Error(message), { name, ...extra })
const status = (httpStatusCode: number) => ({ $metadata: { httpStatusCode, requestId: 'f3b6-3' } })

const TABLE: readonly (readonly [string, unknown, SecretsErrorCode])[] = [
  // Modelled errors of Secrets Manager reads.
  ['a missing secret', named('ResourceNotFoundException', NEEDLE, status(400)), 'ERR_NOT_FOUND'],
  ['an invalid parameter', named('InvalidParameterException', NEEDLE, status(400)), 'ERR_REQUEST_REFUSED'],
  [
    'a clash of stage and id',
    named(
      'InvalidRequestException',
      'You provided a VersionStage that is not associated to the provided VersionId.',
    ),
    'ERR_REQUEST_REFUSED',
  ],
  [
    'a secret marked deleted',
    named(
      'InvalidRequestException',
      "You tried to perform the operation on a secret that's currently marked deleted.",
    ),
    'ERR_NOT_FOUND',
  ],
  [
    'a secret marked for deletion',
    named(
      'InvalidRequestException',
      "You can't perform this operation on the secret because it was marked for deletion.",
    ),
    'ERR_NOT_FOUND',
  ],
  [
    'a secret scheduled for deletion',
    named('InvalidRequestException', 'the secret was scheduled for deletion'),
    'ERR_NOT_FOUND',
  ],
  ['a key that cannot decrypt', named('DecryptionFailure', NEEDLE, status(400)), 'ERR_DECRYPT'],
  ['an internal error by name', named('InternalServiceError', NEEDLE, status(500)), 'ERR_UNAVAILABLE'],
  [
    'an internal error that came with status 400',
    named('InternalServiceError', NEEDLE, status(400)),
    'ERR_UNAVAILABLE',
  ],
  [
    'a quota, which waiting does not cure',
    named('LimitExceededException', NEEDLE, status(400)),
    'ERR_REQUEST_REFUSED',
  ],
  // Modelled errors of Parameter Store reads.
  ['a missing parameter', named('ParameterNotFound', NEEDLE, status(400)), 'ERR_NOT_FOUND'],
  ['a missing version', named('ParameterVersionNotFound', NEEDLE, status(400)), 'ERR_NOT_FOUND'],
  ['a disabled key', named('InvalidKeyId', NEEDLE, status(400)), 'ERR_DECRYPT'],
  [
    'an internal error of Parameter Store',
    named('InternalServerError', NEEDLE, status(500)),
    'ERR_UNAVAILABLE',
  ],
  // Common errors.
  [
    'a denied caller',
    named('AccessDeniedException', 'User: arn:aws:sts::1:assumed-role/r/s is not authorized', status(400)),
    'ERR_ACCESS_DENIED',
  ],
  [
    'a denied key, Secrets Manager',
    named('AccessDeniedException', 'Access to KMS is not allowed', status(400)),
    'ERR_DECRYPT',
  ],
  [
    'a denied key, Parameter Store',
    named(
      'AccessDeniedException',
      'The ciphertext refers to a customer master key that does not exist',
      status(400),
    ),
    'ERR_DECRYPT',
  ],
  [
    'a denied secret whose name has kms in it',
    named(
      'AccessDeniedException',
      'User: arn:aws:sts::1:assumed-role/kms-reader/s is not authorized to perform: secretsmanager:GetSecretValue on resource: prod/kms-config',
    ),
    'ERR_ACCESS_DENIED',
  ],
  [
    'a denied key, by its action',
    named('AccessDeniedException', 'User: x is not authorized to perform: kms:Decrypt on resource: key'),
    'ERR_DECRYPT',
  ],
  ['a throttle by name', named('ThrottlingException', 'Rate exceeded', status(400)), 'ERR_THROTTLED'],
  ['a throttle by status', named('SomethingNew', NEEDLE, status(429)), 'ERR_THROTTLED'],
  ['too many requests', named('TooManyRequestsException'), 'ERR_THROTTLED'],
  ['a refused request', named('ValidationException', NEEDLE, status(400)), 'ERR_REQUEST_REFUSED'],
  ['an unknown 4xx', named('SomethingNew', NEEDLE, status(418)), 'ERR_REQUEST_REFUSED'],
  ['an unknown 5xx', named('SomethingNew', NEEDLE, status(503)), 'ERR_UNAVAILABLE'],
  // Credentials and signatures.
  ['an expired token', named('ExpiredTokenException', NEEDLE, status(400)), 'ERR_CREDENTIALS'],
  ['an unknown key id', named('UnrecognizedClientException', NEEDLE, status(400)), 'ERR_CREDENTIALS'],
  ['a refused signature', named('InvalidSignatureException', NEEDLE, status(400)), 'ERR_CREDENTIALS'],
  ['no credentials at all', named('CredentialsProviderError'), 'ERR_CREDENTIALS'],
  // The network, as the SDK reports it.
  ['a reset socket', named('TimeoutError', NEEDLE, { code: 'ECONNRESET' }), 'ERR_UNAVAILABLE'],
  ['a refused connection', named('Error', NEEDLE, { code: 'ECONNREFUSED' }), 'ERR_UNAVAILABLE'],
  ['an unknown host', named('Error', NEEDLE, { code: 'ENOTFOUND' }), 'ERR_UNAVAILABLE'],
  ['a certificate that has expired', named('Error', NEEDLE, { code: 'CERT_HAS_EXPIRED' }), 'ERR_UNAVAILABLE'],
  ['a protocol that is not TLS', named('Error', NEEDLE, { code: 'EPROTO' }), 'ERR_UNAVAILABLE'],
  ['a host that cannot be reached', named('Error', NEEDLE, { code: 'EHOSTUNREACH' }), 'ERR_UNAVAILABLE'],
  ['an operation that is not known', named('NotImplemented', NEEDLE, status(501)), 'ERR_UNAVAILABLE'],
  ['a throttle by its model', named('New', NEEDLE, { $retryable: { throttling: true } }), 'ERR_THROTTLED'],
  ['a garbled head', named('Error', NEEDLE, { code: 'HPE_INVALID_CONSTANT' }), 'ERR_UNAVAILABLE'],
  [
    'a socket error behind fetch',
    new TypeError('fetch failed', { cause: { code: 'ECONNREFUSED' } }),
    'ERR_UNAVAILABLE',
  ],
  [
    'a body that is no JSON',
    named('SyntaxError', `Unexpected token, "${NEEDLE}" is not valid JSON`, status(200)),
    'ERR_UNAVAILABLE',
  ],
  // Nonsense.
  ['nothing', undefined, 'ERR_UNAVAILABLE'],
  ['null', null, 'ERR_UNAVAILABLE'],
  ['text', NEEDLE, 'ERR_UNAVAILABLE'],
  ['a bug', new TypeError(NEEDLE), 'ERR_UNAVAILABLE'],
]

describe('failureOf', () => {
  test.each(TABLE)('%s', (_title, thrown, code) => {
    const failure = failureOf(thrown, secret)
    expect(failure).toBeInstanceOf(SecretsError)
    expect(failure).toMatchObject({ code, ref: 'prod/db' })
    expect(failure.message.startsWith('prod/db: ')).toBe(true)
  })

  test.each(TABLE)('%s: nothing of the foreign error is passed on', (_title, thrown) => {
    const failure = failureOf(thrown, secret)
    const printed = inspect(failure, { depth: Infinity, showHidden: true }) + JSON.stringify(failure)
    expect(printed).not.toContain(NEEDLE)
    expect(printed).not.toContain('assumed-role')
    expect(failure.cause).toBeUndefined()
  })

  test.each([...new Set(TABLE.map(([, , code]) => code))])('%s comes with a hint', (code) => {
    const [, thrown] = TABLE.find((row) => row[2] === code) ?? []
    for (const reference of [secret, parameter]) {
      const { hint, message } = failureOf(thrown, reference)
      expect(hint).toBeTruthy()
      expect(message.endsWith(hint ?? '-')).toBe(true)
    }
  })

  test('retryable are the codes that may pass by themselves, and credentials that may be renewed', () => {
    const retryable = new Set(
      TABLE.map(([, thrown]) => failureOf(thrown, secret))
        .filter((f) => f.retryable)
        .map((f) => f.code),
    )
    expect([...retryable].sort()).toEqual(['ERR_CREDENTIALS', 'ERR_THROTTLED', 'ERR_UNAVAILABLE'])
  })

  test('the request id and the number of requests are kept', () => {
    const thrown = named('ThrottlingException', NEEDLE, { $metadata: { requestId: 'abc-1', attempts: 3 } })
    expect(failureOf(thrown, secret)).toMatchObject({ requestId: 'abc-1', attempts: 3 })
    expect(failureOf(named('CredentialsProviderError'), secret).attempts).toBe(0)
    expect(failureOf(named('ExpiredTokenException'), secret).attempts).toBe(1)
    expect(failureOf(named('ThrottlingException', '', status(400)), secret).attempts).toBe(1)
  })

  test('a request id that is none is left out', () => {
    const thrown = named('ThrottlingException', '', {
      $metadata: { requestId: `${NEEDLE} ${'x'.repeat(99)}` },
    })
    expect(failureOf(thrown, secret).requestId).toBeUndefined()
  })

  test('an error of our own passes through as it is', () => {
    const own = new SecretsError('ERR_MISSING_PEER', { what: 'the package x is not installed' })
    expect(failureOf(own, secret)).toBe(own)
  })

  test('an error that throws when it is looked at is as foreign as any', () => {
    const hostile = new Proxy(new Error(NEEDLE), {
      get: () => {
        throw new Error(NEEDLE)
      },
    })
    const failure = failureOf(hostile, secret)
    expect(failure).toMatchObject({ code: 'ERR_UNAVAILABLE', attempts: 1 })
    expect(inspect(failure, { depth: Infinity, showHidden: true })).not.toContain(NEEDLE)
  })

  test('a circle of causes ends', () => {
    const circle = named('Error')
    Object.assign(circle, { cause: circle })
    expect(failureOf(circle, secret).code).toBe('ERR_UNAVAILABLE')
  })
})

describe('whether it may pass', () => {
  const coded = (code: string) => named('Error', NEEDLE, { code })

  test.each<[string, unknown, boolean]>([
    ['CredentialsProviderError', named('CredentialsProviderError'), true],
    ['TokenProviderError', named('TokenProviderError'), true],
    ['ExpiredToken', named('ExpiredToken'), true],
    ['ExpiredTokenException', named('ExpiredTokenException'), true],
    ['RequestExpired', named('RequestExpired'), true],
    ['RequestInTheFuture', named('RequestInTheFuture'), true],
    ['RequestTimeTooSkewed', named('RequestTimeTooSkewed'), true],
    [
      'a signature that expired',
      named('InvalidSignatureException', 'Signature expired: 1 is now earlier than 2'),
      true,
    ],
    [
      'a signature from the future',
      named('InvalidSignatureException', 'Signature not yet current: 2 is later'),
      true,
    ],
    [
      'a signature by a clock that the SDK has corrected',
      named('SignatureDoesNotMatch', NEEDLE, { $metadata: { clockSkewCorrected: true } }),
      true,
    ],
    ['a wrong signature', named('InvalidSignatureException', 'The request signature does not match'), false],
    ['UnrecognizedClientException', named('UnrecognizedClientException'), false],
    ['InvalidClientTokenId', named('InvalidClientTokenId'), false],
    ['SignatureDoesNotMatch', named('SignatureDoesNotMatch'), false],
    ['OptInRequired', named('OptInRequired'), false],
    ['AuthFailure', named('AuthFailure'), false],
  ])('credentials: %s', (_title, thrown, retryable) => {
    expect(failureOf(thrown, secret)).toMatchObject({ code: 'ERR_CREDENTIALS', retryable })
  })

  test.each(
    (
      'EPROTO ERR_TLS_CERT_ALTNAME_INVALID ERR_SSL_WRONG_VERSION_NUMBER CERT_HAS_EXPIRED CERT_UNTRUSTED ' +
      'SELF_SIGNED_CERT_IN_CHAIN DEPTH_ZERO_SELF_SIGNED_CERT UNABLE_TO_VERIFY_LEAF_SIGNATURE ' +
      'UNABLE_TO_GET_ISSUER_CERT_LOCALLY HOSTNAME_MISMATCH INVALID_CA CRL_HAS_EXPIRED'
    ).split(' '),
  )('no secure connection: %s stays, and the hint says where to look', (code) => {
    for (const thrown of [coded(code), new TypeError('fetch failed', { cause: coded(code) })]) {
      const failure = failureOf(thrown, secret)
      expect(failure).toMatchObject({ code: 'ERR_UNAVAILABLE', retryable: false })
      expect(failure.hint).toContain('NODE_EXTRA_CA_CERTS')
    }
  })

  test.each(
    (
      'ECONNRESET ECONNREFUSED ECONNABORTED EPIPE ETIMEDOUT EHOSTUNREACH ENETUNREACH ENOTFOUND EAI_AGAIN ' +
      'HPE_INVALID_CONSTANT UND_ERR_SOCKET ERR_STREAM_PREMATURE_CLOSE'
    ).split(' '),
  )('the network: %s may pass', (code) => {
    const failure = failureOf(coded(code), secret)
    expect(failure).toMatchObject({ code: 'ERR_UNAVAILABLE', retryable: true })
    expect(failure.hint).toContain('network')
  })

  test('a body that breaks off may pass', () => {
    const failure = failureOf(new Error('aborted'), secret)
    expect(failure).toMatchObject({ code: 'ERR_UNAVAILABLE', retryable: true })
    expect(failure.hint).toContain('network')
  })

  test.each([
    ['by status', named('SomethingNew', NEEDLE, status(501)), false],
    ['with a known name', named('InternalFailure', NEEDLE, status(501)), false],
    ['with a body that is no JSON', named('SyntaxError', NEEDLE, status(501)), false],
    ['but not another status', named('SomethingNew', NEEDLE, status(502)), true],
  ])('an operation that is not known stays: %s', (_title, thrown, retryable) => {
    expect(failureOf(thrown, secret)).toMatchObject({ code: 'ERR_UNAVAILABLE', retryable })
  })
})

describe('how long the service asks to wait', () => {
  test('comes from the headers of the answer, and nothing else does', () => {
    const $response = { headers: { 'Retry-After': '3', 'x-secret': NEEDLE }, body: NEEDLE }
    const thrown = Object.defineProperty(named('ThrottlingException', NEEDLE), '$response', {
      value: $response,
    })
    const failure = failureOf(thrown, secret)
    expect(failure.retryAfterMs).toBe(3000)
    expect(inspect(failure, { depth: Infinity, showHidden: true })).not.toContain(NEEDLE)
  })

  test('is left out where it does not say', () => {
    expect(Object.keys(failureOf(named('ThrottlingException'), secret))).not.toContain('retryAfterMs')
    const soon = named('ThrottlingException', '', { $response: { headers: { 'retry-after': 'soon' } } })
    expect(Object.keys(failureOf(soon, secret))).not.toContain('retryAfterMs')
  })

  test('is found on an error that the real SDK throws', async () => {
    const emulator = await startEmulator()
    const client = new SecretsManagerClient({ ...emulator.clientConfig, maxAttempts: 1 })
    onTestFinished(async () => {
      client.destroy()
      await emulator.close()
    })
    emulator.fail('GetSecretValue', { error: 'ThrottlingException', headers: { 'Retry-After': '7' } })
    const thrown: unknown = await client
      .send(new GetSecretValueCommand({ SecretId: 'a' }))
      .catch((error: unknown) => error)
    expect(failureOf(thrown, secret)).toMatchObject({ code: 'ERR_THROTTLED', retryAfterMs: 7000 })
  })
})

describe('hints say what to do next', () => {
  const hintOf = (thrown: unknown, ref: string) => failureOf(thrown, parseReference(ref)).hint
  const arn = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-AbCdEf'

  test.each([
    [
      'the action and the resource of a denied secret',
      'AccessDeniedException',
      'prod/db',
      'secretsmanager:GetSecretValue on arn:aws:secretsmanager:<region>:<account>:secret:prod/db-??????',
    ],
    [
      'the ARN itself where there is one',
      'AccessDeniedException',
      arn,
      `secretsmanager:GetSecretValue on ${arn}`,
    ],
    [
      'the action and the resource of a denied parameter',
      'AccessDeniedException',
      'ssm:/prod/x',
      'ssm:GetParameter on arn:aws:ssm:<region>:<account>:parameter/prod/x',
    ],
    [
      'the KMS permission',
      'DecryptionFailure',
      arn,
      'kms:Decrypt on the key, with kms:ViaService secretsmanager.eu-west-1.amazonaws.com',
    ],
    ['the parameter that was probably meant', 'ResourceNotFoundException', '/prod/x', 'write "ssm:/prod/x"'],
    [
      'the version stage that is missing',
      'ResourceNotFoundException',
      'prod/db:AWSPREVIOUS',
      'the version stage AWSPREVIOUS',
    ],
    ['the version that is missing', 'ParameterVersionNotFound', 'ssm:/prod/x:7', 'version 7'],
    ['the label that is missing', 'ParameterVersionNotFound', 'ssm:/prod/x:stable', 'the label stable'],
    ['the quota of Parameter Store', 'ThrottlingException', 'ssm:/prod/x', '40 reads per second'],
    ['the quota of Secrets Manager', 'ThrottlingException', 'prod/db', '10,000 reads per second'],
  ])('%s', (_title, name, ref, expected) => {
    expect(hintOf(named(name), ref)).toContain(expected)
  })

  test('the region that was asked, and its partition', () => {
    const hint = (ref: string, region: string) =>
      failureOf(named('AccessDeniedException'), parseReference(ref), region).hint
    expect(hint('prod/db', 'cn-north-1')).toContain(
      'arn:aws-cn:secretsmanager:cn-north-1:<account>:secret:prod/db-??????',
    )
    expect(hint('ssm:/x', 'us-gov-west-1')).toContain(
      'arn:aws-us-gov:ssm:us-gov-west-1:<account>:parameter/x',
    )
    expect(hint(arn.slice(0, -7), 'eu-west-1')).toContain(`${arn.slice(0, -7)}-??????`)
    expect(failureOf(named('ResourceNotFoundException'), secret, 'eu-west-1').hint).toContain(
      '(eu-west-1 was asked)',
    )
  })

  test('how to see a failure that nobody foresaw', () => {
    expect(hintOf(new TypeError(NEEDLE), 'prod/db')).toContain('AWS SDK')
  })

  test('how to bring back a secret that is scheduled for deletion', () => {
    const deleted = named('InvalidRequestException', 'it was marked for deletion')
    expect(hintOf(deleted, 'prod/db')).toContain('restore-secret --secret-id "prod/db"')
    expect(failureOf(deleted, secret).message).toContain('scheduled for deletion')
  })
})
