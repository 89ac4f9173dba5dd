/**
 * Twenty cached secrets at once: `load` and what others have in its place.
 *
 * @module
 */

import { type Contender, loopOf } from '../../contenders/contender.js'
import { dataLoader } from '../../contenders/dataloader.js'
import { floor } from '../../contenders/floor.js'
import { handWritten } from '../../contenders/helper.js'
import { lruFetch } from '../../contenders/lru-fetch.js'
import { middyHandler } from '../../contenders/middy.js'
import { ourScope, oursJson } from '../../contenders/ours.js'
import { powertoolsJson } from '../../contenders/powertools.js'
import { type Contestant, type Sampling, type Timing, inRounds } from '../../harness/rounds.js'
import { sdkClients } from '../../support/clients.js'
import { namesOf } from '../../support/secrets.js'
import { warmed } from './set-up.js'

const ALIASES = 20

/** Names of the secrets; the server must have them. */
export const LOADED = namesOf('prod/loaded', ALIASES)

/** Measures `load` of 20 aliases beside 20 reads at once. */
export async function loads(sampling: Sampling): Promise<readonly Timing[]> {
  const clients = sdkClients()
  const contestants: Contestant[] = []
  for (const contender of [floor, handWritten, lruFetch, powertoolsJson, oursJson]) {
    const { scope } = await warmed(contender, clients, LOADED)
    contestants.push(all(contender, `Promise.all(keys.map((key) => ${contender.read}))`, scope))
  }
  const { scope: loaderScope } = await warmed(dataLoader, clients, LOADED)
  contestants.push(all(dataLoader, 'loader.loadMany(keys)', loaderScope))
  const handlerScope = await middyHandler.create(clients, LOADED)
  contestants.push(all(middyHandler, middyHandler.read, handlerScope))
  const entries = LOADED.map((ref, position) => [`alias${position}`, { ref, as: 'json' }] as const)
  const manifest = Object.fromEntries(entries)
  const scope = { ...(await ourScope(clients)), manifest }
  const written = entries.map(([alias, { ref }]) => `${alias}: { ref: '${ref}', as: 'json' }`).join(', ')
  contestants.push(
    all({ ...oursJson, name: 'ours: `load(manifest)`' }, 'secrets.load(manifest)', scope),
    all({ ...oursJson, name: 'ours: `load({…})`, written in place' }, `secrets.load({ ${written} })`, scope),
  )
  // What they load first does not count.
  for (const { loop } of contestants) await loop(1)
  return inRounds(contestants, sampling)
}

function all(contender: Contender, read: string, scope: Readonly<Record<string, unknown>>): Contestant {
  const { name, isOurs } = contender
  return { name, isOurs, loop: loopOf({ ...contender, read }, { ...scope, keys: LOADED }, '') }
}
