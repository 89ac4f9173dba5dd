/**
 * Puts the checked parts of a reference together and prints them, so that two references to one value print
 * the same and two references to different values never do. Pure.
 *
 * @module
 */
import { fieldOfPath } from './field.js'
import { canonicalParameterName } from './name.js'
import type { Reference } from './reference.js'
import { refusal } from './refusal.js'
import { looksLikeVersionId, type ParameterSelector, type SecretSelector } from './selector.js'

/** Which item a reference names: exactly one of `name` and `arn` is given. */
export interface Identity {
  readonly name: string | undefined
  readonly arn: string | undefined
  readonly region: string | undefined
}

/** The checked parts of a reference to a secret. */
type SecretParts = { readonly service: 'secretsmanager' } & Identity & SecretSelector

/** The checked parts of a reference to a parameter. */
type ParameterParts = { readonly service: 'ssm' } & Identity & ParameterSelector

/** The checked parts of a reference, all but the field. */
export type Parts = SecretParts | ParameterParts

/** Longest reference that is read or printed. */
export const MAX_REFERENCE_LENGTH = 4096

/** Names, in any case, that a string takes for the start of something else when a `:` follows. */
const RESERVED_NAMES: ReadonlySet<string> = new Set(['secretsmanager', 'ssm', 'arn'])

/**
 * The reference made of the parts: frozen, without a prototype, and without members that are undefined.
 *
 * @param path - Keys that lead to the field, or `undefined` for the whole value.
 * @throws SecretsError `ERR_REFERENCE_INVALID` when the canonical string is longer than 4096 characters.
 */
export function complete(subject: string, parts: Parts, path: readonly string[] | undefined): Reference {
  const key = parts.service === 'ssm' ? parameterKey(parts) : secretKey(parts)
  const field = path === undefined ? undefined : fieldOfPath(path)
  const ref = field === undefined ? key : `${key}#${field}`
  if (ref.length > MAX_REFERENCE_LENGTH) {
    const what = `a reference has at most ${MAX_REFERENCE_LENGTH} characters`
    throw refusal(subject, what, 'Write a shorter field, such as `prod/db#password`.')
  }
  const reference = {
    ...selected(parts),
    ...identified(parts),
    ...(field !== undefined && { field }),
    ...(path !== undefined && { path: Object.freeze([...path]) }),
    ref,
    key,
  }
  // A member that is absent must read as undefined even where somebody polluted `Object.prototype`.
  Object.setPrototypeOf(reference, null)
  return Object.freeze(reference)
}

function identified({ name, arn, region }: Identity): { name?: string; arn?: string; region?: string } {
  return {
    ...(name !== undefined && { name }),
    ...(arn !== undefined && { arn }),
    ...(region !== undefined && { region }),
  }
}

function selected(parts: Parts) {
  if (parts.service === 'ssm') {
    const { service, version, label } = parts
    return { service, ...(version !== undefined && { version }), ...(label !== undefined && { label }) }
  }
  const { service, versionId, versionStage } = parts
  return {
    service,
    ...(versionId !== undefined && { versionId }),
    ...(versionStage !== undefined && { versionStage }),
  }
}

function parameterKey({ name = '', arn, version, label }: ParameterParts): string {
  return `${arn ?? `ssm:${canonicalParameterName(name)}`}${suffix(version ?? label)}`
}

/** `name:selector` where the shape tells an id from a stage, else `name:stage:id`; an ARN as ECS writes it. */
function secretKey({ name = '', arn, versionId: id = '', versionStage: stage = '' }: SecretParts): string {
  if (arn !== undefined) return stage === '' && id === '' ? arn : `${arn}::${stage}:${id}`
  const printed = RESERVED_NAMES.has(name.toLowerCase()) ? `secretsmanager:${name}` : name
  if (stage === '' && id === '') return printed
  const alone = stage === '' ? id : stage
  const isToldByShape = (stage === '' || id === '') && looksLikeVersionId(alone) === (stage === '')
  return isToldByShape ? `${printed}:${alone}` : `${printed}:${stage}:${id}`
}

function suffix(selector: string | number | undefined): string {
  return selector === undefined ? '' : `:${selector}`
}
