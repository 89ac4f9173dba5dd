/**
 * A handler of middy is given a parameter.
 *
 * @module
 */

import middy from '@middy/core'
import ssm from '@middy/ssm'
import { report } from '../report.js'

const handler = middy()
  .use(ssm({ fetchData: { level: '/prod/level' }, setToContext: true }))
  .handler((_event: unknown, context: object) => Promise.resolve(Reflect.get(context, 'level') as unknown))
report(Promise.resolve(Reflect.apply(handler, undefined, [{}, { getRemainingTimeInMillis: () => 1000 }])))
