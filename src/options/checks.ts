/**
 * Checks single option values. Each check names the option, what it expects and the type of what it got, never
 * the value itself.
 *
 * @module
 */

/** The members that the caller gave an option group, by name. */
export type Members<Name extends string> = ReadonlyMap<Name, unknown>

/**
 * Opens a group of options for reading by name. Only own properties count, so a polluted prototype has no say.
 * Each is read once, so a getter cannot change its mind after the check.
 *
 * @throws TypeError when the group is not a plain object, cannot be read, or has an unknown member.
 */
export function membersOf<Name extends string>(
  group: string,
  value: unknown,
  names: readonly Name[],
): Members<Name> {
  const members = new Map<Name, unknown>()
  if (value === undefined) return members
  if (!passes(() => isPlainObject(value))) {
    throw new TypeError(`${group}: expected a plain object, got ${typeName(value)}`)
  }
  for (const [name, member] of entriesOf(group, value)) {
    const known = names.find((candidate) => candidate === name)
    if (known === undefined) {
      throw new TypeError(
        `${group}: unknown option "${shown(name, names)}", expected one of ${names.join(', ')}`,
      )
    }
    members.set(known, member)
  }
  return members
}

/** The entries of an object or the items of an array, read once. */
export function entriesOf(name: string, value: unknown): readonly (readonly [string, unknown])[] {
  try {
    return Object.entries(value as object)
  } catch {
    // What a getter throws is not ours to show: it may carry anything.
    throw new TypeError(`${name}: could not be read, because a getter or a proxy threw an error`)
  }
}

/** Whether the test passes; one that throws, because a getter or a proxy does, does not. */
export function passes(test: () => boolean): boolean {
  try {
    return test()
  } catch {
    return false
  }
}

/** Passes an integer of the range, or `undefined`. */
export function integer(name: string, value: unknown, min: number, max: number): number | undefined {
  if (value === undefined) return undefined
  if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return value
  throw new TypeError(`${name}: expected an integer from ${min} to ${max}, got ${numberOrType(value)}`)
}

/** Passes a duration in milliseconds of the range, fractions included, or `undefined`. */
export function duration(name: string, value: unknown, min: number, max: number): number | undefined {
  if (value === undefined) return undefined
  if (typeof value === 'number' && value >= min && value <= max) return value
  throw new TypeError(`${name}: expected milliseconds from ${min} to ${max}, got ${numberOrType(value)}`)
}

/** Passes a boolean, or `undefined`. */
export function flag(name: string, value: unknown): boolean | undefined {
  if (value === undefined || typeof value === 'boolean') return value
  throw new TypeError(`${name}: expected a boolean, got ${typeName(value)}`)
}

/** Passes one of the words, or `undefined`. */
export function oneOf<Word extends string>(
  name: string,
  value: unknown,
  words: readonly Word[],
): Word | undefined {
  if (value === undefined) return undefined
  const word = words.find((candidate) => candidate === value)
  if (word !== undefined) return word
  const got = typeof value === 'string' ? 'another text' : typeName(value)
  throw new TypeError(`${name}: expected one of ${words.join(', ')}, got ${got}`)
}

/** Whether the value has every one of the methods, own or inherited. */
export function hasMethods(value: unknown, methods: readonly string[]): value is object {
  const isObject = (typeof value === 'object' && value !== null) || typeof value === 'function'
  return isObject && passes(() => methods.every((method) => typeof Reflect.get(value, method) === 'function'))
}

/** How a wrong value is called in a message: its type, and nothing of its content. */
export function typeName(value: unknown): string {
  if (value === null) return 'null'
  if (passes(() => Array.isArray(value))) return 'an array'
  if (typeof value !== 'object') return typeof value
  return passes(() => isPlainObject(value)) ? 'object' : 'an instance of a class'
}

/** Whether the value is a literal or its like; the prototype of another realm's objects has none above it either. */
export function isPlainObject(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

/** Numbers given as options are no secrets and help to see the mistake. */
function numberOrType(value: unknown): string {
  return typeof value === 'number' ? String(value) : typeName(value)
}

/** A name is quoted if it is a word, or nearly a known one; a value that was pasted in its place is not. */
function shown(name: string, known: readonly string[]): string {
  return /^[A-Za-z]{1,24}$/.test(name) || known.some((candidate) => isNear(name, candidate)) ? name : '…'
}

/** Letters that a misspelt name may have wrong: one in four, and three at most. */
const MAX_EDITS = 3

function isNear(name: string, known: string): boolean {
  const maxEdits = Math.min(MAX_EDITS, Math.floor(known.length / 4))
  if (Math.abs(name.length - known.length) > maxEdits) return false
  return editsBetween(name.toLowerCase(), known.toLowerCase()) <= maxEdits
}

/** Letters to add, leave out or replace to make one text of the other (Levenshtein). */
function editsBetween(one: string, other: string): number {
  let above = Array.from({ length: other.length + 1 }, (_none, index) => index)
  for (let row = 0; row < one.length; row += 1) {
    const current = [row + 1]
    for (let column = 0; column < other.length; column += 1) {
      const replaced = (above[column] ?? 0) + (one[row] === other[column] ? 0 : 1)
      current.push(Math.min(replaced, (above[column + 1] ?? 0) + 1, (current[column] ?? 0) + 1))
    }
    above = current
  }
  return above[other.length] ?? 0
}
