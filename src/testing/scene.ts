/**
 * Values as a test writes them, and what is stored of them.
 *
 * @module
 */

import type { Payload, Service } from 'aws-secrets-client'
import { describe } from './checks.js'

/**
 * A value of a scene: text as it is stored; bytes for a binary secret; an array of texts for a StringList; any other
 * object becomes JSON text, and so does the array of a secret.
 */
export type FakeValue = string | Uint8Array | object

/** Values by reference: `prod/db` or an ARN for secrets, `ssm:/prod/level` for parameters. */
export type FakeScene = Readonly<Record<string, FakeValue>>

/** What is stored of a value. */
export interface Stored {
  readonly payload: Payload
  /** Whether it is a StringList. */
  readonly isList: boolean
}

/**
 * What is stored of a value.
 *
 * @param where - begins the message of an error
 * @throws TypeError for a value that the service could not hold. It quotes nothing of the value.
 */
export function storedOf(where: string, service: Service, value: FakeValue): Stored {
  if (typeof value === 'string') return { payload: { text: value }, isList: false }
  if (value instanceof Uint8Array) {
    if (service === 'ssm') throw new TypeError(`${where}: a parameter holds text, got bytes`)
    return { payload: { bytes: Uint8Array.from(value) }, isList: false }
  }
  if (service === 'ssm' && Array.isArray(value)) {
    return { payload: { text: listOf(where, value) }, isList: true }
  }
  return { payload: { text: jsonOf(where, value) }, isList: false }
}

function listOf(where: string, items: readonly unknown[]): string {
  const isItem = (item: unknown) => typeof item === 'string' && !item.includes(',')
  if (items.length === 0 || !items.every(isItem)) {
    throw new TypeError(`${where}: expected a list of at least one text, none with a comma`)
  }
  return items.join(',')
}

function jsonOf(where: string, value: unknown): string {
  if (typeof value !== 'object' || value === null) {
    const expected = 'expected a string, bytes or an object, which is stored as JSON'
    throw new TypeError(`${where}: ${expected}, got ${describe(value)}`)
  }
  let json: string | undefined
  try {
    json = JSON.stringify(value)
  } catch {
    // What `toJSON` throws may quote the value.
    json = undefined
  }
  // An ArrayBuffer or a Map has nothing in it for JSON.
  const isLost = json === '{}' && Object.prototype.toString.call(value) !== '[object Object]'
  if (json !== undefined && !isLost && !ArrayBuffer.isView(value)) return json
  throw new TypeError(`${where}: the object cannot be written as JSON`)
}
