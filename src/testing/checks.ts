/**
 * Checks of everything that a test hands to this room. A message names the argument and the type of what was given,
 * never a value.
 *
 * @module
 */

import { type Reference, isSecretsError, parseReference } from 'aws-secrets-client'

/** What a wrong argument is called: numbers as they are, anything else by its type. */
export function describe(value: unknown): string {
  if (typeof value === 'number') return String(value)
  if (value === null) return 'null'
  return Array.isArray(value) ? 'an array' : typeof value
}

/** Refuses members that nothing would look at. */
export function checkMembers(where: string, given: unknown, known: readonly string[]): void {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new TypeError(`${where}: expected an object, got ${describe(given)}`)
  }
  const unknown = Object.keys(given).find((name) => !known.includes(name))
  if (unknown === undefined) return
  const shown = /^[A-Za-z]{1,24}$/.test(unknown) ? unknown : '…'
  throw new TypeError(`${where}: unknown option "${shown}", expected one of ${known.join(', ')}`)
}

/** Passes how often something is to happen: a whole number of at least 1, or `Infinity`. */
export function timesOf(where: string, times: number): number {
  if (times === Infinity || (Number.isSafeInteger(times) && times >= 1)) return times
  throw new TypeError(
    `${where}: expected times as a whole number of at least 1, or Infinity, got ${describe(times)}`,
  )
}

/** Passes milliseconds of at least 0. */
export function durationOf(where: string, ms: number): number {
  if (typeof ms === 'number' && Number.isFinite(ms) && ms >= 0) return ms
  throw new TypeError(`${where}: expected milliseconds of at least 0, got ${describe(ms)}`)
}

/** Passes `true` or `false`. */
export function flagOf(where: string, name: string, flag: boolean): boolean {
  if (typeof flag === 'boolean') return flag
  throw new TypeError(`${where}: expected ${name} as a boolean, got ${describe(flag)}`)
}

/** Refuses what cannot be a stage or a label. */
export function checkWord(where: string, word: string): void {
  if (typeof word === 'string' && /^[\w.-]{1,256}$/.test(word)) return
  throw new TypeError(`${where}: expected a word of letters, digits and the characters _.-`)
}

/** What a reference in a script may have besides a name. */
export interface Allowed {
  /** Whether it may select a version. */
  readonly selector: boolean
}

/**
 * The parsed reference, which names a stored value as a whole.
 *
 * @throws TypeError for one that cannot be, one with a field, and one with a selector where none is allowed.
 */
export function itemReference(where: string, ref: string, { selector }: Allowed): Reference {
  const reference = parsed(where, ref)
  const plain = reference.service === 'ssm' ? 'ssm:/prod/level' : 'prod/db'
  if (reference.field !== undefined) {
    throw new TypeError(`${where}: expected a whole value such as '${plain}', got one with a field`)
  }
  if (!selector && hasSelector(reference)) {
    throw new TypeError(
      `${where}: expected a name such as '${plain}', got one with a version, stage or label`,
    )
  }
  return reference
}

/** Whether it names a version, a stage or a label. */
export function hasSelector(reference: Reference): boolean {
  return reference.service === 'ssm'
    ? reference.version !== undefined || reference.label !== undefined
    : reference.versionId !== undefined || reference.versionStage !== undefined
}

function parsed(where: string, ref: string): Reference {
  if (typeof ref !== 'string') {
    throw new TypeError(`${where}: expected a reference such as 'prod/db', got ${describe(ref)}`)
  }
  try {
    return parseReference(ref)
  } catch (error) {
    // Our own message: it quotes the reference only where that reads like one.
    throw new TypeError(`${where}: ${isSecretsError(error) ? error.message : 'no reference'}`)
  }
}
