/**
 * What a secret looks like in logs: as it is, escaped, and encoded.
 *
 * No regular expression here: the engine remembers the last text that one was applied to.
 *
 * @module
 */

import { type Leaf, MIN_LENGTH, leavesOfJson } from './leaves.js'
import { MASK } from './redacted.js'

/** Units from which one line of a text of several is masked by itself, and that inside a PEM. */
const [MIN_LINE_LENGTH, MIN_PEM_LINE_LENGTH] = [16, MIN_LENGTH]
const PEM_BOUNDARY = '-----'

/** Where `util.inspect`, and with it `console.log`, cuts a text short. */
const INSPECTED_LENGTH = 10_000

/** Units, or bytes, above which nothing is encoded: no service stores as many. */
const MAX_ENCODED_LENGTH = 2 ** 17

/** Bytes that `util.inspect` shows of a `Buffer`, and of a `Uint8Array`. */
const [INSPECTED_BYTES, INSPECTED_ITEMS] = [50, 100]

/** Bytes above which JSON of a `Uint8Array`, some ten times as long, is not recognised. */
const MAX_INDEXED_BYTES = 4096

/** Control characters for which `util.inspect` has an escape of one letter. */
const SHORTLY_ESCAPED = '\b\t\n\f\r'

/**
 * Every form of a leaf, those of the leaves inside it included where it is JSON.
 */
export function* formsOf(leaf: Leaf): Generator<string> {
  yield* plainFormsOf(leaf)
  yield* encodedFormsOf(leaf)
}

/** The leaf as a text, as it is and escaped, and the leaves or lines inside it. */
export function* plainFormsOf(leaf: Leaf): Generator<string> {
  if (typeof leaf === 'string') yield* worthMasking(plainFormsOfText(leaf))
  else if (leaf.length <= MAX_ENCODED_LENGTH) {
    yield* withCopy(leaf, function* (copy) {
      if (isUtf8(copy)) yield* worthMasking(plainFormsOfText(copy.toString('utf8')))
    })
  }
}

/** The leaf encoded, and the leaves inside it. */
function* encodedFormsOf(leaf: Leaf): Generator<string> {
  if (leaf.length > MAX_ENCODED_LENGTH) return
  if (typeof leaf === 'string') yield* worthMasking(encodedFormsOfText(leaf))
  else {
    yield* withCopy(leaf, function* (copy) {
      yield* worthMasking(formsOfBinary(copy))
      if (isUtf8(copy)) yield* worthMasking(encodedFormsOfText(copy.toString('utf8')))
    })
  }
}

function* worthMasking(forms: Iterable<string>): Generator<string> {
  for (const form of forms) {
    if (form.length >= MIN_LENGTH && !MASK.includes(form)) yield form
  }
}

function* plainFormsOfText(text: string): Generator<string> {
  if (text.length > MAX_ENCODED_LENGTH) {
    yield text
    return
  }
  yield* escapedForms(shownOf(text))
  if (text.length > INSPECTED_LENGTH) yield* escapedForms(text.slice(0, INSPECTED_LENGTH).trim())
  const trimmed = text.trim()
  const leaves = leavesOfJson(trimmed)
  if (leaves === undefined) yield* longLinesOf(trimmed)
  else for (const leaf of leaves) yield* plainFormsOf(leaf)
}

function* encodedFormsOfText(text: string): Generator<string> {
  for (const whole of new Set([text, shownOf(text)])) {
    yield* urlForms(whole.toWellFormed())
    yield* withCopy(new TextEncoder().encode(whole), formsOfBytes)
  }
  for (const leaf of leavesOfJson(text.trim()) ?? []) yield* encodedFormsOf(leaf)
}

/** With the line feed at its end a value would take that of the log line along. */
function shownOf(text: string): string {
  const trimmed = text.trim()
  return trimmed.length < MIN_LENGTH ? text : trimmed
}

/** As bytes are encoded, as a `Buffer`, an array and a `Uint8Array` are printed, and as JSON has them. */
function* formsOfBinary(bytes: Buffer): Generator<string> {
  yield* formsOfBytes(bytes)
  yield Array.from(bytes.subarray(0, INSPECTED_BYTES), hexOf).join(' ')
  yield bytes.join(',')
  yield* inspectedRows(bytes)
  if (bytes.length > MAX_INDEXED_BYTES) return
  const indexed = `{${Array.from(bytes, (byte, at) => `"${at}":${byte}`).join(',')}}`
  yield indexed
  yield jsonEscaped(indexed)
}

/** Not imported, nor is `node:util`: by a statement that would delay every first read. */
function isUtf8(bytes: Buffer): boolean {
  return process.getBuiltinModule('node:buffer').isUtf8(bytes)
}

