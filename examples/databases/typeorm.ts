/** TypeORM, on a pool that gets over rotations: `driver` says which pool it makes. */

import pg from 'pg'
import { DataSource } from 'typeorm'
import { SecretsClient } from 'aws-secrets-client'
import { type PgPoolOptions, createPool } from 'aws-secrets-client/pg'

export function openDataSource(secrets: SecretsClient, options: PgPoolOptions = { ssl: true }) {
  const Pool = function () {
    return createPool(secrets, 'prod/db', { max: 20, ...options })
  }
  return new DataSource({ type: 'postgres', driver: { ...pg, Pool }, entities: [] }).initialize()
}

if (process.argv[1] === import.meta.filename) {
  await using secrets = new SecretsClient()
  const source = await openDataSource(secrets)
  console.log(await source.query('SELECT current_user AS user'))
  await source.destroy()
}
