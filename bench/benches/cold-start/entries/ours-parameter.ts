/**
 * The library reads a parameter.
 *
 * @module
 */

import { SecretsClient } from 'aws-secrets-client'
import { report } from '../report.js'

const secrets = new SecretsClient()
report(secrets.get('ssm:/prod/level'))
