/**
 * The versions of the secrets that one function rotates: which stages they have, and how they are made and moved.
 *
 * @module
 */

import { SecretsClient } from 'aws-secrets-client'
import type { Payload, SdkClient } from 'aws-secrets-client'
import { exportsOf, missingPeer } from './peer.js'
import { requestFailure } from './request-failure.js'
import { memberOf, RotationError } from './rotation-error.js'
import type { RotationEvent } from './rotation-event.js'
import type { PasswordOptions } from './rotation-options.js'

/** What the gate of a rotation looks at. */
export interface SecretState {
  /** `undefined` where AWS does not say. */
  readonly rotationEnabled: boolean | undefined
  /** Stages of a version; none where AWS does not know it, or it has none. */
  stagesOf(versionId: string): readonly string[] | undefined
  /** Id of the version with `AWSCURRENT`. */
  readonly currentId: string | undefined
}

/** How one version is addressed. */
export interface VersionAddress {
  readonly arn?: string
  readonly name?: string
  readonly versionId?: string
  readonly versionStage: string
}

/** Requests to Secrets Manager. Reads go through the library, and nothing is cached. */
export class SecretVersions {
  readonly #client: SdkClient
  readonly #sdk: Sdk
  readonly #password: PasswordOptions
  /** Reads any secret. */
  readonly secrets: SecretsClient

  private constructor(sdk: Sdk, client: SdkClient, password: PasswordOptions) {
    this.#sdk = sdk
    this.#client = client
    this.#password = password
    this.secrets = new SecretsClient({ clients: { secretsManager: client }, cache: { ttlMs: 0 } })
  }

  /** Loads the SDK, and makes a client where none is given. */
  static async open(client: SdkClient | undefined, password: PasswordOptions): Promise<SecretVersions> {
    const sdk = await loadSdk()
    return new SecretVersions(sdk, client ?? new sdk.SecretsManagerClient(AGENT), password)
  }

  /** What AWS says of a secret now. */
  async describe(SecretId: string): Promise<SecretState> {
    const answer = await this.#send('DescribeSecret', new this.#sdk.DescribeSecretCommand({ SecretId }))
    const rotationEnabled = memberOf(answer, 'RotationEnabled')
    const stages = stagesIn(answer)
    return {
      rotationEnabled: typeof rotationEnabled === 'boolean' ? rotationEnabled : undefined,
      stagesOf: (versionId) => stages.get(versionId),
      currentId: [...stages].find(([, of]) => of.includes('AWSCURRENT'))?.[0],
    }
  }

  /** Whether the pending version has a value. */
  async hasPending({ SecretId, ClientRequestToken }: RotationEvent): Promise<boolean> {
    const address = addressOf(SecretId, 'AWSPENDING', ClientRequestToken)
    const value = await this.secrets.get(address, { as: 'bytes', fresh: true, default: undefined })
    return value !== undefined
  }

  /** Stores the value of the pending version. The first of several values stays. */
  async putPending(event: RotationEvent, { text, bytes }: Payload): Promise<void> {
    const { SecretId, ClientRequestToken, RotationToken } = event
    const command = new this.#sdk.PutSecretValueCommand({
      SecretId,
      ClientRequestToken,
      VersionStages: ['AWSPENDING'],
      ...(RotationToken !== undefined && { RotationToken }),
      ...(bytes === undefined ? { SecretString: text } : { SecretBinary: bytes }),
    })
    try {
      await this.#send('PutSecretValue', command)
    } catch (error) {
      // An invocation at the same time was faster, as Lambda may ask twice, or the answer was lost.
      if (!(await this.hasPending(event).catch(() => false))) throw error
    }
  }

  /** Makes the pending version the current one. */
  async makeCurrent({ SecretId, ClientRequestToken }: RotationEvent): Promise<void> {
    const { currentId } = await this.describe(SecretId)
    if (currentId === ClientRequestToken) return
    const command = new this.#sdk.UpdateSecretVersionStageCommand({
      SecretId,
      VersionStage: 'AWSCURRENT',
      MoveToVersionId: ClientRequestToken,
      ...(currentId !== undefined && { RemoveFromVersionId: currentId }),
    })
    try {
      await this.#send('UpdateSecretVersionStage', command)
    } catch (error) {
      // Where the answer to the first request was lost, the SDK's second one is refused: the stage has moved.
      const after = await this.describe(SecretId).catch(() => undefined)
      if (after?.currentId !== ClientRequestToken) throw error
    }
  }

  /** A random password. */
  async randomPassword(): Promise<string> {
    const { length = 32, excludeCharacters = '/@"\'\\:', excludePunctuation = false } = this.#password
    const answer = await this.#send(
      'GetRandomPassword',
      new this.#sdk.GetRandomPasswordCommand({
        PasswordLength: length,
        ExcludeCharacters: excludeCharacters,
        ExcludePunctuation: excludePunctuation,
      }),
    )
    const password = memberOf(answer, 'RandomPassword')
    if (typeof password === 'string' && password !== '') return password
    const what = 'GetRandomPassword answered without a password'
    throw new RotationError({ what, reason: 'request', code: 'ERR_UNAVAILABLE' })
  }

  async #send(operation: string, command: object): Promise<object> {
    try {
      return await this.#client.send(command)
    } catch (error) {
      throw requestFailure(operation, error)
    }
  }
}

/** The address of a version by its stage; with an id both must fit. */
export function addressOf(secretId: string, versionStage: string, versionId?: string): VersionAddress {
  const subject = secretId.startsWith('arn:') ? { arn: secretId } : { name: secretId }
  return { ...subject, versionStage, ...(versionId !== undefined && { versionId }) }
}

/** Shows in CloudTrail whose requests they are. */
const AGENT = { customUserAgent: 'aws-secrets-client/rotation' }

type Sdk = Awaited<ReturnType<typeof loadSdk>>

async function loadSdk() {
  const imported = await import('@aws-sdk/client-secrets-manager').catch(
    missingPeer('@aws-sdk/client-secrets-manager'),
  )
  return exportsOf(imported, 'SecretsManagerClient')
}

function stagesIn(description: object): ReadonlyMap<string, readonly string[]> {
  const versions = memberOf(description, 'VersionIdsToStages')
  const entries = typeof versions === 'object' && versions !== null ? Object.entries(versions) : []
  return new Map(entries.map(([id, stages]: [string, unknown]) => [id, textsIn(stages)]))
}

function textsIn(list: unknown): readonly string[] {
  const items: readonly unknown[] = Array.isArray(list) ? list : []
  return items.filter((item) => typeof item === 'string')
}
