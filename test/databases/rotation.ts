/** The four steps of a rotation by hand, so that a scene can stop between any two of them. */

import { randomUUID } from 'node:crypto'
import type { Credentials } from './engine.js'
import { REF, type Stage, credentialsIn } from './stage.js'

export interface Rotation {
  /** The new version. */
  readonly token: string
  readonly next: Credentials
  /** The database takes the new password; a single user's old one is dead from here on. */
  readonly setSecret: () => Promise<void>
  readonly testSecret: () => Promise<void>
  /** AWSCURRENT moves. */
  readonly finishSecret: () => void
  /** The database takes its former password back. */
  readonly rollBack: () => Promise<void>
}

/** Runs createSecret for the user that the new version shall name. */
export function createSecret({ engine, emulator, credentials, text }: Stage, username: string): Rotation {
  const token = randomUUID()
  const current = emulator.call('GetSecretValue', { SecretId: REF })
  const next = credentials(username)
  emulator.call('PutSecretValue', {
    SecretId: REF,
    ClientRequestToken: token,
    SecretString: text(next),
    VersionStages: ['AWSPENDING'],
  })
  return {
    token,
    next,
    setSecret: () => engine.setPassword(next.username, next.password),
    async testSecret() {
      const session = await engine.login(next)
      await session.query()
      await session.end()
    },
    finishSecret() {
      emulator.call('UpdateSecretVersionStage', {
        SecretId: REF,
        VersionStage: 'AWSCURRENT',
        MoveToVersionId: token,
        RemoveFromVersionId: current['VersionId'],
      })
    },
    rollBack: () =>
      engine.setPassword(next.username, credentialsIn(String(current['SecretString'])).password),
  }
}
