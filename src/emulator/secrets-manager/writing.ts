/**
 * CreateSecret, PutSecretValue and UpdateSecret: the operations that make versions.
 *
 * @module
 */
import { randomUUID } from 'node:crypto'
import { refusal, type EmulatorError } from '../emulator-error.js'
import type { Input, Wire } from '../input.js'
import { compact, type Call } from '../operation.js'
import { liveSecret, stagesIn, tagsIn, valueIn, versionId } from './requests.js'
import {
  attachStage,
  checkStageLimit,
  DEFAULT_KEY_ID,
  pruneVersions,
  sameValue,
  stagesOf,
  type Secret,
  type SecretDetails,
  type SecretValue,
} from './secret.js'
import { checkSecretName } from './store.js'

/** CreateSecret: a new secret, with or without a value. */
export function createSecret(call: Call): Wire {
  const { input, secrets, nowMs } = call
  refuseReplication(input)
  const name = input.requiredText('Name', { min: 1, max: 512 })
  checkSecretName(name)
  const token = requestToken(input)
  const value = valueIn(input)
  const tags = tagsIn(input)
  const existing = secrets.find(name, nowMs)
  if (existing !== undefined) return createAgain(existing, token, value)
  const draft = secrets.draft(name, nowMs)
  draft.details = { ...draft.details, ...metadataIn(input) }
  for (const [key, tagValue] of tags) draft.tags.set(key, tagValue)
  if (value !== undefined) addVersion(call, draft, { token, value, stages: ['AWSCURRENT'] })
  secrets.add(draft)
  return identity(draft, value === undefined ? undefined : token)
}

/** PutSecretValue: a new version, current unless the request names other stages. */
export function putSecretValue(call: Call): Wire {
  const secret = liveSecret(call)
  const token = requestToken(call.input)
  const value = valueIn(call.input)
  if (value === undefined) {
    throw refusal('InvalidRequestException', 'You must provide either SecretString or SecretBinary.')
  }
  const asked = stagesIn(call.input) ?? ['AWSCURRENT']
  // Source: PutSecretValue, Secrets Manager API Reference: the first version becomes current whatever was asked.
  const stages = secret.stages.has('AWSCURRENT') ? asked : [...asked, 'AWSCURRENT']
  addVersion(call, secret, { token, value, stages })
  return { ...identity(secret, token), VersionStages: stagesOf(secret, token) }
}

/** UpdateSecret: new metadata, and with a value a new current version. */
export function updateSecret(call: Call): Wire {
  const secret = liveSecret(call)
  const token = requestToken(call.input)
  const value = valueIn(call.input)
  const details = { ...secret.details, ...metadataIn(call.input), changedAtMs: call.nowMs }
  if (value === undefined) {
    secret.details = details
    return identity(secret)
  }
  addVersion(call, { ...secret, details }, { token, value, stages: ['AWSCURRENT'] })
  secret.details = details
  return identity(secret, token)
}

interface NewVersion {
  readonly token: string
  readonly value: SecretValue
  readonly stages: readonly string[]
}

/**
 * Adds a version, or fills one that a rotation announced without a value.
 *
 * The same token with the same value changes nothing; with another value it is `ResourceExistsException`.
 */
function addVersion(call: Call, secret: Secret, { token, value, stages }: NewVersion): void {
  const existing = secret.versions.get(token)
  if (existing?.value !== undefined) {
    if (sameValue(existing.value, value)) return
    throw tokenInUse(token, secret)
  }
  checkStageLimit(secret, stages)
  const keyId = secret.details.keyId ?? DEFAULT_KEY_ID
  const resource = { shown: secret.arn, aliases: [secret.name, secret.arn] }
  call.access.encrypt({ service: 'secretsmanager', keyId, resource })
  secret.versions.set(token, { id: token, value, keyId, createdAtMs: call.nowMs })
  for (const stage of stages) attachStage(secret, stage, token)
  secret.details = { ...secret.details, changedAtMs: call.nowMs }
  pruneVersions(secret, call.nowMs)
}

/** CreateSecret of a name that is taken: a repeated request is answered again, any other is refused. */
function createAgain(existing: Secret, token: string, value: SecretValue | undefined): Wire {
  if (existing.details.deletedAtMs !== undefined) {
    const message =
      "You can't create this secret because a secret with this name is already scheduled for deletion."
    throw refusal('InvalidRequestException', message)
  }
  const version = existing.versions.get(token)
  if (version?.value === undefined) {
    const message = `The operation failed because the secret ${existing.name} already exists.`
    throw refusal('ResourceExistsException', message)
  }
  if (value === undefined || !sameValue(version.value, value)) throw tokenInUse(token, existing)
  return identity(existing, token)
}

/** Silence would let a test believe in replicas that are not there. */
function refuseReplication(input: Input): void {
  if (!input.has('AddReplicaRegions')) return
  throw refusal('InvalidRequestException', 'The emulator does not replicate secrets.')
}

function tokenInUse(token: string, { arn }: Secret): EmulatorError {
  const why = `that value is already in use for a version of secret ${arn}.`
  return refusal('ResourceExistsException', `You can't use ClientRequestToken ${token} because ${why}`)
}

/** The token becomes the version id; SDKs make one up where the caller gives none, and so does this. */
function requestToken(input: Input): string {
  return versionId(input, 'ClientRequestToken') ?? randomUUID()
}

function metadataIn(input: Input): Pick<SecretDetails, 'description' | 'keyId' | 'type'> {
  const description = input.text('Description', { max: 2048 })
  const keyId = input.text('KmsKeyId', { max: 2048 })
  const type = input.text('Type')
  return {
    ...(description !== undefined && { description }),
    ...(keyId !== undefined && { keyId }),
    ...(type !== undefined && { type }),
  }
}

function identity({ arn, name }: Secret, token?: string): Wire {
  return compact({ ARN: arn, Name: name, VersionId: token })
}
