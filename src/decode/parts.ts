/**
 * Splits a value that is too large for one secret or parameter, and puts it together again. Pure but for the random
 * name of a generation.
 *
 * Each part is a text of two pieces: a line that says which part of how many it is, of which generation, and what the
 * whole adds up to; and behind it a piece of the value.
 *
 * @module
 */

import { createHash, randomUUID } from 'node:crypto'
import { SecretsError } from '../errors.js'
import { type Payload, bare } from '../stored-value.js'

/** How a value is split. */
export interface SplitOptions {
  /**
   * The most bytes of a part, an integer from 1024 to 65536: what the service stores. Parameter Store takes 4096, and
   * 8192 of advanced parameters.
   *
   * @defaultValue 65536, what Secrets Manager stores
   */
  readonly maxPartBytes?: number | undefined
}

/** A part of a value, to be written under a name of its own. */
export interface ValuePart {
  /** Name of the secret or parameter to store it in: the value's own, or that with `.part2`, `.part3` … behind it. */
  readonly name: string
  /** What to store there, as text. */
  readonly text: string
}

/** What the first line of a part says. */
interface PartHeader {
  /** The same for all parts that were split together. */
  readonly generation: string
  /** Which one it is, counted from 1. */
  readonly part: number
  /** How many there are. */
  readonly parts: number
  /** `utf8` for a text, `base64` for bytes. */
  readonly encoding: 'utf8' | 'base64'
  /** SHA-256 of the whole value's bytes, in hexadecimal digits. */
  readonly sha256: string
}

/** A part that was read. */
export interface Part {
  readonly header: PartHeader
  readonly piece: string
}

const MARK = 'aws-secrets-client/part '

/** More bytes than the first line of any part has. */
const HEADER_BYTES = 256

/** Secrets Manager stores 65,536 bytes (CreateSecret, SecretString). */
const MAX_PART_BYTES = 65_536
const MIN_PART_BYTES = 1024

/** The most parts that a value may have. */
export const MAX_PARTS = 99

/**
 * The parts of a value, in the order in which to write them: the one by which the value is found comes last. What
 * has been written is read with `{ parts: true }`.
 *
 * @param name - the name that the value is to be read by; the parts' names are made of it
 * @param value - a text, or bytes
 * @throws TypeError for an argument of the wrong type, a text that UTF-8 cannot express, and a value of more than 99
 * parts.
 * @example
 * ```ts
 * for (const { name, text } of splitValue('prod/ca-bundle', bundle)) {
 *   await client.send(new PutSecretValueCommand({ SecretId: name, SecretString: text }))
 * }
 * const bundle = await secrets.get('prod/ca-bundle', { parts: true })
 * ```
 */
export function splitValue(
  name: string,
  value: string | Uint8Array,
  options?: SplitOptions,
): readonly ValuePart[] {
  const maxPartBytes = maxPartBytesOf(options)
  checkSplit(name, value)
  const encoding = typeof value === 'string' ? 'utf8' : 'base64'
  const bytes = typeof value === 'string' ? Buffer.from(value) : value
  const text = typeof value === 'string' ? value : Buffer.from(value).toString('base64')
  const pieces = piecesOf(text, maxPartBytes - HEADER_BYTES)
  if (pieces.length > MAX_PARTS) {
    throw new TypeError(`value: needs ${pieces.length} parts, and may have ${MAX_PARTS}`)
  }
  const sha256 = digestOf(bytes)
  const generation = randomUUID()
  const parts = pieces.map((piece, index) => {
    const header: PartHeader = { generation, part: index + 1, parts: pieces.length, encoding, sha256 }
    const suffix = index === 0 ? '' : `.part${index + 1}`
    return { name: `${name}${suffix}`, text: `${MARK}${JSON.stringify(header)}\n${piece}` }
  })
  return parts.reverse()
}

/** Only own members count, and each is read once. */
function maxPartBytesOf(options: unknown): number {
  if (options === undefined) return MAX_PART_BYTES
  if (typeof options !== 'object' || options === null) throw new TypeError('options: expected an object')
  const { maxPartBytes, ...unknown }: { maxPartBytes?: unknown } = ownOf(options)
  if (Object.keys(unknown).length > 0) throw new TypeError('options: unknown option, expected maxPartBytes')
  if (maxPartBytes === undefined) return MAX_PART_BYTES
  const isSize = typeof maxPartBytes === 'number' && Number.isInteger(maxPartBytes)
  if (!isSize || maxPartBytes < MIN_PART_BYTES || maxPartBytes > MAX_PART_BYTES) {
    throw new TypeError(`maxPartBytes: expected an integer from ${MIN_PART_BYTES} to ${MAX_PART_BYTES}`)
  }
  return maxPartBytes
}

