/**
 * The secrets that are read.
 *
 * @module
 */

import { seededRandom } from './seeded-random.js'

/** What is in one of them. */
export interface DbSecret {
  readonly id: number
  readonly username: string
  readonly password: string
  readonly port: number
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'

/** Credentials whose JSON has exactly `bytes` bytes, at least 128; the same for the same `id`. */
export function dbSecret(id: number, bytes = 128): DbSecret {
  const random = seededRandom(id + 1)
  const letters = (count: number) =>
    Array.from({ length: count }, () => LETTERS[Math.floor(random() * LETTERS.length)] ?? '').join('')
  const without = { id, username: `app_${letters(8)}`, password: '', port: 5432 }
  return { ...without, password: letters(bytes - JSON.stringify(without).length) }
}

/** Names of secrets below a prefix. */
export function namesOf(prefix: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, position) => `${prefix}/${position}`)
}
