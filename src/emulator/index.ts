/**
 * `aws-secrets-client/emulator`: a local Secrets Manager and Parameter Store for tests and first steps.
 *
 * It speaks AWS's own protocol, so the real AWS SDK runs against it unchanged; Node.js is all it needs.
 *
 * @module
 */
export { EmulatorError, type EmulatorErrorInit } from './emulator-error.js'
export type { EmulatorClock, EmulatorSleepOptions } from './emulator-clock.js'
export type { Emulator, EmulatorClientConfig, EmulatorEnv, InRegion, RotateOptions } from './emulator.js'
export type { EmulatorOptions, Latency } from './emulator-options.js'
export type { BodyFault, DropFault, ErrorFault, Fault, FaultOptions } from './faults.js'
export type { OperationName } from './operations.js'
export type { ParameterStoreOperation } from './parameter-store/operations.js'
export type { RequestRecord } from './request-log.js'
export type {
  OnRotateOptions,
  RotationContext,
  RotationEvent,
  RotationHandler,
  RotationStep,
} from './rotation/rotation-handler.js'
export type { RotationInvocation, RotationOutcome } from './rotation/rotation-outcome.js'
export type {
  FailingStep,
  HeldStep,
  ReplayedStep,
  RotationTrouble,
  RotationTroubleOptions,
  StoppedStep,
} from './rotation/rotation-trouble.js'
export type { Scene, SceneList, SceneParameter, SceneSecret, SceneText } from './scene.js'
export type { SecretsManagerOperation } from './secrets-manager/operations.js'
export { startEmulator } from './start.js'
export type { Throttle } from './throttle.js'
