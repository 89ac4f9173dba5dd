/**
 * The members that several operations of Secrets Manager share, read once and in one way.
 *
 * @module
 */
import { refusal } from '../emulator-error.js'
import { invalid, type Input } from '../input.js'
import type { Call } from '../operation.js'
import type { Secret, SecretValue } from './secret.js'

/** Source: the service model: a secret value is 1 to 65536 bytes, a version id 32 to 64 characters. */
const MAX_VALUE_BYTES = 65_536
const VERSION_ID = { min: 32, max: 64 }
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

/** The `SecretId` of a request. */
export function secretId(input: Input): string {
  return input.requiredText('SecretId', { min: 1, max: 2048 })
}

/** The secret that a request names; scheduled for deletion or not. */
export function anySecret({ input, secrets, nowMs }: Call): Secret {
  return secrets.get(secretId(input), nowMs)
}

/** The secret that a request names; `InvalidRequestException` if it is scheduled for deletion. */
export function liveSecret({ input, secrets, nowMs }: Call): Secret {
  return secrets.getLive(secretId(input), nowMs)
}

/** A version id under whatever member name it travels. */
export function versionId(input: Input, key: string): string | undefined {
  return input.text(key, VERSION_ID)
}

/** Source: the service model: a staging label is 1 to 256 characters. */
export const STAGE_LIMITS = { min: 1, max: 256 }

/** The staging labels of a request. */
export function stagesIn(input: Input): readonly string[] | undefined {
  const stages = input.texts('VersionStages', { min: 1, max: 20 })
  const impossible = stages?.find(({ length }) => length < STAGE_LIMITS.min || length > STAGE_LIMITS.max)
  if (impossible === undefined) return stages
  const constraint = 'Member must have length between 1 and 256'
  throw invalid('VersionStages', impossible, constraint)
}

/** The value of a request: text, bytes or neither; both are refused. */
export function valueIn(input: Input): SecretValue | undefined {
  const text = input.text('SecretString')
  const base64 = input.text('SecretBinary')
  if (text !== undefined && base64 !== undefined) {
    throw refusal(
      'InvalidParameterException',
      "You can't specify both a binary secret value and a string secret value.",
    )
  }
  if (text !== undefined) return checkSize('SecretString', Buffer.byteLength(text), { text })
  if (base64 === undefined) return undefined
  if (!BASE64.test(base64)) throw refusal('SerializationException', 'SecretBinary is not base64')
  const bytes = Buffer.from(base64, 'base64')
  return checkSize('SecretBinary', bytes.length, { bytes })
}

/** The refusals that a secret value's size earns, or the value. */
function checkSize(key: string, sizeBytes: number, value: SecretValue): SecretValue {
  if (sizeBytes > MAX_VALUE_BYTES) {
    throw invalid(key, null, `Member must have length less than or equal to ${MAX_VALUE_BYTES}`)
  }
  if (sizeBytes === 0 && 'bytes' in value) {
    throw invalid(key, null, 'Member must have length greater than or equal to 1')
  }
  return value
}

/** Tags of a request, as pairs. */
export function tagsIn(input: Input): [key: string, value: string][] {
  return input
    .structures('Tags')
    .map((tag) => [tag.requiredText('Key', { min: 1, max: 128 }), tag.text('Value', { max: 256 }) ?? ''])
}
