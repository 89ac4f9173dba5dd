/**
 * What a test puts into a fake and lets go wrong in it.
 *
 * @module
 */

import type { Reference, SecretReference, Source } from 'aws-secrets-client'
import { checkMembers, checkWord, durationOf, flagOf, itemReference, timesOf } from './checks.js'
import { FakeService, type FakeServiceTools } from './fake-service.js'
import { sourcesOf } from './fake-source.js'
import type { FakeParameterVersion } from './parameter-item.js'
import { type FakeFailure, failureNamed } from './raised.js'
import { type FakeOperation, type FakeRequest, RequestLog } from './request-log.js'
import { type FakeScene, type FakeValue, storedOf } from './scene.js'
import { Script } from './script.js'
import type { FakeSecretVersion, SecretItem } from './secret-item.js'
import { Shelf } from './shelf.js'
import type { FailOptions, OutageOptions } from './vault-options.js'

/**
 * The other side of a fake: what is stored, what goes wrong, and what was asked.
 *
 * A `ref` is what code reads by: `prod/db`, an ARN, `ssm:/prod/level`. Where something goes wrong it may also select a
 * version (`prod/db:AWSPREVIOUS`), be a pattern (`prod/*`, `ssm:*`), or `'*'` for every request as a whole. Methods that
 * let something go wrong return a function that takes it back. Values are in no error, log or inspection of it. Wrong
 * arguments, and what is not there, are a `TypeError`: misspelt, it would let nothing go wrong, and the test pass.
 */
export class FakeVault {
  readonly #shelf = new Shelf()
  readonly #script = new Script()
  readonly #log = new RequestLog()
  readonly #now: () => number
  /** The in-memory sources of both services: a further client over the same values is `new SecretsClient({ sources })`. */
  readonly sources: readonly [secrets: Source, parameters: Source]

