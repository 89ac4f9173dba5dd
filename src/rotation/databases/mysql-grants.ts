/**
 * Rewrites what MySQL and MariaDB tell of a user's rights into statements for another user.
 *
 * @module
 */

import { RotationError } from '../rotation-error.js'

/** A user and the hosts it may come from. */
export interface Account {
  readonly user: string
  readonly host: string
}

/** Between what is granted and the account; `FOR` stands in MariaDB's `SET DEFAULT ROLE`. */
const LINKS = [' TO ', ' FROM ', ' FOR ']
/** What follows the account and belongs to the right. Passwords, TLS and limits follow there, too. */
const OPTION = / WITH (?:GRANT|ADMIN) OPTION(?=$| MAX_)/

/**
 * A row of `SHOW GRANTS` for another account.
 *
 * @param quoted - the other account as SQL
 * @throws RotationError for a row that does not name `from`.
 */
export function grantFor(row: string, from: Account, quoted: string): string {
  for (const link of LINKS) {
    for (const account of spellingsOf(from)) {
      const at = row.lastIndexOf(`${link}${account}`)
      if (at < 0) continue
      const rest = row.slice(at + link.length + account.length)
      return `${row.slice(0, at)}${link}${quoted}${OPTION.exec(rest)?.[0] ?? ''}`
    }
  }
  throw new RotationError({ what: 'a right of the current user cannot be read', reason: 'secret' })
}

/** MySQL 8 and MariaDB quote with backticks, MySQL 5.7 as text. */
function spellingsOf({ user, host }: Account): readonly string[] {
  return ['`', "'"].map((quote) => {
    const quoted = [user, host].map((part) => `${quote}${part.replaceAll(quote, quote + quote)}${quote}`)
    return quoted.join('@')
  })
}
