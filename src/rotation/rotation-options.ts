/**
 * What a rotation function is made of: the steps that a user writes, and what they are given.
 *
 * @module
 */

import type { ReadValue, Schema, SdkClient, SecretsClient } from 'aws-secrets-client'
import type { RotationError } from './rotation-error.js'
import type { RotationEvent, RotationStep } from './rotation-event.js'

/** The type of the secret's value: the schema's, or text where there is none. */
export type RotatedValue<SchemaType extends Schema | undefined> = ReadValue<ReadBy<SchemaType>>

/** How the values of a rotation are read. */
interface ReadBy<SchemaType> {
  readonly schema: SchemaType
}

/** What a new secret may be: text, bytes, or an object that becomes JSON. */
export type NewSecret = string | Uint8Array | object

/** One step of a rotation, as the functions of a user see it. Printing it shows no value. */
export interface Rotation<Value> {
  /** The step that is asked for. */
  readonly step: RotationStep
  /** ARN of the secret. */
  readonly secretId: string
  /** Id of the version that is to become the current one: the same in all steps and replays of one rotation. */
  readonly versionId: string
  /** Reads other secrets, such as an administrator's; it caches nothing. */
  readonly secrets: SecretsClient

  /** The current value, decoded. Asked for once in each step, and never cached over steps, as are the others. */
  current(): Promise<Value>
  /** The value that is to become the current one; rejects with `ERR_NOT_FOUND` as long as it is not stored. */
  pending(): Promise<Value>
  /** The value before the current one; `undefined` where there is none. */
  previous(): Promise<Value | undefined>
  /**
   * The current value as it is stored, with the members that the schema does not know.
   *
   * Rejects with the reason `secret` where it is no JSON object.
   */
  stored(): Promise<Readonly<Record<string, unknown>>>
  /** A random password from Secrets Manager, as the option `password` says; another one each time. */
  randomPassword(): Promise<string>
}

/** The steps that depend on what is rotated. Each may be asked for again after it has succeeded, or half-way. */
export interface RotationSteps<Value> {
  /**
   * Makes the new value, which the handler then stores as pending, unless the schema refuses it. Not called where one is
   * stored already.
   *
   * @defaultValue the current JSON object with another `password`; another text where the value is no JSON object
   */
  readonly createSecret?: ((rotation: Rotation<Value>) => NewSecret | Promise<NewSecret>) | undefined
  /** Makes the pending value valid where it is used; must do nothing where it is valid already. */
  readonly setSecret: (rotation: Rotation<Value>) => unknown
  /** Uses the pending value, and throws where that fails; `false` is refused, too. */
  readonly testSecret: (rotation: Rotation<Value>) => void | Promise<void>
  /** What else is to be done right before the handler makes the pending version the current one. */
  readonly finishSecret?: ((rotation: Rotation<Value>) => unknown) | undefined
}

/** A ready set of steps with the schema that they need: `createRotationHandler(strategy)`. */
export interface RotationStrategy<SchemaType extends Schema | undefined> extends RotationSteps<
  RotatedValue<SchemaType>
> {
  /** What all three values are checked against. */
  readonly schema: SchemaType
}

/** How a random password is made. */
export interface PasswordOptions {
  /**
   * Characters, from 1 to 4096.
   *
   * @defaultValue 32
   */
  readonly length?: number | undefined
  /**
   * Characters that it must not have.
   *
   * @defaultValue `` /@"'\: ``
   */
  readonly excludeCharacters?: string | undefined
  /**
   * Whether it has letters and digits only.
   *
   * @defaultValue `false`
   */
  readonly excludePunctuation?: boolean | undefined
}

/** What came of one step: `result` tells whether there is an `error`. */
export type StepOutcome = StepSuccess | StepFailure

/** Which step of which rotation it was. */
interface StepFacts {
  /** The step that was asked for. */
  readonly step: RotationStep
  /** ARN of the secret. */
  readonly secretId: string
  /** Id of the version that is to become the current one. */
  readonly versionId: string
}

/** A step that has succeeded. */
export interface StepSuccess extends StepFacts {
  /** `already-current`: the version is the current one, so that there was nothing to do. */
  readonly result: 'done' | 'already-current'
  /** Never there. */
  readonly error?: undefined
}

/** A step that has failed. */
export interface StepFailure extends StepFacts {
  /** Always `failed`. */
  readonly result: 'failed'
  /** Why it failed. */
  readonly error: RotationError
}

/** Settings of a rotation function beside its steps. */
export interface RotationSettings {
  /** How the passwords of `randomPassword` are made. */
  readonly password?: PasswordOptions | undefined
  /**
   * A `SecretsManagerClient`, or anything with a compatible `send`.
   *
   * @defaultValue one made on first use, with the function's own role and region
   */
  readonly client?: SdkClient | undefined
  /** Called at the end of each step, for a log. Nobody waits for it, and what it throws or rejects with is ignored. */
  readonly onOutcome?: ((outcome: StepOutcome) => unknown) | undefined
}

/** Options of {@link createRotationHandler}. */
export interface RotationOptions<SchemaType extends Schema | undefined>
  extends RotationSteps<RotatedValue<SchemaType>>, RotationSettings {
  /** What current, pending and previous values must match; without it they are text. */
  readonly schema?: SchemaType | undefined
}

/** The same, whatever the schema makes of the values. */
export interface AnyRotationOptions extends Omit<RotationSteps<unknown>, 'testSecret'>, RotationSettings {
  readonly schema?: Schema | undefined
  /** May answer anything, where nobody has checked the types. */
  readonly testSecret: (rotation: Rotation<unknown>) => unknown
}

/** A function for AWS Lambda. It rejects with a {@link RotationError}, upon which Secrets Manager tries again. */
export type RotationHandler = (event: RotationEvent, context?: unknown) => Promise<void>
