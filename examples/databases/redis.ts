/** Redis, Valkey and ElastiCache with node-redis, which asks for the credentials whenever it connects. */

import { createClient } from 'redis'
import { SecretsClient } from 'aws-secrets-client'
import { credentials } from 'aws-secrets-client/credentials'
import { rejectedByRedis } from 'aws-secrets-client/rejections'

export function openRedis(secrets: SecretsClient, url = 'rediss://cache.internal:6379') {
  const current = credentials(secrets, 'prod/redis', {
    isRejected: rejectedByRedis,
    async logIn({ username, password }) {
      const trial = createClient({ url, username, password, socket: { reconnectStrategy: false } })
      trial.on('error', () => undefined)
      await trial.connect()
      await trial.close()
    },
  })
  const client = createClient({
    url,
    credentialsProvider: { type: 'async-credentials-provider', credentials: () => current() },
  })
  client.on('error', (error: Error) => {
    console.warn('the cache:', error.message)
  })
  return client
}

if (process.argv[1] === import.meta.filename) {
  await using secrets = new SecretsClient()
  const client = await openRedis(secrets).connect()
  console.log(await client.ping())
  await client.close()
}
