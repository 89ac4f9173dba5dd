/**
 * What one request came to for one reference, in our own words. A source may be anybody's, so that its answer is
 * checked like any other input.
 *
 * @module
 */

import { SecretsError, type SecretsErrorCode, isSecretsError } from '../errors.js'
import type { Reference } from '../reference/reference.js'
import type { Verdict } from '../retry/governor.js'
import { failureOf, isUnimplemented } from '../source/failure.js'
import type { LoadError, ParameterPage, TreeParameter } from '../source/source.js'
import { type StoredValue, bare, memberOf, snapshotOf } from '../stored-value.js'

/** A value, a failure, or `undefined` where the answer says nothing about the reference. */
export type Outcome = StoredValue | SecretsError | undefined

/** The outcome for each reference. */
export function outcomesOf(results: unknown, references: readonly Reference[]): readonly Outcome[] {
  const given: readonly unknown[] = Array.isArray(results) ? results : []
  return references.map((reference, position) => {
    if (given.length !== references.length) return brokenSource(reference, countedWrong(references.length))
    try {
      return outcomeOf(given[position], reference)
    } catch (error) {
      return failureOf(error, reference)
    }
  })
}

function outcomeOf(result: unknown, reference: Reference): Outcome {
  if (typeof result !== 'object' || result === null) return brokenSource(reference, NO_RESULT)
  const error = memberOf(result, 'error')
  if (error !== undefined) return failureOf(error, reference, regionIn(result))
  const stored = snapshotOf(memberOf(result, 'value'))
  if (stored !== undefined) return stored
  return memberOf(result, 'isUnanswered') === true ? undefined : brokenSource(reference, NO_RESULT)
}

function regionIn(result: object): string | undefined {
  const region = memberOf(result, 'region')
  return typeof region === 'string' ? region : undefined
}

/** A page of parameters, checked; where it is none, the error to report. */
export function pageOf(answer: unknown, reference: Reference): ParameterPage | LoadError {
  if (typeof answer !== 'object' || answer === null) return { error: brokenSource(reference, NO_PAGE) }
  const error = memberOf(answer, 'error')
  if (error !== undefined) return { error, region: regionIn(answer) }
  const parameters: unknown = memberOf(answer, 'parameters')
  if (!Array.isArray(parameters) || !parameters.every(isTreeParameter)) {
    return { error: brokenSource(reference, NO_PAGE) }
  }
  const nextToken = memberOf(answer, 'nextToken')
  // Taken for the last page, it would leave parameters out unnoticed.
  if (nextToken !== undefined && typeof nextToken !== 'string') {
    return { error: brokenSource(reference, NO_PAGE) }
  }
  return bare({ parameters: parameters.map(treeParameterOf), ...(nextToken !== undefined && { nextToken }) })
}

function treeParameterOf(given: TreeParameter): TreeParameter {
  const { name, text, isList } = given
  const version = memberOf(given, 'version')
  return bare({ name, text, isList, ...(typeof version === 'number' && { version }) })
}

function isTreeParameter(given: unknown): given is TreeParameter {
  if (typeof given !== 'object' || given === null) return false
  const isNamed = typeof memberOf(given, 'name') === 'string' && typeof memberOf(given, 'text') === 'string'
  return isNamed && typeof memberOf(given, 'isList') === 'boolean'
}

const NO_PAGE = 'gave no page of parameters'

const NO_RESULT = 'gave a result that is neither a stored value nor an error'

function countedWrong(count: number): string {
  return count === 1
    ? 'did not give exactly one result for one reference'
    : `did not give exactly ${count} results for ${count} references`
}

/** The failure of a source that does not do what a source does. */
export function brokenSource(reference: Reference, what: string): SecretsError {
  return new SecretsError('ERR_UNAVAILABLE', {
    ref: reference.ref,
    what: `the source ${what}`,
    hint: 'Correct the source that was passed as `sources`.',
    attempts: 1,
  })
}

/** What the outcomes of a request say about the operation. */
export function verdictOf(outcomes: readonly Outcome[]): Verdict {
  if (outcomes.some((outcome) => isSecretsError(outcome, 'ERR_THROTTLED'))) return 'throttled'
  return outcomes.every((outcome) => isSecretsError(outcome) && outcome.retryable) ? 'failed' : 'ok'
}

/** They hold for each single reference just the same; so does what keeps a connection from being made. */
const HOLD_FOR_ALL: ReadonlySet<SecretsErrorCode> = new Set([
  'ERR_CLOSED',
  'ERR_CREDENTIALS',
  'ERR_MISSING_PEER',
  'ERR_REFERENCE_INVALID',
])

/** What the failure of a request says about one of its references: of a batch that is refused as such, nothing. */
export function failureOfAll(thrown: unknown, reference: Reference, size: number): Outcome {
  const error = failureOf(thrown, reference)
  const holdsForAll =
    HOLD_FOR_ALL.has(error.code) || (error.code === 'ERR_UNAVAILABLE' && !isUnimplemented(thrown))
  return size === 1 || error.retryable || holdsForAll ? error : undefined
}
