/**
 * What a check of the conformance suite has at hand: a source, values to put in place, and loads as the client makes
 * them.
 *
 * @module
 */

import assert from 'node:assert/strict'
import {
  type LoadContext,
  type LoadResult,
  type ParameterReference,
  type Reference,
  type Service,
  type Source,
  type StoredValue,
  parseReference,
} from 'aws-secrets-client'

/** A value as a stage is asked to put it in place: text, bytes of a binary secret, or the items of a StringList. */
export type StageValue = string | Uint8Array | readonly string[]

/** One source under test, and the way to put values behind it. */
export interface SourceStage {
  /** The source; nothing but the suite uses it. */
  readonly source: Source
  /** Stores a value under a name: makes the secret or parameter, or gives it a new version, which is the current one. */
  readonly put: (name: string, value: StageValue) => unknown
  /** Parameter Store: puts a label on a version. Needed unless `without` has `'labels'`. */
  readonly label?: (name: string, version: number, label: string) => unknown
  /** Lets no request be answered from now on. Needed unless `without` has `'abort'`. */
  readonly hang?: () => unknown
  /** Is called after each check. */
  readonly end?: () => unknown
}

/** Selects a version. */
export interface Selector {
  readonly versionId?: string
  readonly versionStage?: string
  readonly version?: number
  readonly label?: string
}

/** How one check sees the source. */
export class Kit {
  readonly source: Source
  readonly service: Service
  readonly #stage: SourceStage
  readonly #prefix: string

  constructor(service: Service, stage: SourceStage, prefix: string) {
    this.source = stage.source
    this.service = service
    this.#stage = stage
    this.#prefix = prefix
  }

  /** The whole name of a value of the suite. */
  name(short: string): string {
    return this.service === 'ssm' ? `/${this.#prefix}/${short}` : `${this.#prefix}/${short}`
  }

  /** Stores a value, and gives the reference of it. */
  async put(short: string, value: StageValue): Promise<Reference> {
    await this.#stage.put(this.name(short), value)
    return this.reference(short)
  }

  /** Stores several values, named by their numbers. */
  async putMany(count: number): Promise<readonly Reference[]> {
    const references: Reference[] = []
    for (let number = 0; number < count; number += 1) {
      references.push(await this.put(`many-${number}`, `value ${number}`))
    }
    return references
  }

  /** The reference of a value, or of one version of it. */
  reference(short: string, selector: Selector = {}): Reference {
    return parseReference({ service: this.service, name: this.name(short), ...selector })
  }

  /** The reference of all parameters below a path, as the client makes it. */
  tree(short: string): ParameterReference {
    const name = `${this.name(short)}/`
    return { service: 'ssm', name, ref: `ssm:${name}`, key: `ssm:${name}` }
  }

  /** Puts a label on a version. */
  async label(short: string, version: number, label: string): Promise<void> {
    assert.ok(this.#stage.label, "the stage has no label(), and `without` has no 'labels'")
    await this.#stage.label(this.name(short), version, label)
  }

  /** Lets no request be answered. */
  async hang(): Promise<void> {
    assert.ok(this.#stage.hang, "the stage has no hang(), and `without` has no 'abort'")
    await this.#stage.hang()
  }

  /** One `load`, whose outcome is looked at for its form: one result for each reference, each of which is one. */
  async load(
    references: readonly Reference[],
    context: Partial<LoadContext> = {},
  ): Promise<readonly LoadResult[]> {
    const results: unknown = await this.source.load(references, {
      signal: new AbortController().signal,
      ...context,
    })
    assert.ok(Array.isArray(results), 'load() resolves with an array')
    assert.equal(results.length, references.length, 'load() gives exactly one result for each reference')
    for (const result of results) checkResult(result)
    return results as readonly LoadResult[]
  }

  /** Loads as the client does: together what may be, at most `maxBatch`, and what stayed unanswered by itself. */
  async all(
    references: readonly Reference[],
    context: Partial<LoadContext> = {},
  ): Promise<readonly LoadResult[]> {
    const results = new Map<Reference, LoadResult>()
    const isShared = (reference: Reference) => this.source.isBatchable?.(reference) !== false
    const shared = references.filter(isShared)
    // One that is no number is another check's to object to.
    const size = Number.isSafeInteger(this.source.maxBatch) ? Math.max(1, this.source.maxBatch) : 1
    for (let start = 0; start < shared.length; start += size) {
      const batch = shared.slice(start, start + size)
      const loaded = batch.length > 1 ? await this.load(batch, context) : []
      for (const [index, reference] of batch.entries()) keepIn(results, reference, loaded[index])
    }
    for (const reference of references) {
      if (!results.has(reference)) results.set(reference, await this.alone(reference, context))
    }
    return references.map((reference) => results.get(reference) ?? { isUnanswered: true })
  }

  /** Loads one reference by itself; one that rejects has failed. */
  async alone(reference: Reference, context: Partial<LoadContext> = {}): Promise<LoadResult> {
    const [result] = await this.load([reference], context).catch((error: unknown) => {
      if (error instanceof assert.AssertionError) throw error
      return [{ error }]
    })
    assert.ok(
      result !== undefined && !('isUnanswered' in result),
      'one reference by itself is not left unanswered',
    )
    return result
  }

  /** The values of several references, none of which may fail. */
  async values(references: readonly Reference[]): Promise<readonly StoredValue[]> {
    const results = await this.all(references)
    return results.map((result, index) => valueIn(result, references[index]?.ref ?? ''))
  }

  /** The value of a reference that may not fail. */
  async value(reference: Reference): Promise<StoredValue> {
    return valueIn(await this.alone(reference), reference.ref)
  }
}

/** The value of a result. */
export function valueIn(result: LoadResult | undefined, ref: string): StoredValue {
  if (result !== undefined && 'value' in result) return result.value
  throw new assert.AssertionError({ message: `${ref} is there and could not be loaded` })
}

/** Whether a result is a failure. */
export function hasFailed(result: LoadResult | undefined): boolean {
  return result !== undefined && 'error' in result && result.error !== undefined
}

function keepIn(
  results: Map<Reference, LoadResult>,
  reference: Reference,
  result: LoadResult | undefined,
): void {
  if (result !== undefined && !('isUnanswered' in result)) results.set(reference, result)
}

function checkResult(result: unknown): asserts result is LoadResult {
  assert.ok(typeof result === 'object' && result !== null, 'a result is an object')
  const fields: Partial<Record<string, unknown>> = { ...result }
  const kinds = ['value', 'error', 'isUnanswered'].filter((kind) => fields[kind] !== undefined)
  assert.equal(
    kinds.length,
    1,
    'a result has either a value, or an error that is not undefined, or isUnanswered',
  )
  if (kinds[0] === 'isUnanswered') assert.equal(fields['isUnanswered'], true, 'isUnanswered is true')
  if (kinds[0] === 'value') checkValue(fields['value'])
}

function checkValue(value: unknown): void {
  assert.ok(typeof value === 'object' && value !== null, 'a stored value is an object')
  const { text, bytes }: { text?: unknown; bytes?: unknown } = value
  assert.ok(
    (typeof text === 'string') !== bytes instanceof Uint8Array &&
      (text === undefined) !== (bytes === undefined),
    'a stored value has either text or bytes',
  )
}
