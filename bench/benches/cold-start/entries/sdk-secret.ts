/**
 * The SDK alone reads a secret.
 *
 * @module
 */

import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { report } from '../report.js'

const client = new SecretsManagerClient()
report(client.send(new GetSecretValueCommand({ SecretId: 'prod/db' })).then((said) => said.SecretString))
