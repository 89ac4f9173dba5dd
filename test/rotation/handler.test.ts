import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { SecretsError, isSecretsError } from 'aws-secrets-client'
import { RotationError, createRotationHandler } from 'aws-secrets-client/rotation'
import type { RotationOptions, StepOutcome } from 'aws-secrets-client/rotation'
import { describe, expect, expectTypeOf, onTestFinished, test, vi } from 'vitest'
import { z } from 'zod'
import { until } from '../emulator/setup.js'
import { sdkFor } from '../support/sdk.js'
import { announce, errorOf, failuresOf, start, textAt } from './setup.js'

const steps = { setSecret: () => undefined, testSecret: () => undefined }

async function startWith(value: string | object, options: Partial<RotationOptions<undefined>> = {}) {
  const { emulator, client } = await start()
  emulator.seed({ secrets: { a: value } })
  const handler = createRotationHandler({ ...steps, client, ...options })
  return { emulator, client, handler }
}

describe('the gate', () => {
  test('refuses a secret whose rotation is not enabled', async () => {
    const { emulator, handler } = await startWith('v1')
    const event = announce(emulator, 'a', 'createSecret')
    emulator.call('CancelRotateSecret', { SecretId: 'a' })
    const error = await errorOf(handler, event)
    expect(error).toMatchObject({ code: 'ERR_ROTATION', reason: 'disabled', step: 'createSecret' })
    expect(error.message).toBe(
      `${event.SecretId}: createSecret: rotation is not enabled for the secret. ` +
        'Enable it with RotateSecret; a function that is called by hand rotates nothing.',
    )
  })

  test('accepts an answer that does not say whether rotation is enabled', async () => {
    const { emulator, handler } = await startWith('v1')
    const token = '0'.repeat(32)
    emulator.call('PutSecretValue', {
      SecretId: 'a',
      SecretString: 'v2',
      ClientRequestToken: token,
      VersionStages: ['AWSPENDING'],
    })
    await handler({ Step: 'finishSecret', SecretId: 'a', ClientRequestToken: token })
    expect(textAt(emulator, 'a')).toBe('v2')
  })

  test('refuses a token that is no version of the secret, and a version that is not pending', async () => {
    const { emulator, handler } = await startWith('v1')
    const event = announce(emulator, 'a', 'setSecret')
    const foreign = { ...event, ClientRequestToken: 'f'.repeat(32) }
    expect(await errorOf(handler, foreign)).toMatchObject({
      reason: 'version',
      versionId: foreign.ClientRequestToken,
      what: "setSecret: the event's ClientRequestToken is no version of the secret that has a stage",
    })
    const old = String(emulator.call('GetSecretValue', { SecretId: 'a' })['VersionId'])
    emulator.seed({ secrets: { a: 'v2' } })
    expect(await errorOf(handler, { ...event, ClientRequestToken: old })).toMatchObject({
      reason: 'version',
      what: "setSecret: the event's version is not the one that is pending",
    })
  })

  test('does nothing for a version that is current already', async () => {
    const setSecret = vi.fn()
    const outcomes: StepOutcome[] = []
    const onOutcome = (outcome: StepOutcome) => outcomes.push(outcome)
    const { emulator, handler } = await startWith('v1', { setSecret, onOutcome })
    const { SecretId } = announce(emulator, 'a', 'setSecret')
    const ClientRequestToken = String(emulator.call('GetSecretValue', { SecretId: 'a' })['VersionId'])
    await handler({ Step: 'setSecret', SecretId, ClientRequestToken })
    expect(setSecret).not.toHaveBeenCalled()
    const step = 'setSecret'
    expect(outcomes).toEqual([
      { step, secretId: SecretId, versionId: ClientRequestToken, result: 'already-current' },
    ])
  })

  test('tells that there is no such secret, or that it is not allowed to look', async () => {
    const { emulator, handler } = await startWith('v1')
    const event = announce(emulator, 'a', 'testSecret')
    const SecretId = event.SecretId.replace(':secret:a', ':secret:b')
    expect(await errorOf(handler, { ...event, SecretId })).toMatchObject({
      code: 'ERR_NOT_FOUND',
      reason: 'request',
      what: 'testSecret: DescribeSecret failed with ResourceNotFoundException',
    })
    emulator.deny('secretsmanager:DescribeSecret')
    const denied = await errorOf(handler, event)
    expect(denied).toMatchObject({ code: 'ERR_ACCESS_DENIED', retryable: false })
    expect(denied.hint).toBe("Allow secretsmanager:DescribeSecret in the policy of the function's role.")
    expect(denied.requestId).toMatch(/^[0-9a-f-]{36}$/)
  })

  test.each([
    [undefined, 'Step', undefined],
    [null, 'Step', undefined],
    ['createSecret', 'Step', undefined],
    [{ Step: 'create_secret' }, 'Step', undefined],
    [Object.create({ Step: 'createSecret' }), 'Step', undefined],
    [{ Step: 'createSecret' }, 'SecretId', 'createSecret'],
    [{ Step: 'createSecret', SecretId: 'ssm:/a' }, 'SecretId', 'createSecret'],
    [{ Step: 'createSecret', SecretId: 'a b' }, 'SecretId', 'createSecret'],
    [{ Step: 'createSecret', SecretId: 'a:AWSPENDING' }, 'SecretId', 'createSecret'],
    [{ Step: 'createSecret', SecretId: 'a' }, 'ClientRequestToken', 'createSecret'],
    [{ Step: 'setSecret', SecretId: 'a', ClientRequestToken: 'short' }, 'ClientRequestToken', 'setSecret'],
  ])('refuses an event that is none, without quoting it: %o', async (event, member, step) => {
    const { emulator, handler } = await startWith('v1')
    const error = await errorOf(handler, event)
    expect([error.reason, error.step]).toEqual(['event', step])
    expect(error.message).toContain(`the event's ${member} is not`)
    expect(emulator.count()).toBe(0)
  })

  test('refuses a rotation token that is none', async () => {
    const { emulator, handler } = await startWith('v1')
    const event = { ...announce(emulator, 'a', 'setSecret'), RotationToken: 1 }
    expect(await errorOf(handler, event)).toMatchObject({ reason: 'event' })
  })
})

