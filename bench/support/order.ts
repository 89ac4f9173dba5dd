/**
 * The order in which many keys are read, drawn before anything is measured.
 *
 * @module
 */

import { seededRandom } from './seeded-random.js'

/** How many draws there are before they come again; a power of two. */
const DRAWS = 2 ** 16

/** Every key is as likely as any other. */
export function uniformOrder(keys: number, seed = 1): Uint16Array {
  const random = seededRandom(seed)
  return Uint16Array.from({ length: DRAWS }, () => Math.floor(random() * keys))
}

/** Key number n is asked for in proportion to 1 / n, as with few hot secrets and many cold ones (Zipf, exponent 1). */
export function zipfOrder(keys: number, seed = 2): Uint16Array {
  const random = seededRandom(seed)
  let sum = 0
  const until = Float64Array.from({ length: keys }, (_, rank) => (sum += 1 / (rank + 1)))
  return Uint16Array.from({ length: DRAWS }, () => firstAbove(until, random() * sum))
}

function firstAbove(sorted: Float64Array, value: number): number {
  let [low, high] = [0, sorted.length - 1]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((sorted[middle] ?? 0) > value) high = middle
    else low = middle + 1
  }
  return low
}
