/**
 * SDK clients for contenders.
 *
 * @module
 */

import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { SSMClient } from '@aws-sdk/client-ssm'
import type { Clients } from '../contenders/contender.js'

/** Real ones, as the environment says. */
export function sdkClients(): Clients {
  return { secretsManager: new SecretsManagerClient(), ssm: new SSMClient() }
}

/**
 * A Secrets Manager client whose calls never leave the process: a middleware answers them, with texts that have been
 * through JSON as those of an answer have.
 */
export function answeringClients(textOf: (name: string) => string): Clients {
  const clients = sdkClients()
  const one = (Name: string) => ({
    ARN: `arn:aws:secretsmanager:eu-west-1:123456789012:secret:${Name}-AbCdEf`,
    Name,
    VersionId: 'EXAMPLE1-90ab-cdef-fedc-ba987EXAMPLE',
    VersionStages: ['AWSCURRENT'],
    SecretString: textOf(Name),
  })
  clients.secretsManager.middlewareStack.add(
    () => (args) => {
      const { SecretId, SecretIdList } = args.input as { SecretId?: string; SecretIdList?: string[] }
      const output =
        SecretIdList === undefined ? one(SecretId ?? '') : { SecretValues: SecretIdList.map(one) }
      return Promise.resolve({ output: { $metadata: { httpStatusCode: 200 }, ...output }, response: {} })
    },
    { step: 'initialize', name: 'answers', priority: 'high' },
  )
  return clients
}
