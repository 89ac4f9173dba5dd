/**
 * The filters of GetParametersByPath and DescribeParameters.
 *
 * @module
 */
import { refusal } from '../emulator-error.js'
import type { Input } from '../input.js'
import { pathPrefix } from './names.js'
import type { Parameter, ParameterVersion } from './store.js'

type Test = (parameter: Parameter) => boolean

interface Filter {
  readonly key: string
  readonly option: string
  readonly values: readonly string[]
}

const PATH_KEYS = ['Type', 'KeyId', 'Label']
const DESCRIBE_KEYS = ['Path', 'Name', 'Type', 'KeyId', 'Tier', 'DataType']

/** Picks, for each parameter below a path, the version to show, or none: the latest, or the one with the label. */
export function pathFilters(input: Input): (parameter: Parameter) => ParameterVersion | undefined {
  const filters = filtersIn(input, PATH_KEYS)
  const labels = filters.find(({ key }) => key === 'Label')?.values
  const tests = filters.filter(({ key }) => key !== 'Label').map(testOf)
  return (parameter) => {
    if (!tests.every((test) => test(parameter))) return undefined
    if (labels === undefined) return parameter.latest
    return parameter.versions.findLast((version) => labels.some((label) => version.labels.has(label)))
  }
}

/** Tells which parameters DescribeParameters shows. */
export function describeFilters(input: Input): Test {
  if (input.has('Filters')) {
    throw refusal('ValidationException', 'The emulator does not know Filters; use ParameterFilters.')
  }
  const tests = filtersIn(input, DESCRIBE_KEYS).map(testOf)
  return (parameter) => tests.every((test) => test(parameter))
}

function filtersIn(input: Input, keys: readonly string[]): Filter[] {
  return input.structures('ParameterFilters').map((filter) => {
    const key = filter.requiredText('Key', { min: 1, max: 132 })
    if (!keys.includes(key)) {
      const message = `The following filter key is not valid: ${key}. Valid filter keys include: [${keys.join(', ')}].`
      throw refusal('InvalidFilterKey', message)
    }
    const values = filter.texts('Values', { min: 1, max: 50 })
    if (values === undefined) {
      throw refusal(
        'InvalidFilterValue',
        `The following filter values are missing : null for filter key ${key}.`,
      )
    }
    return { key, values, option: optionOf(key, filter.text('Option')) }
  })
}

function optionOf(key: string, option: string | undefined): string {
  const options = optionsOf(key)
  const chosen = option ?? options[0] ?? 'Equals'
  if (options.includes(chosen)) return chosen
  const valid = options.join(', ')
  const message = `The following filter option is not valid: ${chosen}. Valid options include: [${valid}].`
  throw refusal('InvalidFilterOption', message)
}

/** The options of a key, the default first. */
function optionsOf(key: string): readonly string[] {
  if (key === 'Path') return ['OneLevel', 'Recursive']
  if (key === 'Label') return ['Equals']
  return key === 'Name' ? ['Equals', 'BeginsWith', 'Contains'] : ['Equals', 'BeginsWith']
}

function testOf({ key, option, values }: Filter): Test {
  if (key === 'Path') return isBelowAny(values, option === 'Recursive')
  return (parameter) =>
    textsOf(parameter, key).some((text) => values.some((value) => matches(text, option, value)))
}

function matches(text: string, option: string, value: string): boolean {
  if (option === 'BeginsWith') return text.startsWith(value)
  return option === 'Contains' ? text.includes(value) : text === value
}

/** What a key looks at; a name is known with and without its leading slash. */
function textsOf({ key: parameterKey, latest }: Parameter, key: string): readonly string[] {
  switch (key) {
    case 'Name':
      return [parameterKey, `/${parameterKey}`]
    case 'Type':
      return [latest.type]
    case 'KeyId':
      return [latest.keyId ?? '']
    case 'Tier':
      return [latest.tier]
    default:
      return [latest.dataType]
  }
}

function isBelowAny(paths: readonly string[], isRecursive: boolean): Test {
  const tests = paths.map((path) => isBelow(path, isRecursive))
  return (parameter) => tests.some((test) => test(parameter))
}

/** Tells whether a parameter lies below a path: directly, or anywhere. */
export function isBelow(path: string, isRecursive: boolean): Test {
  const prefix = pathPrefix(path)
  return ({ key }) => key.startsWith(prefix) && (isRecursive || !key.slice(prefix.length).includes('/'))
}
