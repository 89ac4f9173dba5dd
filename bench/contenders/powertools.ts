/**
 * Powertools for AWS Lambda (TypeScript), parameters.
 *
 * @module
 */

import { SecretsProvider } from '@aws-lambda-powertools/parameters/secrets'
import { SSMProvider } from '@aws-lambda-powertools/parameters/ssm'
import { type Contender, TTL_MS } from './contender.js'

const MAX_AGE = TTL_MS / 1000

const secrets = {
  isOurs: false,
  service: 'secretsmanager',
  create: ({ secretsManager }) => ({ provider: new SecretsProvider({ awsSdkV3Client: secretsManager }) }),
} satisfies Partial<Contender>

const parameters = {
  isOurs: false,
  service: 'ssm',
  create: ({ ssm }) => ({ provider: new SSMProvider({ awsSdkV3Client: ssm }) }),
} satisfies Partial<Contender>

/** Secrets as text. */
export const powertoolsRaw: Contender = {
  ...secrets,
  name: 'Powertools secrets, raw',
  read: `provider.get(key, { maxAge: ${MAX_AGE} })`,
  gives: 'text',
}

/** Secrets in JSON. */
export const powertoolsJson: Contender = {
  ...secrets,
  name: 'Powertools secrets, json',
  read: `provider.get(key, { maxAge: ${MAX_AGE}, transform: 'json' })`,
  gives: 'json',
}

/** Parameters as text. */
export const powertoolsSsmRaw: Contender = {
  ...parameters,
  name: 'Powertools parameters, raw',
  read: `provider.get(key, { maxAge: ${MAX_AGE}, decrypt: true })`,
  gives: 'text',
}

/** Parameters in JSON. */
export const powertoolsSsmJson: Contender = {
  ...parameters,
  name: 'Powertools parameters, json',
  read: `provider.get(key, { maxAge: ${MAX_AGE}, decrypt: true, transform: 'json' })`,
  gives: 'json',
}
