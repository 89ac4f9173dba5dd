/**
 * The strategy by which one database user changes its own password.
 *
 * @module
 */

import { rdsCredentials } from 'aws-secrets-client'
import type { RdsCredentials } from 'aws-secrets-client'
import type { RotationDatabase } from '../databases/database.js'
import { RotationError } from '../rotation-error.js'
import type { Rotation, RotationStrategy } from '../rotation-options.js'
import { checkDatabase } from './arguments.js'
import { checkEngine, checkLogin, checkSameServer, checkUser } from './guards.js'

/**
 * Rotates a database user that changes its own password. From `setSecret` to `finishSecret` the current value holds a
 * dead password: clients read the pending one then, or wait.
 *
 * @throws TypeError where it is given no database.
 *
 * @example
 * ```ts
 * export const handler = createRotationHandler(singleUser(postgresDatabase()))
 * ```
 */
export function singleUser(database: RotationDatabase): RotationStrategy<typeof rdsCredentials> {
  checkDatabase('singleUser', database)
  return {
    schema: rdsCredentials,
    async createSecret(rotation) {
      checkEngine(database, await rotation.current())
      return { ...(await rotation.stored()), password: await rotation.randomPassword() }
    },
    async setSecret(rotation) {
      const pending = await rotation.pending()
      checkEngine(database, pending)
      if (await database.logIn(pending)) return
      const working = await workingCredentials(database, rotation, pending)
      if (working !== pending) await database.changePassword(working, pending.password)
    },
    async testSecret(rotation) {
      await checkLogin(database, rotation)
    },
  }
}

/** The version of the same user that logs in: the current one, or the one before, after a failed rotation. */
async function workingCredentials(
  database: RotationDatabase,
  rotation: Rotation<RdsCredentials>,
  pending: RdsCredentials,
): Promise<RdsCredentials> {
  const current = await rotation.current()
  checkUser(pending.username, current.username, 'pending')
  checkSameServer(current, pending, 'pending')
  if (await database.logIn(current)) return current
  const previous = await rotation.previous()
  if (previous !== undefined) {
    checkUser(previous.username, current.username, 'previous')
    checkSameServer(current, previous, 'previous')
    if (await database.logIn(previous)) return previous
  }
  // Another invocation of the step was at work meanwhile: Lambda may ask twice.
  if (await database.logIn(pending)) return pending
  throw new RotationError({
    what: 'the database refuses the pending, the current and the previous credentials',
    hint: "Set the user's password to that of the current version by hand; the next try goes on from there.",
    reason: 'refused',
  })
}