function ownOf(options: object): object {
  try {
    return bare({ ...options })
  } catch {
    // What a getter throws is not ours to show: it may carry anything.
    throw new TypeError('options: could not be read, because a getter or a proxy threw an error')
  }
}

function checkSplit(name: unknown, value: unknown): void {
  if (typeof name !== 'string') throw new TypeError(`name: expected a string, got ${typeof name}`)
  if (!/^[^:#]+$/.test(name)) {
    throw new TypeError('name: expected the name of a secret or parameter, without prefix, version or field')
  }
  if (typeof value !== 'string' && !(value instanceof Uint8Array)) {
    throw new TypeError(`value: expected a string or a Uint8Array, got ${typeof value}`)
  }
  if (typeof value === 'string' && !value.isWellFormed()) {
    throw new TypeError('value: holds a lone surrogate, which UTF-8 cannot express')
  }
}

/** Pieces of so many UTF-8 bytes at most; no character is cut in two. */
function piecesOf(text: string, maxBytes: number): readonly string[] {
  const bytes = Buffer.from(text)
  const pieces: string[] = []
  let start = 0
  do {
    let end = Math.min(start + maxBytes, bytes.length)
    while (end < bytes.length && isContinuation(bytes[end])) end -= 1
    pieces.push(bytes.toString('utf8', start, end))
    start = end
  } while (start < bytes.length)
  return pieces
}

function isContinuation(byte = 0): boolean {
  return byte >> 6 === 0b10
}

/**
 * Refuses what is but a part of a value: nobody means the header and the first 64 KB.
 *
 * @throws SecretsError `ERR_DECODE`.
 */
export function refusePart({ text }: Payload, ref: string): void {
  if (text === undefined || headerIn(text) === undefined) return
  throw new SecretsError('ERR_DECODE', {
    ref,
    what: 'the value is a part of one that was split',
    hint: 'Read it with { parts: true }, by the reference of its first part.',
  })
}

/**
 * What a stored text says of itself.
 *
 * @throws SecretsError `ERR_DECODE` for anything but a part.
 */
export function partOf({ text }: Payload, ref: string): Part {
  const header = text === undefined ? undefined : headerIn(text)
  if (text === undefined || header === undefined) {
    throw new SecretsError('ERR_DECODE', {
      ref,
      what: 'the value is no part of a value that was split',
      hint: 'Read it without { parts: true }, or write it as splitValue() gives it.',
    })
  }
  return { header, piece: text.slice(text.indexOf('\n') + 1) }
}

function headerIn(text: string): PartHeader | undefined {
  const end = text.indexOf('\n')
  return text.startsWith(MARK) && end > 0 ? headerOf(text.slice(MARK.length, end)) : undefined
}

function headerOf(line: string): PartHeader | undefined {
  try {
    const header: unknown = JSON.parse(line)
    return isHeader(header) ? header : undefined
  } catch {
    return undefined
  }
}

function isHeader(header: unknown): header is PartHeader {
  if (typeof header !== 'object' || header === null) return false
  const own = (name: string): unknown => (Object.hasOwn(header, name) ? Reflect.get(header, name) : undefined)
  const [part, parts, encoding] = [own('part'), own('parts'), own('encoding')]
  const isCounted = isCount(part) && isCount(parts) && part <= parts
  const isEncoded = encoding === 'utf8' || encoding === 'base64'
  return isCounted && isEncoded && typeof own('generation') === 'string' && typeof own('sha256') === 'string'
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= MAX_PARTS
}

/** Whether all parts are there and were split together; where not, they are just being written. */
export function isOneGeneration(parts: readonly Part[]): boolean {
  const first = parts[0]?.header
  return parts.every(({ header }, index) => {
    return (
      header.generation === first?.generation && header.part === index + 1 && header.parts === parts.length
    )
  })
}

/**
 * The value that parts of one generation make.
 *
 * @throws SecretsError `ERR_DECODE` where it is not what was split.
 */
export function joined(parts: readonly Part[], ref: string): Payload {
  const text = parts.map(({ piece }) => piece).join('')
  const { encoding, sha256 } = parts[0]?.header ?? { encoding: 'utf8' }
  const bytes = Buffer.from(text, encoding)
  if (digestOf(bytes) !== sha256) {
    throw new SecretsError('ERR_DECODE', {
      ref,
      what: 'the parts of the value do not add up to what was split: one was changed by hand or cut',
      hint: 'Write all parts anew, as splitValue() gives them.',
    })
  }
  return encoding === 'utf8' ? { text } : { bytes: Uint8Array.from(bytes) }
}

function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
