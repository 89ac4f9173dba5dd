/** Rotations by the library's own rotation function, under load: as they happen in production. */

import { setTimeout as delay } from 'node:timers/promises'
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import {
  type RotationStrategy,
  type StepOutcome,
  alternatingUsers,
  createRotationHandler,
  singleUser,
} from 'aws-secrets-client/rotation'
import type { rdsCredentials } from 'aws-secrets-client'
import type { RotateOptions } from 'aws-secrets-client/emulator'
import { type TestContext, describe, expect } from 'vitest'
import type { Engine } from './engine.js'
import { DEAD_MS, PATIENT, expectSurvived, underLoad } from './scenes.js'
import { REF, type Stage, testOn } from './stage.js'
import type { Way } from './ways.js'

/** The function itself asks the database whether the pending password is accepted already, and is refused once. */
const OWN_REFUSALS = 1

interface FunctionTest extends Pick<TestContext, 'onTestFinished'> {
  readonly stage: Stage
}

/** Registers the function, and gives a way to rotate by it that tells why where it fails. */
function useFunction(
  { stage: { emulator }, onTestFinished }: FunctionTest,
  strategy: RotationStrategy<typeof rdsCredentials>,
) {
  const client = new SecretsManagerClient(emulator.clientConfig)
  onTestFinished(() => {
    client.destroy()
  })
  const errors: string[] = []
  const onOutcome = ({ error }: StepOutcome) => {
    if (error !== undefined) errors.push(String(error))
  }
  emulator.onRotate(createRotationHandler({ ...strategy, client, onOutcome }))
  return async (options?: RotateOptions) => {
    const { state } = await emulator.rotate(REF, options)
    expect({ state, errors }).toEqual({ state: 'succeeded', errors: [] })
  }
}

export function rotationFunctionScenes(engine: Engine, way: Way): void {
  const test = testOn(engine)

  describe.concurrent(
    `${engine.name} through ${way.name}, rotated by its function: no query fails`,
    PATIENT,
    () => {
      test('while a single user is rotated', async ({ stage, onTestFinished }) => {
        const rotate = useFunction({ stage, onTestFinished }, singleUser(engine.rotationDatabase))
        stage.emulator.disturbRotation('testSecret', { hold: () => delay(DEAD_MS) })
        const outcome = await underLoad(stage, way, 'function, single user', async () => {
          await rotate()
        })
        expectSurvived(outcome, { deadVersions: 1, ownRefusals: OWN_REFUSALS })
      })

      test('while two users alternate, twice', async ({ stage, onTestFinished }) => {
        stage.addMaster()
        const rotate = useFunction({ stage, onTestFinished }, alternatingUsers(engine.rotationDatabase))
        stage.emulator.disturbRotation('testSecret', { hold: () => delay(DEAD_MS) })
        const outcome = await underLoad(stage, way, 'function, alternating users, twice', async () => {
          await rotate()
          await rotate()
        })
        expectSurvived(outcome, { deadVersions: 1, ownRefusals: 2 * OWN_REFUSALS })
      })

      test('while each step is asked for twice, and its success is lost once', async ({
        stage,
        onTestFinished,
      }) => {
        const rotate = useFunction({ stage, onTestFinished }, singleUser(engine.rotationDatabase))
        for (const step of ['createSecret', 'setSecret', 'testSecret', 'finishSecret'] as const) {
          stage.emulator.disturbRotation(step, { fail: 'after' }, { times: 1 })
          stage.emulator.disturbRotation(step, { replay: 1 })
        }
        stage.emulator.disturbRotation('testSecret', { hold: () => delay(DEAD_MS / 4) })
        const outcome = await underLoad(stage, way, 'function, steps repeated', async () => {
          await rotate()
        })
        expectSurvived(outcome, { deadVersions: 1, ownRefusals: OWN_REFUSALS })
      })

      test('while a rotation stops before finishSecret, and is taken up again', async ({
        stage,
        onTestFinished,
      }) => {
        const rotate = useFunction({ stage, onTestFinished }, singleUser(engine.rotationDatabase))
        const goOn = stage.emulator.disturbRotation('finishSecret', { stop: true })
        const outcome = await underLoad(stage, way, 'function, taken up again', async () => {
          const { state, versionId } = await stage.emulator.rotate(REF)
          expect(state).toBe('stopped')
          await delay(DEAD_MS)
          goOn()
          await rotate({ token: versionId })
        })
        expectSurvived(outcome, { deadVersions: 1, ownRefusals: OWN_REFUSALS })
      })
    },
  )
}
