/**
 * GetSecretValue and BatchGetSecretValue.
 *
 * @module
 */
import { EmulatorError, refusal } from '../emulator-error.js'
import type { Wire } from '../input.js'
import { compact, epochSeconds, type Call } from '../operation.js'
import { pageOf } from '../paging.js'
import { selectSecrets } from './filters.js'
import { liveSecret, STAGE_LIMITS, versionId } from './requests.js'
import { stagesOf, type Secret, type SecretVersion } from './secret.js'

const DAY_MS = 24 * 60 * 60 * 1000

/** Which version of a secret to read; neither means `AWSCURRENT`. */
export interface Selection {
  readonly id?: string | undefined
  readonly stage?: string | undefined
}

/** GetSecretValue: one version, by id, by stage, or the current one. */
export function getSecretValue(call: Call): Wire {
  const id = versionId(call.input, 'VersionId')
  const stage = call.input.text('VersionStage', STAGE_LIMITS)
  return readSecret(call, liveSecret(call), { id, stage })
}

/** BatchGetSecretValue: the current versions of up to 20 secrets; what fails for one secret lands in `Errors`. */
export function batchGetSecretValue(call: Call): Wire {
  const ids = call.input.texts('SecretIdList', { min: 1, max: 20 })
  const hasFilters = call.input.has('Filters')
  const size = call.input.integer('MaxResults', { min: 1, max: 20 })
  if (ids !== undefined && hasFilters) {
    throw refusal(
      'InvalidParameterException',
      "Either 'SecretIdList' or 'Filters' must be provided, but not both.",
    )
  }
  if (ids !== undefined && size !== undefined)
    throw refusal('InvalidParameterException', MAX_RESULTS_NEEDS_FILTERS)
  if (ids !== undefined) return readEach(call, ids)
  if (!hasFilters) {
    throw refusal('InvalidParameterException', "Either 'SecretIdList' or 'Filters' must be provided.")
  }
  const token = call.input.text('NextToken')
  const request = {
    list: 'BatchGetSecretValue',
    size: size ?? 20,
    token,
    errorCode: 'InvalidNextTokenException',
  }
  const page = pageOf(selectSecrets(call), request)
  const names = page.items.map(({ name }) => name)
  return { ...readEach(call, names), ...page.next }
}

const MAX_RESULTS_NEEDS_FILTERS =
  "'Filters' not specified. 'Filters' must also be specified when 'MaxResults' is provided."

/** Values in order of creation: AWS promises no order, and callers must not get used to that of the request. */
function readEach(call: Call, ids: readonly string[]): Wire {
  const found: { readonly secret: Secret; readonly value: Wire }[] = []
  const errors: Wire[] = []
  for (const id of ids) {
    try {
      call.access.authorize('secretsmanager:GetSecretValue', call.secrets.resource(id, call.nowMs))
      const secret = call.secrets.getLive(id, call.nowMs)
      found.push({ secret, value: readSecret(call, secret, {}) })
    } catch (error) {
      if (!(error instanceof EmulatorError)) throw error
      errors.push({ SecretId: id, ErrorCode: error.code, Message: error.wireMessage })
    }
  }
  const order = call.secrets.all(call.nowMs)
  const sorted = found.toSorted((a, b) => order.indexOf(a.secret) - order.indexOf(b.secret))
  return { SecretValues: sorted.map(({ value }) => value), Errors: errors }
}

/** One version of a secret as a response shows it; `ResourceNotFoundException` where there is no value. */
export function readSecret(call: Call, secret: Secret, selection: Selection): Wire {
  const version = versionOf(secret, selection)
  const { value } = version
  if (value === undefined) throw noValue(selection)
  const resource = { shown: secret.arn, aliases: [secret.name, secret.arn] }
  call.access.decrypt({ service: 'secretsmanager', keyId: version.keyId, resource })
  const accessedAtMs = Math.floor(call.nowMs / DAY_MS) * DAY_MS
  secret.versions.set(version.id, { ...version, accessedAtMs })
  secret.details = { ...secret.details, accessedAtMs }
  return compact({
    ARN: secret.arn,
    Name: secret.name,
    VersionId: version.id,
    SecretString: 'text' in value ? value.text : undefined,
    SecretBinary: 'bytes' in value ? value.bytes.toString('base64') : undefined,
    VersionStages: stagesOf(secret, version.id),
    CreatedDate: epochSeconds(version.createdAtMs),
  })
}

function versionOf(secret: Secret, selection: Selection): SecretVersion {
  const { id, stage } = selection
  const wanted = id ?? secret.stages.get(stage ?? 'AWSCURRENT')
  const version = wanted === undefined ? undefined : secret.versions.get(wanted)
  if (version === undefined) throw noValue(selection)
  if (stage !== undefined && secret.stages.get(stage) !== version.id) {
    const message = 'You provided a VersionStage that is not associated to the provided VersionId.'
    throw refusal('InvalidRequestException', message)
  }
  return version
}

function noValue({ id, stage = 'AWSCURRENT' }: Selection): EmulatorError {
  const which = id === undefined ? `staging label: ${stage}` : `VersionId: ${id}`
  const message = `Secrets Manager can't find the specified secret value for ${which}`
  return refusal('ResourceNotFoundException', message)
}
