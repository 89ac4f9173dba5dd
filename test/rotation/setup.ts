/** An emulator with the real SDK before it, and secrets to rotate; all end with the test. */

import { rdsCredentials } from 'aws-secrets-client'
import type { RdsCredentials } from 'aws-secrets-client'
import type { Emulator, RotationOutcome } from 'aws-secrets-client/emulator'
import { startEmulator } from 'aws-secrets-client/emulator'
import { RotationError, type RotationEvent, type RotationHandler } from 'aws-secrets-client/rotation'
import { onTestFinished } from 'vitest'
import { sdkFor } from '../support/sdk.js'

const HOST = 'db.internal'

/** A whole rotation, on a machine that is busy with others, or many of them: milliseconds that a test may take. */
export const PATIENCE_MS = 60_000

export async function start() {
  const emulator = await startEmulator()
  const sdk = sdkFor(emulator.clientConfig)
  onTestFinished(async () => {
    sdk.destroy()
    await emulator.close()
  })
  return { emulator, client: sdk.secretsManager }
}

/** A secret as RDS's console makes it, with a member that no schema knows. */
export const secretOf = (username: string, password: string, more: object = {}) => ({
  engine: 'postgres',
  host: HOST,
  port: '5432',
  username,
  password,
  note: 'kept',
  ...more,
})

export const arnOf = (emulator: Emulator, SecretId: string) =>
  String(emulator.call('DescribeSecret', { SecretId })['ARN'])

export const textAt = (emulator: Emulator, SecretId: string, VersionStage = 'AWSCURRENT') =>
  String(emulator.call('GetSecretValue', { SecretId, VersionStage })['SecretString'])

/** The credentials of a stage, as a client of the library would get them. */
export async function credentialsAt(
  emulator: Emulator,
  secretId: string,
  versionStage?: string,
): Promise<RdsCredentials> {
  const parsed: unknown = JSON.parse(textAt(emulator, secretId, versionStage))
  const result = await rdsCredentials['~standard'].validate(parsed)
  if (result.issues !== undefined) throw new Error('no credentials')
  return result.value
}

/** Where an attempt failed, as `step error code`. */
export const failuresOf = ({ invocations }: RotationOutcome): readonly string[] =>
  invocations
    .filter(({ error }) => error !== undefined)
    .map(({ step, error = '', code = '' }) => `${step} ${error} ${code}`.trim())

/** An event for a version that is pending, without a rotation that runs. */
export function announce(emulator: Emulator, secretId: string, Step: RotationEvent['Step']): RotationEvent {
  const RotationLambdaARN = 'arn:aws:lambda:us-east-1:123456789012:function:by-hand'
  const { ARN, VersionId } = emulator.call('RotateSecret', { SecretId: secretId, RotationLambdaARN })
  return { Step, SecretId: String(ARN), ClientRequestToken: String(VersionId) }
}

/** The error that a step rejects with; fails the test where it is none of a rotation. */
export async function errorOf(handler: RotationHandler, event: unknown): Promise<RotationError> {
  const run: unknown = Reflect.apply(handler, undefined, [event])
  try {
    await run
  } catch (error) {
    if (error instanceof RotationError) return error
    throw error
  }
  throw new Error('the step succeeded')
}
