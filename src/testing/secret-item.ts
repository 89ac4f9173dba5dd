/**
 * A secret of the fake: its versions and the stages on them, moved as AWS moves them.
 *
 * @module
 */

import type { Payload, SecretReference, StoredValue } from 'aws-secrets-client'

/** One version as `secretVersions` of a {@link FakeVault} tells it. */
export interface FakeSecretVersion {
  /** Its id. */
  readonly versionId: string
  /** The stages on it; none for one that AWS would forget some day. */
  readonly versionStages: readonly string[]
  /** When it was put there, by the clock. */
  readonly createdAt: Date
}

interface Version {
  readonly versionId: string
  readonly stages: Set<string>
  readonly createdAt: Date
  readonly payload: Payload
}

const CURRENT = 'AWSCURRENT'
const PREVIOUS = 'AWSPREVIOUS'
const PENDING = 'AWSPENDING'

/** Who a secret is. */
export interface SecretIdentity {
  readonly name: string
  readonly arn: string
  /** Tells the ids of its versions from those of other secrets: twelve hexadecimal digits. */
  readonly seed: string
}

/** See the module. */
export class SecretItem {
  readonly name: string
  readonly arn: string
  readonly #seed: string
  readonly #versions: Version[] = []

  constructor({ name, arn, seed }: SecretIdentity) {
    this.name = name
    this.arn = arn
    this.#seed = seed
  }

  /** Puts a new version there; gives its id. */
  put(payload: Payload, now: number, stage: typeof CURRENT | typeof PENDING = CURRENT): string {
    const number = String(this.#versions.length + 1).padStart(8, '0')
    const versionId = `${number}-0000-4000-8000-${this.#seed}`
    const version = { versionId, stages: new Set<string>(), createdAt: new Date(now), payload }
    this.#versions.push(version)
    this.#move(stage, version)
    return versionId
  }

  /** Whether a version waits for its rotation to be finished. */
  get isRotating(): boolean {
    return this.#pending() !== undefined
  }

  /** Makes the pending version the current one; gives its id. */
  finishRotation(): string | undefined {
    const pending = this.#pending()
    if (pending === undefined) return undefined
    pending.stages.delete(PENDING)
    this.#move(CURRENT, pending)
    return pending.versionId
  }

  /** Takes the stage from the pending version; gives its id. */
  dropPending(): string | undefined {
    const pending = this.#pending()
    pending?.stages.delete(PENDING)
    return pending?.versionId
  }

  /** Puts a stage on a version, and takes it from the one that had it. Whether there is such a version. */
  stage(reference: SecretReference, stage: string): boolean {
    const version = this.#find(reference)
    if (version !== undefined) this.#move(stage, version)
    return version !== undefined
  }

  /** What is stored under the selector of the reference; its bytes are a copy. */
  read(reference: SecretReference): StoredValue | undefined {
    const version = this.#find(reference)
    if (version === undefined) return undefined
    const { payload, versionId, stages, createdAt } = version
    return {
      ...(payload.bytes === undefined ? payload : { bytes: Uint8Array.from(payload.bytes) }),
      arn: this.arn,
      name: this.name,
      versionId,
      versionStages: [...stages],
      createdAt: new Date(createdAt),
    }
  }

  /** All versions, oldest first, without their values. */
  versions(): readonly FakeSecretVersion[] {
    return this.#versions.map(({ versionId, stages, createdAt }) => {
      return { versionId, versionStages: [...stages], createdAt: new Date(createdAt) }
    })
  }

  #find({ versionId, versionStage }: SecretReference): Version | undefined {
    const stage = versionStage ?? (versionId === undefined ? CURRENT : undefined)
    return this.#versions.find(
      (version) =>
        (versionId === undefined || version.versionId === versionId) &&
        (stage === undefined || version.stages.has(stage)),
    )
  }

  #pending(): Version | undefined {
    return this.#versions.find(({ stages }) => stages.has(PENDING) && !stages.has(CURRENT))
  }

  #move(stage: string, to: Version): void {
    const from = this.#versions.find(({ stages }) => stages.has(stage))
    if (from === to) return
    from?.stages.delete(stage)
    to.stages.add(stage)
    if (stage === CURRENT && from !== undefined) this.#move(PREVIOUS, from)
    // The version that is current again is not also the one before.
    if (stage === CURRENT) to.stages.delete(PREVIOUS)
  }
}
