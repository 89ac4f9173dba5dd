/**
 * The library reads a secret as text.
 *
 * @module
 */

import { SecretsClient } from 'aws-secrets-client'
import { report } from '../report.js'

const secrets = new SecretsClient()
report(secrets.get('prod/db'))
