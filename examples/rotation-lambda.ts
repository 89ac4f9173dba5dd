/** A Lambda function that rotates the password of a PostgreSQL user. Bundle it as an ES module, together with `pg`. */

import { createRotationHandler, postgresDatabase, singleUser } from 'aws-secrets-client/rotation'

// RDS's certificate authorities are known where NODE_EXTRA_CA_CERTS is /var/runtime/ca-cert.pem.
const database = postgresDatabase({ tls: process.env['DATABASE_TLS'] !== 'off' })

export const handler = createRotationHandler({
  ...singleUser(database),
  password: { length: 40 },
  // Which secret, version and step, what came of it, and why: never a value.
  onOutcome: (outcome) => {
    console.log(JSON.stringify(outcome))
  },
})
