/** A secret in an emulator of AWS, and a client that reads it. */

import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { type Socket, connect, createServer } from 'node:net'
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { SecretsClient } from 'aws-secrets-client'
import { type Emulator, startEmulator } from 'aws-secrets-client/emulator'
import { onTestFinished } from 'vitest'

export const REF = 'prod/db'

export interface Stage {
  readonly emulator: Emulator
  readonly secrets: SecretsClient
  /** Makes a value the current version. */
  readonly put: (value: unknown) => void
  /** Puts a value where a rotation keeps it before it is current. */
  readonly putPending: (value: unknown) => void
  /** Requests for the secret so far. */
  readonly requests: () => number
}

export async function stageWith(value: unknown): Promise<Stage> {
  const emulator = await startEmulator({ region: 'eu-west-1' })
  const client = new SecretsManagerClient({ ...emulator.clientConfig, maxAttempts: 1 })
  const secrets = new SecretsClient({ clients: { secretsManager: client } })
  onTestFinished(async () => {
    await secrets.close()
    client.destroy()
    await emulator.close()
  })
  const textOf = (content: unknown) => (typeof content === 'string' ? content : JSON.stringify(content))
  emulator.seed({ secrets: { [REF]: textOf(value) } })
  return {
    emulator,
    secrets,
    put(content) {
      emulator.call('PutSecretValue', {
        SecretId: REF,
        SecretString: textOf(content),
        ClientRequestToken: randomUUID(),
      })
    },
    putPending(content) {
      emulator.call('PutSecretValue', {
        SecretId: REF,
        SecretString: textOf(content),
        ClientRequestToken: randomUUID(),
        VersionStages: ['AWSPENDING'],
      })
    },
    requests: () => emulator.count('GetSecretValue'),
  }
}

/** Calls `then` after `isRejected` has held so many times. */
export function afterRejections(
  isRejected: (error: unknown) => boolean,
  times: number,
  then: () => void,
): (error: unknown) => boolean {
  let left = times
  return (error) => {
    if (!isRejected(error)) return false
    left -= 1
    if (left === 0) then()
    return true
  }
}

/** Passes connections on to another port; `onConnection` is called for each. */
export async function proxyTo(target: number, onConnection: () => void) {
  const open = new Set<Socket>()
  const server = createServer((socket) => {
    const other = connect(target, '127.0.0.1')
    for (const [one, next] of [
      [socket, other],
      [other, socket],
    ] as const) {
      open.add(one)
      one.on('error', () => undefined)
      one.on('close', () => {
        open.delete(one)
        next.destroy()
      })
      one.pipe(next)
    }
    onConnection()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of open) socket.destroy()
    server.close()
  })
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('no port is free')
  return { port: address.port, connections: () => open.size / 2 }
}
