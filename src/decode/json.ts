/**
 * Parses JSON into values that are safe to share: deeply frozen, and without keys that poison prototypes.
 * What a parser says about its input is never passed on, because it quotes the input.
 *
 * @module
 */

import { SecretsError } from '../errors.js'
import { deepFreeze, nodesOf } from './plain-data.js'
import { inexactNumbersIn } from './exact-number.js'

const BYTE_ORDER_MARK = '\uFEFF'

/** Keys that become a prototype, or reach one, when an object is merged carelessly. */
const DANGEROUS_KEYS: readonly string[] = ['__proto__', 'constructor']

/**
 * Parses `text` into a deeply frozen value.
 *
 * One leading byte order mark is skipped (RFC 8259 §8.1 allows a parser to). Of duplicate keys the last wins.
 *
 * @param isForSchema - whether a schema reads the value, so that it is of no use as anything but JSON
 * @throws SecretsError `ERR_DECODE` when the text is not JSON, or has a key named `__proto__` or `constructor`.
 */
export function parseJson(text: string, ref: string, isForSchema = false): unknown {
  let value: unknown
  try {
    value = JSON.parse(text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text)
  } catch {
    throw new SecretsError('ERR_DECODE', {
      ref,
      what: text === '' ? 'the value is empty, which is not JSON' : 'the value is not JSON',
      hint: isForSchema ? 'Store JSON that matches the schema.' : hintFor(ref),
    })
  }
  const dangerous = findDangerousKey(value)
  if (dangerous !== undefined) {
    throw new SecretsError('ERR_DECODE', {
      ref,
      what: `the JSON has a key named "${dangerous}", which could poison a prototype`,
      hint: 'Rename the key in the secret.',
    })
  }
  return deepFreeze(value)
}

/**
 * JSON text of a value that was parsed from `source`.
 *
 * @throws SecretsError `ERR_DECODE` for a number that JavaScript cannot hold exactly, since its text would
 * differ from the stored one, and for nesting too deep to write.
 */
export function jsonTextOf(value: unknown, source: string, ref: string): string {
  try {
    return JSON.stringify(value, refuseInexact(source))
  } catch (error) {
    const inexact = error instanceof InexactNumber
    throw new SecretsError('ERR_DECODE', {
      ref,
      what: inexact
        ? 'the field holds a number that JavaScript cannot hold exactly'
        : 'the field is nested too deeply',
      hint: inexact ? 'Store the number as a string.' : "Read the whole secret with { as: 'json' }.",
    })
  }
}

function hintFor(ref: string): string {
  return ref.includes('#')
    ? 'Leave out the field, or store JSON.'
    : "Read it with { as: 'text' }, or store JSON."
}

class InexactNumber extends Error {}

function refuseInexact(source: string): (key: string, value: unknown) => unknown {
  let inexact: ReadonlySet<number> | undefined
  return (_key, value) => {
    if (typeof value !== 'number') return value
    inexact ??= inexactNumbersIn(source)
    if (inexact.has(value)) throw new InexactNumber()
    return value
  }
}

function findDangerousKey(value: unknown): string | undefined {
  for (const node of nodesOf(value)) {
    const found = DANGEROUS_KEYS.find((key) => Object.hasOwn(node, key))
    if (found !== undefined) return found
  }
  return undefined
}
