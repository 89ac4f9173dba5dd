/**
 * How parameters are named and pointed at.
 *
 * @module
 */
import { parameterArn, parseArn, type Place } from '../arn.js'
import { refusal, type EmulatorError } from '../emulator-error.js'

/** A name with, perhaps, a version or a label behind it. */
export interface ParameterReference {
  /** The name as asked for, without a selector. */
  readonly name: string
  /** What identifies the parameter: its name without the leading slash, since `/X` and `X` are one. */
  readonly key: string
  /** A version number or a label; absent for the latest version. */
  readonly selector?: string
}

// Source: PutParameter and "Parameter Store restrictions", AWS Systems Manager API Reference and User Guide.
const MAX_LEVELS = 15
const MAX_ARN_LENGTH = 1011
const PARAMETER_PREFIX = 'parameter/'
const RESERVED = /^\/?(?:aws|ssm)/i
const PATH_OR_NAME = /^(?:\/[A-Za-z0-9_.-]+)+$|^[A-Za-z0-9_.-]+$/
const PATH = /^\/$|^(?:\/[A-Za-z0-9_.-]+)+\/?$/

// Source: messages seen in the field (aws-amplify/amplify-backend#2352).
const NAME_RULE =
  'Parameter name: can\'t be prefixed with "ssm" (case-insensitive). If formed as a path, it can consist of sub-paths ' +
  'divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_'
const PREFIX_RULE = 'Parameter name: can\'t be prefixed with "aws" or "ssm" (case-insensitive).'
const PATH_RULE =
  'The parameter doesn\'t meet the parameter name requirements. The parameter name must begin with a forward slash "/". ' +
  'It can\'t be prefixed with "aws" or "ssm" (case-insensitive). It must use only letters, numbers, or the following ' +
  'symbols: . (period), - (hyphen), _ (underscore). Special characters are not allowed. All sub-paths, if specified, ' +
  'must use the forward slash symbol "/". Valid example: /get/parameters2-/by1./path0_.'

/**
 * Takes a name, `name:version`, `name:label` or ARN apart; `undefined` for what can be no parameter.
 *
 * The selector starts at the last colon, since names hold none.
 */
export function parseReference(asked: string): ParameterReference | undefined {
  const resource = parseArn(asked)?.resource
  if (resource !== undefined && !resource.startsWith(PARAMETER_PREFIX)) return undefined
  const text = resource === undefined ? asked.trim() : resource.slice(PARAMETER_PREFIX.length)
  const colon = text.lastIndexOf(':')
  const name = colon === -1 ? text : text.slice(0, colon)
  const selector = colon === -1 ? {} : { selector: text.slice(colon + 1) }
  if (resource !== undefined) return { name, key: name, ...selector }
  return PATH_OR_NAME.test(name) ? { name, key: keyOf(name), ...selector } : undefined
}

/** Checks the name of a new parameter; throws what AWS answers to an impossible one. */
export function checkNewName(name: string, place: Place): void {
  const isPath = name.includes('/', 1)
  if (RESERVED.test(name)) {
    if (isPath && /^\/aws/i.test(name)) {
      throw refusal('AccessDeniedException', `No access to reserved parameter name: ${name}.`)
    }
    throw refusal('ValidationException', isPath ? NAME_RULE : PREFIX_RULE)
  }
  if (!PATH_OR_NAME.test(name)) throw malformedName(name)
  const key = keyOf(name)
  if (key.split('/').length > MAX_LEVELS) {
    const message = `Parameter name levels cannot exceed the maximum limit of ${MAX_LEVELS}.`
    throw refusal('HierarchyLevelLimitExceededException', message)
  }
  if (parameterArn(place, key).length <= MAX_ARN_LENGTH) return
  throw refusal('ValidationException', `Parameter ARN must not be longer than ${MAX_ARN_LENGTH} characters.`)
}

/** What AWS answers to a name that can be no parameter's. */
export function malformedName(name: string): EmulatorError {
  const isRelative = /^[A-Za-z0-9_.-]+\//.test(name)
  return refusal(
    'ValidationException',
    isRelative ? 'Parameter name must be a fully qualified name.' : NAME_RULE,
  )
}

/** The keys below a path start with this; empty for `/`. */
export function pathPrefix(path: string): string {
  if (!PATH.test(path)) throw refusal('ValidationException', PATH_RULE)
  const key = keyOf(path)
  return key === '' || key.endsWith('/') ? key : `${key}/`
}

function keyOf(name: string): string {
  return name.startsWith('/') ? name.slice(1) : name
}
