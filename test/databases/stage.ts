/** One user of a real database, its secret in an emulator of AWS, and a client that reads it. */

import { randomBytes, randomUUID } from 'node:crypto'
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { SecretsClient, type SecretsClientOptions, type SecretsEvent } from 'aws-secrets-client'
import { type Emulator, startEmulator } from 'aws-secrets-client/emulator'
import { test } from 'vitest'
import type { Credentials, Engine } from './engine.js'

export const REF = 'prod/orders/db'

const MASTER = 'prod/orders/master'

export interface Stage {
  readonly engine: Engine
  readonly emulator: Emulator
  readonly secrets: SecretsClient
  readonly events: readonly SecretsEvent[]
  /** The database's users that the secret has named or will name. */
  readonly users: readonly [single: string, clone: string]
  /** All passwords there have been, also those that a rotation function made. */
  readonly passwords: () => readonly string[]
  /** A user of the database with a password that nobody else knows. */
  readonly credentials: (username: string) => Credentials
  readonly text: (credentials: Credentials) => string
  /** A secret of the one who may change passwords, which this secret then names. */
  readonly addMaster: () => void
  readonly close: () => Promise<void>
  /** Refused and accepted logins of both users, and requests to AWS, since the start. */
  readonly cost: () => Promise<{ refused: number; accepted: number; requests: number }>
}

/** So many run at once, of all that may: more of them would only wait for the processor. */
const AT_ONCE = 3

/** A `test` with a stage of its own. */
export function testOn(engine: Engine) {
  const waiting: (() => void)[] = []
  let places = AT_ONCE
  const enter = async () => {
    if (places > 0) places -= 1
    else await new Promise<void>((resolve) => waiting.push(resolve))
  }
  const leave = () => {
    const next = waiting.shift()
    if (next === undefined) places += 1
    else next()
  }
  return test.extend<{ stage: Stage }>({
    // Vitest reads from the pattern which fixtures this one needs: none.
    stage: async ({}, use) => {
      await enter()
      const stage = await setStage(engine)
      try {
        await use(stage)
      } finally {
        await stage.close()
        leave()
      }
    },
  })
}

/** The secret holds the live password of the first user. */
async function setStage(engine: Engine, options: SecretsClientOptions = {}): Promise<Stage> {
  const emulator = await startEmulator({ region: 'eu-west-1' })
  const events: SecretsEvent[] = []
  const passwords: string[] = []
  const client = new SecretsManagerClient({ ...emulator.clientConfig, maxAttempts: 1 })
  const secrets = new SecretsClient({
    clients: { secretsManager: client },
    onEvent: (event) => events.push(event),
    ...options,
  })
  const single = `app_${randomUUID().slice(0, 8)}`
  const users = [single, `${single}_clone`] as const
  const credentials = (username: string) => {
    const password = randomBytes(18).toString('base64url')
    passwords.push(password)
    return { username, password }
  }
  const { name, host, port, database } = engine
  const text = (user: Credentials) => JSON.stringify({ engine: name, host, port, dbname: database, ...user })
  const first = credentials(single)
  await engine.createUser(single, first.password)
  emulator.seed({ secrets: { [REF]: text(first) } })
  return {
    engine,
    emulator,
    secrets,
    events,
    users,
    passwords: () => [...new Set([...passwords, ...passwordsIn(emulator)])],
    credentials,
    text,
    addMaster() {
      emulator.seed({ secrets: { [MASTER]: text(engine.master) } })
      const { ARN: masterarn } = emulator.call('DescribeSecret', { SecretId: MASTER })
      const { SecretString } = emulator.call('GetSecretValue', { SecretId: REF })
      const value: unknown = JSON.parse(String(SecretString))
      emulator.seed({ secrets: { [REF]: JSON.stringify(Object.assign({ masterarn }, value)) } })
    },
    async close() {
      await secrets.close()
      client.destroy()
      await emulator.close()
    },
    async cost() {
      const logins = await Promise.all(users.map((user) => engine.logins(user)))
      return {
        refused: logins.reduce((sum, { refused }) => sum + refused, 0),
        accepted: logins.reduce((sum, { accepted }) => sum + accepted, 0),
        // A rotation function asks by ARN.
        requests: emulator.requests.filter(({ ids }) => ids.includes(REF)).length,
      }
    },
  }
}

export function credentialsIn(text: string): Credentials {
  const value: unknown = JSON.parse(text)
  if (typeof value === 'object' && value !== null && 'username' in value && 'password' in value)
    return { username: String(value.username), password: String(value.password) }
  throw new Error('the secret holds no credentials')
}

function passwordsIn(emulator: Emulator): string[] {
  const { Versions } = emulator.call('ListSecretVersionIds', { SecretId: REF, IncludeDeprecated: true })
  if (!Array.isArray(Versions)) throw new Error('the secret has no versions')
  return Versions.map((version: { VersionId: string }) => {
    const { SecretString } = emulator.call('GetSecretValue', { SecretId: REF, VersionId: version.VersionId })
    return credentialsIn(String(SecretString)).password
  })
}
