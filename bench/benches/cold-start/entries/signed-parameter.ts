/**
 * The floor: one call over `node:http`, signed by hand with credentials of the environment.
 *
 * @module
 */

import { report } from '../report.js'
import { signedCall } from '../signed-call.js'

report(signedCall('ssm', 'AmazonSSM.GetParameter', { Name: '/prod/level', WithDecryption: true }))
