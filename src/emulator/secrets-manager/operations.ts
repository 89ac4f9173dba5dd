/**
 * The operations of Secrets Manager by their names.
 *
 * @module
 */
import type { Operation } from '../operation.js'
import { deleteSecret, restoreSecret } from './deletion.js'
import { describeSecret, listSecrets, listSecretVersionIds } from './describing.js'
import { getRandomPassword } from './random-password.js'
import { batchGetSecretValue, getSecretValue } from './reading.js'
import { cancelRotateSecret, rotateSecret } from './rotation.js'
import { updateSecretVersionStage } from './stages.js'
import { tagResource, untagResource } from './tags.js'
import { createSecret, putSecretValue, updateSecret } from './writing.js'

/** Operations of Secrets Manager that the emulator knows. */
export type SecretsManagerOperation =
  | 'BatchGetSecretValue'
  | 'CancelRotateSecret'
  | 'CreateSecret'
  | 'DeleteSecret'
  | 'DescribeSecret'
  | 'GetRandomPassword'
  | 'GetSecretValue'
  | 'ListSecretVersionIds'
  | 'ListSecrets'
  | 'PutSecretValue'
  | 'RestoreSecret'
  | 'RotateSecret'
  | 'TagResource'
  | 'UntagResource'
  | 'UpdateSecret'
  | 'UpdateSecretVersionStage'

/** What answers each of them. */
export const secretsManagerOperations: Readonly<Record<SecretsManagerOperation, Operation>> = {
  BatchGetSecretValue: batchGetSecretValue,
  CancelRotateSecret: cancelRotateSecret,
  CreateSecret: createSecret,
  DeleteSecret: deleteSecret,
  DescribeSecret: describeSecret,
  GetRandomPassword: getRandomPassword,
  GetSecretValue: getSecretValue,
  ListSecretVersionIds: listSecretVersionIds,
  ListSecrets: listSecrets,
  PutSecretValue: putSecretValue,
  RestoreSecret: restoreSecret,
  RotateSecret: rotateSecret,
  TagResource: tagResource,
  UntagResource: untagResource,
  UpdateSecret: updateSecret,
  UpdateSecretVersionStage: updateSecretVersionStage,
}
