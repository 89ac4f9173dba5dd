/**
 * A handler of middy is given a secret.
 *
 * @module
 */

import middy from '@middy/core'
import secretsManager from '@middy/secrets-manager'
import { report } from '../report.js'

const handler = middy()
  .use(secretsManager({ fetchData: { db: 'prod/db' }, setToContext: true }))
  .handler((_event: unknown, context: object) => Promise.resolve(Reflect.get(context, 'db') as unknown))
report(Promise.resolve(Reflect.apply(handler, undefined, [{}, { getRemainingTimeInMillis: () => 1000 }])))
