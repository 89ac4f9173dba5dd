/**
 * Reads without the AWS SDK, for cold starts that count.
 *
 * @module
 */

export { leanSources } from '../source/lean/lean-sources.js'
export type { LeanOptions } from '../source/lean/lean-options.js'
export type { Clock, SleepOptions } from '../clock.js'
export type { ParameterReference, Reference, SecretReference, Service } from '../reference/reference.js'
export type {
  LoadContext,
  LoadError,
  LoadResult,
  LoadedValue,
  ParameterPage,
  Source,
  TreeParameter,
  Unanswered,
} from '../source/source.js'
export type { BytesPayload, Payload, Provenance, StoredValue, TextPayload } from '../stored-value.js'
