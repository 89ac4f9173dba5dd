/**
 * `aws-secrets-client/rotation`: rotation functions for AWS Lambda, with strategies for databases and API keys.
 *
 * @module
 */

export type { DatabaseTls, RotationDatabase } from './databases/database.js'
export type { DatabaseOptions } from './databases/database-options.js'
export { mysqlDatabase } from './databases/mysql.js'
export { postgresDatabase } from './databases/postgres.js'
export { RotationError, isRotationError } from './rotation-error.js'
export type { RotationErrorInit, RotationFailure } from './rotation-error.js'
export type { RotationEvent, RotationStep } from './rotation-event.js'
export { createRotationHandler } from './rotation-handler.js'
export type {
  NewSecret,
  PasswordOptions,
  RotatedValue,
  Rotation,
  RotationHandler,
  RotationOptions,
  RotationSettings,
  RotationSteps,
  RotationStrategy,
  StepFailure,
  StepOutcome,
  StepSuccess,
} from './rotation-options.js'
export { alternatingUsers } from './strategies/alternating-users.js'
export type { AlternatingUsersOptions } from './strategies/alternating-users.js'
export { apiKey } from './strategies/api-key.js'
export type { ApiKeyProvider } from './strategies/api-key.js'
export { singleUser } from './strategies/single-user.js'
