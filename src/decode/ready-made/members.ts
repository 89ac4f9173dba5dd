/**
 * Builds schemas of objects from one reader per member. Members that no reader knows are kept as they are,
 * because AWS adds some.
 *
 * @module
 */

import { frozenCopyOf, nodesOf } from '../plain-data.js'
import {
  type Answer,
  type ReadyMadeSchema,
  type Refusal,
  type SchemaNode,
  readyMade,
  refused,
} from './schema.js'

/** The members of a stored object, by name: its own only. */
export type Stored = ReadonlyMap<string, unknown>

/** What a reader made of a stored member: its value, nothing where it is absent, or the rule that it breaks. */
export type Reading<Value> = { readonly value: Value } | { readonly rule: string } | undefined

/** How one member is read. */
export interface Member<Value> {
  /** Whether the member may be missing from the output. */
  readonly isOptional: boolean
  /** Whether the member may be missing from what is stored. */
  readonly isOmissible: boolean
  /** What is accepted, as a JSON Schema. */
  readonly input: SchemaNode
  /** What comes out, as a JSON Schema. */
  readonly output: SchemaNode
  /** Reads `raw`, `undefined` where nothing is stored. */
  readonly read: (raw: unknown, stored: Stored) => Reading<Value>
}

/** A member that every output has. */
export interface RequiredMember<Value> extends Member<Value> {
  readonly isOptional: false
}

/** A member that an output may lack. */
export interface OptionalMember<Value> extends Member<Value> {
  readonly isOptional: true
}

/** One reader for each member of `Output`. */
export type Members<Output> = {
  readonly [Name in keyof Output]-?: Partial<Pick<Output, Name>> extends Pick<Output, Name>
    ? OptionalMember<NonNullable<Output[Name]>>
    : RequiredMember<Output[Name]>
}

const TEXT: SchemaNode = { type: 'string', minLength: 1 }

/** Whether a stored member is text that is not empty. */
export const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''

/** Whether a stored member counts as absent: the console writes an empty text for what was left blank. */
export const isBlank = (raw: unknown) => raw === undefined || raw === null || raw === ''

/** Text that is not empty. */
export const text: RequiredMember<string> = {
  isOptional: false,
  isOmissible: false,
  input: TEXT,
  output: TEXT,
  read: readText,
}

/** Text, or nothing. */
export const optionalText: OptionalMember<string> = {
  isOptional: true,
  isOmissible: true,
  input: { type: ['string', 'null'] },
  output: TEXT,
  read: (raw) => (isBlank(raw) ? undefined : readText(raw)),
}

/** Text that passes a test. */
export function textThat(passes: (value: string) => boolean, rule: string): RequiredMember<string> {
  const read = (raw: unknown): Reading<string> => (isText(raw) && !passes(raw) ? { rule } : readText(raw))
  return { ...text, read }
}

/** A port, from a number or its text; the one of the engine where none is stored. */
export function port(defaultOf: (engine: string) => number | undefined): RequiredMember<number> {
  return {
    isOptional: false,
    isOmissible: true,
    input: { type: ['integer', 'string', 'null'] },
    output: { type: 'integer', minimum: 1, maximum: 65_535 },
    read: (raw, stored) => {
      if (!isBlank(raw)) return readPort(raw)
      const engine = stored.get('engine')
      // Its own reader refuses the engine; one refusal says it.
      if (!isText(engine)) return undefined
      const value = defaultOf(engine)
      return value === undefined ? { rule: 'is missing, and the engine has no known default' } : { value }
    },
  }
}

/** A boolean, from one or its text in any case; `false` where none is stored. */
export const flag: RequiredMember<boolean> = {
  isOptional: false,
  isOmissible: true,
  input: { type: ['boolean', 'string', 'null'] },
  output: { type: 'boolean' },
  read: readFlag,
}

/** Reads a port from a number or its decimal text. */
export function readPort(raw: unknown): Reading<number> {
  const value = typeof raw === 'string' && /^\d{1,5}$/.test(raw) ? Number(raw) : raw
  const isPort = typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 65_535
  return isPort ? { value } : { rule: 'must be an integer from 1 to 65535, as a number or as text' }
}

/** Reads a boolean from itself or its text; blank is `false`. */
export function readFlag(raw: unknown): Reading<boolean> {
  const value = isBlank(raw) ? false : typeof raw === 'string' ? FLAGS.get(raw.toLowerCase()) : raw
  return typeof value === 'boolean' ? { value } : { rule: 'must be true or false, as a boolean or as text' }
}

const FLAGS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['false', false],
])

/**
 * A schema of objects with `members`, and whatever else is stored.
 *
 * @param adviceOn - what to say before all else of an object that was refused, if anything
 */
export function objectSchema<Output extends object>(
  members: Members<Output>,
  adviceOn: (stored: Stored) => string | undefined = () => undefined,
): ReadyMadeSchema<Output> {
  const readers = Object.entries<Member<unknown>>(members)
  return readyMade<Output>({
    as: 'json',
    check: (value) => {
      const opened = storedIn(value)
      if (opened.refusals !== undefined) return opened
      const answer: Answer<Output> = readObject(readers, opened.value)
      const rule = answer.refusals === undefined ? undefined : adviceOn(opened.value)
      return rule === undefined ? answer : { refusals: [{ path: [], rule }, ...(answer.refusals ?? [])] }
    },
    input: objectNode(readers, 'input', 'isOmissible'),
    output: objectNode(readers, 'output', 'isOptional'),
  })
}

/** The members of an object of plain data, as frozen copies. */
export function storedIn(value: unknown): Answer<Stored> {
  const copy = frozenCopyOf(value)?.value
  if (typeof copy !== 'object' || copy === null || Array.isArray(copy))
    return refused('must be a JSON object')
  for (const node of nodesOf(copy)) {
    if (Object.hasOwn(node, '__proto__')) return refused('has a key that could poison a prototype')
  }
  return { value: new Map<string, unknown>(Object.entries(copy)) }
}

/** A frozen object of what is stored, with what the readers made of their members. */
export function readObject<Output extends object>(
  readers: readonly (readonly [string, Member<unknown>])[],
  stored: Stored,
): Answer<Output> {
  const refusals: Refusal[] = []
  const read = new Map(stored)
  for (const [name, member] of readers) {
    const reading = member.read(stored.get(name), stored)
    if (reading === undefined) read.delete(name)
    else if (isValue(reading)) read.set(name, reading.value)
    else refusals.push({ path: [name], rule: reading.rule })
  }
  if (refusals.length > 0) return { refusals }
  // Each member of `Output` has come from its reader: that is what `Members` demands.
  return { value: Object.freeze(Object.fromEntries(read)) as Output }
}

function objectNode(
  readers: readonly (readonly [string, Member<unknown>])[],
  side: 'input' | 'output',
  mayLack: 'isOmissible' | 'isOptional',
): SchemaNode {
  return {
    type: 'object',
    properties: Object.fromEntries(readers.map(([name, member]) => [name, member[side]])),
    required: readers.filter(([, member]) => !member[mayLack]).map(([name]) => name),
  }
}

function readText(raw: unknown): Reading<string> {
  if (isText(raw)) return { value: raw }
  if (raw === undefined) return { rule: 'is missing' }
  return { rule: raw === '' ? 'must not be empty' : 'must be text' }
}
/** Whether a member could be read; of its own members only, since a prototype may be polluted. */
function isValue<Value>(reading: Exclude<Reading<Value>, undefined>): reading is { readonly value: Value } {
  return Object.hasOwn(reading, 'value')
}
