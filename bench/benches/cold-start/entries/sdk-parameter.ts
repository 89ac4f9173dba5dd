/**
 * The SDK alone reads a parameter.
 *
 * @module
 */

import { GetParameterCommand, SSMClient } from '@aws-sdk/client-ssm'
import { report } from '../report.js'

const client = new SSMClient()
const command = new GetParameterCommand({ Name: '/prod/level', WithDecryption: true })
report(client.send(command).then(({ Parameter }) => Parameter?.Value))
