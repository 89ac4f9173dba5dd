/**
 * Puts the checked parts of a reference together and prints them, so that two references to one value print
 * the same and two references to different values never do. Pure.
 *
 * @module
 */
import { sever } from '../stored-value.js'
import { fieldOfPath } from './field.js'
import { canonicalParameterName } from './name.js'
import type { ParameterReference, Reference, SecretReference } from './reference.js'
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
  const keys = path === undefined ? undefined : Object.freeze([...path])
  return Object.freeze(
    parts.service === 'ssm'
      ? new CompleteParameterReference(parts, { field, path: keys, ref, key })
      : new CompleteSecretReference(parts, { field, path: keys, ref, key }),
  )
}

/** What a reference has besides its checked parts. */
interface Printed {
  readonly field: string | undefined
  readonly path: readonly string[] | undefined
  readonly ref: string
  readonly key: string
}

/**
 * A member that is absent reads as undefined even where somebody polluted `Object.prototype`. A class, since to change
 * the prototype of an object and freeze it makes a hidden class for it alone, which is larger than the object.
 */
class CompleteReference {
  declare readonly name?: string
  declare readonly arn?: string
  declare readonly region?: string
  declare readonly field?: string
  declare readonly path?: readonly string[]
  readonly ref: string
  readonly key: string

  constructor({ name, arn, region }: Identity, { field, path, ref, key }: Printed) {
    if (name !== undefined) this.name = name
    if (arn !== undefined) this.arn = arn
    if (region !== undefined) this.region = region
    if (field !== undefined) this.field = field
    if (path !== undefined) this.path = path
    this.ref = ref
    this.key = key
  }
}
class CompleteSecretReference extends CompleteReference implements SecretReference {
  readonly service = 'secretsmanager'
  declare readonly versionId?: string
  declare readonly versionStage?: string

  constructor(parts: SecretParts, printed: Printed) {
    super(parts, printed)
    const { versionId, versionStage } = parts
    if (versionId !== undefined) this.versionId = versionId
    if (versionStage !== undefined) this.versionStage = versionStage
  }
}

class CompleteParameterReference extends CompleteReference implements ParameterReference {
  readonly service = 'ssm'
  declare readonly version?: number
  declare readonly label?: string

  constructor(parts: ParameterParts, printed: Printed) {
    super(parts, printed)
    const { version, label } = parts
    if (version !== undefined) this.version = version
    if (label !== undefined) this.label = label
  }
}

// Each by itself, so that a reference passes for the plain object that it is.
sever(CompleteSecretReference)
sever(CompleteParameterReference)

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
