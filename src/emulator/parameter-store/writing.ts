/**
 * PutParameter.
 *
 * @module
 */
import { randomBytes } from 'node:crypto'
import { refusal } from '../emulator-error.js'
import { invalid, type Input, type Wire } from '../input.js'
import type { Call } from '../operation.js'
import { checkNewName, parseReference } from './names.js'
import { PARAMETER_TYPES, type Parameter, type ParameterType, type ParameterVersion } from './store.js'

const DEFAULT_KEY_ID = 'alias/aws/ssm'

// Source: PutParameter, AWS Systems Manager API Reference; "Managing parameter tiers", User Guide.
const MAX_VERSIONS = 100
const MAX_STANDARD_BYTES = 4096
const MAX_ADVANCED_BYTES = 8192
const TIERS = ['Standard', 'Advanced', 'Intelligent-Tiering'] as const
const DATA_TYPES: ReadonlySet<string> = new Set(['text', 'aws:ec2:image', 'aws:ssm:integration'])

const TAGS_AND_OVERWRITE =
  "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please remove " +
  'overwrite flag. To update tags for an existing parameter, please use AddTagsToResource or RemoveTagsFromResource.'
const TYPE_NEEDED = 'A parameter type is required when you create a parameter.'
const ALREADY_EXISTS =
  'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.'
const TYPE_IS_FIXED =
  "Parameter Store doesn't support changing a parameter type in a hierarchy. For example, you can't change a " +
  'parameter from a String type to a SecureString type. You must create a new, unique parameter.'
const TOO_LONG_FOR_STANDARD =
  `Standard tier parameters support a maximum parameter value of ${MAX_STANDARD_BYTES} characters. To create a larger ` +
  'parameter value, upgrade the parameter to use the advanced-parameter tier.'
const NO_DOWNGRADE =
  "This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the advanced-parameter tier " +
  'to the standard-parameter tier. If necessary, you can delete the advanced parameter and recreate it as a standard ' +
  'parameter.'

/** PutParameter: a new parameter, or with `Overwrite` a new version of one. */
export function putParameter(call: Call): Wire {
  const { input, parameters } = call
  const name = input.requiredText('Name', { min: 1, max: 2048 }).trim()
  checkNewName(name, parameters.place)
  const overwrite = input.flag('Overwrite')
  const tags = input.structures('Tags')
  if (overwrite && tags.length > 0) throw refusal('ValidationException', TAGS_AND_OVERWRITE)
  const existing = parameters.find(parseReference(name))
  if (existing !== undefined && !overwrite) throw refusal('ParameterAlreadyExists', ALREADY_EXISTS)
  const version = newVersion(call, existing)
  if (existing === undefined) parameters.create(name, version)
  else append(existing, version)
  return { Version: version.version, Tier: version.tier }
}

function newVersion(
  { input, access, nowMs, parameters }: Call,
  existing: Parameter | undefined,
): ParameterVersion {
  const type = typeIn(input, existing)
  const value = valueIn(input)
  const keyId = keyIn(input, type, existing)
  const description = input.text('Description', { max: 1024 }) ?? existing?.latest.description
  const allowedPattern = patternIn(input, value)
  const name = input.requiredText('Name')
  if (keyId !== undefined) access.encrypt({ service: 'ssm', keyId, resource: parameters.resource(name) })
  return {
    version: (existing?.latest.version ?? 0) + 1,
    type,
    value,
    ciphertext: newCiphertext(),
    tier: tierIn(input, Buffer.byteLength(value), existing),
    dataType: dataTypeIn(input),
    modifiedAtMs: nowMs,
    labels: new Set(),
    ...(keyId !== undefined && { keyId }),
    ...(description !== undefined && { description }),
    ...(allowedPattern !== undefined && { allowedPattern }),
  }
}

