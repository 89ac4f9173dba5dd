/**
 * Why a step of a rotation cannot be done: which step, of which secret, and nothing of a value or of a foreign message.
 *
 * @module
 */

import { SecretsError, isSecretsError } from 'aws-secrets-client'
import type { SecretsErrorCode, SecretsErrorInit } from 'aws-secrets-client'
import type { RotationStep } from './rotation-event.js'

/**
 * Why a step cannot be done.
 *
 * - `event`: the event is none of Secrets Manager's, or asks for an unknown step.
 * - `disabled`: rotation is not enabled for the secret.
 * - `version`: the event's version is none of the secret's, or is not pending.
 * - `secret`: what the secret holds cannot be rotated: users, hosts or engine are not as they must be.
 * - `read`: the secret, or another that is needed, could not be read or decoded; `code` says why.
 * - `request`: another request to Secrets Manager failed; `code` says why.
 * - `refused`: the database or service refused credentials that it should accept.
 * - `failed`: anything else that the step threw.
 */
export type RotationFailure =
  'event' | 'disabled' | 'version' | 'secret' | 'read' | 'request' | 'refused' | 'failed'

/** The facts that a {@link RotationError} is made of. */
export interface RotationErrorInit extends SecretsErrorInit {
  /** Why the step cannot be done. */
  readonly reason: RotationFailure
  /** The step; the handler fills it in. */
  readonly step?: RotationStep
  /**
   * The code.
   *
   * @defaultValue `'ERR_ROTATION'`
   */
  readonly code?: SecretsErrorCode
}

const BRAND = Symbol.for('aws-secrets-client.RotationError')

/**
 * A step of a rotation that cannot be done. Its message reads `<secret>: <step>: <what happened>. <hint>`.
 *
 * A step of your own may throw one, to say in its own words what is wrong: of any other error only its name and a code
 * are shown, since its message may quote the secret.
 */
export class RotationError extends SecretsError {
  /** Why the step cannot be done; the part to switch on. */
  readonly reason: RotationFailure
  /** The step that was asked for, where the event named one. */
  declare readonly step?: RotationStep

  /** Builds the message from the parts. */
  constructor(init: RotationErrorInit) {
    const { reason, step, code = 'ERR_ROTATION', ...facts } = init
    super(code, { ...facts, what: step === undefined ? facts.what : `${step}: ${facts.what}` })
    this.reason = reason
    if (step !== undefined) this.step = step
    Object.defineProperty(this, BRAND, { value: true })
  }

  /** The same facts as plain data, for structured logs. */
  override toJSON(): Record<string, unknown> {
    return { ...super.toJSON(), reason: this.reason, step: this.step }
  }
}

Object.defineProperty(RotationError.prototype, 'name', { value: 'RotationError', configurable: true })
// A step that an error does not have is not looked for on a polluted `Object.prototype`.
Object.defineProperty(RotationError.prototype, 'step', {
  value: undefined,
  writable: true,
  configurable: true,
})

/**
 * Tells whether something thrown is a {@link RotationError}, with the given reason if one is given.
 *
 * Works across duplicate copies of the library (ESM beside CJS, two versions), where `instanceof` does not.
 */
export function isRotationError(error: unknown, reason?: RotationFailure): error is RotationError {
  if (!isSecretsError(error)) return false
  try {
    return BRAND in error && (reason === undefined || Reflect.get(error, 'reason') === reason)
  } catch {
    // A proxy that throws when it is looked at is none of ours.
    return false
  }
}

/** Whatever a step threw, as an error that may be shown. */
export function rotationError(thrown: unknown, step: RotationStep, ref: string): RotationError {
  if (isRotationError(thrown)) return placed(thrown, step, ref)
  if (isSecretsError(thrown)) return placed(libraryError(thrown, thrown.hint), step, ref)
  const what = `failed with ${namesOf(thrown)}`
  return new RotationError({ what, hint: UNSEEN, reason: 'failed', step, ref })
}

const UNSEEN =
  'Its message is not shown, since it may quote the secret; a step of your own can throw a RotationError instead, ' +
  'whose words are shown.'

/**
 * For what a read rejects with: another hint where the value did not fit, since the library's own is for whoever has
 * chosen the schema, or how it is read.
 */
export function misfit(hint: string): (thrown: unknown) => never {
  return (thrown) => {
    if (!isSecretsError(thrown) || !/\{ as: |schema/.test(thrown.hint ?? '')) throw thrown
    throw libraryError(thrown, hint)
  }
}

function libraryError(error: SecretsError, hint: string | undefined): RotationError {
  const { code, what, ref, retryable, attempts, requestId, retryAfterMs, versionId } = error
  const reason = code === 'ERR_MISSING_PEER' ? 'failed' : 'read'
  const facts = optional({ ref, hint, requestId, retryAfterMs, versionId })
  return new RotationError({ what, reason, code, retryable, attempts, ...facts })
}

/** The same error with the step and the secret, where it does not name its own. */
function placed(error: RotationError, step: RotationStep, ref: string): RotationError {
  const { reason, code, what, hint, retryable, attempts, requestId, retryAfterMs, versionId } = error
  return new RotationError({
    what: error.step === undefined ? what : what.slice(`${error.step}: `.length),
    reason,
    code,
    step: error.step ?? step,
    ref: error.ref ?? ref,
    retryable,
    attempts,
    ...optional({ hint, requestId, retryAfterMs, versionId }),
  })
}

/** What may be told of a foreign error: its name and a code, where they look like such. */
function namesOf(thrown: unknown): string {
  const name = nameOf(thrown)
  const code = memberOf(thrown, 'code')
  return typeof code === 'string' && CODE.test(code) ? `${name} ${code}` : name
}

/** The name of a foreign error, or `an error`. */
export function nameOf(thrown: unknown): string {
  const name = memberOf(thrown, 'name')
  return typeof name === 'string' && NAME.test(name) ? name : 'an error'
}

/** Names of classes, nothing that a password could be taken for. */
const NAME = /^[A-Z][a-z]+(?:[A-Z][a-zA-Z]*)?$/
/** An SQLSTATE, a code of the system (`ECONNREFUSED`), or words in capitals (`ER_CANNOT_USER`). */
const CODE = /^(?:[0-9A-Z]{5}|E[A-Z]{3,20}|[A-Z]{2,20}(?:_[A-Z0-9]{1,20}){1,6})$/

/** A member of anything that was thrown, without being thrown at again. */
export function memberOf(thrown: unknown, name: string): unknown {
  if (typeof thrown !== 'object' || thrown === null) return undefined
  try {
    return Reflect.get(thrown, name)
  } catch {
    return undefined
  }
}

type Present<Facts> = { readonly [Name in keyof Facts]?: Exclude<Facts[Name], undefined> }

/** Without the facts that are not there. */
function optional<Facts extends object>(facts: Facts): Present<Facts>
function optional(facts: object): object {
  return Object.fromEntries(Object.entries(facts).filter(([, fact]) => fact !== undefined))
}
