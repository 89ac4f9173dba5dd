/** The same three functions without the helper, and without what it gets wrong; see `before.ts`. */

import { getSecret } from 'aws-secrets-client'

const schema = {
  type: 'object',
  properties: { username: { type: 'string' }, password: { type: 'string' } },
  required: ['username', 'password'],
} as const

export const credentials = () => getSecret('prod/db', { schema })

export const previousCredentials = () => getSecret('prod/db:AWSPREVIOUS', { schema })

export const password = () => getSecret('prod/db#password')
