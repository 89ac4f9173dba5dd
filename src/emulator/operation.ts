/**
 * What an operation of either service is given and gives back.
 *
 * @module
 */
import type { Access } from './access.js'
import type { Input, Wire } from './input.js'
import type { RotationStarter } from './rotation/rotations.js'
import type { ParameterStore } from './parameter-store/store.js'
import type { SecretStore } from './secrets-manager/store.js'

/** Everything that one operation works on. */
export interface Call {
  readonly input: Input
  /** Secrets of the region that the request was signed for. */
  readonly secrets: SecretStore
  /** Parameters of that region. */
  readonly parameters: ParameterStore
  readonly access: Access
  /** Runs the rotation functions that a test has registered. */
  readonly rotations: RotationStarter
  /** Now, in milliseconds since the Unix epoch. */
  readonly nowMs: number
}

/** One operation: answers with the response's members, or throws an `EmulatorError`. */
export type Operation = (call: Call) => Wire

/** A date as AWS JSON 1.1 writes it: seconds since the Unix epoch, with milliseconds as a fraction. */
export function epochSeconds(ms: number): number {
  return ms / 1000
}

/** Leaves out members without a value: AWS omits them, and `JSON.stringify` must not be relied on in-process. */
export function compact(members: Wire): Wire {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))
}
