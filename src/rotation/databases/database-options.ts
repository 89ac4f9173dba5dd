/**
 * How a rotation function connects to a database.
 *
 * @module
 */

import type { DatabaseTls } from './database.js'

/** Options of `postgresDatabase` and `mysqlDatabase`. */
export interface DatabaseOptions {
  /**
   * TLS towards the database: `true` with the certificate authorities that Node.js knows, an object of options such as
   * `{ ca }`, or `false` for none.
   *
   * @defaultValue `true`
   */
  readonly tls?: DatabaseTls
  /**
   * Milliseconds that connecting may take, and each statement; from 1.
   *
   * @defaultValue 10000
   */
  readonly timeoutMs?: number
}

/**
 * The options with their defaults.
 *
 * @throws TypeError for options that cannot be.
 */
export function checkDatabaseOptions(where: string, options: DatabaseOptions): Required<DatabaseOptions> {
  const unknown = Object.keys(options).find((name) => name !== 'tls' && name !== 'timeoutMs')
  if (unknown !== undefined) throw new TypeError(`${where}: expected only tls, timeoutMs; got '${unknown}'`)
  const { tls = true, timeoutMs = 10_000 } = options
  const isTls = typeof tls === 'boolean' || (typeof tls === 'object' && (tls as unknown) !== null)
  if (!isTls) throw new TypeError('tls: expected a boolean, or an object of options of TLS')
  if (!Number.isInteger(timeoutMs) || timeoutMs < 1) {
    throw new TypeError('timeoutMs: expected a whole number of milliseconds of at least 1')
  }
  return { tls, timeoutMs }
}
