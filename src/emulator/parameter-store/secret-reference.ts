/**
 * `/aws/reference/secretsmanager/<secret-id>`: a secret read through Parameter Store.
 *
 * @module
 */
import { EmulatorError, refusal } from '../emulator-error.js'
import type { Wire } from '../input.js'
import type { Call } from '../operation.js'
import { readSecret } from '../secrets-manager/reading.js'

const PREFIX = '/aws/reference/secretsmanager/'

/** Source: the service model: a version id is at least 32 characters; shorter selectors are stages. */
const MIN_VERSION_ID_LENGTH = 32

/** Tells whether a parameter name asks for a secret. */
export function isSecretReference(asked: string): boolean {
  return asked.startsWith(PREFIX)
}

/**
 * The secret in the shape of a SecureString of version 0, with the secret's own answer in `SourceResult`.
 *
 * Source: "Referencing AWS Secrets Manager secrets from Parameter Store parameters", Systems Manager User Guide.
 */
export function readSecretReference(call: Call, asked: string): Wire {
  if (!call.input.flag('WithDecryption')) {
    const message = 'WithDecryption flag must be True for retrieving a Secret Manager secret.'
    throw refusal('ValidationException', message)
  }
  const [id = '', selector = 'AWSCURRENT'] = asked.slice(PREFIX.length).split(':')
  const secret = readOrNotFound(call, id, selector)
  if (secret['SecretString'] === undefined) {
    throw refusal(
      'ValidationException',
      `Secret ${id} has no SecretString, and a parameter can be text only.`,
    )
  }
  return {
    Name: `${PREFIX}${id}`,
    Type: 'SecureString',
    Value: secret['SecretString'],
    Version: 0,
    Selector: `:${selector}`,
    SourceResult: JSON.stringify(secret),
    LastModifiedDate: secret['CreatedDate'],
    ARN: secret['ARN'],
    DataType: 'text',
  }
}

function readOrNotFound(call: Call, id: string, selector: string): Wire {
  call.access.authorize('secretsmanager:GetSecretValue', call.secrets.resource(id, call.nowMs))
  try {
    const secret = call.secrets.getLive(id, call.nowMs)
    const selection = selector.length < MIN_VERSION_ID_LENGTH ? { stage: selector } : { id: selector }
    return readSecret(call, secret, selection)
  } catch (error) {
    if (!(error instanceof EmulatorError) || error.code !== 'ResourceNotFoundException') throw error
    const message = `An error occurred (ParameterNotFound) when referencing Secrets Manager: Secret ${id} not found.`
    throw refusal('ParameterNotFound', message)
  }
}
