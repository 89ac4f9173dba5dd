/**
 * What the strategies for database users need of a database.
 *
 * @module
 */

import type { BasicCredentials, RdsCredentials } from 'aws-secrets-client'

/** Values of `engine` that PostgreSQL has, and Aurora with it. */
export const POSTGRES_ENGINES: readonly string[] = ['postgres', 'aurora-postgresql']

/** Values of `engine` that MySQL and MariaDB have, and Aurora with them. */
export const MYSQL_ENGINES: readonly string[] = ['mysql', 'mariadb', 'aurora-mysql']

/** How a strategy talks to one kind of database. Each method opens a connection of its own, and closes it. */
export interface RotationDatabase {
  /** Values of `engine` that it speaks. */
  readonly engines: readonly string[]
  /** The longest name of a user, in bytes of UTF-8. */
  readonly maxUsernameBytes: number

  /**
   * Whether the credentials are accepted: `false` where user or password are refused. Rejects where nobody can tell, as
   * where the host does not answer.
   */
  logIn(credentials: RdsCredentials): Promise<boolean>
  /** Logs in and changes the user's own password. */
  changePassword(credentials: RdsCredentials, password: string): Promise<void>
  /**
   * Logs in as an administrator and lets `to` do what the user `from` may do, creating it where it is missing. Its
   * password changes last: where that one is accepted, nothing is left to do.
   */
  cloneUser(admin: RdsCredentials, from: string, to: BasicCredentials): Promise<void>
}

/** TLS towards a database: whether, or with options of Node.js's `tls.connect` such as `ca`. */
export type DatabaseTls = boolean | Readonly<Record<string, unknown>>
