/**
 * middy with its secrets-manager middleware: the values are fetched before the handler, which finds them in its context.
 *
 * @module
 */

import middy from '@middy/core'
import secretsManager from '@middy/secrets-manager'
import type { Contender } from './contender.js'

/**
 * A handler that is given the secrets of `keys`; a read is an invocation that hands back the first of them. middy makes
 * its client itself, by the environment.
 */
export const middyHandler: Contender = {
  name: 'middy handler, `setToContext`',
  isOurs: false,
  read: 'handler({}, { ...context })',
  service: 'secretsmanager',
  gives: 'json',
  create: (_clients, keys) => {
    const fetchData = Object.fromEntries(keys.map((key, position) => [`secret${position}`, key]))
    const handler = middy()
      .use(secretsManager({ fetchData, cacheExpiry: -1, setToContext: true }))
      .handler((_event: unknown, context: object) => Reflect.get(context, 'secret0') as unknown)
    return { handler, context: { getRemainingTimeInMillis: () => 1000 } }
  },
}
