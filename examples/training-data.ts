/** Plans the export of training data for SageMaker: which tables, from which database, to which S3 prefix. */

import { SecretsClient } from 'aws-secrets-client'

export interface Export {
  readonly table: string
  readonly target: string
}

export interface Plan {
  /** Holds the password: hand it to the driver and to nothing that prints. */
  readonly connectionString: string
  readonly exports: readonly Export[]
}

export async function main(): Promise<Plan> {
  await using secrets = new SecretsClient()

  // Asked for together, the two parameters share one request.
  const [database, prefix, tables] = await Promise.all([
    secrets.get('ml/churn/warehouse', {
      schema: {
        type: 'object',
        properties: {
          host: { type: 'string' },
          // Secrets made by hand hold a number, those of some older templates a string.
          port: { type: ['integer', 'string'], pattern: '^\\d{1,5}$' },
          dbname: { type: 'string' },
          username: { type: 'string' },
          password: { type: 'string' },
        },
        required: ['host', 'dbname', 'username', 'password'],
      },
    }),
    secrets.get('ssm:/ml/churn/s3-prefix'),
    secrets.get('ssm:/ml/churn/tables', { as: 'list' }),
  ])

  const { host, port = 5432, dbname, username, password } = database
  const user = `${encodeURIComponent(username)}:${encodeURIComponent(password)}`
  const connectionString = `postgresql://${user}@${host}:${port}/${encodeURIComponent(dbname)}?sslmode=require`
  const exports = tables.map((table) => ({ table, target: `${prefix}/${table}.parquet` }))

  console.log(`${exports.length} tables of ${host} go to ${prefix}`)
  return { connectionString, exports }
}

if (process.argv[1] === import.meta.filename) await main()