/** Adds a version; beyond 100 the oldest goes, unless a label holds it. */
function append(parameter: Parameter, version: ParameterVersion): void {
  const oldest = parameter.versions[0]
  const isFull = parameter.versions.length >= MAX_VERSIONS
  if (isFull && oldest !== undefined && oldest.labels.size > 0) {
    const message =
      `You attempted to create a new version of ${parameter.name} by calling the PutParameter API with the overwrite ` +
      `flag. Version ${oldest.version}, the oldest version, can't be deleted because it has a label associated with ` +
      'it. Move the label to another version of the parameter, and try again.'
    throw refusal('ParameterMaxVersionLimitExceeded', message)
  }
  parameter.versions = [...parameter.versions.slice(isFull ? 1 : 0), version]
  parameter.latest = version
}

function typeIn(input: Input, existing: Parameter | undefined): ParameterType {
  const type = input.choice('Type', PARAMETER_TYPES) ?? existing?.latest.type
  if (type === undefined) throw refusal('ValidationException', TYPE_NEEDED)
  if (existing !== undefined && type !== existing.latest.type) {
    throw refusal('HierarchyTypeMismatchException', TYPE_IS_FIXED)
  }
  return type
}

function valueIn(input: Input): string {
  const value = input.requiredText('Value', { min: 1 })
  if (!/\{\{.*\}\}/s.test(value)) return value
  throw refusal(
    'ValidationException',
    'Parameter value can\'t nest another parameter. Do not use "{{}}" in the value.',
  )
}

/** Only a SecureString has a key; without one it is the account's own. */
function keyIn(input: Input, type: ParameterType, existing: Parameter | undefined): string | undefined {
  const keyId = input.text('KeyId', { min: 1, max: 256 })
  if (type === 'SecureString') return keyId ?? existing?.latest.keyId ?? DEFAULT_KEY_ID
  if (keyId === undefined) return undefined
  throw refusal('ValidationException', 'KeyId is only supported for parameters of type SecureString.')
}

function patternIn(input: Input, value: string): string | undefined {
  const pattern = input.text('AllowedPattern', { max: 1024 })
  if (pattern === undefined) return undefined
  if (compile(pattern).test(value)) return pattern
  // AWS's text quotes the value here; this one must not.
  const message = `Parameter value, cannot be validated against allowedPattern: ${pattern}`
  throw refusal('ParameterPatternMismatchException', message)
}

function compile(pattern: string): RegExp {
  try {
    return new RegExp(`^(?:${pattern})$`)
  } catch {
    throw refusal('InvalidAllowedPatternException', `The allowed pattern is not valid: ${pattern}`)
  }
}

function tierIn(input: Input, sizeBytes: number, existing: Parameter | undefined): 'Standard' | 'Advanced' {
  if (input.has('Policies'))
    throw refusal('ValidationException', 'The emulator does not know parameter policies.')
  const isAdvanced = existing?.latest.tier === 'Advanced'
  const asked = input.choice('Tier', TIERS) ?? (isAdvanced ? 'Advanced' : 'Standard')
  if (sizeBytes > MAX_ADVANCED_BYTES) {
    throw invalid('Value', null, `Member must have length less than or equal to ${MAX_ADVANCED_BYTES}`)
  }
  if (asked === 'Standard' && isAdvanced) throw refusal('ValidationException', NO_DOWNGRADE)
  if (asked === 'Standard' && sizeBytes > MAX_STANDARD_BYTES) {
    throw refusal('ValidationException', TOO_LONG_FOR_STANDARD)
  }
  if (asked !== 'Intelligent-Tiering') return asked
  return isAdvanced || sizeBytes > MAX_STANDARD_BYTES ? 'Advanced' : 'Standard'
}

function dataTypeIn(input: Input): string {
  const dataType = input.text('DataType', { max: 128 }) ?? 'text'
  if (DATA_TYPES.has(dataType)) return dataType
  const message = `The following data type is not supported: ${dataType} (Data type names are all lowercase.)`
  throw refusal('ValidationException', message)
}

/** The first bytes of what KMS encrypts: `AQICAH…` in base64. */
const KMS_HEADER = Buffer.from([1, 2, 2, 0, 0x78])

/** Looks like what KMS returns and is made of nothing but chance, so that no value can be got back from it. */
function newCiphertext(): string {
  return Buffer.concat([KMS_HEADER, randomBytes(140)]).toString('base64')
}
