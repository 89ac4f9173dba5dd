/**
 * The helper that many services carry around. What it gets wrong:
 *
 * - The stage is no part of the cache key: after `AWSCURRENT`, `AWSPREVIOUS` is answered with the current value.
 * - Nothing ever expires: a rotated password is used until the process ends.
 * - Callers that come together while the cache is empty make one request each.
 * - A secret that is no JSON ends up in the logs: the message of `JSON.parse` quotes it.
 * - The type is a promise nobody checks, and every caller may change the shared object.
 * - A binary secret is read as an empty one, and a request that hangs hangs for ever.
 */

import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'

interface Credentials {
  username: string
  password: string
}

const client = new SecretsManagerClient()
const cache = new Map<string, Credentials>()

async function getSecret(name: string, versionStage?: string): Promise<Credentials> {
  const cached = cache.get(name)
  if (cached !== undefined) return cached

  const command = new GetSecretValueCommand({ SecretId: name, VersionStage: versionStage })
  const { SecretString } = await client.send(command)
  const secret = JSON.parse(SecretString ?? '{}') as Credentials
  cache.set(name, secret)
  return secret
}

export function credentials(): Promise<Credentials> {
  return getSecret('prod/db')
}

export function previousCredentials(): Promise<Credentials> {
  return getSecret('prod/db', 'AWSPREVIOUS')
}

export async function password(): Promise<string> {
  return (await getSecret('prod/db')).password
}