describe('createSecret', () => {
  test('gives a JSON object another password and keeps all else as it is stored', async () => {
    const value = { username: 'app', password: 'first', port: '5432', nested: { big: 1e21 } }
    const { emulator, handler } = await startWith(value)
    emulator.onRotate(handler)
    expect((await emulator.rotate('a')).state).toBe('succeeded')
    const parsed: unknown = JSON.parse(textAt(emulator, 'a'))
    expect(parsed).toEqual({ ...value, password: expect.stringMatching(/^[^/@"'\\:]{32}$/) as unknown })
  })

  test.each(['not json', '12345', '["a", "list"]'])('replaces a text as a whole: %s', async (text) => {
    const { emulator, handler } = await startWith(text)
    emulator.onRotate(handler)
    await emulator.rotate('a')
    expect(textAt(emulator, 'a')).toMatch(/^[^/@"'\\:]{32}$/)
  })

  test.each([
    '{"username": "app", "password": "first",}',
    '\n{ "username": "app", "password": "first", "constructor": {} }\n',
  ])('does not replace JSON that it cannot read by a password: %s', async (text) => {
    const { emulator, handler } = await startWith(text)
    const error = await errorOf(handler, announce(emulator, 'a', 'createSecret'))
    expect(error).toMatchObject({ reason: 'secret', hint: 'Pass a createSecret that makes the new value.' })
    expect(error.what).toBe('createSecret: the current value looks like JSON and cannot be read as such')
    expect(emulator.count('PutSecretValue')).toBe(0)
  })

  test('stores no value that the schema refuses, so that the next try can make another', async () => {
    const made = [{ key: 7 }, { key: 'good' }]
    const { emulator, client } = await start()
    emulator.seed({ secrets: { a: { key: 'v1' } } })
    const schema = z.object({ key: z.string() })
    const createSecret = () => made.shift() ?? {}
    const handler = createRotationHandler({ ...steps, client, schema, createSecret })
    const event = announce(emulator, 'a', 'createSecret')
    const error = await errorOf(handler, event)
    expect(error).toMatchObject({ code: 'ERR_SCHEMA', reason: 'secret', step: 'createSecret' })
    expect(error.what).toContain('the new value cannot be used: the value does not match its schema: /key')
    await handler(event)
    expect(textAt(emulator, 'a', 'AWSPENDING')).toBe('{"key":"good"}')
  })

  test('makes passwords as it is told', async () => {
    const password = { length: 60, excludeCharacters: 'abc', excludePunctuation: true }
    const { emulator, handler } = await startWith('text', { password })
    emulator.onRotate(handler)
    await emulator.rotate('a')
    expect(textAt(emulator, 'a')).toMatch(/^[d-zA-Z0-9]{60}$/)
  })

  test('refuses an object without a password, and says what to do', async () => {
    const { emulator, handler } = await startWith({ username: 'app', password: 7 })
    const error = await errorOf(handler, announce(emulator, 'a', 'createSecret'))
    expect(error).toMatchObject({ reason: 'secret', hint: 'Pass a createSecret that makes the new value.' })
    expect(error.what).toBe('createSecret: the current value has no text password')
  })

  test.each<[string, string | Uint8Array | object]>([
    ['text', 'new'],
    ['bytes', new Uint8Array([0, 255])],
    ['an object', { key: 'new' }],
  ])('stores %s that the function makes, with the rotation token', async (_title, value) => {
    const { emulator, client } = await start()
    emulator.seed({ secrets: { a: 'v1' } })
    const send = vi.spyOn(client, 'send')
    const handler = createRotationHandler({ ...steps, client, createSecret: () => value })
    const event = { ...announce(emulator, 'a', 'createSecret'), RotationToken: 'token-of-rotation' }
    await handler(event)
    const input = send.mock.calls.map(([command]) => command.input).find((sent) => 'RotationToken' in sent)
    expect(input).toMatchObject({ RotationToken: 'token-of-rotation', VersionStages: ['AWSPENDING'] })
    const stored = emulator.call('GetSecretValue', { SecretId: 'a', VersionStage: 'AWSPENDING' })
    if (typeof value === 'string') expect(stored['SecretString']).toBe(value)
    else if (value instanceof Uint8Array) expect(stored['SecretBinary']).toBe('AP8=')
    else expect(stored['SecretString']).toBe('{"key":"new"}')
  })

  test('does not make a value where one is stored', async () => {
    const createSecret = vi.fn(() => 'made')
    const { emulator, handler } = await startWith('v1', { createSecret })
    const event = announce(emulator, 'a', 'createSecret')
    await handler(event)
    await handler(event)
    expect(createSecret).toHaveBeenCalledTimes(1)
  })

  test('keeps the first of two values that are made at the same time', async () => {
    let made = 0
    const createSecret = async () => {
      const value = `value ${(made += 1)}`
      await until(() => made === 2)
      return value
    }
    const { emulator, handler } = await startWith('v1', { createSecret })
    const event = announce(emulator, 'a', 'createSecret')
    await Promise.all([handler(event), handler(event)])
    expect(made).toBe(2)
    expect(textAt(emulator, 'a', 'AWSPENDING')).toMatch(/^value [12]$/)
    expect(emulator.requests.some(({ error }) => error === 'ResourceExistsException')).toBe(true)
  })

  test('succeeds where the value is stored and the answer was lost', async () => {
    const { emulator, handler } = await startWith('v1')
    emulator.fail('PutSecretValue', { drop: 'truncate' }, { times: 1 })
    await handler(announce(emulator, 'a', 'createSecret'))
    expect(emulator.count('PutSecretValue')).toBe(1)
    expect(textAt(emulator, 'a', 'AWSPENDING')).toHaveLength(32)
  })

  test('refuses what is no value', async () => {
    const { emulator, handler } = await startWith('v1', { createSecret: () => JSON.parse('7') as object })
    const error = await errorOf(handler, announce(emulator, 'a', 'createSecret'))
    expect(error.what).toBe(
      'createSecret: the function createSecret returned neither text nor bytes nor an object',
    )
  })

  test.each<[string, object]>([
    ['an ArrayBuffer', new ArrayBuffer(8)],
    ['a Map', new Map([['key', 'v2']])],
    ['a Response', new Response('v2')],
    ['nothing', {}],
    ['other numbers than bytes', new Uint16Array(2)],
  ])('refuses an object of which JSON keeps nothing: %s', async (_title, made) => {
    const { emulator, handler } = await startWith('v1', { createSecret: () => made })
    const error = await errorOf(handler, announce(emulator, 'a', 'createSecret'))
    expect(error).toMatchObject({
      reason: 'secret',
      what: 'createSecret: the function createSecret returned an object that JSON does not keep',
    })
    expect(emulator.count('PutSecretValue')).toBe(0)
  })

  test.each<[string, string | Uint8Array]>([
    ['text', ''],
    ['bytes', new Uint8Array()],
  ])('refuses empty %s', async (_title, made) => {
    const { emulator, handler } = await startWith('v1', { createSecret: () => made })
    const error = await errorOf(handler, announce(emulator, 'a', 'createSecret'))
    expect(error).toMatchObject({
      reason: 'secret',
      what: 'createSecret: the function createSecret returned an empty value',
      hint: 'Let it throw where there is no new value.',
    })
    expect(emulator.count('PutSecretValue')).toBe(0)
  })

  test('needs a current value that can be read', async () => {
    const { emulator, client } = await start()
    emulator.call('CreateSecret', { Name: 'a' })
    const handler = createRotationHandler({ ...steps, client })
    const error = await errorOf(handler, announce(emulator, 'a', 'createSecret'))
    expect(error).toMatchObject({ code: 'ERR_NOT_FOUND', reason: 'read', step: 'createSecret' })
    emulator.seed({ secrets: { b: 'v1' } })
    emulator.deny('secretsmanager:GetSecretValue', 'b')
    const denied = await errorOf(handler, announce(emulator, 'b', 'createSecret'))
    expect(denied).toMatchObject({ code: 'ERR_ACCESS_DENIED', reason: 'read' })
  })

  test('fails where AWS makes no password', async () => {
    const { emulator, handler } = await startWith('v1')
    emulator.fail('GetRandomPassword', { body: '{}' })
    const error = await errorOf(handler, announce(emulator, 'a', 'createSecret'))
    expect(error).toMatchObject({ code: 'ERR_UNAVAILABLE', reason: 'request', retryable: true })
  })

  test('fails with the name of the error where the value cannot be stored', async () => {
    const { emulator, handler } = await startWith('v1')
    emulator.fail('PutSecretValue', { error: 'EncryptionFailure' })
    const error = await errorOf(handler, announce(emulator, 'a', 'createSecret'))
    expect(error).toMatchObject({ code: 'ERR_DECRYPT' })
    expect(error.what).toBe('createSecret: PutSecretValue failed with EncryptionFailure')
  })
})

describe('setSecret and testSecret', () => {
  test('get the values as the schema types them, each read once in a step', async () => {
    const { emulator, client } = await start()
    emulator.seed({ secrets: { a: { key: 'v1' } } })
    const seen: unknown[] = []
    const handler = createRotationHandler({
      client,
      schema: z.object({ key: z.string() }),
      createSecret: async (rotation) => ({ key: `${(await rotation.current()).key}+` }),
      async setSecret(rotation) {
        expectTypeOf(rotation.pending()).resolves.toEqualTypeOf<{ key: string }>()
        expectTypeOf(rotation.previous()).resolves.toEqualTypeOf<{ key: string } | undefined>()
        const values = [rotation.previous(), rotation.current(), rotation.pending()]
        seen.push(...(await Promise.all(values)), ...(await Promise.all([rotation.pending()])))
      },
      testSecret({ step, secretId, versionId }) {
        seen.push([step, secretId, versionId])
      },
    })
    emulator.onRotate(handler)
    await emulator.rotate('a')
    emulator.clearRequests()
    const { secretId, versionId } = await emulator.rotate('a')
    expect(seen.slice(-5)).toEqual([
      { key: 'v1' },
      { key: 'v1+' },
      { key: 'v1++' },
      { key: 'v1++' },
      ['testSecret', secretId, versionId],
    ])
  })

  test('fail where the test answers false, and pass where it answers nothing', async () => {
    const answers: unknown[] = [Promise.resolve(false), false, undefined, Promise.resolve()]
    // By this type, TypeScript lets any answer through.
    const testSecret: () => void = () => answers.shift()
    const { emulator, handler } = await startWith('v1', { testSecret })
    const event = announce(emulator, 'a', 'createSecret')
    await handler(event)
    for (let tries = 0; tries < 2; tries += 1) {
      const error = await errorOf(handler, { ...event, Step: 'testSecret' })
      expect(error).toMatchObject({ reason: 'refused', step: 'testSecret', code: 'ERR_ROTATION' })
      expect(error.what).toBe('testSecret: the function testSecret answered false')
      expect(error.hint).toBe('Let it throw where the test fails, and return nothing.')
    }
    for (let tries = 0; tries < 2; tries += 1) await handler({ ...event, Step: 'testSecret' })
    expect(answers).toEqual([])
  })

  test('are told to read with current() where what is stored is no JSON', async () => {
    const { emulator, handler } = await startWith('v1', { setSecret: (rotation) => rotation.stored() })
    const event = announce(emulator, 'a', 'setSecret')
    const error = await errorOf(handler, event)
    expect(error.code).toBe('ERR_DECODE')
    expect(error.what).toContain('setSecret: the value is not JSON')
    expect(error.hint).toBe('Store a JSON object, or read the value with current().')
    emulator.seed({ secrets: { a: '{ "constructor": {} }' } })
    expect((await errorOf(handler, event)).hint).toBe('Rename the key in the secret.')
  })

  test('see what was changed since the step before', async () => {
    const { emulator, client } = await start()
    emulator.seed({ secrets: { a: 'v1', b: 'other' } })
    const seen: unknown[] = []
    const look = async (rotation: Parameters<RotationOptions<undefined>['setSecret']>[0]) => {
      seen.push(await rotation.current(), await rotation.secrets.get('b'))
      emulator.seed({ secrets: { a: 'v2', b: 'changed' } })
    }
    const handler = createRotationHandler({ client, setSecret: look, testSecret: look })
    const event = announce(emulator, 'a', 'setSecret')
    await handler(event)
    await handler({ ...event, Step: 'testSecret' })
    expect(seen).toEqual(['v1', 'other', 'v2', 'changed'])
  })

  test('are never given what was read before, though AWS fails or the value does not fit any more', async () => {
    const { emulator, client } = await start()
    emulator.seed({ secrets: { a: { key: 'v1' } } })
    const seen: unknown[] = []
    const setSecret = async (rotation: { current(): Promise<unknown> }) => seen.push(await rotation.current())
    const schema = z.object({ key: z.string() })
    const handler = createRotationHandler({ client, schema, setSecret, testSecret: () => undefined })
    const event = announce(emulator, 'a', 'setSecret')
    await handler(event)
    emulator.seed({ secrets: { a: { other: 'v2' } } })
    expect(await errorOf(handler, event)).toMatchObject({ code: 'ERR_SCHEMA' })
    emulator.fail('GetSecretValue', { error: 'InternalServiceError' })
    expect(await errorOf(handler, event)).toMatchObject({ code: 'ERR_UNAVAILABLE' })
    expect(seen).toEqual([{ key: 'v1' }])
  })

  test('are refused a value that the schema refuses, by path and rule', async () => {
    const { emulator, client } = await start()
    emulator.seed({ secrets: { a: { username: 'needle-in-value' } } })
    const handler = createRotationHandler({
      client,
      schema: {
        type: 'object',
        properties: { username: { type: 'string', maxLength: 3 } },
        required: ['username'],
      },
      setSecret: async (rotation) => rotation.current(),
      testSecret: () => undefined,
    })
    const error = await errorOf(handler, announce(emulator, 'a', 'setSecret'))
    expect(error).toMatchObject({ code: 'ERR_SCHEMA', reason: 'read', step: 'setSecret' })
    expect(error.message).toContain('username')
    expect(error.message).not.toContain('needle')
  })

  test('have no pending value before createSecret, and no previous one in a young secret', async () => {
    const seen: unknown[] = []
    const { emulator, handler } = await startWith('v1', {
      setSecret: async (rotation) => seen.push(await rotation.previous()),
      async testSecret(rotation) {
        await rotation.pending()
      },
    })
    const event = announce(emulator, 'a', 'setSecret')
    await handler(event)
    expect(seen).toEqual([undefined])
    expect(await errorOf(handler, { ...event, Step: 'testSecret' })).toMatchObject({
      code: 'ERR_NOT_FOUND',
      reason: 'read',
      attempts: 1,
      versionId: event.ClientRequestToken,
      what: 'testSecret: the pending version has no value',
      hint: 'createSecret stores it: RotateSecret with the same ClientRequestToken begins with that step.',
    })
  })
})

describe('finishSecret', () => {
  test('runs what is to be done first, then moves the stage', async () => {
    const seen: unknown[] = []
    const { emulator, handler } = await startWith('v1', {
      createSecret: () => 'v2',
      finishSecret: () => seen.push(textAt(emulator, 'a')),
    })
    emulator.onRotate(handler)
    expect((await emulator.rotate('a')).state).toBe('succeeded')
    expect(seen).toEqual(['v1'])
    expect(textAt(emulator, 'a', 'AWSPREVIOUS')).toBe('v1')
  })

  test('does not make a version current that has no value', async () => {
    const { emulator, handler } = await startWith('v1')
    const event = announce(emulator, 'a', 'finishSecret')
    expect(await errorOf(handler, event)).toMatchObject({ code: 'ERR_NOT_FOUND' })
    expect(textAt(emulator, 'a')).toBe('v1')
  })

  test('succeeds where the stage has moved and the answer was lost', async () => {
    const { emulator } = await start()
    const sdk = sdkFor(emulator.clientConfig, 3)
    const { secretsManager: client } = sdk
    onTestFinished(() => {
      sdk.destroy()
    })
    emulator.seed({ secrets: { a: 'v1' } })
    emulator.onRotate(createRotationHandler({ ...steps, client }), { attempts: 1 })
    emulator.fail('UpdateSecretVersionStage', { drop: 'truncate' }, { times: 1 })
    expect(await emulator.rotate('a')).toMatchObject({ state: 'succeeded' })
    expect(emulator.requests.filter(({ error }) => error === 'InvalidParameterException')).toHaveLength(1)
  })

  test('fails where the stage cannot be moved', async () => {
    const { emulator, handler } = await startWith('v1')
    emulator.onRotate(handler, { attempts: 1 })
    emulator.deny('secretsmanager:UpdateSecretVersionStage')
    expect(failuresOf(await emulator.rotate('a'))).toEqual(['finishSecret RotationError ERR_ACCESS_DENIED'])
  })
})

describe('an error of a step', () => {
  const thrownBy = async (setSecret: () => unknown) => {
    const { emulator, handler } = await startWith('v1', { setSecret })
    return errorOf(handler, announce(emulator, 'a', 'setSecret'))
  }

  test('is kept where the step says itself what is wrong', async () => {
    const error = await thrownBy(() => {
      throw new RotationError({ what: 'the tenant is locked', hint: 'Unlock it.', reason: 'refused' })
    })
    expect(error).toMatchObject({ reason: 'refused', step: 'setSecret', code: 'ERR_ROTATION' })
    expect(error.message).toMatch(/:secret:a-\w{6}: setSecret: the tenant is locked\. Unlock it\.$/)
    expect(isSecretsError(error, 'ERR_ROTATION')).toBe(true)
    expect(error.name).toBe('RotationError')
    const told = { name: 'RotationError', step: 'setSecret', reason: 'refused', hint: 'Unlock it.' }
    expect(JSON.parse(JSON.stringify(error))).toMatchObject(told)
  })

  test('keeps the code of an error of the library', async () => {
    const error = await thrownBy(() => {
      throw new SecretsError('ERR_THROTTLED', {
        what: 'too fast',
        ref: 'other',
        retryAfterMs: 7,
        attempts: 2,
      })
    })
    expect(error).toMatchObject({
      code: 'ERR_THROTTLED',
      reason: 'read',
      ref: 'other',
      retryable: true,
      retryAfterMs: 7,
      attempts: 2,
    })
  })

  test('tells of a driver that is not installed by its code', async () => {
    const error = await thrownBy(() => {
      throw new SecretsError('ERR_MISSING_PEER', { what: 'the package pg is not installed' })
    })
    expect(error).toMatchObject({ code: 'ERR_MISSING_PEER', reason: 'failed' })
  })

  test.each<[unknown, string]>([
    [new RangeError('x'), 'RangeError'],
    [Object.assign(new Error('x'), { code: 'ECONNREFUSED' }), 'Error ECONNREFUSED'],
    [Object.assign(new Error('x'), { name: 'error', code: '42501' }), 'an error 42501'],
    [Object.assign(new Error('x'), { code: 'ER_CANNOT_USER' }), 'Error ER_CANNOT_USER'],
    [Object.assign(new Error('x'), { code: 'hunter2', name: 'hunter2' }), 'an error'],
    ['hunter2', 'an error'],
    [undefined, 'an error'],
  ])('is told by name and code only: %s', async (thrown, shown) => {
    const error = await thrownBy(() => Promise.reject(thrown))
    expect(error).toMatchObject({ reason: 'failed', code: 'ERR_ROTATION' })
    expect(error.what).toBe(`setSecret: failed with ${shown}`)
    expect(error.hint).toBe(
      'Its message is not shown, since it may quote the secret; a step of your own can throw a RotationError instead, ' +
        'whose words are shown.',
    )
  })
})

describe('createRotationHandler', () => {
  test('makes a client of its own on first use', async () => {
    const { emulator } = await start()
    for (const [name, value] of Object.entries<string>({ ...emulator.env })) vi.stubEnv(name, value)
    onTestFinished(() => {
      vi.unstubAllEnvs()
    })
    emulator.seed({ secrets: { a: 'v1' } })
    emulator.onRotate(createRotationHandler(steps))
    expect((await emulator.rotate('a')).state).toBe('succeeded')
  })

  test('tells what came of each step, and does not mind a log that fails', async () => {
    const outcomes: StepOutcome[] = []
    const { emulator, handler } = await startWith('v1', {
      testSecret: () => {
        throw new RangeError()
      },
      onOutcome: (outcome) => {
        outcomes.push(outcome)
        throw new Error('the log is full')
      },
    })
    emulator.onRotate(handler, { attempts: 1 })
    const { secretId, versionId } = await emulator.rotate('a')
    const which = { secretId, versionId }
    expect(outcomes).toEqual([
      { ...which, step: 'createSecret', result: 'done' },
      { ...which, step: 'setSecret', result: 'done' },
      { ...which, step: 'testSecret', result: 'failed', error: expect.any(RotationError) as unknown },
    ])
    expect(Object.isFrozen(outcomes[0])).toBe(true)
  })

  test('does not mind a log that fails later', async () => {
    const unhandled: unknown[] = []
    const listener = (reason: unknown) => unhandled.push(reason)
    process.on('unhandledRejection', listener)
    onTestFinished(() => {
      process.off('unhandledRejection', listener)
    })
    // Not by `vi.fn`, which handles rejections of its own accord.
    let told = 0
    const onOutcome = () => {
      told += 1
      return Promise.reject(new Error('the log is full'))
    }
    const { emulator, handler } = await startWith('v1', { onOutcome })
    await handler(announce(emulator, 'a', 'setSecret'))
    for (let turns = 0; turns < 10; turns += 1) await new Promise(setImmediate)
    expect(told).toBe(1)
    expect(unhandled).toEqual([])
  })

  test('takes any token that Secrets Manager may pass on', async () => {
    const { emulator, handler } = await startWith('v1')
    emulator.onRotate(handler, { attempts: 1 })
    for (const token of ['release/2026.11+22=a@b_'.padEnd(32, '-'), 'é'.repeat(64)]) {
      expect((await emulator.rotate('a', { token })).state).toBe('succeeded')
    }
  })

  test('works with a client of any make', async () => {
    const { emulator, client } = await start()
    emulator.seed({ secrets: { a: 'v1' } })
    const send = (command: object) => client.send(command as Parameters<SecretsManagerClient['send']>[0])
    emulator.onRotate(createRotationHandler({ ...steps, client: { send } }))
    expect((await emulator.rotate('a')).state).toBe('succeeded')
  })

  test.each<[unknown, string]>([
    [undefined, 'createRotationHandler: expected an object'],
    [[], 'createRotationHandler: expected an object'],
    [{}, 'setSecret: expected a function; got undefined'],
    [{ ...steps, testSecret: 1 }, 'testSecret: expected a function; got number'],
    [{ ...steps, createSecret: null }, 'createSecret: expected a function; got null'],
    [{ ...steps, schema: 'object' }, 'schema: expected an object; got string'],
    [{ ...steps, client: {} }, 'client: expected an object with the method send(command)'],
    [{ ...steps, client: null }, 'client: expected an object; got null'],
    [{ ...steps, password: 'x' }, 'password: expected an object'],
    [{ ...steps, password: { length: 0 } }, 'password.length: expected a whole number from 1 to 4096'],
    [{ ...steps, password: { excludeCharacters: 1 } }, 'password.excludeCharacters: expected a string'],
    [{ ...steps, password: { excludePunctuation: 1 } }, 'password.excludePunctuation: expected a boolean'],
    [{ ...steps, password: { size: 1 } }, 'password: expected only length, excludeCharacters, exclude'],
    [{ ...steps, rotateSecret: 1 }, 'createRotationHandler: expected only schema, password, client'],
  ])('refuses options that cannot be: %o', (options, text) => {
    const make = (): unknown => Reflect.apply(createRotationHandler, undefined, [options])
    expect(make).toThrow(TypeError)
    expect(make).toThrow(text)
  })

  test('accepts options that are undefined, and a schema that is a function', () => {
    const { '~standard': standard } = z.string()
    const schema = Object.assign(() => undefined, { '~standard': standard })
    const options = { ...steps, schema, client: undefined, password: { length: undefined } }
    expect(createRotationHandler(options)).toBeTypeOf('function')
  })
})
