/**
 * Contenders with something cached, checked before anything is measured.
 *
 * @module
 */

import { isDeepStrictEqual } from 'node:util'
import { type Clients, type Contender, type Scope, readOf } from '../../contenders/contender.js'
import { type DbSecret, dbSecret } from '../../support/secrets.js'

/** A contender that has read all of its keys. */
export interface Warm {
  readonly contender: Contender
  readonly scope: Scope
  readonly keys: readonly string[]
}

/** What is measured, and how much of it. */
export interface HitsOrder {
  readonly group: 'one-key' | 'many-keys' | 'loads' | 'turns' | 'allocation'
  readonly isQuick: boolean
}

/** The name of the one secret, and that of the parameter with the same text. */
export const HOT = 'prod/db'
export const HOT_PARAMETER = '/prod/db'

/** Reads every key once, and throws if anything but the expected came. */
export async function warmed(
  contender: Contender,
  clients: Clients,
  keys: readonly string[],
  expected: (position: number) => DbSecret = dbSecret,
): Promise<Warm> {
  const scope = await contender.create(clients, keys)
  const read = readOf(contender, scope)
  const values = await Promise.all(keys.map(read))
  for (const [position, value] of values.entries()) check(contender, value, expected(position))
  return { contender, scope, keys }
}

function check({ name, gives }: Contender, value: unknown, secret: DbSecret): void {
  const expected = { json: secret, text: JSON.stringify(secret), password: secret.password }[gives]
  if (!isDeepStrictEqual(value, expected)) throw new Error(`${name} gave something else`)
}
