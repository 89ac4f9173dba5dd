/**
 * Ten thousand cached secrets that are read in the order of a draw.
 *
 * @module
 */

import { cacheableGet } from '../../contenders/cacheable.js'
import { orderedLoopOf } from '../../contenders/contender.js'
import { dataLoader } from '../../contenders/dataloader.js'
import { floor, floorWithExpiry } from '../../contenders/floor.js'
import { handWritten } from '../../contenders/helper.js'
import { lruFetch } from '../../contenders/lru-fetch.js'
import { oursSchema, oursText } from '../../contenders/ours.js'
import { pMemoized } from '../../contenders/p-memoize.js'
import { powertoolsJson } from '../../contenders/powertools.js'
import { type Sampling, type Timing, inRounds } from '../../harness/rounds.js'
import { answeringClients } from '../../support/clients.js'
import { uniformOrder, zipfOrder } from '../../support/order.js'
import { dbSecret, namesOf } from '../../support/secrets.js'
import { type Warm, warmed } from './set-up.js'

const KEYS = 10_000

const CONTENDERS = [
  floor,
  floorWithExpiry,
  oursText,
  oursSchema,
  handWritten,
  lruFetch,
  powertoolsJson,
  pMemoized,
  dataLoader,
  cacheableGet,
]

/** What came out for one way to draw. */
export interface Draw {
  readonly order: 'uniform' | 'zipf'
  readonly timings: readonly Timing[]
}

/** Measures with every key as likely as any other, and with few of them hot. */
export async function manyKeys(sampling: Sampling, isQuick: boolean): Promise<readonly Draw[]> {
  const keys = namesOf('prod/many', isQuick ? KEYS / 20 : KEYS)
  const texts = new Map(keys.map((key, position) => [key, JSON.stringify(dbSecret(position))]))
  const clients = answeringClients((name) => texts.get(name) ?? '')
  const all: Warm[] = []
  for (const contender of CONTENDERS) all.push(await warmed(contender, clients, keys))
  return [
    { order: 'uniform', timings: await inOrder(all, uniformOrder(keys.length), sampling) },
    { order: 'zipf', timings: await inOrder(all, zipfOrder(keys.length), sampling) },
  ]
}

function inOrder(all: readonly Warm[], order: Uint16Array, sampling: Sampling): Promise<readonly Timing[]> {
  const contestants = all.map(({ contender, scope, keys }) => ({
    name: contender.name,
    isOurs: contender.isOurs,
    loop: orderedLoopOf(contender, scope, keys, order),
  }))
  return inRounds(contestants, sampling)
}
