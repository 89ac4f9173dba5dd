/**
 * Bytes that a hit allocates, and who allocates them.
 *
 * @module
 */

import { loopOf } from '../../contenders/contender.js'
import { floor, floorWithExpiry } from '../../contenders/floor.js'
import { handWritten } from '../../contenders/helper.js'
import { lruFetch } from '../../contenders/lru-fetch.js'
import { oursField, oursSchema, oursSchemaInPlace, oursText } from '../../contenders/ours.js'
import { pMemoized } from '../../contenders/p-memoize.js'
import { powertoolsJson } from '../../contenders/powertools.js'
import { type Allocator, allocatorsOf, bytesPerTime } from '../../harness/allocation.js'
import { withOneKey } from './one-key.js'

/** The same with an object of options that is made once. */
const oursSchemaKeptOptions = {
  ...oursSchema,
  name: 'ours: `get(ref, options)`, options with a schema made once',
  read: 'secrets.get(key, options)',
  create: async (...given: Parameters<typeof oursSchema.create>) => {
    const scope = await oursSchema.create(...given)
    return { ...scope, options: { schema: scope['DbCredentials'] } }
  },
}

const CONTENDERS = [
  floor,
  floorWithExpiry,
  oursText,
  oursField,
  oursSchemaKeptOptions,
  oursSchema,
  oursSchemaInPlace,
  handWritten,
  lruFetch,
  powertoolsJson,
  pMemoized,
]

/** What one contender allocates. */
export interface Allocation {
  readonly name: string
  readonly isOurs: boolean
  readonly bytes: number
  readonly allocators: readonly Allocator[]
}

/** Counts bytes; in a process with room for them, see `ROOMY`. */
export async function allocations(isQuick: boolean): Promise<readonly Allocation[]> {
  const counted: Allocation[] = []
  for (const { contender, scope, keys } of await withOneKey(CONTENDERS)) {
    const loop = loopOf(contender, scope, keys[0] ?? '')
    const bytes = await bytesPerTime(loop, isQuick)
    const allocators = await allocatorsOf(loop)
    counted.push({
      name: contender.name,
      isOurs: contender.isOurs,
      bytes,
      allocators: allocators.slice(0, 4),
    })
  }
  return counted
}
