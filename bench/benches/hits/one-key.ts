/**
 * One cached secret that is read again and again.
 *
 * @module
 */

import { cacheableGet, cacheableWrap } from '../../contenders/cacheable.js'
import { type Clients, type Contender, loopOf } from '../../contenders/contender.js'
import { dataLoader } from '../../contenders/dataloader.js'
import { floor, floorWithExpiry } from '../../contenders/floor.js'
import { handWritten } from '../../contenders/helper.js'
import { lruFetch } from '../../contenders/lru-fetch.js'
import { middyHandler } from '../../contenders/middy.js'
import {
  ourScope,
  oursField,
  oursJson,
  oursParameter,
  oursSchema,
  oursSchemaInPlace,
  oursText,
  oursZod,
} from '../../contenders/ours.js'
import { pMemoized } from '../../contenders/p-memoize.js'
import {
  powertoolsJson,
  powertoolsRaw,
  powertoolsSsmJson,
  powertoolsSsmRaw,
} from '../../contenders/powertools.js'
import { type Sampling, type Timing, inRounds } from '../../harness/rounds.js'
import { sdkClients } from '../../support/clients.js'
import { HOT, HOT_PARAMETER, type Warm, warmed } from './set-up.js'

const OURS = [oursText, oursField, oursSchema, oursSchemaInPlace, oursZod, oursJson, oursParameter]

/** The same with a listener; its code is another copy, so that it learns nothing from the clients without one. */
const HEARD = [oursText, oursField, oursSchema].map((contender) => ({
  ...contender,
  name: `${contender.name}, with \`onEvent\``,
  create: (clients: Clients) => ourScope(clients, () => undefined),
}))

const OTHERS = [
  handWritten,
  lruFetch,
  powertoolsRaw,
  powertoolsJson,
  powertoolsSsmRaw,
  powertoolsSsmJson,
  pMemoized,
  dataLoader,
  cacheableGet,
  cacheableWrap,
  middyHandler,
]

/** Contenders with one secret cached, read through the SDK; the floor is the first. */
export async function withOneKey(contenders: readonly Contender[]): Promise<readonly Warm[]> {
  const clients = sdkClients()
  const all: Warm[] = []
  for (const contender of contenders) all.push(await warmed(contender, clients, [keyOf(contender)]))
  return all
}

/** Measures every contender. */
export async function oneKey(sampling: Sampling): Promise<readonly Timing[]> {
  const all = await withOneKey([floor, floorWithExpiry, ...OURS, ...HEARD, ...OTHERS])
  const contestants = all.map(({ contender, scope, keys: [key = ''] }) => ({
    name: contender.name,
    isOurs: contender.isOurs,
    loop: loopOf(contender, scope, key),
  }))
  return inRounds(contestants, sampling)
}

function keyOf({ gives, service, isOurs }: Contender): string {
  if (gives === 'password') return `${HOT}#password`
  if (service === 'secretsmanager') return HOT
  return isOurs ? `ssm:${HOT_PARAMETER}` : HOT_PARAMETER
}
