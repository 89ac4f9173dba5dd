/**
 * The helper that teams write by hand: a `Map` with a lifetime, JSON parsed once, no single flight.
 *
 * @module
 */

import { type Clients, type Contender, TTL_MS } from './contender.js'
import { fetchSecret } from './sdk.js'

/** The helper for secrets in JSON. */
export const handWritten: Contender = {
  name: 'hand-written helper',
  isOurs: false,
  read: 'getSecret(key)',
  service: 'secretsmanager',
  gives: 'json',
  create: (clients) => ({ getSecret: helper(clients) }),
}

/** The helper with a lifetime of one's own. */
export function helper(
  { secretsManager }: Pick<Clients, 'secretsManager'>,
  ttlMs = TTL_MS,
): (name: string) => Promise<unknown> {
  const cache = new Map<string, { readonly value: unknown; readonly expiresAt: number }>()
  return async function getSecret(name) {
    const cached = cache.get(name)
    if (cached !== undefined && cached.expiresAt > Date.now()) return cached.value
    const value: unknown = JSON.parse(await fetchSecret(secretsManager, name))
    cache.set(name, { value, expiresAt: Date.now() + ttlMs })
    return value
  }
}
