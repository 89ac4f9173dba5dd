/**
 * One step as the functions of a user see it: the values of the secret, read when they are asked for.
 *
 * @module
 */

import { isSecretsError, rdsCredentials } from 'aws-secrets-client'
import type { Schema, SecretsClient } from 'aws-secrets-client'
import { misfit, RotationError } from './rotation-error.js'
import type { RotationEvent, RotationStep } from './rotation-event.js'
import type { Rotation } from './rotation-options.js'
import { addressOf, type SecretVersions, type VersionAddress } from './secret-versions.js'

/** One step. It remembers what it has read, so that its parts see the same values. */
export class StepRotation implements Rotation<unknown> {
  readonly step: RotationStep
  readonly secretId: string
  readonly versionId: string
  readonly #versions: SecretVersions
  readonly #schema: Schema | undefined
  #current: Promise<unknown> | undefined
  #pending: Promise<unknown> | undefined
  #previous: Promise<unknown> | undefined

  constructor(event: RotationEvent, versions: SecretVersions, schema: Schema | undefined) {
    this.step = event.Step
    this.secretId = event.SecretId
    this.versionId = event.ClientRequestToken
    this.#versions = versions
    this.#schema = schema
  }

  get secrets(): SecretsClient {
    return this.#versions.secrets
  }

  current(): Promise<unknown> {
    return (this.#current ??= this.#read(addressOf(this.secretId, 'AWSCURRENT')))
  }

  pending(): Promise<unknown> {
    return (this.#pending ??= this.#readPending())
  }

  previous(): Promise<unknown> {
    return (this.#previous ??= this.#readPrevious())
  }

  async stored(): Promise<Readonly<Record<string, unknown>>> {
    const address = addressOf(this.secretId, 'AWSCURRENT')
    const hint = 'Store a JSON object, or read the value with current().'
    const value = await this.secrets.get(address, { as: 'json', fresh: true }).catch(misfit(hint))
    if (isRecord(value)) return value
    throw new RotationError({ what: 'the current value is no JSON object', reason: 'secret' })
  }

  randomPassword(): Promise<string> {
    return this.#versions.randomPassword()
  }

  #read(address: VersionAddress): Promise<unknown> {
    const value = this.secrets.get(address, { schema: this.#schema, fresh: true })
    return this.#schema === rdsCredentials ? value.catch(misfit(FOR_RDS)) : value
  }

  async #readPending(): Promise<unknown> {
    try {
      return await this.#read(addressOf(this.secretId, 'AWSPENDING', this.versionId))
    } catch (error) {
      if (!isSecretsError(error, 'ERR_NOT_FOUND')) throw error
      throw new RotationError({
        what: 'the pending version has no value',
        hint: 'createSecret stores it: RotateSecret with the same ClientRequestToken begins with that step.',
        reason: 'read',
        code: 'ERR_NOT_FOUND',
        attempts: error.attempts,
        versionId: this.versionId,
        ...(error.requestId !== undefined && { requestId: error.requestId }),
      })
    }
  }

  async #readPrevious(): Promise<unknown> {
    const address = addressOf(this.secretId, 'AWSPREVIOUS')
    const isThere = await this.secrets.get(address, { as: 'bytes', fresh: true, default: undefined })
    return isThere === undefined ? undefined : this.#read(address)
  }
}

/** The schema is that of the strategies, so that the secret alone can be wrong. */
const FOR_RDS = 'Correct the secret: JSON with engine, host, username and password, as RDS has it.'

/** Tells whether a decoded value is a JSON object. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
