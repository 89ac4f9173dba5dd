/**
 * References given as an object, for names and selectors that are computed. Reads own members only. Pure.
 *
 * @module
 */
import { readArn } from './arn.js'
import { complete, MAX_REFERENCE_LENGTH, type Identity, type Parts } from './canonical.js'
import { pathOfField } from './field.js'
import { canonicalParameterName, checkParameterName, checkSecretName } from './name.js'
import type { Reference, Service } from './reference.js'
import { named, refusal } from './refusal.js'
import { parameterSelector, secretSelector } from './selector.js'

/** The members that a reference may have, and their types. */
const MEMBERS: ReadonlyMap<string, 'string' | 'number'> = new Map([
  ['service', 'string'],
  ['name', 'string'],
  ['arn', 'string'],
  ['versionId', 'string'],
  ['versionStage', 'string'],
  ['version', 'number'],
  ['label', 'string'],
  ['field', 'string'],
])

const SECRET_EXAMPLE = "`{ name: 'prod/db', versionStage: 'AWSPREVIOUS', field: 'password' }`"
const PARAMETER_EXAMPLE = "`{ service: 'ssm', name: '/prod/x', version: 3 }`"
const ARN_EXAMPLE =
  "`{ arn: 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-AbCdEf', versionStage: 'AWSPREVIOUS' }`"
const HINT = `Pass ${SECRET_EXAMPLE} or ${PARAMETER_EXAMPLE}.`

/** What was given, each member as a value of its type. */
interface Given {
  readonly service: string | undefined
  readonly name: string | undefined
  readonly arn: string | undefined
  readonly versionId: string | undefined
  readonly versionStage: string | undefined
  readonly version: number | undefined
  readonly label: string | undefined
  readonly field: string | undefined
}

/**
 * Reads `{ service?, name | arn, versionId?, versionStage?, version?, label?, field? }`. A member that is
 * `undefined` counts as absent.
 *
 * @throws TypeError when a member is of a wrong type or cannot be read.
 * @throws SecretsError `ERR_REFERENCE_INVALID` when a member is unknown, when not exactly one of `name` and
 * `arn` is given, when either carries a selector, when the service and the ARN or a selector disagree, or when
 * a name, selector or field cannot be.
 */
export function parseObject(input: object): Reference {
  const given = readMembers(input)
  const { name, arn, field } = given
  const subject = arn ?? name ?? ''
  if ((name === undefined) === (arn === undefined)) {
    throw refusal(subject, 'exactly one of name and arn is needed', HINT)
  }
  const identified = arn === undefined ? byName(subject, given, name ?? '') : byArn(subject, given, arn)
  const parts = withSelector(subject, given, identified)
  return complete(subject, parts, field === undefined ? undefined : pathOfField(subject, field))
}

function readMembers(input: object): Given {
  const members = snapshot(input)
  const text = (member: string): string | undefined => {
    const value = members.get(member)
    return typeof value === 'string' ? value : undefined
  }
  const version = members.get('version')
  return {
    service: text('service'),
    name: text('name'),
    arn: text('arn'),
    versionId: text('versionId'),
    versionStage: text('versionStage'),
    version: typeof version === 'number' ? version : undefined,
    label: text('label'),
    field: text('field'),
  }
}

/** What only a parsed reference has. It says nothing that the other members do not. */
const DERIVED: readonly string[] = ['ref', 'key']

function keysOf(input: object): readonly string[] {
  try {
    return Object.keys(input)
  } catch {
    // What a proxy throws is not ours to show: it may carry anything.
    throw new TypeError('reference could not be read, because a proxy threw an error')
  }
}

