/**
 * MongoDB and DocumentDB: a client for each version of the secret. A client keeps the password that it was made with, so
 * a later one of its connections may be refused; then the next version's client does the work.
 */

import { MongoClient } from 'mongodb'
import {
  type DocumentDbCredentials,
  SecretsClient,
  connectionString,
  documentDbCredentials,
} from 'aws-secrets-client'
import { rejectedByMongo } from 'aws-secrets-client/rejections'

interface Version {
  readonly versionId: string | undefined
  readonly client: MongoClient
  running: number
}

export class Mongo {
  readonly #secrets: SecretsClient
  #current: Version | undefined

  constructor(secrets: SecretsClient) {
    this.#secrets = secrets
  }

  /** One request, which is made again with another version where the password is refused. */
  run<Result>(request: (client: MongoClient) => Promise<Result>): Promise<Result> {
    const options = { schema: documentDbCredentials, isRejected: rejectedByMongo }
    return this.#secrets.withSecret('prod/docdb', options, async (db, { versionId }) => {
      const version = this.#version(db, versionId)
      version.running += 1
      try {
        return await request(version.client)
      } finally {
        version.running -= 1
        this.#closeIfUnused(version)
      }
    })
  }

  #version(db: DocumentDbCredentials, versionId: string | undefined): Version {
    const old = this.#current
    if (old !== undefined && old.versionId === versionId) return old
    const client = new MongoClient(connectionString(db, { params: { retryWrites: false } }))
    this.#current = { versionId, client, running: 0 }
    if (old !== undefined) this.#closeIfUnused(old)
    return this.#current
  }

  #closeIfUnused(version: Version): void {
    if (version !== this.#current && version.running === 0) void version.client.close()
  }

  async close(): Promise<void> {
    await this.#current?.client.close()
  }
}

if (process.argv[1] === import.meta.filename) {
  await using secrets = new SecretsClient()
  const mongo = new Mongo(secrets)
  console.log(await mongo.run((client) => client.db('shop').collection('orders').countDocuments()))
  await mongo.close()
}
