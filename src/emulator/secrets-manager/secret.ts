/**
 * A secret, its versions, and the rules by which staging labels move between them.
 *
 * @module
 */
import { refusal } from '../emulator-error.js'

/** What a version holds: text or bytes, never both. */
export type SecretValue = { readonly text: string } | { readonly bytes: Buffer }

/** One version; its value never changes once it is there. */
export interface SecretVersion {
  readonly id: string
  /** Absent while a rotation has announced the version and not yet made its value. */
  readonly value?: SecretValue
  /** KMS key that the value is sealed with. */
  readonly keyId: string
  readonly createdAtMs: number
  readonly accessedAtMs?: number
}

/** How and whether a secret rotates. */
export interface Rotation {
  readonly enabled: boolean
  readonly lambdaArn: string
  readonly rules?: Readonly<Record<string, unknown>>
  readonly rotatedAtMs?: number
}

/** Describes a secret; replaced as a whole by every change. */
export interface SecretDetails {
  readonly description?: string
  readonly keyId?: string
  readonly type?: string
  readonly rotation?: Rotation
  readonly changedAtMs: number
  readonly accessedAtMs?: number
  /** When a secret scheduled for deletion goes for good. */
  readonly deletedAtMs?: number
}

/** A secret and everything that belongs to it. */
export interface Secret {
  readonly name: string
  readonly arn: string
  readonly createdAtMs: number
  details: SecretDetails
  readonly versions: Map<string, SecretVersion>
  /** Staging label to version id: a map, because a label lives on exactly one version. */
  readonly stages: Map<string, string>
  readonly tags: Map<string, string>
}

/** The key that Secrets Manager uses when none is named; responses leave it out. */
export const DEFAULT_KEY_ID = 'alias/aws/secretsmanager'

/** Source: Secrets Manager User Guide, "up to 20 staging labels to a secret", over all its versions. */
const MAX_STAGES = 20

// Source: Secrets Manager User Guide, "Secret versions": about 100 are kept, and none younger than a day is removed.
const MAX_VERSIONS = 100
const PRUNE_AGE_MS = 24 * 60 * 60 * 1000

/** The labels of a version, in the order in which they were attached. */
export function stagesOf(secret: Secret, versionId: string): string[] {
  return [...secret.stages].filter(([, id]) => id === versionId).map(([stage]) => stage)
}

/**
 * Attaches a label to a version, taking it from the one that had it.
 *
 * Moving `AWSCURRENT` moves `AWSPREVIOUS` to the version that was current.
 */
export function attachStage(secret: Secret, stage: string, versionId: string): void {
  const former = secret.stages.get(stage)
  if (former === versionId) return
  secret.stages.delete(stage)
  secret.stages.set(stage, versionId)
  if (stage !== 'AWSCURRENT' || former === undefined) return
  secret.stages.delete('AWSPREVIOUS')
  secret.stages.set('AWSPREVIOUS', former)
}

/** Refuses a change after which the secret would carry more labels than AWS allows. */
export function checkStageLimit(secret: Secret, added: readonly string[]): void {
  if (new Set([...secret.stages.keys(), ...added]).size <= MAX_STAGES) return
  const message = `You've exceeded the quota of ${MAX_STAGES} staging labels attached to a secret.`
  throw refusal('LimitExceededException', message)
}

/** Removes the oldest versions without a label beyond the number that AWS keeps. */
export function pruneVersions(secret: Secret, nowMs: number): void {
  const labelled = new Set(secret.stages.values())
  for (const version of secret.versions.values()) {
    if (secret.versions.size <= MAX_VERSIONS) return
    const isOld = nowMs - version.createdAtMs >= PRUNE_AGE_MS
    if (isOld && !labelled.has(version.id)) secret.versions.delete(version.id)
  }
}

/** Tells whether two values are the same, as the idempotency of a request token demands. */
export function sameValue(a: SecretValue, b: SecretValue): boolean {
  if ('text' in a) return 'text' in b && a.text === b.text
  return 'bytes' in b && a.bytes.equals(b.bytes)
}
