/**
 * The secrets of one account in one region, and the ways to name one.
 *
 * @module
 */
import type { Resource } from '../access.js'
import { newSecretArn, parseArn, partialSecretArn, type Place } from '../arn.js'
import { refusal } from '../emulator-error.js'
import type { Secret } from './secret.js'

/** Source: messages seen in the field (smithy-lang/smithy-typescript#1546); the `!` is in `rds!…` names. */
const NAME = /^[A-Za-z0-9/_+=.@!-]+$/
const NAME_RULE =
  'Invalid name. Must be a valid name containing alphanumeric characters, or any of the following: -/_+=.@!'

/** An ARN that ends like this looks complete to AWS, even if what follows the hyphen belongs to the name. */
const COMPLETE_ARN = /-[A-Za-z0-9]{6}$/

/** The secrets of one region. */
export class SecretStore {
  readonly #place: Place
  readonly #secrets = new Map<string, Secret>()

  constructor(place: Place) {
    this.#place = place
  }

  /** All secrets in order of creation, those scheduled for deletion included. */
  all(nowMs: number): Secret[] {
    this.#purge(nowMs)
    return [...this.#secrets.values()]
  }

  /** The secret of that name, full ARN, or ARN without its suffix. */
  find(id: string, nowMs: number): Secret | undefined {
    this.#purge(nowMs)
    if (parseArn(id) === undefined) return this.#secrets.get(id)
    const isComplete = COMPLETE_ARN.test(id)
    return [...this.#secrets.values()].find(({ arn, name }) =>
      isComplete ? arn === id : partialSecretArn(this.#place, name) === id,
    )
  }

  /** The secret, or AWS's refusals: `ValidationException` for an impossible name, `ResourceNotFoundException`. */
  get(id: string, nowMs: number): Secret {
    if (parseArn(id) === undefined) checkSecretName(id)
    const secret = this.find(id, nowMs)
    if (secret === undefined) {
      throw refusal('ResourceNotFoundException', "Secrets Manager can't find the specified secret.")
    }
    return secret
  }

  /** The secret, if it is not scheduled for deletion; otherwise `InvalidRequestException`. */
  getLive(id: string, nowMs: number): Secret {
    const secret = this.get(id, nowMs)
    if (secret.details.deletedAtMs === undefined) return secret
    const message = "You can't perform this operation on the secret because it was marked for deletion."
    throw refusal('InvalidRequestException', message)
  }

  /** A new secret without versions, with its ARN, not yet in the store: what fails later must leave no trace. */
  draft(name: string, nowMs: number): Secret {
    return {
      name,
      arn: this.arnFor(name),
      createdAtMs: nowMs,
      details: { changedAtMs: nowMs },
      versions: new Map(),
      stages: new Map(),
      tags: new Map(),
    }
  }

  /** Puts a secret into the store, whose name must be free. */
  add(secret: Secret): void {
    this.#secrets.set(secret.name, secret)
  }

  /** A fresh ARN for a name. */
  arnFor(name: string): string {
    return newSecretArn(this.#place, name)
  }

  /** Removes a secret at once. */
  remove(secret: Secret): void {
    this.#secrets.delete(secret.name)
  }

  /** What IAM patterns may call the secret that `id` asks for, whether or not it exists. */
  resource(id: string, nowMs: number): Resource {
    const secret = this.find(id, nowMs)
    const known = secret === undefined ? [partialSecretArn(this.#place, id)] : [secret.name, secret.arn]
    return { shown: id, aliases: [id, ...known] }
  }

  #purge(nowMs: number): void {
    for (const secret of this.#secrets.values()) {
      const { deletedAtMs } = secret.details
      if (deletedAtMs !== undefined && deletedAtMs <= nowMs) this.remove(secret)
    }
  }
}

/** Refuses a name that AWS refuses, with its text. */
export function checkSecretName(name: string): void {
  if (!NAME.test(name)) throw refusal('ValidationException', NAME_RULE)
}
