/**
 * What one read can be told, and the type of the value that follows from it.
 *
 * @module
 */

import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { FromSchema } from 'json-schema-to-ts'
import { MAX_TIMER_MS } from '../clock.js'
import type { As, Schema } from '../decode/decode.js'
import { type JsonSchema, hasKeyword } from '../decode/json-schema.js'
import { isStandardSchema } from '../decode/standard-schema.js'
import { duration, flag, hasMethods, isPlainObject, membersOf, oneOf, passes, typeName } from './checks.js'

/** Options of one read. */
export interface ReadOptions {
  /**
   * What to decode the value to. `text`: as it is stored; binary must be UTF-8. `json`: parsed and frozen.
   * `bytes`: a copy of the bytes, or the UTF-8 of text. `list`: the items of a comma-separated text such as a
   * StringList.
   *
   * @defaultValue `'json'` with a `schema`, otherwise `'text'`
   */
  readonly as?: As | undefined
  /**
   * What the decoded value must match; the result has the schema's type. A JSON Schema (draft 2020-12 or 7) or
   * a Standard Schema such as one of zod, valibot or arktype. In a variable of its own a JSON Schema needs
   * `as const`; declare a Standard Schema once, since its results are kept by identity.
   */
  readonly schema?: Schema | undefined
  /** Ends this caller's wait, with the signal's own reason. Other callers are not affected. */
  readonly signal?: AbortSignal | undefined
  /**
   * Accept only an answer to a request that starts after this call.
   *
   * @defaultValue `false`
   */
  readonly fresh?: boolean | undefined
  /** Returned for `ERR_NOT_FOUND` and `ERR_FIELD_NOT_FOUND`, and for no other failure. */
  readonly default?: unknown
  /**
   * Milliseconds of the oldest cached value that this reader accepts, from 0 to 2147483647. Has no say over version ids, whose
   * values never change.
   *
   * @defaultValue the client's `cache.ttlMs`
   */
  readonly ttlMs?: number | undefined
}

/** Options of a refresh. */
export interface RefreshOptions {
  /** Ends this caller's wait; the refresh itself goes on. */
  readonly signal?: AbortSignal | undefined
}

/** Options of a prefetch. */
export interface PrefetchOptions {
  /** Ends this caller's wait, with the signal's own reason. */
  readonly signal?: AbortSignal | undefined
  /**
   * Whether to reject with `ERR_LOAD` when any reference fails.
   *
   * @defaultValue `false`
   */
  readonly throwOnFailure?: boolean | undefined
}

/** Options of a watch: how each version is decoded, and the signal that ends it. */
export type WatchOptions = Pick<ReadOptions, 'as' | 'schema' | 'signal'>

/** The type of the options where none are given. */
export interface PlainRead {
  /** What the value is decoded to. */
  readonly as?: 'text'
}

/** The value of one option as it was written, `undefined` where it was not. */
type Given<Options, Name extends keyof ReadOptions> = Name extends keyof Options ? Options[Name] : undefined

/** What `as` alone makes of a value. */
interface ByAs {
  readonly text: string
  readonly json: unknown
  readonly bytes: Uint8Array
  readonly list: readonly string[]
}

type Plain<As_> = As_ extends keyof ByAs ? ByAs[As_] : string

type Checked<Schema_, As_> = Schema_ extends StandardSchemaV1
  ? StandardSchemaV1.InferOutput<Schema_>
  : Schema_ extends JsonSchema
    ? // Of any JSON Schema nothing is known; asking json-schema-to-ts would recurse without an end.
      JsonSchema extends Schema_
      ? unknown
      : FromSchema<InDraft7<Schema_>, { keepDefaultedPropertiesOptional: true }>
    : Plain<As_>

/** What draft 2020-12 calls otherwise than draft 7, whose words json-schema-to-ts understands. */
type InDraft7<Schema_> = Schema_ extends readonly unknown[]
  ? { readonly [Position in keyof Schema_]: InDraft7<Schema_[Position]> }
  : Schema_ extends object
    ? {
        readonly [Name in keyof Schema_ as Draft7Name<Schema_, Name>]: InDraft7<Schema_[Name]>
      }
    : Schema_

type Draft7Name<Schema_, Name> = Schema_ extends { readonly prefixItems: readonly unknown[] }
  ? Name extends 'prefixItems'
    ? 'items'
    : Name extends 'items'
      ? 'additionalItems'
      : Name
  : Name

