/**
 * UpdateSecretVersionStage: moves a staging label by hand.
 *
 * @module
 */
import { refusal } from '../emulator-error.js'
import type { Wire } from '../input.js'
import type { Call } from '../operation.js'
import { liveSecret, STAGE_LIMITS, versionId } from './requests.js'
import { attachStage, checkStageLimit, type Secret } from './secret.js'

/**
 * Moves, attaches or removes one label as a compare-and-swap.
 *
 * Where another version has the label, `RemoveFromVersionId` must name it. `AWSCURRENT` can move but not go.
 */
export function updateSecretVersionStage(call: Call): Wire {
  const secret = liveSecret(call)
  const stage = call.input.requiredText('VersionStage', STAGE_LIMITS)
  const from = versionId(call.input, 'RemoveFromVersionId')
  const to = versionId(call.input, 'MoveToVersionId')
  if (from !== undefined) checkHolder(secret, stage, from)
  if (to !== undefined) checkExists(secret, to)
  const holder = secret.stages.get(stage)
  if (to === undefined) remove(secret, stage, from)
  else if (holder !== undefined && holder !== to && from === undefined) throw mustNameHolder(stage, holder)
  else move(secret, stage, to)
  secret.details = { ...secret.details, changedAtMs: call.nowMs }
  return { ARN: secret.arn, Name: secret.name }
}

function move(secret: Secret, stage: string, to: string): void {
  checkStageLimit(secret, [stage])
  attachStage(secret, stage, to)
}

function remove(secret: Secret, stage: string, from: string | undefined): void {
  if (stage === 'AWSCURRENT') {
    const message =
      "You can only move staging label AWSCURRENT to a different secret version. It can't be completely removed."
    throw refusal('InvalidParameterException', message)
  }
  if (from === undefined) {
    const message = 'You must specify either RemoveFromVersionId or MoveToVersionId.'
    throw refusal('InvalidParameterException', message)
  }
  secret.stages.delete(stage)
}

function checkHolder(secret: Secret, stage: string, from: string): void {
  checkExists(secret, from)
  if (secret.stages.get(stage) === from) return
  throw refusal('InvalidParameterException', `Version stage ${stage} not found in version ${from}`)
}

function checkExists(secret: Secret, id: string): void {
  if (!secret.versions.has(id)) throw refusal('InvalidParameterException', `Not a valid version: ${id}`)
}

// Source: a message seen in the field (hashicorp/terraform-provider-aws#19943).
function mustNameHolder(stage: string, holder: string): Error {
  const message =
    `The parameter RemoveFromVersionId can't be empty. Staging label ${stage} is currently attached to version ` +
    `${holder}, so you must explicitly reference that version in RemoveFromVersionId.`
  return refusal('InvalidParameterException', message)
}
