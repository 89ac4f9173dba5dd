/**
 * PostgreSQL, by the package `pg`.
 *
 * @module
 */

import { Socket } from 'node:net'
import type { BasicCredentials, RdsCredentials } from 'aws-secrets-client'
import type { Client } from 'pg'
import { exportsOf, missingPeer } from '../peer.js'
import { memberOf, RotationError, type RotationErrorInit } from '../rotation-error.js'
import { checkDatabaseOptions, type DatabaseOptions } from './database-options.js'
import { POSTGRES_ENGINES, type RotationDatabase } from './database.js'
import { isPlainPassword, scramVerifier } from './scram.js'

/** SQLSTATE of a login that was refused: a wrong password, a user who may not or does not exist. */
const REFUSED: readonly unknown[] = ['28P01', '28000']

/** SQLSTATE insufficient_privilege. */
const NOT_ALLOWED = '42501'

const ON_THE_WAY = "Check host and port, and the function's subnets and security groups."

/** What pg tells by a message alone. Source: pg, of which these are the whole messages. */
const TOLD: ReadonlyMap<unknown, Pick<RotationErrorInit, 'what' | 'hint' | 'retryable'>> = new Map([
  [
    'The server does not support SSL connections',
    {
      what: 'the database does not speak TLS',
      hint: 'Enable it there, or pass { tls: false } where the way to it is safe.',
    },
  ],
  [
    'timeout expired',
    { what: 'the database did not answer the login within timeoutMs', hint: ON_THE_WAY, retryable: true },
  ],
  ['Query read timeout', { what: 'a statement was not answered within timeoutMs', retryable: true }],
  ['Connection terminated unexpectedly', { what: 'the database closed the connection', retryable: true }],
])

/**
 * PostgreSQL, and Aurora with it, by the package `pg`.
 *
 * The server gets a SCRAM-SHA-256 verifier and never a password in a statement, so that none can stand in its log; only
 * a password with other characters than printable ASCII is sent as text.
 *
 * A clone is a member of the original, and is made one again where it is none any more.
 *
 * @throws TypeError for options that cannot be.
 */
export function postgresDatabase(options: DatabaseOptions = {}): RotationDatabase {
  return new PostgresDatabase(checkDatabaseOptions('postgresDatabase', options))
}

class PostgresDatabase implements RotationDatabase {
  readonly engines = POSTGRES_ENGINES
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
      const { rows } = await client.query<Membership>(MEMBERSHIP, [from, to.username])
      const [membership] = rows
      await setPassword(client, membership === undefined ? 'CREATE USER' : 'ALTER USER', to)
      if (lacksRights(from, to.username, membership)) await grant(client, from, to.username)
      await client.query('COMMIT')
    })
  }

  async #connected<Result>(
    { host, port, dbname = 'postgres', username, password }: RdsCredentials,
    work: (client: Client) => Promise<Result>,
  ): Promise<Result> {
    const imported = await import('pg').catch(missingPeer('pg'))
    const { tls, timeoutMs } = this.#options
    const socket = new Socket()
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
      stream: () => socket,
    })
    // A connection that breaks while nobody waits for it would end the process.
    client.on('error', () => undefined)
    try {
      await client.connect()
      return await work(client)
    } catch (error) {
      throw told(error)
    } finally {
      // A server that does not hang up, either, would be waited for in vain.
      socket.setTimeout(timeoutMs, () => socket.destroy())
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

/** What two roles are to each other. */
interface Membership {
  readonly is_member: boolean | null
  readonly is_group: boolean | null
}

/** No row where `to` does not exist; `from` has just logged in. */
const MEMBERSHIP = `
  SELECT pg_has_role(t.oid, f.oid, 'MEMBER') AS is_member, pg_has_role(f.oid, t.oid, 'MEMBER') AS is_group
  FROM pg_roles t LEFT JOIN pg_roles f ON f.rolname = $1 WHERE t.rolname = $2`

/** Whether `to` is new, or a clone that was made by hand or has lost its rights. The original, of the shorter name, has its own. */
function lacksRights(from: string, to: string, membership: Membership | undefined): boolean {
  if (membership === undefined) return true
  return to.length > from.length && membership.is_member !== true && membership.is_group !== true
}

async function grant(client: Client, group: string, member: string): Promise<void> {
  try {
    await client.query(`GRANT ${client.escapeIdentifier(group)} TO ${client.escapeIdentifier(member)}`)
  } catch (error) {
    if (memberOf(error, 'code') !== NOT_ALLOWED) throw error
    throw new RotationError({
      what: 'the administrator may not make the other user a member of the current one',
      hint: 'Grant the current user to the administrator WITH ADMIN OPTION, or to the other user by hand.',
      reason: 'failed',
    })
  }
}

/** The error, in our own words where it has no code that could be shown. */
function told(error: unknown): unknown {
  const facts = TOLD.get(memberOf(error, 'message'))
  return facts === undefined ? error : new RotationError({ ...facts, reason: 'failed' })
}
