/**
 * A rotation function as the emulator calls it, and how patient it is with it.
 *
 * @module
 */

/** One of the four steps of a rotation. */
export type RotationStep = 'createSecret' | 'setSecret' | 'testSecret' | 'finishSecret'

/** The steps in the order in which Secrets Manager asks for them. */
export const ROTATION_STEPS: readonly RotationStep[] = [
  'createSecret',
  'setSecret',
  'testSecret',
  'finishSecret',
]

/** What Secrets Manager invokes a rotation function with. */
export interface RotationEvent {
  /** The step that is asked for. */
  readonly Step: RotationStep
  /** Full ARN of the secret. */
  readonly SecretId: string
  /** Id of the version that is to become the current one; it carries `AWSPENDING`. */
  readonly ClientRequestToken: string
  /** Proves to Secrets Manager that a request belongs to this rotation; the emulator does not check it. */
  readonly RotationToken: string
}

/** The part of Lambda's context object that the emulator has. */
export interface RotationContext {
  /** Another one for each invocation. */
  readonly awsRequestId: string
  /** The last part of the function's ARN. */
  readonly functionName: string
  /** The secret's `RotationLambdaARN`. */
  readonly invokedFunctionArn: string
  /** Milliseconds until the invocation times out, by the emulator's clock. */
  getRemainingTimeInMillis(): number
}

/** A rotation function. What it returns is ignored; that it throws, or rejects, is a failed attempt. */
export type RotationHandler = (event: RotationEvent, context: RotationContext) => unknown

/** How a rotation function is called. */
export interface OnRotateOptions {
  /**
   * ARN of the function that the handler stands for.
   *
   * @defaultValue every function that no other handler stands for
   */
  readonly lambdaArn?: string
  /**
   * How often one step is tried before it has failed; a whole number of at least 1.
   *
   * @defaultValue 3, as Lambda does with an asynchronous invocation
   */
  readonly attempts?: number
  /**
   * How often the whole rotation is begun, with `createSecret`, before it has failed; a whole number of at least 1.
   *
   * @defaultValue 1
   */
  readonly rounds?: number
  /**
   * Milliseconds before a step or a round is tried again, by the emulator's clock; at least 0.
   *
   * @defaultValue 0, where AWS takes a minute and more
   */
  readonly retryDelayMs?: number
  /**
   * Milliseconds after which an invocation is given up, by the emulator's clock; at least 1.
   *
   * @defaultValue 30000
   */
  readonly timeoutMs?: number
}

/** A handler with its options filled in. */
export interface RegisteredHandler {
  readonly handler: RotationHandler
  /** `undefined` stands for every function. */
  readonly lambdaArn: string | undefined
  readonly attempts: number
  readonly rounds: number
  readonly retryDelayMs: number
  readonly timeoutMs: number
}
