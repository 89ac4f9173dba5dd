/**
 * PostgreSQL, by the package `pg`.
 *
 * @module
 */

import type { BasicCredentials, RdsCredentials } from 'aws-secrets-client'
import type { Client } from 'pg'
import { exportsOf, missingPeer } from '../peer.js'
import { memberOf, RotationError } from '../rotation-error.js'
import { checkDatabaseOptions, type DatabaseOptions } from './database-options.js'
import type { RotationDatabase } from './database.js'
import { isPlainPassword, scramVerifier } from './scram.js'

/** SQLSTATE of a login that was refused: a wrong password, a user who may not or does not exist. */
const REFUSED: readonly unknown[] = ['28P01', '28000']

/** Source: pg, of which it is the whole message. */
const NO_TLS = 'The server does not support SSL connections'

/**
 * PostgreSQL, and Aurora with it, by the package `pg`.
 *
 * The server gets a SCRAM-SHA-256 verifier and never a password in a statement, so that none can stand in its log; only
 * a password with other characters than printable ASCII is sent as text.
 *
 * @throws TypeError for options that cannot be.
 */
export function postgresDatabase(options: DatabaseOptions = {}): RotationDatabase {
  return new PostgresDatabase(checkDatabaseOptions('postgresDatabase', options))
}

class PostgresDatabase implements RotationDatabase {
  readonly engines = ['postgres', 'aurora-postgresql']
  readonly maxUsernameBytes = 63
  readonly #options: Required<DatabaseOptions>

  constructor(options: Required<DatabaseOptions>) {
    this.#options = options
  }

  async logIn(credentials: RdsCredentials): Promise<boolean> {
    try {
      await this.#connected(credentials, (client) => client.query('SELECT 1'))
      return true
    } catch (error) {
      if (REFUSED.includes(memberOf(error, 'code'))) return false
      throw error
    }
  }

  async changePassword(credentials: RdsCredentials, password: string): Promise<void> {
    await this.#connected(credentials, (client) =>
      setPassword(client, 'ALTER USER', { ...credentials, password }),
    )
  }

  async cloneUser(admin: RdsCredentials, from: string, to: BasicCredentials): Promise<void> {
    await this.#connected(admin, async (client) => {
      await client.query('BEGIN')
      const { rowCount } = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [to.username])
      await setPassword(client, rowCount === 0 ? 'CREATE USER' : 'ALTER USER', to)
      if (rowCount === 0) {
        const [group, member] = [from, to.username].map((name) => client.escapeIdentifier(name))
        await client.query(`GRANT ${group} TO ${member}`)
      }
      await client.query('COMMIT')
    })
  }

  async #connected<Result>(
    { host, port, dbname = 'postgres', username, password }: RdsCredentials,
    work: (client: Client) => Promise<Result>,
  ): Promise<Result> {
    const imported = await import('pg').catch(missingPeer('pg'))
    const { tls, timeoutMs } = this.#options
    const client = new (exportsOf(imported, 'Client').Client)({
      host,
      port,
      database: dbname,
      user: username,
      password,
      // By `host` an address is checked, which the package itself leaves out.
      ssl: tls !== false && { host, ...(tls !== true && tls) },
      connectionTimeoutMillis: timeoutMs,
      query_timeout: timeoutMs,
    })
    // A connection that breaks while nobody waits for it would end the process.
    client.on('error', () => undefined)
    try {
      await client.connect()
      return await work(client)
    } catch (error) {
      throw memberOf(error, 'message') === NO_TLS ? noTls() : error
    } finally {
      await client.end().catch(() => undefined)
    }
  }
}

async function setPassword(
  client: Client,
  statement: 'ALTER USER' | 'CREATE USER',
  { username, password }: BasicCredentials,
): Promise<void> {
  const sent = isPlainPassword(password) ? await scramVerifier(password) : password
  const name = client.escapeIdentifier(username)
  await client.query(`${statement} ${name} PASSWORD ${client.escapeLiteral(sent)}`)
}

function noTls(): RotationError {
  return new RotationError({
    what: 'the database does not speak TLS',
    hint: 'Enable it there, or pass { tls: false } where the way to it is safe.',
    reason: 'failed',
  })
}
