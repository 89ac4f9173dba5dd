/** The emulator and a client that reaches it through the real SDK over HTTP, for one test file. */

import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { SSMClient } from '@aws-sdk/client-ssm'
import { afterEach, beforeEach } from 'vitest'
import { type Emulator, type OperationName, startEmulator } from '../../src/emulator/index.js'
import { SecretsClient, type SecretsClientOptions } from '../../src/index.js'
import { ManualClock } from './manual-clock.js'

export interface Aws {
  readonly emulator: Emulator
  readonly clock: ManualClock
  readonly secrets: SecretsClient
  /** A further client of the same emulator. */
  readonly connect: (options?: SecretsClientOptions) => SecretsClient
  /** Requests of the library since the last call. */
  readonly calls: (operation?: OperationName) => number
}

/** Makes a new emulator and client before each test, and closes them after it. */
export function useAws(): () => Aws {
  let current: Aws | undefined
  const opened: { close(): Promise<void> }[] = []

  beforeEach(async () => {
    const emulator = await startEmulator({ region: 'eu-west-1' })
    const clock = new ManualClock(Date.now())
    const connect = (options: SecretsClientOptions = {}) => {
      const clients = {
        secretsManager: new SecretsManagerClient({ ...emulator.clientConfig, maxAttempts: 1 }),
        ssm: new SSMClient({ ...emulator.clientConfig, maxAttempts: 1 }),
      }
      const secrets = new SecretsClient({ clients, clock, ...options })
      opened.push(secrets)
      return secrets
    }
    opened.push(emulator)
    current = {
      emulator,
      clock,
      secrets: connect(),
      connect,
      calls(operation) {
        const count = emulator.count(operation)
        emulator.clearRequests()
        return count
      },
    }
  })
  afterEach(() => Promise.all(opened.splice(0).map((open) => open.close())))

  return () => {
    if (current === undefined) throw new Error('used outside a test')
    return current
  }
}

/** What a promise rejects with. */
export const failureOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => {
      throw new Error('expected a rejection')
    },
    (error: unknown) => error,
  )
