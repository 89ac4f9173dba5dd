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
  return Object.freeze(Object.assign(new KnownProvenance(value), payload))
}

/** A frozen copy of what is known of a stored value besides its payload. */
export function provenanceOf(stored: Provenance): Provenance {
  return Object.freeze(new KnownProvenance(stored))
}

/** A copy of an object that has no members but the object's own, whatever `Object.prototype` has. */
export function bare<T extends object>(object: T): T {
  return Object.assign(new Bare(), object)
}

/** Makes the prototype of a class one that has nothing above it, and that nobody can change through an instance. */
export function sever({ prototype }: { readonly prototype: object }): void {
  Object.setPrototypeOf(prototype, null)
  Reflect.deleteProperty(prototype, 'constructor')
  Object.freeze(prototype)
}

// Classes, since to change the prototype of an object and freeze it makes a hidden class for it alone, which takes long
// and is larger than the object.

class Bare {
  declare readonly none?: never
}
sever(Bare)

class KnownProvenance implements Provenance {
  declare readonly arn?: string
  declare readonly name?: string
  declare readonly versionId?: string
  declare readonly versionStages?: readonly string[]
  declare readonly version?: number
  declare readonly label?: string
  declare readonly createdAt?: Date

  constructor(given: object) {
    const arn = memberOf(given, 'arn')
    if (typeof arn === 'string') this.arn = arn
    const name = memberOf(given, 'name')
    if (typeof name === 'string') this.name = name
    const versionId = memberOf(given, 'versionId')
    if (typeof versionId === 'string') this.versionId = versionId
    const versionStages = memberOf(given, 'versionStages')
    if (Array.isArray(versionStages)) this.versionStages = stagesOf(versionStages)
    const version = memberOf(given, 'version')
    if (typeof version === 'number') this.version = version
    const label = memberOf(given, 'label')
    if (typeof label === 'string') this.label = label
    const createdAt = memberOf(given, 'createdAt')
    if (isDate(createdAt)) this.createdAt = new Date(createdAt)
  }
}
sever(KnownProvenance)

/** What nearly every secret is read by: one list for all. */
const CURRENT: readonly string[] = Object.freeze(['AWSCURRENT'])

function stagesOf(given: readonly unknown[]): readonly string[] {
  const stages = given.filter(isText)
  return stages.length === 1 && stages[0] === CURRENT[0] ? CURRENT : Object.freeze(stages)
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

function payloadOf(given: unknown, bytes: unknown): Payload | undefined {
  if (typeof given === 'string') return bytes === undefined ? { text: given } : undefined
  return given === undefined && bytes instanceof Uint8Array ? { bytes: Uint8Array.from(bytes) } : undefined
}

const isText = (given: unknown): given is string => typeof given === 'string'
const isDate = (given: unknown): given is Date => given instanceof Date && !Number.isNaN(given.getTime())
