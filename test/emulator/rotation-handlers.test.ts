import {
  DescribeSecretCommand,
  PutSecretValueCommand,
  RotateSecretCommand,
  UpdateSecretVersionStageCommand,
  type SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager'
import { EventEmitter, once } from 'node:events'
import { describe, expect, test, vi } from 'vitest'
import { startEmulator, type Emulator, type RotationEvent } from '../../src/emulator/index.js'
import { expectNoNeedle, NEEDLE } from '../support/needle.js'
import { DAY_MS, refusalOf, start, until } from './setup.js'

const ARN = 'arn:aws:lambda:us-east-1:123456789012:function:rotate'
const STEPS = ['createSecret', 'setSecret', 'testSecret', 'finishSecret']

/** The least that a rotation function does, with the real SDK. */
function minimal(sdk: SecretsManagerClient) {
  return async ({ Step, SecretId, ClientRequestToken }: RotationEvent) => {
    if (Step === 'createSecret') {
      const SecretString = `rotated-${ClientRequestToken}`
      const VersionStages = ['AWSPENDING']
      await sdk.send(new PutSecretValueCommand({ SecretId, ClientRequestToken, SecretString, VersionStages }))
    }
    if (Step !== 'finishSecret') return
    const { VersionIdsToStages = {} } = await sdk.send(new DescribeSecretCommand({ SecretId }))
    const held = Object.entries(VersionIdsToStages).find(([, stages]) => stages.includes('AWSCURRENT'))
    if (held?.[0] === ClientRequestToken) return
    const move = { MoveToVersionId: ClientRequestToken, RemoveFromVersionId: held?.[0] }
    await sdk.send(new UpdateSecretVersionStageCommand({ SecretId, VersionStage: 'AWSCURRENT', ...move }))
  }
}

async function startRotating() {
  const started = await start()
  const { emulator, secretsManager } = started
  emulator.seed({ secrets: { a: 'v1' } })
  return { ...started, handler: vi.fn(minimal(secretsManager)) }
}

const describeA = (emulator: Emulator) => emulator.call('DescribeSecret', { SecretId: 'a' })

const current = (emulator: Emulator) => emulator.call('GetSecretValue', { SecretId: 'a' })

const stepsOf = (handler: { mock: { calls: [RotationEvent, ...unknown[]][] } }) =>
  handler.mock.calls.map(([{ Step }]) => Step)

describe('a registered rotation function', () => {
  test('is called step by step, and its version is current in the end', async () => {
    const { emulator, clock, handler } = await startRotating()
    emulator.onRotate(handler)
    const { secretId, versionId, state, invocations } = await emulator.rotate('a')
    expect(state).toBe('succeeded')
    expect(secretId).toBe(describeA(emulator)['ARN'])
    expect(invocations).toEqual(STEPS.map((step) => ({ step, round: 1, attempt: 1, replay: false })))
    expect(current(emulator)).toMatchObject({
      SecretString: `rotated-${versionId}`,
      VersionId: versionId,
      VersionStages: ['AWSPENDING', 'AWSCURRENT'],
    })
    expect(describeA(emulator)).toMatchObject({ RotationEnabled: true, LastRotatedDate: clock.now() / 1000 })
    expect(clock.sleeping).toBe(0)
  })

  test('gets what Lambda gives it', async () => {
    const { emulator, clock } = await startRotating()
    const seen: unknown[] = []
    emulator.onRotate(
      (event, context) => {
        const atFirst = context.getRemainingTimeInMillis()
        clock.advance(600)
        seen.push({ ...event, ...context, left: [atFirst, context.getRemainingTimeInMillis()] })
      },
      { lambdaArn: ARN, timeoutMs: 1000 },
    )
    const token = '0'.repeat(32)
    const outcome = await emulator.rotate('a', { token })
    expect(outcome).toMatchObject({ versionId: token, state: 'failed' })
    expect(seen).toHaveLength(4)
    expect(seen[0]).toMatchObject({
      Step: 'createSecret',
      SecretId: outcome.secretId,
      ClientRequestToken: token,
      RotationToken: expect.stringMatching(/^[0-9a-f-]{36}$/) as unknown,
      functionName: 'rotate',
      invokedFunctionArn: ARN,
      awsRequestId: expect.stringMatching(/^[0-9a-f-]{36}$/) as unknown,
      left: [1000, 400],
    })
  })

  test('runs only after RotateSecret has answered', async () => {
    const { emulator, secretsManager, handler } = await startRotating()
    emulator.onRotate(handler)
    const input = { SecretId: 'a', RotationLambdaARN: ARN }
    emulator.call('RotateSecret', input)
    expect(handler).not.toHaveBeenCalled()
    expect(describeA(emulator)).not.toHaveProperty('LastRotatedDate')
    await emulator.rotation('a')
    const { VersionId } = await secretsManager.send(new RotateSecretCommand(input))
    expect(await emulator.rotation('a')).toMatchObject({ versionId: VersionId, state: 'succeeded' })
  })

  test('is the one for the ARN of the secret, or else the newest for all, until it is taken back', async () => {
    const { emulator, handler } = await startRotating()
    const calls: string[] = []
    const named = (name: string) => (event: RotationEvent) => {
      calls.push(name)
      return handler(event)
    }
    emulator.onRotate(named('all'))
    const takeBack = emulator.onRotate(named('own'), { lambdaArn: ARN })
    emulator.onRotate(named('newer'))
    await emulator.rotate('a', { lambdaArn: ARN })
    takeBack()
    await emulator.rotate('a')
    expect(calls).toEqual([...Array<string>(4).fill('own'), ...Array<string>(4).fill('newer')])
  })

  test('is not called for a secret whose function nobody stands for', async () => {
    const { emulator, handler } = await startRotating()
    emulator.onRotate(handler, { lambdaArn: ARN })
    await expect(emulator.rotation('a')).rejects.toThrow(TypeError)
    await expect(emulator.rotate('a', { lambdaArn: `${ARN}2` })).rejects.toThrow(
      "secretId: expected a secret that a handler given to onRotate rotates; got 'a'",
    )
    expect(refusalOf(() => emulator.call('RotateSecret', { SecretId: 'b' })).code).toBe(
      'ResourceNotFoundException',
    )
    expect(handler).not.toHaveBeenCalled()
  })

  test('works in each region by itself', async () => {
    const { emulator } = await startRotating()
    emulator.seed({ secrets: { a: 'there' } }, { region: 'eu-west-1' })
    emulator.onRotate(() => undefined)
    const outcome = await emulator.rotate('a', { region: 'eu-west-1' })
    expect(outcome.secretId).toContain(':eu-west-1:')
    await expect(emulator.rotation('a')).rejects.toThrow(TypeError)
  })

  test('is refused a second rotation while one is under way, and the same request again changes nothing', async () => {
    const { emulator, handler } = await startRotating()
    emulator.onRotate(handler)
    const input = { SecretId: 'a', RotationLambdaARN: ARN, ClientRequestToken: '1'.repeat(32) }
    const first = emulator.call('RotateSecret', input)
    expect(emulator.call('RotateSecret', input)).toEqual(first)
    expect(refusalOf(() => emulator.call('RotateSecret', { SecretId: 'a' }))).toEqual({
      code: 'InvalidRequestException',
      text: "A previous rotation isn't complete. That rotation will be reattempted.",
    })
    expect((await emulator.rotation('a')).state).toBe('succeeded')
    expect(stepsOf(handler)).toEqual(STEPS)
  })
})

describe('a configuration without a rotation', () => {
  const configure = (emulator: Emulator, more: object = {}) =>
    emulator.call('RotateSecret', {
      SecretId: 'a',
      RotationLambdaARN: ARN,
      RotationRules: { AutomaticallyAfterDays: 30 },
      RotateImmediately: false,
      ...more,
    })

  /** Looks at what the function would find. */
  const looking = (emulator: Emulator, seen: unknown[]) => (event: RotationEvent) => {
    const { Step, SecretId, ClientRequestToken: VersionId } = event
    const input = { SecretId, VersionId, VersionStage: 'AWSPENDING' }
    seen.push(Step, emulator.call('GetSecretValue', input), describeA(emulator))
  }

  test('has the function run testSecret on a copy of the current version, which is then removed', async () => {
    const { emulator } = await startRotating()
    const before = current(emulator)
    const seen: unknown[] = []
    emulator.onRotate(looking(emulator, seen))
    expect(configure(emulator)).toEqual({ ARN: before['ARN'], Name: 'a' })
    const { state, versionId, invocations } = await emulator.rotation('a')
    expect(state).toBe('tested')
    expect(invocations).toEqual([{ step: 'testSecret', round: 1, attempt: 1, replay: false }])
    expect(seen).toEqual([
      'testSecret',
      expect.objectContaining({ SecretString: 'v1', VersionId: versionId, VersionStages: ['AWSPENDING'] }),
      expect.objectContaining({ RotationEnabled: true }),
    ])
    expect(describeA(emulator)).toMatchObject({
      RotationEnabled: true,
      RotationRules: { AutomaticallyAfterDays: 30 },
      VersionIdsToStages: { [String(before['VersionId'])]: ['AWSCURRENT'] },
    })
    expect(describeA(emulator)).not.toHaveProperty('LastRotatedDate')
    const all = emulator.call('ListSecretVersionIds', { SecretId: 'a', IncludeDeprecated: true })
    expect(all['Versions']).toHaveLength(1)
  })

  test('copies bytes too, and leaves a secret without a value without one', async () => {
    const { emulator } = await startRotating()
    emulator.seed({ secrets: { a: Uint8Array.of(0, 255) } })
    const seen: unknown[] = []
    emulator.onRotate(looking(emulator, seen), { attempts: 1 })
    configure(emulator)
    expect((await emulator.rotation('a')).state).toBe('tested')
    expect(seen[1]).toMatchObject({ SecretBinary: 'AP8=' })
    emulator.call('CreateSecret', { Name: 'empty' })
    configure(emulator, { SecretId: 'empty' })
    expect(await emulator.rotation('empty')).toMatchObject({
      state: 'failed',
      invocations: [{ error: 'EmulatorError' }],
    })
  })

  test('is stored though the test fails, which stands in the way of no rotation', async () => {
    const { emulator, handler } = await startRotating()
    emulator.onRotate(handler, { attempts: 2 })
    emulator.disturbRotation('testSecret', { fail: 'before' }, { times: 2 })
    configure(emulator)
    const { state, versionId, invocations } = await emulator.rotation('a')
    expect([state, invocations.length]).toEqual(['failed', 2])
    expect(describeA(emulator)['VersionIdsToStages']).not.toHaveProperty(versionId)
    expect(describeA(emulator)).toMatchObject({ RotationEnabled: true })
    expect((await emulator.rotate('a')).state).toBe('succeeded')
    configure(emulator)
    expect((await emulator.rotation('a')).state).toBe('tested')
    expect(current(emulator)['VersionStages']).toEqual(['AWSCURRENT'])
  })

  test('keeps what a function makes of the version', async () => {
    const { emulator } = await startRotating()
    emulator.onRotate(({ SecretId, ClientRequestToken: MoveToVersionId }) => {
      const VersionStage = 'KEPT'
      emulator.call('UpdateSecretVersionStage', { SecretId, VersionStage, MoveToVersionId })
    })
    configure(emulator)
    const { versionId } = await emulator.rotation('a')
    expect(describeA(emulator)['VersionIdsToStages']).toHaveProperty(versionId, ['KEPT'])
  })

  test('is tested once for one token, and refused while a rotation is under way', async () => {
    const { emulator, handler } = await startRotating()
    emulator.onRotate(handler)
    const ClientRequestToken = '2'.repeat(32)
    configure(emulator, { ClientRequestToken })
    configure(emulator, { ClientRequestToken })
    const refused = { code: 'InvalidRequestException' }
    expect(refusalOf(() => configure(emulator))).toMatchObject(refused)
    expect((await emulator.rotation('a')).versionId).toBe(ClientRequestToken)
    expect(stepsOf(handler)).toEqual(['testSecret'])
    emulator.disturbRotation('setSecret', { stop: true }, { times: 1 })
    expect((await emulator.rotate('a')).state).toBe('stopped')
    expect(refusalOf(() => configure(emulator, { RotationRules: undefined }))).toMatchObject(refused)
  })

  test('ends with the emulator, or by CancelRotateSecret, and can be left half-way', async () => {
    const { emulator, handler } = await startRotating()
    emulator.onRotate(handler)
    const cancel = () => emulator.call('CancelRotateSecret', { SecretId: 'a' })
    emulator.disturbRotation('testSecret', { hold: cancel }, { times: 1 })
    configure(emulator)
    const { state, versionId } = await emulator.rotation('a')
    expect(state).toBe('cancelled')
    expect(describeA(emulator)['VersionIdsToStages']).not.toHaveProperty(versionId)
    emulator.disturbRotation('testSecret', { stop: true })
    configure(emulator)
    const stopped = await emulator.rotation('a')
    expect(stopped.state).toBe('stopped')
    expect(describeA(emulator)['VersionIdsToStages']).toHaveProperty(stopped.versionId, ['AWSPENDING'])
  })

  test('is stored and nothing else where nobody stands for the function', async () => {
    const { emulator, handler } = await startRotating()
    emulator.onRotate(handler, { lambdaArn: `${ARN}2` })
    const before = describeA(emulator)['VersionIdsToStages']
    configure(emulator)
    await expect(emulator.rotation('a')).rejects.toThrow(TypeError)
    expect(describeA(emulator)).toMatchObject({ RotationEnabled: true, VersionIdsToStages: before })
    expect(handler).not.toHaveBeenCalled()
  })
})

describe('a rotation in trouble', () => {
  test.each(['before', 'after'] as const)('tries a step again that failed %s it ran', async (fail) => {
    const { emulator, handler } = await startRotating()
    emulator.onRotate(handler)
    emulator.disturbRotation('*', { fail }, { times: 2 })
    const { state, invocations } = await emulator.rotate('a')
    expect(state).toBe('succeeded')
    expect(invocations.slice(0, 4)).toEqual([
      { step: 'createSecret', round: 1, attempt: 1, replay: false, error: 'Scripted' },
      { step: 'createSecret', round: 1, attempt: 2, replay: false, error: 'Scripted' },
      { step: 'createSecret', round: 1, attempt: 3, replay: false },
      { step: 'setSecret', round: 1, attempt: 1, replay: false },
    ])
    expect(stepsOf(handler)).toHaveLength(fail === 'before' ? 4 : 6)
  })

  test('gives up after so many attempts and rounds, with pauses between, and leaves AWSPENDING', async () => {
    const { emulator, clock } = await startRotating()
    emulator.onRotate(() => undefined, { attempts: 2, rounds: 2, retryDelayMs: 60_000 })
    emulator.disturbRotation('testSecret', { fail: 'before' })
    const rotating = emulator.rotate('a')
    for (let pauses = 0; pauses < 3; pauses += 1) {
      await until(() => clock.sleeping === 1)
      clock.advance(60_000)
    }
    const { state, versionId, invocations } = await rotating
    expect(state).toBe('failed')
    const failed = invocations.filter(({ error }) => error !== undefined)
    expect(failed.map(({ step, round, attempt }) => [step, round, attempt])).toEqual([
      ['testSecret', 1, 1],
      ['testSecret', 1, 2],
      ['testSecret', 2, 1],
      ['testSecret', 2, 2],
    ])
    expect(describeA(emulator)['VersionIdsToStages']).toHaveProperty(versionId, ['AWSPENDING'])
    expect(describeA(emulator)).not.toHaveProperty('LastRotatedDate')
  })

  test('can be tried again with the same token once it has failed', async () => {
    const { emulator, handler } = await startRotating()
    emulator.onRotate(handler, { attempts: 1 })
    const mend = emulator.disturbRotation('setSecret', { fail: 'before' })
    const { versionId: token, state } = await emulator.rotate('a')
    expect(state).toBe('failed')
    await expect(emulator.rotate('a')).rejects.toMatchObject({ code: 'InvalidRequestException' })
    mend()
    expect(await emulator.rotate('a', { token })).toMatchObject({ versionId: token, state: 'succeeded' })
  })

  test('tells by name and code what the function threw, and never its message', async () => {
    const { emulator } = await startRotating()
    const thrown: unknown[] = [
      new RangeError(NEEDLE),
      Object.assign(new Error(NEEDLE), { name: 'Nee' + NEEDLE, code: NEEDLE }),
      Object.assign(new Error(NEEDLE), { code: '28P01' }),
      NEEDLE,
    ]
    emulator.onRotate(() => Promise.reject(thrown.shift()), { attempts: 4 })
    const outcome = await emulator.rotate('a')
    expect(outcome.invocations.map(({ error, code }) => [error, code])).toEqual([
      ['RangeError', undefined],
      ['Error', undefined],
      ['Error', '28P01'],
      ['Error', undefined],
    ])
    expectNoNeedle(outcome, NEEDLE)
  })

  test('survives a thrown object that throws when it is looked at', async () => {
    const { emulator } = await startRotating()
    emulator.onRotate(
      () => {
        throw new Proxy(new Error(), {
          get() {
            throw new Error(NEEDLE)
          },
        })
      },
      { attempts: 1 },
    )
    expect((await emulator.rotate('a')).invocations).toMatchObject([{ error: 'Error' }])
  })

  test('gives up on a function that never answers, and on a scripted timeout', async () => {
    const { emulator, clock } = await startRotating()
    const handler = vi.fn(() => new Promise(() => undefined))
    emulator.onRotate(handler, { attempts: 2, timeoutMs: 900_000 })
    emulator.disturbRotation('createSecret', { fail: 'timeout' }, { times: 1 })
    const rotating = emulator.rotate('a')
    for (let attempts = 0; attempts < 2; attempts += 1) {
      await until(() => clock.sleeping === 1)
      clock.advance(900_000)
    }
    expect((await rotating).invocations).toMatchObject([
      { error: 'Sandbox.Timedout' },
      { error: 'Sandbox.Timedout' },
    ])
    expect(handler).toHaveBeenCalledTimes(1)
  })

  test('asks again for steps that succeeded', async () => {
    const { emulator, handler } = await startRotating()
    emulator.onRotate(handler)
    emulator.disturbRotation('createSecret', { replay: 1 })
    emulator.disturbRotation('finishSecret', { replay: 2 })
    const { state, invocations } = await emulator.rotate('a')
    expect(state).toBe('succeeded')
    expect(stepsOf(handler)).toEqual(['createSecret', ...STEPS, 'finishSecret', 'finishSecret'])
    expect(invocations.map(({ replay }) => replay)).toEqual([false, true, false, false, false, true, true])
  })

  test('fails where a step that is asked for again fails', async () => {
    const { emulator } = await startRotating()
    const seen = new Set<string>()
    emulator.onRotate(({ Step }) => {
      if (seen.has(Step)) throw new RangeError()
      seen.add(Step)
    })
    emulator.disturbRotation('setSecret', { replay: 1 })
    const { state, invocations } = await emulator.rotate('a')
    expect(state).toBe('failed')
    expect(invocations.at(-1)).toMatchObject({ step: 'setSecret', replay: true, error: 'RangeError' })
  })

  test('can be held before a step, and looked at', async () => {
    const { emulator, handler } = await startRotating()
    emulator.onRotate(handler)
    const seen: unknown[] = []
    const gate = new EventEmitter()
    emulator.disturbRotation('finishSecret', {
      hold: ({ Step, ClientRequestToken }) => {
        seen.push(Step, current(emulator)['SecretString'], ClientRequestToken)
        return once(gate, 'open')
      },
    })
    const rotating = emulator.rotate('a')
    await until(() => seen.length > 0)
    expect(stepsOf(handler)).toEqual(STEPS.slice(0, 3))
    gate.emit('open')
    expect(await rotating).toMatchObject({ state: 'succeeded', versionId: seen[2] })
    expect(seen.slice(0, 2)).toEqual(['finishSecret', 'v1'])
  })

  test('goes on where a hold fails', async () => {
    const { emulator, handler } = await startRotating()
    emulator.onRotate(handler)
    emulator.disturbRotation('setSecret', {
      hold: () => {
        throw new Error('a test')
      },
    })
    expect((await emulator.rotate('a')).state).toBe('succeeded')
  })

  test('can be ended before a step, for one secret, until that is taken back', async () => {
    const { emulator, handler } = await startRotating()
    emulator.seed({ secrets: { b: 'v1' } })
    emulator.onRotate(handler)
    const takeBack = emulator.disturbRotation('finishSecret', { stop: true }, { match: 'a' })
    const { state, versionId, invocations } = await emulator.rotate('a')
    expect([state, invocations.length]).toEqual(['stopped', 3])
    expect(describeA(emulator)['VersionIdsToStages']).toHaveProperty(versionId, ['AWSPENDING'])
    expect((await emulator.rotate('b')).state).toBe('succeeded')
    takeBack()
    expect((await emulator.rotate('a', { token: versionId })).state).toBe('succeeded')
  })
})

describe('the end of a rotation', () => {
  test.each<[string, (emulator: Emulator) => unknown]>([
    ['CancelRotateSecret', (emulator) => emulator.call('CancelRotateSecret', { SecretId: 'a' })],
    [
      'reset',
      (emulator) => {
        emulator.reset()
      },
    ],
    ['close', (emulator) => emulator.close()],
  ])('comes by %s, with no further step', async (_title, end) => {
    const { emulator, clock, handler } = await startRotating()
    emulator.onRotate(handler)
    emulator.disturbRotation('setSecret', { hold: () => end(emulator) })
    expect(await emulator.rotate('a')).toMatchObject({ state: 'cancelled' })
    expect(stepsOf(handler)).toEqual(['createSecret'])
    expect(clock.sleeping).toBe(0)
  })

  test('comes by CancelRotateSecret, though another rotation begins before it is noticed', async () => {
    const { emulator, handler } = await startRotating()
    emulator.onRotate(handler)
    let next: Promise<unknown> | undefined
    const hold = ({ ClientRequestToken: RemoveFromVersionId }: RotationEvent) => {
      const SecretId = 'a'
      emulator.call('CancelRotateSecret', { SecretId })
      const VersionStage = 'AWSPENDING'
      emulator.call('UpdateSecretVersionStage', { SecretId, VersionStage, RemoveFromVersionId })
      next = emulator.rotate('a')
    }
    emulator.disturbRotation('setSecret', { hold }, { times: 1 })
    expect(await emulator.rotate('a')).toMatchObject({ state: 'cancelled' })
    expect(await next).toMatchObject({ state: 'succeeded' })
    expect(stepsOf(handler)).toEqual(['createSecret', ...STEPS])
  })

  test.each<[string, (emulator: Emulator) => void]>([
    ['is held', (emulator) => emulator.disturbRotation('setSecret', { hold: () => new Promise(() => 0) })],
    ['waits', (emulator) => emulator.disturbRotation('setSecret', { fail: 'before' })],
    ['times out', (emulator) => emulator.disturbRotation('setSecret', { fail: 'timeout' })],
    ['runs', (emulator) => emulator.onRotate(() => new Promise(() => 0), { lambdaArn: ARN })],
  ])('does not wait where the rotation %s', async (_title, trouble) => {
    const { emulator, clock, handler } = await startRotating()
    emulator.onRotate(handler, { retryDelayMs: DAY_MS })
    trouble(emulator)
    const rotating = emulator.rotate('a', { lambdaArn: ARN })
    for (let turns = 0; turns < 200; turns += 1) await new Promise(setImmediate)
    await emulator.close()
    expect(await rotating).toMatchObject({ state: 'cancelled' })
    expect(clock.sleeping).toBe(0)
  })

  test('does not wait for a function that ends the emulator itself and never answers', async () => {
    await using emulator = await startEmulator()
    emulator.seed({ secrets: { a: 'v1' } })
    emulator.onRotate(() => {
      emulator.reset()
      return new Promise(() => 0)
    })
    expect((await emulator.rotate('a')).state).toBe('cancelled')
  })

  test('forgets functions and trouble with a reset', async () => {
    const { emulator, handler } = await startRotating()
    emulator.onRotate(handler)
    emulator.reset()
    emulator.seed({ secrets: { a: 'v1' } })
    await expect(emulator.rotate('a')).rejects.toThrow(TypeError)
  })
})

describe('bad arguments', () => {
  const handler = () => undefined
  const call = (emulator: Emulator, name: 'onRotate' | 'disturbRotation', ...args: unknown[]): unknown =>
    Reflect.apply(Reflect.get(emulator, name), emulator, args)

  test.each<[string, (emulator: Emulator) => unknown, string]>([
    ['no function', (e) => call(e, 'onRotate', 1), 'handler: expected a function'],
    ['an option', (e) => call(e, 'onRotate', handler, { tries: 1 }), 'expected only lambdaArn, attempts'],
    ['an empty ARN', (e) => e.onRotate(handler, { lambdaArn: '' }), 'lambdaArn: expected the ARN'],
    ['no attempts', (e) => e.onRotate(handler, { attempts: 0 }), 'attempts: expected a whole number'],
    ['half a round', (e) => e.onRotate(handler, { rounds: 0.5 }), 'rounds: expected a whole number'],
    ['a past', (e) => e.onRotate(handler, { retryDelayMs: -1 }), 'retryDelayMs: expected milliseconds'],
    ['no time', (e) => e.onRotate(handler, { timeoutMs: 0 }), 'timeoutMs: expected milliseconds'],
    ['a step', (e) => call(e, 'disturbRotation', 'set', { stop: true }), 'step: expected one of'],
    ['no trouble', (e) => call(e, 'disturbRotation', '*', {}), 'trouble: expected one of'],
    ['null', (e) => call(e, 'disturbRotation', '*', null), 'trouble: expected one of'],
    ['two kinds', (e) => e.disturbRotation('*', { stop: true, replay: 1 }), 'got members stop, replay'],
    ['no replays', (e) => e.disturbRotation('*', { replay: 0 }), 'trouble: expected one of'],
    ['no times', (e) => e.disturbRotation('*', { stop: true }, { times: 0 }), 'times: expected a whole'],
    ['no match', (e) => e.disturbRotation('*', { stop: true }, { match: '' }), 'match: expected a pattern'],
    ['an unknown', (e) => call(e, 'disturbRotation', '*', { stop: true }, { secret: 'a' }), 'expected only'],
  ])('are refused: %s', async (_title, run, text) => {
    await using emulator = await startEmulator()
    expect(() => run(emulator)).toThrow(TypeError)
    expect(() => run(emulator)).toThrow(text)
  })

  test('are refused: an option of rotate', async () => {
    await using emulator = await startEmulator()
    const options = { token: '1'.repeat(32), tokens: 1 }
    await expect(emulator.rotate('a', options)).rejects.toThrow('rotate: expected only token')
  })
})
