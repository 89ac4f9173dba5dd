/** Every fault of the catalogue with nothing in the cache: the read waits, and ends in a value or in a typed error by its deadline. */

import { describeCells } from './cell.js'

describeCells('cold')
