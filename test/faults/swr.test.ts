/** Every fault of the catalogue within stale-while-revalidate: the read is answered at once, and what fails behind it is contained. */

import { describeCells } from './cell.js'

describeCells('revalidating')
