/**
 * Takes garbage out of measurements.
 *
 * @module
 */

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** A function that forces a collection, without a flag on the command line. */
export function garbageCollector(): () => void {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  if (typeof collect !== 'function') throw new Error('this Node.js cannot force a garbage collection')
  return () => {
    Reflect.apply(collect, undefined, [])
  }
}
