/**
 * The strategy by which two database users take turns, so that the credentials in use stay valid.
 *
 * @module
 */

import { basicCredentials, rdsCredentials } from 'aws-secrets-client'
import type { RdsCredentials } from 'aws-secrets-client'
import type { RotationDatabase } from '../databases/database.js'
import { RotationError } from '../rotation-error.js'
import type { Rotation, RotationStrategy } from '../rotation-options.js'
import { isRecord } from '../rotation-step.js'
import { checkEngine, checkLogin, checkSameServer, checkUser } from './guards.js'

/** Options of {@link alternatingUsers}. */
export interface AlternatingUsersOptions {
  /**
   * Whether two host names belong to one database, such as those of a primary and its replica.
   *
   * @defaultValue whether they are the same
   */
  readonly isSameHost?: (host: string, masterHost: string) => boolean
}

const SUFFIX = '_clone'

/**
 * Rotates between a database user and its clone, `app` and `app_clone`: the one that is not in use gets a new password,
 * and the other stays valid until the next rotation. The secret needs a `masterarn`, the secret of a user that may
 * create users and change their passwords.
 *
 * @example
 * ```ts
 * export const handler = createRotationHandler(alternatingUsers(postgresDatabase()))
 * ```
 */
export function alternatingUsers(
  database: RotationDatabase,
  options: AlternatingUsersOptions = {},
): RotationStrategy<typeof rdsCredentials> {
  const { isSameHost = (host, masterHost) => host === masterHost } = options
  return {
    schema: rdsCredentials,
    async createSecret(rotation) {
      const current = await rotation.current()
      checkEngine(database, current)
      const username = otherUser(current.username)
      checkLength(database, username)
      return { ...(await rotation.stored()), username, password: await rotation.randomPassword() }
    },
    async setSecret(rotation) {
      const pending = await rotation.pending()
      checkEngine(database, pending)
      if (await database.logIn(pending)) return
      const current = await rotation.current()
      checkUser(pending.username, otherUser(current.username), 'pending')
      checkSameServer(current, pending, 'pending')
      await checkCurrent(database, current)
      const master = await masterOf(rotation, current, isSameHost)
      await database.cloneUser(master, current.username, pending)
    },
    async testSecret(rotation) {
      await checkLogin(database, await rotation.pending())
    },
  }
}

function otherUser(username: string): string {
  return username.endsWith(SUFFIX) ? username.slice(0, -SUFFIX.length) : `${username}${SUFFIX}`
}

function checkLength({ maxUsernameBytes }: RotationDatabase, username: string): void {
  const lengthBytes = Buffer.byteLength(username)
  if (lengthBytes > 0 && lengthBytes <= maxUsernameBytes) return
  const what = `the other user's name, with or without ${SUFFIX}, is not 1 to ${maxUsernameBytes} bytes long`
  throw new RotationError({ what, reason: 'secret' })
}

/** Whoever can write the secret could otherwise have the administrator change the password of any user. */
async function checkCurrent(database: RotationDatabase, current: RdsCredentials): Promise<void> {
  if (await database.logIn(current)) return
  throw new RotationError({
    what: 'the database refuses the current credentials',
    hint: 'Rotation goes on once the current version holds a password that is accepted.',
    reason: 'refused',
  })
}

/** The administrator's credentials, for the database of the current version. */
async function masterOf(
  rotation: Rotation<RdsCredentials>,
  current: RdsCredentials,
  isSameHost: (host: string, masterHost: string) => boolean,
): Promise<RdsCredentials> {
  const { masterarn, host, port, dbname, engine } = current
  if (masterarn === undefined) {
    const hint = 'It names the secret of a user that may create users and change their passwords.'
    throw new RotationError({ what: 'the current value has no masterarn', hint, reason: 'secret' })
  }
  const place = { engine, host, port, ...(dbname !== undefined && { dbname }) }
  const stored = await rotation.secrets.get({ arn: masterarn }, { as: 'json', fresh: true })
  if (!isRecord(stored) || stored['host'] === undefined) {
    const user = await rotation.secrets.get({ arn: masterarn }, { schema: basicCredentials, fresh: true })
    return { ...place, username: user.username, password: user.password }
  }
  const master = await rotation.secrets.get({ arn: masterarn }, { schema: rdsCredentials, fresh: true })
  if (!isSameHost(host, master.host)) {
    const what = "the master secret's host is not that of the current version"
    throw new RotationError({ what, reason: 'secret', ref: masterarn })
  }
  const { username, password } = master
  return { ...place, host: master.host, port: master.port, username, password }
}
