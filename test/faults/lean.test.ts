/**
 * The catalogue once more, cold, without the AWS SDK: what a read makes of a fault does not depend on what carries the
 * requests.
 */

import { describeCells } from './cell.js'
import { CATALOGUE } from './catalogue.js'

// The SDK asks once for credentials that never come, and has every attempt wait; without it every attempt asks.
const rows = CATALOGUE.filter(({ name }) => name !== 'credentials that never come')

describeCells('cold', { rows, transport: 'lean', numbers: [1] })
