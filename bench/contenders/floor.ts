/**
 * What cannot be beaten: an `await` of a promise in a `Map`, without any expiry; and with it.
 *
 * @module
 */

import { type Contender, TTL_MS } from './contender.js'
import { fetchSecret } from './sdk.js'

/** The floor that everything is divided by. */
export const floor: Contender = {
  name: 'floor: `await map.get(key)`',
  isOurs: false,
  read: 'map.get(key)',
  service: 'secretsmanager',
  gives: 'json',
  create: async ({ secretsManager }, keys) => {
    const map = new Map<string, Promise<unknown>>()
    for (const key of keys) map.set(key, Promise.resolve(JSON.parse(await fetchSecret(secretsManager, key))))
    await Promise.all(map.values())
    return { map }
  },
}

/** The least that an expiry costs: one look-up, and one reading of the clock. */
export const floorWithExpiry: Contender = {
  name: '`map.get` + `Date.now()` expiry',
  isOurs: false,
  read: 'hit(map.get(key))',
  service: 'secretsmanager',
  gives: 'json',
  create: async (clients, keys) => {
    const { map: promises } = await floor.create(clients, keys)
    if (!(promises instanceof Map)) throw new TypeError('expected the map of the floor')
    const expiresAt = Date.now() + TTL_MS
    const map = new Map([...promises].map(([key, value]) => [key, { value: value as unknown, expiresAt }]))
    return { map, hit }
  },
}

function hit(entry: { readonly value: unknown; readonly expiresAt: number } | undefined): unknown {
  if (entry === undefined || entry.expiresAt <= Date.now()) throw new Error('not cached')
  return entry.value
}
