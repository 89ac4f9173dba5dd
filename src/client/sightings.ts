/**
 * Tells the versions of what is watched apart.
 *
 * @module
 */

import { type Cached, randomFraction } from '../cache/store.js'
import { type Item, type Version, isSameVersion } from './item.js'
import type { Watching } from './watch.js'

/** Watches look no more often than this, where little or nothing is cached. */
const MIN_WATCH_MS = 1_000

/** What is watched. */
export interface Watched<Result> {
  /** The current version, cached or loaded. */
  readonly find: () => Promise<Cached<Item>>
  /** Decodes it. */
  readonly read: (found: Cached<Item>) => Promise<Result>
  /** Whether a key is that of what is watched. */
  readonly isMine: (key: string) => boolean
  /** Milliseconds after which to look again; `undefined` where timers cannot be relied on. */
  readonly pollMs: number | undefined
}

/** How a watch looks at the current version, and knows whether it is another than the one that was read last. */
export function sightings<Result>({
  find,
  read,
  isMine,
  pollMs,
}: Watched<Result>): Pick<Watching<Result>, 'look' | 'isNews' | 'intervalMs'> {
  let last: Item | undefined
  const isNew = (version: Version) => last === undefined || !isSameVersion(last, version)
  return {
    look: async () => {
      const found = await find()
      const readAsLast = () => {
        last = found.value
        return read(found)
      }
      return { isNew: isNew(found.value), read: readAsLast }
    },
    intervalMs: () =>
      pollMs === undefined ? undefined : Math.max(pollMs, MIN_WATCH_MS) * (1 + randomFraction() / 10),
    isNews: ({ key, version }) => isMine(key) && isNew(version),
  }
}