  /** @internal */
  constructor(scene: FakeScene, { now, pause }: Pick<FakeServiceTools, 'now' | 'pause'>) {
    this.#now = now
    this.sources = sourcesOf(
      new FakeService({ shelf: this.#shelf, script: this.#script, log: this.#log, now, pause }),
    )
    for (const [ref, value] of Object.entries(scene)) this.#put('createFakeSecrets', ref, value)
  }

  /** The requests since the start or the last {@link FakeVault.clearRequests}, oldest first; a copy. */
  get requests(): readonly FakeRequest[] {
    return this.#log.all()
  }

  /** How many requests there were, to one operation or in all; those that failed too. */
  count(operation?: FakeOperation): number {
    return this.#log.count(operation)
  }

  /** Empties the log. */
  clearRequests(): void {
    this.#log.clear()
  }

  /**
   * Stores a new version, which is the current one from now on; makes the secret or parameter where there is none.
   *
   * @returns what selects this version behind the name: the version id of a secret, the number of a parameter
   */
  set(ref: string, value: FakeValue): string {
    return this.#put('set', ref, value)
  }

  /** Rotates a secret in one step: AWSCURRENT moves to the new version, and AWSPREVIOUS follows. Gives its id. */
  rotate(ref: string, value: FakeValue): string {
    const versionId = this.#startRotation('rotate', ref, value)
    this.finishRotation(ref)
    return versionId
  }

  /** Begins a rotation: the new version is AWSPENDING, and AWSCURRENT where it was. Gives the id of the new one. */
  startRotation(ref: string, value: FakeValue): string {
    return this.#startRotation('startRotation', ref, value)
  }

  /** Makes the pending version current, as the last step of a rotation does. Gives its id. */
  finishRotation(ref: string): string {
    return this.#secret('finishRotation', ref).finishRotation() ?? notRotating('finishRotation')
  }

  /** Gives a rotation up: AWSPENDING is taken from the new version, which stays without a stage. Gives its id. */
  rollBack(ref: string): string {
    return this.#secret('rollBack', ref).dropPending() ?? notRotating('rollBack')
  }

  /**
   * Puts a version stage on a version of a secret, and takes it from the one that had it: `prod/db` is the current one,
   * `prod/db:<version id or stage>` another.
   */
  moveStage(ref: string, stage: string): void {
    const { secret, reference } = this.#secretAt('moveStage', ref, { selector: true })
    checkWord('moveStage', stage)
    if (!secret.stage(reference, stage)) throw new TypeError('moveStage: there is no such version')
  }

  /** Puts a label on a version of a parameter, and takes it from the one that had it: `ssm:/prod/x` or `ssm:/prod/x:3`. */
  label(ref: string, label: string): void {
    const reference = itemReference('label', ref, { selector: true })
    if (reference.service !== 'ssm') throw new TypeError("label: expected a parameter such as 'ssm:/prod/x'")
    checkWord('label', label)
    if (this.#shelf.parameter(reference)?.label(reference, label) !== true) {
      throw new TypeError('label: there is no such version of a parameter')
    }
  }

  /** All versions of a secret, oldest first; never their values. */
  secretVersions(ref: string): readonly FakeSecretVersion[] {
    return this.#secret('secretVersions', ref).versions()
  }

  /** All versions of a parameter, oldest first; never their values. */
  parameterVersions(ref: string): readonly FakeParameterVersion[] {
    const reference = itemReference('parameterVersions', ref, { selector: false })
    const item = reference.service === 'ssm' ? this.#shelf.parameter(reference) : undefined
    return item?.versions() ?? missing('parameterVersions', 'parameter', reference)
  }

  /** The ARN of a secret or parameter. */
  arn(ref: string): string {
    const reference = itemReference('arn', ref, { selector: false })
    return this.#shelf.item(reference)?.arn ?? missing('arn', 'secret or parameter', reference)
  }

  /** Removes a secret or parameter with all its versions. Made again, it has another ARN and other version ids. */
  remove(ref: string): void {
    const reference = itemReference('remove', ref, { selector: false })
    if (!this.#shelf.remove(reference)) missing('remove', 'secret or parameter', reference)
  }

  /**
   * Lets requests for `ref` fail, so that the client rejects with a code, or in a way that AWS or Node.js has a name
   * for. Of several scripts that fit a request the oldest hits.
   *
   * @example
   * ```ts
   * vault.fail('prod/db', 'ERR_DECRYPT')
   * vault.fail('*', 'InternalServiceError', { times: 2 })
   * vault.fail('ssm:/prod/*', 'ECONNRESET')
   * ```
   */
  fail(ref: string, failure: FakeFailure, options: FailOptions = {}): () => void {
    return this.#fail('fail', ref, failure, options)
  }

  /** Lets requests fail with AWS's answer to too many of them. */
  throttle(ref = '*', options: FailOptions = {}): () => void {
    return this.#fail('throttle', ref, 'ERR_THROTTLED', options)
  }

  /** Lets requests fail as where IAM does not allow them. */
  deny(ref = '*', options: FailOptions = {}): () => void {
    return this.#fail('deny', ref, 'ERR_ACCESS_DENIED', options)
  }

  /** Lets answers come so many milliseconds late, by the clock. The answer is what was stored as the request came. */
  delay(ms: number, ref = '*'): () => void {
    this.#checkTarget('delay', ref)
    return this.#script.delay('delay', ref, durationOf('delay', ms))
  }

  /** Lets every request fail, as in an outage, until {@link FakeVault.comeBack}. */
  goDown(options: OutageOptions = {}): void {
    checkMembers('goDown', options, ['silent'])
    this.#script.goDown(flagOf('goDown', 'silent', options.silent ?? false))
  }

  /** Ends the outage. */
  comeBack(): void {
    this.#script.comeBack()
  }

  /** Takes everything back that was to go wrong: failures, delays and the outage. */
  heal(): void {
    this.#script.clear()
  }

  #put(where: string, ref: string, value: FakeValue): string {
    const reference = itemReference(where, ref, { selector: false })
    const stored = storedOf(`${where}: ${reference.ref}`, reference.service, value)
    if (reference.service === 'ssm') {
      const text = stored.payload.text ?? ''
      return String(this.#shelf.openParameter(reference).put(text, stored.isList, this.#now()))
    }
    return this.#shelf.openSecret(reference).put(stored.payload, this.#now())
  }

  #startRotation(where: string, ref: string, value: FakeValue): string {
    const { secret, reference } = this.#secretAt(where, ref, { selector: false })
    const { payload } = storedOf(`${where}: ${reference.ref}`, 'secretsmanager', value)
    if (secret.isRotating) throw new TypeError(`${where}: a rotation of the secret is under way`)
    return secret.put(payload, this.#now(), 'AWSPENDING')
  }

  #fail(where: string, ref: string, failure: FakeFailure, options: FailOptions): () => void {
    checkMembers(where, options, ['times', 'retryAfterMs'])
    const { times = Infinity, retryAfterMs } = options
    this.#checkTarget(where, ref)
    return this.#script.fail(where, ref, {
      failure: failureNamed(where, failure),
      times: timesOf(where, times),
      ...(retryAfterMs !== undefined && { retryAfterMs: durationOf(where, retryAfterMs) }),
    })
  }

  /** Refuses what nothing is stored under; a pattern may be about what is to come. */
  #checkTarget(where: string, ref: string): void {
    if (typeof ref === 'string' && ref.includes('*')) return
    const reference = itemReference(where, ref, { selector: true })
    if (this.#shelf.item(reference) !== undefined) return
    throw new TypeError(
      `${where}: nothing is stored under ${reference.ref}; put it there first, or pass a pattern such as 'prod/*'`,
    )
  }

  #secret(where: string, ref: string): SecretItem {
    return this.#secretAt(where, ref, { selector: false }).secret
  }

  #secretAt(where: string, ref: string, allowed: { readonly selector: boolean }) {
    const reference = itemReference(where, ref, allowed)
    if (!isSecret(reference)) {
      throw new TypeError(
        `${where}: expected a secret such as 'prod/db', got a parameter: they have no stages`,
      )
    }
    return { secret: this.#shelf.secret(reference) ?? missing(where, 'secret', reference), reference }
  }
}

function isSecret(reference: Reference): reference is SecretReference {
  return reference.service === 'secretsmanager'
}

function missing(where: string, kind: string, { ref }: Reference): never {
  throw new TypeError(`${where}: there is no such ${kind}: ${ref}`)
}

function notRotating(where: string): never {
  throw new TypeError(`${where}: no rotation of the secret is under way`)
}
