/**
 * GetParameter, GetParameters, GetParametersByPath and GetParameterHistory.
 *
 * @module
 */
import { EmulatorError } from '../emulator-error.js'
import type { Wire } from '../input.js'
import { compact, epochSeconds, type Call } from '../operation.js'
import { pageOf } from '../paging.js'
import { isBelow, pathFilters } from './filters.js'
import { parseReference } from './names.js'
import { isSecretReference, readSecretReference } from './secret-reference.js'
import { selectVersion, type Parameter, type ParameterVersion } from './store.js'

const INVALID_TOKEN = 'InvalidNextToken'

/** GetParameter: the latest version, or the one that `name:version` or `name:label` selects. */
export function getParameter(call: Call): Wire {
  const name = call.input.requiredText('Name', { min: 1, max: 2048 })
  return { Parameter: readOne(call, name) }
}

/**
 * GetParameters: up to 10 names, answered in alphabetical order.
 *
 * Names that are missing or malformed come back in `InvalidParameters`; any other failure fails the whole call.
 */
export function getParameters(call: Call): Wire {
  const names = call.input.requiredTexts('Names', { min: 1, max: 10 })
  const found: { readonly name: string; readonly parameter: Wire }[] = []
  const missing: string[] = []
  for (const name of new Set(names)) {
    try {
      found.push({ name, parameter: readOne(call, name) })
    } catch (error) {
      if (!isAbsence(error) && parseReference(name) !== undefined) throw error
      missing.push(name)
    }
  }
  const sorted = found.toSorted((a, b) => (a.name < b.name ? -1 : 1))
  return { Parameters: sorted.map(({ parameter }) => parameter), InvalidParameters: missing }
}

/**
 * GetParametersByPath: a page of the parameters below a path, one level deep or all.
 *
 * As on AWS, filters apply to the page that was cut before: a page may be empty and still have a `NextToken`.
 */
export function getParametersByPath(call: Call): Wire {
  const { input, parameters } = call
  const below = isBelow(input.requiredText('Path', { min: 1, max: 2048 }), input.flag('Recursive'))
  const size = input.integer('MaxResults', { min: 1, max: 10 }) ?? 10
  const select = pathFilters(input)
  const token = input.text('NextToken')
  const request = { list: 'GetParametersByPath', size, token, errorCode: INVALID_TOKEN }
  const page = pageOf(parameters.all().filter(below), request)
  const selected = page.items.flatMap((parameter) => {
    const version = select(parameter)
    return version === undefined ? [] : [parameterWire(call, parameter, version)]
  })
  return { Parameters: selected, ...page.next }
}

/** GetParameterHistory: all versions that are kept, oldest first, with their labels. */
export function getParameterHistory(call: Call): Wire {
  const parameter = call.parameters.get(call.input.requiredText('Name', { min: 1, max: 2048 }))
  const size = call.input.integer('MaxResults', { min: 1, max: 50 }) ?? 50
  const token = call.input.text('NextToken')
  const request = { list: 'GetParameterHistory', size, token, errorCode: INVALID_TOKEN }
  const page = pageOf(parameter.versions, request)
  const history = page.items.map((version) => ({
    ...metadataWire(parameter, version),
    Value: valueOf(call, parameter, version),
    Labels: [...version.labels],
  }))
  return { Parameters: history, ...page.next }
}

/** Everything about a version but its value, as DescribeParameters and GetParameterHistory show it. */
export function metadataWire({ name, arn }: Parameter, version: ParameterVersion): Wire {
  return compact({
    Name: name,
    ARN: arn,
    Type: version.type,
    KeyId: version.keyId,
    LastModifiedDate: epochSeconds(version.modifiedAtMs),
    Description: version.description,
    AllowedPattern: version.allowedPattern,
    Version: version.version,
    Tier: version.tier,
    Policies: [],
    DataType: version.dataType,
  })
}

function readOne(call: Call, asked: string): Wire {
  if (isSecretReference(asked)) return readSecretReference(call, asked)
  const parameter = call.parameters.get(asked)
  const selector = parseReference(asked)?.selector
  const version = selectVersion(parameter, selector)
  const selection = selector === undefined ? {} : { Selector: `:${selector}` }
  return { ...parameterWire(call, parameter, version), ...selection }
}

function parameterWire(call: Call, parameter: Parameter, version: ParameterVersion): Wire {
  return {
    Name: parameter.name,
    Type: version.type,
    Value: valueOf(call, parameter, version),
    Version: version.version,
    LastModifiedDate: epochSeconds(version.modifiedAtMs),
    ARN: parameter.arn,
    DataType: version.dataType,
  }
}

/** The plain value; for a SecureString read without decryption, its ciphertext and no error. */
function valueOf({ access, input }: Call, parameter: Parameter, version: ParameterVersion): string {
  const { keyId, value, ciphertext } = version
  if (keyId === undefined) return value
  if (!input.flag('WithDecryption')) return ciphertext
  const { arn, key } = parameter
  access.decrypt({ service: 'ssm', keyId, resource: { shown: arn, aliases: [key, `/${key}`, arn] } })
  return value
}

function isAbsence(error: unknown): boolean {
  return error instanceof EmulatorError && ABSENCE.has(error.code)
}

const ABSENCE: ReadonlySet<string> = new Set(['ParameterNotFound', 'ParameterVersionNotFound'])
