/**
 * ARNs of secrets and parameters, in every partition, complete or without the six-character suffix. Pure.
 *
 * @module
 */
import { checkParameterName, checkSecretNameCharacters } from './name.js'
import type { Service } from './reference.js'
import { named, refusal } from './refusal.js'

/** The parts of any service's ARN: `arn:partition:service:region:account:resource`. */
export interface Arn {
  readonly partition: string
  readonly service: string
  /** Empty for services that are not regional. */
  readonly region: string
  /** Empty for resources that belong to AWS. */
  readonly account: string
  /** Everything behind the fifth `:`, such as `secret:prod/db-AbCdEf` or `parameter/prod/x`. */
  readonly resource: string
}

/** A checked ARN at the start of a reference. */
export interface LeadingArn {
  readonly service: Service
  readonly arn: string
  readonly region: string
  /** Name of the parameter with a leading `/`, or the secret's name with its suffix if it has one. */
  readonly resourceName: string
  /** The parts behind the ARN, one for each further `:`. */
  readonly extras: readonly string[]
}

// GetSecretValue and GetParameter: an id has at most 2048 characters.
const MAX_ARN_LENGTH = 2048

const SECRET_ARN = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-AbCdEf'
const PARAMETER_ARN = 'arn:aws:ssm:eu-west-1:123456789012:parameter/prod/x'
const HINT = `Copy it from the console, as in \`${SECRET_ARN}\` or \`${PARAMETER_ARN}\`.`

/**
 * The parts of an ARN of any service, such as one in an answer; `undefined` when the text is no ARN. The parts
 * are not checked further. Never throws.
 */
export function parseArn(text: string): Arn | undefined {
  const [arn, partition = '', service = '', region, account, ...resource] = text.split(':')
  if (arn !== 'arn' || !isPartition(partition) || service === '') return undefined
  if (region === undefined || account === undefined || resource.length === 0) return undefined
  return { partition, service, region, account, resource: resource.join(':') }
}

/**
 * Reads the ARN of a secret or parameter and what follows it:
 * `arn:…:secret:name-AbCdEf`, `arn:…:secret:name` or `arn:…:parameter/name`.
 *
 * Whether the name of a secret's ARN is complete is not decided: a name may itself end like a suffix.
 *
 * @throws SecretsError `ERR_REFERENCE_INVALID` when a part is missing or cannot be, when the ARN is of another
 * service or resource, or when it is longer than 2048 characters (API reference, GetSecretValue).
 */
export function readArn(subject: string, text: string): LeadingArn {
  const parsed = parseArn(text)
  if (parsed === undefined) {
    throw refusal(subject, 'the ARN is incomplete or of an unknown partition', HINT)
  }
  const { service, region } = parsed
  if (service !== 'secretsmanager' && service !== 'ssm') {
    throw refusal(
      subject,
      `${named(subject, "the ARN's service", service)} is neither secretsmanager nor ssm`,
      HINT,
    )
  }
  checkOwner(subject, parsed)
  const { kept, resourceName, extras } =
    service === 'ssm' ? ofParameter(subject, parsed) : ofSecret(subject, parsed)
  const arn = text.split(':', kept).join(':')
  if (arn.length > MAX_ARN_LENGTH) {
    throw refusal(subject, `an ARN has at most ${MAX_ARN_LENGTH} characters`, HINT)
  }
  return { service, arn, region, resourceName, extras }
}

/** `aws`, `aws-cn`, `aws-us-gov`, `aws-iso-b`, `aws-eusc` and whatever AWS opens next. */
function isPartition(partition: string): boolean {
  const [aws, ...words] = partition.split('-')
  return aws === 'aws' && words.every((word) => /^[a-z0-9]+$/.test(word))
}

function checkOwner(subject: string, { region, account, service, resource }: Arn): void {
  if (!/^[a-z0-9-]+$/.test(region)) throw refusal(subject, 'the ARN names no valid region', HINT)
  // Public parameters belong to no account: `arn:aws:ssm:us-east-1::parameter/aws/service/…`.
  const isPublic = account === '' && service === 'ssm' && resource.startsWith('parameter/aws/')
  if (!isPublic && !/^[0-9]{12}$/.test(account)) {
    throw refusal(subject, 'the account in the ARN has not 12 digits', HINT)
  }
}

function ofSecret(subject: string, { resource }: Arn) {
  const [kind, name = '', ...extras] = resource.split(':')
  if (kind !== 'secret') throw refusal(subject, 'the ARN is not of a secret', HINT)
  if (name === '') throw refusal(subject, 'the ARN names no secret', HINT)
  checkSecretNameCharacters(subject, name)
  return { kept: 7, resourceName: name, extras }
}

function ofParameter(subject: string, { resource }: Arn) {
  const [path = '', ...extras] = resource.split(':')
  if (!path.startsWith('parameter/')) throw refusal(subject, 'the ARN is not of a parameter', HINT)
  const name = path.slice('parameter'.length)
  checkParameterName(subject, name)
  return { kept: 6, resourceName: name, extras }
}
