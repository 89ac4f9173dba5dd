import { GetSecretValueCommand } from '@aws-sdk/client-secrets-manager'
import { GetParametersByPathCommand } from '@aws-sdk/client-ssm'
import { inspect } from 'node:util'
import { describe, expect, test } from 'vitest'
import { EmulatorError, type Scene } from '../../src/emulator/index.js'
import { refusalOf, start } from './setup.js'

describe('seed', () => {
  test('puts secrets of every kind in place', async () => {
    const { emulator, secretsManager } = await start()
    emulator.seed({ secrets: { text: 'v', json: { port: 5432 }, bytes: new Uint8Array([0, 255]) } })
    const read = (SecretId: string) => secretsManager.send(new GetSecretValueCommand({ SecretId }))
    expect((await read('text')).SecretString).toBe('v')
    expect((await read('json')).SecretString).toBe('{"port":5432}')
    expect((await read('bytes')).SecretBinary).toEqual(new Uint8Array([0, 255]))
  })

  test('puts parameters of every type in place', async () => {
    const { emulator, ssm } = await start()
    emulator.seed({
      parameters: {
        '/p/list': { type: 'StringList', value: ['a', 'b'] },
        '/p/same': { type: 'StringList', value: 'a,b' },
        '/p/secure': { type: 'SecureString', value: 'v' },
        '/p/text': 'v',
      },
    })
    const { Parameters } = await ssm.send(
      new GetParametersByPathCommand({ Path: '/p', WithDecryption: true }),
    )
    expect(Parameters?.map(({ Type, Value }) => [Type, Value])).toEqual([
      ['StringList', 'a,b'],
      ['StringList', 'a,b'],
      ['SecureString', 'v'],
      ['String', 'v'],
    ])
  })

  test('gives what exists a new version', async () => {
    const { emulator } = await start()
    const scene = (value: string): Scene => ({ secrets: { a: value }, parameters: { '/a': value } })
    emulator.seed(scene('v1'))
    emulator.seed(scene('v2'))
    const previous = emulator.call('GetSecretValue', { SecretId: 'a', VersionStage: 'AWSPREVIOUS' })
    expect(previous['SecretString']).toBe('v1')
    expect(emulator.call('GetParameter', { Name: '/a' })).toMatchObject({
      Parameter: { Value: 'v2', Version: 2 },
    })
  })

  test.each<[unknown, string]>([
    [{ secret: {} }, "seed: expected only secrets, parameters; got 'secret'"],
    [{ secrets: { a: 5 } }, "secrets['a']: expected a string, a Uint8Array or an object; got 5"],
    [{ secrets: { a: null } }, "secrets['a']: expected a string, a Uint8Array or an object; got null"],
    [{ parameters: { a: 5 } }, "parameters['a']: expected a string or { type, value }; got 5"],
    [{ parameters: { a: { kind: 'String' } } }, "parameters['a']: expected only type, value; got 'kind'"],
    [
      { parameters: { a: { type: 'String', value: 5 } } },
      "parameters['a'].value: expected a string or an array of strings; got 5",
    ],
  ])('refuses %j', async (scene, message) => {
    const { emulator } = await start()
    expect(() => {
      emulator.seed(scene as Scene)
    }).toThrow(message)
  })

  test('refuses what AWS would refuse', async () => {
    const { emulator } = await start()
    expect(
      refusalOf(() => {
        emulator.seed({ secrets: { 'a b': 'v' } })
      }).code,
    ).toBe('ValidationException')
  })
})

describe('call', () => {
  test('runs an operation under its bare name or its name on the wire', async () => {
    const { emulator } = await start()
    const { ARN } = emulator.call('secretsmanager.CreateSecret', { Name: 'a', SecretString: 'v' })
    expect(emulator.call('GetSecretValue', { SecretId: ARN })).toMatchObject({ Name: 'a', SecretString: 'v' })
    expect(emulator.call('GetRandomPassword')).toHaveProperty('RandomPassword')
  })

  test('neither appears in the log nor meets faults and throttles', async () => {
    const { emulator } = await start({ throttle: { ratePerSecond: 1 } })
    emulator.fail('*', { error: 'Struck' })
    for (let count = 0; count < 3; count += 1) emulator.call('ListSecrets')
    expect(emulator.count()).toBe(0)
  })

  test('throws AWS’s refusal as an EmulatorError that can be told by its code', async () => {
    const { emulator } = await start()
    const call = () => emulator.call('GetSecretValue', { SecretId: 'a' })
    expect(call).toThrow(EmulatorError)
    expect(call).toThrow("ResourceNotFoundException: Secrets Manager can't find the specified secret.")
    expect(() => emulator.call('GetParameter', { Name: 'a' })).toThrow(/^ParameterNotFound$/)
    const error = new EmulatorError('InternalServerError')
    expect([error.name, error.status, error.wireMessage]).toEqual(['EmulatorError', 500, undefined])
  })

  test('refuses operations, regions and options that do not exist', async () => {
    const { emulator } = await start()
    expect(() => emulator.call('GetSecret' as 'GetSecretValue')).toThrow(
      'operation: expected one of BatchGetSecretValue',
    )
    expect(() => emulator.call(7 as never)).toThrow('got 7')
    expect(() => emulator.call('ListSecrets', {}, { region: 'moon' })).toThrow(
      'region: expected a region such as',
    )
    expect(() => emulator.call('ListSecrets', {}, { place: 'moon' } as object)).toThrow(
      "options: expected only region; got 'place'",
    )
  })

  test.each([
    ['a value too long', { SecretString: 'NEEDLE'.repeat(11_000) }],
    ['a value of a wrong type', { SecretString: ['NEEDLE'] }],
    ['bytes that are not base64', { SecretBinary: 'NEEDLE!' }],
    ['text and bytes at once', { SecretString: 'NEEDLE', SecretBinary: 'NEEDLE==' }],
    ['another value for a used token', { SecretString: 'NEEDLE', ClientRequestToken: 'token'.repeat(7) }],
  ])('never quotes a secret when it refuses %s', async (_title, input) => {
    const { emulator } = await start()
    emulator.call('CreateSecret', { Name: 'a', SecretString: 'v', ClientRequestToken: 'token'.repeat(7) })
    let thrown: unknown
    try {
      emulator.call('PutSecretValue', { SecretId: 'a', ...input })
    } catch (error) {
      thrown = error
    }
    expect(thrown).toBeInstanceOf(EmulatorError)
    expect(inspect(thrown, { depth: 9, showHidden: true })).not.toContain('NEEDLE')
  })

  test.each([
    ['a value that misses its pattern', { AllowedPattern: '\\d+' }, 'NEEDLE'],
    ['a value with a reference in it', {}, '{{NEEDLE}}'],
    ['a value too long', {}, 'NEEDLE'.repeat(2000)],
  ])('never quotes a parameter when it refuses %s', async (_title, options, Value) => {
    const { emulator } = await start()
    let thrown: unknown
    try {
      emulator.call('PutParameter', { Name: '/a', Type: 'String', ...options, Value })
    } catch (error) {
      thrown = error
    }
    expect(thrown).toBeInstanceOf(EmulatorError)
    expect(inspect(thrown, { depth: 9, showHidden: true })).not.toContain('NEEDLE')
  })
})
