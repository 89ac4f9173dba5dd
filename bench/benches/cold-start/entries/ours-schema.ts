/**
 * The library reads a secret with a JSON Schema.
 *
 * @module
 */

import { SecretsClient } from 'aws-secrets-client'
import { report } from '../report.js'

const secrets = new SecretsClient()
report(
  secrets.get('prod/db', {
    schema: {
      type: 'object',
      properties: { username: { type: 'string' }, password: { type: 'string' }, port: { type: 'integer' } },
      required: ['username', 'password', 'port'],
    },
  }),
)
