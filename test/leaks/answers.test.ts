/**
 * Whatever an SDK client throws or answers, or the credentials behind it do, quotes a secret wherever it can: no value
 * shows anywhere (I51, I52). The identity that AWS gives to what it stores is no secret, and is shown.
 */

import { listenToProcess } from './heard.js'
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { SSMClient } from '@aws-sdk/client-ssm'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { SdkClient } from '../../src/index.js'
import { startFaultServer } from '../support/fault-server.js'
import { refusal } from '../support/fault-server/faults.js'
import { NEEDLE } from '../support/needle.js'
import { LONG_JSON, LONG_NEEDLE } from './forms.js'
import { Matrix } from './matrix.js'
import { MODES, openScene } from './open.js'
import type { Scene } from './scene.js'

listenToProcess()
const matrix = new Matrix('errors and answers of AWS')

type Members = Readonly<Record<string, unknown>>

/** An error that has the secret at every place where one of AWS, of the SDK or of Node.js may have it. */
function quoting(name: string, members: Members = {}): Error {
  const cause = new Error(LONG_NEEDLE, { cause: { body: LONG_JSON } })
  return Object.assign(new Error(`${LONG_NEEDLE} at ${LONG_JSON}`, { cause }), {
    name,
    Message: LONG_NEEDLE,
    $response: { body: LONG_JSON, headers: { 'x-amzn-requestid': NEEDLE, authorization: NEEDLE } },
    $metadata: { requestId: NEEDLE, extendedRequestId: NEEDLE, httpStatusCode: 400, attempts: 1 },
    $fault: 'client',
    $retryable: { throttling: false, reason: NEEDLE },
    SecretString: LONG_NEEDLE,
    $responseBodyText: LONG_JSON,
    [Symbol('body')]: LONG_NEEDLE,
    ...members,
  })
}

/** The names of both services' models, of KMS behind them, of the SDK, and of nobody. */
const NAMES = [
  ...['AccessDeniedException', 'DecryptionFailure', 'InternalServiceError', 'InvalidNextTokenException'],
  ...[
    'InvalidParameterException',
    'InvalidRequestException',
    'ResourceNotFoundException',
    'ParameterNotFound',
  ],
  ...['ParameterVersionNotFound', 'InvalidKeyId', 'KMSAccessDeniedException', 'KMSDisabledException'],
  ...['KMSInvalidStateException', 'KMSNotFoundException', 'ThrottlingException', 'ExpiredTokenException'],
  ...['UnrecognizedClientException', 'InvalidSignatureException', 'ValidationException', 'EndpointError'],
  ...['CredentialsProviderError', 'TokenProviderError', 'TimeoutError', 'SyntaxError', 'TypeError', 'Error'],
  NEEDLE,
  LONG_NEEDLE,
]

/** Texts that are looked at, with a secret behind them. */
const TEXTS = [
  `User: arn:aws:sts::123456789012:assumed-role/x is not authorized to perform: kms:Decrypt on ${NEEDLE}`,
  `Access to KMS is not allowed: ${NEEDLE}`,
  `The ciphertext refers to a customer master key ${NEEDLE}`,
  `You can't perform this operation: marked for deletion ${NEEDLE}`,
  `Signature expired: ${NEEDLE} is now earlier than ${NEEDLE}`,
  `Unexpected token 'N', "${NEEDLE}" is not valid JSON`,
]

const FAILURES: readonly (readonly [string, () => unknown])[] = [
  ...NAMES.map((name) => [name.slice(0, 32), () => quoting(name)] as const),
  ...TEXTS.flatMap((text) =>
    ['AccessDeniedException', 'InvalidRequestException', 'InvalidSignatureException', 'SyntaxError'].map(
      (name) => [`${name}: ${text.slice(0, 16)}`, () => quoting(name, { message: text })] as const,
    ),
  ),
  ...['ECONNRESET', 'EPROTO', 'HPE_INVALID_CONSTANT', NEEDLE].map(
    (code) =>
      [
        `code ${code}`,
        () => quoting('Error', { code, errno: NEEDLE, syscall: NEEDLE, hostname: NEEDLE }),
      ] as const,
  ),
  ...['5', NEEDLE, `Wed, ${NEEDLE}`].map(
    (hint) =>
      [
        `retry-after ${hint}`,
        () =>
          quoting('ThrottlingException', {
            $response: { headers: { 'retry-after': hint } },
            $retryAfter: hint,
          }),
      ] as const,
  ),
  ['a text', () => LONG_NEEDLE],
  ['a symbol', () => Symbol(NEEDLE)],
  ['a function', () => Object.assign(() => NEEDLE, { toString: () => NEEDLE })],
  ['an object', () => ({ toString: () => NEEDLE, toJSON: () => NEEDLE, message: NEEDLE })],
  ['an error of several', () => new AggregateError([quoting('Error'), NEEDLE], NEEDLE)],
  [
    'getters that throw it',
    () =>
      new Proxy(new Error(NEEDLE), {
        get: () => {
          throw new Error(NEEDLE)
        },
      }),
  ],
]

const IDENTITY = {
  secretsmanager: {
    ARN: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-AbCdEf',
    Name: 'prod/db',
  },
  ssm: { ARN: 'arn:aws:ssm:eu-west-1:123456789012:parameter/prod/db', Name: '/prod/db' },
}
const METADATA = { $metadata: { requestId: NEEDLE, httpStatusCode: 200 }, Extra: NEEDLE }

