/**
 * How far a median may be off.
 *
 * @module
 */

import { seededRandom } from '../../support/seeded-random.js'
import { median } from '../../support/statistics.js'

const DRAWS = 2000

/** A median with the interval that it lies in with a probability of 95 %. */
export interface Interval {
  readonly median: number
  readonly low: number
  readonly high: number
}

/** The median of `values` with its interval, by drawing from them again and again (bootstrap). */
export function medianInterval(values: readonly number[]): Interval {
  const random = seededRandom(1)
  const drawn = () => values[Math.floor(random() * values.length)] ?? NaN
  const medians = Array.from({ length: DRAWS }, () => median(values.map(drawn))).toSorted((a, b) => a - b)
  const [low = NaN, high = NaN] = [medians[Math.floor(DRAWS * 0.025)], medians[Math.floor(DRAWS * 0.975)]]
  return { median: median(values), low, high }
}

/** As it is shown: `1.04 (1.02–1.06)`. */
export function shownInterval({ median: middle, low, high }: Interval): string {
  return `${middle.toFixed(2)} (${low.toFixed(2)}–${high.toFixed(2)})`
}
