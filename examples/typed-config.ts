/** Everything that an app needs to start, in one typed object: declared in one place, read in at most three calls. */

import { SecretsClient, connectionString, defineSecrets, rdsCredentials } from 'aws-secrets-client'
import { z } from 'zod'

export const MANIFEST = defineSecrets({
  db: { ref: 'prod/shop/db', schema: rdsCredentials },
  stripeKey: { ref: 'prod/shop/stripe', redacted: true },
  tls: { ref: 'prod/shop/tls', as: 'bytes' },
  app: { tree: 'ssm:/prod/shop', schema: z.object({ limits: z.object({ rps: z.coerce.number() }) }) },
})

export async function loadConfig(secrets: SecretsClient) {
  const { db, stripeKey, tls, app } = await secrets.load(MANIFEST)
  return { databaseUrl: connectionString(db), port: db.port, stripeKey, tls, rps: app.limits.rps }
}

if (process.argv[1] === import.meta.filename) {
  await using secrets = new SecretsClient()
  const { port, stripeKey, tls, rps } = await loadConfig(secrets)
  console.log(
    `database on port ${port}, key ${String(stripeKey)}, ${tls.length} bytes of TLS, ${rps} requests/s`,
  )
}
