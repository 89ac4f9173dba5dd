/**
 * Ready-made schemas for the credentials that AWS itself keeps in secrets, and that its rotation functions
 * expect.
 *
 * Source: "JSON structure of AWS Secrets Manager secrets" in the Secrets Manager user guide.
 *
 * @module
 */

import { defaultPortOf, familyOf } from './engines.js'
import { type Stored, flag, isText, objectSchema, optionalText, port, text, textThat } from './members.js'
import type { ReadyMadeSchema } from './schema.js'

/** Engines of RDS and Aurora; others are text, too. */
export type RdsEngine =
  | 'aurora-mysql'
  | 'aurora-postgresql'
  | 'db2'
  | 'mariadb'
  | 'mysql'
  | 'oracle'
  | 'postgres'
  | 'sqlserver'
  | (string & {})

/** A user name and its password. */
export interface BasicCredentials {
  /** Name of the user, never empty. */
  readonly username: string
  /** Password of the user, never empty. */
  readonly password: string
}

/** Credentials and address of an RDS or Aurora database. */
export interface RdsCredentials extends BasicCredentials {
  /** Which database software, as it is stored. */
  readonly engine: RdsEngine
  /** Name or address of the database's host, without the port. */
  readonly host: string
  /** From 1 to 65535; that of the engine where none is stored. */
  readonly port: number
  /** Name of the database, where one is stored. */
  readonly dbname?: string
  /** ARN of the secret whose user changes this one's password, where users alternate. */
  readonly masterarn?: string
  /** Identifier of the DB instance; the console adds it. */
  readonly dbInstanceIdentifier?: string
  /** Identifier of the DB cluster; the console adds it. */
  readonly dbClusterIdentifier?: string
}

/** Credentials and address of a Redshift cluster or a Redshift Serverless namespace. */
export interface RedshiftCredentials extends BasicCredentials {
  /** `redshift`. */
  readonly engine: 'redshift' | (string & {})
  /** Name or address of the host, without the port. */
  readonly host: string
  /** From 1 to 65535; 5439 where none is stored. */
  readonly port: number
  /** Name of the database, where one is stored. */
  readonly dbname?: string
  /** ARN of the secret whose user changes this one's password, where users alternate. */
  readonly masterarn?: string
  /** Identifier of the cluster; the console adds it. */
  readonly dbClusterIdentifier?: string
  /** Name of the namespace, with Redshift Serverless. */
  readonly namespaceName?: string
}

/** Credentials and address of a DocumentDB cluster. */
export interface DocumentDbCredentials extends BasicCredentials {
  /** `mongo`. */
  readonly engine: 'mongo' | (string & {})
  /** Name or address of the host, without the port. */
  readonly host: string
  /** From 1 to 65535; 27017 where none is stored. */
  readonly port: number
  /** Whether to connect with TLS; `false` where nothing is stored. */
  readonly ssl: boolean
  /** Name of the database, where one is stored. */
  readonly dbname?: string
  /** ARN of the secret whose user changes this one's password, where users alternate. */
  readonly masterarn?: string
  /** Identifier of the cluster; the console adds it. */
  readonly dbClusterIdentifier?: string
}

/** Credentials of an ElastiCache user. */
export interface ElastiCacheCredentials extends BasicCredentials {
  /** ARN of the ElastiCache user. */
  readonly user_arn: string
}

/** Accepts a user name and a password, as in a master secret that holds no address. */
export const basicCredentials: ReadyMadeSchema<BasicCredentials> = objectSchema<BasicCredentials>({
  username: text,
  password: text,
})

/** Accepts the secret of an RDS or Aurora database; `port` comes out as an integer. */
export const rdsCredentials: ReadyMadeSchema<RdsCredentials> = objectSchema<RdsCredentials>(
  {
    engine: text,
    host: text,
    username: text,
    password: text,
    port: port(defaultPortOf),
    dbname: optionalText,
    masterarn: optionalText,
    dbInstanceIdentifier: optionalText,
    dbClusterIdentifier: optionalText,
  },
  withoutAddress,
)

/** Accepts the secret of a Redshift cluster or namespace; `port` comes out as an integer. */
export const redshiftCredentials: ReadyMadeSchema<RedshiftCredentials> = objectSchema<RedshiftCredentials>(
  {
    engine: textThat((engine) => familyOf(engine)?.name === 'redshift', 'must be "redshift"'),
    host: text,
    username: text,
    password: text,
    port: port(defaultPortOf),
    dbname: optionalText,
    masterarn: optionalText,
    dbClusterIdentifier: optionalText,
    namespaceName: optionalText,
  },
  withoutAddress,
)

/** Accepts the secret of a DocumentDB cluster; `port` comes out as an integer, `ssl` as a boolean. */
export const documentDbCredentials: ReadyMadeSchema<DocumentDbCredentials> =
  objectSchema<DocumentDbCredentials>(
    {
      engine: textThat((engine) => familyOf(engine)?.name === 'mongo', 'must be "mongo"'),
      host: text,
      username: text,
      password: text,
      port: port(defaultPortOf),
      ssl: flag,
      dbname: optionalText,
      masterarn: optionalText,
      dbClusterIdentifier: optionalText,
    },
    withoutAddress,
  )

/** Accepts the secret of an ElastiCache user. */
export const elastiCacheCredentials: ReadyMadeSchema<ElastiCacheCredentials> =
  objectSchema<ElastiCacheCredentials>({ username: text, password: text, user_arn: text })

/** What to say of a master secret, which is easily taken for one with an address. */
function withoutAddress(stored: Stored): string | undefined {
  const isUser = isText(stored.get('username')) && isText(stored.get('password'))
  if (!isUser || stored.has('engine') || stored.has('host')) return undefined
  return 'has no address, as a secret that AWS manages may: basicCredentials reads such a secret'
}
