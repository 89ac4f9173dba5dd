/**
 * DescribeSecret, ListSecrets and ListSecretVersionIds: everything about a secret but its values.
 *
 * @module
 */
import type { Wire } from '../input.js'
import { compact, epochSeconds, type Call } from '../operation.js'
import { pageOf } from '../paging.js'
import { selectSecrets } from './filters.js'
import { anySecret, liveSecret } from './requests.js'
import { DEFAULT_KEY_ID, stagesOf, type Secret, type SecretVersion } from './secret.js'

const INVALID_TOKEN = 'InvalidNextTokenException'
const SORT_KEYS = ['created-date', 'last-accessed-date', 'last-changed-date', 'name'] as const
type SortKey = (typeof SORT_KEYS)[number]

/** DescribeSecret: also answers for a secret scheduled for deletion. */
export function describeSecret(call: Call): Wire {
  const secret = anySecret(call)
  return compact({ ...description(secret), VersionIdsToStages: versionsToStages(secret) })
}

/** ListSecrets: up to 100 secrets a page, by default the newest first as AWS has it. */
export function listSecrets(call: Call): Wire {
  const { input } = call
  const size = input.integer('MaxResults', { min: 1, max: 100 }) ?? 100
  const sortBy = input.choice('SortBy', SORT_KEYS) ?? 'created-date'
  const order = input.choice('SortOrder', ['asc', 'desc']) ?? 'desc'
  const ascending = selectSecrets(call).toSorted((a, b) =>
    compare(sortValue(a, sortBy), sortValue(b, sortBy)),
  )
  const sorted = order === 'asc' ? ascending : ascending.toReversed()
  const token = input.text('NextToken')
  const page = pageOf(sorted, { list: 'ListSecrets', size, token, errorCode: INVALID_TOKEN })
  return { SecretList: page.items.map(listEntry), ...page.next }
}

/** ListSecretVersionIds: versions with a label, or with `IncludeDeprecated` all of them. */
export function listSecretVersionIds(call: Call): Wire {
  const secret = liveSecret(call)
  const size = call.input.integer('MaxResults', { min: 1, max: 100 }) ?? 100
  const withDeprecated = call.input.flag('IncludeDeprecated')
  const versions = [...secret.versions.values()].filter(
    ({ id }) => withDeprecated || stagesOf(secret, id).length > 0,
  )
  const token = call.input.text('NextToken')
  const page = pageOf(versions, { list: 'ListSecretVersionIds', size, token, errorCode: INVALID_TOKEN })
  const entries = page.items.map((version) => versionEntry(secret, version))
  return { Versions: entries, ARN: secret.arn, Name: secret.name, ...page.next }
}

function versionEntry(secret: Secret, version: SecretVersion): Wire {
  const stages = stagesOf(secret, version.id)
  return compact({
    VersionId: version.id,
    VersionStages: stages.length === 0 ? undefined : stages,
    LastAccessedDate: date(version.accessedAtMs),
    CreatedDate: epochSeconds(version.createdAtMs),
    KmsKeyIds: [version.keyId === DEFAULT_KEY_ID ? 'DefaultEncryptionKey' : version.keyId],
  })
}

function listEntry(secret: Secret): Wire {
  return compact({ ...description(secret), SecretVersionsToStages: versionsToStages(secret) })
}

function description({ arn, name, createdAtMs, details, tags }: Secret): Wire {
  const { rotation } = details
  return {
    ARN: arn,
    Name: name,
    Type: details.type,
    Description: details.description,
    KmsKeyId: details.keyId,
    RotationEnabled: rotation?.enabled,
    RotationLambdaARN: rotation?.lambdaArn,
    RotationRules: rotation?.rules,
    LastRotatedDate: date(rotation?.rotatedAtMs),
    LastChangedDate: epochSeconds(details.changedAtMs),
    LastAccessedDate: date(details.accessedAtMs),
    DeletedDate: date(details.deletedAtMs),
    Tags: tags.size === 0 ? undefined : [...tags].map(([Key, Value]) => ({ Key, Value })),
    CreatedDate: epochSeconds(createdAtMs),
  }
}

/** Versions with a label only; absent for a secret without any. */
function versionsToStages(secret: Secret): Record<string, string[]> | undefined {
  const ids = new Set(secret.stages.values())
  return ids.size === 0 ? undefined : Object.fromEntries([...ids].map((id) => [id, stagesOf(secret, id)]))
}

function sortValue({ name, createdAtMs, details }: Secret, key: SortKey): string | number {
  if (key === 'name') return name
  if (key === 'last-changed-date') return details.changedAtMs
  return key === 'created-date' ? createdAtMs : (details.accessedAtMs ?? 0)
}

function compare(a: string | number, b: string | number): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

function date(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : epochSeconds(ms)
}
