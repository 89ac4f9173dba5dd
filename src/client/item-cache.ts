/**
 * The cache of one client: what its entries are, how large, and what is kept of two versions.
 *
 * @module
 */

import type { SharedSignals } from '../abortable.js'
import { Cache } from '../cache/cache.js'
import { type Cached, randomFraction } from '../cache/store.js'
import type { Observer } from '../observe/observer.js'
import type { ResolvedOptions } from '../options/resolve-options.js'
import { serviceOfKey } from '../reference/identity.js'
import type { Aliases } from './aliases.js'
import { CacheEvents } from './cache-events.js'
import { type Item, isForged, mergeItems, sizeOf } from './item.js'
import type { Holding } from './kept-payload.js'
import type { ReadOut } from './read-out.js'
import type { Bell } from './watch.js'

/** What an item cache works with. */
export interface ItemCacheParts {
  readonly signals: SharedSignals
  readonly observer: Observer
  readonly bell: Bell
  readonly readOut: ReadOut
  readonly holding: Holding
  readonly aliases: Aliases
}

/** Makes the cache of one client. */
export function itemCache(options: ResolvedOptions, parts: ItemCacheParts): Cache<Item> {
  const { signals, observer, bell, holding, aliases } = parts
  return new Cache({
    ...options,
    // A value is asked for once per lifetime: a failure that was remembered for longer would outlive its cause.
    negativeTtlMs: Math.min(options.negativeTtlMs, options.ttlMs),
    maxNegativeTtlMs: Math.min(options.maxNegativeTtlMs, options.ttlMs),
    maxFlightMs: options.timeoutMs,
    random: randomFraction,
    signals,
    homeOf: (key) => aliases.homeOf(key),
    serviceOf: serviceOfKey,
    sizeOf,
    merge: mergeOf(options, parts),
    ...holding,
    listener: new CacheEvents(observer, bell),
  })
}

/** What is kept of two answers. The one under a version id cannot change: another one is not to be trusted. */
function mergeOf({ maxBytes }: ResolvedOptions, { observer, readOut }: ItemCacheParts) {
  return (key: string, { value, stamp }: Cached<Item>, loaded: Item, isPinned: boolean): Item => {
    const isForgery = isForged(value, loaded)
    if (isForgery) observer.identityChanged(key, 'payload')
    if (isForgery && isPinned) return value
    const merged = mergeItems(value, stamp, loaded)
    const { previous } = merged
    const isKept = previous !== undefined && readOut.isUsable(previous) && sizeOf(merged) <= maxBytes
    return isKept ? merged : { ...merged, previous: undefined }
  }
}
