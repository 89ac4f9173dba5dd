/**
 * What must hold before a strategy changes a password: without it a secret could make the function change another's.
 *
 * @module
 */

import type { RdsCredentials } from 'aws-secrets-client'
import { MYSQL_ENGINES, POSTGRES_ENGINES, type RotationDatabase } from '../databases/database.js'
import { RotationError } from '../rotation-error.js'
import type { Rotation } from '../rotation-options.js'

/** @throws RotationError where the database is not the one that the credentials are for. */
export function checkEngine({ engines }: RotationDatabase, { engine }: RdsCredentials): void {
  if (engines.includes(engine)) return
  const what = `the secret's engine is none that this function speaks: ${engines.join(', ')}`
  const right = RIGHT.find(([known]) => known.includes(engine))?.[1]
  const hint = right !== undefined && { hint: `For this engine there is ${right}().` }
  throw new RotationError({ what, reason: 'secret', ...hint })
}

const RIGHT: readonly (readonly [engines: readonly string[], database: string])[] = [
  [POSTGRES_ENGINES, 'postgresDatabase'],
  [MYSQL_ENGINES, 'mysqlDatabase'],
]

/** @throws RotationError where two versions are for different databases. */
export function checkSameServer(a: RdsCredentials, b: RdsCredentials, which: string): void {
  if (a.engine === b.engine && a.host === b.host && a.port === b.port) return
  const what = `engine, host or port of the ${which} version are not those of the current one`
  throw new RotationError({ what, reason: 'secret', hint: STALE })
}

/** @throws RotationError where a version is for another user than it must be. */
export function checkUser(username: string, expected: string, which: string): void {
  if (username === expected) return
  const what = `the user of the ${which} version is not the one to be rotated`
  throw new RotationError({ what, reason: 'secret', hint: STALE })
}

/** What to do where the current value was changed by hand while a rotation was under way. */
const STALE =
  'If the secret was edited during the rotation, remove AWSPENDING from that version and rotate again.'

/**
 * Logs in with the pending credentials.
 *
 * @throws RotationError with the reason `refused`.
 */
export async function checkLogin(
  database: RotationDatabase,
  rotation: Rotation<RdsCredentials>,
): Promise<void> {
  const pending = await rotation.pending()
  checkEngine(database, pending)
  if (await database.logIn(pending)) return
  // That it cannot be read is not what is wrong.
  const current = await rotation.current().catch(() => undefined)
  const isCopy = current?.username === pending.username && current.password === pending.password
  throw isCopy ? currentRefused() : pendingRefused()
}

function pendingRefused(): RotationError {
  return new RotationError({
    what: 'the database refuses the pending credentials',
    hint: 'RotateSecret with the same ClientRequestToken sets them again.',
    reason: 'refused',
  })
}

/** RotateSecret with `RotateImmediately: false` has a copy of the current version tested, and sets nothing. */
function currentRefused(): RotationError {
  return new RotationError({
    what: 'the database refuses the current credentials, of which the pending ones are a copy',
    hint: "Set the user's password to that of the current version by hand.",
    reason: 'refused',
  })
}
