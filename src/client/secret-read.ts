/**
 * What `read` resolves with: a value, and where it came from.
 *
 * @module
 */

import type { InspectOptions, inspect } from 'node:util'
import type { Provenance } from '../stored-value.js'

/** What Node.js prints an object by: `inspect.custom` of `node:util`, whose import would delay every first read. */
const INSPECT = Symbol.for('nodejs.util.inspect.custom')

/** What a {@link SecretRead} is made of besides its value. */
export interface SecretReadInit {
  readonly ref: string
  readonly fetchedAt: Date
  readonly stale: boolean
  readonly isDefault: boolean
  /** Absent when nothing was found. */
  readonly provenance: Provenance | undefined
}

/**
 * A value with its provenance. Inspecting, cloning or serialising it shows everything but the value.
 */
export class SecretRead<Value> {
  readonly #value: Value
  /** The canonical reference that was read. */
  readonly ref: string
  /** When the request for it started. */
  readonly fetchedAt: Date
  /** Whether the value is older than its lifetime and was served because a newer one was not to be had. */
  readonly stale: boolean
  /** Whether nothing was found, or not the field, and `value` is the `default` of the read. */
  readonly isDefault: boolean
  /** Full ARN, as the service reported it. */
  declare readonly arn?: string
  /** Name, as the service reported it. */
  declare readonly name?: string
  /** Secrets Manager: id of the version. */
  declare readonly versionId?: string
  /** Secrets Manager: every version stage on the version, such as `AWSCURRENT`. */
  declare readonly versionStages?: readonly string[]
  /** Parameter Store: number of the version. */
  declare readonly version?: number
  /** Parameter Store: the label that the version was read by. */
  declare readonly label?: string
  /** When the service stored the version. */
  declare readonly createdAt?: Date

  /** @internal */
  constructor(value: Value, { ref, fetchedAt, stale, isDefault, provenance }: SecretReadInit) {
    this.#value = value
    this.ref = ref
    this.fetchedAt = fetchedAt
    this.stale = stale
    this.isDefault = isDefault
    if (provenance === undefined) return
    const { arn, name, versionId, versionStages, version, label, createdAt } = provenance
    if (arn !== undefined) this.arn = arn
    if (name !== undefined) this.name = name
    if (versionId !== undefined) this.versionId = versionId
    if (versionStages !== undefined) this.versionStages = versionStages
    if (version !== undefined) this.version = version
    if (label !== undefined) this.label = label
    if (createdAt !== undefined) this.createdAt = new Date(createdAt)
  }

  /** What was read, decoded. */
  get value(): Value {
    return this.#value
  }

  /**
   * Prints everything but the value, even where getters are asked to be printed.
   *
   * @internal
   */
  [INSPECT](_depth: number, options: InspectOptions, print: typeof inspect): string {
    return `SecretRead ${print(Object.fromEntries(Object.entries(this)), options)}`
  }
}
