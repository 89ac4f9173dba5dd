/**
 * One read in each turn of the event loop, as a request handler reads: nothing that is done once a turn is shared.
 *
 * @module
 */

import { turnLoopOf } from '../../contenders/contender.js'
import { floor, floorWithExpiry } from '../../contenders/floor.js'
import { handWritten } from '../../contenders/helper.js'
import { lruFetch } from '../../contenders/lru-fetch.js'
import { oursSchema, oursText } from '../../contenders/ours.js'
import { powertoolsJson } from '../../contenders/powertools.js'
import { type Sampling, type Timing, inRounds } from '../../harness/rounds.js'
import { withOneKey } from './one-key.js'

const CONTENDERS = [floor, floorWithExpiry, oursText, oursSchema, handWritten, lruFetch, powertoolsJson]

/** Measures a turn with one read in it. */
export async function turns(sampling: Sampling): Promise<readonly Timing[]> {
  const all = await withOneKey(CONTENDERS)
  const contestants = all.map(({ contender, scope, keys: [key = ''] }) => ({
    name: contender.name,
    isOurs: contender.isOurs,
    loop: turnLoopOf(contender, scope, key),
  }))
  return inRounds(contestants, sampling)
}
