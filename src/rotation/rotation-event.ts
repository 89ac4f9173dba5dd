/**
 * What Secrets Manager invokes a rotation function with.
 *
 * @module
 */

/** One of the four steps of a rotation. */
export type RotationStep = 'createSecret' | 'setSecret' | 'testSecret' | 'finishSecret'

/** The event of one step. */
export interface RotationEvent {
  /** The step that is asked for. */
  readonly Step: RotationStep
  /** ARN of the secret. */
  readonly SecretId: string
  /** Id of the version that is to become the current one. */
  readonly ClientRequestToken: string
  /** Proves to Secrets Manager that a request belongs to this rotation. */
  readonly RotationToken?: string
}
