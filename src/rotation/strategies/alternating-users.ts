/**
 * The strategy by which two database users take turns, so that the credentials in use stay valid.
 *
 * @module
 */

import { basicCredentials, rdsCredentials } from 'aws-secrets-client'
import type { RdsCredentials } from 'aws-secrets-client'
import type { RotationDatabase } from '../databases/database.js'
import { misfit, RotationError } from '../rotation-error.js'
import type { Rotation, RotationStrategy } from '../rotation-options.js'
import { isRecord } from '../rotation-step.js'
import { checkAlternation, checkDatabase } from './arguments.js'
import { checkEngine, checkLogin, checkSameServer, checkUser } from './guards.js'

/** Options of {@link alternatingUsers}. */
export interface AlternatingUsersOptions {
  /**
   * Whether two host names belong to one database, such as those of a primary and its replica.
   *
   * @defaultValue whether they are the same
   */
  readonly isSameHost?: (host: string, masterHost: string) => boolean
  /**
   * Host of a master secret that holds user name and password only, as the one that RDS manages. Such a secret is refused
   * without it: whoever can write the secret could otherwise have the administrator's password sent to a host of theirs.
   */
  readonly masterHost?: string | undefined
}

const SUFFIX = '_clone'

/**
 * Rotates between a database user and its clone, `app` and `app_clone`: the one that is not in use gets a new password,
 * and the other stays valid until the next rotation. The secret needs a `masterarn`, the secret of a user that may
 * create users and change their passwords.
 *
 * @throws TypeError where it is given no database, or options that cannot be.
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
  checkDatabase('alternatingUsers', database)
  checkAlternation(options)
  const { isSameHost = (host, masterHost) => host === masterHost, masterHost } = options
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
      const master = await masterOf(rotation, current, { isSameHost, masterHost })
      await database.cloneUser(master, current.username, pending)
    },
    async testSecret(rotation) {
      await checkLogin(database, rotation)
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

interface MasterPlace {
  readonly isSameHost: (host: string, masterHost: string) => boolean
  readonly masterHost: string | undefined
}

/** The administrator's credentials, for the database of the current version. */
async function masterOf(
  rotation: Rotation<RdsCredentials>,
  current: RdsCredentials,
  place: MasterPlace,
): Promise<RdsCredentials> {
  const { masterarn, host, port, dbname, engine } = current
  if (masterarn === undefined) {
    const hint = 'It names the secret of a user that may create users and change their passwords.'
    throw new RotationError({ what: 'the current value has no masterarn', hint, reason: 'secret' })
  }
  const master = readMaster(rotation, masterarn, place, port)
  const { username, password, ...address } = await master.catch(misfit(FOR_MASTER))
  if (!place.isSameHost(host, address.host)) {
    const what = "the master secret's host is not that of the current version"
    throw new RotationError({ what, reason: 'secret', ref: masterarn })
  }
  return { engine, ...address, ...(dbname !== undefined && { dbname }), username, password }
}

const FOR_MASTER =
  'Correct the master secret: JSON with username and password, and where it has a host, engine too.'

/** The master secret with an address: its own, or the one that the function was made with. */
async function readMaster(
  { secrets }: Rotation<RdsCredentials>,
  masterarn: string,
  { masterHost }: MasterPlace,
  port: number,
): Promise<Pick<RdsCredentials, 'host' | 'port' | 'username' | 'password'>> {
  const stored = await secrets.get({ arn: masterarn }, { as: 'json', fresh: true })
  if (isRecord(stored) && stored['host'] !== undefined) {
    const own = await secrets.get({ arn: masterarn }, { schema: rdsCredentials, fresh: true })
    return { host: own.host, port: own.port, username: own.username, password: own.password }
  }
  if (masterHost === undefined) {
    const hint = 'Pass { masterHost } with the host that it is for.'
    throw new RotationError({
      what: 'the master secret names no host',
      hint,
      reason: 'secret',
      ref: masterarn,
    })
  }
  const user = await secrets.get({ arn: masterarn }, { schema: basicCredentials, fresh: true })
  return { host: masterHost, port, username: user.username, password: user.password }
}
