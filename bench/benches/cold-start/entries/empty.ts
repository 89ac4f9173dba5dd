/**
 * A process that does nothing: what Node.js itself costs.
 *
 * @module
 */

import { report } from '../report.js'

report(Promise.resolve(true))
