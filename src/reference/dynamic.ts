/**
 * CloudFormation's dynamic references:
 * `{{resolve:secretsmanager:secret-id:SecretString:json-key:version-stage:version-id}}`,
 * `{{resolve:ssm:name:version}}` and `{{resolve:ssm-secure:name:version}}`. Pure.
 *
 * @module
 */
import { readArn } from './arn.js'
import { complete, type Identity } from './canonical.js'
import { pathOfJsonKey } from './field.js'
import { canonicalParameterName, checkParameterName, checkSecretName } from './name.js'
import type { Reference } from './reference.js'
import { refusal } from './refusal.js'
import { NO_PARAMETER_SELECTOR, parameterSelectorOfText, positionalSelector } from './selector.js'

const SECRET_EXAMPLE = '`{{resolve:secretsmanager:prod/db:SecretString:password}}`'
const PARAMETER_EXAMPLE = '`{{resolve:ssm:/prod/x:3}}`'
const HINT = `Write ${SECRET_EXAMPLE} or ${PARAMETER_EXAMPLE}.`

/**
 * Reads a dynamic reference. The parts behind the id may be left out from the end, and an empty part selects
 * nothing. `ssm-secure` reads what `ssm` reads: every parameter is decrypted.
 *
 * @param text - Starts with `{{`.
 * @throws SecretsError `ERR_REFERENCE_INVALID` when it is not one of the three forms, when something follows
 * `}}`, when a secret part other than `SecretString` is asked for, when a stage and an id are both given, or
 * when a parameter's version is not all digits (CloudFormation user guide, "Dynamic references").
 */
export function parseDynamic(text: string): Reference {
  const end = text.indexOf('}}')
  if (text.startsWith('{{ssm:')) {
    const what = 'this is how SSM documents refer to a parameter'
    throw refusal(text, what, 'Write `ssm:/prod/x:3` or `{{resolve:ssm:/prod/x:3}}`.')
  }
  if (end >= 0 && text.startsWith('#', end + 2)) {
    const hint = `Name the key inside, ${SECRET_EXAMPLE}, or write \`prod/db#password\`.`
    throw refusal(text, 'a dynamic reference takes no "#field"', hint)
  }
  if (end !== text.length - 2) throw refusal(text, 'a dynamic reference ends with its only "}}"', HINT)
  const [resolve, service, ...parts] = text.slice(2, end).split(':')
  if (resolve === 'resolve' && service === 'secretsmanager') return dynamicSecret(text, parts)
  if (resolve === 'resolve' && (service === 'ssm' || service === 'ssm-secure'))
    return dynamicParameter(text, parts)
  throw refusal(text, 'a dynamic reference resolves secretsmanager, ssm or ssm-secure', HINT)
}

function dynamicSecret(text: string, parts: readonly string[]): Reference {
  const { identity, extras } = secretOf(text, parts)
  const [kind = '', key = '', stage = '', id = ''] = extras
  if (kind !== '' && kind !== 'SecretString') {
    throw refusal(text, 'the part behind the secret is not SecretString', `Write ${SECRET_EXAMPLE}.`)
  }
  if (extras.length > 4) throw refusal(text, 'too many parts follow the secret', `Write ${SECRET_EXAMPLE}.`)
  const path = key === '' ? undefined : pathOfJsonKey(text, key)
  return complete(
    text,
    { service: 'secretsmanager', ...identity, ...positionalSelector(text, stage, id) },
    path,
  )
}

function secretOf(text: string, parts: readonly string[]): { identity: Identity; extras: readonly string[] } {
  if (parts[0] !== 'arn') {
    const [name = '', ...extras] = parts
    checkSecretName(text, name)
    return { identity: { name, arn: undefined, region: undefined }, extras }
  }
  const { service, arn, region, extras } = readArn(text, parts.join(':'))
  if (service !== 'secretsmanager')
    throw refusal(text, 'the ARN is not of a secret', `Write ${SECRET_EXAMPLE}.`)
  return { identity: { name: undefined, arn, region }, extras }
}

function dynamicParameter(text: string, parts: readonly string[]): Reference {
  const [name = '', version, ...more] = parts
  if (more.length > 0)
    throw refusal(text, 'only a version may follow the parameter', `Write ${PARAMETER_EXAMPLE}.`)
  checkParameterName(text, name)
  if (version !== undefined && !/^[0-9]+$/.test(version)) {
    const hint = `Write ${PARAMETER_EXAMPLE}, or \`ssm:/prod/x:blue\` for a label.`
    throw refusal(text, 'CloudFormation selects a parameter by version number only', hint)
  }
  const selector =
    version === undefined
      ? NO_PARAMETER_SELECTOR
      : parameterSelectorOfText(text, canonicalParameterName(name), version)
  return complete(text, { service: 'ssm', name, arn: undefined, region: undefined, ...selector }, undefined)
}
