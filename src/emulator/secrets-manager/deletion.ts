/**
 * DeleteSecret and RestoreSecret.
 *
 * @module
 */
import { refusal } from '../emulator-error.js'
import type { Wire } from '../input.js'
import { epochSeconds, type Call } from '../operation.js'
import { anySecret, secretId } from './requests.js'
import { checkSecretName } from './store.js'

const DAY_MS = 24 * 60 * 60 * 1000
const DEFAULT_WINDOW_DAYS = 30

/** DeleteSecret: schedules the deletion, or with `ForceDeleteWithoutRecovery` deletes at once. */
export function deleteSecret(call: Call): Wire {
  const { input, nowMs } = call
  const isForced = input.flag('ForceDeleteWithoutRecovery')
  const windowDays = recoveryWindow(call, isForced)
  if (isForced) return deleteNow(call)
  const secret = anySecret(call)
  if (secret.details.deletedAtMs !== undefined) {
    const message =
      "You can't perform this operation on the secret because it was already scheduled for deletion."
    throw refusal('InvalidRequestException', message)
  }
  const deletedAtMs = nowMs + windowDays * DAY_MS
  secret.details = { ...secret.details, deletedAtMs, changedAtMs: nowMs }
  return { ARN: secret.arn, Name: secret.name, DeletionDate: epochSeconds(deletedAtMs) }
}

/** RestoreSecret: takes the deletion back; no error for a secret that is not scheduled for it. */
export function restoreSecret(call: Call): Wire {
  const secret = anySecret(call)
  const { deletedAtMs: _taken, ...details } = secret.details
  secret.details = { ...details, changedAtMs: call.nowMs }
  return { ARN: secret.arn, Name: secret.name }
}

/** Source: DeleteSecret, Secrets Manager API Reference: a forced deletion of no secret is no error. */
function deleteNow({ input, secrets, nowMs }: Call): Wire {
  const id = secretId(input)
  const secret = secrets.find(id, nowMs)
  const DeletionDate = epochSeconds(nowMs)
  if (secret !== undefined) {
    secrets.remove(secret)
    return { ARN: secret.arn, Name: secret.name, DeletionDate }
  }
  checkSecretName(id)
  return { ARN: secrets.arnFor(id), Name: id, DeletionDate }
}

function recoveryWindow({ input }: Call, isForced: boolean): number {
  const days = input.integer('RecoveryWindowInDays')
  if (days !== undefined && isForced) {
    const message = "You can't use ForceDeleteWithoutRecovery in conjunction with RecoveryWindowInDays."
    throw refusal('InvalidParameterException', message)
  }
  if (days !== undefined && (days < 7 || days > 30)) {
    const message = 'The RecoveryWindowInDays value must be between 7 and 30 days (inclusive).'
    throw refusal('InvalidParameterException', message)
  }
  return days ?? DEFAULT_WINDOW_DAYS
}
