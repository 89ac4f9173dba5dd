/**
 * LabelParameterVersion and UnlabelParameterVersion.
 *
 * @module
 */
import { refusal } from '../emulator-error.js'
import { invalid, type Input, type Wire } from '../input.js'
import type { Call } from '../operation.js'
import { selectVersion, type Parameter } from './store.js'

// Source: LabelParameterVersion, AWS Systems Manager API Reference.
const MAX_LABELS = 10
const MAX_LABEL_LENGTH = 100
const LABEL = /^[A-Za-z_.-][A-Za-z0-9_.-]*$/
const RESERVED = /^(?:aws|ssm)/i

/**
 * LabelParameterVersion: attaches labels to a version, taking them from other versions of the parameter.
 *
 * Labels that break the rules are no error: they come back in `InvalidLabels`, with HTTP 200.
 */
export function labelParameterVersion(call: Call): Wire {
  const parameter = parameterIn(call)
  const labels = labelsIn(call.input)
  const number = call.input.integer('ParameterVersion')
  const version = selectVersion(parameter, number === undefined ? undefined : String(number))
  const isValid = (label: string) => LABEL.test(label) && !RESERVED.test(label)
  const valid = labels.filter(isValid)
  if (new Set([...version.labels, ...valid]).size > MAX_LABELS) {
    const message =
      `A parameter version can have maximum ${MAX_LABELS} labels.` +
      'Move one or more labels to another version and try again.'
    throw refusal('ParameterVersionLabelLimitExceeded', message)
  }
  for (const label of valid) {
    for (const { labels: held } of parameter.versions) held.delete(label)
    version.labels.add(label)
  }
  return { InvalidLabels: labels.filter((label) => !isValid(label)), ParameterVersion: version.version }
}

/** UnlabelParameterVersion: removes labels from a version; those it does not have come back in `InvalidLabels`. */
export function unlabelParameterVersion(call: Call): Wire {
  const parameter = parameterIn(call)
  const labels = labelsIn(call.input)
  const number = call.input.integer('ParameterVersion')
  if (number === undefined) throw invalid('ParameterVersion', null, 'Member must not be null')
  const version = selectVersion(parameter, String(number))
  const removed = labels.filter((label) => version.labels.delete(label))
  return { RemovedLabels: removed, InvalidLabels: labels.filter((label) => !removed.includes(label)) }
}

function parameterIn({ input, parameters }: Call): Parameter {
  return parameters.get(input.requiredText('Name', { min: 1, max: 2048 }))
}

function labelsIn(input: Input): readonly string[] {
  const labels = input.requiredTexts('Labels', { min: 1, max: MAX_LABELS })
  const impossible = labels.find(({ length }) => length === 0 || length > MAX_LABEL_LENGTH)
  if (impossible === undefined) return labels
  const constraint =
    'Member must satisfy constraint: [Member must have length less than or equal to 100, ' +
    'Member must have length greater than or equal to 1]'
  throw invalid('Labels', `[${labels.join(', ')}]`, constraint)
}
