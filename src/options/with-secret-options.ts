/**
 * What work with a secret can be told.
 *
 * @module
 */

import { MAX_TIMER_MS } from '../clock.js'
import { isInParts } from '../reference/composite.js'
import type { Reference } from '../reference/reference.js'
import { duration, flag, membersOf, typeName } from './checks.js'
import { READ_OPTIONS, type ReadOptions, type ResolvedReadOptions, readOptionsIn } from './read-options.js'

/** Options of `withSecret`: how the secret is read, and what is done when it is refused. */
export interface WithSecretOptions extends ReadOptions {
  /**
   * Whether an error of `use` means that the credential was refused: `true` and another one is looked for, `false` and
   * the error is the caller's. `aws-secrets-client/rejections` has those of the usual databases.
   */
  readonly isRejected: (error: unknown) => boolean
  /**
   * Whether to try `AWSPENDING` while `AWSCURRENT` is refused. A rotation sets the password first and moves the version
   * stage afterwards: for so long the pending version is the only one that works. For secrets of Secrets Manager,
   * without a version or version stage of their own.
   *
   * @defaultValue `false`
   */
  readonly pending?: boolean | undefined
  /**
   * Milliseconds for which the caller waits for a credential that works, counted from when it was refused, from 0 to
   * 2147483647. With 0 AWS is asked once, and what is new there is tried.
   *
   * @defaultValue `60000`
   */
  readonly windowMs?: number | undefined
}

/** Options of work with a secret, complete and checked. */
export interface ResolvedWithSecretOptions {
  readonly how: ResolvedReadOptions
  readonly isRejected: (error: unknown) => unknown
  readonly isPending: boolean
  readonly windowMs: number
}

const DEFAULT_WINDOW_MS = 60_000

const OPTIONS = [...READ_OPTIONS, 'isRejected', 'pending', 'windowMs'] as const

/**
 * Completes and checks the options of work with a secret.
 *
 * @throws TypeError naming the option, what was expected and the type of what was given.
 */
export function resolveWithSecretOptions(options: WithSecretOptions): ResolvedWithSecretOptions {
  const members = membersOf('options', options, OPTIONS)
  return {
    how: readOptionsIn(members),
    isRejected: functionOf('isRejected', members.get('isRejected')),
    isPending: flag('pending', members.get('pending')) ?? false,
    windowMs: duration('windowMs', members.get('windowMs'), 0, MAX_TIMER_MS) ?? DEFAULT_WINDOW_MS,
  }
}

/**
 * What is to be done with a secret.
 *
 * @throws TypeError for anything but a function.
 */
export function functionOf(name: string, value: unknown): (...given: unknown[]) => unknown {
  if (typeof value === 'function') return (...given) => Reflect.apply(value, undefined, given) as unknown
  throw new TypeError(`${name}: expected a function, got ${typeName(value)}`)
}

/**
 * Refuses to look for a pending version where there can be none.
 *
 * @throws TypeError saying so.
 */
export function checkPending(reference: Reference): void {
  const { service } = reference
  const isWhole = !isInParts(reference)
  if (isWhole && service === 'secretsmanager' && !isSelected(reference)) return
  throw new TypeError(
    'pending: expected a reference to a secret of Secrets Manager without a version, got another: only such a secret ' +
      'has a version AWSPENDING that is about to become current',
  )
}

function isSelected(reference: Reference): boolean {
  if (reference.service !== 'secretsmanager') return true
  return reference.versionId !== undefined || reference.versionStage !== undefined
}
