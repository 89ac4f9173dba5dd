/** Redis, Valkey and ElastiCache with ioredis, which reads user and password from its options whenever it connects. */

import { Redis, type RedisOptions } from 'ioredis'
import { SecretsClient } from 'aws-secrets-client'
import { credentials } from 'aws-secrets-client/credentials'
import { rejectedByRedis } from 'aws-secrets-client/rejections'

type Address = Omit<RedisOptions, 'replyMapping'>

const ADDRESS: Address = { host: 'cache.internal', port: 6379, tls: {} }

class RotatingRedis extends Redis {
  readonly #current: () => Promise<{ readonly username: string; readonly password: string }>
  #connecting: Promise<void> | undefined

  constructor(secrets: SecretsClient, address: Address) {
    // Not yet: a constructor cannot wait for the credentials.
    super({ ...address, lazyConnect: true })
    this.#current = credentials(secrets, 'prod/redis', {
      isRejected: rejectedByRedis,
      async logIn({ username, password }) {
        const trial = new Redis({
          ...address,
          username,
          password,
          lazyConnect: true,
          retryStrategy: () => null,
        })
        const refused = new Promise<never>((_resolve, reject) => trial.once('error', reject))
        try {
          await Promise.race([trial.connect().then(() => trial.ping()), refused])
        } finally {
          trial.disconnect()
        }
      },
    })
  }

  /** Called for each new attempt, too. */
  override connect(): Promise<void> {
    this.#connecting ??= this.#connect().finally(() => {
      this.#connecting = undefined
    })
    return this.#connecting
  }

  async #connect(): Promise<void> {
    const { username, password } = await this.#current()
    Object.assign(this.options, { username, password })
    await super.connect()
  }
}

/** Resolves when it is connected: before, ioredis takes no commands. */
export async function openRedis(secrets: SecretsClient, address: Address = ADDRESS): Promise<Redis> {
  const redis = new RotatingRedis(secrets, address)
  redis.on('error', (error: Error) => {
    console.warn('the cache:', error.message)
  })
  await redis.connect()
  return redis
}

if (process.argv[1] === import.meta.filename) {
  await using secrets = new SecretsClient()
  const redis = await openRedis(secrets)
  console.log(await redis.ping())
  redis.disconnect()
}
