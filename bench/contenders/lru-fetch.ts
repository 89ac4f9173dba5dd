/**
 * `lru-cache` with its `fetch`: bounds, a lifetime and single flight in a few lines.
 *
 * @module
 */

import { LRUCache } from 'lru-cache'
import { type Contender, TTL_MS } from './contender.js'
import { fetchSecret } from './sdk.js'

/** Entries that it has room for, as in the other contenders that have a bound. */
export const MAX_ENTRIES = 20_000

/** Secrets in JSON, parsed once. */
export const lruFetch: Contender = {
  name: '`lru-cache` with `fetch`',
  isOurs: false,
  read: 'cache.fetch(key)',
  service: 'secretsmanager',
  gives: 'json',
  create: ({ secretsManager }) => ({
    cache: new LRUCache<string, object>({
      max: MAX_ENTRIES,
      ttl: TTL_MS,
      fetchMethod: async (name) => Object(JSON.parse(await fetchSecret(secretsManager, name))) as object,
    }),
  }),
}
