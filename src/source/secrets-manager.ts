/**
 * Reads secrets with `GetSecretValue`, and several with `BatchGetSecretValue`.
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
import type { SdkSourceOptions } from './sdk-client.js'
import { SdkSource } from './sdk-source.js'
import { secretsManagerSdk } from './sdk-transport.js'
import type { SecretsManagerRequest, Transport } from './transport.js'

/** Reads secrets, whatever carries the requests. */
export class SecretSource extends SdkSource<SecretReference, SecretsManagerRequest> {
  /** @internal */
  constructor(transport: Transport<SecretsManagerRequest>, options: SdkSourceOptions) {
    const isAsked = (reference: Reference) => reference.service === 'secretsmanager'
    const single = { request: getRequest, read: storedValueOf }
    super({ service: 'secretsmanager', isAsked, transport, single, batch: BATCH }, options)
  }
}

/** The built-in source for Secrets Manager. */
export class SecretsManagerSource extends SecretSource {
  /** Opens no connection and loads no SDK; both happen on first use. */
  constructor(options: SdkSourceOptions = {}) {
    super(secretsManagerSdk, options)
  }
}

const BATCH = {
  maxBatch: 20,
  isBatchable: isCurrent,
  request: batchRequest,
  pageOf,
  isAbout,
  versionOf,
}

function getRequest(reference: SecretReference): SecretsManagerRequest {
  const input = {
    SecretId: reference.arn ?? reference.name,
    ...optional('VersionId', reference.versionId),
    ...optional('VersionStage', reference.versionStage),
  }
  return { operation: 'GetSecretValue', input }
}

function batchRequest(ids: readonly string[], nextToken: string | undefined): SecretsManagerRequest {
  const input = { SecretIdList: [...ids], ...optional('NextToken', nextToken) }
  return { operation: 'BatchGetSecretValue', input }
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
  // The name first: most items of a batch are another's, and an ARN takes longer to read.
  if (name !== undefined && !isNamed(reference, name)) return false
  return arn === undefined || isArnOf(reference, arn)
}

function isNamed(reference: SecretReference, name: string): boolean {
  if (reference.arn === undefined) return name === reference.name
  return isWithSuffix(parseArn(reference.arn)?.resource ?? '', `secret:${name}`)
}
