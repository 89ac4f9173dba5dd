/**
 * Takes garbage out of measurements.
 *
 * @module
 */

import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/**
 * A function that forces a collection, without a flag on the command line. A major one takes compiled code with it
 * whose objects are gone; a minor one does not.
 */
export function garbageCollector(type: 'major' | 'minor' = 'major'): () => void {
  setFlagsFromString('--expose-gc')
  const collect: unknown = runInNewContext('gc')
  if (typeof collect !== 'function') throw new Error('this Node.js cannot force a garbage collection')
  return () => {
    Reflect.apply(collect, undefined, [{ type }])
  }
}
