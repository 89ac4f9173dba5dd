/**
 * Reads secrets with `GetSecretValue`, and several with `BatchGetSecretValue`. The SDK client is imported on first use.
 *
 * @module
 */

import { parseArn } from '../reference/arn.js'
import { isArnOf, isWithSuffix } from '../reference/identity.js'
import type { Reference, SecretReference } from '../reference/reference.js'
import { type Payload, type StoredValue, memberOf } from '../stored-value.js'
import {
  type Fields,
  dateIn,
  fieldsIn,
  isFields,
  isOversize,
  isSameRegion,
  malformed,
  metadataIn,
  mismatch,
  optional,
  stringIn,
} from './answer.js'
import type { BatchPage } from './batch-answer.js'
import { type SdkClient, type SdkSourceOptions, USER_AGENT, missingPeer } from './sdk-client.js'
import { SdkSource } from './sdk-source.js'
import type { SdkCommand } from './single-attempt.js'

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

async function getCommand(reference: SecretReference): Promise<SdkCommand> {
  const { GetSecretValueCommand } = await importSdk()
  return new GetSecretValueCommand({
    SecretId: reference.arn ?? reference.name,
    ...optional('VersionId', reference.versionId),
    ...optional('VersionStage', reference.versionStage),
  })
}

async function batchCommand(ids: readonly string[], nextToken: string | undefined): Promise<SdkCommand> {
  const { BatchGetSecretValueCommand } = await importSdk()
  return new BatchGetSecretValueCommand({ SecretIdList: [...ids], ...optional('NextToken', nextToken) })
}

/** The built-in source for Secrets Manager. */
export class SecretsManagerSource extends SdkSource<SecretReference> {
  /** Opens no connection and loads no SDK; both happen on first use. */
  constructor(options: SdkSourceOptions = {}) {
    const isAsked = (reference: Reference) => reference.service === 'secretsmanager'
    const single = { operation: 'GetSecretValue', command: getCommand, read: storedValueOf }
    super({ service: 'secretsmanager', isAsked, create, single, batch: BATCH }, options)
  }
}

const BATCH = {
  operation: 'BatchGetSecretValue',
  maxBatch: 20,
  isBatchable: isCurrent,
  command: batchCommand,
  pageOf,
  isAbout,
  versionOf,
}

/** The operation knows no selector: it gives what is `AWSCURRENT`. */
function isCurrent({ versionId, versionStage }: SecretReference): boolean {
  return versionId === undefined && versionStage === undefined
}

function pageOf(answer: unknown): BatchPage {
  const metadata = metadataIn(answer)
  const errors = new Map<string, unknown>()
  for (const refused of fieldsIn(answer, 'Errors')) {
    const [id, name] = [stringIn(refused, 'SecretId'), stringIn(refused, 'ErrorCode')]
    if (id === undefined || name === undefined) continue
    errors.set(id, { name, message: stringIn(refused, 'Message') ?? '', ...metadata })
  }
  const items = fieldsIn(answer, 'SecretValues').map((item) => ({ ...item, ...metadata }))
  const nextToken = isFields(answer) ? stringIn(answer, 'NextToken') : undefined
  return { items, errors, nextToken: nextToken === '' ? undefined : nextToken }
}

/** An item that does not say what it is could be anybody's. */
function isAbout(reference: SecretReference, item: Fields): boolean {
  const [arn, name] = [stringIn(item, 'ARN'), stringIn(item, 'Name')]
  return (arn ?? name) !== undefined && isSameSecret(reference, arn, name)
}

function versionOf(item: Fields): string {
  return JSON.stringify([stringIn(item, 'ARN'), stringIn(item, 'VersionId')])
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
  const bytes = memberOf(answer, 'SecretBinary')
  if (isOversize(text ?? '') || (bytes instanceof Uint8Array && isOversize(bytes))) {
    throw malformed(reference, 'a value of more than 1 MiB', answer)
  }
  if (text !== undefined && bytes === undefined) return { text }
  if (text === undefined && bytes instanceof Uint8Array) return { bytes }
  const what =
    text === undefined ? 'neither SecretString nor SecretBinary' : 'both SecretString and SecretBinary'
  throw malformed(reference, what, answer)
}

function stagesOf(answer: Fields): readonly string[] | undefined {
  const stages = memberOf(answer, 'VersionStages')
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
