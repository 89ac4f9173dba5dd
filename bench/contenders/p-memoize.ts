/**
 * `p-memoize`: one function, remembered for ever.
 *
 * @module
 */

import pMemoize from 'p-memoize'
import type { Contender } from './contender.js'
import { fetchSecret } from './sdk.js'

/** Secrets in JSON, in the `Map` that it takes by default; nothing expires. */
export const pMemoized: Contender = {
  name: '`p-memoize`, no expiry',
  isOurs: false,
  read: 'getSecret(key)',
  service: 'secretsmanager',
  gives: 'json',
  create: ({ secretsManager }) => ({
    getSecret: pMemoize(async (name: string): Promise<unknown> =>
      JSON.parse(await fetchSecret(secretsManager, name)),
    ),
  }),
}