/**
 * The type of a value read with `Options`: the schema's, or else that of `as`, or else `string`; and the type
 * of `default` where one is given.
 */
export type ReadValue<Options> = 'default' extends keyof Options
  ? Decoded<Options> | Options['default']
  : Decoded<Options>

type Decoded<Options> = Checked<Given<Options, 'schema'>, Given<Options, 'as'>>

/** Members of `Options` that are not known. */
type Excess<Options, Known> = Exclude<keyof Options, keyof Known>

/**
 * Refuses, at compile time, members that no read has; inference alone would let a misspelt one pass. It is
 * `unknown` where there are none: an empty object type would switch off the check against text and functions.
 */
export type Exactly<Options, Known = ReadOptions> = [Excess<Options, Known>] extends [never]
  ? unknown
  : Readonly<Record<Excess<Options, Known>, never>>

/** Options of one read, complete and checked. */
export interface ResolvedReadOptions {
  readonly as: As
  readonly schema: Schema | undefined
  readonly signal: AbortSignal | undefined
  readonly fresh: boolean
  readonly ttlMs: number | undefined
  /** Present when a default was given, be it `undefined`. */
  readonly fallback: { readonly value: unknown } | undefined
}

const READ_OPTIONS = ['as', 'schema', 'signal', 'fresh', 'default', 'ttlMs'] as const

const PLAIN_READ: ResolvedReadOptions = {
  as: 'text',
  schema: undefined,
  signal: undefined,
  fresh: false,
  ttlMs: undefined,
  fallback: undefined,
}

/**
 * Completes and checks the options of one read. Only own properties count.
 *
 * @throws TypeError naming the option, what was expected and the type of what was given.
 */
export function resolveReadOptions(
  options: ReadOptions | undefined,
  known: readonly (keyof ReadOptions)[] = READ_OPTIONS,
): ResolvedReadOptions {
  if (options === undefined) return PLAIN_READ
  const read = membersOf('options', options, known)
  const schema = schemaOption(read.get('schema'))
  return {
    as:
      oneOf('as', read.get('as'), ['text', 'json', 'bytes', 'list']) ??
      (schema === undefined ? 'text' : 'json'),
    schema,
    signal: signalOption(read.get('signal')),
    fresh: flag('fresh', read.get('fresh')) ?? false,
    ttlMs: duration('ttlMs', read.get('ttlMs'), 0, MAX_TIMER_MS),
    fallback: read.has('default') ? { value: read.get('default') } : undefined,
  }
}

/** Completes and checks the options of a watch. */
export function resolveWatchOptions(options: WatchOptions | undefined): ResolvedReadOptions {
  return resolveReadOptions(options, ['as', 'schema', 'signal'])
}

/** Completes and checks the options of a prefetch. */
export function resolvePrefetchOptions(options: PrefetchOptions | undefined): {
  readonly how: ResolvedReadOptions
  readonly throwOnFailure: boolean
} {
  const members = membersOf('options', options, ['signal', 'throwOnFailure'])
  return {
    how: { ...PLAIN_READ, signal: signalOption(members.get('signal')) },
    throwOnFailure: flag('throwOnFailure', members.get('throwOnFailure')) ?? false,
  }
}

/** Checks options that hold nothing but a signal. */
export function resolveSignal(options: RefreshOptions | undefined): AbortSignal | undefined {
  return signalOption(membersOf('options', options, ['signal']).get('signal'))
}

function schemaOption(value: unknown): Schema | undefined {
  if (value === undefined) return undefined
  if (passes(() => isSchema(value))) return value as Schema
  throw new TypeError(`schema: expected a JSON Schema object or a Standard Schema, got ${typeName(value)}`)
}

/**
 * A Standard Schema or a plain object. A schema of a library that implements neither, such as zod 3.23, is an
 * instance of a class or has no keyword of JSON Schema: taken for one, it would let every value pass.
 */
function isSchema(value: unknown): boolean {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null) return false
  return isStandardSchema(value) || (isPlainObject(value) && !('~standard' in value) && hasKeyword(value))
}

function signalOption(value: unknown): AbortSignal | undefined {
  if (value === undefined || isSignal(value)) return value
  throw new TypeError(`signal: expected an AbortSignal, got ${typeName(value)}`)
}

/** By shape, since test runners bring an `AbortSignal` of another realm. */
function isSignal(value: unknown): value is AbortSignal {
  const methods = ['addEventListener', 'removeEventListener', 'throwIfAborted']
  return hasMethods(value, methods) && passes(() => 'aborted' in value)
}
