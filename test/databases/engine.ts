/** PostgreSQL and MariaDB as the rotation scenes need them. */

import { rejectedByMysql, rejectedByPostgres } from 'aws-secrets-client/rejections'
import { type RotationDatabase, mysqlDatabase, postgresDatabase } from 'aws-secrets-client/rotation'
import { createConnection } from 'mysql2/promise'
import pg from 'pg'
import type { Logins } from '../support/database-server.js'
import type { Mariadb } from '../support/mariadb.js'
import type { Postgres } from '../support/postgres.js'

export interface Credentials {
  readonly username: string
  readonly password: string
}

/** An open session. */
export interface Session {
  readonly query: () => Promise<void>
  readonly end: () => Promise<void>
}

export interface Engine {
  /** As the secret names it. */
  readonly name: 'postgres' | 'mariadb'
  readonly host: string
  readonly port: number
  readonly database: string
  /** What the database says of a dead password. */
  readonly refusal: Readonly<Record<string, unknown>>
  readonly isRejected: (error: unknown) => boolean
  /** Who may change other users' passwords. */
  readonly master: Credentials
  /** For rotation functions. */
  readonly rotationDatabase: RotationDatabase
  /** Logs in once. */
  readonly login: (credentials: Credentials) => Promise<Session>
  readonly createUser: (name: string, password: string) => Promise<void>
  readonly setPassword: (name: string, password: string) => Promise<void>
  readonly logins: (name: string) => Promise<Logins>
}

export function postgresEngine(postgres: Postgres): Engine {
  const { host, port, database, createUser, setPassword, logins } = postgres
  return {
    name: 'postgres',
    host,
    port,
    database,
    createUser,
    setPassword,
    logins,
    refusal: { code: '28P01' },
    isRejected: rejectedByPostgres,
    master: { username: 'postgres', password: postgres.adminPassword },
    rotationDatabase: postgresDatabase({ tls: false }),
    async login({ username, password }) {
      const client = new pg.Client({ host, port, database, user: username, password })
      await client.connect()
      return {
        async query() {
          await client.query('SELECT 1')
        },
        end: () => client.end(),
      }
    },
  }
}

export function mariadbEngine(mariadb: Mariadb): Engine {
  const { host, port, database, createUser, setPassword, logins } = mariadb
  return {
    name: 'mariadb',
    host,
    port,
    database,
    createUser,
    setPassword,
    logins,
    refusal: { errno: 1045 },
    isRejected: rejectedByMysql,
    master: { username: mariadb.adminUser, password: mariadb.adminPassword },
    rotationDatabase: mysqlDatabase({ tls: false }),
    async login({ username, password }) {
      const connection = await createConnection({ host, port, database, user: username, password })
      return {
        async query() {
          await connection.query('SELECT 1')
        },
        end: () => connection.end(),
      }
    },
  }
}
