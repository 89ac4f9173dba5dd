/**
 * Tells whether an error means that the credentials were rejected, for `isRejected` of `withSecret`.
 *
 * Every predicate looks through what wraps the error (`cause`, `errors`, and the members of knex, TypeORM, Sequelize,
 * Prisma and mssql), takes codes as numbers or as text, and never throws.
 *
 * @module
 */

import { integerOf, memberOf, someNode, textOf } from './rejections/nodes.js'

/** Whether an error means that credentials were rejected. */
export type Rejection = (error: unknown) => boolean

/**
 * PostgreSQL rejected the login: SQLSTATE 28P01, or 28000, as RDS Proxy answers while users alternate; not where
 * pg_hba.conf refuses every password, for want of TLS perhaps. Of pg, postgres, and what is built on them.
 */
export function rejectedByPostgres(error: unknown): boolean {
  return someNode(error, isOfPostgres)
}

/** MySQL or MariaDB rejected the login: error 1045, `ER_ACCESS_DENIED_ERROR`. Of mysql2, mysql and mariadb. */
export function rejectedByMysql(error: unknown): boolean {
  return someNode(error, isOfMysql)
}

/** SQL Server rejected the login: error 18456, or `ELOGIN` without a number. Of tedious, mssql and msnodesqlv8. */
export function rejectedBySqlServer(error: unknown): boolean {
  return someNode(error, isOfSqlServer)
}

/** Oracle rejected the login: ORA-01017, ORA-17079 or ORA-09911. Of oracledb. */
export function rejectedByOracle(error: unknown): boolean {
  return someNode(error, isOfOracle)
}

/** Redshift rejected the login: SQLSTATE 28P01 or 28000. Of pg. */
export function rejectedByRedshift(error: unknown): boolean {
  return someNode(error, isOfPostgres)
}

/** MongoDB or DocumentDB rejected the login: code 18, or what Atlas calls bad auth. Of mongodb and mongoose. */
export function rejectedByMongo(error: unknown): boolean {
  return someNode(error, isOfMongo)
}

/** Redis, Valkey or ElastiCache rejected the login: WRONGPASS or NOAUTH. Of ioredis and redis. */
export function rejectedByRedis(error: unknown): boolean {
  return someNode(error, isOfRedis)
}

/**
 * A service rejected the key or token: HTTP status 401 or 403. A `Response` itself, or an error with `status`,
 * `statusCode`, `response` or `$metadata`.
 */
export function rejectedByHttp(error: unknown): boolean {
  return someNode(error, isOfHttp)
}

/** Any of the above. Prefer the one of what is logged in to: it cannot mistake the error of something else. */
export function rejectedByAny(error: unknown): boolean {
  return someNode(error, (node) => ALL.some((isRejection) => isRejection(node)))
}

/**
 * A predicate that holds where one of several does, such as the library's beside your own; one that throws does not hold.
 * One that answers no boolean, such as an async function, is not hidden: what it answers is the answer, and `withSecret`
 * refuses that.
 *
 * @example
 * ```ts
 * const isRejected = anyOf(rejectedByPostgres, (error) => error instanceof TokenExpired)
 * ```
 */
export function anyOf(...predicates: readonly Rejection[]): Rejection {
  for (const predicate of predicates) {
    if (typeof predicate !== 'function') throw new TypeError('anyOf: expected functions')
  }
  return (error) => {
    for (const isRejection of predicates) {
      const verdict = answerOf(isRejection, error)
      if (verdict) return verdict
    }
    return false
  }
}

function answerOf(isRejection: Rejection, error: unknown): boolean {
  try {
    return isRejection(error)
  } catch {
    return false
  }
}

const SQL_STATES: ReadonlySet<string> = new Set(['28P01', '28000'])

const ORACLE: ReadonlySet<number | undefined> = new Set([1017, 17_079, 9911])

const STATUSES: ReadonlySet<number | undefined> = new Set([401, 403])

function isOfPostgres(node: object): boolean {
  // pg_hba.conf has no entry for such a connection, as when it lacks TLS: no other password will do.
  if (textOf(node, 'code') === '28000' && textOf(node, 'routine') === 'ClientAuthentication') return false
  // `originalCode` is of Prisma's adapters.
  return ['code', 'originalCode'].some((name) => SQL_STATES.has(textOf(node, name))) || isOfPrisma(node)
}

function isOfMysql(node: object): boolean {
  const codes = [textOf(node, 'code'), textOf(node, 'originalCode')]
  return (
    integerOf(node, 'errno') === 1045 ||
    codes.some((code) => code === 'ER_ACCESS_DENIED_ERROR' || code === '1045') ||
    isOfPrisma(node)
  )
}

function isOfSqlServer(node: object): boolean {
  const number = integerOf(node, 'number') ?? integerOf(node, 'code') ?? integerOf(node, 'originalCode')
  if (number !== undefined) return number === 18_456
  return textOf(node, 'code') === 'ELOGIN' || isOfPrisma(node)
}

function isOfOracle(node: object): boolean {
  const code = /^ORA-0*(\d{1,9})$/.exec(textOf(node, 'code'))?.[1]
  return ORACLE.has(integerOf(node, 'errorNum')) || (code !== undefined && ORACLE.has(Number(code)))
}

function isOfMongo(node: object): boolean {
  const codeName = textOf(node, 'codeName')
  const code = integerOf(node, 'code')
  if (codeName === 'AuthenticationFailed') return true
  if (code === 18) return textOf(node, 'name').startsWith('Mongo')
  // Of many things: only its text tells which.
  return code === 8000 && /^bad auth\b/.test(textOf(node, 'errmsg') || textOf(node, 'message'))
}

function isOfRedis(node: object): boolean {
  const isRefusal = (text: string) => /^(?:WRONGPASS|NOAUTH)(?: |$)/.test(text)
  return isRefusal(textOf(node, 'code')) || isRefusal(textOf(node, 'message'))
}

function isOfHttp(node: object): boolean {
  const response = memberOf(node, 'response')
  const metadata = memberOf(node, '$metadata')
  return (
    [node, response].some(
      (answer) => STATUSES.has(integerOf(answer, 'status')) || STATUSES.has(integerOf(answer, 'statusCode')),
    ) || STATUSES.has(integerOf(metadata, 'httpStatusCode'))
  )
}

/** Prisma's own code for a failed authentication, and that of its adapters, whatever the database. */
function isOfPrisma(node: object): boolean {
  return (
    textOf(node, 'code') === 'P1000' ||
    textOf(node, 'errorCode') === 'P1000' ||
    textOf(node, 'kind') === 'AuthenticationFailed'
  )
}

const ALL = [isOfPostgres, isOfMysql, isOfSqlServer, isOfOracle, isOfMongo, isOfRedis, isOfHttp]