/** The rows of numbers in which `util.inspect` prints bytes; how deep they lie hardly changes them. */
function* inspectedRows(bytes: Buffer): Generator<string> {
  const items = Array.from(bytes.subarray(0, INSPECTED_ITEMS))
  const { inspect } = process.getBuiltinModule('node:util')
  const printed = inspect(items, { breakLength: 128, compact: 3, colors: false })
  for (const row of printed.split('\n').slice(1, -1)) {
    const numbers = row.split(',').map((number) => number.trim())
    // Rows of zeros are in many an array.
    if (new Set(numbers.filter((number) => number !== '')).size < 2) continue
    yield numbers.at(-1) === '' ? row.trim().slice(0, -1) : row.trim()
  }
}

/** What `forms` makes of a copy, which is zeroed after: small buffers share memory that stays. */
function* withCopy(bytes: Uint8Array, forms: (copy: Buffer) => Generator<string>): Generator<string> {
  const copy = Buffer.alloc(bytes.length)
  try {
    copy.set(bytes)
    yield* forms(copy)
  } finally {
    copy.fill(0)
  }
}

/** As it is, inside JSON, inside JSON inside JSON, and as `util.inspect` quotes it. */
function* escapedForms(text: string): Generator<string> {
  yield text
  const escaped = jsonEscaped(text)
  if (escaped !== text) {
    yield escaped
    yield jsonEscaped(escaped)
  }
  const inspected = inspectEscaped(text)
  if (inspected !== text) yield inspected
  if (text.includes("'")) yield inspected.replaceAll("'", "\\'")
}

function inspectEscaped(text: string): string {
  let escaped = ''
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0
    const isControl = code < 0x20 || (code >= 0x7f && code <= 0x9f)
    if (isControl && !SHORTLY_ESCAPED.includes(character)) escaped += `\\x${hexOf(code).toUpperCase()}`
    else escaped += character === '"' ? character : jsonEscaped(character)
  }
  return escaped
}

function jsonEscaped(text: string): string {
  return JSON.stringify(text).slice(1, -1)
}

/** As part of a URL by `encodeURIComponent`, RFC 3986, HTML forms and the password of a `URL`, in either case. */
function* urlForms(text: string): Generator<string> {
  const component = encodeURIComponent(text)
  const url = new URL('x://host')
  url.password = text
  const form = new URLSearchParams([['', text]]).toString().slice(1)
  for (const encoded of [component, strictlyEncoded(component), form, url.password]) {
    yield encoded
    yield withLowerCaseHex(encoded)
  }
}

function strictlyEncoded(component: string): string {
  let encoded = component
  for (const unit of "!'()*")
    encoded = encoded.replaceAll(unit, `%${hexOf(unit.charCodeAt(0)).toUpperCase()}`)
  return encoded
}

function withLowerCaseHex(encoded: string): string {
  const [first = '', ...parts] = encoded.split('%')
  return [first, ...parts.map((part) => part.slice(0, 2).toLowerCase() + part.slice(2))].join('%')
}

function* formsOfBytes(bytes: Buffer): Generator<string> {
  const hex = bytes.toString('hex')
  yield hex
  yield hex.toUpperCase()
  for (const encoding of ['base64', 'base64url'] as const) {
    const whole = bytes.toString(encoding)
    yield whole
    yield whole.replaceAll('=', '')
    for (const before of [0, 1, 2]) yield innerBase64(bytes, before, encoding)
  }
}

/** The part of a longer base64 text that is the same whatever is encoded before, of that length, and after. */
function innerBase64(bytes: Buffer, before: number, encoding: 'base64' | 'base64url'): string {
  const padded = Buffer.alloc(before + bytes.length)
  padded.set(bytes, before)
  const encoded = padded.toString(encoding)
  padded.fill(0)
  const [firstBit, endBit] = [8 * before, 8 * (before + bytes.length)]
  return encoded.slice(Math.ceil(firstBit / 6), Math.floor(endBit / 6))
}

/** The lines of a text of several that tell something by themselves. */
function* longLinesOf(text: string): Generator<string> {
  if (!text.includes('\n')) return
  const least = text.includes(PEM_BOUNDARY) ? MIN_PEM_LINE_LENGTH : MIN_LINE_LENGTH
  for (const line of text.split('\n')) {
    const trimmed = line.trim()
    if (trimmed.length < least || trimmed.startsWith(PEM_BOUNDARY)) continue
    yield* escapedForms(trimmed)
  }
}

function hexOf(byte: number): string {
  return byte.toString(16).padStart(2, '0')
}
