/**
 * What a source is: it turns references into stored values, and does nothing else. No cache, no retry, no
 * decoding, no wrapping of errors.
 *
 * @module
 */

import type { ParameterReference, Reference, Service } from '../reference/reference.js'
import type { StoredValue } from '../stored-value.js'

/** What a source is told about a load besides its references. */
export interface LoadContext {
  /** Aborts when nobody waits any more or the time is up; pass it to every request. */
  readonly signal: AbortSignal
  /**
   * To be called for each request as it is sent, with the name of the API operation, such as `GetSecretValue`.
   * A source that never calls it is counted as one request for each `load`.
   */
  readonly onRequest?: ((operation: string) => void) | undefined
}

/** A reference that was loaded. */
export interface LoadedValue {
  /** What the service has under the reference. */
  readonly value: StoredValue
  /** Never there. */
  readonly error?: never
}

/** A reference that could not be loaded. */
export interface LoadError {
  /** Whatever was thrown, raw: the client puts it into words. Anything but `undefined`. */
  readonly error: unknown
  /** Region that was asked, for the hint of the error. */
  readonly region?: string | undefined
}

/** A reference that the answer for several says nothing about: the client asks for it by itself. */
export interface Unanswered {
  /** Always `true`. */
  readonly isUnanswered: true
  /** Never there. */
  readonly error?: never
}

/** One of the parameters below a path. */
export interface TreeParameter {
  /** Its whole name, such as `/prod/app/log-level`. */
  readonly name: string
  /** Its value, decrypted. */
  readonly text: string
  /** Whether the text is a comma-separated list. */
  readonly isList: boolean
  /** Number of the version, counted from 1. */
  readonly version?: number
}

/** Some of the parameters below a path. */
export interface ParameterPage {
  /** May be none, even where more pages follow. */
  readonly parameters: readonly TreeParameter[]
  /** Asks for the next page; absent with the last one. */
  readonly nextToken?: string
  /** Never there. */
  readonly error?: never
}

/** The outcome for one reference. */
export type LoadResult = LoadedValue | LoadError | Unanswered

/**
 * Reads stored values from one service. Write your own to read from somewhere else, and pass it as
 * `sources` to the client: it replaces the built-in source of its service.
 */
export interface Source {
  /** The service whose references it loads. */
  readonly service: Service
  /** How many references one `load` may be given; at least 1. */
  readonly maxBatch: number
  /**
   * Whether it calls `onRequest` for every request that it makes. Of a source that does not, each `load` counts as one.
   *
   * @defaultValue `false`
   */
  readonly isCounting?: boolean | undefined
  /**
   * Whether a reference may share a `load` with others; one that may not is loaded by itself.
   *
   * @defaultValue every reference may
   */
  isBatchable?(reference: Reference): boolean
  /**
   * Loads each reference: exactly one result for each, in the same order. May reject as a whole: where that is not
   * a failure that may pass, each reference is then loaded by itself.
   */
  load(references: readonly Reference[], context: LoadContext): Promise<readonly LoadResult[]>
  /**
   * Loads a page of all parameters below a path, at any depth: what `SecretsClient.tree` reads. Without it a source
   * has no trees.
   *
   * @param path - its `name` is the path, which ends with `/`
   * @param nextToken - that of the page before; `undefined` for the first one
   */
  loadPage?(
    path: ParameterReference,
    nextToken: string | undefined,
    context: LoadContext,
  ): Promise<ParameterPage | LoadError>
  /** Releases what it holds, such as sockets. */
  close?(): void
}
