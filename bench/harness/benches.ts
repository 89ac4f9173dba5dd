/**
 * All benches by their names, in the order in which they run.
 *
 * @module
 */

import type { Bench } from './bench.js'

/** Loads a bench; none is loaded with another, since each has much of its own to load. */
export const BENCHES: Readonly<Record<string, () => Promise<Bench>>> = {
  hits: async () => (await import('../benches/hits.js')).hits,
  memory: async () => (await import('../benches/memory.js')).memory,
  burst: async () => (await import('../benches/burst.js')).burst,
  throttle: async () => (await import('../benches/throttle.js')).throttle,
  outage: async () => (await import('../benches/outage.js')).outage,
  'cold-start': async () => (await import('../benches/cold-start.js')).coldStart,
  bundle: async () => (await import('../benches/bundle.js')).bundle,
  types: async () => (await import('../benches/types.js')).types,
}
