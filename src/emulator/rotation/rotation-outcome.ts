/**
 * How a rotation went, without a value and without anybody's messages.
 *
 * @module
 */
import type { RotationStep } from './rotation-handler.js'

/** One invocation of a rotation function, or one that trouble came before. */
export interface RotationInvocation {
  /** The step that was asked for. */
  readonly step: RotationStep
  /** Which beginning of the rotation it belongs to, from 1. */
  readonly round: number
  /** Which try of the step in this round, from 1. */
  readonly attempt: number
  /** Whether the step had succeeded before, and was asked for again. */
  readonly replay: boolean
  /**
   * Name of the error, where the attempt failed: that of what was thrown if it looks like one and `Error` otherwise,
   * `Sandbox.Timedout` after a timeout, `Scripted` for trouble that a test made.
   */
  readonly error?: string
  /** The `code` of what was thrown, where that looks like one: `ERR_SCHEMA`, `ECONNREFUSED`, `28P01`. */
  readonly code?: string
}

/** What came of a rotation. */
export interface RotationOutcome {
  /** Full ARN of the secret. */
  readonly secretId: string
  /** Id of the version that was to become the current one, or to be tested. */
  readonly versionId: string
  /**
   * `succeeded`: all steps did, and the version is current. `tested`: after RotateSecret with
   * `RotateImmediately: false`, `testSecret` did, and the version is gone. `failed`: a step failed in every attempt of
   * every round, or the version is not current after the last one. `stopped`: a test wanted no further step.
   * `cancelled`: by CancelRotateSecret, or because the emulator was reset or closed.
   */
  readonly state: 'succeeded' | 'tested' | 'failed' | 'stopped' | 'cancelled'
  /** Every invocation, in order. */
  readonly invocations: readonly RotationInvocation[]
}

/** What may be told of something that a rotation function threw. */
export function errorFacts(thrown: unknown): Pick<RotationInvocation, 'error' | 'code'> {
  const name = memberOf(thrown, 'name')
  const code = memberOf(thrown, 'code')
  const isName = typeof name === 'string' && NAME.test(name)
  return {
    error: isName ? name : 'Error',
    ...(typeof code === 'string' && CODE.test(code) && { code }),
  }
}

/** Names of classes, nothing that a password could be taken for. */
const NAME = /^[A-Z][A-Za-z.]{2,63}$/
/** A word in capitals with an underscore or an `E`, or an SQLSTATE. */
const CODE = /^(?:E[A-Z_]{2,63}|[0-9A-Z]{5})$/

function memberOf(thrown: unknown, name: string): unknown {
  if (typeof thrown !== 'object' || thrown === null) return undefined
  try {
    return Reflect.get(thrown, name)
  } catch {
    return undefined
  }
}
