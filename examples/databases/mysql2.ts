/** MySQL and MariaDB: a pool whose queries go on through every rotation of the password. */

import { SecretsClient } from 'aws-secrets-client'
import { type MysqlPoolOptions, createPool } from 'aws-secrets-client/mysql2'

export function openPool(secrets: SecretsClient, options: MysqlPoolOptions = { ssl: 'Amazon RDS' }) {
  return createPool(secrets, 'prod/db', { connectionLimit: 20, idleTimeout: 60_000, maxIdle: 5, ...options })
}

if (process.argv[1] === import.meta.filename) {
  await using secrets = new SecretsClient()
  const pool = openPool(secrets)
  const [rows] = await pool.query('SELECT CURRENT_USER() AS user, NOW() AS time')
  console.log(rows)
  await pool.end()
}
