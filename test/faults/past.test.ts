/** Every fault of the catalogue past stale-if-error: nothing masks it any more (I3). */

import { describeCells } from './cell.js'

describeCells('past')
