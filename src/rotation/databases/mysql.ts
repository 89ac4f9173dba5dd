/**
 * MySQL and MariaDB, by the package `mysql2`.
 *
 * @module
 */

import { randomBytes } from 'node:crypto'
import { isIP } from 'node:net'
import type { BasicCredentials, RdsCredentials } from 'aws-secrets-client'
import type { Connection, RowDataPacket } from 'mysql2/promise'
import { exportsOf, missingPeer } from '../peer.js'
import { memberOf, RotationError } from '../rotation-error.js'
import { checkDatabaseOptions, type DatabaseOptions } from './database-options.js'
import type { RotationDatabase } from './database.js'
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
  readonly engines = ['mysql', 'mariadb', 'aurora-mysql']
  readonly maxUsernameBytes = 32
  readonly #options: Required<DatabaseOptions>

  constructor(options: Required<DatabaseOptions>) {
    this.#options = options
  }

  async logIn(credentials: RdsCredentials): Promise<boolean> {
    try {
      await this.#connected(credentials, (connection) => connection.query('SELECT 1'))
      return true
    } catch (error) {
      if (REFUSED.includes(memberOf(error, 'errno'))) return false
      throw error
    }
  }

  async changePassword(credentials: RdsCredentials, password: string): Promise<void> {
    await this.#connected(credentials, async (connection) => {
      const [row] = await rowsOf(connection, 'SELECT VERSION() AS version')
      // MariaDB lets a user without further rights change the own password in this way only, and MySQL 8 in the other.
      const isMariadb = String(row?.['version']).includes('MariaDB')
      const sql = isMariadb ? 'SET PASSWORD = PASSWORD(?)' : 'ALTER USER USER() IDENTIFIED BY ?'
      await connection.query(sql, [password])
    })
  }

  async cloneUser(admin: RdsCredentials, from: string, to: BasicCredentials): Promise<void> {
    await this.#connected(admin, async (connection) => {
      const accounts = await rowsOf(connection, ACCOUNTS, [from])
      if (accounts.length === 0) {
        throw new RotationError({ what: 'the current user is not in the database', reason: 'secret' })
      }
      for (const row of accounts)
        await cloneAccount(connection, row, { user: from, host: textOf(row['host']) }, to)
    })
  }

  async #connected<Result>(
    { host, port, dbname, username, password }: RdsCredentials,
    work: (connection: Connection) => Promise<Result>,
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
    try {
      // Another mode may read a backslash, or a double quote, otherwise than the package writes it.
      await connection.query("SET SESSION sql_mode = ''")
      return await work(connection)
    } finally {
      connection.destroy()
    }
  }
}

const ACCOUNTS =
  'SELECT Host AS host, ssl_type, ssl_cipher, x509_issuer, x509_subject FROM mysql.user WHERE User = ?'

async function cloneAccount(
  connection: Connection,
  row: Row,
  from: Account,
  { username, password }: BasicCredentials,
): Promise<void> {
  const quotedFrom = `${connection.escape(from.user)}@${connection.escape(from.host)}`
  const quoted = `${connection.escape(username)}@${connection.escape(from.host)}`
  await connection.query(`CREATE USER IF NOT EXISTS ${quoted} IDENTIFIED BY ?`, [unknownPassword()])
  for (const grant of await rowsOf(connection, `SHOW GRANTS FOR ${quotedFrom}`)) {
    await connection.query(grantFor(textOf(Object.values(grant)[0]), from, quoted))
  }
  await connection.query(`ALTER USER ${quoted} REQUIRE ${requirementOf(connection, row)}`)
  await connection.query(`ALTER USER ${quoted} IDENTIFIED BY ?`, [password])
}

/** Nobody knows it, and a rule for passwords accepts it. */
function unknownPassword(): string {
  return `${randomBytes(24).toString('base64url')}aA1!`
}

function requirementOf(connection: Connection, row: Row): string {
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
    .map(([name, value]) => `${name} ${connection.escape(value)}`)
    .join(' AND ')
}

type Row = Readonly<Record<string, unknown>>

async function rowsOf(connection: Connection, sql: string, values?: string[]): Promise<readonly Row[]> {
  const [rows] = await connection.query<RowDataPacket[]>(sql, values)
  return rows
}

/** Columns of `mysql.user` come as text or, by their collation, as bytes. */
function textOf(value: unknown): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString()
  return typeof value === 'string' ? value : ''
}
