/**
 * Turns a stored value into what the caller asked for: text, bytes, a list or JSON, one field of it, checked
 * by a schema. What was decoded once is kept with the version and shared, deeply frozen.
 *
 * @module
 */

import type { StandardSchemaV1 } from '@standard-schema/spec'
import { SecretsError, isSecretsError } from '../errors.js'
import type { Payload } from '../stored-value.js'
import { fieldOf } from './field.js'
import { jsonTextOf, parseJson } from './json.js'
import { copyOf } from './plain-data.js'
import { InternedSchemas } from './json-schema/interned-schemas.js'
import {
  type Check,
  type JsonSchema,
  type TypedJsonSchema,
  compileJsonSchema,
} from './json-schema/json-schema.js'
import type { DecodedValues, Outcome } from './decoded-values.js'
import { schemaFailure, schemaRefusal, schemaTimeout, schemaUnusable } from './problems.js'
import { SchemaFault } from './json-schema/fault.js'
import { checkStandardSchema, isStandardSchema } from './standard-schema/standard-schema.js'
import { bytesOf, listOf, textOf, utf8Of } from './text.js'
import { type TreeView, treeOf } from './tree.js'

/**
 * What a value is decoded to: `text` as it is stored, `json` parsed and frozen, `bytes` a copy of the bytes or
 * the UTF-8 of text, `list` the comma-separated items.
 */
export type As = 'text' | 'json' | 'bytes' | 'list'

/** A schema: JSON Schema as an object, as TypeBox makes them too, or any Standard Schema. */
export type Schema = JsonSchema | TypedJsonSchema | StandardSchemaV1

/** How one read decodes. */
export interface Decoding {
  readonly as: As | TreeView
  readonly schema?: Schema | undefined
  /** Keys that lead to one field of a JSON value. */
  readonly path?: readonly string[] | undefined
  /** The reference, for errors. */
  readonly ref: string
}

/** Runs work of the user's, a schema, and gives up on it in time. */
export type Limit = <T>(ref: string, work: () => Promise<T>) => Promise<T>

/** Decodes the values of one client. Holds compiled schemas, no values. */
export class Decoder {
  readonly #limit: Limit
  readonly #schemas = new InternedSchemas()
  readonly #checks = new WeakMap<JsonSchema, Promise<Check>>()

  constructor(limit: Limit = (_ref, work) => work()) {
    this.#limit = limit
  }

  /**
   * Decodes `payload`, or returns what `decoded` has kept of it.
   *
   * @throws SecretsError `ERR_DECODE`, `ERR_FIELD_NOT_FOUND` or `ERR_SCHEMA`, by rejection.
   */
  async decode(payload: Payload, decoded: DecodedValues, decoding: Decoding): Promise<unknown> {
    const canonical = this.#canonical(decoding)
    const run = () => this.#run(payload, decoded, canonical)
    if (decoding.as === 'bytes') return (await run()).value
    const { isOwn, outcome } = decoded.outcome(canonical, run)
    const { value, isShareable } = await outcome
    return isOwn || isShareable ? value : (await run()).value
  }

  /**
   * Makes sure that a JSON Schema can be used, without a value; a Standard Schema cannot be asked.
   *
   * @throws SecretsError `ERR_SCHEMA` naming the place in the schema, by rejection.
   */
  async prepare(schema: Schema, ref: string): Promise<void> {
    if (isStandardSchema(schema)) return
    const interned = this.#schemas.intern(schema)
    await this.#ask(ref, () => this.#compiled(interned))
  }

  /** The promise that `decoded` has kept of such a decoding: the way of a hit. */
  kept(decoded: DecodedValues, decoding: Decoding): Promise<unknown> | undefined {
    return decoding.as === 'bytes' ? undefined : decoded.kept(this.#canonical(decoding))
  }

  /** The decoding with the schema by which its results are kept. */
  #canonical(decoding: Decoding): Decoding {
    const { schema } = decoding
    if (schema === undefined || isStandardSchema(schema)) return decoding
    const interned = this.#schemas.intern(schema)
    return interned === schema ? decoding : { ...decoding, schema: interned }
  }

  async #run(payload: Payload, decoded: DecodedValues, decoding: Decoding): Promise<Outcome> {
    const { schema, ref, as } = decoding
    if (schema !== undefined) await this.prepare(schema, ref)
    const value = convert(payload, decoded, decoding)
    // Bytes cannot be frozen, so every caller gets a copy.
    if (schema === undefined) return { value, isShareable: as !== 'bytes' }
    return this.#check(value, schema, ref)
  }

  async #check(value: unknown, schema: Schema, ref: string): Promise<Outcome> {
    if (isStandardSchema(schema)) {
      const verdict = await this.#ask(ref, () => checkStandardSchema(schema, value, copyOf(value)))
      if (verdict.problems !== undefined) throw schemaRefusal(ref, verdict.problems)
      return verdict.output
    }
    const problems = await this.#ask(ref, async () => (await this.#compiled(schema))(value))
    if (problems.length > 0) throw schemaRefusal(ref, problems)
    return { value, isShareable: true }
  }

  /** Whatever a schema throws is its failure, an error of ours included: only the limit's own pass. */
  async #ask<Answer>(ref: string, ask: () => Promise<Answer>): Promise<Answer> {
    const contained = () =>
      ask().catch((error: unknown) => {
        throw error instanceof SchemaFault ? schemaUnusable(ref, error) : schemaFailure(ref)
      })
    try {
      return await this.#limit(ref, contained)
    } catch (error) {
      throw isSecretsError(error, 'ERR_TIMEOUT') ? schemaTimeout(ref) : error
    }
  }

  #compiled(schema: JsonSchema): Promise<Check> {
    let check = this.#checks.get(schema)
    if (check === undefined) {
      check = compileJsonSchema(schema)
      this.#checks.set(schema, check)
      check.catch(() => this.#checks.delete(schema))
    }
    return check
  }
}

function convert(payload: Payload, decoded: DecodedValues, decoding: Decoding): unknown {
  const { as, path, ref } = decoding
  if (path === undefined) return convertWhole(payload, decoded, decoding)
  const field = fieldOf(jsonOf(payload, decoded, decoding), path, ref)
  if (as === 'json') return field
  if (as === 'list') return listField(field, ref)
  const text = typeof field === 'string' ? field : jsonTextOf(field, textOf(payload, ref), ref)
  return as === 'bytes' ? utf8Of(text, ref) : text
}

function convertWhole(payload: Payload, decoded: DecodedValues, decoding: Decoding): unknown {
  const { as, ref } = decoding
  if (as === 'bytes') return bytesOf(payload, ref)
  if (as === 'json') return jsonOf(payload, decoded, decoding)
  const text = textOf(payload, ref)
  if (as === 'tree' || as === 'flat-tree') return treeOf(text, as, ref)
  return as === 'list' ? listOf(text) : text
}

/** Parsed once for all fields and schemas of a version. */
function jsonOf(payload: Payload, decoded: DecodedValues, { ref, schema, path }: Decoding): unknown {
  const isForSchema = schema !== undefined && path === undefined
  return decoded.json(() => parseJson(textOf(payload, ref), ref, isForSchema))
}

function listField(field: unknown, ref: string): readonly string[] {
  if (typeof field === 'string') return listOf(field)
  if (Array.isArray(field) && field.every((item) => typeof item === 'string')) return field
  throw new SecretsError('ERR_DECODE', {
    ref,
    what: 'the field is neither text nor an array of strings',
    hint: "Read it with { as: 'json' }.",
  })
}
