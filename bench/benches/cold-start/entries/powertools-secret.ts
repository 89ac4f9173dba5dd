/**
 * Powertools reads a secret.
 *
 * @module
 */

import { getSecret } from '@aws-lambda-powertools/parameters/secrets'
import { report } from '../report.js'

report(getSecret('prod/db'))
