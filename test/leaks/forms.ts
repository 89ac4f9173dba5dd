/** The forms in which a planted secret is looked for. */

import { NEEDLE } from '../support/needle.js'

/**
 * Conspicuous: no other number of a test is this one. Its five digits are no part of a request id, whose groups have
 * four, eight or twelve; as a number it is smaller than any port that a system gives out.
 */
const LENGTH = 13_997

/** A secret that starts and ends with the needle. */
export const LONG_NEEDLE = `${NEEDLE}${'.'.repeat(LENGTH - 2 * NEEDLE.length)}${NEEDLE}`

/** The same in the field `password` of a JSON text. */
export const LONG_JSON = JSON.stringify({ password: LONG_NEEDLE })

/** A way of writing a secret, and how to tell whether a text, in lower case, has one so written. */
export interface Form {
  readonly name: string
  readonly isIn: (text: string) => boolean
  /** A text that has it. */
  readonly example: string
}

const HEAD = NEEDLE.slice(0, 8)
const TAIL = NEEDLE.slice(-8)
const ENDS = [NEEDLE, HEAD, TAIL]
const BYTES = Buffer.from(NEEDLE)

/** Whole, first and last eight, encodings, backwards, and how long it is. */
export const FORMS: readonly Form[] = [
  form('whole', [NEEDLE]),
  form('first eight', [HEAD]),
  form('last eight', [TAIL]),
  form('base64', shifted('base64')),
  form('base64url', shifted('base64url')),
  form(
    'hexadecimal',
    [NEEDLE, HEAD, TAIL].map((text) => Buffer.from(text).toString('hex')),
  ),
  form('URL', [...ENDS.map(encodeURIComponent), ...ENDS.map(formEncoded)]),
  form('JSON', [...ENDS.map(escaped), ...ENDS.map((text) => text.replaceAll('/', '\\/'))]),
  form('backwards', ENDS.map(backwards)),
  lengths([LONG_NEEDLE, LONG_JSON]),
]

function form(name: string, patterns: readonly string[]): Form {
  const lower = patterns.map((pattern) => pattern.toLowerCase())
  return { name, isIn: (text) => lower.some((pattern) => text.includes(pattern)), example: patterns[0] ?? '' }
}

/** In characters and in bytes. */
function lengths(texts: readonly string[]): Form {
  const numbers = texts.flatMap((text) => [text.length, Buffer.byteLength(text)])
  const pattern = new RegExp(`(?<![\\w.])(?:${numbers.join('|')})(?!\\w|\\.\\d)`)
  return { name: 'length', isIn: (text) => pattern.test(text), example: `of ${LENGTH} characters` }
}

/** Inside a longer text it may start at any of three places; its ends mix with the neighbours. */
function shifted(encoding: 'base64' | 'base64url'): readonly string[] {
  const texts = [BYTES, BYTES.subarray(0, 16), BYTES.subarray(-16)]
  return texts.flatMap((bytes) =>
    [0, 1, 2].map((skip) =>
      Buffer.concat([Buffer.alloc(skip), bytes])
        .toString(encoding)
        .slice(4, -4),
    ),
  )
}

function formEncoded(text: string): string {
  return new URLSearchParams({ q: text }).toString().slice(2)
}

function escaped(text: string): string {
  return text.replaceAll(/[^\x20-\x7E]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

function backwards(text: string): string {
  return Array.from(text).reverse().join('')
}
