/**
 * `cacheable` in memory, in the two ways of its documentation.
 *
 * @module
 */

import { Cacheable } from 'cacheable'
import { type Clients, type Contender, TTL_MS } from './contender.js'
import { fetchSecret } from './sdk.js'

const secrets = { isOurs: false, service: 'secretsmanager', gives: 'json' } as const

/** A look-up, and where it finds nothing the call and a `set`. */
export const cacheableGet: Contender = {
  ...secrets,
  name: '`cacheable`, `get` and `set`',
  read: '(await cache.get(key)) ?? fetched(key)',
  create: ({ secretsManager }) => {
    const cache = new Cacheable({ ttl: TTL_MS })
    const fetched = async (name: string): Promise<unknown> => {
      const value: unknown = JSON.parse(await fetchSecret(secretsManager, name))
      await cache.set(name, value)
      return value
    }
    return { cache, fetched }
  },
}

/** A function that it wraps. */
export const cacheableWrap: Contender = {
  ...secrets,
  name: '`cacheable`, `wrap`',
  read: 'getSecret(key)',
  create: ({ secretsManager }: Clients) => {
    const cache = new Cacheable({ ttl: TTL_MS })
    const getSecret = cache.wrap(
      async (name: string): Promise<unknown> => JSON.parse(await fetchSecret(secretsManager, name)),
      { ttl: TTL_MS, keyPrefix: 'secrets' },
    )
    return { getSecret }
  },
}
