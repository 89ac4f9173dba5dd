/**
 * MySQL and MariaDB, by the package `mysql2`.
 *
 * @module
 */

import { randomBytes } from 'node:crypto'
import { isIP } from 'node:net'
import type { BasicCredentials, RdsCredentials } from 'aws-secrets-client'
import type { RowDataPacket } from 'mysql2/promise'
import { exportsOf, missingPeer } from '../peer.js'
import { memberOf, RotationError } from '../rotation-error.js'
import { checkDatabaseOptions, type DatabaseOptions } from './database-options.js'
import { MYSQL_ENGINES, type RotationDatabase } from './database.js'
import { grantFor, type Account } from './mysql-grants.js'

/** ER_ACCESS_DENIED_ERROR and ER_ACCESS_DENIED_NO_PASSWORD_ERROR. */
const REFUSED: readonly unknown[] = [1045, 1698]

/**
 * MySQL and MariaDB, and Aurora with them, by the package `mysql2`.
 *
 * A clone lives on the hosts of the original, with its rights, roles and TLS requirements. Where a secret's host is an
 * address and no name, its certificate must be trusted and may be for another host: the package compares names only.
 *
 * @throws TypeError for options that cannot be.
 */
export function mysqlDatabase(options: DatabaseOptions = {}): RotationDatabase {
  return new MysqlDatabase(checkDatabaseOptions('mysqlDatabase', options))
}

class MysqlDatabase implements RotationDatabase {
  readonly engines = MYSQL_ENGINES
  readonly maxUsernameBytes = 32
  readonly #options: Required<DatabaseOptions>

  constructor(options: Required<DatabaseOptions>) {
    this.#options = options
  }

  async logIn(credentials: RdsCredentials): Promise<boolean> {
    try {
      await this.#connected(credentials, ({ query }) => query('SELECT 1'))
      return true
    } catch (error) {
      if (REFUSED.includes(memberOf(error, 'errno'))) return false
      throw error
    }
  }

  async changePassword(credentials: RdsCredentials, password: string): Promise<void> {
    await this.#connected(credentials, async ({ query }) => {
      const [row] = await query('SELECT VERSION() AS version')
      // MariaDB lets a user without further rights change the own password in this way only, and MySQL 8 in the other.
      const isMariadb = String(row?.['version']).includes('MariaDB')
      const sql = isMariadb ? 'SET PASSWORD = PASSWORD(?)' : 'ALTER USER USER() IDENTIFIED BY ?'
      await query(sql, [password])
    })
  }

  async cloneUser(admin: RdsCredentials, from: string, to: BasicCredentials): Promise<void> {
    await this.#connected(admin, async (session) => {
      const accounts = await session.query(ACCOUNTS, [from])
      if (accounts.length === 0) {
        throw new RotationError({ what: 'the current user is not in the database', reason: 'secret' })
      }
      for (const row of accounts)
        await cloneAccount(session, row, { user: from, host: textOf(row['host']) }, to)
    })
  }

  async #connected<Result>(
    { host, port, dbname, username, password }: RdsCredentials,
    work: (session: Session) => Promise<Result>,
  ): Promise<Result> {
    const imported = await import('mysql2/promise').catch(missingPeer('mysql2'))
    const { tls, timeoutMs } = this.#options
    const connection = await exportsOf(imported, 'createConnection').createConnection({
      host,
      port,
      user: username,
      password,
      connectTimeout: timeoutMs,
      ...(dbname !== undefined && { database: dbname }),
      ...(tls !== false && { ssl: { verifyIdentity: isIP(host) === 0, ...(tls !== true && tls) } }),
    })
    const query: Session['query'] = async (sql, values) => {
      const options = { sql, values, timeout: timeoutMs }
      const [rows] = await connection.query<RowDataPacket[]>(options).catch(withoutStatement)
      return rows
    }
    try {
      // Another mode may read a backslash, or a double quote, otherwise than the package writes it.
      await query("SET SESSION sql_mode = ''")
      return await work({ query, escape: (value) => connection.escape(value) })
    } finally {
      connection.destroy()
    }
  }
}

const ACCOUNTS =
  'SELECT Host AS host, ssl_type, ssl_cipher, x509_issuer, x509_subject FROM mysql.user WHERE User = ?'

async function cloneAccount(
  { query, escape }: Session,
  row: Row,
  from: Account,
  { username, password }: BasicCredentials,
): Promise<void> {
  const quotedFrom = `${escape(from.user)}@${escape(from.host)}`
  const quoted = `${escape(username)}@${escape(from.host)}`
  await query(`CREATE USER IF NOT EXISTS ${quoted} IDENTIFIED BY ?`, [unknownPassword()])
  for (const grant of await query(`SHOW GRANTS FOR ${quotedFrom}`)) {
    await query(grantFor(textOf(Object.values(grant)[0]), from, quoted))
  }
  await query(`ALTER USER ${quoted} REQUIRE ${requirementOf(escape, row)}`)
  await query(`ALTER USER ${quoted} IDENTIFIED BY ?`, [password])
}

/** Nobody knows it, and a rule for passwords accepts it. */
function unknownPassword(): string {
  return `${randomBytes(24).toString('base64url')}aA1!`
}

function requirementOf(escape: Session['escape'], row: Row): string {
  const type = textOf(row['ssl_type'])
  if (type === '') return 'NONE'
  if (type === 'ANY') return 'SSL'
  if (type === 'X509') return 'X509'
  const parts = [
    ['CIPHER', row['ssl_cipher']],
    ['ISSUER', row['x509_issuer']],
    ['SUBJECT', row['x509_subject']],
  ] as const
  return parts
    .map(([name, value]) => [name, textOf(value)] as const)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name} ${escape(value)}`)
    .join(' AND ')
}

/** The driver adds the statement to an error, with the values in it. */
function withoutStatement(error: unknown): never {
  if (typeof error === 'object' && error !== null) Reflect.deleteProperty(error, 'sql')
  throw error
}

type Row = Readonly<Record<string, unknown>>

/** A connection of which each statement takes so long at most. */
interface Session {
  readonly query: (sql: string, values?: string[]) => Promise<readonly Row[]>
  /** A text as SQL. */
  readonly escape: (value: string) => string
}

/** Columns of `mysql.user` come as text or, by their collation, as bytes. */
function textOf(value: unknown): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString()
  return typeof value === 'string' ? value : ''
}
