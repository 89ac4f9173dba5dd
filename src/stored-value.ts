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
