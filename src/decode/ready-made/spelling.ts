/**
 * Opens values that people store in many ways: as bare text or as JSON, under names in any spelling.
 *
 * @module
 */

import { parseJson } from '../json.js'
import { type Stored, isBlank, storedIn } from './members.js'
import { type Answer, refused } from './schema.js'

/** What was stored: text by itself, or an object's members. */
export type Opened = { readonly bare: string; readonly stored?: never } | { readonly stored: Stored }

/** Opens text, JSON text, and what was parsed from such. */
export function open(value: unknown): Answer<Opened> {
  const content = typeof value === 'string' ? contentOf(value) : { value }
  if (content === undefined) return refused('begins like JSON, and is not JSON that is safe to read')
  if (typeof content.value === 'string') return { value: { bare: content.value } }
  const opened = storedIn(content.value)
  if (opened.refusals === undefined) return { value: { stored: opened.value } }
  return typeof content.value === 'object' ? opened : refused('must be text or a JSON object')
}

/** JSON that is no object and no text; numbers are text, since a token may be made of digits. */
const OTHER_JSON = /^(?:\[|(?:null|true|false)$)/

/** Text that begins like a JSON object or a JSON string is read as one; an array, too, where it is JSON. */
function contentOf(value: string): { readonly value: unknown } | undefined {
  const trimmed = value.trim()
  const isOther = OTHER_JSON.test(trimmed)
  if (!isOther && !/^["{]/.test(trimmed)) return { value }
  try {
    return { value: parseJson(trimmed, '') }
  } catch {
    return isOther ? { value } : undefined
  }
}

/** A name without what spellings differ in: `API_KEY`, `api-key` and `apiKey` are the same. */
export function plainName(name: string): string {
  return name.replace(/[-_. ]/g, '').toLowerCase()
}

/** Names of the members that are meant and not blank, as they are stored. */
export function namesThat(stored: Stored, isMeant: (plain: string) => boolean): readonly string[] {
  return [...stored.keys()].filter((name) => isMeant(plainName(name)) && !isBlank(stored.get(name)))
}

/** The one value of several members; `undefined` where they differ. */
export function commonValue(
  stored: Stored,
  names: readonly string[],
): { readonly value: unknown } | undefined {
  const values = new Set(names.map((name) => stored.get(name)))
  const [value] = values
  return values.size === 1 ? { value } : undefined
}
