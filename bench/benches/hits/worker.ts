/**
 * The process in which one group of hits is measured.
 *
 * @module
 */

import { samplingOf } from '../../harness/rounds.js'
import { serveWorker } from '../../harness/worker.js'
import { allocations } from './allocations.js'
import { loads } from './loads.js'
import { manyKeys } from './many-keys.js'
import { oneKey } from './one-key.js'
import type { HitsOrder } from './set-up.js'
import { turns } from './turns.js'

serveWorker(async ({ group, isQuick }: HitsOrder): Promise<unknown> => {
  const sampling = samplingOf(isQuick)
  switch (group) {
    case 'one-key':
      return oneKey(sampling)
    case 'many-keys':
      return manyKeys(sampling, isQuick)
    case 'loads':
      return loads(sampling)
    case 'turns':
      return turns(sampling)
    case 'allocation':
      return allocations(isQuick)
  }
})
