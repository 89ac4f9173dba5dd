/**
 * Scenes: secrets and parameters that a test wants to be there.
 *
 * @module
 */
import type { Wire } from './input.js'
import { checkNames, expect } from './checks.js'
import type { OperationName } from './operations.js'

/** The value of a secret: text, bytes, or an object that becomes JSON text. */
export type SceneSecret = string | Uint8Array | object

/** A parameter of one text. */
export interface SceneText {
  /** The parameter's type. */
  readonly type: 'String' | 'SecureString'
  /** Its value, 1 to 4096 bytes. */
  readonly value: string
}

/** A parameter that is a list. */
export interface SceneList {
  /** The parameter's type. */
  readonly type: 'StringList'
  /** Its items, or the text that they make when they are joined by commas. */
  readonly value: string | readonly string[]
}

/** A parameter; a bare text makes a `String`. */
export type SceneParameter = string | SceneText | SceneList

/**
 * What `emulator.seed` puts in place.
 *
 * @example
 * ```ts
 * emulator.seed({
 *   secrets: { 'prod/db': { username: 'app', password: 'hunter2' }, 'prod/token': 'abc' },
 *   parameters: { '/prod/level': 'info', '/prod/key': { type: 'SecureString', value: 'hunter2' } },
 * })
 * ```
 */
export interface Scene {
  /** Secrets by name. */
  readonly secrets?: Readonly<Record<string, SceneSecret>>
  /** Parameters by name. */
  readonly parameters?: Readonly<Record<string, SceneParameter>>
}

/** Runs one operation. */
export type Run = (operation: OperationName, input: Wire) => Wire

/** Puts a scene in place by the operations that a client would use. */
export function setScene(scene: Scene, secretExists: (name: string) => boolean, run: Run): void {
  checkNames('seed', scene, ['secrets', 'parameters'])
  for (const [name, secret] of Object.entries(scene.secrets ?? {})) {
    const value = secretValue(name, secret)
    if (secretExists(name)) run('PutSecretValue', { SecretId: name, ...value })
    else run('CreateSecret', { Name: name, ...value })
  }
  for (const [name, parameter] of Object.entries(scene.parameters ?? {})) {
    run('PutParameter', { Name: name, Overwrite: true, ...parameterValue(name, parameter) })
  }
}

function secretValue(name: string, secret: SceneSecret): Wire {
  if (typeof secret === 'string') return { SecretString: secret }
  if (secret instanceof Uint8Array) return { SecretBinary: Buffer.from(secret).toString('base64') }
  expect(`secrets['${name}']`, secret, isObject(secret), 'a string, a Uint8Array or an object')
  return { SecretString: JSON.stringify(secret) }
}

function parameterValue(name: string, parameter: SceneParameter): Wire {
  if (typeof parameter === 'string') return { Type: 'String', Value: parameter }
  expect(`parameters['${name}']`, parameter, isObject(parameter), 'a string or { type, value }')
  checkNames(`parameters['${name}']`, parameter, ['type', 'value'])
  const { type, value } = parameter
  if (typeof value === 'string') return { Type: type, Value: value }
  expect(`parameters['${name}'].value`, value, Array.isArray(value), 'a string or an array of strings')
  return { Type: type, Value: value.join(',') }
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}
