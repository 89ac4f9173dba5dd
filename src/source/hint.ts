/**
 * Says what to do next about a failure. Made from the code and the reference only, so it can quote nothing.
 *
 * @module
 */

import type { SecretsErrorCode } from '../errors.js'
import { isTree } from '../reference/composite.js'
import type { Reference } from '../reference/reference.js'

/** What a hint needs to know besides code and reference. */
export interface HintDetails {
  /** Whether the secret exists and is scheduled for deletion. */
  readonly isDeleted: boolean
  /** Whether no secure connection could be made. */
  readonly isInsecure: boolean
  /** Whether nothing is known about the failure. */
  readonly isUnforeseen: boolean
  /** Whether Node.js refused the agent of the client. */
  readonly isWrongAgent: boolean
  /** What a source says of credentials that it could not get, of which only words that are known here count. */
  readonly credentialsTrouble: string | undefined
  /** Region that was asked. */
  readonly region: string | undefined
}

/** One sentence on what to do next, if there is something. */
export function hintFor(
  code: SecretsErrorCode,
  reference: Reference,
  details: HintDetails,
): string | undefined {
  switch (code) {
    case 'ERR_NOT_FOUND':
      return details.isDeleted ? restore(reference) : notFound(reference, details.region)
    case 'ERR_ACCESS_DENIED':
      return `Allow ${actionOf(reference)} on ${resourceOf(reference, details.region)} in the IAM policy of the caller.`
    case 'ERR_DECRYPT':
      return `Allow kms:Decrypt on the key, with kms:ViaService ${viaServiceOf(reference, details.region)}, and check that the key is enabled.`
    case 'ERR_CREDENTIALS':
      return credentials(details)
    case 'ERR_THROTTLED':
      return throttled(reference)
    case 'ERR_UNAVAILABLE':
      return unavailable(details)
    case 'ERR_REQUEST_REFUSED':
      return 'Correct the reference: repeating the same read fails the same way.'
    default:
      return undefined
  }
}

const TROUBLES: ReadonlyMap<string, string> = new Map([
  ['gone', 'The variables with credentials are gone from the environment of this process: set them again.'],
  [
    'host',
    'Correct the URI of the container credentials endpoint: it has to be an HTTPS URL, or an HTTP URL of this machine or of a container runtime, without a user name; the relative one has to start with "/".',
  ],
  [
    'token',
    'Check AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE and AWS_CONTAINER_AUTHORIZATION_TOKEN: the token for the container credentials endpoint cannot be read, or cannot be a header.',
  ],
  [
    'silent',
    'The container credentials endpoint did not answer within a second: check the agent of the container runtime.',
  ],
  [
    'unreachable',
    'The container credentials endpoint could not be reached: check the agent of the container runtime.',
  ],
  [
    'malformed',
    'The container credentials endpoint answered without credentials, or without their time of expiry.',
  ],
])

function credentials({ credentialsTrouble: trouble = '' }: HintDetails): string {
  if (/^status [1-5]\d\d$/.test(trouble)) {
    return `The container credentials endpoint answered with ${trouble}: check the role of the task or pod, and the token.`
  }
  return (
    TROUBLES.get(trouble) ??
    'Check the role, AWS_PROFILE and the other AWS_* variables of this process (for SSO: aws sso login), and the system clock.'
  )
}

function unavailable({ isUnforeseen, isInsecure, isWrongAgent }: HintDetails): string {
  if (isWrongAgent)
    return 'Pass an agent of node:https for an https endpoint, and one of node:http for an http endpoint.'
  if (isUnforeseen)
    return 'Make the same call with the AWS SDK, or the source, alone: its own error is withheld because it may quote the secret.'
  if (isInsecure)
    return 'Check endpoint, proxy and the certificates that this process trusts (for a CA of your own: NODE_EXTRA_CA_CERTS), and the system clock.'
  return 'Check network, VPC endpoint, proxy and region; the read can be repeated.'
}

function notFound(reference: Reference, region: string | undefined): string {
  if (reference.service === 'secretsmanager' && reference.name?.startsWith('/') === true) {
    return `If you mean a parameter, write "ssm:${reference.ref}".`
  }
  const kind = reference.service === 'ssm' ? 'parameter' : 'secret'
  const path = kind === 'parameter' ? ' What is below a path is read with tree().' : ''
  const version = selectorOf(reference)
  const place = version === undefined ? '' : ` Check also that the ${kind} has ${version}.`
  const where = region === undefined ? 'the region' : `the region (${region} was asked)`
  return `Check the name, the account and ${where}; a ${kind} of another account needs its full ARN.${place}${path}`
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

function actionOf(reference: Reference): string {
  if (isTree(reference)) return 'ssm:GetParametersByPath'
  return reference.service === 'ssm' ? 'ssm:GetParameter' : 'secretsmanager:GetSecretValue'
}

function resourceOf({ service, arn, name }: Reference, region = '<region>'): string {
  if (arn !== undefined) return service === 'ssm' || hasSuffix(arn) ? arn : `${arn}-??????`
  const where = `arn:${partitionOf(region)}:${service}:${region}:<account>`
  return service === 'ssm'
    ? `${where}:parameter/${name?.replace(/^\/|\/$/g, '') ?? ''}`
    : `${where}:secret:${name ?? ''}-??????`
}

/** A partial ARN lacks the six characters, and no IAM policy would match it. */
function hasSuffix(arn: string): boolean {
  return /-[A-Za-z0-9]{6}$/.test(arn)
}

function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn'
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws'
}

function viaServiceOf({ service }: Reference, region = '<region>'): string {
  return `${service}.${region}.amazonaws.com`
}
