/**
 * RotateSecret and CancelRotateSecret, up to the point where AWS would invoke the rotation function.
 *
 * After RotateSecret the new version id carries `AWSPENDING` and has no value, as on AWS before the function's first
 * step. Where no handler stands for the function, a test plays it with PutSecretValue and UpdateSecretVersionStage.
 *
 * With `RotateImmediately: false` a handler is asked for `testSecret` alone, on a version that is removed afterwards.
 *
 * @module
 */
import { randomUUID } from 'node:crypto'
import { refusal } from '../emulator-error.js'
import type { Input, Wire } from '../input.js'
import { compact, type Call } from '../operation.js'
import { liveSecret, versionId } from './requests.js'
import {
  attachStage,
  checkStageLimit,
  DEFAULT_KEY_ID,
  type Rotation,
  type Secret,
  type SecretValue,
} from './secret.js'

const PENDING = 'AWSPENDING'
const NO_FUNCTION = 'No Lambda rotation function ARN is associated with this secret.'

/** RotateSecret: configures the rotation and announces a pending version, to be rotated to or only to be tested. */
export function rotateSecret(call: Call): Wire {
  const secret = liveSecret(call)
  const token = versionId(call.input, 'ClientRequestToken') ?? randomUUID()
  const rotation = rotationIn(call.input, secret)
  const { lambdaArn } = rotation
  const isImmediate = call.input.flag('RotateImmediately', true)
  refuseWhileRotating(secret, token)
  if (isImmediate) announce(secret, token, call.nowMs)
  else if (call.rotations.isHandled(lambdaArn)) announceCopy(secret, token, call.nowMs)
  const isHandled = call.rotations.begin({ secret, token, lambdaArn, isTest: !isImmediate })
  const rotatedAtMs = isImmediate && !isHandled ? { rotatedAtMs: call.nowMs } : {}
  secret.details = { ...secret.details, rotation: { ...rotation, ...rotatedAtMs }, changedAtMs: call.nowMs }
  return compact({ ARN: secret.arn, Name: secret.name, VersionId: isImmediate ? token : undefined })
}

/** CancelRotateSecret: ends the rotation and, as AWS does, leaves `AWSPENDING` where it is. */
export function cancelRotateSecret(call: Call): Wire {
  const secret = liveSecret(call)
  const { rotation } = secret.details
  if (rotation === undefined) throw refusal('InvalidRequestException', NO_FUNCTION)
  secret.details = { ...secret.details, rotation: { ...rotation, enabled: false }, changedAtMs: call.nowMs }
  return compact({ ARN: secret.arn, Name: secret.name, VersionId: secret.stages.get(PENDING) })
}

function rotationIn(input: Input, secret: Secret): Rotation {
  const former = secret.details.rotation
  const lambdaArn = input.text('RotationLambdaARN', { max: 2048 }) ?? former?.lambdaArn
  if (lambdaArn === undefined) throw refusal('InvalidRequestException', NO_FUNCTION)
  const rules = rulesIn(input) ?? former?.rules
  return { ...former, enabled: true, lambdaArn, ...(rules !== undefined && { rules }) }
}

function rulesIn(input: Input): Wire | undefined {
  const rules = input.structure('RotationRules')
  if (rules === undefined) return undefined
  return compact({
    AutomaticallyAfterDays: rules.integer('AutomaticallyAfterDays', { min: 1, max: 1000 }),
    Duration: rules.text('Duration', { min: 2, max: 3 }),
    ScheduleExpression: rules.text('ScheduleExpression', { min: 1, max: 256 }),
  })
}

/** Source: RotateSecret, Secrets Manager API Reference: a pending version that is not current is a rotation under way. */
function refuseWhileRotating(secret: Secret, token: string): void {
  const pending = secret.stages.get(PENDING)
  if (pending === undefined || pending === token || pending === secret.stages.get('AWSCURRENT')) return
  const message = "A previous rotation isn't complete. That rotation will be reattempted."
  throw refusal('InvalidRequestException', message)
}

function announce(secret: Secret, token: string, nowMs: number, value?: SecretValue): void {
  checkStageLimit(secret, [PENDING])
  if (!secret.versions.has(token)) {
    const keyId = secret.details.keyId ?? DEFAULT_KEY_ID
    const version = { id: token, keyId, createdAtMs: nowMs }
    secret.versions.set(token, value === undefined ? version : { ...version, value })
  }
  attachStage(secret, PENDING, token)
}

/**
 * Announces a version to be tested. It has the current value: AWS's own functions log in with it in `testSecret`, where
 * no step before has made another.
 */
function announceCopy(secret: Secret, token: string, nowMs: number): void {
  const current = secret.versions.get(secret.stages.get('AWSCURRENT') ?? '')
  announce(secret, token, nowMs, current?.value)
}
