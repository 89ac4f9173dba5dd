/**
 * The library reads a secret without the SDK.
 *
 * @module
 */

import { SecretsClient } from 'aws-secrets-client'
import { leanSources } from 'aws-secrets-client/lean'
import { report } from '../report.js'

const secrets = new SecretsClient({ sources: leanSources() })
report(secrets.get('prod/db'))
