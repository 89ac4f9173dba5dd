/**
 * What a source hands back: one version of a secret or parameter as the service stores it, not yet decoded.
 *
 * @module
 */

/** The payload: text, or bytes for a binary secret. */
export type Payload =
  { readonly text: string; readonly bytes?: never } | { readonly bytes: Uint8Array; readonly text?: never }

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
