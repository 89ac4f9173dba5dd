/**
 * Checks what the adapters are given.
 *
 * @module
 */

import { type ReferenceInput, type SecretsClient, parseReference } from 'aws-secrets-client'
import type { Rejection } from '../rejections.js'
import { hasMethod, typeName } from '../scrubbing.js'
import { refuseMisspelt } from './misspelt.js'

/** What an adapter needs of a client: any `SecretsClient`. */
export type SecretsReader = Pick<SecretsClient, 'get' | 'withSecret'>

/** What an adapter logs in with. */
export interface LoginSource {
  readonly secrets: SecretsReader
  readonly ref: ReferenceInput
}

/** How an adapter gets over a rotation. */
export interface RotationOptions {
  /**
   * Whether to try the version that a rotation is about to make current, while the current one is rejected. Needs the
   * permission to read it.
   *
   * @defaultValue `false`
   */
  readonly pending?: boolean | undefined
  /**
   * Milliseconds that a login waits for a version that is accepted, from 0, which means one try of what AWS has now.
   *
   * @defaultValue 60 000
   */
  readonly windowMs?: number | undefined
  /**
   * Tells which errors mean that the credentials were rejected.
   *
   * @defaultValue that of the database
   */
  readonly isRejected?: Rejection | undefined
}

/**
 * Checks what every adapter takes.
 *
 * @throws TypeError naming what is wrong, never what it holds.
 * @throws SecretsError `ERR_REFERENCE_INVALID` for a reference that cannot be.
 */
export function checkLogin({ secrets, ref }: LoginSource, options: RotationOptions): void {
  if (!hasMethod(secrets, 'withSecret')) {
    throw new TypeError(`secrets: expected a SecretsClient, got ${typeName(secrets)}`)
  }
  parseReference(ref)
  const { pending, windowMs, isRejected } = options
  check('pending', pending, 'a boolean', typeof pending === 'boolean')
  if (typeof windowMs === 'number' && !isWindow(windowMs))
    throw new TypeError(`windowMs: expected ${WINDOW}, got ${String(windowMs)}`)
  check('windowMs', windowMs, WINDOW, typeof windowMs === 'number')
  check('isRejected', isRejected, 'a function', typeof isRejected === 'function')
}

/**
 * Checks the options of an adapter by name; what is not its own is for the driver to check.
 *
 * @param taken - those of the driver that the secret takes the place of
 * @throws TypeError naming what is wrong.
 */
export function checkConfig(options: unknown, taken: readonly string[]): void {
  if (typeof options !== 'object' || options === null) {
    throw new TypeError(`options: expected an object, got ${typeName(options)}`)
  }
  for (const name of taken) {
    if (Object.hasOwn(options, name) && Reflect.get(options, name) !== undefined)
      throw new TypeError(`${name}: leave it out; the login and the connection are made of the secret`)
  }
  refuseMisspelt(Object.keys(options), OURS)
}

/**
 * Checks the options of a pool by name.
 *
 * @param taken - those of the driver that the secret takes the place of
 * @throws TypeError naming what is wrong.
 */
export function checkPoolConfig(options: object, taken: readonly string[]): void {
  checkConfig(options, taken)
  if (Object.hasOwn(options, 'signal') && Reflect.get(options, 'signal') !== undefined)
    throw new TypeError('signal: not for a pool; its end() ends every wait')
}

const OURS = ['pending', 'windowMs', 'isRejected', 'schema', 'signal']

/** What `withSecret` takes: as long as a timer lasts. */
const WINDOW = 'milliseconds, from 0 to 2147483647'

function isWindow(windowMs: number): boolean {
  return windowMs >= 0 && windowMs <= 2_147_483_647
}

function check(name: string, value: unknown, expected: string, isExpected: boolean): void {
  if (value !== undefined && !isExpected)
    throw new TypeError(`${name}: expected ${expected}, got ${typeName(value)}`)
}
