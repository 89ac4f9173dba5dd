/** Prisma, on a pool that gets over rotations: `new PrismaClient({ adapter })` takes what this makes. */

import { PrismaPg } from '@prisma/adapter-pg'
import type { SecretsClient } from 'aws-secrets-client'
import { type PgPoolOptions, createPool } from 'aws-secrets-client/pg'

export function openAdapter(secrets: SecretsClient, options: PgPoolOptions = { ssl: true }) {
  const pool = createPool(secrets, 'prod/db', { max: 20, ...options })
  return new PrismaPg(pool, { disposeExternalPool: true })
}
