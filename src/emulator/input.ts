/**
 * Reads the members of a request as the service models declare them, and refuses as AWS's front end does.
 *
 * @module
 */
import { refusal, type EmulatorError } from './emulator-error.js'

/** A structure as it travels: wire names to JSON values. */
export type Wire = Record<string, unknown>

/** How long a text may be, in UTF-16 units as AWS counts them, or how many members a list may have. */
export interface Limits {
  readonly min?: number
  readonly max?: number
}

/** Members that the models mark as sensitive: AWS leaves their value out of its messages, and so do we. */
const SENSITIVE: ReadonlySet<string> = new Set(['SecretString', 'SecretBinary', 'Value', 'RotationToken'])

/** One structure of a request, read member by member. Every reader throws {@link EmulatorError}. */
export class Input {
  readonly #members: Readonly<Wire>

  constructor(members: Readonly<Wire>) {
    this.#members = members
  }

  /** Tells whether the member was sent; `null` counts as absent, as in AWS JSON 1.1. */
  has(key: string): boolean {
    return this.#member(key) !== undefined
  }

  /** A text, or `undefined` if it was not sent. */
  text(key: string, limits: Limits = {}): string | undefined {
    const value = this.#member(key)
    if (value === undefined) return undefined
    if (typeof value !== 'string') throw unserializable(key, 'a string')
    this.#checkLength(key, value.length, value, limits)
    return value
  }

  /** A text that must be sent. */
  requiredText(key: string, limits: Limits = {}): string {
    return this.text(key, limits) ?? failRequired(key)
  }

  /** One of a fixed set of texts. */
  choice<T extends string>(key: string, choices: readonly T[]): T | undefined {
    const text = this.text(key)
    if (text === undefined) return undefined
    const found = choices.find((choice) => choice === text)
    if (found !== undefined) return found
    const set = choices.toSorted().join(', ')
    throw invalid(key, text, `Member must satisfy enum value set: [${set}]`)
  }

  /** A whole number, or `undefined` if it was not sent. */
  integer(key: string, limits: Limits = {}): number | undefined {
    const value = this.#member(key)
    if (value === undefined) return undefined
    if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw unserializable(key, 'an integer')
    const { min = -Infinity, max = Infinity } = limits
    if (value < min)
      throw invalid(key, String(value), `Member must have value greater than or equal to ${min}`)
    if (value > max) throw invalid(key, String(value), `Member must have value less than or equal to ${max}`)
    return value
  }

  /** A boolean; `fallback` if it was not sent. */
  flag(key: string, fallback = false): boolean {
    const value = this.#member(key) ?? fallback
    if (typeof value !== 'boolean') throw unserializable(key, 'a boolean')
    return value
  }

  /** A list of texts, or `undefined` if it was not sent. */
  texts(key: string, limits: Limits = {}): readonly string[] | undefined {
    const list = this.#list(key)
    if (list === undefined) return undefined
    const texts = list.map((item) => {
      if (typeof item !== 'string') throw unserializable(key, 'a list of strings')
      return item
    })
    this.#checkLength(key, texts.length, `[${texts.join(', ')}]`, limits)
    return texts
  }

  /** A list of texts that must be sent. */
  requiredTexts(key: string, limits: Limits = {}): readonly string[] {
    return this.texts(key, limits) ?? failRequired(key)
  }

  /** A nested structure, or `undefined` if it was not sent. */
  structure(key: string): Input | undefined {
    const value = this.#member(key)
    if (value === undefined) return undefined
    if (!isStructure(value)) throw unserializable(key, 'a structure')
    return new Input(value)
  }

  /** A list of structures; empty if it was not sent. */
  structures(key: string, limits: Limits = {}): readonly Input[] {
    const list = this.#list(key) ?? []
    this.#checkLength(key, list.length, `[${list.length} members]`, limits)
    return list.map((item) => {
      if (!isStructure(item)) throw unserializable(key, 'a list of structures')
      return new Input(item)
    })
  }

  /** The texts of a member that is a text or a list of them; anything else counts for nothing. Never throws. */
  anyTexts(key: string): readonly string[] {
    const value = this.#member(key)
    const items: readonly unknown[] = Array.isArray(value) ? value : [value]
    return items.filter((item) => typeof item === 'string')
  }

  #member(key: string): unknown {
    return Object.hasOwn(this.#members, key) ? (this.#members[key] ?? undefined) : undefined
  }

  #list(key: string): readonly unknown[] | undefined {
    const value = this.#member(key)
    if (value === undefined) return undefined
    if (!Array.isArray(value)) throw unserializable(key, 'a list')
    return value as readonly unknown[]
  }

  #checkLength(key: string, length: number, shown: string, { min = 0, max = Infinity }: Limits): void {
    if (length < min) throw invalid(key, shown, `Member must have length greater than or equal to ${min}`)
    if (length > max) throw invalid(key, shown, `Member must have length less than or equal to ${max}`)
  }
}

/** Tells whether a JSON value is an object, as every request body must be. */
export function isStructure(value: unknown): value is Wire {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The refusal of a value that breaks a constraint of the service model. */
export function invalid(key: string, shown: string | null, constraint: string): EmulatorError {
  const quoted = shown === null ? ' null' : ` '${shown}'`
  const value = SENSITIVE.has(key) ? '' : quoted
  const member = key.charAt(0).toLowerCase() + key.slice(1)
  const message = `1 validation error detected: Value${value} at '${member}' failed to satisfy constraint: ${constraint}`
  return refusal('ValidationException', message)
}

function failRequired(key: string): never {
  throw invalid(key, null, 'Member must not be null')
}

function unserializable(key: string, expected: string): EmulatorError {
  return refusal('SerializationException', `${key} is not ${expected}`)
}
