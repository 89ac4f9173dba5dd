/** knex, on a pool that gets over rotations: it takes user and password from the pool's own connections. */

import knex from 'knex'
import { SecretsClient } from 'aws-secrets-client'
import { type PgPoolOptions, createPool } from 'aws-secrets-client/pg'

export function openKnex(secrets: SecretsClient, options: PgPoolOptions = { ssl: true }) {
  const pool = createPool(secrets, 'prod/db', { max: 20, ...options })
  const db = knex({ client: 'pg', connectionPool: pool })
  const close = async () => {
    await db.destroy()
    await pool.end()
  }
  return { db, close }
}

if (process.argv[1] === import.meta.filename) {
  await using secrets = new SecretsClient()
  const { db, close } = openKnex(secrets)
  console.log(await db.select(db.raw('current_user AS user')))
  await close()
}
