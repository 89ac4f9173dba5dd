/**
 * Who keeps what of a secret.
 *
 * @module
 */

import { LRUCache } from 'lru-cache'
import { cacheableGet } from '../../contenders/cacheable.js'
import { type Contender, TTL_MS } from '../../contenders/contender.js'
import { floor } from '../../contenders/floor.js'
import { handWritten } from '../../contenders/helper.js'
import { MAX_ENTRIES, lruFetch } from '../../contenders/lru-fetch.js'
import { oursJson, oursSchema, oursText } from '../../contenders/ours.js'
import { pMemoized } from '../../contenders/p-memoize.js'
import { powertoolsJson, powertoolsRaw } from '../../contenders/powertools.js'
import { fetchSecret } from '../../contenders/sdk.js'

const plain = { isOurs: false, service: 'secretsmanager' } as const

/** The floor: nothing but the parsed objects, under the names of the secrets. */
const parsedInMap: Contender = {
  ...plain,
  name: 'floor: `Map` of parsed objects',
  read: 'fetched(key)',
  gives: 'json',
  create: ({ secretsManager }) => {
    const map = new Map<string, unknown>()
    const fetched = async (key: string) => {
      map.set(key, JSON.parse(await fetchSecret(secretsManager, key)))
      return map.get(key)
    }
    return { fetched }
  },
}

const textInMap: Contender = {
  ...plain,
  name: '`Map` of texts',
  read: 'fetched(key)',
  gives: 'text',
  create: ({ secretsManager }) => {
    const map = new Map<string, string>()
    const fetched = async (key: string) => {
      map.set(key, await fetchSecret(secretsManager, key))
      return map.get(key)
    }
    return { fetched }
  },
}

const textInLru: Contender = {
  ...plain,
  name: '`lru-cache` of texts',
  read: 'cache.fetch(key)',
  gives: 'text',
  create: ({ secretsManager }) => ({
    cache: new LRUCache<string, string>({
      max: MAX_ENTRIES,
      ttl: TTL_MS,
      fetchMethod: (key) => fetchSecret(secretsManager, key),
    }),
  }),
}

const inBothForms = (contender: Contender, name: string, first: string): Contender => ({
  ...contender,
  name,
  read: `(await ${first}, ${contender.read})`,
})

/** All that are measured; the first is the floor. */
export const KEEPERS: readonly Contender[] = [
  parsedInMap,
  textInMap,
  { ...floor, name: '`Map` of promises of parsed objects' },
  textInLru,
  { ...lruFetch, name: '`lru-cache` of parsed objects' },
  handWritten,
  powertoolsRaw,
  powertoolsJson,
  inBothForms(powertoolsJson, 'Powertools secrets, raw and json', powertoolsRaw.read),
  pMemoized,
  cacheableGet,
  oursText,
  oursSchema,
  oursJson,
  inBothForms(oursJson, 'ours: both `get(ref)` and `get(ref, { as })`', oursText.read),
]
