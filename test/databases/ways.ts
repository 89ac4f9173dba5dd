/** How an application may come by its connections. */

import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { rdsCredentials } from 'aws-secrets-client'
import { createPool as createMysqlPool } from 'aws-secrets-client/mysql2'
import { createPool as createPgPool } from 'aws-secrets-client/pg'
import type { Credentials } from './engine.js'
import { type Database, MAX_USES, WORKERS, churningPool } from './load.js'
import { REF, type Stage, credentialsIn } from './stage.js'

/** What a scene asks of `withSecret`. */
export interface Window {
  readonly pending?: boolean
  readonly windowMs?: number
}

export interface Way {
  readonly name: string
  readonly open: (stage: Stage, window?: Window) => Database
}

export const byHand: Way = {
  name: 'withSecret',
  open: ({ engine, secrets }, window) =>
    churningPool(() =>
      secrets.withSecret(
        REF,
        { schema: rdsCredentials, isRejected: engine.isRejected, ...window },
        engine.login,
      ),
    ),
}

/** The session that stays open needs a connection beside those of the workers. */
const POOL_SIZE = WORKERS + 1

export const pgPool: Way = {
  name: 'createPool of pg',
  open({ secrets }, window) {
    const pool = createPgPool(secrets, REF, { max: POOL_SIZE, maxUses: MAX_USES, ...window })
    // Its connections are still open for a moment once it has ended, while the server may end, too.
    pool.on('error', () => undefined)
    return {
      async query() {
        await pool.query('SELECT 1')
      },
      async session() {
        const client = await pool.connect()
        return {
          async query() {
            await client.query('SELECT 1')
          },
          end() {
            client.release()
            return Promise.resolve()
          },
        }
      },
      end: () => pool.end(),
    }
  },
}

/** mysql2 does not count the uses of a connection: here the application ends it. */
export const mysqlPool: Way = {
  name: 'createPool of mysql2',
  open({ secrets }, window) {
    const pool = createMysqlPool(secrets, REF, { connectionLimit: POOL_SIZE, ...window })
    const uses = new Map<number, number>()
    return {
      async query() {
        const connection = await pool.getConnection()
        const used = (uses.get(connection.threadId) ?? 0) + 1
        uses.set(connection.threadId, used)
        await connection.query('SELECT 1')
        if (used < MAX_USES) connection.release()
        else connection.destroy()
      },
      async session() {
        const connection = await pool.getConnection()
        return {
          async query() {
            await connection.query('SELECT 1')
          },
          end() {
            connection.release()
            return Promise.resolve()
          },
        }
      },
      end: () => pool.end(),
    }
  },
}

const FIVE_MINUTES_MS = 300_000

/** What people write: a value is kept for five minutes, whatever the database says of it. */
export const cachedHelper: Way = {
  name: 'a cached helper',
  open({ engine, emulator }) {
    const cache = new Map<string, { value: Credentials; expiresAt: number }>()
    const client = new SecretsManagerClient(emulator.clientConfig)
    const read = async (id: string): Promise<Credentials> => {
      const cached = cache.get(id)
      if (cached !== undefined && cached.expiresAt > Date.now()) return cached.value
      const { SecretString: text = '' } = await client.send(new GetSecretValueCommand({ SecretId: id }))
      const value = credentialsIn(text)
      cache.set(id, { value, expiresAt: Date.now() + FIVE_MINUTES_MS })
      return value
    }
    const pool = churningPool(async () => engine.login(await read(REF)))
    return {
      ...pool,
      async end() {
        client.destroy()
        await pool.end()
      },
    }
  },
}
