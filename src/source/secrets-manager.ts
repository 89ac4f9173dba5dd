/**
 * Reads secrets with `GetSecretValue`. The SDK client is imported on first use.
 *
 * @module
 */

import { parseArn } from '../reference/arn.js'
import { isArnOf, isWithSuffix } from '../reference/identity.js'
import type { Reference, SecretReference } from '../reference/reference.js'
import type { Payload, StoredValue } from '../stored-value.js'
import {
  type Fields,
  dateIn,
  isFields,
  isSameRegion,
  malformed,
  mismatch,
  optional,
  stringIn,
} from './answer.js'
import { type SdkClient, type SdkSourceOptions, USER_AGENT, missingPeer } from './sdk-client.js'
import { SdkSource } from './sdk-source.js'

// With `.catch` on the import itself a bundler accepts that the peer may be missing.
const importSdk = () =>
  import('@aws-sdk/client-secrets-manager').catch(missingPeer('@aws-sdk/client-secrets-manager'))

async function create(region: string | undefined): Promise<SdkClient> {
  const { SecretsManagerClient } = await importSdk()
  return new SecretsManagerClient({
    ...optional('region', region),
    maxAttempts: 1,
    customUserAgent: USER_AGENT,
  })
}

async function ask(
  client: SdkClient,
  reference: SecretReference,
  abortSignal: AbortSignal,
): Promise<unknown> {
  const { GetSecretValueCommand } = await importSdk()
  const input = {
    SecretId: reference.arn ?? reference.name,
    ...optional('VersionId', reference.versionId),
    ...optional('VersionStage', reference.versionStage),
  }
  return client.send(new GetSecretValueCommand(input), { abortSignal })
}

/** The built-in source for Secrets Manager. */
export class SecretsManagerSource extends SdkSource<SecretReference> {
  /** Opens no connection and loads no SDK; both happen on first use. */
  constructor(options: SdkSourceOptions = {}) {
    const isAsked = (reference: Reference) => reference.service === 'secretsmanager'
    super({ service: 'secretsmanager', isAsked, create, ask, read: storedValueOf }, options)
  }
}

function storedValueOf(reference: SecretReference, region: string | undefined, answer: unknown): StoredValue {
  if (!isFields(answer)) throw malformed(reference, 'no body', answer)
  const payload = payloadOf(reference, answer)
  const stages = stagesOf(answer)
  checkIdentity(reference, region, answer, stages)
  return {
    ...payload,
    ...optional('arn', stringIn(answer, 'ARN')),
    ...optional('name', stringIn(answer, 'Name')),
    ...optional('versionId', stringIn(answer, 'VersionId')),
    ...optional('versionStages', stages),
    ...optional('createdAt', dateIn(answer, 'CreatedDate')),
  }
}

function payloadOf(reference: SecretReference, answer: Fields): Payload {
  const text = stringIn(answer, 'SecretString')
  const bytes = answer['SecretBinary']
  if (text !== undefined && bytes === undefined) return { text }
  if (text === undefined && bytes instanceof Uint8Array) return { bytes }
  const what =
    text === undefined ? 'neither SecretString nor SecretBinary' : 'both SecretString and SecretBinary'
  throw malformed(reference, what, answer)
}

function stagesOf(answer: Fields): readonly string[] | undefined {
  const stages = answer['VersionStages']
  if (!Array.isArray(stages)) return undefined
  return Object.freeze(stages.filter((stage): stage is string => typeof stage === 'string'))
}

/** Checks what the answer says of itself; what it leaves out, as test doubles do, is not held against it. */
function checkIdentity(
  reference: SecretReference,
  region: string | undefined,
  answer: Fields,
  stages: readonly string[] | undefined,
): void {
  if (!isSameSecret(reference, stringIn(answer, 'ARN'), stringIn(answer, 'Name'))) {
    throw mismatch(reference, 'secret', answer)
  }
  if (!isSameRegion(region, stringIn(answer, 'ARN'))) throw mismatch(reference, 'region', answer)
  const { versionId } = reference
  if (versionId !== undefined && (stringIn(answer, 'VersionId') ?? versionId) !== versionId) {
    throw mismatch(reference, 'version', answer)
  }
  const stage = reference.versionStage ?? (versionId === undefined ? 'AWSCURRENT' : undefined)
  if (stage !== undefined && stages?.includes(stage) === false)
    throw mismatch(reference, 'version stage', answer)
}

/** Name and ARN of the answer must both fit what was asked for, by name or by ARN. */
function isSameSecret(
  reference: SecretReference,
  arn: string | undefined,
  name: string | undefined,
): boolean {
  if (arn !== undefined && !isArnOf(reference, arn)) return false
  if (name === undefined) return true
  if (reference.arn === undefined) return name === reference.name
  return isWithSuffix(parseArn(reference.arn)?.resource ?? '', `secret:${name}`)
}
