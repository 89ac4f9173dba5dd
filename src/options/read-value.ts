/**
 * The type of a value, which follows from the options that it is read with.
 *
 * @module
 */

import type { StandardSchemaV1 } from '@standard-schema/spec'
import type { FromSchema } from 'json-schema-to-ts'
import type { JsonSchema, TypedJsonSchema } from '../decode/json-schema/json-schema.js'
import type { Redacted } from '../redact/redacted.js'
import type { ReadOptions } from './read-options.js'

/** The type of the options where none are given. */
export interface PlainRead {
  /** What the value is decoded to. */
  readonly as?: 'text'
}

/** The value of one option as it was written, `undefined` where it was not. */
type Given<Options, Name extends PropertyKey> = Name extends keyof Options ? Options[Name] : undefined

/** What `as` alone makes of a value. */
interface ByAs {
  readonly text: string
  readonly json: unknown
  readonly bytes: Uint8Array
  readonly list: readonly string[]
}

type Plain<As_> = As_ extends keyof ByAs ? ByAs[As_] : string

type Checked<Schema_, Unchecked> = Schema_ extends StandardSchemaV1
  ? StandardSchemaV1.InferOutput<Schema_>
  : Schema_ extends TypedJsonSchema
    ? Schema_['static']
    : Schema_ extends JsonSchema
      ? // Of any JSON Schema nothing is known; asking json-schema-to-ts would recurse without an end.
        JsonSchema extends Schema_
        ? unknown
        : FromSchema<InDraft7<Schema_>, { keepDefaultedPropertiesOptional: true }>
      : Unchecked

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
export type ReadValue<Options> = Boxed<Bare<Options>, Given<Options, 'redacted'>>

type Bare<Options> = WithDefault<Checked<Given<Options, 'schema'>, Plain<Given<Options, 'as'>>>, Options>

type WithDefault<Value, Options> = 'default' extends keyof Options ? Value | Options['default'] : Value

type Boxed<Value, IsRedacted> = IfSet<IsRedacted, Redacted<Value>, Value>

/** By a flag: both where it may be set or not, as in `{ redacted?: true }`. */
type IfSet<Flag, Then, Else> = true extends Flag
  ? [Exclude<Flag, true>] extends [never]
    ? Then
    : Then | Else
  : Else

/** The parameters below a path: text, arrays for a StringList, and what is below. */
export interface ParameterTree {
  readonly [name: string]: string | readonly string[] | ParameterTree
}

/** The parameters below a path, by their path below the root. */
export type FlatParameterTree = Readonly<Record<string, string | readonly string[]>>

/** The type of a tree read with `Options`: the schema's, or else a nested or flat object of texts. */
export type TreeValue<Options> = Boxed<
  WithDefault<Checked<Given<Options, 'schema'>, PlainTree<Given<Options, 'flat'>>>, Options>,
  Given<Options, 'redacted'>
>

type PlainTree<IsFlat> = IfSet<IsFlat, FlatParameterTree, ParameterTree>

/** Members of `Options` that are not known. */
type Excess<Options, Known> = Exclude<keyof Options, keyof Known>

/**
 * Refuses, at compile time, members that no read has; inference alone would let a misspelt one pass. It is
 * `unknown` where there are none: an empty object type would switch off the check against text and functions.
 */
export type Exactly<Options, Known = ReadOptions> = [Excess<Options, Known>] extends [never]
  ? unknown
  : Readonly<Record<Excess<Options, Known>, 'is no option here'>>