/** What is wrong with a secret and with a parameter that hold the secret. */
const ANSWERS: readonly (readonly [string, Members])[] = [
  ['fine', {}],
  ['of another secret', { Name: 'prod/other', ARN: IDENTITY.secretsmanager.ARN.replace('db', 'other') }],
  ['of another region', { ARN: IDENTITY.secretsmanager.ARN.replace('eu-west-1', 'us-east-1') }],
  ['of another stage', { VersionStages: ['AWSPREVIOUS', NEEDLE] }],
  ['with both payloads', { SecretBinary: Buffer.from(LONG_NEEDLE) }],
  ['without a payload', { SecretString: undefined, Value: undefined }],
  ['with a payload of another type', { SecretString: { text: LONG_NEEDLE }, Value: [LONG_NEEDLE] }],
  [
    'with a payload that is too long',
    { SecretString: LONG_NEEDLE.repeat(200), Value: LONG_NEEDLE.repeat(200) },
  ],
  ['with an ARN that is the secret', { ARN: LONG_NEEDLE, Name: 'prod/other' }],
  ['with a name that is the secret', { Name: LONG_NEEDLE }],
  ['with dates that are none', { CreatedDate: NEEDLE, LastModifiedDate: NEEDLE, NextToken: NEEDLE }],
]

/** Answers every command, single or for several, with an item that has the members. */
function answering(members: Members): SdkClient {
  const secret = {
    ...IDENTITY.secretsmanager,
    SecretString: LONG_JSON,
    VersionStages: ['AWSCURRENT'],
    ...members,
  }
  const parameter = { ...IDENTITY.ssm, Type: 'SecureString', Value: LONG_JSON, Version: 1, ...members }
  return {
    send: (command) => {
      const answers: Readonly<Record<string, Members>> = {
        GetSecretValueCommand: secret,
        BatchGetSecretValueCommand: { SecretValues: [secret], Errors: [refused()], NextToken: NEEDLE },
        GetParameterCommand: { Parameter: parameter },
        GetParametersCommand: { Parameters: [parameter], InvalidParameters: [NEEDLE] },
        GetParametersByPathCommand: { Parameters: [parameter], NextToken: NEEDLE },
      }
      return Promise.resolve({ ...answers[command.constructor.name], ...METADATA })
    },
  }
}

const refused = () => ({ SecretId: 'prod/gone', ErrorCode: 'AccessDeniedException', Message: LONG_NEEDLE })

function failing(thrown: () => unknown): SdkClient {
  return { send: () => Promise.reject(thrown()) }
}

async function exercise(scene: Scene): Promise<void> {
  for (const ref of ['prod/db', 'ssm:/prod/db']) await scene.readEveryWay(ref)
  await scene.loadEveryWay({ a: 'prod/db', b: 'prod/gone', c: 'ssm:/prod/db', d: 'ssm:/prod/gone' })
  await scene.treeEveryWay('/prod')
}

// In one mode: nothing is stored that could be sealed.
test.each(FAILURES)('a client that throws: %s', async (_title, thrown) => {
  const client = failing(thrown)
  const { scene } = openScene({ clients: { secretsManager: client, ssm: client }, region: 'eu-west-1' })
  await exercise(scene)
  const evidence = await scene.end()
  expect(evidence.errors.length).toBeGreaterThan(10)
  matrix.check(evidence)
})

test.each(FAILURES)('a source that throws: %s', async (_title, thrown) => {
  const load = (): never => {
    throw thrown()
  }
  const sources = (['secretsmanager', 'ssm'] as const).map((service) => ({
    service,
    maxBatch: 9,
    load,
    loadPage: load,
  }))
  const { scene } = openScene({ sources })
  await exercise(scene)
  matrix.check(await scene.end())
})

describe.each(MODES)('$mode', ({ seal }) => {
  test.each(ANSWERS)('an answer %s', async (_title, members) => {
    const client = answering(members)
    const { scene } = openScene({
      clients: { secretsManager: client, ssm: client },
      region: 'eu-west-1',
      seal,
    })
    await exercise(scene)
    matrix.check(await scene.end())
  })

  test.each([
    ['a provider that quotes them', () => Promise.reject(quoting('CredentialsProviderError'))],
    ['refused', () => Promise.resolve({ accessKeyId: 'AKIAEXAMPLE', secretAccessKey: NEEDLE })],
    [
      'that are none',
      () => Promise.resolve({ accessKeyId: NEEDLE, secretAccessKey: NEEDLE, sessionToken: NEEDLE }),
    ],
  ])('credentials: %s', async (_title, credentials) => {
    const server = await startFaultServer({ values: { 'prod/db': LONG_JSON } })
    onTestFinished(() => server.close())
    server.set(
      refusal('UnrecognizedClientException', {
        message: LONG_NEEDLE,
        headers: { 'x-amzn-requestid': 'a b' },
      }),
    )
    const config = { ...server.clientConfig, credentials }
    const clients = { secretsManager: new SecretsManagerClient(config), ssm: new SSMClient(config) }
    const { scene } = openScene({ clients, seal })
    await exercise(scene)
    matrix.check(await scene.end())
  })
})
