/**
 * What the measurements read.
 *
 * @module
 */

/** Answers take this long, which is about what AWS takes inside a region. */
export const LATENCY_MS = 5

/** A secret of about 1 KB, as JSON. */
export function secretText(id: number): string {
  return JSON.stringify({ id, username: 'orders_app', password: 'p'.repeat(960), port: 5432 })
}
