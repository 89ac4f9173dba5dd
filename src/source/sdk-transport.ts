/**
 * Requests through the AWS SDK. The client of a service is imported when the first is made.
 *
 * @module
 */

import { optional } from './answer.js'
import { USER_AGENT, exportsOf, missingPeer } from './sdk-client.js'
import type { ParameterStoreRequest, SecretsManagerRequest, Transport } from './transport.js'

// With `.catch` on the import itself a bundler accepts that the peer may be missing.
const importSecretsManager = async () =>
  exportsOf(
    await import('@aws-sdk/client-secrets-manager').catch(missingPeer('@aws-sdk/client-secrets-manager')),
    'SecretsManagerClient',
  )

const importParameterStore = async () =>
  exportsOf(await import('@aws-sdk/client-ssm').catch(missingPeer('@aws-sdk/client-ssm')), 'SSMClient')

/** Secrets Manager through `@aws-sdk/client-secrets-manager`. */
export const secretsManagerSdk: Transport<SecretsManagerRequest> = {
  async create(region) {
    const { SecretsManagerClient } = await importSecretsManager()
    return new SecretsManagerClient(configOf(region))
  },
  async command(_client, { operation, input }) {
    const { BatchGetSecretValueCommand, GetSecretValueCommand } = await importSecretsManager()
    return operation === 'GetSecretValue'
      ? new GetSecretValueCommand(input)
      : new BatchGetSecretValueCommand(input)
  },
}

/** Parameter Store through `@aws-sdk/client-ssm`. */
export const parameterStoreSdk: Transport<ParameterStoreRequest> = {
  async create(region) {
    const { SSMClient } = await importParameterStore()
    return new SSMClient(configOf(region))
  },
  async command(_client, { operation, input }) {
    const { GetParameterCommand, GetParametersByPathCommand, GetParametersCommand } =
      await importParameterStore()
    if (operation === 'GetParameter') return new GetParameterCommand(input)
    return operation === 'GetParameters'
      ? new GetParametersCommand(input)
      : new GetParametersByPathCommand(input)
  },
}

/** Without retries, which have one owner, and it is not the SDK. */
function configOf(region: string | undefined) {
  return { ...optional('region', region), maxAttempts: 1, customUserAgent: USER_AGENT }
}
