/**
 * Says what to do next about a failure. Made from the code and the reference only, so it can quote nothing.
 *
 * @module
 */

import type { SecretsErrorCode } from '../errors.js'
import type { Reference } from '../reference/reference.js'

/** What a hint needs to know besides code and reference. */
export interface HintDetails {
  /** Whether the secret exists and is scheduled for deletion. */
  readonly isDeleted: boolean
  /** Name of the service's error. */
  readonly name: string | undefined
}

/** One sentence on what to do next, if there is something. */
export function hintFor(
  code: SecretsErrorCode,
  reference: Reference,
  details: HintDetails,
): string | undefined {
  switch (code) {
    case 'ERR_NOT_FOUND':
      return details.isDeleted ? restore(reference) : notFound(reference)
    case 'ERR_ACCESS_DENIED':
      return `Allow ${actionOf(reference)} on ${resourceOf(reference)} in the IAM policy of the caller.`
    case 'ERR_DECRYPT':
      return `Allow kms:Decrypt on the key, with kms:ViaService ${viaServiceOf(reference)}, and check that the key is enabled.`
    case 'ERR_CREDENTIALS':
      return 'Check the role or the AWS_* environment variables of this process, and its system clock.'
    case 'ERR_THROTTLED':
      return throttled(reference)
    case 'ERR_UNAVAILABLE':
      return 'Check network, VPC endpoint, proxy and region; the read can be repeated.'
    case 'ERR_REQUEST_REFUSED':
      return 'Correct the reference: repeating the same read fails the same way.'
    default:
      return undefined
  }
}

function notFound(reference: Reference): string {
  if (reference.service === 'secretsmanager' && reference.name?.startsWith('/') === true) {
    return `If you mean a parameter, write "ssm:${reference.ref}".`
  }
  const kind = reference.service === 'ssm' ? 'parameter' : 'secret'
  const version = selectorOf(reference)
  const place = version === undefined ? '' : ` Check also that the ${kind} has ${version}.`
  return `Check the name, the account and the region; a ${kind} of another account needs its full ARN.${place}`
}

function selectorOf(reference: Reference): string | undefined {
  if (reference.service === 'ssm') {
    if (reference.version !== undefined) return `version ${reference.version}`
    return reference.label === undefined ? undefined : `the label ${reference.label}`
  }
  if (reference.versionId !== undefined) return 'that version id'
  return reference.versionStage === undefined ? undefined : `the version stage ${reference.versionStage}`
}

function restore({ arn, name }: Reference): string {
  return `Bring it back with: aws secretsmanager restore-secret --secret-id "${arn ?? name ?? ''}"`
}

/** Quotas: "AWS Secrets Manager quotas" and "AWS Systems Manager endpoints and quotas" in the AWS references. */
function throttled({ service }: Reference): string {
  return service === 'ssm'
    ? 'Parameter Store allows 40 reads per second by default: read fewer at once, or turn on higher throughput for the account and region.'
    : 'Secrets Manager allows 10,000 reads per second: read fewer at once, or cache for longer.'
}

function actionOf({ service }: Reference): string {
  return service === 'ssm' ? 'ssm:GetParameter' : 'secretsmanager:GetSecretValue'
}

function resourceOf({ service, arn, name, region }: Reference): string {
  if (arn !== undefined) return arn
  const where = `${region ?? '<region>'}:<account>`
  if (service === 'ssm') return `arn:aws:ssm:${where}:parameter/${name?.replace(/^\//, '') ?? ''}`
  return `arn:aws:secretsmanager:${where}:secret:${name ?? ''}-??????`
}

function viaServiceOf({ service, region }: Reference): string {
  return `${service}.${region ?? '<region>'}.amazonaws.com`
}
