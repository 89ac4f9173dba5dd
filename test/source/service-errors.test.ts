/** Every error name of the two services, thrown as the SDK throws it: by name, of whatever class. */

import {
  GetSecretValueCommand,
  SecretsManagerClient,
  SecretsManagerServiceException,
} from '@aws-sdk/client-secrets-manager'
import { GetParameterCommand, SSMClient, SSMServiceException } from '@aws-sdk/client-ssm'
import { mockClient } from 'aws-sdk-client-mock'
import { expect, test } from 'vitest'
import type { SecretsErrorCode } from '../../src/errors.js'
import { parseReference } from '../../src/reference/parse.js'
import { failureOf } from '../../src/source/failure.js'
import { ParameterStoreSource } from '../../src/source/parameter-store.js'
import { SecretsManagerSource } from '../../src/source/secrets-manager.js'
import type { Source } from '../../src/source/source.js'

const config = { region: 'eu-west-1', credentials: { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'x' } }
const secretsManager = new SecretsManagerClient(config)
const ssm = new SSMClient(config)
const secretsManagerMock = mockClient(secretsManager)
const ssmMock = mockClient(ssm)

const thrown = (name: string, status = 400) => ({
  name,
  message: 'NEEDLE-hunter2',
  $fault: status < 500 ? ('client' as const) : ('server' as const),
  $metadata: { httpStatusCode: status, requestId: 'f3b6-4', attempts: 1 },
})

async function failureFrom(source: Source, ref: string): Promise<unknown> {
  const reference = parseReference(ref)
  const [result] = await source.load([reference], { signal: new AbortController().signal })
  if (result === undefined || !('error' in result)) throw new Error('expected a failure')
  return failureOf(result.error, reference)
}

test.each<[string, SecretsErrorCode, number?]>([
  ['ResourceNotFoundException', 'ERR_NOT_FOUND'],
  ['InvalidParameterException', 'ERR_REQUEST_REFUSED'],
  ['InvalidRequestException', 'ERR_REQUEST_REFUSED'],
  ['DecryptionFailure', 'ERR_DECRYPT'],
  ['InternalServiceError', 'ERR_UNAVAILABLE', 500],
  ['AccessDeniedException', 'ERR_ACCESS_DENIED'],
  ['ThrottlingException', 'ERR_THROTTLED'],
  ['LimitExceededException', 'ERR_REQUEST_REFUSED'],
  ['ValidationException', 'ERR_REQUEST_REFUSED'],
  ['ExpiredTokenException', 'ERR_CREDENTIALS'],
  ['InvalidSignatureException', 'ERR_CREDENTIALS'],
  ['UnrecognizedClientException', 'ERR_CREDENTIALS'],
  ['MissingAuthenticationTokenException', 'ERR_CREDENTIALS'],
  ['IncompleteSignature', 'ERR_CREDENTIALS'],
  ['RequestExpired', 'ERR_CREDENTIALS'],
  ['InternalFailure', 'ERR_UNAVAILABLE', 500],
  ['ServiceUnavailable', 'ERR_UNAVAILABLE', 503],
  ['OptInRequired', 'ERR_CREDENTIALS', 403],
])('Secrets Manager: %s is %s', async (name, code, status) => {
  secretsManagerMock
    .on(GetSecretValueCommand)
    .rejects(new SecretsManagerServiceException(thrown(name, status)))
  const error = await failureFrom(new SecretsManagerSource({ client: secretsManager }), 'prod/db')
  expect(error).toMatchObject({ code, ref: 'prod/db', requestId: 'f3b6-4', attempts: 1 })
  expect(JSON.stringify(error)).not.toContain('NEEDLE')
})

test.each<[string, SecretsErrorCode, number?]>([
  ['ParameterNotFound', 'ERR_NOT_FOUND'],
  ['ParameterVersionNotFound', 'ERR_NOT_FOUND'],
  ['InvalidKeyId', 'ERR_DECRYPT'],
  ['InternalServerError', 'ERR_UNAVAILABLE', 500],
  ['AccessDeniedException', 'ERR_ACCESS_DENIED'],
  ['ThrottlingException', 'ERR_THROTTLED'],
  ['ValidationException', 'ERR_REQUEST_REFUSED'],
  ['ExpiredTokenException', 'ERR_CREDENTIALS'],
  ['UnrecognizedClientException', 'ERR_CREDENTIALS'],
])('Parameter Store: %s is %s', async (name, code, status) => {
  ssmMock.on(GetParameterCommand).rejects(new SSMServiceException(thrown(name, status)))
  const error = await failureFrom(new ParameterStoreSource({ client: ssm }), 'ssm:/prod/level')
  expect(error).toMatchObject({ code, ref: 'ssm:/prod/level', requestId: 'f3b6-4', attempts: 1 })
  expect(JSON.stringify(error)).not.toContain('NEEDLE')
})
