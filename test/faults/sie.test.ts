/** Every fault of the catalogue within stale-if-error: what may pass is masked by the last good value, what is definitive is not (I6). */

import { describeCells } from './cell.js'

describeCells('within')
