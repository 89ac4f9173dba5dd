/**
 * Checks single option values. Each check names the option, what it expects and the type of what it got, never
 * the value itself.
 *
 * @module
 */

/** Reads members of an option group; `undefined` where the caller gave none. */
export type Members<Name extends string> = (name: Name) => unknown

/**
 * Opens a group of options for reading by name. Only own properties count, so a polluted prototype has no say.
 *
 * @throws TypeError when the group is not a plain object or has an unknown member.
 */
export function membersOf<Name extends string>(
  group: string,
  value: unknown,
  names: readonly Name[],
): Members<Name> {
  if (value === undefined) return () => undefined
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new TypeError(`${group}: expected an object, got ${typeName(value)}`)
  }
  const own = new Map<string, unknown>(Object.entries(value))
  for (const name of own.keys()) {
    if (!names.some((known) => known === name)) {
      throw new TypeError(`${group}: unknown option "${shown(name)}", expected one of ${names.join(', ')}`)
    }
  }
  return (name) => own.get(name)
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
  throw new TypeError(`${name}: expected one of ${words.join(', ')}, got ${typeName(value)}`)
}

/** Whether the value has every one of the methods, own or inherited. */
export function hasMethods(value: unknown, methods: readonly string[]): value is object {
  const isObject = (typeof value === 'object' && value !== null) || typeof value === 'function'
  return isObject && methods.every((method) => typeof Reflect.get(value, method) === 'function')
}

/** How a wrong value is called in a message: its type, and nothing of its content. */
export function typeName(value: unknown): string {
  if (value === null) return 'null'
  return Array.isArray(value) ? 'an array' : typeof value
}

/** Numbers given as options are no secrets and help to see the mistake. */
function numberOrType(value: unknown): string {
  return typeof value === 'number' ? String(value) : typeName(value)
}

/** A name is quoted if it looks like one; a value that was pasted in its place is not. */
function shown(name: string): string {
  return /^[\w$]{1,40}$/.test(name) ? name : '…'
}
