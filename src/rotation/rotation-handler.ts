/**
 * The rotation function itself: checks that a step is due, runs it, and stores and moves versions.
 *
 * @module
 */

import { isSecretsError } from 'aws-secrets-client'
import type { Schema } from 'aws-secrets-client'
import { checkEvent } from './event-check.js'
import { newPayload } from './new-value.js'
import { RotationError, rotationError } from './rotation-error.js'
import type { RotationEvent } from './rotation-event.js'
import { checkRotationOptions } from './rotation-checks.js'
import type {
  NewSecret,
  AnyRotationOptions,
  Rotation,
  RotationHandler,
  RotationOptions,
  RotationSettings,
  StepOutcome,
} from './rotation-options.js'
import { StepRotation } from './rotation-step.js'
import { SecretVersions } from './secret-versions.js'
import { checkAnswer } from './test-answer.js'

/**
 * Makes a rotation function for AWS Lambda out of the steps that depend on what is rotated, or out of a ready strategy.
 *
 * Before each step it checks that rotation is enabled and that the event's version is pending; where the version is the
 * current one already, it does nothing. It stores what `createSecret` returns and, after `finishSecret`, makes it the
 * current version. Each step may be repeated, or interrupted at any point and repeated.
 *
 * @throws TypeError for options that cannot be.
 *
 * @example
 * ```ts
 * export const handler = createRotationHandler(singleUser(postgresDatabase()))
 * ```
 */
export function createRotationHandler<const SchemaType extends Schema | undefined = undefined>(
  options: RotationOptions<SchemaType>,
): RotationHandler
export function createRotationHandler(options: AnyRotationOptions): RotationHandler {
  checkRotationOptions(options)
  const { client, password = {} } = options
  let opened: Promise<SecretVersions> | undefined
  const open = () => {
    opened ??= SecretVersions.open(client, password)
    opened.catch(() => {
      opened = undefined
    })
    return opened
  }
  return async (input) => {
    const event = checkEvent(input)
    const { Step: step, SecretId: secretId, ClientRequestToken: versionId } = event
    const which = { step, secretId, versionId }
    try {
      const versions = await open()
      const isDue = await passGate(versions, event)
      if (isDue) await runStep(options, event, versions)
      report(options.onOutcome, { ...which, result: isDue ? 'done' : 'already-current' })
    } catch (thrown) {
      const error = rotationError(thrown, step, secretId)
      report(options.onOutcome, { ...which, result: 'failed', error })
      throw error
    }
  }
}

/** Whether there is anything to do; refuses what must not be done. */
async function passGate(versions: SecretVersions, event: RotationEvent): Promise<boolean> {
  const { SecretId, ClientRequestToken: versionId } = event
  const secret = await versions.describe(SecretId)
  if (secret.rotationEnabled === false) {
    const hint = 'Enable it with RotateSecret; a function that is called by hand rotates nothing.'
    throw new RotationError({ what: 'rotation is not enabled for the secret', hint, reason: 'disabled' })
  }
  const stages = secret.stagesOf(versionId)
  if (stages === undefined) {
    const what = "the event's ClientRequestToken is no version of the secret that has a stage"
    throw new RotationError({ what, reason: 'version', versionId })
  }
  if (stages.includes('AWSCURRENT')) return false
  if (stages.includes('AWSPENDING')) return true
  const what = "the event's version is not the one that is pending"
  throw new RotationError({ what, reason: 'version', versionId })
}

async function runStep(
  options: AnyRotationOptions,
  event: RotationEvent,
  versions: SecretVersions,
): Promise<void> {
  const rotation = new StepRotation(event, versions, options.schema)
  switch (event.Step) {
    case 'createSecret':
      return create(options, event, versions, rotation)
    case 'setSecret':
      await options.setSecret(rotation)
      return
    case 'testSecret':
      checkAnswer(await options.testSecret(rotation), 'testSecret')
      return
    case 'finishSecret':
      await rotation.pending()
      await options.finishSecret?.(rotation)
      return versions.makeCurrent(event)
  }
}

async function create(
  { createSecret = withNewPassword, schema }: AnyRotationOptions,
  event: RotationEvent,
  versions: SecretVersions,
  rotation: Rotation<unknown>,
): Promise<void> {
  // What cannot be read now could not be told from a new secret later.
  await rotation.current()
  if (await versions.hasPending(event)) return
  await versions.putPending(event, await newPayload(await createSecret(rotation), schema))
}

/** What a rotation makes where its user does not say: another password, and everything else as it is. */
async function withNewPassword(rotation: Rotation<unknown>): Promise<NewSecret> {
  const stored = await rotation.stored().catch(unlessText)
  if (stored === undefined) {
    if (looksLikeJson(await rotation.current())) {
      throw refused('the current value looks like JSON and cannot be read as such')
    }
    return rotation.randomPassword()
  }
  if (typeof stored['password'] === 'string') {
    return { ...stored, password: await rotation.randomPassword() }
  }
  throw refused('the current value has no text password')
}

/** A comma too many, or a member that is refused, must not cost all the others. */
function looksLikeJson(text: unknown): boolean {
  return typeof text === 'string' && /^\s*\{\s*".*\}\s*$/s.test(text)
}

function refused(what: string): RotationError {
  const hint = 'Pass a createSecret that makes the new value.'
  return new RotationError({ what, hint, reason: 'secret' })
}

function unlessText(error: unknown): undefined {
  const isText = isSecretsError(error, 'ERR_DECODE') || isSecretsError(error, 'ERR_ROTATION')
  if (!isText) throw error
}

/** A log that fails, at once or later, is no reason to fail a rotation, nor to end the process. */
function report(listener: RotationSettings['onOutcome'], outcome: StepOutcome): void {
  try {
    const result = listener?.(Object.freeze(outcome))
    new Promise((resolve) => {
      resolve(result)
    }).catch(() => undefined)
  } catch {
    // See above.
  }
}
