/** PostgreSQL: a pool whose queries go on through every rotation of the password. */

import { SecretsClient } from 'aws-secrets-client'
import { type PgPoolOptions, createPool } from 'aws-secrets-client/pg'

export function openPool(secrets: SecretsClient, options: PgPoolOptions = { ssl: true }) {
  const pool = createPool(secrets, 'prod/db', { max: 20, maxLifetimeSeconds: 3600, ...options })
  // As with every pool of pg: an idle connection that breaks is replaced, and is no reason to end the process.
  pool.on('error', (error) => {
    console.warn('an idle connection broke:', error.message)
  })
  return pool
}

if (process.argv[1] === import.meta.filename) {
  await using secrets = new SecretsClient()
  const pool = openPool(secrets)
  const { rows } = await pool.query('SELECT current_user AS user, now() AS time')
  console.log(rows)
  await pool.end()
}
