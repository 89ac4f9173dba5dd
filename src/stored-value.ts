/**
 * What a source hands back: one version of a secret or parameter as the service stores it, not yet decoded.
 *
 * @module
 */

/** A payload that the service keeps as text. */
export interface TextPayload {
  /** The text, exactly as it is stored. */
  readonly text: string
  /** Never there. */
  readonly bytes?: never
}

/** A payload that the service keeps as bytes. */
export interface BytesPayload {
  /** The bytes; whoever hands them out copies them. */
  readonly bytes: Uint8Array
  /** Never there. */
  readonly text?: never
}

/** The payload: text, or bytes for a binary secret. */
export type Payload = TextPayload | BytesPayload

/** Which version the payload belongs to. Absent members were not reported by the service. */
export interface Provenance {
  /** Full ARN, as the service reported it. */
  readonly arn?: string
  /** Name, as the service reported it. */
  readonly name?: string
  /** Secrets Manager: id of the version, a UUID-like string. */
  readonly versionId?: string
  /** Secrets Manager: every version stage on the version, such as `AWSCURRENT`. */
  readonly versionStages?: readonly string[]
  /** Parameter Store: number of the version, counted from 1. */
  readonly version?: number
  /** Parameter Store: the label that the version was read by. */
  readonly label?: string
  /** When the service stored this version. */
  readonly createdAt?: Date
}

/** One version of a secret or parameter: payload and provenance. */
export type StoredValue = Payload & Provenance

/**
 * A frozen copy of a stored value, which may be anybody's, or `undefined` where it has no payload or two.
 *
 * Bytes and dates are copied, so that nobody who kept them can change what is cached. Provenance of a wrong
 * type is left out.
 */
export function snapshotOf(value: unknown): StoredValue | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const payload = payloadOf(memberOf(value, 'text'), memberOf(value, 'bytes'))
  if (payload === undefined) return undefined
  return Object.freeze(bare({ ...payload, ...provenanceOf((name) => memberOf(value, name)) }))
}

/** The same object without a prototype, so that what it does not have is `undefined`, whatever `Object.prototype` has. */
export function bare<T extends object>(object: T): T {
  Object.setPrototypeOf(object, null)
  return object
}

/** A member of an object's own or of its class: what somebody put on `Object.prototype` is none. */
export function memberOf(object: object, name: string): unknown {
  const isForeign = Object.hasOwn(Object.prototype, name) && !isOfClass(object, name)
  return isForeign ? undefined : Reflect.get(object, name)
}

function isOfClass(object: object, name: string): boolean {
  let owner: object | null = object
  while (owner !== null && owner !== Object.prototype && !Object.hasOwn(owner, name)) {
    owner = Reflect.getPrototypeOf(owner)
  }
  return owner !== null && owner !== Object.prototype
}

function provenanceOf(given: (name: keyof Provenance) => unknown): Provenance {
  const [arn, name, versionId, label] = [given('arn'), given('name'), given('versionId'), given('label')]
  const [versionStages, version, createdAt] = [given('versionStages'), given('version'), given('createdAt')]
  return {
    ...(typeof arn === 'string' && { arn }),
    ...(typeof name === 'string' && { name }),
    ...(typeof versionId === 'string' && { versionId }),
    ...(Array.isArray(versionStages) && { versionStages: Object.freeze(versionStages.filter(isText)) }),
    ...(typeof version === 'number' && { version }),
    ...(typeof label === 'string' && { label }),
    ...(isDate(createdAt) && { createdAt: new Date(createdAt) }),
  }
}

function payloadOf(given: unknown, bytes: unknown): Payload | undefined {
  if (typeof given === 'string') return bytes === undefined ? { text: given } : undefined
  return given === undefined && bytes instanceof Uint8Array ? { bytes: Uint8Array.from(bytes) } : undefined
}

const isText = (given: unknown): given is string => typeof given === 'string'
const isDate = (given: unknown): given is Date => given instanceof Date && !Number.isNaN(given.getTime())
