/**
 * The calls that every contender makes when it has nothing cached, unless it makes its own.
 *
 * @module
 */

import {
  BatchGetSecretValueCommand,
  GetSecretValueCommand,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager'
import { GetParameterCommand, type SSMClient } from '@aws-sdk/client-ssm'

/** The text of a secret. */
export async function fetchSecret(client: SecretsManagerClient, SecretId: string): Promise<string> {
  const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId }))
  if (SecretString === undefined) throw new Error(`${SecretId} has no text`)
  return SecretString
}

/** The text of a parameter, decrypted. */
export async function fetchParameter(client: SSMClient, Name: string): Promise<string> {
  const { Parameter } = await client.send(new GetParameterCommand({ Name, WithDecryption: true }))
  if (Parameter?.Value === undefined) throw new Error(`${Name} has no text`)
  return Parameter.Value
}

/** The texts of up to 20 secrets, in the order of their names; an error in place of one that did not come. */
export async function fetchSecrets(
  client: SecretsManagerClient,
  names: readonly string[],
): Promise<readonly (string | Error)[]> {
  const { SecretValues = [] } = await client.send(
    new BatchGetSecretValueCommand({ SecretIdList: [...names] }),
  )
  const texts = new Map(SecretValues.map(({ Name, SecretString }) => [Name, SecretString]))
  return names.map((name) => texts.get(name) ?? new Error(`${name} did not come`))
}
