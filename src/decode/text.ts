/**
 * Turns a stored payload into text or bytes without ever changing a character of it.
 *
 * @module
 */

import { SecretsError } from '../errors.js'
import type { Payload } from '../stored-value.js'

/** The payload as text; a binary one must be valid UTF-8, and a byte order mark stays. */
export function textOf(payload: Payload, ref: string): string {
  if (payload.text !== undefined) return payload.text
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(payload.bytes)
  } catch {
    throw new SecretsError('ERR_DECODE', {
      ref,
      what: 'the value is binary and not UTF-8 text',
      hint: "Read it with { as: 'bytes' }.",
    })
  }
}

/** The payload as bytes of the caller's own; text becomes its UTF-8. */
export function bytesOf(payload: Payload, ref: string): Uint8Array {
  if (payload.bytes !== undefined) return Uint8Array.from(payload.bytes)
  return utf8Of(payload.text, ref)
}

/** The UTF-8 of `text`, refused where it would not read back as the same text. */
export function utf8Of(text: string, ref: string): Uint8Array {
  if (!text.isWellFormed()) {
    throw new SecretsError('ERR_DECODE', {
      ref,
      what: 'the text holds a lone surrogate, which UTF-8 cannot express',
      hint: "Read it with { as: 'text' }, or store it as binary.",
    })
  }
  return new TextEncoder().encode(text)
}

/** The items of a comma-separated text, as Parameter Store keeps a StringList; the empty text has none. */
export function listOf(text: string): readonly string[] {
  return Object.freeze(text === '' ? [] : text.split(','))
}
