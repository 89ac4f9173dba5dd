/**
 * Powertools reads a parameter.
 *
 * @module
 */

import { getParameter } from '@aws-lambda-powertools/parameters/ssm'
import { report } from '../report.js'

report(getParameter('/prod/level', { decrypt: true }))