function snapshot(input: object): ReadonlyMap<string, unknown> {
  const members = new Map<string, unknown>()
  const keys = keysOf(input)
  const isParsed = DERIVED.every((key) => keys.includes(key))
  for (const key of keys) {
    if (isParsed && (DERIVED.includes(key) || key === 'path' || key === 'region')) continue
    const expected = MEMBERS.get(key)
    if (expected === undefined) throw unknownMember(key)
    const value = readMember(input, key)
    if (value !== undefined && typeof value !== expected) {
      throw new TypeError(`reference.${key} must be a ${expected}, got ${typeName(value)}`)
    }
    if (typeof value === 'string' && value.length > MAX_REFERENCE_LENGTH) {
      throw refusal('', `${key} has more than ${MAX_REFERENCE_LENGTH} characters`, HINT)
    }
    members.set(key, value)
  }
  return members
}

function readMember(input: object, key: string): unknown {
  try {
    return Reflect.get(input, key)
  } catch {
    // What a getter throws is not ours to show: it may carry anything.
    throw new TypeError(`reference.${key} cannot be read: its getter threw`)
  }
}

function unknownMember(key: string) {
  const isIdentifier = /^[A-Za-z_$][\w$]{0,31}$/.test(key)
  const what = `a reference has no member${isIdentifier ? ` "${key}"` : ' of that name'}`
  return refusal('', what, `Known are ${[...MEMBERS.keys()].join(', ')}: ${SECRET_EXAMPLE}.`)
}

/** The type of a value for a message, never the value: `null`, `array`, `typed array`, `number`. */
export function typeName(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return ArrayBuffer.isView(value) ? 'typed array' : typeof value
}

/** The item, and the parameter's name where it is one. */
interface Identified {
  readonly service: Service
  readonly identity: Identity
  readonly resourceName: string
}

function byName(subject: string, given: Given, name: string): Identified {
  const service = checkService(subject, given.service) ?? 'secretsmanager'
  if (name.startsWith('arn:')) throw refusal(subject, 'the name is an ARN', `Pass it as arn: ${ARN_EXAMPLE}.`)
  if (/[:#]/.test(name)) {
    const hint = `Pass ${SECRET_EXAMPLE}, or the string \`prod/db:AWSPREVIOUS#password\`.`
    throw refusal(subject, 'a name alone takes no prefix, selector or field', hint)
  }
  if (service === 'ssm') checkParameterName(subject, name)
  else checkSecretName(subject, name)
  return { service, identity: { name, arn: undefined, region: undefined }, resourceName: name }
}

function byArn(subject: string, given: Given, text: string): Identified {
  const { service, arn, region, resourceName, extras } = readArn(subject, text)
  const claimed = checkService(subject, given.service) ?? service
  if (claimed !== service) {
    const what = `the service is ${claimed}, but the ARN is of ${service}`
    throw refusal(subject, what, `Leave service out: ${ARN_EXAMPLE}.`)
  }
  if (extras.length > 0) {
    throw refusal(
      subject,
      'an ARN beside other members takes no selector',
      `Pass it as a member: ${ARN_EXAMPLE}.`,
    )
  }
  return { service, identity: { name: undefined, arn, region }, resourceName }
}

function checkService(subject: string, service: string | undefined): Service | undefined {
  if (service === undefined || service === 'secretsmanager' || service === 'ssm') return service
  const what = `${named(subject, 'the service', service)} is neither secretsmanager nor ssm`
  throw refusal(subject, what, HINT)
}

function withSelector(subject: string, given: Given, { service, identity, resourceName }: Identified): Parts {
  const { version, label, versionId, versionStage } = given
  if (service === 'ssm') {
    if (versionId !== undefined || versionStage !== undefined) {
      const what = 'versionId and versionStage select the version of a secret, not of a parameter'
      throw refusal(subject, what, `Pass ${PARAMETER_EXAMPLE}.`)
    }
    const name = canonicalParameterName(resourceName)
    return { service, ...identity, ...parameterSelector(subject, name, { version, label }) }
  }
  if (version !== undefined || label !== undefined) {
    const what = 'version and label select the version of a parameter, not of a secret'
    throw refusal(subject, what, `Pass ${SECRET_EXAMPLE}.`)
  }
  return { service, ...identity, ...secretSelector(subject, { versionId, versionStage }) }
}
